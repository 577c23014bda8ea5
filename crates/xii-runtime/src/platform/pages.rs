//! Giving back pages that only the start needed.

use std::ffi::c_void;
use std::fs;

/// Gives back the pages of the program's own file that were read so far. What is still needed is mapped
/// again when it is touched, from the page cache, so that a process that waits for hours is charged for
/// what its waiting needs and not for what reading its arguments and files needed.
pub fn forget_start() {
    let Ok(maps) = fs::read_to_string("/proc/self/maps") else {
        return;
    };
    let program = fs::read_link("/proc/self/exe").unwrap_or_default();
    for (start, length) in clean(&maps, &program.to_string_lossy()) {
        // SAFETY: the range is a private mapping of a file that was never written to, so that a page
        // that was dropped is read from the file again when it is touched.
        unsafe { libc::madvise(start as *mut c_void, length, libc::MADV_DONTNEED) };
    }
}

/// The mappings of the program that hold what its file holds: the code, and the constants before it. What
/// lies behind the code may have been relocated, and is not touched.
fn clean(maps: &str, program: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(rights)) = (words.next(), words.next()) else {
            continue;
        };
        if program.is_empty() || !line.ends_with(program) || !matches!(rights, "r--p" | "r-xp") {
            continue;
        }
        let numbers = range.split_once('-').and_then(|(from, to)| {
            let read = |text| usize::from_str_radix(text, 16).ok();
            Some((read(from)?, read(to)?))
        });
        if let Some((from, to)) = numbers.filter(|(from, to)| from < to) {
            found.push((from, to - from));
        }
        if rights == "r-xp" {
            return found;
        }
    }
    // No code was recognised: then nothing is known of the rest either.
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_file_holds_is_given_back() {
        let maps = "\
5000-6000 r--p 00000000 fe:00 1  /usr/bin/xii
6000-9000 r-xp 00001000 fe:00 1  /usr/bin/xii
9000-a000 r--p 00004000 fe:00 1  /usr/bin/xii
a000-b000 rw-p 00005000 fe:00 1  /usr/bin/xii
b000-c000 rw-p 00000000 00:00 0  [heap]
c000-d000 r-xp 00000000 fe:00 2  /usr/lib/libc.so.6
";
        let expected = vec![(0x5000, 0x1000), (0x6000, 0x3000)];
        assert_eq!(clean(maps, "/usr/bin/xii"), expected);
        assert_eq!(clean(maps, "/usr/bin/other"), Vec::new());
        assert_eq!(clean(maps, ""), Vec::new());
        let without_code = maps.replace("r-xp", "r--p");
        assert_eq!(clean(&without_code, "/usr/bin/xii"), Vec::new());
    }

    #[test]
    fn the_program_runs_on_afterwards() {
        static TABLE: [u32; 4] = [1, 2, 3, 4];
        forget_start();
        assert_eq!(TABLE.iter().sum::<u32>(), 10);
        assert!(format!("{:?}", std::time::Instant::now()).contains("Instant"));
    }
}

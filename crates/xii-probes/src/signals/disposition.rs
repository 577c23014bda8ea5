//! What a process does with SIGTERM, as the system knows it.

/// What happens to a process when SIGTERM reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It dies at once, in the middle of whatever it does: nothing was said about the signal.
    Default,
    /// Nothing.
    Ignored,
    /// A handler of its own is called, or it waits for the signal with `sigwait(3)` or `signalfd(2)`.
    Handled,
}

/// What a process does with SIGTERM; none where the system does not tell (`proc_pid_status(5)`).
pub(crate) fn disposition(pid: i32) -> Option<Disposition> {
    read(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// SIGTERM's bit of a mask.
const TERM: u64 = 1 << (15 - 1);

fn read(status: &str) -> Option<Disposition> {
    let has = |name: &str| -> Option<bool> {
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(u64::from_str_radix(mask.trim(), 16).ok()? & TERM != 0)
    };
    Some(if has("SigIgn")? {
        Disposition::Ignored
    } else if has("SigCgt")? || has("SigBlk")? {
        Disposition::Handled
    } else {
        Disposition::Default
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_masks_of_a_process_tell() {
        let status = |ignored: &str, caught: &str| {
            format!("Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t{ignored}\nSigCgt:\t{caught}\n")
        };
        assert_eq!(
            read(&status("0", "0000000000000002")),
            Some(Disposition::Default)
        );
        assert_eq!(
            read(&status("0", "0000000000004002")),
            Some(Disposition::Handled)
        );
        assert_eq!(
            read(&status("0000000000004000", "0")),
            Some(Disposition::Ignored)
        );
        assert_eq!(read("Name:\tx\nSigIgn:\tnonsense\n"), None);
    }
}

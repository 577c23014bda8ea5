//! Reading what a process passed by pointer, in bounded amounts.

use super::abi::Abi;
use super::kernel;

/// The longest path, in bytes, with its end (`PATH_MAX`).
const PATH: usize = 4096;
/// The most words of a command line.
const WORDS: usize = 64;
/// All of them together, in bytes.
const WORDS_TOGETHER: usize = 8 << 10;
/// What a first look takes: most paths are short.
const LOOK: usize = 256;
const PAGE: u64 = 4096;

/// Stands for what could not be read.
pub(super) const UNREADABLE: &str = "(unreadable)";

/// Reads exactly so many bytes.
pub(super) fn bytes<const N: usize>(thread: u32, address: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let read = kernel::read_memory(thread, address, &mut bytes).ok()?;
    (read == N).then_some(bytes)
}

/// Reads so many bytes, fewer where there are not so many.
pub(super) fn block(thread: u32, address: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let read = kernel::read_memory(thread, address, &mut bytes).unwrap_or(0);
    bytes.truncate(read);
    bytes
}

/// Reads a path.
pub(super) fn path(thread: u32, address: u64) -> String {
    match text(thread, address, PATH) {
        Some((text, _)) => text,
        None => UNREADABLE.to_owned(),
    }
}

/// Reads a text up to its zero byte, or so many bytes of it; with whether it was whole.
fn text(thread: u32, address: u64, most: usize) -> Option<(String, bool)> {
    let mut text = Vec::new();
    let mut step = LOOK;
    loop {
        let here = address.checked_add(text.len() as u64)?;
        // Not beyond the page, since the next one may not be there.
        let to_edge = usize::try_from(PAGE - here % PAGE).ok()?;
        let piece = block(thread, here, step.min(to_edge).min(most - text.len()));
        if piece.is_empty() {
            return None;
        }
        if let Some(end) = memchr(&piece) {
            text.extend(piece.get(..end)?);
            return Some((String::from_utf8_lossy(&text).into_owned(), true));
        }
        text.extend(piece);
        if text.len() >= most {
            return Some((String::from_utf8_lossy(&text).into_owned(), false));
        }
        step = PATH;
    }
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == 0)
}

/// A number as wide as a pointer, at this place of some bytes.
pub(super) fn pointer(bytes: &[u8], at: usize, abi: Abi) -> Option<u64> {
    if abi.pointer == 4 {
        number(bytes, at).map(u64::from)
    } else {
        let bytes = bytes.get(at..at + 8)?.try_into().ok()?;
        Some(u64::from_ne_bytes(bytes))
    }
}

/// A 32-bit number at this place of some bytes.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_ne_bytes(bytes))
}

/// Reads a command line; `…` stands for what is beyond the bounds.
pub(super) fn words(thread: u32, address: u64, abi: Abi) -> Vec<String> {
    if address == 0 {
        return Vec::new();
    }
    let list = block(thread, address, (WORDS + 1) * abi.pointer);
    let mut words = Vec::new();
    let mut left = WORDS_TOGETHER;
    for at in 0..=WORDS {
        match pointer(&list, at * abi.pointer, abi) {
            Some(0) => return words,
            Some(word) if at < WORDS && left > 0 => {
                let Some((text, whole)) = text(thread, word, left) else {
                    words.push(UNREADABLE.to_owned());
                    return words;
                };
                left = left.saturating_sub(text.len());
                words.push(text);
                if !whole {
                    break;
                }
            }
            Some(_) => break,
            None => {
                words.push(UNREADABLE.to_owned());
                return words;
            }
        }
    }
    words.push("…".to_owned());
    words
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::*;

    /// This thread reads itself, as it would another.
    fn own() -> u32 {
        rustix::process::getpid().as_raw_pid().cast_unsigned()
    }

    const HERE: Abi = Abi {
        pointer: size_of::<usize>(),
    };

    fn list(words: &[CString]) -> Vec<usize> {
        let mut list: Vec<usize> = words.iter().map(|word| word.as_ptr().addr()).collect();
        list.push(0);
        list
    }

    fn text(text: String) -> CString {
        CString::new(text).expect("no zero byte")
    }

    #[test]
    fn paths_are_read_whole_up_to_their_limit() {
        for length in [0, 1, 255, 256, 257, 4095] {
            let written = text("a".repeat(length));
            assert_eq!(path(own(), written.as_ptr().addr() as u64).len(), length);
        }
        let long = text("a".repeat(100_000));
        assert_eq!(path(own(), long.as_ptr().addr() as u64).len(), PATH);
    }

    #[test]
    fn what_is_not_there_is_unreadable() {
        for address in [0, 1, u64::MAX, u64::MAX - 4096] {
            assert_eq!(path(own(), address), UNREADABLE);
            assert_eq!(bytes::<8>(own(), address), None);
        }
        assert_eq!(words(own(), u64::MAX - 7, HERE), [UNREADABLE]);
        assert_eq!(words(own(), 0, HERE), [""; 0]);
    }

    #[test]
    fn command_lines_are_cut_by_number_and_by_size() {
        let few = [text("sh".into()), text("-c".into()), text(String::new())];
        let read = |of: &[usize]| words(own(), of.as_ptr().addr() as u64, HERE);
        assert_eq!(read(&list(&few)), ["sh", "-c", ""]);

        let many: Vec<CString> = (0..100).map(|at| text(at.to_string())).collect();
        let cut = read(&list(&many));
        assert_eq!(
            (cut.len(), cut[63].as_str(), cut[64].as_str()),
            (65, "63", "…")
        );

        let exactly = read(&list(&many[..64]));
        assert_eq!((exactly.len(), exactly[63].as_str()), (64, "63"));

        let long = [
            text("a".repeat(5000)),
            text("b".repeat(5000)),
            text("c".into()),
        ];
        let cut = read(&list(&long));
        assert_eq!(cut.len(), 3);
        assert_eq!(cut[0].len() + cut[1].len(), WORDS_TOGETHER);
        assert_eq!(cut[2], "…");
    }
}

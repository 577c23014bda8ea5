//! Reading a file's text: bounded, never a pipe, never through a link.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// What came of reading a file.
#[derive(Debug)]
pub(crate) enum Text {
    /// Its text. Bytes that are not UTF-8 became replacement characters.
    Whole(String),
    /// It is not text.
    Binary,
    /// It is larger than the bound.
    TooLarge,
}

/// Reads at most `bound` bytes of a file.
pub(crate) fn text(path: &Path, bound: u64) -> io::Result<Text> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Text::Binary);
    }
    if metadata.len() > bound {
        return Ok(Text::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // One byte more, so that a file that grew meanwhile is noticed.
    file.take(bound + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bound {
        return Ok(Text::TooLarge);
    }
    Ok(decode(bytes))
}

/// Opens a file for reading without waiting for a writer (a pipe put in its place would hang) and
/// without following a link that took its place after the walk.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW);
    }
    options.open(path)
}

fn decode(bytes: Vec<u8>) -> Text {
    if let [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] = bytes.as_slice() {
        let little = bytes.first() == Some(&0xff);
        let units = rest.chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            }
        });
        return Text::Whole(
            char::decode_utf16(units)
                .map(|c| c.unwrap_or('\u{fffd}'))
                .collect(),
        );
    }
    if memchr::memchr(0, &bytes[..bytes.len().min(8192)]).is_some() {
        return Text::Binary;
    }
    Text::Whole(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

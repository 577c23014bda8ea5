//! The level of a line of text, in the layouts that loggers have.

use xii_model::Level;

use super::words;

/// Layouts have the level within so many bytes.
const NEAR: usize = 256;
/// And within so many words.
const WORDS: usize = 12;

/// The level of a line that is no JSON and begins with no space.
pub(super) fn level(line: &[u8]) -> Option<Level> {
    let near = &line[..line.len().min(NEAR)];
    let first = without_colour(near.split(u8::is_ascii_whitespace).next()?);
    if let Some(level) = glog(first, near) {
        return Some(level);
    }
    match memchr::memchr2(b'=', b':', first) {
        Some(at) if first[at] == b'=' => return logfmt(near),
        // `WARNING:root:text` of Python, `error: text` of compilers, `panic: text` of Go.
        Some(at) if at > 0 => {
            let (word, rest) = (&first[..at], &first[at + 1..]);
            let alone =
                rest.is_empty() && matches!(word, b"error" | b"warning" | b"fatal" | b"panic");
            if alone || is_large(word) {
                return words::word(word);
            }
        }
        _ => {}
    }
    after_time(near)
}

/// The word after the time, the process and the thread: the first that is a level in large letters, or in
/// brackets. An ordinary word before it means that this is a sentence; only between dashes it is a name.
fn after_time(near: &[u8]) -> Option<Level> {
    let words = near.split(u8::is_ascii_whitespace);
    let words = words.filter(|word| !word.is_empty()).take(WORDS);
    let mut depth = 0;
    let mut dash = false;
    for (at, word) in words.enumerate() {
        let word = without_colour(word);
        if let Some(b'A'..=b'Z' | b'[' | b'<' | b'(' | b'|') = word.first() {
            let bare = bare(word);
            if is_large(bare) || is_bracketed(word) {
                // `[core:error]` of Apache.
                let last = bare.rsplit(|byte| *byte == b':').next().unwrap_or(bare);
                if let Some(level) = words::word(last) {
                    return Some(level);
                }
            }
        }
        let opens = word
            .iter()
            .filter(|byte| matches!(byte, b'[' | b'('))
            .count();
        let closes = word
            .iter()
            .filter(|byte| matches!(byte, b']' | b')'))
            .count();
        let inside = depth + opens > 0;
        depth = (depth + opens).saturating_sub(closes);
        let before_level = word.is_empty()
            || inside
            || matches!(
                word,
                b"-" | b"--" | b"---" | b"|" | b"*" | b"UTC" | b"GMT" | b"Z" | b"AM" | b"PM"
            )
            || dash
            || is_time(word);
        if !before_level {
            return None;
        }
        dash = word == b"-" && at > 0;
    }
    None
}

/// `E0102 15:04:05.678901 …` of glog and klog; `E, [2024-…` of Ruby.
fn glog(first: &[u8], near: &[u8]) -> Option<Level> {
    let level = match first.first()? {
        b'D' => Level::Debug,
        b'I' => Level::Info,
        b'W' => Level::Warn,
        b'E' => Level::Error,
        b'F' => Level::Fatal,
        _ => return None,
    };
    let rest = near[near.len().min(first.len())..].trim_ascii_start();
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let google = first.len() == 5
        && digits(&first[1..])
        && rest.get(2) == Some(&b':')
        && rest.get(5) == Some(&b':');
    let ruby = first == [first[0], b','] && rest.starts_with(b"[");
    (google || ruby).then_some(level)
}

/// The value of `level`, `lvl`, `severity` or Heroku's `at` among `key=value` pairs.
fn logfmt(near: &[u8]) -> Option<Level> {
    let mut rest = near;
    for _ in 0..32 {
        rest = rest.trim_ascii_start();
        let equals = memchr::memchr2(b'=', b' ', rest)?;
        let (name, value) = (&rest[..equals], &rest[equals + 1..]);
        if rest[equals] == b' ' {
            rest = value;
            continue;
        }
        let (value, after) = match value.strip_prefix(b"\"") {
            Some(quoted) => {
                let mut end = memchr::memchr(b'"', quoted)?;
                while end > 0 && quoted[end - 1] == b'\\' {
                    end += 1 + memchr::memchr(b'"', &quoted[end + 1..])?;
                }
                (&quoted[..end], &quoted[end + 1..])
            }
            None => {
                let end = value.iter().position(u8::is_ascii_whitespace);
                value.split_at(end.unwrap_or(value.len()))
            }
        };
        if matches!(name, b"level" | b"lvl" | b"severity" | b"at")
            && let Some(level) = words::word(value)
        {
            return Some(level);
        }
        rest = after;
    }
    None
}

/// Whether a word is written in large letters alone.
fn is_large(word: &[u8]) -> bool {
    word.len() > 2 && word.iter().all(u8::is_ascii_uppercase)
}

fn is_bracketed(word: &[u8]) -> bool {
    let word = word.strip_suffix(b":").unwrap_or(word);
    matches!(
        (word.first(), word.last()),
        (Some(b'['), Some(b']')) | (Some(b'<'), Some(b'>')) | (Some(b'('), Some(b')'))
    )
}

/// A word without the brackets around it and the colon behind it.
fn bare(word: &[u8]) -> &[u8] {
    let frame = |byte: &u8| matches!(byte, b'[' | b']' | b'<' | b'>' | b'(' | b')' | b'|' | b':');
    let start = word
        .iter()
        .position(|byte| !frame(byte))
        .unwrap_or(word.len());
    let end = word
        .iter()
        .rposition(|byte| !frame(byte))
        .map_or(start, |at| at + 1);
    &word[start..end]
}

/// A date, a time, a count of seconds, or a day's or a month's name.
fn is_time(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        let names = b"Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
        return word.len() == 3 && names.chunks(4).any(|name| name.starts_with(word));
    }
    let first = word.first().is_some_and(u8::is_ascii_digit);
    let parted = word
        .iter()
        .any(|byte| matches!(byte, b':' | b'-' | b'/' | b'.'));
    first && (parted || digits >= 6 || digits == word.len() && digits <= 2)
}

/// A word without the colours before and behind it.
fn without_colour(mut word: &[u8]) -> &[u8] {
    while let Some(rest) = word.strip_prefix(b"\x1b[") {
        let Some(end) = memchr::memchr(b'm', rest) else {
            return word;
        };
        word = &rest[end + 1..];
    }
    match memchr::memchr(b'\x1b', word) {
        Some(at) => &word[..at],
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_layouts_state_levels() {
        for (line, expected) in [
            ("ERROR something", Level::Error),
            ("INFO:     Started server process [7]", Level::Info),
            ("WARNING:root:careful", Level::Warn),
            (
                "2024-05-01 12:00:00,123 - app.views - ERROR - boom",
                Level::Error,
            ),
            (
                "2024-05-01 12:00:00,123 WARN  [main] c.e.App - hm",
                Level::Warn,
            ),
            (
                "12:00:00.123 [main thread] DEBUG c.e.App - hm",
                Level::Debug,
            ),
            (
                "2024-05-01T12:00:00.000Z  INFO 4711 --- [main] c.e.App : up",
                Level::Info,
            ),
            ("[2024-05-01T12:00:00Z ERROR app::db] gone", Level::Error),
            (
                "\x1b[2m2024-05-01T12:00:00Z\x1b[0m \x1b[33m WARN\x1b[0m \x1b[2mapp\x1b[0m: hm",
                Level::Warn,
            ),
            (
                "2024/05/01 12:00:00 [error] 7#7: *1 open() failed",
                Level::Error,
            ),
            (
                "[Wed Oct 11 14:32:52 2000] [core:error] [pid 1] File missing",
                Level::Error,
            ),
            (
                "[2024-05-01 12:00:00 +0000] [7] [INFO] Starting gunicorn",
                Level::Info,
            ),
            (
                "2024-05-01 12:00:00.000 UTC [99] FATAL:  no role",
                Level::Fatal,
            ),
            ("E0501 12:00:00.123456    7 file.go:1] broken", Level::Error),
            ("W, [2024-05-01T12:00:00.1 #7]  WARN -- : hm", Level::Warn),
            (
                "time=2024-05-01T12:00:00Z level=warn msg=\"a b\"",
                Level::Warn,
            ),
            (
                "ts=1 msg=\"say \\\"level=error\\\" x\" level=\"info\"",
                Level::Info,
            ),
            ("at=error code=H12 desc=\"Request timeout\"", Level::Error),
            ("error: could not compile", Level::Error),
            ("panic: runtime error: index out of range", Level::Fatal),
            ("[error] bad", Level::Error),
        ] {
            assert_eq!(level(line.as_bytes()), Some(expected), "{line}");
        }
    }

    #[test]
    fn a_word_in_a_sentence_is_no_level() {
        for line in [
            "listening on 5000",
            "no ERROR here",
            "the build had 3 ERROR lines",
            "errors: none",
            "Error handling is on",
            "information about levels",
            "GET /error 200",
            "127.0.0.1 - - [01/May/2024:12:00:00 +0000] \"GET /ERROR HTTP/1.1\" 200",
            "a=1 b=2",
            "msg=\"level=error\"",
            "http://level=error",
            "E12 is a road",
            "I, for one, am here",
            "FINE, thanks",
            "==> ERROR",
        ] {
            assert_eq!(level(line.as_bytes()), None, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_read_without_harm(line in "[ -~\u{1b}é=\"\\\\\\[\\]]{0,60}") {
            let _ = crate::log::level::level(line.as_bytes());
        }
    }
}

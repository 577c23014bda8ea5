//! The words and numbers that loggers have for levels.

use xii_model::Level;

/// The longest word: `informational`.
const LONGEST: usize = 13;

/// The level that this word means, in small or large letters.
pub(super) fn word(word: &[u8]) -> Option<Level> {
    if !(2..=LONGEST).contains(&word.len()) {
        return None;
    }
    let mut small = [0; LONGEST];
    let small = &mut small[..word.len()];
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    Some(match &*small {
        b"trace" | b"trc" | b"verbose" | b"silly" | b"finest" | b"finer" => Level::Trace,
        b"debug" | b"dbg" | b"fine" => Level::Debug,
        b"info" | b"inf" | b"information" | b"informational" | b"notice" => Level::Info,
        b"warn" | b"wrn" | b"warning" => Level::Warn,
        b"error" | b"err" | b"severe" => Level::Error,
        b"fatal" | b"ftl" | b"critical" | b"crit" | b"alert" | b"emerg" | b"emergency"
        | b"panic" | b"dpanic" => Level::Fatal,
        _ => return None,
    })
}

/// The level that this number means: 0 to 7 of syslog and GELF, 10 to 60 of bunyan and pino, 100 to 600
/// of Monolog.
pub(super) fn number(digits: &[u8]) -> Option<Level> {
    Some(match digits {
        b"0" | b"1" | b"2" | b"60" | b"500" | b"550" | b"600" => Level::Fatal,
        b"3" | b"50" | b"400" => Level::Error,
        b"4" | b"40" | b"300" => Level::Warn,
        b"5" | b"6" | b"30" | b"200" | b"250" => Level::Info,
        b"7" | b"20" | b"100" => Level::Debug,
        b"10" => Level::Trace,
        _ => return None,
    })
}

//! The level of a JSON object.

use xii_model::Level;

use super::words;
use crate::log::json::Members;

/// The level of an object; that of its first member that states one.
pub(super) fn level(line: &[u8]) -> Option<Level> {
    for (name, value) in Members::of(line) {
        if is_level_name(name)
            && let Some(level) = of_value(value)
        {
            return Some(level);
        }
        // Elastic's schema may be nested: {"log":{"level":"info"}}.
        if name == b"log"
            && let Some((_, value)) = Members::of(value).find(|(name, _)| *name == b"level")
            && let Some(level) = of_value(value)
        {
            return Some(level);
        }
    }
    None
}

/// Whether a member of this name states a level.
pub(in crate::log) fn is_level_name(name: &[u8]) -> bool {
    matches!(
        name,
        b"level"
            | b"severity"
            | b"lvl"
            | b"log.level"
            | b"levelname"
            | b"level_name"
            | b"loglevel"
            | b"log_level"
            | b"Level"
            | b"LogLevel"
            | b"severityText"
            | b"severity_text"
            | b"@l"
    )
}

fn of_value(value: &[u8]) -> Option<Level> {
    match value.strip_prefix(b"\"") {
        Some(word) => {
            let word = word.strip_suffix(b"\"")?;
            // Go's slog writes levels between its own as `INFO+2`.
            let end = word.iter().position(|byte| matches!(byte, b'+' | b'-'));
            let word = &word[..end.unwrap_or(word.len())];
            words::word(word).or_else(|| words::number(word))
        }
        None => words::number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_common_loggers_write_is_known() {
        for (line, expected) in [
            (r#"{"level":30,"time":1,"msg":"pino"}"#, Some(Level::Info)),
            (
                r#"{"name":"x","hostname":"h","pid":1,"level":50}"#,
                Some(Level::Error),
            ),
            (r#"{"level":"warn","message":"winston"}"#, Some(Level::Warn)),
            (
                r#"{"time":"…","level":"INFO+2","msg":"slog"}"#,
                Some(Level::Info),
            ),
            (
                r#"{"severity":"CRITICAL","message":"google"}"#,
                Some(Level::Fatal),
            ),
            (
                r#"{"@timestamp":"…","log.level":"debug"}"#,
                Some(Level::Debug),
            ),
            (
                r#"{"log":{"logger":"a","level":"error"}}"#,
                Some(Level::Error),
            ),
            (
                r#"{"asctime":"…","levelname":"WARNING"}"#,
                Some(Level::Warn),
            ),
            (r#"{"event":"structlog","level":"info"}"#, Some(Level::Info)),
            (
                r#"{"message":"monolog","level":400,"level_name":"ERROR"}"#,
                Some(Level::Error),
            ),
            (
                r#"{"version":"1.1","short_message":"gelf","level":3}"#,
                Some(Level::Error),
            ),
            (
                r#"{"@t":"…","@mt":"serilog","@l":"Warning"}"#,
                Some(Level::Warn),
            ),
            (r#"{"a":{"level":"error"},"b":"\"level\":\"error\""}"#, None),
            (
                r#"{"level":{"level":"error"},"lvl":"warn"}"#,
                Some(Level::Warn),
            ),
            (r#"{"level":"seven"}"#, None),
            (r#"{"level":12}"#, None),
            (r#"{"level":"#, None),
        ] {
            assert_eq!(level(line.as_bytes()), expected, "{line}");
        }
    }
}

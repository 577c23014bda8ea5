//! Reading what a load is asked to be from the command line.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use xii_model::grammar;

use crate::error::Failure;

/// The largest body that is sent with every request.
const LARGEST_BODY: u64 = 64 << 20;

/// A span of time, such as `10s`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    grammar::duration(text).map_err(|error| error.to_string())
}

/// A span of time that is not none.
pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    match time(text)? {
        Duration::ZERO => Err("it must be above 0".to_owned()),
        some => Ok(some),
    }
}

/// Requests a second, such as `500` or `0.5`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let text = text.strip_suffix("/s").unwrap_or(text);
    match text.replace('_', "").parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("a rate is a number of requests a second above 0, such as 500 or 0.5".to_owned()),
    }
}

/// `Name: value`.
pub(super) fn field(text: &str) -> Result<(String, String), &'static str> {
    // The text is not repeated: values of header fields are often secrets.
    let (name, value) = text
        .split_once(':')
        .ok_or("a header field has no colon: write `--header 'Name: value'`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The bytes of a file, or of standard input for `-`.
pub(super) fn body(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: io::Error| {
        Failure::usage(format!(
            "cannot read the body from {}: {error}",
            path.display()
        ))
    };
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(LARGEST_BODY + 1)
            .read_to_end(&mut bytes)
    } else {
        let file = File::open(path).map_err(cannot)?;
        file.take(LARGEST_BODY + 1).read_to_end(&mut bytes)
    };
    read.map_err(cannot)?;
    if bytes.len() as u64 > LARGEST_BODY {
        return Err(Failure::usage(format!(
            "{} is larger than 64 MiB: a body of that size is more than this can send each time",
            path.display()
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_fields_are_read() {
        assert_eq!(rate("500"), Ok(500.0));
        assert_eq!(rate("10_000/s"), Ok(10_000.0));
        assert_eq!(rate("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "NaN", "inf", "fast", ""] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        let read = field("Authorization:  Bearer a:b");
        assert_eq!(
            read,
            Ok(("Authorization".to_owned(), "Bearer a:b".to_owned()))
        );
        let wrong = field("my-secret").expect_err("no field");
        assert!(!wrong.contains("my-secret"));
    }
}

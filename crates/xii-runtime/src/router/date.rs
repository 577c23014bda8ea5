//! The time as HTTP writes it.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// `Date`, formatted once a second.
#[derive(Default)]
pub(super) struct Date {
    second: i64,
    text: Vec<u8>,
}

impl Date {
    /// The date of now (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub(super) fn now(&mut self) -> &[u8] {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let second = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0));
        if second != self.second || self.text.is_empty() {
            self.second = second;
            self.text.clear();
            let time = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
            let _ = write!(self.text, "{}", time.strftime("%a, %d %b %Y %H:%M:%S GMT"));
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_has_the_form_of_http() {
        let mut date = Date::default();
        let text = String::from_utf8(date.now().to_vec()).expect("ASCII");
        assert_eq!(text.len(), 29, "{text}");
        assert!(text.ends_with(" GMT") && &text[3..5] == ", ", "{text}");
    }
}

//! The time of day, and the day when it is another.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Formats times: once a second, for however many lines.
#[derive(Debug)]
pub(super) struct Clock {
    zone: TimeZone,
    second: i64,
    text: [u8; 8],
    /// The day of the last record; at first today.
    day: Date,
}

impl Clock {
    pub(super) fn new(zone: TimeZone) -> Self {
        let day = Timestamp::now().to_zoned(zone.clone()).date();
        let mut clock = Clock {
            zone,
            second: 0,
            text: *b"00:00:00",
            day,
        };
        clock.format(0);
        clock
    }

    /// The day, when it is not that of the record before; before the first record, when it is not today.
    pub(super) fn day(&mut self, at_ns: i64) -> Option<Date> {
        let second = at_ns.div_euclid(1_000_000_000);
        if second == self.second {
            return None;
        }
        let day = self.format(second)?.date();
        (std::mem::replace(&mut self.day, day) != day).then_some(day)
    }

    /// `HH:MM:SS` of the record that [`Clock::day`] was last asked of.
    pub(super) fn time(&self) -> &[u8; 8] {
        &self.text
    }

    fn format(&mut self, second: i64) -> Option<Zoned> {
        self.second = second;
        let at = Timestamp::from_second(second).ok()?;
        let at = at.to_zoned(self.zone.clone());
        for (place, number) in [(0, at.hour()), (3, at.minute()), (6, at.second())] {
            let number = number.cast_unsigned();
            self.text[place] = b'0' + number / 10;
            self.text[place + 1] = b'0' + number % 10;
        }
        Some(at)
    }
}

//! What can be told of a declaration when it is read, so that nobody meets it later.

use croner::Cron;
use jiff::Zoned;
use regex::bytes::RegexBuilder;

/// The longest schedule or pattern that is read, in bytes.
const LONGEST: usize = 1_000;
/// What a pattern may take compiled, in bytes.
const COMPILED: usize = 1 << 20;

/// Why a text is no schedule; `None` if it is one: a pattern of cron, with seconds before its five
/// fields if need be, or `@hourly` and its like.
pub fn schedule_fault(pattern: &str) -> Option<String> {
    let advice = "write minute, hour, day, month and weekday, such as `*/5 * * * *`";
    if pattern.len() > LONGEST {
        return Some(format!("this schedule is too long: {advice}"));
    }
    let cron: Cron = match pattern.parse() {
        Ok(cron) => cron,
        Err(_) => return Some(format!("this is no schedule: {advice}")),
    };
    let never = cron.find_next_occurrence(&Zoned::now(), false).is_err();
    never.then(|| "this schedule never comes: no day is like that".to_owned())
}

/// Why a text is no pattern for a line; `None` if it is one, in the syntax of Rust's regex.
pub fn pattern_fault(pattern: &str) -> Option<String> {
    if pattern.is_empty() {
        return Some("the pattern is empty, so that every line would do".to_owned());
    }
    let compiled = RegexBuilder::new(pattern).size_limit(COMPILED).build();
    let why = match compiled {
        Ok(_) if pattern.len() <= LONGEST => return None,
        Ok(_) | Err(regex::Error::CompiledTooBig(_)) => "it is too large",
        Err(_) => "put a backslash before what is meant as it is, such as `\\(`",
    };
    Some(format!("this is no regular expression: {why}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn schedules_are_known_when_they_are_read() {
        for good in ["*/5 * * * *", "0 3 * * MON-FRI", "30 * * * * *", "@daily"] {
            assert_eq!(schedule_fault(good), None, "{good}");
        }
        for wrong in ["", "often", "* * * *", "61 * * * *", "* * * * * * * *"] {
            let fault = schedule_fault(wrong).expect(wrong);
            assert!(fault.starts_with("this is no schedule: write"), "{fault}");
        }
        let never = schedule_fault("0 0 31 2 *").expect("no such day");
        assert_eq!(never, "this schedule never comes: no day is like that");
        assert!(schedule_fault(&"* ".repeat(1_000)).is_some());
    }

    #[test]
    fn patterns_are_known_when_they_are_read() {
        assert_eq!(pattern_fault("ready on port \\d+"), None);
        for wrong in ["", "(", "a{1000}{1000}{1000}", &"a".repeat(1_001)] {
            assert!(pattern_fault(wrong).is_some(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_schedule_or_not(text in "(?s:.|[0-9*/,#LW?@ -]|MON){0,30}") {
            let _ = schedule_fault(&text);
        }
    }
}

//! Searching everything that an app puts out for the canaries that it was given.
//!
//! A secret leaks on error paths most of all, so every line of every start is searched, and every answer;
//! for the whole value, for a good part of it, and for the forms that programs print values in.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};

/// A canary shorter than this is not looked for in parts.
const PART: usize = 12;
/// The most leaks that are kept.
const MOST: usize = 200;

/// A place where a canary came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The variable, or what else the canary was sent in: `DATABASE_URL`, `the Authorization header`.
    pub canary: String,
    /// In which form: `as it is`, `in part`, `in base64`, `URL-encoded`.
    pub form: &'static str,
    /// Where: `stdout of web.1`, `the answer to GET /debug`.
    pub place: String,
    /// The text around it, the canary itself masked.
    pub excerpt: String,
}

/// Looks for canaries. Shared by everything that reads what the app puts out.
#[derive(Debug, Default)]
pub struct Leaks {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    needles: Vec<(String, &'static str, Vec<u8>)>,
    automaton: Option<Arc<AhoCorasick>>,
    found: Vec<Leak>,
    seen: HashSet<(String, &'static str, String)>,
}

impl Leaks {
    /// Looks for a value from now on.
    pub fn look_for(&self, canary: &str, value: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for (form, bytes) in forms(value) {
            if bytes.len() >= 8 && !state.needles.iter().any(|(_, _, known)| *known == bytes) {
                state.needles.push((canary.to_owned(), form, bytes));
            }
        }
        let patterns: Vec<&[u8]> = state.needles.iter().map(|(_, _, one)| &one[..]).collect();
        state.automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(patterns)
            .ok()
            .map(Arc::new);
    }

    /// Searches bytes that came out at a place, and remembers what is found.
    pub fn search(&self, place: &str, bytes: &[u8]) -> bool {
        let automaton = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match &state.automaton {
                Some(automaton) => Arc::clone(automaton),
                None => return false,
            }
        };
        let mut any = false;
        for found in automaton.find_iter(bytes).take(16) {
            any = true;
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((canary, form, _)) = state.needles.get(found.pattern().as_usize()) else {
                continue;
            };
            let (canary, form) = (canary.clone(), *form);
            if state.found.len() < MOST
                && state.seen.insert((canary.clone(), form, place.to_owned()))
            {
                let excerpt = excerpt(bytes, found.start(), found.end());
                state.found.push(Leak {
                    canary,
                    form,
                    place: place.to_owned(),
                    excerpt,
                });
            }
        }
        any
    }

    /// What was found so far.
    pub fn found(&self) -> Vec<Leak> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.found.clone()
    }

    /// The text with everything masked that is looked for. Where only a part of it is there, as of a line that was
    /// cut, what adjoins it is masked too.
    pub fn masked(&self, text: &str) -> String {
        let (automaton, parts) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let parts: Vec<bool> = state
                .needles
                .iter()
                .map(|(_, form, _)| *form == "in part")
                .collect();
            (state.automaton.clone(), parts)
        };
        let Some(automaton) = automaton else {
            return text.to_owned();
        };
        let adjoins = |one: char| one.is_ascii_alphanumeric() || "+/=_-.~%".contains(one);
        let mut masked = String::with_capacity(text.len());
        let mut at = 0;
        for found in automaton.find_iter(text) {
            let is_part = parts.get(found.pattern().as_usize()) == Some(&true);
            let mut before = text.get(at..found.start()).unwrap_or_default();
            let mut end = found.end().max(at);
            if is_part {
                before = before.trim_end_matches(adjoins);
                let rest = text.get(end..).unwrap_or_default();
                end += rest.len() - rest.trim_start_matches(adjoins).len();
            }
            if found.start() >= at {
                masked.push_str(before);
                masked.push_str("***");
            }
            at = end;
        }
        masked.push_str(text.get(at..).unwrap_or_default());
        masked
    }
}

/// The forms that a value is printed in.
fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let mut forms = vec![("as it is", bytes.to_vec())];
    let encoded = url_encoded(bytes);
    if encoded.as_bytes() != bytes {
        forms.push(("URL-encoded", encoded.into_bytes()));
    }
    // Some encode every byte, with digits of either case.
    let every: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    forms.push(("URL-encoded", every.to_ascii_lowercase().into_bytes()));
    forms.push(("URL-encoded", every.into_bytes()));
    let escaped = serde_json::to_string(value).unwrap_or_default();
    let escaped = escaped.trim_matches('"');
    if escaped != value {
        forms.push(("as JSON", escaped.as_bytes().to_vec()));
    }
    // Base64 of a value inside of a longer text starts at any of three places: what all have in common
    // is what the middle of it gives.
    for skip in 0..3 {
        let inner = base64(bytes.get(skip..).unwrap_or_default());
        let whole = inner.trim_end_matches('=');
        let sure = whole
            .get(..whole.len().saturating_sub(2))
            .unwrap_or_default();
        if sure.len() >= 12 {
            forms.push(("in base64", sure.as_bytes().to_vec()));
            let safe = sure.replace('+', "-").replace('/', "_");
            forms.push(("in base64", safe.into_bytes()));
        }
    }
    if value.starts_with("-----BEGIN ") {
        // Every key in PEM begins and ends alike; the first line of what is in it belongs to this one alone.
        if let Some(line) = value.lines().nth(1).filter(|line| line.len() >= 4 * PART) {
            forms.push(("in part", line.as_bytes().to_vec()));
        }
    } else if value.is_ascii() && bytes.len() >= 2 * PART {
        // A value that is shown only in part is shown by its beginning or its end.
        forms.push(("in part", bytes[..PART].to_vec()));
        forms.push(("in part", bytes[bytes.len() - PART..].to_vec()));
    }
    forms
}

fn url_encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            if place <= three.len() {
                let letter = LETTERS[(number >> (18 - 6 * place) & 63) as usize];
                text.push(char::from(letter));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// What stands around a find, on its line, the find itself masked.
fn excerpt(bytes: &[u8], start: usize, end: usize) -> String {
    let before = &bytes[start.saturating_sub(60)..start];
    let before = before
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let after = &bytes[end..bytes.len().min(end + 20)];
    let after = after
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    // What follows may be the rest of the secret.
    let after = if after.iter().all(u8::is_ascii_graphic) {
        &[][..]
    } else {
        after
    };
    let shown = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.chars()
            .filter(|one| !one.is_control())
            .collect::<String>()
    };
    let rest = shown(after);
    let rest = rest
        .split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest);
    format!("{}*** {rest}", shown(before)).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "c4n4ry-0123456789+/abcdefghijklmnop";

    fn found(text: &str) -> Vec<&'static str> {
        let leaks = Leaks::default();
        leaks.look_for("JWT_SECRET", VALUE);
        leaks.search("stdout", text.as_bytes());
        leaks.found().iter().map(|leak| leak.form).collect()
    }

    #[test]
    fn a_canary_is_found_in_every_form() {
        assert_eq!(found(&format!("secret={VALUE}")), ["as it is"]);
        assert_eq!(
            found("?k=c4n4ry-0123456789%2B%2Fabcdefghijklmnop"),
            ["URL-encoded"]
        );
        for before in ["", "a", "ab"] {
            let text = base64(format!("{before}{VALUE}").as_bytes());
            assert!(!found(&format!("dump {text}")).is_empty(), "{text}");
        }
        assert_eq!(found("secret=c4n4ry-012345..."), ["in part"]);
        assert_eq!(found("secret=c4n***"), Vec::<&str>::new());
        assert_eq!(found("nothing"), Vec::<&str>::new());
    }

    #[test]
    fn no_other_key_is_taken_for_one_in_pem() {
        let leaks = Leaks::default();
        let line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgc4n4ryc4n4ryc4n4";
        let key =
            format!("-----BEGIN PRIVATE KEY-----\n{line}\nc4n4ry==\n-----END PRIVATE KEY-----\n");
        leaks.look_for("SIGNING_KEY", &key);
        let public =
            b"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n";
        assert!(!leaks.search("the answer", public));
        assert!(leaks.search("stdout", format!("cannot use {line}").as_bytes()));
    }

    #[test]
    fn what_is_kept_of_a_leak_is_masked() {
        let leaks = Leaks::default();
        leaks.look_for("JWT_SECRET", VALUE);
        leaks.search(
            "stderr of web.1",
            format!("cannot use {VALUE} as a key").as_bytes(),
        );
        let found = leaks.found();
        assert_eq!(found.len(), 1);
        assert!(!found[0].excerpt.contains("c4n4ry"), "{:?}", found[0]);
        assert!(
            found[0].excerpt.starts_with("cannot use ***"),
            "{:?}",
            found[0]
        );
        assert_eq!(leaks.masked(&format!("a {VALUE} b")), "a *** b");
        // A line that was cut shows no more of it than a whole one.
        let (begin, end) = (&VALUE[..20], &VALUE[10..]);
        assert_eq!(leaks.masked(&format!("key='{begin}")), "key='***");
        assert_eq!(
            leaks.masked(&format!("{end}' is the key")),
            "***' is the key"
        );
        assert_eq!(leaks.masked(&format!("{begin} {VALUE}")), "*** ***");
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}

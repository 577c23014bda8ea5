//! Telling a random text from one that a person chose.

/// The shortest text that can look random.
const SHORTEST: usize = 16;

/// Whether a text looks as if a machine chose its characters: long, of several kinds of characters,
/// evenly spread, and not words, a path or a version.
pub(super) fn looks_random(text: &str) -> bool {
    let text = text.trim();
    let length = text.chars().count();
    if !(SHORTEST..=4096).contains(&length) || text.contains(char::is_whitespace) {
        return false;
    }
    if !text.is_ascii() || text.contains("://") || text.starts_with(['/', '.']) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if digits == 0 || letters == 0 || is_words(text) {
        return false;
    }
    let bits = entropy(text);
    let hexadecimal = text
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if hexadecimal {
        return length >= 24 && bits > 2.8;
    }
    bits > 3.3
}

/// Whether most of the text is words: runs of at least four lower-case letters, or a capital and
/// lower-case letters, with a vowel.
fn is_words(text: &str) -> bool {
    let mut in_words = 0;
    let mut run: Vec<char> = Vec::new();
    let mut flush = |run: &mut Vec<char>| {
        let vowels = run
            .iter()
            .filter(|c| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y'))
            .count();
        // English has a vowel in every third letter or so.
        if run.len() >= 4 && vowels * 4 >= run.len() {
            in_words += run.len();
        }
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_uppercase() && run.last().is_some_and(char::is_ascii_lowercase)
            || !c.is_ascii_alphabetic()
        {
            flush(&mut run);
        }
        if c.is_ascii_alphabetic() {
            run.push(c);
        }
    }
    flush(&mut run);
    in_words * 2 > text.len()
}

/// Shannon's entropy in bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 128];
    let mut length = 0u32;
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
            length += 1;
        }
    }
    let total = f64::from(length.max(1));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_is_told_from_words() {
        for text in [
            "F0E5AD933D7F6FD8F4DBB3E038C501C052DC0593C686D21ACB30AE205D2F634B",
            "n2127bOgmzao67RiW3umlVs16GL9fEj+JQRDaaN5E9G7yC/b",
            "django-insecure-8w$u3z!x0^k2p9q7m5v1r4t6y",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        ] {
            assert!(looks_random(text), "{text}");
        }
        for text in [
            "thisisasamplesecret",
            "hunter2",
            "my-secret-password-2024",
            "test-utils-secret",
            "email-server-password",
            "0000000000000000000000000000",
            "https://example.com/a1b2c3d4e5f6a7b8",
            "gcr.io.project.image.name1",
            "1.2.3",
        ] {
            assert!(!looks_random(text), "{text}");
        }
    }
}

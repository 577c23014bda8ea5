//! Command lines without the secrets in them.

use xii_model::{is_secret_name, secret_spans};

/// Stands for a secret.
const MASK: &str = "***";

/// Masks what is a secret by its form, and what is given to an option or a variable with a secret's name.
pub(super) fn words(words: &mut [String]) {
    let mut secret = false;
    for word in words {
        if secret && !word.starts_with('-') {
            MASK.clone_into(word);
            secret = false;
            continue;
        }
        let name = |text: &str| is_secret_name(text.trim_start_matches('-'));
        match word.split_once('=') {
            Some((before, value)) if !value.is_empty() && name(before) => {
                *word = format!("{before}={MASK}");
            }
            _ => {
                for span in secret_spans(word).into_iter().rev() {
                    word.replace_range(span, MASK);
                }
            }
        }
        // `--password` alone has its value in the next word.
        secret = word.starts_with("--") && !word.contains('=') && name(word);
    }
}

/// A masked command line, with quotes where a shell would want them.
pub(super) fn line(of: &[String]) -> String {
    let mut of = of.to_vec();
    words(&mut of);
    quoted(&of)
}

/// Words as a shell would read them.
pub(super) fn quoted(words: &[String]) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./=:@%+,*…".contains(letter);
    let words = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            let word = word.replace('\'', "'\\''");
            format!("'{word}'")
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        let mut list: Vec<String> = line.split(' ').map(String::from).collect();
        words(&mut list);
        list.join(" ")
    }

    #[test]
    fn secrets_in_command_lines_are_masked() {
        for (line, is) in [
            ("app --port 3000", "app --port 3000"),
            ("app --password hunter22", "app --password ***"),
            ("app --password=hunter22 x", "app --password=*** x"),
            ("env API_TOKEN=abcdef app", "env API_TOKEN=*** app"),
            ("app --password --verbose", "app --password --verbose"),
            (
                "psql postgres://user:hunter22@localhost/db",
                "psql postgres://user:***@localhost/db",
            ),
        ] {
            assert_eq!(of(line), is);
        }
    }

    #[test]
    fn words_with_spaces_are_quoted() {
        let words = ["sh", "-c", "echo 'a'", ""].map(String::from);
        assert_eq!(quoted(&words), r"sh -c 'echo '\''a'\''' ''");
    }
}

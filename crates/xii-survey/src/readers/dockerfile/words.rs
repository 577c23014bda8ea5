//! The words of ENV, ARG and shell-form commands, which the parser leaves as they are written.

use std::ops::Range;

/// More variables than this in one instruction are not a person's.
const MAX_PAIRS: usize = 300;

/// A word of an instruction's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Bytes of the text that it takes up, quotes included.
    pub(super) span: Range<usize>,
    /// What it says, quotes removed.
    pub(super) text: String,
}

/// A name with the value that ENV or ARG gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: String,
    /// `None` for an ARG without a default.
    pub(super) value: Option<String>,
    pub(super) span: Range<usize>,
    pub(super) value_span: Range<usize>,
}

/// The pairs of `ENV A=1 B="two words"`, of the older `ENV A one value`, and of `ARG A B=2`.
pub(super) fn pairs(text: &str, span: Range<usize>, escape: char, env: bool) -> Vec<Pair> {
    let words = words(text, span.clone(), escape);
    if env
        && let [first, second, ..] = words.as_slice()
        && !first.text.contains('=')
    {
        let value_span = second.span.start..words.last().map_or(second.span.end, |w| w.span.end);
        let value: Vec<&str> = words
            .iter()
            .skip(1)
            .map(|word| word.text.as_str())
            .collect();
        return vec![Pair {
            name: first.text.clone(),
            value: Some(value.join(" ")),
            span: first.span.start..value_span.end,
            value_span,
        }];
    }
    words.into_iter().take(MAX_PAIRS).map(pair).collect()
}

fn pair(word: Word) -> Pair {
    match word.text.split_once('=') {
        Some((name, value)) => Pair {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            // The name holds no quotes in any file that builds.
            value_span: (word.span.start + name.len() + 1).min(word.span.end)..word.span.end,
            span: word.span,
        },
        None => Pair {
            value_span: word.span.end..word.span.end,
            name: word.text,
            value: None,
            span: word.span,
        },
    }
}

/// Splits at white space outside quotes. An escaped line end is white space, and a comment line
/// after one is passed over.
fn words(text: &str, span: Range<usize>, escape: char) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<char> = None;
    let base = span.start;
    let body = text.get(span).unwrap_or_default();
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let start = base + at;
        let end = start + c.len_utf8();
        if c == escape && quote != Some('\'') {
            let rest = body.get(at + c.len_utf8()..).unwrap_or_default();
            if let Some(skipped) = line_end(rest) {
                let until = at + c.len_utf8() + skipped;
                while chars.next_if(|(at, _)| *at < until).is_some() {}
                continue;
            }
            if let Some((at, next)) = chars.next() {
                let word = word.get_or_insert_with(|| empty(start));
                // A backslash stays before what it does not escape (Windows paths).
                if !(next.is_whitespace() || matches!(next, '"' | '\'' | '$') || next == escape) {
                    word.text.push(c);
                }
                word.text.push(next);
                word.span.end = base + at + next.len_utf8();
            }
            continue;
        }
        match quote {
            Some(open) if c == open => {
                quote = None;
                word.get_or_insert_with(|| empty(start)).span.end = end;
            }
            None if matches!(c, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_with(|| empty(start)).span.end = end;
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => {
                let word = word.get_or_insert_with(|| empty(start));
                word.text.push(c);
                word.span.end = end;
            }
        }
    }
    words.extend(word);
    words
}

fn empty(at: usize) -> Word {
    Word {
        span: at..at,
        text: String::new(),
    }
}

/// How far white space, a line end and the comment lines behind it reach; `None` when the text does
/// not go on with a line end.
fn line_end(rest: &str) -> Option<usize> {
    let after = rest
        .trim_start_matches([' ', '\t', '\r'])
        .strip_prefix('\n')?;
    let mut skipped = rest.len() - after.len();
    for line in rest.get(skipped..)?.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if !trimmed.starts_with('#') {
            break;
        }
        skipped += line.len();
    }
    Some(skipped)
}

/// A shell-form command as one line: escaped line ends are joined, comment lines are left out.
pub(super) fn joined(command: &str, escape: char) -> String {
    let mut result = String::new();
    let mut continued = false;
    for line in command.lines() {
        let trimmed = line.trim();
        if continued && (trimmed.is_empty() || trimmed.starts_with('#')) {
            continue;
        }
        let (text, goes_on) = match trimmed.strip_suffix(escape) {
            Some(text) => (text.trim_end(), true),
            None => (trimmed, false),
        };
        if !result.is_empty() {
            result.push(if continued { ' ' } else { '\n' });
        }
        result.push_str(text);
        continued = goes_on;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, env: bool) -> Vec<(String, Option<String>, &str)> {
        pairs(text, 0..text.len(), '\\', env)
            .into_iter()
            .map(|pair| (pair.name, pair.value, &text[pair.value_span]))
            .collect()
    }

    fn given(name: &str, value: &str) -> (String, Option<String>) {
        (name.to_owned(), Some(value.to_owned()))
    }

    #[test]
    fn pairs_may_be_quoted_and_run_over_lines() {
        let found = read(
            "A=1 \\\n  # why\n  B=\"two words\" \\\r\n C='x y' D=a\\ b",
            true,
        );
        let values: Vec<_> = found
            .iter()
            .map(|(a, b, _)| (a.clone(), b.clone()))
            .collect();
        assert_eq!(
            values,
            [
                given("A", "1"),
                given("B", "two words"),
                given("C", "x y"),
                given("D", "a b")
            ]
        );
        assert_eq!(found[1].2, "\"two words\"");
    }

    #[test]
    fn the_older_form_takes_the_whole_line() {
        assert_eq!(
            read("PATH /usr/local/bin:$PATH and more", true),
            [(
                "PATH".to_owned(),
                Some("/usr/local/bin:$PATH and more".to_owned()),
                "/usr/local/bin:$PATH and more"
            )]
        );
        assert_eq!(read("TOKEN", false), [("TOKEN".to_owned(), None, "")]);
    }

    #[test]
    fn commands_become_one_line() {
        assert_eq!(
            joined(
                "apt-get update \\\n # comment\n\n && apt-get install \\\n curl",
                '\\'
            ),
            "apt-get update && apt-get install curl"
        );
    }
}

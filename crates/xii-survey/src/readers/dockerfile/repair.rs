//! Reading on after a syntax error: the lines that cannot be parsed are blanked.

use parse_dockerfile::parse_iter;

use crate::readers::skeleton;

/// After this many lines that could not be parsed the rest is left unread.
const MAX_REPAIRS: usize = 20;

/// A text that parses as far as it can, with the length and the line ends of the original.
pub(super) struct Repaired {
    /// The text.
    pub(super) text: String,
    /// Where a line was blanked, and why.
    pub(super) errors: Vec<(usize, &'static str)>,
}

/// Blanks a template's actions, and then one after the other the lines that the parser refuses.
pub(super) fn repaired(text: &str) -> Repaired {
    let mut text = skeleton::blanked(text, true);
    let mut errors = Vec::new();
    while let Some((line, why)) = first_error(&text) {
        let range = line.and_then(|line| line_range(&text, line));
        errors.push((range.as_ref().map_or(0, |range| range.start), why));
        match range.filter(|range| !is_blank(&text, range.clone())) {
            Some(range) if errors.len() <= MAX_REPAIRS => blank(&mut text, range),
            _ => break,
        }
    }
    Repaired { text, errors }
}

/// The line (from 1) of the first syntax error, and its reason in words that quote nothing.
fn first_error(text: &str) -> Option<(Option<usize>, &'static str)> {
    let error = match parse_iter(text) {
        Err(error) => error,
        Ok(mut instructions) => instructions.find_map(Result::err)?,
    };
    let message = format!("{error:#}");
    let why = if message.starts_with("unknown instruction") {
        "this line starts with no Dockerfile instruction that is known, so it was passed over"
    } else if message.contains("at least one FROM") {
        "there is no FROM here, so no image is described"
    } else if message.starts_with("expected FROM") {
        "this instruction stands before the first FROM, so it was passed over"
    } else if message.contains("requires") {
        "this instruction has too few or too many arguments, so it was passed over"
    } else if message.contains("here-document") {
        "this here-document has no end, so it was passed over"
    } else {
        "this instruction is not well formed, so it was passed over"
    };
    Some((Some(error.line()).filter(|line| *line > 0), why))
}

fn line_range(text: &str, line: usize) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for (index, one) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            return Some(start..start + one.trim_end_matches('\n').len());
        }
        start += one.len();
    }
    None
}

fn is_blank(text: &str, range: std::ops::Range<usize>) -> bool {
    text.get(range).is_none_or(|line| line.trim().is_empty())
}

fn blank(text: &mut String, range: std::ops::Range<usize>) {
    let spaces = " ".repeat(range.len());
    text.replace_range(range, &spaces);
}

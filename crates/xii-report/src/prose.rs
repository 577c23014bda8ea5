//! The small Markdown of messages and help: code in backticks, and code blocks by indentation.

use crate::neutral;

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Span<'a> {
    Text(&'a str),
    Code(&'a str),
}

/// Takes a line apart at its backticks. A backtick without a partner is text.
pub(crate) fn spans(line: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, behind)) = after.split_once('`').filter(|(code, _)| !code.is_empty())
        else {
            break;
        };
        if !before.is_empty() {
            spans.push(Span::Text(before));
        }
        spans.push(Span::Code(code));
        rest = behind;
    }
    if !rest.is_empty() {
        spans.push(Span::Text(rest));
    }
    spans
}

/// A piece of a text of several lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A paragraph as one line.
    Text(String),
    /// Lines of code, without their indentation.
    Code(Vec<String>),
}

/// Takes a text apart: lines that start with four spaces are code, the others are paragraphs. What
/// leads to code ends with a colon; a line right above code without one is the first line of it.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut apart = false;
    let mut of_one_line = false;
    for line in neutral::lines(text) {
        if line.trim().is_empty() {
            // A blank line within code is kept once more code follows.
            apart = true;
            continue;
        }
        match (line.strip_prefix("    "), blocks.last_mut()) {
            (Some(code), Some(Block::Code(lines))) => {
                if apart {
                    lines.push(String::new());
                }
                lines.push(code.to_owned());
            }
            (Some(code), Some(Block::Text(first)))
                if !apart && of_one_line && !first.ends_with(':') =>
            {
                let lines = vec![std::mem::take(first), code.to_owned()];
                blocks.pop();
                blocks.push(Block::Code(lines));
            }
            (Some(code), _) => blocks.push(Block::Code(vec![code.to_owned()])),
            (None, Some(Block::Text(paragraph))) if !apart => {
                paragraph.push(' ');
                paragraph.push_str(line.trim());
                of_one_line = false;
            }
            (None, _) => {
                blocks.push(Block::Text(line.trim().to_owned()));
                of_one_line = true;
            }
        }
        apart = false;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_text() {
        use Span::{Code, Text};
        assert_eq!(
            spans("set `PORT`, not ` alone"),
            [Text("set "), Code("PORT"), Text(", not ` alone")]
        );
        assert_eq!(spans("``"), [Text("``")]);
    }

    #[test]
    fn indented_lines_are_code() {
        assert_eq!(
            blocks("read it\nonce:\n    a = 1\n\n    b = 2\n\nand log"),
            [
                Block::Text("read it once:".to_owned()),
                Block::Code(vec!["a = 1".to_owned(), String::new(), "b = 2".to_owned()]),
                Block::Text("and log".to_owned()),
            ]
        );
        assert_eq!(
            blocks("@get(\"/\")\n    def f():"),
            [Block::Code(vec![
                "@get(\"/\")".to_owned(),
                "def f():".to_owned()
            ])]
        );
    }
}

//! What to do about a finding, in one line: for the plan.

use crate::neutral;
use crate::prose::{self, Block};

/// How many characters of a paragraph are shown.
const PARAGRAPH: usize = 240;
/// How many characters of code are shown.
const CODE: usize = 80;

/// The first paragraph of the help, and the first line of the code that it leads to.
pub(crate) fn advice(help: &str) -> Option<String> {
    let mut blocks = prose::blocks(help).into_iter();
    let Block::Text(text) = blocks.next()? else {
        return None;
    };
    let text = neutral::cut(&text, PARAGRAPH);
    let Some(lead) = text.strip_suffix(':') else {
        return Some(text);
    };
    match blocks.next() {
        Some(Block::Code(lines)) => {
            let first = lines.first().map(|line| line.trim()).unwrap_or_default();
            let more = if lines.len() > 1 { " …" } else { "" };
            if first.contains('`') || first.chars().count() > CODE {
                Some(lead.to_owned())
            } else {
                Some(format!("{lead}: `{first}`{more}"))
            }
        }
        _ => Some(lead.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_in_brings_its_code() {
        let one = |help| advice(help).unwrap();
        assert_eq!(one("pin it"), "pin it");
        assert_eq!(one("before CMD:\n    USER app"), "before CMD: `USER app`");
        assert_eq!(
            one("before CMD:\n    RUN useradd app\n    USER app\nand more"),
            "before CMD: `RUN useradd app` …"
        );
        assert_eq!(one("like this:\n    `a`"), "like this");
        assert_eq!(advice("    code"), None);
    }
}

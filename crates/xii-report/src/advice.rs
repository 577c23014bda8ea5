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
    let text = match blocks.next()? {
        Block::Text(text) => neutral::cut(&text, PARAGRAPH),
        Block::Code(lines) => return first_line(&lines),
    };
    let Some(lead) = text.strip_suffix(':') else {
        return Some(text);
    };
    let code = match blocks.next() {
        Some(Block::Code(lines)) => first_line(&lines),
        _ => None,
    };
    Some(match code {
        Some(code) => format!("{lead}: {code}"),
        None => lead.to_owned(),
    })
}

/// The first line of some code in backticks, which it must not hold itself.
fn first_line(lines: &[String]) -> Option<String> {
    let first = lines.first()?.trim();
    let more = if lines.len() > 1 { " …" } else { "" };
    (!first.contains('`')).then(|| format!("`{}`{more}", neutral::cut(first, CODE)))
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
        assert_eq!(one("get('/')\n    post('/')"), "`get('/')` …");
        assert_eq!(advice("    `code`"), None);
    }
}

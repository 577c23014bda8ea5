//! Makes text from an audited repository plain in Markdown: no markup, no link, nobody mentioned.

use xii_model::Evidence;

use crate::neutral;
use crate::prose::{Span, spans};
use crate::sarif::percent_encoded;
use crate::section::place;

/// One line of prose: code in backticks stays code, all else is plain.
pub(super) fn text(line: &str) -> String {
    let line = neutral::line(line);
    spans(&line)
        .into_iter()
        .map(|span| match span {
            Span::Text(plain) => escaped(plain),
            Span::Code(source) => code(source),
        })
        .collect()
}

fn escaped(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An empty comment keeps a name from being mentioned and an issue from being linked.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    // Addresses are made links without any markup.
    out.replace("://", "&#58;//").replace("www.", "www\\.")
}

/// Code within a line, whatever backticks it holds.
pub(super) fn code(source: &str) -> String {
    let source = neutral::line(source);
    let ticks = "`".repeat(longest_run(&source) + 1);
    let pad = if source.starts_with('`') || source.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{source}{pad}{ticks}")
}

/// A block of code.
pub(super) fn fenced(source: &str) -> String {
    let ticks = "`".repeat((longest_run(source) + 1).max(3));
    format!("{ticks}text\n{source}\n{ticks}\n")
}

fn longest_run(source: &str) -> usize {
    let runs = source.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// A place as a link from the root of the repository.
pub(super) fn link(at: &Evidence) -> String {
    let line = if at.is_whole_file() {
        String::new()
    } else {
        format!("#L{}", at.start.line)
    };
    format!(
        "[{}]({}{line})",
        code(&place(at)),
        percent_encoded(&at.path)
    )
}

/// Text within an HTML tag.
pub(super) fn html(line: &str) -> String {
    neutral::line(line)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "@<!-- -->")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_plain() {
        assert_eq!(
            text("<b>*a*</b> [x](http://e) @me #1"),
            "&lt;b&gt;\\*a\\*&lt;/b&gt; \\[x\\](http&#58;//e) @<!-- -->me #<!-- -->1"
        );
        assert_eq!(text("call `f(*a)` now"), "call `f(*a)` now");
    }

    #[test]
    fn no_backtick_ends_the_code() {
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(fenced("```\nx"), "````text\n```\nx\n````\n");
    }
}

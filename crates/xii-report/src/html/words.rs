//! Text from reports as markup.

use maud::{Markup, html};
use xii_model::{Evidence, Severity, Verdict};

use crate::neutral;
use crate::prose::{self, Block, Span};
use crate::section::place;

/// One line of prose with its code set apart.
pub(super) fn line(text: &str) -> Markup {
    let text = neutral::line(text);
    html! {
        @for span in prose::spans(&text) {
            @match span {
                Span::Text(text) => (text),
                Span::Code(code) => code { (code) },
            }
        }
    }
}

/// Paragraphs and blocks of code.
pub(super) fn blocks(text: &str) -> Markup {
    html! {
        @for block in prose::blocks(text) {
            @match block {
                Block::Text(text) => p { (line(&text)) },
                Block::Code(lines) => pre tabindex="0" { code { (lines.join("\n")) } },
            }
        }
    }
}

/// A place, in a form that may break at its slashes.
pub(super) fn at(evidence: &Evidence) -> Markup {
    let place = place(evidence);
    html! {
        code.at {
            @for (index, part) in place.split('/').enumerate() {
                @if index > 0 { "/" wbr; }
                (part)
            }
        }
    }
}

/// The class, the sign and the words of a verdict.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Holds => ("holds", "✓", "holds"),
        Verdict::Broken => ("broken", "✗", "broken"),
        Verdict::CouldNotTell => ("open", "?", "could not tell"),
        Verdict::NotApplicable => ("na", "–", "does not apply"),
    }
}

/// A severity as a badge: a word, a sign and a colour.
pub(super) fn badge(severity: Severity) -> Markup {
    html! { span class={ "badge " (severity.name()) } { (severity.name()) } }
}

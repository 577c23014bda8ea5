//! A piece of source with what the claim is about marked in it.

use maud::{Markup, html};
use xii_model::Evidence;

use super::words;
use crate::quote::Quote;

/// How many characters of a line are shown before the mark, in it and behind it.
const SHOWN: [usize; 3] = [60, 300, 160];

/// The source that evidence quotes, below its place. `said` is what a related place has to do with it.
pub(super) fn render(at: &Evidence, said: Option<&str>) -> Markup {
    let quote = Quote::of(at);
    html! {
        figure.source.related[said.is_some()] {
            figcaption {
                (words::at(at))
                @if let Some(said) = said { " " span.said { (words::line(said)) } }
            }
            @if let Some(quote) = quote {
                pre tabindex="0" {
                    code {
                        @for line in quote.lines() {
                            @let [before, marked, after] = line.parts;
                            span.line {
                                span.number { (line.number) }
                                (tail(before, SHOWN[0]))
                                @if !marked.is_empty() { mark { (head(marked, SHOWN[1])) } }
                                (head(after, SHOWN[2]))
                                "\n"
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The start of the text.
fn head(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The end of the text.
fn tail(text: &str, longest: usize) -> String {
    let length = text.chars().count();
    if length <= longest {
        return text.to_owned();
    }
    let end: String = text.chars().skip(length - longest).collect();
    format!("…{end}")
}

//! What a probe made of a criterion: its timeline, and the transcript as a table below.

use maud::{Markup, html};
use xii_model::{Mark, Trial};

use super::{timeline, words};
use crate::neutral;
use crate::totals::of;
use crate::trial::{Part, fold, milliseconds, seconds};

/// The most rows of a table.
const ROWS: usize = 500;
/// How many characters of a source and of a moment are shown.
const SOURCE: usize = 40;
const TEXT: usize = 600;

/// The timeline and the transcript of a trial.
pub(super) fn render(trial: &Trial) -> Markup {
    html! {
        figure.trial {
            figcaption {
                code.rule { (trial.probe) } " took " (seconds(trial.took_ms))
            }
            @if trial.transcript.is_empty() {
                p.hint { "Nothing was recorded." }
            } @else {
                (timeline::render(trial))
                details.transcript {
                    summary { "Transcript, " (of(trial.transcript.len(), "moment")) }
                    (table(trial))
                }
            }
        }
    }
}

/// The transcript as a table, folded when it is very long.
fn table(trial: &Trial) -> Markup {
    html! {
        table.transcript {
            thead { tr { th scope="col" { "Time" } th scope="col" { "Source" } th scope="col" { "What happened" } } }
            tbody {
                @for part in fold(&trial.transcript, ROWS) {
                    @match part {
                        Part::Shown(moment) => tr class=(timeline::class(moment.mark)) {
                            td.time { (milliseconds(moment.at_us)) }
                            td.from { (neutral::cut(&neutral::line(&moment.source), SOURCE)) }
                            td { (sign(moment.mark)) (words::line(&neutral::cut(&moment.text, TEXT))) }
                        },
                        Part::Hidden(count) => tr.hidden { td {} td {} td { "… " (count) " more" } },
                    }
                }
            }
        }
    }
}

/// The sign of a mark, with its meaning for those who do not see it.
fn sign(mark: Mark) -> Markup {
    let (sign, meaning) = match mark {
        Mark::Seen => return html! {},
        Mark::Done => ("▸ ", "done by the probe: "),
        Mark::For => ("✓ ", "speaks for it: "),
        Mark::Against => ("✗ ", "speaks against it: "),
    };
    html! { span.said-by title=(meaning.trim_end_matches(": ")) { (sign) } }
}

/// What the marks of a timeline mean.
pub(super) fn legend() -> Markup {
    html! {
        p.legend.marks aria-hidden="true" {
            span { span.dot.seen {} "seen" }
            span { span.dot.done {} "done by the probe" }
            span { span.dot.for {} "speaks for it" }
            span { span.dot.against {} "speaks against it" }
        }
    }
}

//! The factors as a table.

use maud::{Markup, html};
use xii_model::{AppReport, Verdict};

use super::words;

/// The verdicts in the order of the columns.
const COLUMNS: [(Verdict, &str); 4] = [
    (Verdict::Holds, "Holds"),
    (Verdict::Broken, "Broken"),
    (Verdict::CouldNotTell, "Open"),
    (Verdict::NotApplicable, "N. a."),
];

/// The table of an app's factors.
pub(super) fn render(app: &AppReport, index: usize) -> Markup {
    html! {
        section.factors {
            h3 { "Factors" }
            table {
                thead {
                    tr {
                        th scope="col" colspan="2" { "Factor" }
                        th scope="col" { "Criteria" }
                        @for (_, title) in COLUMNS { th.count scope="col" { (title) } }
                    }
                }
                tbody {
                    @for factor in app.factors() {
                        @let count = app.count(factor);
                        @let counts = [count.holds, count.broken, count.could_not_tell, count.not_applicable];
                        tr {
                            td.numeral { (factor.id()) }
                            th scope="row" {
                                a href={ "#app-" (index) "-" (factor.id()) } { (factor.name()) }
                            }
                            td {
                                span.strip role="img" aria-label=(said(counts)) {
                                    @for one in app.of(factor) {
                                        @let (class, sign, words) = words::verdict(one.verdict);
                                        span class={ "sign " (class) }
                                            title={ (one.criterion.id) " " (one.criterion.title) ": " (words) }
                                            { (sign) }
                                    }
                                }
                            }
                            @for ((verdict, _), count) in COLUMNS.iter().zip(counts) {
                                @if count == 0 {
                                    td.count.zero { "0" }
                                } @else {
                                    td class={ "count " (words::verdict(*verdict).0) } { (count) }
                                }
                            }
                        }
                    }
                }
            }
            p.legend aria-hidden="true" {
                @for (verdict, _) in COLUMNS {
                    @let (class, sign, words) = words::verdict(verdict);
                    span { span class={ "sign " (class) } { (sign) } " " (words) }
                }
            }
        }
    }
}

/// The counts in words, for those who do not see the signs.
fn said(counts: [usize; 4]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .zip(["hold", "broken", "could not be told", "do not apply"])
        .filter(|(count, _)| **count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    parts.join(", ")
}

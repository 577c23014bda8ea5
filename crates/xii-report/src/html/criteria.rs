//! Every criterion with its verdict, its reason and where that was seen, folded by factor.

use maud::{Markup, html};
use xii_model::AppReport;

use super::words;
use crate::trial::basis;

/// Every criterion of an app.
pub(super) fn render(app: &AppReport, index: usize) -> Markup {
    html! {
        section.criteria {
            h3 { "Every criterion" }
            @for factor in app.factors() {
                @let count = app.count(factor);
                details id={ "app-" (index) "-" (factor.id()) } {
                    summary {
                        span.numeral { (factor.id()) } " " strong { (factor.name()) } " "
                        span.counts {
                            (count.holds) " hold, " (count.broken) " broken, " (count.could_not_tell) " open"
                        }
                    }
                    ul {
                        @for one in app.of(factor) {
                            @let (class, sign, words) = words::verdict(one.verdict);
                            li {
                                span class={ "sign " (class) } aria-hidden="true" { (sign) }
                                div {
                                    p {
                                        strong { (one.criterion.id) " " (one.criterion.title) }
                                        " " span class={ "verdict " (class) } { (words) }
                                        @if let Some(basis) = basis(one) { " " span.basis { (basis) } }
                                    }
                                    p.reason { (words::line(&one.reason)) }
                                    @if !one.evidence.is_empty() {
                                        p.where {
                                            @for (index, at) in one.evidence.iter().enumerate() {
                                                @if index > 0 { ", " }
                                                (words::at(at))
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

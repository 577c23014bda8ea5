//! The factors as a table: a sign for every criterion, and the counts.

use xii_model::{AppReport, Verdict};

use super::paint::{self, Paint};
use crate::Look;

/// Below this width the signs stand alone: they say what the counts say.
const WIDE: usize = 76;

/// The order of the columns.
const COLUMNS: [(Verdict, &str, &str); 4] = [
    (Verdict::Holds, "holds", "holds"),
    (Verdict::Broken, "broken", "broken"),
    (Verdict::CouldNotTell, "open", "could not tell"),
    (Verdict::NotApplicable, "n.a.", "does not apply"),
];

/// The table of an app's factors, with its legend.
pub(crate) fn render(app: &AppReport, look: &Look, paint: Paint) -> String {
    let wide = look.width >= WIDE;
    let signs = app
        .factors()
        .map(|factor| app.of(factor).count())
        .max()
        .unwrap_or(0);
    let names = app
        .factors()
        .map(|factor| factor.name().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    if wide {
        let heads: String = COLUMNS
            .iter()
            .map(|(_, head, _)| format!("{head:>8}"))
            .collect();
        let blank = " ".repeat(2 + 6 + names + 2 + signs);
        text.push_str(&paint.dim(format!("{blank}{heads}")));
        text.push('\n');
    }
    for factor in app.factors() {
        let count = app.count(factor);
        let counts = [
            count.holds,
            count.broken,
            count.could_not_tell,
            count.not_applicable,
        ];
        let row: String = app
            .of(factor)
            .map(|one| {
                let (sign, style) = paint::of_verdict(one.verdict);
                paint.style(style, sign)
            })
            .collect();
        let numeral = paint.dim(format!("{:>5}", factor.id()));
        let name = factor.name();
        text.push_str(&format!("  {numeral} {name:<names$}  {row}"));
        if wide {
            text.push_str(&" ".repeat(signs - app.of(factor).count()));
            for ((verdict, ..), count) in COLUMNS.iter().zip(counts) {
                text.push_str(&cell(*verdict, count, paint));
            }
        }
        text.push('\n');
    }
    let legend: Vec<String> = COLUMNS
        .iter()
        .map(|(verdict, _, words)| {
            let (sign, style) = paint::of_verdict(*verdict);
            format!("{} {}", paint.style(style, sign), paint.dim(words))
        })
        .collect();
    text.push_str(&format!("\n  {}\n\n", legend.join("  ")));
    text
}

/// A count; a dot for none, so that the eye rests on what is there.
fn cell(verdict: Verdict, count: usize, paint: Paint) -> String {
    if count == 0 {
        return paint.dim(format!("{:>8}", "·"));
    }
    let (_, style) = paint::of_verdict(verdict);
    paint.style(style, format!("{count:>8}"))
}

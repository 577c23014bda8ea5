//! A transcript: what happened in a trial, moment by moment, in columns.

use xii_model::{Mark, Moment, Trial};

use super::paint::{self, Paint};
use super::wrap::wrap;
use crate::trial::{Part, fold, seconds};
use crate::{Look, neutral};

/// How many moments of what breaks a criterion are shown unless all are asked for.
const MOMENTS: usize = 14;
/// How many moments of the other trials are shown when all are asked for.
const FOLDED: usize = 6;
/// The widest column of sources.
const SOURCE: usize = 20;
/// How many characters of a moment are shown unless all are asked for.
const TEXT: usize = 240;

/// The transcript of a trial that breaks its criterion, indented by so many columns.
pub(super) fn draw(trial: &Trial, indent: usize, look: &Look, paint: Paint) -> String {
    let (most, hint) = match look.verbose {
        true => (usize::MAX, ""),
        false => (MOMENTS, ", --verbose shows them"),
    };
    columns(trial, indent, look, paint, most, hint)
}

/// The transcript of any other trial, folded.
pub(super) fn folded(trial: &Trial, indent: usize, look: &Look, paint: Paint) -> String {
    if trial.transcript.is_empty() {
        return String::new();
    }
    columns(
        trial,
        indent,
        look,
        paint,
        FOLDED,
        ", --format html shows them",
    )
}

fn columns(
    trial: &Trial,
    indent: usize,
    look: &Look,
    paint: Paint,
    most: usize,
    hint: &str,
) -> String {
    let margin = " ".repeat(indent);
    let probe = neutral::line(trial.probe);
    let mut text = format!(
        "{margin}{}\n",
        paint.dim(format!(
            "transcript of {probe}, {}:",
            seconds(trial.took_ms)
        ))
    );
    if trial.transcript.is_empty() {
        text.push_str(&format!(
            "{margin}  {}\n",
            paint.dim("nothing was recorded")
        ));
        return text;
    }
    let parts = fold(&trial.transcript, most);
    let columns = Columns::of(&parts, indent, look);
    let mut told = false;
    for part in parts {
        match part {
            Part::Shown(moment) => text.push_str(&columns.row(moment, look, paint)),
            Part::Hidden(count) => {
                let how = if told { "" } else { hint };
                told = true;
                let gap = " ".repeat(columns.text());
                text.push_str(&paint.dim(format!("{gap}… {count} more{how}")));
                text.push('\n');
            }
        }
    }
    text
}

/// Where the columns of a transcript stand.
struct Columns {
    indent: usize,
    time: usize,
    source: usize,
}

impl Columns {
    fn of(parts: &[Part<'_>], indent: usize, look: &Look) -> Self {
        let shown = || {
            parts.iter().filter_map(|part| match part {
                Part::Shown(moment) => Some(*moment),
                Part::Hidden(_) => None,
            })
        };
        let time = shown().map(|moment| time(moment).len()).max();
        let source = shown().map(|moment| neutral::line(&moment.source).chars().count());
        let widest = if look.width < 80 { SOURCE / 2 } else { SOURCE };
        Columns {
            indent: indent + 2,
            time: time.unwrap_or(0).max(7),
            source: source.max().unwrap_or(0).clamp(1, widest),
        }
    }

    /// The column of a moment's text.
    fn text(&self) -> usize {
        self.indent + self.time + 2 + self.source + 2 + 2
    }

    fn row(&self, moment: &Moment, look: &Look, paint: Paint) -> String {
        let source = neutral::cut(&neutral::line(&moment.source), self.source);
        let gap = " ".repeat(self.source - source.chars().count());
        let (sign, style) = match moment.mark {
            Mark::Seen => (" ", None),
            Mark::Done => ("→", Some(paint::ACCENT)),
            Mark::For => ("✓", Some(paint::GOOD)),
            Mark::Against => ("✗", Some(paint::BAD)),
        };
        let painted = |text: &str| style.map_or(text.to_owned(), |style| paint.style(style, text));
        let said = neutral::line(&moment.text);
        let said = if look.verbose {
            said
        } else {
            neutral::cut(&said, TEXT)
        };
        let lines = wrap(&said, look.width.saturating_sub(self.text()));
        let mut text = format!(
            "{}{}  {}{gap}  {} ",
            " ".repeat(self.indent),
            paint.dim(format!("{:>1$}", time(moment), self.time)),
            paint.dim(source),
            painted(sign),
        );
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                text.push_str(&format!("\n{}", " ".repeat(self.text())));
            }
            text.push_str(&painted(line));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
        text
    }
}

/// The time of a moment, in whole milliseconds.
fn time(moment: &Moment) -> String {
    format!("{} ms", moment.at_us / 1000)
}

//! What was run, and the transcripts of the trials.

use xii_model::{AppReport, Trial};

use super::escape::{code, fenced, html, text};
use crate::section::Section;
use crate::totals::of;
use crate::trial::{is_drawn, lines, ran, remarks, seconds};

/// How many moments are shown with a finding, and of what else was tried.
const MOMENTS: usize = 40;
const FEW: usize = 10;
/// How many characters of a moment are shown.
const TEXT: usize = 200;

/// What was run, for the header of an app.
pub(super) fn summary(app: &AppReport) -> String {
    let (Some(run), Some(ran)) = (&app.run, ran(app)) else {
        return String::new();
    };
    let mut out = format!("{}.\n\n", text(&ran));
    let remarks = remarks(run);
    for remark in &remarks {
        out.push_str(&format!("- {}\n", text(remark)));
    }
    if !remarks.is_empty() {
        out.push('\n');
    }
    out
}

/// A transcript, folded away.
pub(super) fn folded(trial: &Trial) -> String {
    if trial.transcript.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>Transcript of {}, {}, {}</summary>\n\n{}\n</details>\n\n",
        html(trial.probe),
        of(trial.transcript.len(), "moment"),
        seconds(trial.took_ms),
        fenced(&lines(trial, MOMENTS, TEXT).join("\n"))
    )
}

/// The trials with a transcript that is not told with a finding.
pub(super) fn rest<'a>(section: &Section<'a>) -> Vec<&'a Trial> {
    let all = section.app.criteria.iter().flat_map(|one| &one.trials);
    all.filter(|trial| !trial.transcript.is_empty() && !is_drawn(section, trial))
        .collect()
}

/// One of them.
pub(super) fn item(trial: &Trial) -> String {
    format!(
        "{} {}, {}: {}\n\n{}\n",
        trial.criterion,
        code(trial.probe),
        trial.verdict.name(),
        text(&trial.reason),
        fenced(&lines(trial, FEW, TEXT).join("\n"))
    )
}

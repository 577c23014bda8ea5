//! How many findings there are of each kind: the line that every format ends or begins with.

use xii_model::{Confidence, Finding, Severity, SuppressedBy};

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) notes: usize,
    /// Signs of low confidence, whatever their severity: they break no criterion.
    pub(crate) unsure: usize,
    /// Allowed by a comment or by xii.toml.
    pub(crate) suppressed: usize,
    /// Known to the baseline.
    pub(crate) baselined: usize,
    /// Refuted by a run.
    pub(crate) withdrawn: usize,
}

impl Totals {
    /// Counts findings.
    pub(crate) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut totals = Totals::default();
        for finding in findings {
            let by = finding.suppression.as_ref().map(|one| one.by);
            *match (by, finding.confidence, finding.severity) {
                (Some(SuppressedBy::Baseline), _, _) => &mut totals.baselined,
                (Some(SuppressedBy::Run), _, _) => &mut totals.withdrawn,
                (Some(_), _, _) => &mut totals.suppressed,
                (None, Confidence::Low, _) => &mut totals.unsure,
                (None, _, Severity::Error) => &mut totals.errors,
                (None, _, Severity::Warning) => &mut totals.warnings,
                (None, _, Severity::Note) => &mut totals.notes,
            } += 1;
        }
        totals
    }

    /// The findings that count, by severity: `3 errors, 1 warning`; `no findings` when there is none.
    pub(crate) fn by_severity(&self) -> String {
        let parts: Vec<String> = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.notes, "note"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| of(count, what))
        .collect();
        if parts.is_empty() {
            "no findings".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// The findings that do not count. Suppressed and baselined are always named.
    pub(crate) fn aside(&self) -> String {
        let withdrawn = match self.withdrawn {
            0 => String::new(),
            count => format!(", {count} withdrawn by the run"),
        };
        format!(
            "{} of low confidence, {} suppressed, {} baselined{withdrawn}",
            self.unsure, self.suppressed, self.baselined
        )
    }
}

/// A count with its noun.
pub(crate) fn of(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

//! Colours with meaning: red is broken, green holds, yellow warns, dim is what may be skipped.

use anstyle::{AnsiColor, Effects, Style};
use xii_model::{Severity, Verdict};

/// Paints text, or leaves it as it is when colour is not wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    color: bool,
}

pub(crate) const STRONG: Style = Style::new().effects(Effects::BOLD);
pub(crate) const DIM: Style = Style::new().effects(Effects::DIMMED);
pub(crate) const ACCENT: Style = AnsiColor::Cyan.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const FAIR: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

impl Paint {
    pub(crate) fn new(color: bool) -> Self {
        Paint { color }
    }

    /// The text in a style.
    pub(crate) fn style(self, style: Style, text: impl AsRef<str>) -> String {
        let text = text.as_ref();
        if self.color && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn strong(self, text: impl AsRef<str>) -> String {
        self.style(STRONG, text)
    }

    pub(crate) fn dim(self, text: impl AsRef<str>) -> String {
        self.style(DIM, text)
    }
}

/// The style of a severity.
pub(crate) fn of_severity(severity: Severity) -> Style {
    match severity {
        Severity::Error => BAD.effects(Effects::BOLD),
        Severity::Warning => FAIR.effects(Effects::BOLD),
        Severity::Note => ACCENT.effects(Effects::BOLD),
    }
}

/// The sign and the style of a verdict.
pub(crate) fn of_verdict(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Holds => ("✓", GOOD),
        Verdict::Broken => ("✗", BAD),
        Verdict::CouldNotTell => ("?", DIM),
        Verdict::NotApplicable => ("–", DIM),
    }
}

/// The style of a score.
pub(crate) fn of_points(points: u32) -> Style {
    match points {
        80.. => GOOD,
        50.. => FAIR,
        _ => BAD,
    }
}

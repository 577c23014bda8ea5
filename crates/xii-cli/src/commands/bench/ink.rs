//! Styles, titles, and telling how far a measurement is.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

/// Styles with a meaning; all plain where no colour is wanted.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) quiet: Style,
    pub(super) strong: Style,
    pub(super) good: Style,
    pub(super) doubtful: Style,
    pub(super) bad: Style,
}

impl Ink {
    /// With colour, or without.
    pub(super) fn new(color: bool) -> Self {
        let style = |style: Style| if color { style } else { Style::new() };
        Ink {
            quiet: style(Style::new().dimmed()),
            strong: style(Style::new().bold()),
            good: style(AnsiColor::Green.on_default()),
            doubtful: style(AnsiColor::Yellow.on_default()),
            bad: style(AnsiColor::Red.on_default().bold()),
        }
    }
}

/// What is measured, and how.
pub(super) fn heading(title: &str, how: &str, color: bool) -> String {
    let Ink { quiet, strong, .. } = Ink::new(color);
    format!("{strong}{title}{strong:#}\n{quiet}{how}{quiet:#}\n\n")
}

/// Tells a terminal on standard error where a measurement is.
pub(super) fn step(what: &str) {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr().lock(), "\r\x1b[2Kxii: {what} …");
        let _ = io::stderr().flush();
    }
}

/// Takes away what [`step`] told.
pub(super) fn steps_done() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr().lock(), "\r\x1b[2K");
    }
}

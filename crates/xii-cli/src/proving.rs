//! Telling a terminal how a proof goes on.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};

use xii_probes::Progress;

/// Tells on standard error: one line that is written anew at a terminal, a line each elsewhere when it
/// is asked for by nobody, so none.
pub(crate) struct Teller {
    terminal: bool,
    shown: Cell<bool>,
    playing: RefCell<Vec<&'static str>>,
}

impl Teller {
    pub(crate) fn new() -> Self {
        Teller {
            terminal: io::stderr().is_terminal(),
            shown: Cell::new(false),
            playing: RefCell::default(),
        }
    }

    pub(crate) fn tell(&self, progress: Progress) {
        let words = match progress {
            Progress::Staging(words) | Progress::Providing(words) => words,
            Progress::Starting => "starting the app".to_owned(),
            Progress::Ending => "stopping what runs".to_owned(),
            Progress::Playing(name) => {
                self.playing.borrow_mut().push(name);
                return;
            }
            Progress::Played { name, done, total } => {
                let mut playing = self.playing.borrow_mut();
                playing.retain(|one| *one != name);
                format!("{done}/{total} probes  {}", playing.join(", "))
            }
        };
        if !self.terminal {
            return;
        }
        self.shown.set(true);
        let width = crate::output::width().saturating_sub(6);
        let words: String = words
            .chars()
            .map(|one| if one.is_control() { ' ' } else { one })
            .take(width)
            .collect();
        let mut out = io::stderr().lock();
        // A terminal that went away is nobody's error.
        let _ = write!(out, "\r\x1b[2Kxii: {words}");
        let _ = out.flush();
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if self.shown.get() {
            // The report stands where this stood.
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    }
}

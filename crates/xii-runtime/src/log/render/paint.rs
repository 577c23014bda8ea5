//! Whether there are colours.

use super::colour;
use super::text::Keep;

/// Paints, or does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    pub(super) colour: bool,
    /// The output is a terminal.
    pub(super) terminal: bool,
}

impl Paint {
    /// Appends this text in this colour.
    pub(super) fn push(self, to: &mut Vec<u8>, colour: &str, text: impl AsRef<[u8]>) {
        self.begin(to, Some(colour));
        to.extend_from_slice(text.as_ref());
        self.end(to, true);
    }

    pub(super) fn begin(self, to: &mut Vec<u8>, colour: Option<&str>) {
        if let (true, Some(colour)) = (self.colour, colour) {
            to.extend_from_slice(colour.as_bytes());
        }
    }

    pub(super) fn end(self, to: &mut Vec<u8>, begun: bool) {
        if self.colour && begun {
            to.extend_from_slice(colour::RESET.as_bytes());
        }
    }

    /// What is kept of the sequences in a line.
    pub(super) fn keep(self) -> Keep {
        match (self.terminal, self.colour) {
            (false, _) => Keep::All,
            (true, true) => Keep::Colours,
            (true, false) => Keep::Nothing,
        }
    }

    /// The same for what stands within words of ours.
    pub(super) fn strict(self) -> Keep {
        match self.terminal {
            false => Keep::All,
            true => Keep::Nothing,
        }
    }
}

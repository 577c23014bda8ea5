/// How many characters apart the known byte offsets are.
const STEP: usize = 64;

/// Byte offsets of character indices: the YAML parser counts characters.
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// Byte offset of every `STEP`th character; `None` when all are one byte long.
    steps: Option<Vec<usize>>,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let steps = (!text.is_ascii()).then(|| {
            text.char_indices()
                .step_by(STEP)
                .map(|(offset, _)| offset)
                .collect()
        });
        Self { text, steps }
    }

    /// The byte at which character `index` starts; the length of the text for
    /// every index past the end.
    pub(super) fn byte(&self, index: usize) -> usize {
        let Some(steps) = &self.steps else {
            return index.min(self.text.len());
        };
        let Some(&start) = steps.get(index / STEP) else {
            return self.text.len();
        };
        self.text
            .get(start..)
            .and_then(|rest| rest.char_indices().nth(index % STEP))
            .map_or(self.text.len(), |(offset, _)| start + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_mixed_text_is_found() {
        let text = "aé€𝄞".repeat(100);
        let offsets = Offsets::new(&text);
        for (index, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(offsets.byte(index), byte);
        }
        assert_eq!(offsets.byte(400), text.len());
        assert_eq!(offsets.byte(100_000), text.len());
    }

    #[test]
    fn in_plain_text_characters_are_bytes() {
        let offsets = Offsets::new("abc");
        assert_eq!(offsets.byte(2), 2);
        assert_eq!(offsets.byte(9), 3);
    }
}

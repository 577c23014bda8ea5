//! The words of a variable's name.

/// The words of a name, in lower case: `smtp`, `port` of `SMTP_PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words(Vec<String>);

impl Words {
    /// Those of a name in upper case with underscores, or of one in another style.
    pub(super) fn of(name: &str) -> Self {
        Words(
            name.split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_ascii_lowercase)
                .collect(),
        )
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|one| one == word)
    }

    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// Whether one of the words starts so: `mongodb` with `mongo`.
    pub(super) fn has_start(&self, start: &str) -> bool {
        self.0.iter().any(|one| one.starts_with(start))
    }

    pub(super) fn pair(&self, first: &str, second: &str) -> bool {
        self.0
            .windows(2)
            .any(|two| matches!(two, [a, b] if a == first && b == second))
    }

    pub(super) fn ends_with(&self, word: &str) -> bool {
        self.0.last().is_some_and(|last| last == word)
    }

    pub(super) fn ends_with_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.ends_with(word))
    }

    pub(super) fn starts_with_any(&self, words: &[&str]) -> bool {
        self.0
            .first()
            .is_some_and(|first| words.contains(&first.as_str()))
    }
}

//! Fits prose to the terminal.

/// Breaks a line of prose at spaces so that no line is longer than the width, in characters. A word
/// that is longer gets a line of its own, except that what no person would write is cut apart.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    const LONGEST_WORD: usize = 160;
    let width = width.max(20);
    let mut lines = vec![String::new()];
    let mut used = 0;
    let mut put = |word: &str, length: usize| {
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(last) = lines.last_mut() {
            if used > 0 {
                last.push(' ');
                used += 1;
            }
            last.push_str(word);
            used += length;
        }
    };
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if length <= LONGEST_WORD.max(width) {
            put(word, length);
            continue;
        }
        let chars: Vec<char> = word.chars().collect();
        for piece in chars.chunks(width) {
            let piece: String = piece.iter().collect();
            put(&piece, width);
        }
    }
    lines
}

/// Breaks a line as [`wrap`] does and puts `first` before the first line and spaces of its width
/// before the others. `first` is given with its width, since it may be coloured.
pub(crate) fn hang(first: &str, indent: usize, text: &str, width: usize) -> String {
    let lines = wrap(text, width.saturating_sub(indent));
    let gap = format!("\n{}", " ".repeat(indent));
    format!("{first}{}\n", lines.join(&gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_words_stay_whole() {
        let text = "one two three four five six seven";
        assert_eq!(wrap(text, 20), ["one two three four", "five six seven"]);
        assert_eq!(
            hang("a: ", 3, text, 23),
            "a: one two three four\n   five six seven\n"
        );
        assert_eq!(wrap(&"x".repeat(400), 200).len(), 2);
    }
}

//! Small pieces of prose that messages share.

/// Names as a phrase: `A`, `A and B`, `A, B and 3 more`. At most `most` are spelled out.
pub(crate) fn list<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown = names.len().min(most.max(1));
    let rest = names.len() - shown;
    let mut parts: Vec<String> = names
        .iter()
        .take(shown)
        .map(|name| name.as_ref().to_owned())
        .collect();
    if rest > 0 {
        parts.push(format!("{rest} more"));
    }
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

/// A number with its noun: `1 file`, `3 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(list::<&str>(&[], 3), "");
        assert_eq!(list(&["A"], 3), "A");
        assert_eq!(list(&["A", "B"], 3), "A and B");
        assert_eq!(list(&["A", "B", "C", "D"], 2), "A, B and 2 more");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }
}

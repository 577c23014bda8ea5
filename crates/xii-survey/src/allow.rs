//! Comments that allow a finding: `xii: allow(rule, …) reason`.

use std::sync::{Arc, LazyLock};

use regex::Regex;
use xii_model::Allowance;

static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)(?P<before>^.*?)(?://|#|--|/\*|<!--|;|\*)\s*xii:\s*allow\((?P<rules>[^)\n]*)\)(?P<reason>[^\n]*)")
        .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});

/// The allowances of a text.
pub(crate) fn read(path: &Arc<str>, text: &str) -> Vec<Allowance> {
    if memchr::memmem::find(text.as_bytes(), b"xii:").is_none() {
        return Vec::new();
    }
    COMMENT
        .captures_iter(text)
        .filter_map(|found| {
            let start = found.get(0)?.start();
            let line = 1 + memchr::memchr_iter(b'\n', text.get(..start)?.as_bytes()).count();
            let alone = found["before"].trim().is_empty();
            let target = if alone { next_code(text, line) } else { line };
            let reason = found["reason"]
                .trim()
                .trim_end_matches("*/")
                .trim_end_matches("-->");
            let reason = reason.trim_start_matches([':', '-', ' ']).trim();
            Some(Allowance {
                path: Arc::clone(path),
                line: u32::try_from(line).ok()?,
                target: u32::try_from(target).ok()?,
                rules: found["rules"]
                    .split(',')
                    .map(|rule| rule.trim().to_owned())
                    .collect(),
                reason: reason.to_owned(),
            })
        })
        .collect()
}

/// The first line after this one that is neither empty nor a comment.
fn next_code(text: &str, line: usize) -> usize {
    text.lines()
        .enumerate()
        .skip(line)
        .find(|(_, text)| {
            let text = text.trim();
            !text.is_empty()
                && !["//", "#", "--", "/*", "*", "<!--", ";"]
                    .iter()
                    .any(|mark| text.starts_with(mark))
        })
        .map_or(line, |(number, _)| number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_speaks_of_its_own_line_or_of_the_next_one_with_code() {
        let text = "# xii: allow(hard-coded-secret) shared test key\n# more\nKEY = 'x'\nPORT = 1  # xii: allow(VII.1, literal-port): fixed by the host\n# xii: allow(log-file)\n";
        let found = read(&"a.py".into(), text);
        let short: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.line,
                    one.target,
                    one.rules.join("+"),
                    one.reason.as_str(),
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                (1, 3, "hard-coded-secret".to_owned(), "shared test key"),
                (4, 4, "VII.1+literal-port".to_owned(), "fixed by the host"),
                (5, 5, "log-file".to_owned(), ""),
            ]
        );
    }
}

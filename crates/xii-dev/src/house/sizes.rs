//! Files stay small: half at most 150 lines, 95 in 100 at most 500, none over 800.

use crate::work::{self, Outcome};

/// What is too large.
pub(crate) fn check(files: &[String]) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    for path in files
        .iter()
        .filter(|path| path.ends_with(".rs") && path.starts_with("crates/"))
    {
        lines.push((
            work::read(&work::root().join(path))?.lines().count(),
            path.as_str(),
        ));
    }
    lines.sort();
    let mut wrong: Vec<String> = lines
        .iter()
        .filter(|(count, _)| *count > 800)
        .map(|(count, path)| {
            format!("{path} has {count} lines: split it along its seams, 800 is the most")
        })
        .collect();
    for (share, most) in [(50, 150), (95, 500)] {
        let within = lines.iter().filter(|(count, _)| *count <= most).count();
        if within * 100 < lines.len() * share {
            wrong.push(format!(
                "only {within} of {} files have at most {most} lines; {share} in 100 should",
                lines.len()
            ));
        }
    }
    Ok(wrong)
}

//! `check --fix`: carries out the fixes that findings bring along.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use xii_model::{Edit, Evidence, Finding, Position, Report, Safety};

use crate::error::Failure;
use crate::output;

/// What came of fixing.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    /// The changes as a unified diff.
    pub(crate) diff: String,
    /// How many fixes were carried out.
    pub(crate) applied: usize,
    /// How many more there are that may change what the program means.
    pub(crate) held_back: usize,
    /// Fixes that could not be carried out, and why.
    pub(crate) refused: Vec<String>,
}

/// A file as it is and as it is going to be.
struct Change {
    before: Option<String>,
    after: String,
}

/// Carries out the fixes of a report, or with `dry_run` only says what they would change. Every
/// file is written whole or not at all; a fix whose edits do not all fit is left out.
pub(crate) fn fix(
    root: &Path,
    report: &Report,
    with_unsafe: bool,
    dry_run: bool,
) -> Result<Fixed, Failure> {
    let mut fixed = Fixed::default();
    let mut changes: BTreeMap<String, Change> = BTreeMap::new();
    // The last places first, so that an edit does not move those that are still to come.
    let mut findings: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.suppression.is_none())
        .collect();
    findings.sort_by(|a, b| {
        (&b.evidence.path, b.evidence.start).cmp(&(&a.evidence.path, a.evidence.start))
    });
    let mut done: Vec<&[Edit]> = Vec::new();
    for finding in findings {
        let Some(wanted) = &finding.fix else { continue };
        if wanted.safety == Safety::Unsafe && !with_unsafe {
            fixed.held_back += 1;
            continue;
        }
        if done.contains(&wanted.edits.as_slice()) {
            // Two findings may bring the same change along.
            fixed.applied += 1;
            continue;
        }
        match apply(root, &wanted.edits, &mut changes) {
            Ok(()) => {
                fixed.applied += 1;
                done.push(&wanted.edits);
            }
            Err(why) => fixed
                .refused
                .push(format!("{}: {}: {why}", finding.evidence, wanted.title)),
        }
    }
    changes.retain(|_, change| change.before.as_ref() != Some(&change.after));
    for (path, change) in &changes {
        let before = change.before.as_deref().unwrap_or_default();
        let old = if change.before.is_some() {
            format!("a/{path}")
        } else {
            "/dev/null".to_owned()
        };
        let diff = TextDiff::from_lines(before, &change.after);
        fixed.diff.push_str(
            &diff
                .unified_diff()
                .context_radius(2)
                .header(&old, &format!("b/{path}"))
                .to_string(),
        );
    }
    if !dry_run {
        for (path, change) in &changes {
            output::write_file(&root.join(path), &change.after)?;
        }
    }
    Ok(fixed)
}

/// Applies all edits of a fix to the texts, or none.
fn apply(
    root: &Path,
    edits: &[Edit],
    changes: &mut BTreeMap<String, Change>,
) -> Result<(), String> {
    let mut staged: BTreeMap<String, Change> = BTreeMap::new();
    for edit in edits {
        let path = match edit {
            Edit::Replace { at, .. } | Edit::InsertAbove { at, .. } => at.path.to_string(),
            Edit::Append { path, .. } | Edit::Create { path, .. } => path.clone(),
        };
        let known = staged.remove(&path).or_else(|| {
            changes.get(&path).map(|change| Change {
                before: change.before.clone(),
                after: change.after.clone(),
            })
        });
        let mut change = match known {
            Some(change) => change,
            None => open(root, &path)?,
        };
        change.after = edited(edit, &change)?;
        staged.insert(path, change);
    }
    changes.append(&mut staged);
    Ok(())
}

/// Reads a file that is to be changed. What lies outside the audited folder, through a link or
/// otherwise, is not touched.
fn open(root: &Path, path: &str) -> Result<Change, String> {
    let full = inside(root, path)?;
    match fs::read_to_string(&full) {
        Ok(text) => Ok(Change {
            before: Some(text.clone()),
            after: text,
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Change {
            before: None,
            after: String::new(),
        }),
        Err(error) => Err(format!("cannot read {path}: {}", error.kind())),
    }
}

fn inside(root: &Path, path: &str) -> Result<PathBuf, String> {
    let full = root.join(path);
    let outside = || format!("{path} lies outside the audited folder");
    let folder = full.parent().ok_or_else(outside)?;
    let real_root = root
        .canonicalize()
        .map_err(|error| format!("cannot read the audited folder: {}", error.kind()))?;
    let real = folder
        .canonicalize()
        .map_err(|error| format!("cannot read the folder of {path}: {}", error.kind()))?;
    let link = fs::symlink_metadata(&full).is_ok_and(|metadata| metadata.is_symlink());
    if link || !real.starts_with(&real_root) || path.split('/').any(|part| part == "..") {
        return Err(outside());
    }
    Ok(full)
}

/// The text of a file after one edit.
fn edited(edit: &Edit, change: &Change) -> Result<String, String> {
    let text = &change.after;
    match edit {
        Edit::Replace { at, with } => {
            unchanged(text, at)?;
            let start = offset(text, at.start).ok_or("the place is gone")?;
            let end = offset(text, at.end)
                .filter(|end| *end >= start)
                .ok_or("the place is gone")?;
            Ok(format!("{}{with}{}", &text[..start], &text[end..]))
        }
        Edit::InsertAbove { at, line } => {
            unchanged(text, at)?;
            let start = offset(
                text,
                Position {
                    line: at.start.line,
                    column: 1,
                },
            )
            .ok_or("the place is gone")?;
            let indent: String = text[start..]
                .chars()
                .take_while(|c| *c == ' ' || *c == '\t')
                .collect();
            Ok(format!(
                "{}{indent}{line}\n{}",
                &text[..start],
                &text[start..]
            ))
        }
        Edit::Append { text: added, .. } => {
            let gap = if text.is_empty() || text.ends_with('\n') {
                ""
            } else {
                "\n"
            };
            Ok(format!("{text}{gap}{added}"))
        }
        Edit::Create { path, text: whole } => match &change.before {
            Some(_) => Err(format!("{path} exists already")),
            None => Ok(whole.clone()),
        },
    }
}

/// The line must read as it did when the evidence was made, or the edit would hit something else.
fn unchanged(text: &str, at: &Evidence) -> Result<(), String> {
    let line = text
        .lines()
        .nth(at.start.line.saturating_sub(1) as usize)
        .unwrap_or_default();
    let seen = at.excerpt.lines().next().unwrap_or_default();
    let same = seen.contains('*') || line == seen || line.starts_with(seen);
    if same {
        Ok(())
    } else {
        Err("another fix changed the line; run again".to_owned())
    }
}

/// The byte offset of a position; the end of the line when the column lies behind it.
fn offset(text: &str, position: Position) -> Option<usize> {
    let mut start = 0;
    for _ in 1..position.line {
        start += text.get(start..)?.find('\n')? + 1;
    }
    let line = text.get(start..)?;
    let line = &line[..line.find('\n').unwrap_or(line.len())];
    let column = line
        .char_indices()
        .nth(position.column.saturating_sub(1) as usize)
        .map_or(line.len(), |(at, _)| at);
    Some(start + column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, from: u32, to: u32, excerpt: &str) -> Evidence {
        Evidence {
            path: "a.txt".into(),
            start: Position { line, column: from },
            end: Position { line, column: to },
            excerpt: excerpt.into(),
        }
    }

    #[test]
    fn edits_hit_their_place_or_nothing() {
        let change = Change {
            before: None,
            after: "eins\n  zwei ü drei\n".to_owned(),
        };
        let replace = Edit::Replace {
            at: at(2, 3, 7, "  zwei ü drei"),
            with: "two".to_owned(),
        };
        assert_eq!(edited(&replace, &change).unwrap(), "eins\n  two ü drei\n");
        let insert = Edit::InsertAbove {
            at: at(2, 3, 7, "  zwei ü drei"),
            line: "neu".to_owned(),
        };
        assert_eq!(
            edited(&insert, &change).unwrap(),
            "eins\n  neu\n  zwei ü drei\n"
        );
        let stale = Edit::Replace {
            at: at(1, 1, 2, "anders"),
            with: String::new(),
        };
        assert!(edited(&stale, &change).is_err());
        let append = Edit::Append {
            path: "a.txt".to_owned(),
            text: "x\n".to_owned(),
        };
        assert_eq!(
            edited(
                &append,
                &Change {
                    before: None,
                    after: "y".to_owned()
                }
            )
            .unwrap(),
            "y\nx\n"
        );
    }

    #[test]
    fn nothing_outside_the_folder_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(folder.path().join("other"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path().join("other"), root.join("link")).unwrap();
        assert!(inside(&root, "../other").is_err());
        assert!(inside(&root, "link").is_err());
        assert!(inside(&root, "new").is_ok());
    }
}

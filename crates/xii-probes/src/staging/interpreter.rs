//! Which Python an app is run by.

use std::path::PathBuf;

/// A Python that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interpreter {
    /// Its real file: a version manager's stand-in would look for another version in the app's folder.
    pub(super) program: PathBuf,
    /// `(3, 11)`.
    pub(super) version: (u32, u32),
}

/// Prints where a Python is and which; without the user's own packages and settings.
pub(super) const ASK: &str = "-I -c 'import sys, venv, ensurepip; print(sys.executable); print(\"%d.%d\" % sys.version_info[:2])'";

/// What one that was asked printed.
pub(super) fn answer(lines: &[&str]) -> Option<Interpreter> {
    let [.., program, version] = lines else {
        return None;
    };
    let (major, minor) = version.trim().split_once('.')?;
    let program = PathBuf::from(program.trim());
    program.is_absolute().then_some(Interpreter {
        program,
        version: (major.parse().ok()?, minor.parse().ok()?),
    })
}

/// How many versions after a declared minimum are tried.
const LATER: u32 = 4;

/// The commands to try in turn. The system's own is first where any will do.
///
/// pyenv's stand-ins start only the versions that its user has switched on, though it has more: they are told which.
pub(super) fn candidates(declared: Option<&str>) -> Vec<String> {
    let mut names = Vec::new();
    if let Some((major, minor)) = declared.and_then(first_version) {
        let open = declared.is_some_and(|declared| declared.contains(['>', '^', '~']));
        let later = if open { LATER } else { 0 };
        names.extend(
            (minor..=minor.saturating_add(later))
                .map(|minor| format!("PYENV_VERSION={major}.{minor} python{major}.{minor}")),
        );
    }
    names.extend(["python3".to_owned(), "python".to_owned()]);
    if declared.is_none_or(|declared| declared.contains(">=")) {
        names.rotate_right(2);
    }
    names
}

/// Whether a version does for what an app declares, as far as its first two numbers say.
pub(super) fn satisfies(version: (u32, u32), declared: &str) -> bool {
    let parts = declared.split([',', ' ']).filter(|part| !part.is_empty());
    let mut said = false;
    for part in parts {
        let Some(bound) = first_version(part) else {
            continue;
        };
        said = true;
        let fits = if part.starts_with(">=") || part.starts_with('^') {
            version >= bound
        } else if part.starts_with('>') {
            version > bound || version == bound && part.matches('.').count() > 1
        } else if part.starts_with("<=") {
            version <= bound
        } else if part.starts_with('<') {
            version < bound
        } else if part.starts_with("!=") {
            version != bound || part.matches('.').count() > 1
        } else if part.starts_with("~=") && part.matches('.').count() == 1 {
            version >= bound && version.0 == bound.0
        } else {
            version == bound
        };
        if !fits {
            return false;
        }
    }
    said
}

/// The first two numbers that are there: of `python-3.12.1`, 3 and 12.
fn first_version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let mut numbers = text[start..].split(|letter: char| !letter.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_version_is_understood() {
        for (declared, version, fits) in [
            ("3.12", (3, 12), true),
            ("3.12.1", (3, 11), false),
            ("python-3.11.7", (3, 11), true),
            (">=3.9", (3, 13), true),
            (">=3.9,<3.12", (3, 12), false),
            ("^3.10", (3, 12), true),
            ("~=3.10", (3, 12), true),
            ("~=3.10.0", (3, 12), false),
            ("==3.12.*", (3, 12), true),
            ("!=3.9.1,>=3.8", (3, 9), true),
            ("3", (3, 12), false),
        ] {
            assert_eq!(satisfies(version, declared), fits, "{declared} {version:?}");
        }
    }

    #[test]
    fn the_declared_one_is_tried_first_and_any_where_a_minimum_is_declared() {
        assert_eq!(
            candidates(Some("3.12.1")),
            ["PYENV_VERSION=3.12 python3.12", "python3", "python"]
        );
        let open = candidates(Some(">=3.9"));
        assert_eq!(open[..2], ["python3", "python"]);
        assert_eq!(open[2], "PYENV_VERSION=3.9 python3.9");
        assert_eq!(open[6], "PYENV_VERSION=3.13 python3.13");
        assert_eq!(candidates(None), ["python3", "python"]);
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let good = answer(&["warning", "/usr/bin/python3", "3.11"]).expect("an answer");
        assert_eq!(good.version, (3, 11));
        assert_eq!(answer(&["pyenv: version `3.12' is not installed"]), None);
        assert_eq!(answer(&["python", "3.11"]), None);
    }
}

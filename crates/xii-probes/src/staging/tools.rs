//! Programs that build an app and are not installed: package managers that other package managers can fetch.

/// How a package manager can be had without installing it on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A package of npm, and the version that is taken when the app asks for none.
    Npm(&'static str, &'static str),
    /// A package of PyPI.
    Python(&'static str),
}

/// Where a program can be had from; `version` is the one that the app asks for.
pub(super) fn source(program: &str, version: Option<&str>) -> Option<Source> {
    let major = version.and_then(major);
    Some(match program {
        "yarn" if major.is_some_and(|major| major > 1) => Source::Npm("@yarnpkg/cli-dist", "4"),
        "yarn" => Source::Npm("yarn", "1"),
        "pnpm" => Source::Npm("pnpm", "9"),
        "bun" => Source::Npm("bun", "1"),
        "uv" => Source::Python("uv"),
        "poetry" => Source::Python("poetry"),
        "pipenv" => Source::Python("pipenv"),
        "pdm" => Source::Python("pdm"),
        _ => return None,
    })
}

/// The first number of a version: of `9.1.0`, 9.
pub(super) fn major(version: &str) -> Option<u32> {
    let digits = version.trim().trim_start_matches('v');
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

impl Source {
    /// The package manager that fetches it.
    pub(super) fn needs(self) -> &'static str {
        match self {
            Source::Npm(..) => "npm",
            Source::Python(_) => "python3",
        }
    }

    /// The line that puts the program into `$XII_TOOLS/bin`.
    pub(super) fn line(self, program: &str, version: Option<&str>, python: &str) -> String {
        match self {
            Source::Npm(package, usual) => {
                let version = version
                    .filter(|version| is_version(version))
                    .unwrap_or(usual);
                format!("npm install --global --prefix \"$XII_TOOLS\" {package}@{version}")
            }
            Source::Python(package) => format!(
                "{python} -m venv \"$XII_TOOLS/{program}\" \
                 && \"$XII_TOOLS/{program}/bin/pip\" install {package} \
                 && mkdir -p \"$XII_TOOLS/bin\" \
                 && ln -s \"$XII_TOOLS/{program}/bin/{program}\" \"$XII_TOOLS/bin/{program}\""
            ),
        }
    }
}

/// A version goes into a command line: nothing else may.
fn is_version(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '.' || letter == '-')
        && !text.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_the_app_is_taken_when_it_is_one() {
        let pnpm = source("pnpm", Some("8.15.0")).expect("it can be had");
        let line = pnpm.line("pnpm", Some("8.15.0"), "python3");
        assert!(line.ends_with("pnpm@8.15.0"), "{line}");
        let line = pnpm.line("pnpm", Some("8; rm -rf /"), "python3");
        assert!(line.ends_with("pnpm@9"), "{line}");
        assert_eq!(
            source("yarn", Some("4.1.0")),
            Some(Source::Npm("@yarnpkg/cli-dist", "4"))
        );
        assert_eq!(
            source("yarn", Some("1.22.0")),
            Some(Source::Npm("yarn", "1"))
        );
        assert_eq!(source("cargo", None), None);
        assert_eq!(major("v20.1"), Some(20));
        assert_eq!(major("x"), None);
    }
}

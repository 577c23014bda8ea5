//! What an install of Python packages brought.

use std::fs;

use super::editable::site_packages;
use super::staged::Staged;

/// What every virtual environment has from its start, or gets by a build and not by the app.
const TOOLS: [&str; 5] = ["pip", "setuptools", "wheel", "distribute", "pkg-resources"];
/// The most packages that are read.
const MOST: usize = 5_000;

impl Staged {
    /// The packages in the build's virtual environment, with their versions, by their normalised names (PEP 503); those
    /// of the app's own folder and the tools that install are left out.
    pub fn installed(&self) -> Vec<(String, String)> {
        let venv = self
            .variables
            .iter()
            .find(|(name, _)| name == "VIRTUAL_ENV");
        let Some((_, venv)) = venv else {
            return Vec::new();
        };
        let mut found: Vec<(String, String)> = site_packages(venv.as_ref())
            .into_iter()
            .flat_map(|site| fs::read_dir(site).into_iter().flatten().flatten())
            .take(MOST)
            .filter_map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                let (package, version) = name.strip_suffix(".dist-info")?.rsplit_once('-')?;
                // What was installed from a folder says so (PEP 610).
                let origin = fs::read_to_string(entry.path().join("direct_url.json"));
                let own = origin.is_ok_and(|text| text.contains("\"dir_info\""));
                let package = normalised(package);
                (!own && !TOOLS.contains(&package.as_str())).then(|| (package, version.to_owned()))
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

/// A name as all of its spellings have it (PEP 503).
pub(super) fn normalised(name: &str) -> String {
    let mut out = String::new();
    for one in name.chars() {
        match one {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.push(other.to_ascii_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_name_are_one() {
        for name in ["Flask_SQLAlchemy", "flask-sqlalchemy", "flask.-_sqlalchemy"] {
            assert_eq!(normalised(name), "flask-sqlalchemy");
        }
    }
}

//! A scenario from a file.

use std::io::Read;
use std::path::Path;

use xii_model::grammar::utf8;

use super::{Unreadable, read};
use crate::scenario::Scenario;

/// The longest file that is read, in bytes; [`read`] says so of a longer one.
const LONGEST: u64 = (4 << 20) + 1;

/// Reads a file. The files that it names are looked for in its own folder and below. `name` is what the scenario and
/// the messages call it, such as its path below the app.
///
/// # Errors
///
/// The file cannot be read, or what [`read`] says.
pub fn open(path: &Path, name: &str) -> Result<Scenario, Unreadable> {
    let unread = |error: std::io::Error| {
        Unreadable(vec![format!(
            "{name}: the scenario cannot be read: {error}"
        )])
    };
    // A pipe would be waited for without end.
    if !path.metadata().map_err(unread)?.is_file() {
        return Err(Unreadable(vec![format!("{name}: the scenario is no file")]));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unread)?;
    file.take(LONGEST).read_to_end(&mut bytes).map_err(unread)?;
    let text = utf8(&bytes).map_err(|wrong| Unreadable(vec![wrong.told(name, &bytes)]))?;
    let mut scenario = read(name, text)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    scenario.folder = Some(folder.unwrap_or(Path::new(".")).to_owned());
    Ok(scenario)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.hurl");
        std::fs::write(&path, "GET /\n").expect("written");
        let scenario = open(&path, "a.hurl").expect("a scenario");
        assert_eq!(scenario.folder.as_deref(), Some(folder.path()));
        std::fs::write(&path, b"GET /\n\xff").expect("written");
        let why = |path: &Path| open(path, "a.hurl").expect_err("none").to_string();
        assert_eq!(
            why(&path),
            "a.hurl:2:1: this byte is not UTF-8: save the file as UTF-8"
        );
        assert_eq!(why(folder.path()), "a.hurl: the scenario is no file");
        let missing = why(&folder.path().join("none"));
        assert!(
            missing.starts_with("a.hurl: the scenario cannot be read: "),
            "{missing}"
        );
    }
}

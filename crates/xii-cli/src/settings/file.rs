//! The file as a whole.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use xii_runtime::formation::Declared;
use xii_survey::document::{self, Node};

use super::check::{CheckSettings, check};
use super::faults::Faults;
use super::processes::processes;
use super::prove::prove;
use super::run::{RunSettings, run};
use crate::error::Failure;

/// The name of the file.
pub(super) const FILE: &str = "xii.toml";

/// Tables that the file may hold.
const TABLES: [&str; 6] = ["check", "config", "processes", "tasks", "run", "prove"];
/// Keys of a variable's declaration, `[config.NAME]`.
const VARIABLE: [&str; 4] = ["required", "secret", "default", "description"];

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// `[check]`.
    pub(crate) check: CheckSettings,
    /// `[processes]` and `[tasks]`.
    pub(crate) processes: Vec<Declared>,
    /// `[run]`.
    pub(crate) run: RunSettings,
    /// `[prove]`.
    pub(crate) prove: xii_probes::Settings,
}

/// Reads the settings of a folder; none when it has no xii.toml. Everything that is wrong is told at
/// once.
pub(crate) fn read(root: &Path) -> Result<Settings, Failure> {
    let path = root.join(FILE);
    let here = std::env::current_dir().unwrap_or_default();
    let shown = path.strip_prefix(here).unwrap_or(&path);
    let shown = shown.display().to_string();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Settings::default()),
        // The folder itself is the fault then, and the survey says so.
        Err(_) if fs::read_dir(root).is_err() => return Ok(Settings::default()),
        Err(error) => {
            return Err(Failure::usage(format!(
                "cannot read {shown}: {}",
                error.kind()
            )));
        }
    };
    of_text(&shown, &text).map_err(|faults| Failure::usage(faults.join("\n")))
}

/// The settings of a text, or what is wrong with it.
pub(super) fn of_text(shown: &str, text: &str) -> Result<Settings, Vec<String>> {
    let mut faults = Faults::new(shown, text);
    let settings = match document::toml(text) {
        Ok(node) => settings(&node, &mut faults),
        Err(malformed) => {
            faults.add(malformed.offset..malformed.offset, malformed.message);
            Settings::default()
        }
    };
    let told = faults.told();
    if told.is_empty() {
        Ok(settings)
    } else {
        Err(told)
    }
}

fn settings(root: &Node, faults: &mut Faults<'_>) -> Settings {
    faults.keys(root.entries(), &TABLES, "the file");
    for variable in root.get("config").map(Node::entries).unwrap_or_default() {
        faults.keys(
            variable.value.entries(),
            &VARIABLE,
            &format!("`[config.{}]`", variable.key),
        );
    }
    Settings {
        check: check(root, faults),
        processes: processes(root, faults),
        run: run(root, faults),
        prove: prove(root, faults),
    }
}

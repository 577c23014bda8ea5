//! The environment of a process, as the system shows it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use xii_runtime::platform::ProcessInfo;

use crate::engine::Run;

/// What was seen of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its id.
    pub pid: i32,
    /// Its program's file.
    pub program: PathBuf,
    /// Its working folder.
    pub folder: PathBuf,
    /// Its variables, as they were when it became its program.
    pub variables: BTreeMap<String, String>,
}

/// Programs that only start others.
const STARTERS: [&str; 7] = ["sh", "bash", "dash", "busybox", "env", "xii", "timeout"];

/// Looks at the processes of a run: what each of them was started with. Shells, and what xii puts before
/// the app, are left out. Processes that are not ours to look at, or have written over their
/// environment, too.
pub fn look(run: &Run) -> Vec<Seen> {
    run.processes().iter().filter_map(of).collect()
}

fn of(process: &ProcessInfo) -> Option<Seen> {
    let pid = process.pid;
    let program = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let folder = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    let name = program.file_name()?.to_str()?;
    // xii's own program stands before the app's until that is executed.
    let own = fs::read_link("/proc/self/exe").ok();
    if STARTERS.contains(&name) || own.as_ref() == Some(&program) {
        return None;
    }
    let bytes = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let variables: BTreeMap<String, String> = bytes
        .split(|byte| *byte == 0)
        .filter_map(|one| {
            let text = String::from_utf8_lossy(one).into_owned();
            let (name, value) = text.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect();
    // The environment of a process that is about to become another program is empty for a moment.
    variables.contains_key("PATH").then_some(Seen {
        pid,
        program,
        folder,
        variables,
    })
}

/// Those of the variables that are the app's config: of these names, without what each run has for
/// itself; the run's folder is the same in all.
pub fn config_of(seen: &Seen, run: &Run, names: &dyn Fn(&str) -> bool) -> BTreeMap<String, String> {
    let folder = run.folder.to_string_lossy();
    seen.variables
        .iter()
        .filter(|(name, _)| names(name))
        .map(|(name, value)| (name.clone(), value.replace(&*folder, "<app>")))
        .collect()
}

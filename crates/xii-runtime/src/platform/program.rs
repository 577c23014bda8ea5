//! Where programs are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where the program is: in the folders of PATH, or where a name with a slash says, seen from `folder`.
pub(crate) fn find(program: &str, path: Option<&str>, folder: &Path) -> Option<PathBuf> {
    if program.contains('/') {
        let file = folder.join(program);
        return is_program(&file).then_some(file);
    }
    path.unwrap_or("/usr/local/bin:/usr/bin:/bin")
        .split(':')
        .map(|part| folder.join(part).join(program))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file)
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// PATH, among the variables that a process is given.
pub(crate) fn path_of(environment: &[(OsString, OsString)]) -> Option<&str> {
    let path = environment.iter().find(|(name, _)| name == "PATH");
    path.and_then(|(_, value)| value.to_str())
}

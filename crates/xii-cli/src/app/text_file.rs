//! Reading files of which a user may have said where they are.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The most bytes that are read.
const LARGEST: u64 = 1 << 20;

/// The bytes of a file. `None` when nobody asked for it by name and there is none.
///
/// # Errors
/// One sentence, when it cannot be read, is larger than 1 MiB, or is no file. Who names a pipe, as a
/// shell's `<(…)` does, is believed.
pub(super) fn read(path: &Path, shown: &str, named: bool) -> Result<Option<Vec<u8>>, String> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() || (named && !metadata.is_dir()) => {}
        Ok(_) => return Err(format!("{shown} is no file: give one, or move it away")),
        Err(error) if error.kind() == ErrorKind::NotFound && !named => return Ok(None),
        Err(error) => {
            return Err(format!(
                "cannot read {shown}: {}; give the path of a file that is there",
                error.kind()
            ));
        }
    }
    let mut bytes = Vec::new();
    let done = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match done {
        Err(error) => Err(format!("cannot read {shown}: {}", error.kind())),
        Ok(_) if bytes.len() as u64 > LARGEST => {
            Err(format!("{shown} has more than 1 MiB: give the right file"))
        }
        Ok(_) => Ok(Some(bytes)),
    }
}

//! Files that a scenario names.

use std::io::Read;
use std::path::{Component, Path};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// What a file holds that lies below the scenario's folder.
///
/// # Errors
///
/// It does not lie there, cannot be read, or is too long.
pub(super) fn read(folder: Option<&Path>, name: &str) -> Result<Vec<u8>, String> {
    let Some(folder) = folder else {
        return Err(format!(
            "`{name}` cannot be read: the scenario lies in no folder"
        ));
    };
    let outside = || format!("`{name}` does not lie below the scenario's folder");
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(name).components().all(plain) {
        return Err(outside());
    }
    let unread = |error: std::io::Error| format!("`{name}` cannot be read: {error}");
    // A link may lead out of the folder.
    let root = folder.canonicalize().map_err(unread)?;
    let path = root.join(name).canonicalize().map_err(unread)?;
    if !path.starts_with(&root) {
        return Err(outside());
    }
    if !path.metadata().map_err(unread)?.is_file() {
        return Err(format!("`{name}` is no file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path).map_err(unread)?;
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("`{name}` is longer than 16 MiB"));
    }
    Ok(bytes)
}

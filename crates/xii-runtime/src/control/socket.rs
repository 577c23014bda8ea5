//! A Unix socket by a path of any length.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Longer paths do not fit into an address (`unix(7)`: 108 bytes with the final zero).
const LONGEST: usize = 103;

/// A path that is short enough: the folder by its descriptor where the path itself is too long. The
/// folder must stay open until the path was used.
fn reachable(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    if path.as_os_str().len() <= LONGEST {
        return Ok((path.to_owned(), None));
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let folder = File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
    Ok((short, Some(folder)))
}

/// Listens at a path, for this user alone. The caller holds the folder's lock, so what is there is
/// left over.
pub(crate) fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let (short, _folder) = reachable(path)?;
    let listener = UnixListener::bind(short)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Connects to a path.
pub(crate) fn connect(path: &Path) -> io::Result<UnixStream> {
    let (short, _folder) = reachable(path)?;
    UnixStream::connect(short)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_reached_and_the_socket_is_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("deep".repeat(40));
        std::fs::create_dir(&deep).expect("a folder");
        let path = deep.join("control.sock");
        let listener = listen(&path).expect("a socket");
        let _client = connect(&path).expect("a connection");
        listener.accept().expect("the same connection");
        let mode = std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        listen(&path).expect("a socket in the place of a dead one");
    }
}

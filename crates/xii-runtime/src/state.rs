//! The state folder of an app: where a running `up` keeps its control socket, its lock and its logs.
//!
//! One folder for each app folder, so that every command finds the running `up`, and what was logged
//! before, without being told. Where it lies: `$XII_STATE` when that is set; else
//! `${XDG_STATE_HOME:-$HOME/.local/state}/xii/<name>-<hash>` (XDG Base Directory Specification 0.8);
//! and where there is no home, `${TMPDIR:-/tmp}/xii-<uid>/<name>-<hash>`. The hash is of the app folder's
//! canonical path.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Bytes of the app folder's name that are kept: a socket's path may have 107 bytes in all.
const NAME: usize = 32;

/// Why an app's state folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The app's folder is not there.
    #[error("cannot open the folder {}: {source}", folder.display())]
    NoApp {
        /// The folder, as it was given.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The state folder cannot be made or read.
    #[error(
        "cannot use the state folder {}: {source}; set XII_STATE to a folder that can be written",
        folder.display()
    )]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// In a folder that everybody can write to, somebody else made the state folder.
    #[error(
        "the state folder {} is not yours alone: remove it, or set XII_STATE to a folder that is",
        folder.display()
    )]
    NotOurs {
        /// The folder.
        folder: PathBuf,
    },
}

/// The state folder of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateFolder {
    app: PathBuf,
    path: PathBuf,
    /// The folder in the temporary folder that must be ours alone.
    shared: Option<PathBuf>,
}

impl StateFolder {
    /// The state folder of the app in this folder; `lookup` reads the environment. Nothing is made.
    ///
    /// # Errors
    /// The app's folder is not there or cannot be entered, or the current folder is gone.
    pub fn of(
        app_folder: &Path,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, StateError> {
        let no_app = |source| StateError::NoApp {
            folder: app_folder.to_owned(),
            source,
        };
        let app = fs::canonicalize(app_folder).map_err(no_app)?;
        if !app.is_dir() {
            return Err(no_app(io::ErrorKind::NotADirectory.into()));
        }
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        // The specification wants relative paths ignored.
        let absolute = |name| {
            set(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        if let Some(given) = set("XII_STATE") {
            let path = std::path::absolute(&given).map_err(|source| StateError::Unusable {
                folder: given.into(),
                source,
            })?;
            return Ok(StateFolder {
                app,
                path,
                shared: None,
            });
        }
        let own = own_name(&app);
        let home = absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
        Ok(match home {
            Some(home) => StateFolder {
                path: home.join("xii").join(own),
                app,
                shared: None,
            },
            None => {
                let temporary = absolute("TMPDIR").unwrap_or_else(|| "/tmp".into());
                let user = rustix::process::geteuid().as_raw();
                let shared = temporary.join(format!("xii-{user}"));
                StateFolder {
                    path: shared.join(own),
                    app,
                    shared: Some(shared),
                }
            }
        })
    }

    /// Makes the folder and its log folder, for the user alone. That they are there is no error.
    ///
    /// # Errors
    /// They cannot be made; or the folder lies in the temporary folder and somebody else made it.
    pub fn create(&self) -> Result<(), StateError> {
        if let Some(shared) = &self.shared {
            match DirBuilder::new().mode(0o700).create(shared) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(self.unusable(error));
                }
                _ => self.ours_alone(shared)?,
            }
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(self.log())
            .map_err(|error| self.unusable(error))
    }

    /// Whether the folder is there.
    ///
    /// # Errors
    /// It cannot be read; or it lies in the temporary folder and somebody else made it.
    pub fn exists(&self) -> Result<bool, StateError> {
        match fs::metadata(&self.path) {
            Ok(_) => {
                if let Some(shared) = &self.shared {
                    self.ours_alone(shared)?;
                }
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.unusable(error)),
        }
    }

    /// The app's folder, as a canonical path.
    pub fn app(&self) -> &Path {
        &self.app
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the log's segments.
    pub fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// The control socket of a running `up`.
    pub fn socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// The file that a running `up` holds a lock on.
    pub fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// In a folder that everybody can write to, another user may have made the folder first.
    fn ours_alone(&self, shared: &Path) -> Result<(), StateError> {
        let found = fs::symlink_metadata(shared).map_err(|error| self.unusable(error))?;
        let user = rustix::process::geteuid().as_raw();
        if found.is_dir() && found.uid() == user && found.mode() & 0o077 == 0 {
            Ok(())
        } else {
            Err(StateError::NotOurs {
                folder: shared.to_owned(),
            })
        }
    }

    fn unusable(&self, source: io::Error) -> StateError {
        StateError::Unusable {
            folder: self.path.clone(),
            source,
        }
    }
}

/// The app folder's name, for people, and the beginning of its path's hash, which tells it apart.
fn own_name(app: &Path) -> String {
    let name = app.file_name().map_or_else(
        || "root".to_owned(),
        |name| {
            let plain = |byte: &u8| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' => char::from(*byte),
                _ => '-',
            };
            name.as_bytes().iter().take(NAME).map(plain).collect()
        },
    );
    let hash = Sha256::digest(app.as_os_str().as_bytes());
    let hash: String = hash
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{name}-{hash}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn of(app: &Path, variables: &[(&str, &Path)]) -> StateFolder {
        StateFolder::of(app, |name| {
            let (_, value) = variables.iter().find(|(one, _)| *one == name)?;
            Some(value.as_os_str().to_owned())
        })
        .expect("the app's folder is there")
    }

    #[test]
    fn the_nearest_variable_says_where() {
        let made = tempfile::tempdir().expect("a folder");
        let app = made.path().join("My app: ä");
        fs::create_dir(&app).expect("a folder");
        let home = Path::new("/home/ada");
        let name = of(&app, &[("HOME", home)]);
        let name = name.path().strip_prefix("/home/ada/.local/state/xii");
        let name = name.expect("it lies in the home").to_owned();
        let text = name.to_string_lossy().into_owned();
        assert!(text.starts_with("My-app-----"), "{text}");
        assert_eq!(text.rsplit_once('-').map(|(_, hash)| hash.len()), Some(12));

        let state = of(
            &app,
            &[("HOME", home), ("XDG_STATE_HOME", Path::new("/state"))],
        );
        assert_eq!(state.path(), Path::new("/state/xii").join(&name));
        // A relative one is ignored, and so is an empty one.
        let state = of(
            &app,
            &[("HOME", home), ("XDG_STATE_HOME", Path::new("state"))],
        );
        assert!(state.path().starts_with(home));
        let state = of(&app, &[("HOME", home), ("XII_STATE", Path::new(""))]);
        assert!(state.path().starts_with(home));
        let state = of(&app, &[("HOME", home), ("XII_STATE", Path::new("/here"))]);
        assert_eq!(state.log(), Path::new("/here/log"));
        assert_eq!(state.socket(), Path::new("/here/control.sock"));
        assert_eq!(state.lock(), Path::new("/here/lock"));
    }

    #[test]
    fn one_folder_has_one_state_however_it_is_named() {
        let made = tempfile::tempdir().expect("a folder");
        let app = made.path().join("app");
        fs::create_dir(&app).expect("a folder");
        std::os::unix::fs::symlink(&app, made.path().join("link")).expect("a link");
        let home = ("HOME", Path::new("/home/ada"));
        let state = of(&app, &[home]);
        assert_eq!(of(&made.path().join("link"), &[home]), state);
        assert_eq!(of(&app.join("../app/."), &[home]), state);
        assert_ne!(of(made.path(), &[home]).path(), state.path());
    }

    #[test]
    fn what_is_made_is_for_the_user_alone() {
        let made = tempfile::tempdir().expect("a folder");
        let state = of(made.path(), &[("XDG_STATE_HOME", made.path())]);
        assert!(!state.exists().expect("it can be asked"));
        state.create().expect("it is made");
        state.create().expect("and may be there already");
        assert!(state.exists().expect("it can be asked"));
        for folder in [state.path(), &state.log()] {
            let mode = fs::metadata(folder).expect("it is there").permissions();
            assert_eq!(mode.mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn without_a_home_nobody_else_can_have_made_it() {
        let made = tempfile::tempdir().expect("a folder");
        let state = of(made.path(), &[("TMPDIR", made.path())]);
        state.create().expect("it is made");
        let shared = state.path().parent().expect("a parent").to_owned();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o770)).expect("a mode");
        for refused in [state.create(), state.exists().map(drop)] {
            assert!(matches!(refused, Err(StateError::NotOurs { .. })));
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = StateFolder::of(Path::new("/no/such"), |_| None).expect_err("it is not there");
        assert!(error.to_string().contains("/no/such"), "{error}");
        let error = StateFolder::of(Path::new("/dev/null"), |_| None).expect_err("it is no folder");
        assert!(error.to_string().contains("/dev/null"), "{error}");
    }
}

use std::io;
use std::path::Path;

use xii_model::Instance;

use crate::control::{Lock, Locked};

/// The most tasks at once.
const MOST: u32 = 100;

/// The name of a task that runs, `run.1`, which no other has until this is dropped.
#[derive(Debug)]
pub struct TaskName {
    instance: Instance,
    _lock: Lock,
}

/// Why a task has no name.
#[derive(Debug, thiserror::Error)]
pub enum NoName {
    /// All are taken.
    #[error("{MOST} tasks run already: wait for one to end")]
    AllTaken,
    /// The state folder cannot be written to.
    #[error("cannot use the state folder {folder}: {error}")]
    State {
        /// The folder.
        folder: String,
        /// What the system says.
        error: io::Error,
    },
}

impl TaskName {
    /// The first name that no running task of this state folder has.
    ///
    /// # Errors
    /// When a hundred tasks run, or the folder cannot be written to.
    pub fn take(state: &Path) -> Result<Self, NoName> {
        for number in 1..=MOST {
            match Lock::take(&state.join(format!("run.{number}.lock"))) {
                Ok(lock) => {
                    return Ok(TaskName {
                        instance: Instance::new("run", number),
                        _lock: lock,
                    });
                }
                Err(Locked::Held { .. }) => {}
                Err(Locked::System(error)) => {
                    let folder = state.display().to_string();
                    return Err(NoName::State { folder, error });
                }
            }
        }
        Err(NoName::AllTaken)
    }

    /// The name.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_free_name_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let take = || TaskName::take(folder.path()).expect("a name");
        let first = take();
        let second = take();
        assert_eq!(first.instance(), &Instance::new("run", 1));
        assert_eq!(second.instance(), &Instance::new("run", 2));
        drop(first);
        assert_eq!(take().instance(), &Instance::new("run", 1));
        let nowhere = TaskName::take(Path::new("/no/such/folder"));
        assert!(matches!(nowhere, Err(NoName::State { .. })));
    }
}

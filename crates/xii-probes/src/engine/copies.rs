//! The copies of the app that its instances run in. A copy that nothing was written to is handed on: to make and to
//! remove one of an app with many dependencies takes seconds.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use xii_model::{Act, Address, Deed, Purpose};

use super::record::Record;
use crate::staging::Staged;

/// The copies of an app.
#[derive(Debug, Default)]
pub(super) struct Copies {
    spare: RefCell<Vec<PathBuf>>,
    /// What happened in which copy since it was taken.
    used: RefCell<Vec<(PathBuf, Record)>>,
}

impl Copies {
    /// A copy that nobody has and that is as it was made.
    pub(super) fn take(&self, staged: &Staged) -> io::Result<PathBuf> {
        match self.spare.borrow_mut().pop() {
            Some(copy) => Ok(copy),
            None => staged.copy(),
        }
    }

    /// An instance was started in this folder.
    pub(super) fn used(&self, folder: &Path, record: &Record) {
        self.used
            .borrow_mut()
            .push((folder.to_owned(), record.clone()));
    }

    /// Nobody needs this copy any longer, and no instance runs there. It is handed on if it is known to be as it
    /// was: without a witness, nothing is.
    pub(super) fn give_back(&self, folder: PathBuf, home: &Path, witnessed: bool) {
        let mut same = witnessed;
        self.used.borrow_mut().retain(|(used, record)| {
            let here = *used == folder;
            if here {
                let whole = record.lost().1 == 0;
                same &= whole
                    && record
                        .acts()
                        .iter()
                        .all(|(_, act)| leaves_alone(act, &folder, home));
            }
            !here
        });
        if same {
            self.spare.borrow_mut().push(folder);
        }
    }
}

/// Whether what a process did leaves nothing behind that the next instance of this folder could meet. What lies
/// elsewhere counts as well while it is there: its name may be made of the folder's.
fn leaves_alone(act: &Act, folder: &Path, home: &Path) -> bool {
    let here = |path: &str| Path::new(path).starts_with(folder);
    match &act.deed {
        Deed::Opened {
            purpose: Purpose::Read,
            ..
        } => true,
        Deed::Opened { path, .. } => {
            is_nothing(path, home) || !here(path) && !Path::new(path).exists()
        }
        Deed::Renamed { from, to } => {
            let gone = |path: &str| !here(path) && !Path::new(path).exists();
            (is_nothing(from, home) || gone(from)) && (is_nothing(to, home) || gone(to))
        }
        Deed::Removed { path } | Deed::MadeFolder { path } => !here(path) || is_nothing(path, home),
        Deed::Bound {
            address: Address::Unix(path),
        } => path.starts_with('@') || !Path::new(path).exists(),
        _ => true,
    }
}

/// Whether a file is one that changes nothing for whoever comes later: a device, compiled code, a tool's own notes.
fn is_nothing(path: &str, home: &Path) -> bool {
    let system = ["/dev/", "/proc/", "/sys/"]
        .iter()
        .any(|folder| path.starts_with(folder));
    let compiled = path.contains("/__pycache__") || path.ends_with(".pyc");
    let own = Path::new(path).strip_prefix(home).is_ok_and(|inner| {
        let first = inner.components().next();
        first.is_some_and(|first| first.as_os_str().to_string_lossy().starts_with('.'))
    });
    system || compiled || own
}

/// A copy that an instance has for itself until it has ended.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) copies: Rc<Copies>,
    pub(super) folder: PathBuf,
    pub(super) home: PathBuf,
    pub(super) witnessed: bool,
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.copies
            .give_back(std::mem::take(&mut self.folder), &self.home, self.witnessed);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use xii_model::{Event, Source, What};

    use super::*;

    fn record(deeds: &[Deed]) -> Record {
        let record = Record::default();
        for deed in deeds {
            record.push(Event {
                at: Timestamp::now(),
                source: Source::Xii,
                release: None,
                what: What::Act(Act {
                    pid: 7,
                    deed: deed.clone(),
                }),
            });
        }
        record
    }

    fn opened(path: &str, purpose: Purpose) -> Deed {
        Deed::Opened {
            path: path.to_owned(),
            purpose,
        }
    }

    /// How many copies are there to be handed on after these deeds.
    fn spare(deeds: &[Deed], witnessed: bool) -> usize {
        let copies = Copies::default();
        copies.used(Path::new("/nowhere/copy-1"), &record(deeds));
        copies.give_back(
            "/nowhere/copy-1".into(),
            Path::new("/nowhere/home"),
            witnessed,
        );
        copies.spare.borrow().len()
    }

    #[test]
    fn a_copy_that_was_only_read_is_handed_on() {
        let harmless = [
            opened("/nowhere/copy-1/app.js", Purpose::Read),
            opened("/dev/null", Purpose::Write),
            opened("/nowhere/copy-1/__pycache__/a.pyc", Purpose::Create),
            opened("/nowhere/home/.npm/_logs/a", Purpose::Create),
            opened("/nowhere/tmp/gone", Purpose::Create),
        ];
        assert_eq!(spare(&harmless, true), 1);
        assert_eq!(spare(&harmless, false), 0);
    }

    #[test]
    fn a_copy_that_was_written_to_is_not() {
        let path = || "/nowhere/copy-1/data".to_owned();
        for deed in [
            opened("/nowhere/copy-1/data/a", Purpose::Append),
            Deed::Removed { path: path() },
            Deed::MadeFolder { path: path() },
            Deed::Renamed {
                from: "/nowhere/tmp/a".to_owned(),
                to: path(),
            },
        ] {
            assert_eq!(spare(std::slice::from_ref(&deed), true), 0, "{deed}");
        }
        let kept = tempfile::NamedTempFile::new().expect("a file");
        let elsewhere = opened(
            kept.path().to_str().expect("a path in UTF-8"),
            Purpose::Create,
        );
        assert_eq!(spare(&[elsewhere], true), 0);
    }
}

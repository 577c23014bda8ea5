//! Waiting for more.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// How often it is looked where the system cannot tell.
const POLL: Duration = Duration::from_millis(200);
/// How often it is looked whether the folder is another one now.
const LOOK: Duration = Duration::from_secs(1);

/// Tells when something was written to a folder.
///
/// Where the system cannot tell, because all of its watches are taken or the file system has none, it
/// is assumed five times a second.
pub struct Watch {
    folder: PathBuf,
    bell: SyncSender<()>,
    rung: Receiver<()>,
    watcher: Option<(RecommendedWatcher, (u64, u64))>,
    /// The folder that is watched was deleted. The next one may have the same number.
    deleted: Arc<AtomicBool>,
}

impl Watch {
    /// Watches this folder, which need not be there yet. What is written from now on is told.
    pub fn new(folder: &Path) -> Self {
        // One ring is enough: whoever hears it looks at everything.
        let (bell, rung) = sync_channel(1);
        let mut watch = Watch {
            folder: folder.to_owned(),
            bell,
            rung,
            watcher: None,
            deleted: Arc::default(),
        };
        watch.look();
        watch
    }

    /// Waits until something may have been written since the last call, a second at most.
    pub fn wait(&mut self) {
        let time = if self.watcher.is_some() { LOOK } else { POLL };
        let rung = self.rung.recv_timeout(time).is_ok();
        if !rung || self.deleted.load(Ordering::Acquire) {
            self.look();
        }
    }

    /// Watches the folder that is there now.
    fn look(&mut self) {
        if self.deleted.swap(false, Ordering::AcqRel) {
            self.watcher = None;
        }
        let now = fs::metadata(&self.folder).ok();
        let now = now.map(|found| (found.dev(), found.ino()));
        if self.watcher.as_ref().map(|(_, watched)| *watched) == now {
            return;
        }
        self.watcher = now.and_then(|now| Some((self.watcher_of_folder()?, now)));
    }

    fn watcher_of_folder(&self) -> Option<RecommendedWatcher> {
        let bell = self.bell.clone();
        let (folder, deleted) = (self.folder.clone(), Arc::clone(&self.deleted));
        let heard = move |event: notify::Result<notify::Event>| {
            if let Ok(event) = &event
                && matches!(event.kind, EventKind::Remove(_))
                && event.paths.contains(&folder)
            {
                deleted.store(true, Ordering::Release);
            }
            // That files are read, as by ourselves, is nothing new.
            let nothing = event.is_ok_and(|event| match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
                EventKind::Access(_) => true,
                _ => false,
            });
            if !nothing {
                let _ = bell.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(heard).ok()?;
        watcher
            .watch(&self.folder, RecursiveMode::NonRecursive)
            .ok()?;
        Some(watcher)
    }
}

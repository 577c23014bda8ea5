//! The witness as its user holds it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::Permissions;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, eventfd};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with,
};
use tempfile::TempDir;

use super::reader::Reader;
use super::{abi, trial};
use crate::{Options, Seen, Unavailable};

/// How long the reader has to end. It takes no time, unless it waits for a page of a process that never comes.
const LAST: Duration = Duration::from_secs(2);
/// How many labels losses are counted for one by one.
const LABELS: usize = 1024;

/// Records what processes do to the system; one is enough for a process.
///
/// A thread of its own reads. Each tree that is started with [`prefix`](Witness::prefix) is told under its
/// label, and the thread calls `tell` while the process that did it waits: keep it short.
///
/// What is told of a tree is bounded: 10,000 deeds about files at once and 1,000 a second in the long run, 2,000
/// and 200 datagrams, 10,000 and 1,000 others. What is beyond that is counted in [`lost`](Witness::lost). A
/// datagram to the same address is told once a second, and not counted besides.
///
/// Who drops it has ended the processes before: the listeners are closed, and each call that would have been
/// told then fails with ENOSYS, which no program expects.
#[derive(Debug)]
pub struct Witness {
    shared: Arc<Shared>,
    stop: OwnedFd,
    /// This program, which the watched processes begin as.
    program: PathBuf,
    socket: PathBuf,
    /// The private folder of the socket, removed with it.
    _folder: TempDir,
}

/// What the reader and its owner both see.
#[derive(Debug, Default)]
pub(super) struct Shared {
    lost: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Trees that have a living process.
    trees: usize,
    lost: BTreeMap<String, u64>,
    over: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tree was handed over.
    pub(super) fn began(&self) {
        self.state().trees += 1;
    }

    /// The last process of a tree is gone.
    pub(super) fn ended(&self) {
        self.state().trees -= 1;
        self.changed.notify_all();
    }

    /// So much of a tree was not told.
    pub(super) fn lose(&self, label: &str, count: u64) {
        self.lost.fetch_add(count, Ordering::Relaxed);
        let mut state = self.state();
        if let Some(lost) = state.lost.get_mut(label) {
            *lost += count;
        } else if state.lost.len() < LABELS {
            state.lost.insert(label.to_owned(), count);
        }
    }

    /// Waits until something of the state holds; whether it did in time. Without a time it waits for ever.
    fn wait(&self, within: Option<Duration>, holds: impl Fn(&State) -> bool) -> bool {
        let end = within.and_then(|within| Instant::now().checked_add(within));
        let mut state = self.state();
        while !holds(&state) {
            state = match end {
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }
}

impl Witness {
    /// Starts the reading thread, after trying with a child whether a witness can be had at all.
    ///
    /// `tell` is called by that thread, in the order in which the processes asked; a process whose deed is being
    /// told waits meanwhile. It must not wait for that process.
    ///
    /// # Errors
    ///
    /// When this processor or kernel cannot, a container's profile forbids it, this process is itself
    /// recorded, or there is no room for a socket and a thread.
    pub fn start(tell: impl FnMut(Seen) + Send + 'static) -> Result<Witness, Unavailable> {
        if abi::INTERFACES.is_empty() {
            return Err(Unavailable::Processor);
        }
        trial::attempt()?;
        let program = env::current_exe().map_err(no("this program's path"))?;
        let (folder, socket, door) = door()?;
        let stop =
            eventfd(0, EventfdFlags::CLOEXEC).map_err(|error| no("an event")(error.into()))?;
        let theirs = stop.try_clone().map_err(no("an event"))?;
        let shared = Arc::new(Shared::default());
        let reader = Reader::new(door, theirs, Arc::clone(&shared), Box::new(tell))
            .map_err(no("its events"))?;
        let over = Arc::clone(&shared);
        thread::Builder::new()
            .name("witness".to_owned())
            .spawn(move || {
                reader.run();
                over.state().over = true;
                over.changed.notify_all();
            })
            .map_err(no("a thread"))?;
        Ok(Witness {
            shared,
            stop,
            program,
            socket,
            _folder: folder,
        })
    }

    /// The words to put before a command line, so that the process it starts and all that comes of it are told
    /// under this label: this program's path, `witnessed`, its options, and `--`. This program must call
    /// [`become_witnessed`](crate::become_witnessed) when it is started so.
    pub fn prefix(&self, label: &str, options: &Options) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![
            self.program.clone().into(),
            "witnessed".into(),
            "--socket".into(),
            self.socket.clone().into(),
            "--label".into(),
            label.into(),
        ];
        if options.reads {
            words.push("--reads".into());
        }
        if let Some(user) = options.user {
            words.push("--user".into());
            words.push(user.to_string().into());
        }
        words.push("--".into());
        words
    }

    /// How many deeds of all trees were not told, since there were too many of them, or since the process could
    /// not be told any more.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// How many deeds of the trees with this label were not told.
    pub fn lost_of(&self, label: &str) -> u64 {
        self.shared.state().lost.get(label).copied().unwrap_or(0)
    }

    /// Waits until no process of any tree lives, of those trees that were handed over: whether that was so in
    /// time. Without a time it waits for ever.
    ///
    /// A process that its parent has not waited for lives, to older kernels.
    pub fn wait(&self, within: Option<Duration>) -> bool {
        self.shared
            .wait(within, |state| state.trees == 0 || state.over)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = rustix::io::write(&self.stop, &1u64.to_ne_bytes());
        self.shared.wait(Some(LAST), |state| state.over);
    }
}

fn no(step: &'static str) -> impl Fn(io::Error) -> Unavailable {
    move |source| Unavailable::SetUp { step, source }
}

/// A socket that only this user reaches, in a folder that only this user enters.
fn door() -> Result<(TempDir, PathBuf, OwnedFd), Unavailable> {
    let failed = no("a private socket");
    // A path of a socket has no more than 107 bytes, and a temporary folder may be deep.
    let temporary = env::temp_dir();
    let short = temporary.as_os_str().len() < 80;
    let parent = if short { &temporary } else { Path::new("/tmp") };
    let folder = tempfile::Builder::new()
        .prefix("xii-witness-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(parent)
        .map_err(&failed)?;
    let path = folder.path().join("s");
    let open = || -> io::Result<OwnedFd> {
        let door = socket_with(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            None,
        )?;
        bind(&door, &SocketAddrUnix::new(&path)?)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        listen(&door, 128)?;
        Ok(door)
    };
    let door = open().map_err(&failed)?;
    Ok((folder, path, door))
}

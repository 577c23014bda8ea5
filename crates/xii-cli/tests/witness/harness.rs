//! A witness in this process, and programs that it watches through the real binary.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use xii_model::{Act, Deed};
use xii_witness::{Options, Seen, Unavailable, Witness};

use crate::workbench::{Folder, skipped};

/// What a test waits for at most.
pub(crate) const LONG: Duration = Duration::from_secs(240);

/// A witness that keeps what it is told.
pub(crate) struct Watch {
    pub(crate) witness: Witness,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Watch {
    /// Starts one; none where there can be none, which is told by the test's name.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let tell = move |one| kept.lock().expect("nobody panics with it").push(one);
        match Witness::start(tell) {
            Ok(witness) => Some(Watch { witness, seen }),
            Err(
                why @ (Unavailable::System | Unavailable::Refused { .. } | Unavailable::Watched),
            ) => {
                skipped(test, &why.to_string());
                None
            }
            Err(why) => panic!("{why}"),
        }
    }

    /// The command that starts a program under a label.
    pub(crate) fn command(&self, label: &str, options: &Options, words: &[&str]) -> Command {
        let mut prefix = self.witness.prefix(label, options);
        // The witness takes this test for the program that it belongs to.
        prefix[0] = OsString::from(env!("CARGO_BIN_EXE_xii"));
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).args(words).stdin(Stdio::null());
        command
    }

    /// Runs a program in a folder to its end, and all that came of it.
    pub(crate) fn run(&self, folder: &Path, words: &[&str]) -> Ran {
        self.run_with(folder, &Options::default(), words)
    }

    /// The same, with options.
    pub(crate) fn run_with(&self, folder: &Path, options: &Options, words: &[&str]) -> Ran {
        let before = self.seen().len();
        let mut command = self.command("web.1", options, words);
        let mut child = command.current_dir(folder).spawn().expect("it starts");
        let status = end(&mut child);
        assert!(
            self.witness.wait(Some(LONG)),
            "something lives on: {:?}",
            self.seen()
        );
        Ran {
            pid: child.id(),
            status,
            seen: self.seen().split_off(before),
        }
    }

    /// All that was told until now.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

/// Waits for the end of a child, with a limit.
pub(crate) fn end(child: &mut Child) -> ExitStatus {
    let limit = Instant::now() + LONG;
    loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            return status;
        }
        if Instant::now() > limit {
            child.kill().expect("it runs");
            panic!("process {} does not end", child.id());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A program that ran, and what it did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) pid: u32,
    pub(crate) status: ExitStatus,
    pub(crate) seen: Vec<Seen>,
}

impl Ran {
    /// The acts in order.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &Act> {
        self.seen.iter().map(|seen| &seen.act)
    }

    /// What was done, as words, by whomever.
    pub(crate) fn deeds(&self) -> Vec<String> {
        self.acts().map(|act| act.deed.to_string()).collect()
    }

    /// Whether something was done, in these words; panics with all that was done when it was not.
    pub(crate) fn has(&self, words: &str) {
        assert!(
            self.deeds().iter().any(|deed| deed == words),
            "no `{words}` in {:#?}",
            self.deeds()
        );
    }

    /// Whether nothing was done whose words hold these.
    pub(crate) fn has_none(&self, words: &str) {
        assert!(
            !self.deeds().iter().any(|deed| deed.contains(words)),
            "`{words}` in {:#?}",
            self.deeds()
        );
    }

    /// The processes whose parent this is.
    pub(crate) fn children(&self, of: u32) -> Vec<u32> {
        let born = self
            .acts()
            .filter(|act| act.deed == Deed::Born { parent: of });
        born.map(|act| act.pid).collect()
    }
}

/// The Python of this machine, without what stands before it in `PATH`; none is told by the test's name.
pub(crate) fn python(test: &str) -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let asked = Command::new("python3")
            .args(["-c", "import sys; print(sys.executable)"])
            .output();
        let said = String::from_utf8(asked.ok()?.stdout).ok()?;
        Some(said.trim().to_owned()).filter(|path| !path.is_empty())
    });
    if found.is_none() {
        skipped(test, "there is no python3");
    }
    found.as_deref()
}

/// A witness, and a folder by its real path; none where there can be none.
pub(crate) fn stage(test: &str) -> Option<(Watch, Folder, String)> {
    let watch = Watch::start(test)?;
    let folder = Folder::empty();
    let path = folder.path().canonicalize().expect("it is there");
    let path = path.to_str().expect("it is text").to_owned();
    Some((watch, folder, path))
}

//! Showing that something happens, when it takes more than a second and somebody is looking.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use xii_survey::Options;

/// Nothing is shown before this.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the number is written anew.
const STEP: Duration = Duration::from_millis(200);

/// Does the work, and meanwhile tells a terminal on standard error how many files were read.
pub(crate) fn shown<T>(work: impl FnOnce(&Options) -> T) -> T {
    let options = Options::default();
    if !io::stderr().is_terminal() {
        return work(&options);
    }
    let read = Arc::clone(&options.read);
    let (done, waiting) = mpsc::channel::<()>();
    let teller = thread::spawn(move || {
        let mut wait = PATIENCE;
        let mut told = false;
        while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            wait = STEP;
            told = true;
            let mut out = io::stderr().lock();
            let _ = write!(out, "\rxii: {} files read …", read.load(Ordering::Relaxed));
            let _ = out.flush();
        }
        if told {
            // The report stands where the number stood.
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    });
    let result = work(&options);
    drop(done);
    let _ = teller.join();
    result
}

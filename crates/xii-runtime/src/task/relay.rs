//! Carrying bytes between a task and the user.

use std::os::fd::{AsFd, OwnedFd};
use std::thread;

use rustix::io::{Errno, read, write};
use tokio::sync::oneshot;

use super::recorder::Recorder;

/// Bytes that are carried at once.
const CHUNK: usize = 64 << 10;

/// Carries all that comes out of a task to one of our streams, and a copy to the recorder. What is given
/// resolves when that is done, as an error: nobody has anything to say then.
pub(super) fn out(
    from: OwnedFd,
    to: OwnedFd,
    mut recorder: Recorder,
) -> std::io::Result<oneshot::Receiver<()>> {
    let (done, carried) = oneshot::channel();
    thread::Builder::new()
        .name("xii-out".to_owned())
        .spawn(move || {
            let _done = done;
            let mut chunk = vec![0; CHUNK];
            while let Some(length) = next(&from, &mut chunk) {
                let bytes = &chunk[..length];
                recorder.record(bytes);
                if write_all(&to, bytes).is_err() {
                    // Nobody reads: the task is to learn of it from its own pipe, as in any pipeline.
                    break;
                }
            }
        })?;
    Ok(carried)
}

/// Carries what the user types to a task's terminal. It ends with the program.
pub(super) fn typed(from: OwnedFd, to: OwnedFd) -> std::io::Result<()> {
    thread::Builder::new()
        .name("xii-in".to_owned())
        .spawn(move || {
            let mut chunk = [0; 4096];
            while let Some(length) = next(&from, &mut chunk) {
                if write_all(&to, &chunk[..length]).is_err() {
                    break;
                }
            }
        })?;
    Ok(())
}

/// What comes next; `None` at the end. A terminal whose other side is closed is at its end, too: Linux
/// says so with EIO.
fn next(from: &OwnedFd, chunk: &mut [u8]) -> Option<usize> {
    loop {
        match read(from.as_fd(), &mut *chunk) {
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => return None,
            Ok(length) => return Some(length),
        }
    }
}

fn write_all(to: &OwnedFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match write(to.as_fd(), bytes) {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Somebody who shares the terminal or pipe made it non-blocking.
            Err(Errno::AGAIN) => {
                let mut waited = [rustix::event::PollFd::new(
                    to,
                    rustix::event::PollFlags::OUT,
                )];
                let _ = rustix::event::poll(&mut waited, None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

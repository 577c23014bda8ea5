//! Ctrl-C while a run goes on.

use std::io;
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// Calls with 1, 2, … each time SIGINT or SIGTERM arrives, from now to the end of the process.
///
/// For commands: the first may stop a run so that what was measured so far is told, the second end it.
///
/// # Errors
/// When the system takes no handler or has no thread.
pub fn on_interrupt(mut told: impl FnMut(u32) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    let named = thread::Builder::new().name("xii-interrupt".to_owned());
    named.spawn(move || {
        runtime.block_on(async {
            for count in 1.. {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                told(count);
            }
        });
    })?;
    Ok(())
}

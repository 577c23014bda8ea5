//! Listening to signals and to the control socket while the app runs.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use futures_util::future::join_all;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{LocalSet, spawn_local};
use xii_model::Level;
use xii_runtime::control::{Control, serve, serve_metrics};
use xii_runtime::log::PumpHandle;
use xii_runtime::metrics::{self, Sources};
use xii_runtime::platform::release_signals;
use xii_runtime::router::RouterHandle;
use xii_runtime::supervisor::{Handle, Refusal, Target, signal_of};
use xii_runtime::watch::Change;

use super::note::note;

/// What is attended to.
pub(super) struct Attention {
    pub(super) handle: Handle,
    pub(super) socket: UnixListener,
    /// Where `/metrics` alone is served.
    pub(super) metrics: Option<TcpListener>,
    pub(super) pump: PumpHandle,
    pub(super) router: Option<RouterHandle>,
    /// Files that change, when they are watched.
    pub(super) changes: Changes,
}

/// Listens from a thread of its own, until the process ends.
///
/// # Errors
/// When the system gives no thread, or cannot tell of connections and signals.
pub(super) fn start(attention: Attention) -> io::Result<()> {
    let (begun, beginning) = mpsc::channel();
    thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime {
                Ok(runtime) => LocalSet::new().block_on(&runtime, attend(attention, &begun)),
                Err(error) => drop(begun.send(Err(error))),
            }
        })?;
    beginning
        .recv()
        .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
}

async fn attend(attention: Attention, begun: &mpsc::Sender<io::Result<()>>) {
    let (handle, pump) = (attention.handle.clone(), attention.pump.clone());
    match begin(attention) {
        Ok((signals, changes)) => {
            let _ = begun.send(Ok(()));
            if let Some(changes) = changes {
                spawn_local(restart_on(changes, handle.clone(), pump));
            }
            signals.attend(&handle).await;
        }
        Err(error) => drop(begun.send(Err(error))),
    }
}

type Changes = Option<UnboundedReceiver<Change>>;

fn begin(attention: Attention) -> io::Result<(Signals, Changes)> {
    let (counters, router) = (attention.pump.counters(), attention.router);
    let control = Rc::new(Control {
        handle: attention.handle,
        metrics: Box::new(move |status| {
            metrics::page(&Sources {
                status,
                counters: &counters,
                router: router.as_ref().map(RouterHandle::metrics).as_ref(),
            })
        }),
    });
    serve(attention.socket, Rc::clone(&control))?;
    if let Some(listener) = attention.metrics {
        serve_metrics(listener, control)?;
    }
    let signals = Signals::new()?;
    // What came before there was somebody to listen comes now.
    release_signals()?;
    Ok((signals, attention.changes))
}

/// Restarts the types that mind a change, one change after the other: what changes meanwhile comes next.
async fn restart_on(mut changes: UnboundedReceiver<Change>, handle: Handle, pump: PumpHandle) {
    while let Some(change) = changes.recv().await {
        let path = change.path.display();
        let types = change.processes.join(", ");
        note(
            &pump,
            Level::Info,
            format!("{path} has changed: restarting {types}"),
        );
        let restarts = change.processes.into_iter().map(|process| {
            let handle = handle.clone();
            async move { handle.restart(Target::Process(process)).await }
        });
        for refusal in join_all(restarts).await.into_iter().filter_map(Result::err) {
            if refusal == Refusal::Over {
                return;
            }
            note(&pump, Level::Error, refusal.to_string());
        }
    }
}

/// The signals that `up` understands.
struct Signals {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hang_up: Signal,
    first: Signal,
    second: Signal,
    /// A file may not grow (`setrlimit(2)`, RLIMIT_FSIZE): the log store begins another, and must not be
    /// killed for trying.
    _too_large: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            first: signal(SignalKind::user_defined1())?,
            second: signal(SignalKind::user_defined2())?,
            _too_large: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    /// Interrupt, quit, hang-up and terminate stop everything, an interrupt that is repeated at once.
    /// The two that users define are for the app.
    async fn attend(mut self, handle: &Handle) {
        let mut interrupts = 0;
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => {
                    interrupts += 1;
                    if interrupts > 1 {
                        handle.hurry();
                    }
                    handle.shut_down(130);
                }
                _ = self.quit.recv() => {
                    handle.shut_down(131);
                    handle.hurry();
                }
                // Asked to end, it ended: that is no failure.
                _ = self.terminate.recv() => handle.shut_down(0),
                _ = self.hang_up.recv() => handle.shut_down(129),
                _ = self.first.recv() => pass_on(handle, "SIGUSR1").await,
                _ = self.second.recv() => pass_on(handle, "SIGUSR2").await,
            }
        }
    }
}

async fn pass_on(handle: &Handle, name: &str) {
    if let Some(signal) = signal_of(name) {
        // Nothing runs: nobody is there to be told.
        let _ = handle.signal(Target::All, signal).await;
    }
}

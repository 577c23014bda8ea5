//! A sink that keeps all, and processes to write to it.

use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use xii_model::{Event, Instance, Line, Source, Stream, What};
use xii_runtime::log::pump::{Pump, PumpHandle, Settings, StreamId};
use xii_runtime::log::record::Records;
use xii_runtime::log::sink::Sink;

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Keeps every block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    blocks: Vec<Arc<Vec<u8>>>,
    records: u64,
    flushes: u64,
}

impl Sink for Kept {
    fn take(&mut self, block: &Arc<Vec<u8>>, records: u64) {
        let mut state = self.0.0.lock().expect("no test panics here");
        // A copy, so that buffers are used again while this is kept.
        state.blocks.push(Arc::new(block.to_vec()));
        state.records += records;
    }

    fn flush(&mut self) {
        self.0.0.lock().expect("no test panics here").flushes += 1;
        self.0.1.notify_all();
    }

    fn dropped(&self) -> (String, u64) {
        ("kept".to_owned(), 0)
    }
}

impl Kept {
    /// All events until now.
    pub(crate) fn events(&self) -> Vec<Event> {
        let state = self.0.0.lock().expect("no test panics here");
        let mut events = Vec::new();
        for block in &state.blocks {
            let mut records = Records::of(block);
            events.extend(
                records
                    .by_ref()
                    .map(|record| record.event().expect("an event")),
            );
            assert!(records.rest().is_empty(), "blocks hold whole records");
        }
        assert_eq!(events.len() as u64, state.records, "records are counted");
        events
    }

    /// The lines of this instance's stream.
    pub(crate) fn lines(&self, name: &str, stream: Stream) -> Vec<Line> {
        let source: Source = name.parse().expect("an instance");
        let of = |event: Event| match event.what {
            What::Line(line) if event.source == source && line.stream == stream => Some(line),
            _ => None,
        };
        self.events().into_iter().filter_map(of).collect()
    }

    /// Waits for a flush after now.
    pub(crate) fn wait_for_flush(&self) {
        let state = self.0.0.lock().expect("no test panics here");
        let before = state.flushes;
        let waited = self
            .0
            .1
            .wait_timeout_while(state, PATIENCE, |state| state.flushes == before);
        assert!(!waited.expect("no test panics here").1.timed_out());
    }
}

/// A pump whose stream is kept.
pub(crate) fn pump(secrets: &[&str]) -> (Pump, Kept) {
    pump_to(secrets, Vec::new())
}

/// A pump whose stream is kept and also brought to other sinks.
pub(crate) fn pump_to(secrets: &[&str], mut sinks: Vec<Box<dyn Sink>>) -> (Pump, Kept) {
    let kept = Kept::default();
    sinks.push(Box::new(kept.clone()));
    let pump = Pump::start(Settings {
        sinks,
        secrets: secrets.iter().map(|secret| (*secret).to_owned()).collect(),
    });
    (pump.expect("a pump"), kept)
}

/// A process whose output goes through a pump.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) streams: [StreamId; 2],
}

/// Starts a shell command as this instance.
pub(crate) fn start(handle: &PumpHandle, name: &str, script: &str) -> Process {
    start_after(handle, name, script, |_| ())
}

/// The same, with something to do between the attaching and the start.
pub(crate) fn start_after(
    handle: &PumpHandle,
    name: &str,
    script: &str,
    before: impl FnOnce(&[StreamId]),
) -> Process {
    let instance: Instance = name.parse().expect("an instance");
    let (out, out_writer) = std::io::pipe().expect("a pipe");
    let (err, err_writer) = std::io::pipe().expect("a pipe");
    let attach = |pipe: OwnedFd, stream| {
        handle.attach(pipe, instance.clone(), stream, Some("v7".to_owned()))
    };
    let streams = [
        attach(out.into(), Stream::Stdout),
        attach(err.into(), Stream::Stderr),
    ];
    before(&streams);
    let child = Command::new("sh")
        .args(["-c", script])
        .stdin(std::process::Stdio::null())
        .stdout(OwnedFd::from(out_writer))
        .stderr(OwnedFd::from(err_writer))
        .spawn()
        .expect("a shell");
    Process { child, streams }
}

impl Process {
    /// Waits for its end, and until all it wrote was handed on.
    pub(crate) fn finish(mut self, handle: &PumpHandle) {
        self.child.wait().expect("its end");
        wait(handle.detach(&self.streams)).expect("the pump runs");
    }

    /// Kills it first.
    pub(crate) fn kill(mut self, handle: &PumpHandle) {
        self.child.kill().expect("a child that was not waited for");
        self.finish(handle);
    }
}

/// Waits for what another thread promised.
pub(crate) fn wait<T>(
    mut promised: tokio::sync::oneshot::Receiver<T>,
) -> Result<T, tokio::sync::oneshot::error::RecvError> {
    let deadline = Instant::now() + PATIENCE;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout_at(deadline.into(), &mut promised)
            .await
            .expect("kept in time")
    })
}

/// The text of lines.
pub(crate) fn texts(lines: &[Line]) -> Vec<String> {
    let text = |line: &Line| String::from_utf8_lossy(&line.bytes).into_owned();
    lines.iter().map(text).collect()
}

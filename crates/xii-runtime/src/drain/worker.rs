//! A drain at work.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::address::Drain;
use super::datagram::Datagrams;
use super::file::File;
use super::http::Collector;
use super::outlet::{Outlet, Progress};
use super::queue::Queue;
use super::syslog::Format;
use super::tcp::Connection;
use crate::log::sink::Sink;

/// The pause after the first failure; each further one doubles it.
const FIRST: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(10);

/// What drains share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The app's name, as receivers are to know it.
    pub app: String,
    /// Bytes of the stream that wait at most while the other side is slow or away.
    pub queue_bytes: usize,
    /// The time for the delivery of what waits at the end of the run.
    pub end: Duration,
}

impl Settings {
    /// The usual bounds: 4 MiB, and two seconds at the end.
    pub fn new(app: impl Into<String>) -> Self {
        Settings {
            app: app.into(),
            queue_bytes: 4 << 20,
            end: Duration::from_secs(2),
        }
    }
}

/// A drain that takes the stream.
///
/// What it took is delivered in order and, where the other side breaks off, possibly twice in part; what
/// it has no room for is dropped and counted. At its end it waits for the delivery of the rest, for the
/// time that it was given.
#[derive(Debug)]
pub struct Running {
    name: String,
    queue: Arc<Queue>,
    /// Until its end was waited for.
    ended: Option<Receiver<()>>,
    end: Duration,
}

impl Drain {
    /// Starts the drain's thread. Whether there is anybody at the other side is found out there, as often
    /// as it takes.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(&self, settings: &Settings) -> io::Result<Running> {
        let format = || Format::new(&settings.app);
        let outlet: Box<dyn Outlet> = match self {
            Drain::File(path) => Box::new(File::new(path.clone())),
            Drain::SyslogTcp(peer) => Box::new(Connection::new(peer.clone(), format())),
            Drain::SyslogUdp(peer) => Box::new(Datagrams::new(peer.clone(), format())),
            Drain::Otlp(peer, path) => {
                Box::new(Collector::new(peer.clone(), path.clone(), &settings.app)?)
            }
        };
        let queue = Arc::new(Queue::new(settings.queue_bytes));
        let (alive, ended) = channel();
        let shared = Arc::clone(&queue);
        std::thread::Builder::new()
            .name("xii-drain".to_owned())
            .spawn(move || {
                work(&shared, outlet);
                drop(alive);
            })?;
        Ok(Running {
            name: format!("drain {self}"),
            queue,
            ended: Some(ended),
            end: settings.end,
        })
    }
}

impl Sink for Running {
    fn take(&mut self, block: &Arc<Vec<u8>>, records: u64) {
        self.queue.put(block, records);
    }

    fn flush(&mut self) {}

    fn end(&mut self) {
        let Some(ended) = self.ended.take() else {
            return;
        };
        self.queue.end(Instant::now() + self.end);
        // It answers by ending. One that hangs in the system is left to itself.
        if ended.recv_timeout(self.end) == Err(RecvTimeoutError::Timeout) {
            self.queue.abandon();
        }
    }

    fn dropped(&self) -> (String, u64) {
        (self.name.clone(), self.queue.dropped())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Delivers block after block, until there are no more.
fn work(queue: &Queue, mut outlet: Box<dyn Outlet>) {
    let mut pause = FIRST;
    while let Some((block, records)) = queue.next() {
        let mut progress = Progress::default();
        loop {
            let before = progress.done;
            let delivered = outlet.deliver(&block, &mut progress);
            if delivered.is_ok() || progress.done > before {
                pause = FIRST;
            }
            if delivered.is_ok() {
                break;
            }
            let time = progress.wait.take().unwrap_or(pause);
            pause = LONGEST.min(pause * 2);
            if !queue.pause(time) {
                progress.lost += records.saturating_sub(progress.done);
                break;
            }
        }
        queue.lose(progress.lost);
    }
}

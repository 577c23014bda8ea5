//! Beginning and end of the pump.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::epoll;

use super::counters::Counters;
use super::handle::PumpHandle;
use super::inbox::{Command, Inbox};
use super::mask::Mask;
use super::outlet::Outlet;
use super::streams::Streams;
use super::thread::Work;
use crate::log::sink::Sink;

/// What a pump needs.
#[derive(Default)]
pub struct Settings {
    /// Where the stream goes. Every sink is given every block, one sink after the other.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Values that are shown as `[hidden]` in lines; those with fewer than 8 bytes are not looked for.
    pub secrets: Vec<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("sinks", &self.sinks.len())
            .field("secrets", &self.secrets.len())
            .finish()
    }
}

/// Reads the output of all instances and hands it to the sinks, on a thread of its own.
#[derive(Debug)]
pub struct Pump {
    handle: PumpHandle,
    thread: Option<JoinHandle<Vec<(String, u64)>>>,
}

impl Pump {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When there are no file descriptors left for its two, or no thread can be had.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let inbox = Arc::new(Inbox::new()?);
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let wake = epoll::EventData::new_u64(0);
        epoll::add(&epoll, inbox.wake_fd(), wake, epoll::EventFlags::IN)?;
        let counters = Arc::new(Counters::default());
        let outlet = Outlet::new(settings.sinks, Arc::clone(&inbox), Arc::clone(&counters));
        let streams = Streams::new(
            epoll,
            Mask::new(&settings.secrets),
            outlet,
            Arc::clone(&counters),
            Arc::clone(&inbox),
        );
        let work = Work::new(streams, Arc::clone(&inbox));
        let thread = std::thread::Builder::new()
            .name("xii-log".to_owned())
            .spawn(move || work.run())?;
        let handle = PumpHandle {
            inbox,
            counters,
            next: Arc::default(),
        };
        Ok(Pump {
            handle,
            thread: Some(thread),
        })
    }

    /// How others speak with it.
    pub fn handle(&self) -> PumpHandle {
        self.handle.clone()
    }

    /// Reads what is in the pipes, for no longer than this, has the sinks write what they hold, and ends.
    /// Returns the name of every sink and how many lines it dropped.
    ///
    /// Sinks may take their time for their own end, each as its documentation says.
    pub fn finish(mut self, within: Duration) -> Vec<(String, u64)> {
        self.stop(within)
    }

    fn stop(&mut self, within: Duration) -> Vec<(String, u64)> {
        let Some(thread) = self.thread.take() else {
            return Vec::new();
        };
        // Refused only when it has ended already.
        let _ = self
            .handle
            .inbox
            .ask(Command::Stop(Instant::now() + within));
        thread.join().unwrap_or_default()
    }
}

impl Drop for Pump {
    /// Finishes within a second, if it was not finished.
    fn drop(&mut self) {
        self.stop(Duration::from_secs(1));
    }
}

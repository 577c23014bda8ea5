//! Learning that processes have ended.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use rustix::process::{Pid, WaitOptions, WaitStatus, wait, waitpid};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::census::Census;

/// How a process ended; `None` while it runs.
pub(crate) type Ending = Option<WaitStatus>;

/// Waits for the processes that were started, and for orphans where this process adopts them.
#[derive(Debug)]
pub(crate) struct Reaper {
    /// Every child is ours to wait for: this process is guarded and runs nothing else.
    adopts: bool,
    expected: RefCell<HashMap<i32, watch::Sender<Ending>>>,
    /// Told whenever any process has ended.
    pub(crate) ended: Notify,
    /// What else runs.
    pub(crate) census: Rc<Census>,
}

impl Reaper {
    pub(crate) fn new(adopts: bool) -> Rc<Self> {
        Rc::new(Reaper {
            adopts,
            expected: RefCell::default(),
            ended: Notify::new(),
            census: Census::new(),
        })
    }

    /// Whether orphans become this process's children, so that every end is told of.
    pub(crate) fn adopts(&self) -> bool {
        self.adopts
    }

    /// To be called right after a process was started, before anything is awaited.
    pub(crate) fn expect(&self, pid: Pid) -> watch::Receiver<Ending> {
        let (tell, told) = watch::channel(None);
        self.expected.borrow_mut().insert(pid.as_raw_pid(), tell);
        told
    }

    /// What SIGCHLD is listened to with. To be made before the first process is started.
    pub(crate) fn listen() -> io::Result<Signal> {
        signal(SignalKind::child())
    }

    /// Reaps for ever.
    pub(crate) async fn run(self: Rc<Self>, mut children: Signal) {
        loop {
            self.reap();
            if children.recv().await.is_none() {
                return;
            }
        }
    }

    fn reap(&self) {
        let mut any = false;
        if self.adopts {
            while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
                any = true;
                self.tell(pid.as_raw_pid(), status);
            }
        } else {
            // Others may have children in this process: only ours are waited for.
            let pids: Vec<i32> = self.expected.borrow().keys().copied().collect();
            for pid in pids {
                let Some(id) = Pid::from_raw(pid) else {
                    continue;
                };
                if let Ok(Some((_, status))) = waitpid(Some(id), WaitOptions::NOHANG) {
                    any = true;
                    self.tell(pid, status);
                }
            }
        }
        if any {
            self.ended.notify_waiters();
        }
    }

    fn tell(&self, pid: i32, status: WaitStatus) {
        if let Some(tell) = self.expected.borrow_mut().remove(&pid) {
            tell.send_replace(Some(status));
        }
    }
}

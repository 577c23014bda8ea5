use rustix::process::WaitStatus;

use crate::supervisor::signal_name;

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Ended {
    pub(super) fn of(status: WaitStatus) -> Self {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ended::Code(code),
            (None, Some(signal)) => Ended::Signal(signal),
            (None, None) => Ended::Code(1),
        }
    }

    /// The exit code that a shell would give: 128 and the signal's number for a signal.
    pub fn exit_code(self) -> u8 {
        let code = match self {
            Ended::Code(code) => code,
            Ended::Signal(signal) => 128 + signal,
        };
        // What a process gives is cut to these bits by the system, too.
        (code & 0xff) as u8
    }

    /// The code, when it ended by itself.
    pub fn code(self) -> Option<i32> {
        match self {
            Ended::Code(code) => Some(code),
            Ended::Signal(_) => None,
        }
    }

    /// The signal that ended it, such as `SIGKILL`.
    pub fn signal(self) -> Option<String> {
        match self {
            Ended::Code(_) => None,
            Ended::Signal(signal) => Some(signal_name(signal)),
        }
    }
}

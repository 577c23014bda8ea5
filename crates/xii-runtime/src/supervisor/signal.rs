//! Signals by name.

use rustix::process::Signal;

/// The signals that are spoken of by name.
const NAMED: [(&str, Signal); 15] = [
    ("SIGHUP", Signal::HUP),
    ("SIGINT", Signal::INT),
    ("SIGQUIT", Signal::QUIT),
    ("SIGILL", Signal::ILL),
    ("SIGABRT", Signal::ABORT),
    ("SIGFPE", Signal::FPE),
    ("SIGKILL", Signal::KILL),
    ("SIGUSR1", Signal::USR1),
    ("SIGSEGV", Signal::SEGV),
    ("SIGUSR2", Signal::USR2),
    ("SIGPIPE", Signal::PIPE),
    ("SIGALRM", Signal::ALARM),
    ("SIGTERM", Signal::TERM),
    ("SIGCONT", Signal::CONT),
    ("SIGSTOP", Signal::STOP),
];

/// `SIGTERM` of its number on this system.
pub fn signal_name(number: i32) -> String {
    NAMED
        .iter()
        .find(|(_, signal)| signal.as_raw() == number)
        .map_or_else(
            || format!("signal {number}"),
            |(name, _)| (*name).to_owned(),
        )
}

/// The signal of a name, with or without `SIG`, in any case; or of a number that has a name.
pub fn signal_of(name: &str) -> Option<Signal> {
    let upper = name.to_uppercase();
    let number = name.parse().ok();
    NAMED
        .iter()
        .find(|(known, signal)| {
            *known == upper || known[3..] == *upper || number == Some(signal.as_raw())
        })
        .map(|(_, signal)| *signal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_both_ways() {
        for name in ["SIGTERM", "term", "Term", "15"] {
            assert_eq!(signal_of(name), Some(Signal::TERM), "{name}");
        }
        assert_eq!(signal_name(9), "SIGKILL");
        assert_eq!(signal_name(64), "signal 64");
        assert_eq!(signal_of("SIGNONE"), None);
    }
}

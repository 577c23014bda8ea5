//! Names of signals.

/// The signals of Linux by their numbers (`signal(7)`), the same on x86 and ARM; from 1.
const NAMES: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// The first real-time signal, as the C library counts them: two or three below it are its own.
const REAL_TIME: u32 = 34;

/// Such as `SIGTERM`, `SIGRTMIN+1`, or `signal 99` for what is none.
pub(crate) fn name(number: u32) -> String {
    let named = usize::try_from(number)
        .ok()
        .and_then(|at| at.checked_sub(1));
    match (named.and_then(|at| NAMES.get(at)), number) {
        (Some(name), _) => (*name).to_owned(),
        (None, REAL_TIME) => "SIGRTMIN".to_owned(),
        (None, 35..=64) => format!("SIGRTMIN+{}", number - REAL_TIME),
        (None, other) => format!("signal {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_the_names_of_the_manual() {
        for (number, is) in [
            (1, "SIGHUP"),
            (9, "SIGKILL"),
            (10, "SIGUSR1"),
            (15, "SIGTERM"),
            (17, "SIGCHLD"),
            (31, "SIGSYS"),
            (34, "SIGRTMIN"),
            (36, "SIGRTMIN+2"),
            (0, "signal 0"),
            (33, "signal 33"),
            (u32::MAX, "signal 4294967295"),
        ] {
            assert_eq!(name(number), is);
        }
    }
}

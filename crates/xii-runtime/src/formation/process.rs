//! What is to run.

use std::path::PathBuf;
use std::time::Duration;

/// The process types of an app, in the order of their declaration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Formation {
    /// The types.
    pub processes: Vec<Process>,
}

impl Formation {
    /// The type of this name.
    pub fn process(&self, name: &str) -> Option<&Process> {
        self.processes.iter().find(|process| process.name == name)
    }
}

/// A process type, and how its instances are to be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// Its name, such as `web`.
    pub name: String,
    /// Its command line, for `sh`.
    pub command: String,
    /// When it runs.
    pub kind: Kind,
    /// How many instances run.
    pub count: u32,
    /// The folder that it runs in, when it is not the app's; relative to the app's.
    pub folder: Option<PathBuf>,
    /// Variables for this type alone, after all others but those that the runtime sets.
    pub environment: Vec<(String, String)>,
    /// How an instance shows that it can serve. `None`: it is ready when it was started.
    pub ready: Option<Check>,
    /// How an instance shows that it still works.
    pub live: Option<Check>,
    /// Types whose instances must be ready before this one's are started. A one-shot is ready when it
    /// has ended well.
    pub depends_on: Vec<String>,
    /// What follows the end of an instance; `None`: what `up` was told.
    pub restart: Option<Restart>,
    /// The time between SIGTERM and SIGKILL.
    pub grace: Duration,
    /// Whether its instances listen on their port, so that siblings are told its URL.
    pub listens: bool,
    /// Globs of files, relative to the app's folder, whose change restarts it under `--watch`; none:
    /// every file that git does not ignore.
    pub watch: Vec<String>,
    /// Where it is declared, such as `Procfile:2` or `package.json (scripts.start)`.
    pub origin: String,
}

impl Process {
    /// The time between SIGTERM and SIGKILL where nothing else is declared.
    pub const GRACE: Duration = Duration::from_secs(30);

    /// A type with everything that is not declared at its default.
    pub fn new(name: impl Into<String>, command: impl Into<String>) -> Self {
        let name = name.into();
        Process {
            listens: name == "web",
            name,
            command: command.into(),
            kind: Kind::Service,
            count: 1,
            folder: None,
            environment: Vec::new(),
            ready: None,
            live: None,
            depends_on: Vec::new(),
            restart: None,
            grace: Self::GRACE,
            watch: Vec::new(),
            origin: String::new(),
        }
    }
}

/// When a process type runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// From start to stop.
    #[default]
    Service,
    /// Once, at the start; that it ends is its purpose.
    Once,
    /// Whenever the clock says: a pattern of cron with optional seconds.
    Schedule(String),
    /// Only when somebody asks: `release` of a Procfile, and tasks.
    Task,
}

/// What follows when an instance has ended without being told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It is started again, however it ended.
    Always,
    /// It is started again if it failed.
    OnFailure,
    /// It stays ended, and the others run on.
    Never,
    /// Everything is stopped.
    StopAll,
}

/// How an instance is asked whether it is ready, or alive.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is asked.
    pub how: How,
    /// The time between two askings, once it is ready.
    pub every: Duration,
    /// The time that one asking may take.
    pub timeout: Duration,
    /// The time that may pass from the start to the first success. Liveness: failures do not count
    /// before either.
    pub within: Duration,
    /// How many failures in a row make it not ready, or not alive.
    pub failures: u32,
}

impl Check {
    /// A check with the usual times: every 10 s, 2 s each, 60 s until the first success, 3 failures.
    pub fn new(how: How) -> Self {
        Check {
            how,
            every: Duration::from_secs(10),
            timeout: Duration::from_secs(2),
            within: Duration::from_secs(60),
            failures: 3,
        }
    }
}

/// What is asked of an instance.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// A GET of this path on its port is answered with a status below 400.
    Http(String),
    /// Its port takes connections.
    Tcp,
    /// It has written a line that this pattern is found in.
    Line(String),
    /// This command ends with 0 in its environment and folder.
    Command(String),
    /// This much time has passed.
    Delay(Duration),
}

impl How {
    /// The pattern of the line that is waited for.
    pub(crate) fn line(&self) -> Option<&str> {
        match self {
            How::Line(pattern) => Some(pattern),
            _ => None,
        }
    }
}

//! Starting an instance.

use std::io;
use std::rc::Rc;

use regex::bytes::Regex;
use tokio::task::spawn_local;
use xii_model::{Instance, Stream, What};

use super::check::Asked;
use super::command;
use super::readiness::follow;
use super::run::Run;
use super::running::{Birth, Running};
use crate::environment::{Own, tool_folders};
use crate::formation::Process;
use crate::platform::{self, Spawn};
use crate::ports::{PortError, check_free, port_of};

/// Why an instance was not started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// Its program is not there, and trying again will not bring it.
    #[error("`{program}` was not found in PATH; install it, or mend the command ({origin})")]
    NotFound { program: String, origin: String },
    /// Its folder is not there.
    #[error("the folder {0} is gone; bring it back, then restart it")]
    NoFolder(String),
    /// There is no port for it.
    #[error("{0}")]
    NoPort(#[from] PortError),
    /// The system gave no process, pipe or port.
    #[error("it cannot be started: {0}")]
    System(io::Error),
}

impl Fault {
    /// The exit code that a shell would have given.
    pub(crate) fn code(&self) -> i32 {
        match self {
            Fault::NotFound { .. } => 127,
            Fault::NoFolder(_) | Fault::NoPort(_) | Fault::System(_) => 1,
        }
    }

    /// Whether trying again may help.
    pub(crate) fn passes(&self) -> bool {
        !matches!(self, Fault::NotFound { .. })
    }
}

impl Run {
    /// Starts an instance. Everything up to the reaper's knowing of it happens without waiting, so that
    /// no end is missed.
    pub(crate) fn launch(
        self: &Rc<Self>,
        process: &Rc<Process>,
        instance: &Instance,
    ) -> Result<Rc<Running>, Fault> {
        let settings = &self.settings;
        let folder = match &process.folder {
            Some(inner) => settings.folder.join(inner),
            None => settings.folder.clone(),
        };
        if !folder.is_dir() {
            return Err(Fault::NoFolder(folder.display().to_string()));
        }
        let port = self.port_for(process, instance)?;
        let variables = settings.environment.for_instance(&Own {
            process,
            instance,
            port,
            siblings: &self.siblings(),
            tools: &tool_folders(&[&folder, &settings.folder], &settings.environment),
        });
        let path = variables.get("PATH").and_then(|path| path.to_str());
        if let Some(program) = command::missing(&process.command, path, &folder) {
            return Err(Fault::NotFound {
                program: program.to_owned(),
                origin: process.origin.clone(),
            });
        }
        let what = Spawn {
            words: command::words(&process.command, path, &folder),
            folder: folder.clone(),
            environment: variables
                .iter()
                .map(|(name, variable)| (name.to_owned(), variable.value.clone()))
                .collect(),
        };
        let pump = self.journal.pump();
        let streams = vec![pump.reserve(), pump.reserve()];
        // Asked for before anything can be written.
        let line = match process
            .ready
            .as_ref()
            .map(|check| Regex::new(check.how.line()?).ok())
        {
            Some(Some(pattern)) => Some(pump.watch(&streams, pattern)),
            _ => None,
        };
        let spawned = platform::spawn(&what).map_err(Fault::System)?;
        let birth = Birth {
            id: self.next_id(),
            instance: instance.clone(),
            pid: spawned.pid,
            port,
            streams: streams.clone(),
        };
        let running = Running::new(birth, &self.reaper, &self.journal);
        running.say(What::Started {
            pid: spawned.pid.as_raw_pid().cast_unsigned(),
            port,
            command: process.command.clone(),
        });
        // After the event, so that no line comes before it.
        let pipes = [
            (spawned.stdout, Stream::Stdout),
            (spawned.stderr, Stream::Stderr),
        ];
        for (id, (pipe, stream)) in streams.into_iter().zip(pipes) {
            pump.attach_as(id, pipe, instance.clone(), stream, self.journal.release());
        }
        self.born(&running);
        let asked = Asked {
            port,
            folder,
            environment: what.environment,
            line,
        };
        spawn_local(follow(
            Rc::clone(self),
            Rc::clone(&running),
            Rc::clone(process),
            asked,
        ));
        Ok(running)
    }

    /// The port that an instance is given: a private one behind the router, else foreman's.
    fn port_for(&self, process: &Process, instance: &Instance) -> Result<Option<u16>, Fault> {
        if self.is_routed(process) {
            let port = self.private.borrow_mut().next_port();
            return port.map(Some).map_err(Fault::System);
        }
        let types = &self.settings.formation.processes;
        let index = types.iter().position(|one| one.name == process.name);
        let port = port_of(self.settings.base_port, index.unwrap_or(0), instance)?;
        // Only who listens minds who has the port.
        if process.listens {
            check_free(port)?;
        }
        Ok(Some(port))
    }
}

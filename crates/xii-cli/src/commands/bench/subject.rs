//! The process type that is started and stopped to be measured.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use xii_model::Instance;
use xii_runtime::StateFolder;
use xii_runtime::environment::Environment;
use xii_runtime::formation::{Check, Faulty, Formation, How, Kind, Process};

use super::asked;
use crate::app::{Wanted, load};
use crate::error::Failure;

/// Which process type, and in which environment.
#[derive(Args)]
pub(super) struct Chosen {
    /// The app's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The process type; what it depends on is started with it
    #[arg(value_name = "TYPE", default_value = "web")]
    process: String,
    /// The Procfile [default: Procfile in the folder]
    #[arg(short = 'f', long, value_name = "FILE")]
    procfile: Option<PathBuf>,
    /// A file of variables, over those of the caller [default: .env]
    #[arg(short, long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// How long a start may take until it is ready
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = asked::some_time)]
    pub(super) within: Duration,
}

/// What is started again and again.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) formation: Formation,
    pub(super) folder: PathBuf,
    pub(super) environment: Environment,
    /// The instance that is measured.
    pub(super) instance: Instance,
    pub(super) process: Process,
}

impl Subject {
    /// Reads the app. Each type that is needed runs once.
    ///
    /// # Errors
    /// Everything that is wrong with the app's files; a type that there is not; one that does not show
    /// when it is ready.
    pub(super) fn of(chosen: &Chosen) -> Result<Subject, Failure> {
        let lookup = |name: &str| std::env::var_os(name);
        let state = StateFolder::of(&chosen.path, lookup).map_err(Failure::usage)?;
        let loaded = load(Wanted {
            folder: state.app(),
            procfile: chosen.procfile.as_deref(),
            env_files: &chosen.env_file,
            variables: true,
            caller: Environment::of_caller(std::env::vars_os()),
        })?;
        let mut formation = loaded.formation;
        formation
            .select(std::slice::from_ref(&chosen.process))
            .map_err(|Faulty(faults)| Failure::usage(faults.join("\n")))?;
        for process in &mut formation.processes {
            process.count = process.count.min(1);
            if process.name == chosen.process {
                process.count = 1;
                if process.ready.is_none() && process.listens {
                    process.ready = Some(Check::new(How::Tcp));
                }
            }
        }
        let process = formation.process(&chosen.process).cloned();
        let process = process.ok_or_else(|| unready(&chosen.process, state.app()))?;
        if process.kind != Kind::Service || process.ready.is_none() {
            return Err(unready(&chosen.process, state.app()));
        }
        Ok(Subject {
            folder: state.app().to_owned(),
            environment: loaded.environment,
            instance: Instance::new(process.name.clone(), 1),
            formation,
            process,
        })
    }

    /// A base of foreman's rule that gives the measured type a port which is free now.
    pub(super) fn free_base(&self) -> Result<u16, Failure> {
        let before = self.formation.processes.iter();
        let index = before
            .take_while(|process| process.name != self.process.name)
            .count();
        let ahead = u16::try_from(100 * index).unwrap_or(u16::MAX);
        // The system gives ports from the upper half, so that the first will nearly always do.
        for _ in 0..100 {
            let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::unfinished)?;
            let port = listener.local_addr().map_err(Failure::unfinished)?.port();
            let base = port.checked_sub(ahead).filter(|base| *base >= 1024);
            // Every type's port must be one.
            let last = 100 * self.formation.processes.len();
            if let Some(base) = base.filter(|base| usize::from(*base) + last <= 65_535) {
                return Ok(base);
            }
        }
        Err(Failure::unfinished(
            "no port is free for the app: end what holds them",
        ))
    }
}

fn unready(name: &str, folder: &Path) -> Failure {
    Failure::usage(format!(
        "`{name}` does not show when it is ready: declare it in {}, such as `ready = {{ http = \"/health\" }}` below [processes.{name}]",
        folder.join("xii.toml").display()
    ))
}

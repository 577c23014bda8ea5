//! What all probes of a proof share: the app, its build, its environment, the witness, the stream.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OnceCell};
use xii_model::{App, Event, Instance, ResourceKind, Source, What};
use xii_runtime::environment::{Environment, Origin, Own, tool_folders};
use xii_runtime::formation::{Formation, Process};
use xii_runtime::log::pump::Pump;
use xii_runtime::platform::{self, Spawn};
use xii_runtime::ports::PrivatePorts;
use xii_runtime::supervisor::command;
use xii_witness::Witness;

use super::copies::Copies;
use super::leaks::Leaks;
use super::probe::CouldNotTell;
use super::ready::{Ask, Ready};
use super::record::Record;
use super::run::{self, KEY, Run};
use super::setup::Setup;
use super::stream::Runs;
use crate::Settings;
use crate::client::Client;
use crate::contract::Contract;
use crate::interposer::Interposer;
use crate::provision::{Provided, Resource};
use crate::scenario::{Nonsense, Played, Scenario};
use crate::staging::{CannotStage, Staged};

/// The instance that is only looked at and how it became ready, or why it did not.
pub(super) type Started = Result<(Rc<Run>, Ready), String>;

/// What all probes of a proof share.
#[derive(Debug)]
pub(super) struct Lab {
    /// The folder that was named: what is not tracked by git is only there.
    pub(super) source: PathBuf,
    pub(super) app: App,
    pub(super) formation: Formation,
    pub(super) settings: Settings,
    pub(super) staged: Result<Staged, CannotStage>,
    pub(super) provided: Provided,
    /// What the build did to the system.
    pub(super) build: Record,
    pub(super) witness: Result<Witness, String>,
    pub(super) pump: Pump,
    pub(super) runs: Runs,
    pub(super) leaks: Arc<Leaks>,
    pub(super) starts: Cell<u32>,
    pub(super) path: OsString,
    pub(super) caller: Vec<(OsString, OsString)>,
    pub(super) ports: RefCell<PrivatePorts>,
    /// The instance that is only looked at, once somebody has asked for it.
    pub(super) healthy: Mutex<Option<Started>>,
    /// The port that the app listens on whatever it is given: then one instance runs at a time.
    pub(super) fixed: Cell<Option<u16>>,
    /// An instance of web has answered.
    pub(super) served: Cell<bool>,
    /// The instance that is only looked at was stopped, so that another one could have its port.
    pub(super) retired: Cell<bool>,
    pub(super) nonsense: OnceCell<Option<Nonsense>>,
    pub(super) scenario: OnceCell<Scenario>,
    pub(super) health: RefCell<Option<String>>,
    pub(super) contract: OnceCell<Option<(String, Contract)>>,
    pub(super) exercised: RefCell<Rc<OnceCell<()>>>,
    pub(super) exercise_played: RefCell<Option<Played>>,
    pub(super) notes: RefCell<Vec<String>>,
    pub(super) history: RefCell<Vec<(Instance, Record)>>,
    /// The copies that instances run in.
    pub(super) copies: Rc<Copies>,
}

impl Lab {
    /// The process type that answers HTTP.
    pub(super) fn web(&self) -> Option<&Process> {
        let processes = &self.formation.processes;
        let services = || {
            processes
                .iter()
                .filter(|one| one.kind == xii_runtime::formation::Kind::Service)
        };
        services()
            .find(|one| one.name == "web")
            .or_else(|| services().find(|one| one.listens))
            .or_else(|| match services().collect::<Vec<_>>()[..] {
                [only] if self.app.serves() => Some(only),
                _ => None,
            })
    }

    /// The process types that take work from a queue.
    pub(super) fn workers(&self) -> Vec<&Process> {
        let web = self.web().map(|web| web.name.as_str());
        self.formation
            .processes
            .iter()
            .filter(|one| one.kind == xii_runtime::formation::Kind::Service)
            .filter(|one| Some(one.name.as_str()) != web && !one.listens)
            .filter(|one| {
                let name = one.name.to_ascii_lowercase();
                !["clock", "beat", "cron", "schedul"]
                    .iter()
                    .any(|word| name.contains(word))
            })
            .collect()
    }

    /// The most time that an instance is waited for.
    pub(super) fn patience(&self) -> Duration {
        (self.settings.start_within * 3).clamp(Duration::from_secs(20), Duration::from_secs(120))
    }

    /// Whether an app's resource can be reached.
    pub(super) fn standing(&self) -> impl Iterator<Item = (&Resource, SocketAddr)> {
        self.provided
            .resources
            .iter()
            .filter_map(|one| Some((one, *one.target.as_ref().ok()?)))
    }

    /// Starts an instance. It is not waited for.
    pub(super) async fn start(&self, setup: &Setup, folder: PathBuf) -> Result<Run, CouldNotTell> {
        let staged = self
            .staged
            .as_ref()
            .map_err(|why| CouldNotTell(why.to_string()))?;
        let process = match &setup.process {
            Some(name) => self.formation.process(name),
            None => self.web(),
        };
        let mut process = process
            .ok_or_else(|| CouldNotTell::because("the app has no process type that answers HTTP"))?
            .clone();
        if let Some(command) = &setup.command {
            process.command.clone_from(command);
        }
        let number = setup.number.unwrap_or(1);
        let instance = Instance::new(process.name.clone(), number);
        let key = format!("run-{}", self.starts.get() + 1);
        self.starts.set(self.starts.get() + 1);
        let record = Record::default();
        self.runs
            .add(&key, Source::Instance(instance.clone()), &record);
        self.copies.used(&folder, &record);
        self.history
            .borrow_mut()
            .push((instance.clone(), record.clone()));
        let port = match setup.port {
            Some(port) => port,
            None => self.ports.borrow_mut().next_port().map_err(|error| {
                CouldNotTell(format!("there is no free port for {instance}: {error}"))
            })?,
        };
        let interposers = self.interpose(setup, &record).await?;
        let at = |resource: &Resource| -> Option<SocketAddr> {
            let found = interposers.iter().find(|(name, _)| *name == resource.name);
            found.map(|(_, one)| one.address())
        };
        let mut variables = self.base(staged, &folder);
        for (name, value) in self.provided.environment(&at) {
            set(&mut variables, &name, value);
        }
        for name in &setup.unset {
            variables.retain(|(known, _)| known != name);
        }
        for (name, value) in &setup.set {
            set(&mut variables, name, value.clone());
        }
        set(&mut variables, KEY, key.clone());
        let inner = match &process.folder {
            Some(inner) => folder.join(inner),
            None => folder.clone(),
        };
        let caller = variables
            .into_iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let environment = Environment::of_caller(caller);
        let mut environment = environment.for_instance(&Own {
            process: &process,
            instance: &instance,
            port: Some(port),
            siblings: &[],
            tools: &tool_folders(&[&inner, &folder], &environment),
        });
        // A probe that withdraws or bends a variable means it, whoever else would set it.
        for (name, value) in &setup.set {
            environment.set(name, value, Origin::Runtime);
        }
        for name in &setup.unset {
            environment.remove(name);
        }
        let path = environment
            .get("PATH")
            .and_then(|path| path.to_str())
            .map(str::to_owned);
        let mut words = Vec::new();
        if let Ok(witness) = &self.witness {
            words = witness.prefix(
                &key,
                &xii_witness::Options {
                    reads: setup.reads,
                    user: setup.user,
                },
            );
        } else if setup.user.is_some() {
            return Err(CouldNotTell::because(
                "the app can be started as another user only under the witness, which is not to be had",
            ));
        }
        words.extend(command::words(&process.command, path.as_deref(), &inner));
        let pump = self.pump.handle();
        let streams = vec![pump.reserve(), pump.reserve()];
        let began = Instant::now();
        let spawned = platform::spawn(&Spawn {
            words,
            folder: inner,
            environment: environment
                .iter()
                .map(|(name, variable)| (name.to_owned(), variable.value.clone()))
                .collect(),
        })
        .map_err(|error| {
            CouldNotTell(format!("`{}` cannot be started: {error}", process.command))
        })?;
        let source = Source::Instance(instance.clone());
        let told = record.clone();
        let ended = run::follow(spawned.pid, began, {
            let source = source.clone();
            move |end| {
                told.say(
                    &source,
                    What::Exited {
                        code: end.code,
                        signal: end.signal.map(xii_runtime::supervisor::signal_name),
                        after_ms: u64::try_from(end.after.as_millis()).unwrap_or(u64::MAX),
                    },
                );
            }
        })
        .map_err(|error| {
            CouldNotTell(format!(
                "the end of {instance} cannot be waited for: {error}"
            ))
        })?;
        record.push(Event {
            at: jiff::Timestamp::now(),
            source,
            release: None,
            what: What::Started {
                pid: spawned.pid.as_raw_pid().cast_unsigned(),
                port: Some(port),
                command: process.command.clone(),
            },
        });
        let pipes = [
            (spawned.stdout, xii_model::Stream::Stdout),
            (spawned.stderr, xii_model::Stream::Stderr),
        ];
        for (id, (pipe, stream)) in streams.iter().zip(pipes) {
            pump.attach_as(*id, pipe, instance.clone(), stream, Some(key.clone()));
        }
        Ok(Run {
            instance,
            given_port: port,
            pid: spawned.pid,
            folder,
            record,
            began,
            grace: process.grace,
            key,
            port: Cell::new(port),
            ended,
            interposers,
            streams,
            pump,
            runs: self.runs.clone(),
            script: RefCell::new(None),
            drained: Cell::new(false),
            lent: RefCell::new(None),
        })
    }

    /// What the platform gives to every process: not what the caller happens to have.
    fn base(&self, staged: &Staged, folder: &Path) -> Vec<(String, String)> {
        let mut variables = vec![
            ("PATH".to_owned(), self.path.to_string_lossy().into_owned()),
            ("HOME".to_owned(), staged.home.display().to_string()),
            ("TMPDIR".to_owned(), staged.temporary.display().to_string()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ];
        for (name, value) in staged.variables_in(folder) {
            set(&mut variables, &name, value);
        }
        variables
    }

    /// Puts something between the instance and each resource that stands.
    async fn interpose(
        &self,
        setup: &Setup,
        record: &Record,
    ) -> Result<Vec<(String, Interposer)>, CouldNotTell> {
        let mut interposers = Vec::new();
        for (resource, target) in self.standing() {
            let swapped = setup
                .targets
                .iter()
                .find(|(name, _)| *name == resource.name);
            let target = swapped.map_or(target, |(_, target)| *target);
            let told = record.clone();
            let one = Interposer::start(&resource.name, target, move |relayed| {
                told.say(&Source::Xii, What::Relayed(relayed));
            })
            .await
            .map_err(|error| {
                CouldNotTell(format!(
                    "nothing can be put before {}: {error}",
                    resource.name
                ))
            })?;
            interposers.push((resource.name.clone(), one));
        }
        Ok(interposers)
    }

    /// Waits until an instance answers.
    pub(super) async fn ready(&self, run: &Run) -> Result<Ready, super::ready::NotReady> {
        let ask = Ask {
            path: self.health.borrow().clone(),
            mute: self.settings.start_within.max(Duration::from_secs(10)),
        };
        let ready = run.answers(&ask, self.patience()).await?;
        let web = self
            .web()
            .is_some_and(|web| web.name == run.instance.process);
        if web {
            self.served.set(true);
        }
        if web && ready.port != run.given_port {
            self.fixed.set(Some(ready.port));
        }
        Ok(ready)
    }

    /// Why nothing can stand before a server that the code talks to: no variable names it.
    pub(super) fn unnamed(&self) -> Option<String> {
        let kinds = [
            ResourceKind::Postgres,
            ResourceKind::MySql,
            ResourceKind::Redis,
            ResourceKind::Mongo,
            ResourceKind::Amqp,
            ResourceKind::Kafka,
            ResourceKind::Sql,
        ];
        let clients = &self.app.facts.resource_clients;
        let client = clients
            .iter()
            .find(|one| one.scope.is_deployed() && kinds.contains(&one.kind))?;
        Some(match client.locator.env() {
            Some(name) => format!(
                "{name} names a database or another server where the code makes a client of it ({}), and the app was run without it",
                client.at
            ),
            None => format!(
                "the code talks to {} ({} at {}), and no variable is known that names it, so nothing can stand before it",
                client.kind, client.library, client.at
            ),
        })
    }

    /// Stops the instance that is only looked at when another one is to be started of an app that has but
    /// one port: [`Lab::healthy`] starts it again when it is asked for. Returns whether it had to.
    pub(super) async fn make_room(&self, setup: &Setup) -> bool {
        let other = |name: &String| self.web().is_none_or(|web| web.name != *name);
        if self.fixed.get().is_none() || setup.process.as_ref().is_some_and(other) {
            return false;
        }
        if let Some(Ok((run, _))) = &*self.healthy.lock().await
            && !self.retired.replace(true)
        {
            run.kill().await;
        }
        true
    }

    /// A client of an instance, whose requests are told to whoever wants to know.
    pub(super) fn client(&self, run: &Run) -> Client {
        Client::new(SocketAddr::from((
            std::net::Ipv4Addr::LOCALHOST,
            run.port(),
        )))
    }
}

fn set(variables: &mut Vec<(String, String)>, name: &str, value: String) {
    match variables.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => variables.push((name.to_owned(), value)),
    }
}

//! A run from the command line to its exit code.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixListener;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use xii_model::Level;
use xii_runtime::control::{self, Client, Lock, Locked};
use xii_runtime::log::PumpHandle;
use xii_runtime::log::pump::{self, Pump};
use xii_runtime::platform;
use xii_runtime::ports::check_free;
use xii_runtime::supervisor::{Settings, Supervisor};
use xii_runtime::watch::{self, Change, Watched};

use super::attend::{self, Attention};
use super::note::note;
use super::plan::{Plan, plan};
use super::{front, sinks};
use crate::commands::up::Arguments;
use crate::error::Failure;
use crate::output;

/// How long lines that were written before the end may take to be read.
const LAST_LINES: Duration = Duration::from_secs(2);

/// When the processes of most apps have been started.
const STARTED: Duration = Duration::from_secs(1);

/// Runs the app until something ends it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // First of all: a fork takes only the calling thread along.
    let guarded = platform::guard()
        .map_err(|error| Failure::unfinished(format!("cannot watch over the app: {error}")))?;
    let plan = plan(arguments)?;
    enough_files(&plan)?;
    plan.state.create().map_err(Failure::usage)?;
    let _lock = lock(&plan)?;
    // Before any thread and any process: one of these signals must find somebody who stops the app.
    platform::hold_signals().map_err(Failure::unfinished)?;
    let socket = listen(&plan)?;
    let metrics = arguments.control_port.map(listen_for_metrics).transpose()?;
    let pump = Pump::start(pump::Settings {
        sinks: sinks::open(&plan, arguments)?,
        secrets: plan.secrets(),
    })
    .map_err(Failure::unfinished)?;
    let router = front::start(&plan, arguments, pump.handle())?;
    introduce(
        &plan,
        &pump.handle(),
        router.as_ref().map(|router| router.address()),
    );
    let changes = arguments.watch.then(|| changes(&plan)).transpose()?;
    let supervisor = Supervisor::start(Settings {
        formation: plan.formation.clone(),
        folder: plan.state.app().to_owned(),
        environment: plan.environment.clone(),
        base_port: plan.base_port,
        router: router.clone(),
        on_exit: plan.on_exit,
        backoff: plan.settings.backoff,
        release: None,
        pump: pump.handle(),
        guarded: Some(guarded),
    })
    .map_err(Failure::unfinished)?;
    let attending = attend::start(Attention {
        handle: supervisor.handle(),
        socket,
        metrics,
        pump: pump.handle(),
        router: router.clone(),
        changes,
    });
    if attending.is_err() {
        supervisor.handle().shut_down(3);
    }
    forget_start_soon();
    let code = supervisor.wait();
    drop(router);
    for (sink, lines) in pump.finish(LAST_LINES) {
        if lines > 0 {
            output::complain(&format!("{sink}: {lines} lines were dropped"));
        }
    }
    // Left behind it would only be in the way.
    let _ = std::fs::remove_file(plan.state.socket());
    attending.map_err(|error| {
        Failure::unfinished(format!(
            "cannot listen to signals and other commands: {error}"
        ))
    })?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// That there are descriptors for what is opened once. What is opened for each request or start may fail,
/// and is told of then.
fn enough_files(plan: &Plan) -> Result<(), Failure> {
    let processes = &plan.formation.processes;
    let instances: u64 = processes.iter().map(|one| u64::from(one.count)).sum();
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    // Pipes and what starts them; threads of the router; and what this command itself is made of.
    let needed = 3 * instances + if plan.routed { 4 * cores } else { 0 } + 48;
    match platform::raise_open_files() {
        Some(left) if left < needed => Err(Failure::unfinished(format!(
            "only {left} more files may be open here, and this needs {needed}: raise the limit with \
             `ulimit -n {}`",
            (2 * needed).next_multiple_of(256)
        ))),
        _ => Ok(()),
    }
}

/// The socket that other commands reach this one by.
fn listen(plan: &Plan) -> Result<UnixListener, Failure> {
    let socket = plan.state.socket();
    control::listen(&socket).map_err(|error| {
        Failure::unfinished(format!(
            "cannot listen at {}: {error}; set XII_STATE to another folder",
            socket.display()
        ))
    })
}

/// The port of loopback that metrics are collected from.
fn listen_for_metrics(port: u16) -> Result<TcpListener, Failure> {
    check_free(port).map_err(|error| Failure::usage(format!("--control-port: {error}")))?;
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| Failure::unfinished(format!("cannot listen at 127.0.0.1:{port}: {error}")))
}

/// Has the memory given back that only the start needed, once the processes run.
fn forget_start_soon() {
    let later = std::thread::Builder::new().stack_size(64 << 10);
    // Without such a thread, a little more memory is held.
    let _ = later.spawn(|| {
        std::thread::sleep(STARTED);
        platform::forget_start();
    });
}

/// Watches the app's files.
fn changes(plan: &Plan) -> Result<UnboundedReceiver<Change>, Failure> {
    let watched = Watched::of(&plan.formation).map_err(Failure::usage)?;
    watch::start(plan.state.app(), watched).map_err(|error| {
        let app = plan.state.app().display();
        Failure::unfinished(format!("cannot watch the files of {app}: {error}"))
    })
}

/// Two runs of one folder would fight over ports and logs.
fn lock(plan: &Plan) -> Result<Lock, Failure> {
    Lock::take(&plan.state.lock()).map_err(|error| match error {
        Locked::Held { pid } => {
            let app = plan.state.app().display();
            let socket = plan.state.socket();
            let who = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
            let where_ = match Client::new(&socket).status() {
                Ok(status) => status
                    .router
                    .map_or_else(String::new, |at| format!(" at http://{at}")),
                Err(_) => String::new(),
            };
            Failure::usage(format!(
                "{app} is up already{where_}{who}: see it with `xii ps`, end it with `xii stop`"
            ))
        }
        Locked::System(error) => Failure::unfinished(format!(
            "cannot lock {}: {error}",
            plan.state.lock().display()
        )),
    })
}

/// Says what is started, from where, and where to reach it.
fn introduce(plan: &Plan, pump: &PumpHandle, router: Option<std::net::SocketAddr>) {
    let note = |message: String| note(pump, Level::Info, message);
    for line in &plan.told {
        note(format!("inferred {line}"));
    }
    if let Some(address) = router {
        let scheme = if plan.settings.router.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let count = plan.formation.process("web").map_or(0, |web| web.count);
        let instances = if count == 1 { "instance" } else { "instances" };
        note(format!(
            "{scheme}://{address} leads to web, {count} {instances}"
        ));
    }
}

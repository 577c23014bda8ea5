//! `xii up`: run the app's formation in the foreground.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{LocalSet, spawn_local};
use xii_runtime::StateFolder;
use xii_runtime::control::{Control, Lock, Locked, serve};
use xii_runtime::formation::{Formation, Process, Restart};
use xii_runtime::log::pump::{self, Pump};
use xii_runtime::platform;
use xii_runtime::supervisor::{Backoff, Handle, Settings, Supervisor, Target};

use crate::error::Failure;

/// stub
#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// What follows
    #[arg(long)]
    on_exit: Option<OnExit>,
    /// port
    #[arg(long, default_value_t = 5000)]
    port: u16,
}

#[derive(Clone, Copy, ValueEnum)]
enum OnExit {
    Restart,
    Stop,
    Ignore,
}

struct Out;
impl xii_runtime::log::sink::Sink for Out {
    fn take(&mut self, block: &std::sync::Arc<Vec<u8>>, _: u64) {
        for record in xii_runtime::log::record::Records::of(block) {
            println!("{:?}", record.event());
        }
    }
    fn flush(&mut self) {}
    fn dropped(&self) -> (String, u64) {
        ("out".into(), 0)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let guarded = platform::guard().map_err(Failure::unfinished)?;
    platform::raise_open_files();
    let text = std::fs::read_to_string(arguments.path.join("Procfile")).map_err(Failure::usage)?;
    let processes = text
        .lines()
        .filter_map(|l| l.split_once(": "))
        .map(|(n, c)| Process::new(n, c))
        .collect();
    let state =
        StateFolder::of(&arguments.path, |n| std::env::var_os(n)).map_err(Failure::usage)?;
    state.create().map_err(Failure::usage)?;
    let _lock = Lock::take(&state.lock()).map_err(Failure::usage)?;
    let pump = Pump::start(pump::Settings {
        sinks: vec![Box::new(Out)],
        secrets: vec![],
    })
    .map_err(Failure::unfinished)?;
    let supervisor = Supervisor::start(Settings {
        formation: Formation { processes },
        folder: state.app().to_owned(),
        environment: xii_runtime::environment::Environment::of_caller(std::env::vars_os()),
        base_port: arguments.port,
        router: None,
        on_exit: match arguments.on_exit {
            Some(OnExit::Restart) => Restart::Always,
            Some(OnExit::Ignore) => Restart::Never,
            Some(OnExit::Stop) => Restart::StopAll,
            None if std::io::stdout().is_terminal() => Restart::StopAll,
            None => Restart::Always,
        },
        backoff: Backoff::default(),
        release: None,
        pump: pump.handle(),
        guarded: Some(guarded),
    })
    .map_err(Failure::unfinished)?;
    let handle = supervisor.handle();
    let socket = state.socket();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        LocalSet::new().block_on(&runtime, async move {
            let control = Rc::new(Control { handle: handle.clone(), metrics: Box::new(|_| String::new()) });
            serve(&socket, control).unwrap();
            let mut int = signal(SignalKind::interrupt()).unwrap();
            let mut term = signal(SignalKind::terminate()).unwrap();
            loop { tokio::select! { _ = int.recv() => handle.shut_down(130), _ = term.recv() => handle.shut_down(0) } }
        });
    });
    let code = supervisor.wait();
    pump.finish(Duration::from_secs(1));
    Ok(ExitCode::from(code as u8))
}

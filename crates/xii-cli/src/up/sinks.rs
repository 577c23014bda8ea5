//! Where the stream of events goes.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use xii_runtime::drain::{self, Drain};
use xii_runtime::log::ndjson::Ndjson;
use xii_runtime::log::render::{self, Renderer};
use xii_runtime::log::sink::Sink;
use xii_runtime::log::terminal::Terminal;
use xii_runtime::store::{self, Store};

use super::plan::Plan;
use crate::commands::up::{Arguments, Format};
use crate::error::Failure;
use crate::output;

/// The terminal, the log store and the drains.
///
/// # Errors
/// A drain that is none, all of them at once; a store that cannot be written; no thread.
pub(super) fn open(plan: &Plan, arguments: &Arguments) -> Result<Vec<Box<dyn Sink>>, Failure> {
    let drains = drains(plan, arguments)?;
    let app = plan.state.app().file_name();
    let app = app.map_or("app".into(), |name| name.to_string_lossy());
    let settings = drain::Settings::new(app);
    let log = plan.state.log();
    let size = plan.settings.log_size;
    let size = size.map_or_else(store::Settings::default, store::Settings::of_total);
    let store = Store::open(&log, size).map_err(|error| {
        let log = log.display();
        Failure::unfinished(format!(
            "cannot write the log store {log}: {error}; set XII_STATE to a folder that can be written"
        ))
    })?;
    let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(store)];
    for drain in drains {
        let running = drain.start(&settings).map_err(|error| {
            Failure::unfinished(format!("cannot start the drain {drain}: {error}"))
        })?;
        sinks.push(Box::new(running));
    }
    // Last, since it may hold things up for a moment: the others have the block by then.
    let terminal = terminal(plan, arguments).map_err(Failure::unfinished)?;
    sinks.push(Box::new(terminal));
    Ok(sinks)
}

/// Where the stream is led, by `xii.toml` and by the command line.
fn drains(plan: &Plan, arguments: &Arguments) -> Result<Vec<Drain>, Failure> {
    let (mut drains, mut wrong) = (Vec::new(), Vec::new());
    for (place, texts) in [
        ("xii.toml: [run] drains", &plan.settings.drains),
        ("--drain", &arguments.drain),
    ] {
        for (number, text) in texts.iter().enumerate() {
            match Drain::parse(text) {
                Ok(drain) => drains.push(drain),
                // The address is not repeated: there may be a secret in it.
                Err(error) => wrong.push(format!("{place}, number {}: {error}", number + 1)),
            }
        }
    }
    if wrong.is_empty() {
        Ok(drains)
    } else {
        Err(Failure::usage(wrong.join("\n")))
    }
}

fn terminal(plan: &Plan, arguments: &Arguments) -> io::Result<Terminal> {
    let stdout = io::stdout();
    let out = stdout.as_fd().try_clone_to_owned()?;
    match arguments.format {
        Format::Json => Terminal::start(out, Ndjson::default()),
        Format::Human => {
            let view = Renderer::new(render::Settings {
                color: arguments.color.for_stdout(),
                width: stdout.is_terminal().then(output::width),
                names: plan.names(),
            });
            Terminal::start(out, view)
        }
    }
}

//! `xii logs`: what the processes of an app wrote, and what happened to them.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use jiff::Zoned;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use xii_model::Level;
use xii_runtime::StateFolder;
use xii_runtime::log::ndjson::Ndjson;
use xii_runtime::log::render::{self, Renderer};
use xii_runtime::log::terminal::View;
use xii_runtime::store::{self, Filter, Kinds, ProcessName, Query, Watch};

use crate::error::Failure;
use crate::output;
use crate::output::Color;

/// Bytes that are written at once.
const BLOCK: usize = 64 << 10;
/// Records that are looked through for the names to align before they are shown.
const LOOKED_THROUGH: u64 = 1000;

/// Show what the processes of an app wrote, and what happened to them
///
/// Reads what `xii up` and `xii run` have kept, whether they still run or not. A line that shows no level
/// counts as `info`, and as `warn` when it was written to standard error.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii logs                               the last 100 lines
  xii logs -f --process web              and then what web writes, as it comes
  xii logs --since 10m --level error     what went wrong in the last ten minutes
  xii logs -n all --grep 'GET /orders'   every line in which this pattern is found
  xii logs --audit --format json         audit events, one JSON object a line")]
pub(crate) struct Arguments {
    /// The app's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Go on showing what is written, until Ctrl-C
    #[arg(short, long, conflicts_with = "until")]
    follow: bool,
    /// How many, the newest that match: a number, or `all` [default: 100, or all with --since or --until]
    #[arg(short = 'n', long, value_name = "N|all")]
    lines: Option<Count>,
    /// Only from this process type (web), instance (web.1), from `router` or `xii`; may be repeated
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    process: Vec<ProcessName>,
    /// Only of this level or above
    #[arg(long, value_enum, ignore_case = true)]
    level: Option<LevelName>,
    /// Only from this time on: 10m, 2h, 1d ago; 14:02; 2026-11-20; 2026-11-20T14:02:11Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only where this regular expression is found; (?i) at its beginning ignores case
    #[arg(long, value_name = "PATTERN")]
    grep: Option<String>,
    /// Only audit events: JSON lines that say so by "audit": true, by their type or by their logger
    #[arg(long)]
    audit: bool,
    /// Only what processes wrote, or only what xii and its router have to tell
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object a line: the event as it was recorded
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Only {
    /// What processes wrote
    Lines,
    /// What xii and its router have to tell
    Events,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelName {
    Trace,
    Debug,
    Info,
    #[value(alias = "warning")]
    Warn,
    Error,
    #[value(alias = "critical")]
    Fatal,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Trace => Level::Trace,
            LevelName::Debug => Level::Debug,
            LevelName::Info => Level::Info,
            LevelName::Warn => Level::Warn,
            LevelName::Error => Level::Error,
            LevelName::Fatal => Level::Fatal,
        }
    }
}

/// How many: `None` for all.
#[derive(Clone, Copy, Debug)]
struct Count(Option<u64>);

impl FromStr for Count {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Count(None)),
            _ => text
                .parse()
                .map(|count| Count(Some(count)))
                .map_err(|_| "give a number or `all`"),
        }
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let filter = filter(arguments)?;
    let state = StateFolder::of(&arguments.path, |name| std::env::var_os(name));
    let state = state.map_err(Failure::usage)?;
    let app = state.app().display();
    if !state.exists().map_err(Failure::usage)? {
        return Err(Failure::usage(format!(
            "nothing was ever run in {app}: start it with `xii up`"
        )));
    }
    let log = state.log();
    let cannot = |error: io::Error| cannot_read(&log, &error);
    // Before the first look, so that nothing comes between.
    let mut watch = arguments.follow.then(|| Watch::new(&log));
    if watch.is_none() && !Query::has_anything(&log).map_err(cannot)? {
        output::complain(&format!("nothing was logged in {app} yet"));
        return Ok(ExitCode::SUCCESS);
    }
    let bounded = arguments.since.is_some() || arguments.until.is_some();
    let last = match arguments.lines {
        Some(Count(count)) => count,
        None if bounded => None,
        None => Some(100),
    };
    let mut query = Query::new(&log, filter.clone(), last).map_err(cannot)?;
    let names = match last {
        Some(1..=LOOKED_THROUGH) => names(&log, &filter, last).map_err(cannot)?,
        _ => Vec::new(),
    };
    let mut printer = Printer::new(arguments, names);
    let mut going = printer.print(&mut query, &log)?;
    let nothing = printer.printed == 0 && last != Some(0);
    if going.is_continue() && watch.is_none() && nothing {
        remark_nothing(&log, &filter).map_err(cannot)?;
    }
    while let Some(watch) = &mut watch
        && going.is_continue()
    {
        watch.wait();
        if reader_is_gone() {
            break;
        }
        query.look_again().map_err(cannot)?;
        going = printer.print(&mut query, &log)?;
    }
    if going.is_continue() {
        printer.finish()?;
    }
    for segment in query.damaged() {
        output::complain(&format!(
            "{} is damaged: what follows the damage in it was left out",
            segment.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What is asked for.
fn filter(arguments: &Arguments) -> Result<Filter, Failure> {
    let now = Zoned::now();
    let mut wrong = Vec::new();
    let mut time = |flag: &str, text: &Option<String>| {
        let read = store::time(text.as_deref()?, &now);
        let read = read.map_err(|error| wrong.push(format!("{flag}: {error}")));
        let at = read.ok()?.as_nanosecond();
        // Beyond what can be told in 64 bits lies nothing.
        Some(i64::try_from(at).unwrap_or(if at < 0 { i64::MIN } else { i64::MAX }))
    };
    let since_ns = time("--since", &arguments.since);
    let until_ns = time("--until", &arguments.until);
    let grep = arguments.grep.as_deref().map(store::pattern).transpose();
    let grep = grep.unwrap_or_else(|error| {
        wrong.push(format!("--grep: {error}"));
        None
    });
    if !wrong.is_empty() {
        return Err(Failure::usage(wrong.join("\n")));
    }
    Ok(Filter {
        processes: arguments.process.clone(),
        level: arguments.level.map(Level::from),
        since_ns,
        until_ns,
        grep,
        audit: arguments.audit,
        kinds: match arguments.only {
            None => Kinds::All,
            Some(Only::Lines) => Kinds::Lines,
            Some(Only::Events) => Kinds::Events,
        },
    })
}

/// Who wrote what will be shown.
fn names(log: &Path, filter: &Filter, last: Option<u64>) -> io::Result<Vec<String>> {
    let mut names = BTreeSet::new();
    let mut query = Query::new(log, filter.clone(), last)?;
    let _ = query.read(|record| {
        if !names.contains(record.source) {
            names.insert(record.source.to_vec());
        }
        ControlFlow::<()>::Continue(())
    })?;
    let text = |name: Vec<u8>| String::from_utf8_lossy(&name).into_owned();
    Ok(names.into_iter().map(text).collect())
}

/// Says that nothing matches, and when a process is asked for that never wrote, which did.
fn remark_nothing(log: &Path, filter: &Filter) -> io::Result<()> {
    let names = if filter.processes.is_empty() {
        Default::default()
    } else {
        Query::sources(log)?
    };
    let unknown = |process: &&ProcessName| !names.iter().any(|name| process.names(name.as_bytes()));
    let unknown: Vec<_> = filter.processes.iter().filter(unknown).collect();
    match unknown.first() {
        Some(unknown) => {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            output::complain(&format!(
                "nothing was logged by `{unknown}`; there is {}",
                names.join(", ")
            ));
        }
        None => output::complain("nothing that was logged matches"),
    }
    Ok(())
}

fn cannot_read(log: &Path, error: &io::Error) -> Failure {
    Failure::unfinished(format!("cannot read the log in {}: {error}", log.display()))
}

/// Whether standard output is a pipe that nobody reads any more: what only waits would never know.
fn reader_is_gone() -> bool {
    let out = io::stdout();
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    poll(&mut asked, Some(&now)).is_ok() && asked[0].revents().contains(PollFlags::ERR)
}

/// Writes records to standard output.
struct Printer {
    view: Box<dyn View>,
    text: Vec<u8>,
    printed: u64,
}

impl Printer {
    fn new(arguments: &Arguments, names: Vec<String>) -> Self {
        let view: Box<dyn View> = match arguments.format {
            Format::Json => Box::new(Ndjson::default()),
            Format::Human => Box::new(Renderer::new(render::Settings {
                color: arguments.color.for_stdout(),
                width: io::stdout().is_terminal().then(output::width),
                names,
            })),
        };
        Printer {
            view,
            text: Vec::with_capacity(2 * BLOCK),
            printed: 0,
        }
    }

    /// Prints what the query has; to be broken off when nobody reads it.
    fn print(&mut self, query: &mut Query, log: &Path) -> Result<ControlFlow<()>, Failure> {
        let read = query.read(|record| {
            self.printed += 1;
            self.view.record(record, &mut self.text);
            if self.text.len() >= BLOCK {
                self.write()
            } else {
                ControlFlow::Continue(())
            }
        });
        let going = match read.map_err(|error| cannot_read(log, &error))? {
            ControlFlow::Break(ended) => ControlFlow::Break(ended),
            ControlFlow::Continue(()) => self.write(),
        };
        ended(going)
    }

    /// Completes a line whose rest did not come.
    fn finish(&mut self) -> Result<(), Failure> {
        self.view.finish(&mut self.text);
        ended(self.write()).map(drop)
    }

    fn write(&mut self) -> ControlFlow<io::Error> {
        let mut out = io::stdout().lock();
        let written = out.write_all(&self.text).and_then(|()| out.flush());
        self.text.clear();
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

/// A reader that closed the pipe has had enough, which is no error.
fn ended(going: ControlFlow<io::Error>) -> Result<ControlFlow<()>, Failure> {
    match going {
        ControlFlow::Continue(()) => Ok(ControlFlow::Continue(())),
        ControlFlow::Break(error) if error.kind() == ErrorKind::BrokenPipe => {
            Ok(ControlFlow::Break(()))
        }
        ControlFlow::Break(error) => Err(Failure::unfinished(format!(
            "cannot write to standard output: {error}"
        ))),
    }
}

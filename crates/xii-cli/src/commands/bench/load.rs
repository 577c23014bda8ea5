//! `xii bench load`: requests at a fixed rate or as fast as the answers come.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use xii_model::grammar::shown_duration;
use xii_runtime::load::{self, Interval, Load, Message, Pace, Report, Span, Switch, Target};
use xii_runtime::platform;

use super::{asked, figures, numbers};
use crate::error::Failure;
use crate::output::{self, Color};

/// Connections when requests are due at fixed times: enough to send most of them on time.
const OPEN_CONNECTIONS: u32 = 64;

/// Load a server of this machine, and tell latencies and every request that got no whole answer
///
/// With --rate the loop is open: requests are due at fixed times, and a latency counts from when its
/// request was due, so that a stall shows in all that it held up. Without, each connection sends its
/// next request as soon as it has its answer. A request is lost when it gets no whole answer. The run
/// waits for what is on its way, so nothing is lost because it is over; Ctrl-C ends it early with what
/// was measured.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii bench load http://localhost:5000/               10 s on 16 connections
  xii bench load :5000/ /health --rate 500 --for 1m   two paths in turn, 500 requests a second
  xii bench load http://localhost:5000/ -n 10000 -c 1 --correct
  xii bench load http://localhost:5000/items -H 'Content-Type: application/json' -d '{\"a\":1}'
  xii bench load http://staging.test/ --allow-host staging.test --rate 50

Exit codes: 0 every request got a whole answer below 500, 1 some did not, 2 wrong usage, 3 it could not run")]
pub(crate) struct Arguments {
    /// What is asked for, in turn: URLs of one server, or paths after the first. Only http
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,
    /// Open loop: so many requests a second are due, whatever the server does
    #[arg(long, short, value_name = "N", value_parser = asked::rate)]
    rate: Option<f64>,
    /// The most connections at a time [default: 16, with --rate 64]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    connections: Option<u32>,
    /// How long requests are sent, such as 30s [default: 10s]
    #[arg(long = "for", value_name = "TIME", value_parser = asked::some_time, conflicts_with = "requests")]
    time: Option<Duration>,
    /// How many requests are sent
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    requests: Option<u64>,
    /// A time before, whose requests are counted apart
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = asked::time)]
    warm_up: Duration,
    /// Threads that send
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: u32,
    /// Open a connection for every request
    #[arg(long)]
    no_keep_alive: bool,
    /// The time a request may take; counted from when it was due
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = asked::some_time)]
    timeout: Duration,
    /// The method [default: GET, with a body POST]
    #[arg(long, short = 'X', value_name = "METHOD")]
    method: Option<String>,
    /// A header field, `Name: value`; may be given several times
    #[arg(long, short = 'H', value_name = "FIELD")]
    header: Vec<String>,
    /// The body, as it is
    #[arg(long, short, value_name = "TEXT", conflicts_with = "data_file")]
    data: Option<String>,
    /// The body, from a file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    data_file: Option<PathBuf>,
    /// Closed loop: tell latencies as well as if every connection had sent one request each TIME, so
    /// that a stall counts for those that it held up [without TIME: the median latency]
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, conflicts_with = "rate", value_parser = asked::some_time)]
    correct: Option<Option<Duration>>,
    /// A host other than this machine that may be loaded; may be given several times
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// How to print what was measured
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// How to print what was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Figures and a histogram.
    #[default]
    Human,
    /// One JSON object; times in microseconds.
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let load = arguments.load()?;
    platform::raise_open_files();
    let switch = Switch::default();
    let told = switch.clone();
    load::on_interrupt(move |count| {
        told.stop();
        if count > 1 {
            std::process::exit(130);
        }
    })
    .map_err(Failure::unfinished)?;
    let report = shown(&load, &switch).map_err(|error| match error {
        load::CannotRun::System(_) => Failure::unfinished(error),
        wrong => Failure::usage(wrong),
    })?;
    output::print(&match arguments.format {
        Format::Human => figures::load(&report, arguments.color.for_stdout(), output::width()),
        Format::Json => json(&report)?,
    })?;
    let clean = report.measured.lost == 0 && report.measured.server_errors() == 0;
    Ok(ExitCode::from(u8::from(!clean)))
}

/// A value as JSON on lines of its own.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(Failure::unfinished)?;
    text.push('\n');
    Ok(text)
}

impl Arguments {
    fn load(&self) -> Result<Load, Failure> {
        // Not while the words are read: clap would repeat a wrong one, and with it a secret.
        let fields = self.header.iter().map(|text| asked::field(text));
        let fields = fields.collect::<Result<_, _>>().map_err(Failure::usage)?;
        let body = match (&self.data, &self.data_file) {
            (Some(text), _) => Some(text.clone().into_bytes()),
            (None, Some(path)) => Some(asked::body(path)?),
            (None, None) => None,
        };
        let method = match (&self.method, &body) {
            (Some(method), _) => method.clone(),
            (None, Some(_)) => "POST".to_owned(),
            (None, None) => "GET".to_owned(),
        };
        let span = match (self.time, self.requests) {
            (Some(time), _) => Span::For(time),
            (None, Some(requests)) => Span::Requests(requests),
            (None, None) => Span::For(Duration::from_secs(10)),
        };
        let target = Target::new(&self.urls, &self.allow_host).map_err(Failure::usage)?;
        let usual = Load::new(target);
        Ok(Load {
            pace: self.rate.map_or(Pace::Closed, Pace::Rate),
            connections: match (self.connections, self.rate) {
                (Some(connections), _) => connections,
                (None, Some(_)) => OPEN_CONNECTIONS,
                (None, None) => usual.connections,
            },
            threads: self.threads,
            span,
            warm_up: self.warm_up,
            keep_alive: !self.no_keep_alive,
            timeout: self.timeout,
            expected_interval: self
                .correct
                .map(|interval| interval.map_or(Interval::Median, Interval::Every)),
            message: Message {
                method,
                fields,
                body,
            },
            ..usual
        })
    }
}

/// Runs the load, and meanwhile tells a terminal on standard error how it goes.
fn shown(load: &Load, switch: &Switch) -> Result<Report, load::CannotRun> {
    if !io::stderr().is_terminal() {
        return load::run(load, switch);
    }
    let (done, waiting) = mpsc::channel::<()>();
    let watched = switch.clone();
    let all = match load.span {
        Span::For(time) => format!(" of {}", shown_duration(load.warm_up + time)),
        _ => String::new(),
    };
    let teller = thread::spawn(move || {
        let start = Instant::now();
        let mut told = false;
        let step = Duration::from_millis(500);
        while waiting.recv_timeout(step) == Err(RecvTimeoutError::Timeout) {
            told = true;
            let (answered, lost) = watched.so_far();
            let mut out = io::stderr().lock();
            let _ = write!(
                out,
                "\r\x1b[2Kxii: {} s{all}: {} answers, {} lost …",
                start.elapsed().as_secs(),
                numbers::count(answered),
                numbers::count(lost)
            );
            let _ = out.flush();
        }
        if told {
            let _ = write!(io::stderr().lock(), "\r\x1b[2K");
        }
    });
    let report = load::run(load, switch);
    drop(done);
    let _ = teller.join();
    report
}

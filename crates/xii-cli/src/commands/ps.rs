//! `xii ps`: what runs, and how it is.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use xii_model::grammar::shown_duration;
use xii_runtime::supervisor::{InstanceState, InstanceStatus, Status};

use crate::error::Failure;
use crate::output::{self, Color};
use crate::running;

/// Show the instances of a running `xii up`
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii ps                  the instances of this folder's app
  xii ps --format json    the same for programs")]
pub(crate) struct Arguments {
    /// The app's folder
    #[arg(default_value = ".")]
    path: PathBuf,
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
    /// One JSON object
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let status = running::ask(&arguments.path, |client| client.status())?;
    let text = match arguments.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&status).map_err(Failure::unfinished)?;
            format!("{json}\n")
        }
        Format::Human => table(&status, Timestamp::now(), arguments.color.for_stdout()),
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A column: its head, whether numbers stand in it, and what stands in it.
type Column = (&'static str, bool, fn(&InstanceStatus, Timestamp) -> String);

const COLUMNS: [Column; 8] = [
    ("INSTANCE", false, |one, _| one.instance.to_string()),
    ("STATE", false, |one, _| one.state.word().to_owned()),
    ("PID", true, |one, _| shown(one.pid)),
    ("PORT", true, |one, _| shown(one.port)),
    ("UP", true, |one, now| {
        one.since.map_or_else(String::new, |since| up(since, now))
    }),
    ("RESTARTS", true, |one, _| one.restarts.to_string()),
    ("CPU", true, |one, _| {
        running_only(one, cpu(one.usage.cpu_ms))
    }),
    ("MEMORY", true, |one, _| {
        running_only(one, memory(one.usage.memory))
    }),
];

fn table(status: &Status, now: Timestamp, color: bool) -> String {
    let paint = |style: Style, text: &str| {
        if color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    };
    let bold = Style::new().bold();
    let dim = Style::new().dimmed();
    let name = status
        .folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut text = format!(
        "{}  up {} · pid {}",
        paint(bold, &name),
        up(status.since, now),
        status.pid
    );
    if let Some(router) = status.router {
        let _ = write!(text, " · http://{router}");
    }
    text.push_str("\n\n");
    let rows: Vec<[String; 8]> = status
        .instances
        .iter()
        .map(|one| COLUMNS.map(|(_, _, cell)| cell(one, now)))
        .collect();
    let widths: Vec<usize> = COLUMNS
        .iter()
        .enumerate()
        .map(|(at, (head, ..))| {
            let longest = rows.iter().map(|row| row[at].chars().count()).max();
            longest.unwrap_or(0).max(head.len())
        })
        .collect();
    let line = |cells: &dyn Fn(usize) -> String| {
        let mut line = String::from(" ");
        for (at, (_, numeric, _)) in COLUMNS.iter().enumerate() {
            let (cell, width) = (cells(at), widths[at]);
            let _ = if *numeric {
                write!(line, " {cell:>width$} ")
            } else {
                write!(line, " {cell:<width$} ")
            };
        }
        line.trim_end().to_owned()
    };
    let head = line(&|at| COLUMNS[at].0.to_owned());
    text.push_str(&paint(dim, &head));
    text.push('\n');
    for (row, one) in rows.iter().zip(&status.instances) {
        let mut shown = line(&|at| row[at].clone());
        let word = one.state.word();
        if let Some(at) = shown.find(&format!(" {word}")) {
            let painted = paint(style_of(one.state), word);
            shown.replace_range(at + 1..at + 1 + word.len(), &painted);
        }
        if let Some(why) = &one.why {
            let _ = write!(shown, "  {}", paint(dim, why));
        }
        text.push_str(&shown);
        text.push('\n');
    }
    text
}

fn style_of(state: InstanceState) -> Style {
    let color = match state {
        InstanceState::Ready => AnsiColor::Green,
        InstanceState::Held | InstanceState::NotReady => AnsiColor::Red,
        InstanceState::Starting | InstanceState::BackingOff | InstanceState::Stopping => {
            AnsiColor::Yellow
        }
        InstanceState::Waiting
        | InstanceState::Stopped
        | InstanceState::Ended
        | InstanceState::Scheduled => return Style::new().dimmed(),
    };
    Style::new().fg_color(Some(color.into()))
}

fn shown(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

fn running_only(one: &InstanceStatus, text: String) -> String {
    if one.pid.is_some() {
        text
    } else {
        String::new()
    }
}

/// The time since then, in its two largest units.
fn up(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs().max(0).unsigned_abs();
    let coarse = match seconds {
        0..3600 => seconds,
        3600..86_400 => seconds / 60 * 60,
        _ => seconds / 3600 * 3600,
    };
    shown_duration(Duration::from_secs(coarse))
}

fn cpu(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1000.0)
}

fn memory(bytes: u64) -> String {
    let megabytes = bytes as f64 / 1_000_000.0;
    if megabytes < 1000.0 {
        format!("{megabytes:.1} MB")
    } else {
        format!("{:.2} GB", megabytes / 1000.0)
    }
}

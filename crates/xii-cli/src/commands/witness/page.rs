//! The record for people.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use xii_model::{Address, Deed};

use super::attend::Ended;
use super::masked::quoted;
use super::record::Record;
use super::tree::{self, Done, Process};

/// How many deeds of one process are shown.
const SHOWN: usize = 200;
/// How much of a command line is shown above a process's deeds.
const HEADING: usize = 100;
/// What everybody opens, and nobody wants to read of.
const NOISE: [&str; 3] = ["/dev/null", "/dev/tty", "/dev/ptmx"];

/// How it is shown.
pub(super) struct Page<'a> {
    /// The command line, masked.
    pub(super) command: &'a str,
    /// The folder that paths are shown relative to.
    pub(super) folder: Option<PathBuf>,
    pub(super) color: bool,
}

impl Page<'_> {
    /// The whole text.
    pub(super) fn of(&self, record: &Record, ended: &Ended) -> String {
        let (processes, bare) = tree::of(record);
        let (strong, quiet) = (
            self.style(Style::new().bold()),
            self.style(Style::new().dimmed()),
        );
        let mut text = String::new();
        let _ = writeln!(
            text,
            "\n{strong}{}{strong:#}  {}",
            cut(self.command),
            outcome(ended)
        );
        let summary = summary(&processes, bare);
        if !summary.is_empty() {
            let _ = writeln!(text, "{quiet}{summary}{quiet:#}");
        }
        // Those with more than a line stand apart.
        let mut apart = true;
        for process in &processes {
            let mut part = String::new();
            self.process(&mut part, process, ended.started);
            let long = part.lines().count() > 1;
            if apart || long {
                text.push('\n');
            }
            text.push_str(&part);
            apart = long;
        }
        if record.lost > 0 {
            let style = self.style(AnsiColor::Yellow.on_default());
            let _ = writeln!(
                text,
                "\n{style}{} more deeds were too many to be kept{style:#}",
                record.lost
            );
        }
        text
    }

    fn process(&self, text: &mut String, process: &Process, start: Timestamp) {
        let (strong, quiet) = (
            self.style(Style::new().bold()),
            self.style(Style::new().dimmed()),
        );
        let indent = "  ".repeat(process.depth);
        let after = |at: Timestamp| at.duration_since(start).as_millis().max(0);
        let words = match &process.words {
            Some(words) => cut(&quoted(words)),
            None => "(a fork)".to_owned(),
        };
        let _ = write!(
            text,
            "{indent}{quiet}{}{quiet:#} {strong}{words}{strong:#}",
            process.pid
        );
        let program = process.program();
        if let Some((path, at)) = program {
            let (path, at) = (printable(path), after(at));
            let _ = write!(text, "  {quiet}{path}, {at} ms{quiet:#}");
        }
        text.push('\n');
        let is_said = |deed: &Deed| program.is_some() && matches!(deed, Deed::Executed { .. });
        let deeds = process.deeds.iter();
        let deeds: Vec<&Done> = deeds
            .filter(|done| !is_noise(&done.deed) && !is_said(&done.deed))
            .collect();
        for done in deeds.iter().take(SHOWN) {
            let style = self.style(style_of(&done.deed));
            let _ = write!(
                text,
                "{indent}{quiet}{:>8} ms{quiet:#}  {style}{}{style:#}",
                after(done.at),
                self.words(&done.deed)
            );
            if done.times > 1 {
                let _ = write!(text, "  {quiet}×{}{quiet:#}", done.times);
            }
            text.push('\n');
        }
        if deeds.len() > SHOWN {
            let _ = writeln!(
                text,
                "{indent}{quiet}          … and {} more; `--format json` has them{quiet:#}",
                deeds.len() - SHOWN
            );
        }
    }

    /// A deed, with paths as the reader would write them.
    fn words(&self, deed: &Deed) -> String {
        let path = |path: &String| self.path(path);
        printable(&match deed {
            Deed::Executed { path, words } => format!("ran {path}: {}", cut(&quoted(words))),
            Deed::Opened { path: at, purpose } => Deed::Opened {
                path: path(at),
                purpose: *purpose,
            }
            .to_string(),
            Deed::Removed { path: at } => Deed::Removed { path: path(at) }.to_string(),
            Deed::MadeFolder { path: at } => Deed::MadeFolder { path: path(at) }.to_string(),
            Deed::Renamed { from, to } => Deed::Renamed {
                from: path(from),
                to: path(to),
            }
            .to_string(),
            other => other.to_string(),
        })
    }

    fn path(&self, path: &str) -> String {
        let folder = self.folder.as_ref().filter(|one| one.parent().is_some());
        let below = folder.and_then(|folder| std::path::Path::new(path).strip_prefix(folder).ok());
        match below {
            Some(below) if below.as_os_str().is_empty() => ".".to_owned(),
            Some(below) => format!("./{}", below.display()),
            None => path.to_owned(),
        }
    }

    fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }
}

/// A colour for what a reader looks for: the network, what is gone, and what reaches other processes.
fn style_of(deed: &Deed) -> Style {
    match deed {
        Deed::Bound { .. } | Deed::Listening { .. } | Deed::Connected { .. } => {
            AnsiColor::Cyan.on_default()
        }
        Deed::Removed { .. } | Deed::Renamed { .. } => AnsiColor::Red.on_default(),
        Deed::Opened { .. } | Deed::MadeFolder { .. } => AnsiColor::Yellow.on_default(),
        Deed::Signalled { .. } | Deed::Left { .. } => AnsiColor::Magenta.on_default(),
        Deed::Unseen { .. } => AnsiColor::Red.on_default().bold(),
        Deed::Executed { .. } | Deed::Born { .. } => Style::new(),
    }
}

fn is_noise(deed: &Deed) -> bool {
    matches!(deed, Deed::Opened { path, .. } if NOISE.contains(&path.as_str()))
}

fn outcome(ended: &Ended) -> String {
    let how = match ended.status.terminating_signal() {
        Some(signal) => format!("ended by {}", xii_runtime::supervisor::signal_name(signal)),
        None => format!("exit code {}", ended.code()),
    };
    format!("{how} after {} ms", ended.after.as_millis())
}

/// How much of what, in one line.
fn summary(processes: &[Process], bare: usize) -> String {
    let (mut programs, mut written, mut ears) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut gone, mut peers) = (BTreeSet::new(), BTreeSet::new());
    for deed in processes
        .iter()
        .flat_map(|one| &one.deeds)
        .map(|done| &done.deed)
    {
        match deed {
            Deed::Executed { path, .. } => drop(programs.insert(path)),
            Deed::Opened {
                purpose: xii_model::Purpose::Read,
                ..
            } => {}
            Deed::Opened { path, .. } if !is_noise(deed) => drop(written.insert(path)),
            Deed::Removed { path } => drop(gone.insert(path)),
            Deed::Listening { address } => drop(ears.insert(address)),
            Deed::Connected {
                address: address @ (Address::Tcp(_) | Address::Udp(_)),
            } => {
                peers.insert(address);
            }
            _ => {}
        }
    }
    let count = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    };
    let mut parts: Vec<String> = [
        count(processes.len() + bare, "process", "processes"),
        count(programs.len(), "program", "programs"),
        count(written.len(), "file written", "files written"),
        count(gone.len(), "removed", "removed"),
        count(
            peers.len(),
            "address connected to",
            "addresses connected to",
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    parts.extend(ears.iter().map(|address| format!("listens on {address}")));
    parts.join(", ")
}

/// A line that is not too long for a heading.
fn cut(line: &str) -> String {
    let line = printable(line);
    if line.chars().count() <= HEADING {
        return line;
    }
    let mut short: String = line.chars().take(HEADING - 1).collect();
    short.push('…');
    short
}

/// Without what would move a terminal's cursor or colour it.
fn printable(text: &str) -> String {
    let printed = |letter: char| match letter {
        '\n' | '\t' | '\r' => ' ',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(printed).collect()
}

//! One record after the other.

use jiff::tz::TimeZone;
use xii_model::{Level, Stream, What};

use super::clock::Clock;
use super::colour::{self, DIM, Names};
use super::json::Said;
use super::paint::Paint;
use super::{text, words};
use crate::log::record::{Body, Record};

/// Names are aligned to the longest, but not to one that is longer than this.
const WIDEST: usize = 24;
/// A terminal with fewer columns is spared the time.
const NARROW: usize = 60;
/// So many instances are remembered with the begin of their lines.
const HEADS: usize = 64;

/// How the stream is to be shown.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// With colours.
    pub color: bool,
    /// The columns of the terminal; `None` when the output is none. For a terminal, control characters in
    /// lines are left out, but for colours; anything else is given lines as they were written. Lines are
    /// never cut.
    pub width: Option<usize>,
    /// Names to align, such as `web.1`. Others are aligned from their first line on.
    pub names: Vec<String>,
}

/// Shows records as text, one line each: `14:02:11 web.1    | text`, and `*` in place of `|` for what
/// happened to the process.
///
/// Times are of the local time zone. When the day changes, and at first when it is not today, a line
/// tells the day. What a logger wrote as JSON is shown as level, message and fields, without its own
/// time; its stack traces are shown below. A line that came in several pieces is shown as one, unless
/// another line came in between. What a progress bar overwrote is left out on a terminal.
#[derive(Debug)]
pub struct Renderer {
    paint: Paint,
    clock: Clock,
    timed: bool,
    names: Names,
    width: usize,
    heads: Vec<Head>,
    /// Whose line was begun and is not at its end.
    open: Option<(Vec<u8>, Stream)>,
}

/// The begin of an instance's lines, after the time.
#[derive(Debug)]
struct Head {
    source: Vec<u8>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    event: Vec<u8>,
}

impl Renderer {
    /// Shows in the time zone of the system.
    pub fn new(settings: Settings) -> Self {
        Self::in_zone(settings, TimeZone::system())
    }

    /// Shows in this time zone.
    pub fn in_zone(settings: Settings, zone: TimeZone) -> Self {
        let mut renderer = Renderer {
            paint: Paint {
                colour: settings.color,
                terminal: settings.width.is_some(),
            },
            clock: Clock::new(zone),
            timed: settings.width.is_none_or(|width| width >= NARROW),
            names: Names::default(),
            width: "router".len(),
            heads: Vec::new(),
            open: None,
        };
        for name in &settings.names {
            renderer.widen(name.as_bytes());
            renderer.names.of(name.as_bytes());
        }
        renderer
    }

    /// Appends a record.
    pub fn record(&mut self, record: &Record<'_>, to: &mut Vec<u8>) {
        match record.body {
            Body::Line {
                stream,
                continues,
                level,
                bytes,
                ..
            } => self.line(record, stream, level, bytes, continues, to),
            Body::Other(json) => {
                self.finish(to);
                // What another version wrote may be unknown here: then it is shown as it is.
                match serde_json::from_slice::<What>(json) {
                    Ok(what) => {
                        self.begin(record, |head| &head.event, to);
                        words::push(&what, self.paint, &mut self.names, to);
                    }
                    Err(_) => {
                        self.begin(record, |head| &head.event, to);
                        text::push(json, self.paint.strict(), to);
                    }
                }
                to.push(b'\n');
            }
        }
    }

    /// Ends a line that waits for its next piece, if there is one: before something else is written, and
    /// at the end.
    pub fn finish(&mut self, to: &mut Vec<u8>) {
        if self.open.take().is_some() {
            to.push(b'\n');
        }
    }

    /// Appends that lines were not shown because the terminal did not take them.
    pub fn not_shown(&mut self, lines: u64, to: &mut Vec<u8>) {
        self.finish(to);
        to.extend_from_slice(b"xii: ");
        let words = words::not_shown(lines);
        self.paint.push(to, colour::WARN, words);
        to.push(b'\n');
    }

    fn line(
        &mut self,
        record: &Record<'_>,
        stream: Stream,
        level: Option<Level>,
        bytes: &[u8],
        continues: bool,
        to: &mut Vec<u8>,
    ) {
        let paint = self.paint;
        let rest =
            matches!(&self.open, Some((source, of)) if source == record.source && *of == stream);
        if !rest {
            self.finish(to);
            let start = to.len();
            self.begin(
                record,
                |head| match stream {
                    Stream::Stdout => &head.stdout,
                    Stream::Stderr => &head.stderr,
                },
                to,
            );
            let said = match bytes.trim_ascii_start().first() {
                Some(b'{') if !continues => Said::of(bytes, level),
                _ => None,
            };
            if let Some(said) = said {
                // After the line that tells the day, if there is one.
                let start = memchr::memrchr(b'\n', &to[start..]).map_or(start, |at| start + at + 1);
                let prefix = to[start..].to_vec();
                said.push(level, paint, &prefix, to);
                to.push(b'\n');
                return;
            }
        }
        // What brings its own colours is not painted over.
        let own = memchr::memchr(b'\x1b', bytes).is_some();
        let colour = colour::line(level).filter(|_| !own);
        paint.begin(to, colour);
        let coloured = text::push(bytes, paint.keep(), to);
        paint.end(to, colour.is_some() || coloured);
        if continues {
            if !rest {
                self.open = Some((record.source.to_vec(), stream));
            }
        } else {
            self.open = None;
            to.push(b'\n');
        }
    }

    /// Appends what stands before the text.
    fn begin(&mut self, record: &Record<'_>, which: impl Fn(&Head) -> &Vec<u8>, to: &mut Vec<u8>) {
        if let Some(day) = self.clock.day(record.at_ns) {
            let day = day.strftime("%A, %-d %B %Y").to_string();
            self.paint.push(to, DIM, format!("--- {day} ---"));
            to.push(b'\n');
        }
        if self.timed {
            self.paint.push(to, DIM, self.clock.time());
            to.push(b' ');
        }
        let at = match self
            .heads
            .iter()
            .position(|head| head.source == record.source)
        {
            Some(at) => at,
            None => self.remember(record.source),
        };
        to.extend_from_slice(which(&self.heads[at]));
    }

    /// Makes the begin of this instance's lines.
    fn remember(&mut self, source: &[u8]) -> usize {
        self.widen(source);
        if self.heads.len() == HEADS {
            self.heads.clear();
        }
        let mut name = Vec::new();
        let mut shown = Vec::new();
        text::push(source, self.paint.strict(), &mut shown);
        self.paint.push(&mut name, self.names.of(source), &shown);
        name.resize(
            name.len() + self.width.saturating_sub(source.len()) + 1,
            b' ',
        );
        let with = |colour: &str, mark: &str| {
            let mut head = name.clone();
            self.paint.push(&mut head, colour, mark);
            head.push(b' ');
            head
        };
        self.heads.push(Head {
            source: source.to_vec(),
            stdout: with(DIM, "|"),
            stderr: with("\x1b[2;31m", "|"),
            // Requests are many, and only what is wrong with them stands out.
            event: with(
                if source == b"router" {
                    DIM
                } else {
                    colour::BOLD
                },
                "*",
            ),
        });
        self.heads.len() - 1
    }

    fn widen(&mut self, source: &[u8]) {
        if source.len() > self.width && self.width < WIDEST {
            self.width = source.len().min(WIDEST);
            self.heads.clear();
        }
    }
}

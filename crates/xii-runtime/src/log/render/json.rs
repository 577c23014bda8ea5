//! JSON lines of loggers, as people read them.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use xii_model::Level;

use super::colour;
use super::paint::Paint;
use super::text::{self, Keep};
use crate::log::json::Members;
use crate::log::level::is_level_name;

/// Lines of stack traces and messages that are shown below the first. A record of 64 KiB could hold tens
/// of thousands of empty ones.
const BELOW: usize = 200;

/// What a logger said.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    message: Option<Cow<'a, str>>,
    fields: Vec<(Cow<'a, str>, &'a str)>,
    /// Stack traces: strings of several lines that are shown below.
    stacks: Vec<Cow<'a, str>>,
}

impl<'a> Said<'a> {
    /// What this line says, when it is an object with a message, or at least with a level.
    pub(super) fn of(line: &'a [u8], level: Option<Level>) -> Option<Self> {
        let line = line.trim_ascii();
        if line.first() != Some(&b'{') || line.last() != Some(&b'}') {
            return None;
        }
        let line = std::str::from_utf8(line).ok()?;
        // The members are only found in what is valid.
        serde_json::from_str::<IgnoredAny>(line).ok()?;
        let mut said = Said::default();
        let mut numbered = false;
        for (name, value) in Members::of(line.as_bytes()) {
            let value = std::str::from_utf8(value).ok()?;
            match name {
                _ if level.is_some() && is_level_name(name) => {
                    numbered |= value.as_bytes().first().is_some_and(u8::is_ascii_digit);
                }
                b"message" | b"msg" | b"short_message" | b"@m" | b"@mt" | b"event"
                    if said.message.is_none() && value.starts_with('"') =>
                {
                    said.message = string(value);
                }
                b"time" | b"timestamp" | b"ts" | b"@timestamp" | b"@t" | b"asctime"
                | b"datetime"
                    if !value.starts_with(['{', '[']) => {}
                _ => said.field(std::str::from_utf8(name).ok()?, value),
            }
        }
        if numbered {
            // pino and bunyan write the same three members with every line.
            said.fields
                .retain(|(name, _)| !matches!(&**name, "pid" | "hostname" | "v"));
        }
        (said.message.is_some() || level.is_some()).then_some(said)
    }

    fn field(&mut self, name: &'a str, value: &'a str) {
        let name = match name.contains('\\') {
            true => Cow::Owned(
                string(&format!("\"{name}\""))
                    .unwrap_or_default()
                    .into_owned(),
            ),
            false => Cow::Borrowed(name),
        };
        if value.starts_with('"') && value.contains("\\n") {
            let lines = string(value).unwrap_or_default();
            if name == "stack" || lines.trim_end().contains('\n') {
                self.stacks.push(lines);
                return;
            }
        }
        if matches!(&*name, "err" | "error" | "exception" | "exc") && value.starts_with('{') {
            self.error(name, value);
        } else {
            self.fields.push((name, value));
        }
    }

    /// An error with its stack, as pino writes it: the stack tells its type and message.
    fn error(&mut self, name: Cow<'a, str>, value: &'a str) {
        let stack = Members::of(value.as_bytes())
            .find(|(name, _)| matches!(*name, b"stack" | b"stack_trace" | b"stacktrace"))
            .and_then(|(_, stack)| string(std::str::from_utf8(stack).ok()?));
        let Some(stack) = stack else {
            self.fields.push((name, value));
            return;
        };
        for (inner, value) in Members::of(value.as_bytes()) {
            let told = matches!(
                inner,
                b"type" | b"message" | b"name" | b"stack" | b"stack_trace" | b"stacktrace"
            );
            if let (false, Ok(value)) = (told, std::str::from_utf8(value)) {
                let inner = String::from_utf8_lossy(inner);
                self.fields.push((format!("{name}.{inner}").into(), value));
            }
        }
        self.stacks.push(stack);
    }

    /// Appends it; `prefix` begins every further line.
    pub(super) fn push(&self, level: Option<Level>, paint: Paint, prefix: &[u8], to: &mut Vec<u8>) {
        if let Some(level) = level {
            let name = match level {
                Level::Trace => "TRACE",
                Level::Debug => "DEBUG",
                Level::Info => "INFO",
                Level::Warn => "WARN",
                Level::Error => "ERROR",
                Level::Fatal => "FATAL",
            };
            paint.push(to, colour::level(level), name);
            to.extend_from_slice(&b"      "[name.len()..]);
        }
        let mut gap = "";
        let mut below = Vec::new();
        if let Some(message) = &self.message {
            let mut lines = message.trim_end().split('\n');
            let first = lines.next().unwrap_or_default();
            push_line(first, colour::line(level), paint, to);
            below.extend(lines.map(|line| (line, colour::line(level))));
            gap = "  ";
        }
        for (name, value) in &self.fields {
            to.extend_from_slice(gap.as_bytes());
            gap = " ";
            paint.begin(to, Some(colour::DIM));
            text::push(name.as_bytes(), paint.strict(), to);
            to.push(b'=');
            paint.end(to, true);
            match bare(value) {
                Some(bare) => text::push(bare.as_bytes(), paint.strict(), to),
                None => text::push(value.as_bytes(), paint.strict(), to),
            };
        }
        for stack in &self.stacks {
            let lines = stack.trim_end().split('\n');
            below.extend(lines.map(|line| (line, Some(colour::DIM))));
        }
        let more = below.len().saturating_sub(BELOW);
        for (line, colour) in below.into_iter().take(BELOW) {
            to.push(b'\n');
            to.extend_from_slice(prefix);
            to.extend_from_slice(b"      ");
            push_line(line, colour, paint, to);
        }
        if more > 0 {
            to.push(b'\n');
            to.extend_from_slice(prefix);
            let words = format!("      … {more} more: `xii logs --format json` has all");
            paint.push(to, colour::DIM, words);
        }
    }
}

fn push_line(line: &str, colour: Option<&str>, paint: Paint, to: &mut Vec<u8>) {
    paint.begin(to, colour);
    // Escapes that were hidden in a JSON string are let out only where they are colours for a terminal.
    let keep = match paint.keep() {
        Keep::All => Keep::Nothing,
        keep => keep,
    };
    let coloured = text::push(line.as_bytes(), keep, to);
    paint.end(to, colour.is_some() || coloured);
}

/// The text of a JSON string.
fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        true => serde_json::from_str(value).ok().map(Cow::Owned),
        false => Some(Cow::Borrowed(inner)),
    }
}

/// A string without its quotes, when nothing is lost by that.
fn bare(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    let simple = |byte: u8| byte > b' ' && !matches!(byte, b'"' | b'\\' | b'=' | 0x7f);
    (!inner.is_empty() && inner.bytes().all(simple)).then_some(inner)
}

//! From the parser's instructions to the steps of a stage.

use std::ops::Range;

use parse_dockerfile::{
    Command, Flag, HealthcheckArguments, Instruction as Parsed, JsonOrStringArray, Source as From,
};
use xii_model::{CommandLine, DeclarationSource, Instruction};

use super::words::{Pair, joined, pairs};
use crate::readers::variables::Variable;
use crate::source::Source;

/// Turns instructions into steps: spans are moved by what was cut off in front of the text.
pub(super) struct Steps<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    /// Bytes in front of the parsed text: a byte order mark.
    pub(super) skipped: usize,
    pub(super) escape: char,
}

/// A step before its evidence is made.
pub(super) type Placed = (Range<usize>, Instruction);

impl Steps<'_, '_> {
    /// The pairs of an ENV or ARG.
    pub(super) fn pairs(&self, span: &Range<usize>, env: bool) -> Vec<Pair> {
        pairs(self.source.text, self.moved(span), self.escape, env)
    }

    /// What one instruction does: several steps for an ENV or ARG with several names.
    pub(super) fn steps(
        &self,
        parsed: &Parsed<'_>,
        expand: &dyn Fn(&str) -> String,
    ) -> Vec<Placed> {
        let one =
            |start: &Range<usize>, end: usize, does| vec![(self.moved(&(start.start..end)), does)];
        match parsed {
            Parsed::Run(run) => {
                let (text, shell, end) = self.command(&run.arguments);
                let mut command = text.join(" ");
                let mut last = end;
                for document in &run.here_docs {
                    command.push('\n');
                    command.push_str(document.value.trim_end());
                    last = last.max(document.span.end);
                }
                let secret_mounts = run.options.iter().any(|flag| {
                    let value = flag.value.as_ref().map_or("", |value| &value.value);
                    flag.name.value == "mount" && value.split(',').any(|part| part == "type=secret")
                });
                let command = self.source.redacted(command.trim());
                let does = Instruction::Run {
                    command,
                    shell,
                    secret_mounts,
                };
                one(&run.run.span, last, does)
            }
            Parsed::Copy(copy) => {
                let from = flag(&copy.options, "from").map(expand);
                let does = copied(&copy.src, &copy.dest.value, from, false, expand);
                one(&copy.copy.span, copy.dest.span.end, does)
            }
            Parsed::Add(add) => {
                let does = copied(&add.src, &add.dest.value, None, true, expand);
                one(&add.add.span, add.dest.span.end, does)
            }
            Parsed::Env(env) => self.variables(&env.arguments.span, true, expand),
            Parsed::Arg(arg) => self.variables(&arg.arguments.span, false, expand),
            Parsed::User(user) => {
                let name = expand(&user.arguments.value);
                one(
                    &user.user.span,
                    user.arguments.span.end,
                    Instruction::User { name },
                )
            }
            Parsed::Workdir(dir) => {
                let path = expand(&dir.arguments.value);
                one(
                    &dir.workdir.span,
                    dir.arguments.span.end,
                    Instruction::WorkDir { path },
                )
            }
            Parsed::Expose(expose) => {
                let ports = expose
                    .arguments
                    .iter()
                    .map(|port| expand(&port.value))
                    .collect();
                let end = expose.arguments.last().map_or(0, |port| port.span.end);
                one(&expose.expose.span, end, Instruction::Expose { ports })
            }
            Parsed::Cmd(cmd) => {
                let (line, end) = self.command_line(&cmd.arguments);
                one(&cmd.cmd.span, end, Instruction::Cmd(line))
            }
            Parsed::Entrypoint(entry) => {
                let (line, end) = self.command_line(&entry.arguments);
                one(&entry.entrypoint.span, end, Instruction::Entrypoint(line))
            }
            Parsed::Healthcheck(check) => {
                let (command, end) = match &check.arguments {
                    HealthcheckArguments::Cmd { arguments, .. } => {
                        let (line, end) = self.command_line(arguments);
                        (Some(line.line()), end)
                    }
                    HealthcheckArguments::None { none, .. } => (None, none.span.end),
                    _ => (None, check.healthcheck.span.end),
                };
                one(
                    &check.healthcheck.span,
                    end,
                    Instruction::HealthCheck { command },
                )
            }
            Parsed::Stopsignal(stop) => {
                let signal = expand(&stop.arguments.value);
                one(
                    &stop.stopsignal.span,
                    stop.arguments.span.end,
                    Instruction::StopSignal { signal },
                )
            }
            Parsed::Volume(volume) => {
                let (paths, end) = match &volume.arguments {
                    JsonOrStringArray::Json(list) => (list.value.as_slice(), list.span.end),
                    JsonOrStringArray::String(list) => {
                        (list.as_slice(), list.last().map_or(0, |path| path.span.end))
                    }
                };
                let paths = paths.iter().map(|path| expand(&path.value)).collect();
                one(&volume.volume.span, end, Instruction::Volume { paths })
            }
            // What ONBUILD adds happens in another image's build; labels and SHELL change nothing
            // that is asked about.
            _ => Vec::new(),
        }
    }

    /// An ENV's or ARG's variable, as the other formats know it.
    pub(super) fn variable<'p>(&self, pair: &'p Pair) -> Variable<'p> {
        Variable {
            name: &pair.name,
            value: pair.value.as_deref(),
            span: pair.span.clone(),
            value_span: pair.value_span.clone(),
            source: DeclarationSource::Dockerfile,
        }
    }

    fn variables(
        &self,
        span: &Range<usize>,
        env: bool,
        expand: &dyn Fn(&str) -> String,
    ) -> Vec<Placed> {
        let step = |pair: Pair| {
            let variable = self.variable(&pair);
            let secret = variable.secret().is_some() || xii_model::is_secret_name(&pair.name);
            let shown = variable.shown(self.source);
            let does = if env {
                let value = if secret { shown } else { expand(&shown) };
                Instruction::Env {
                    name: pair.name.clone(),
                    value,
                    secret,
                }
            } else {
                Instruction::Arg {
                    name: pair.name.clone(),
                    default: pair.value.is_some().then_some(shown),
                    secret,
                }
            };
            (pair.span.clone(), does)
        };
        self.pairs(span, env).into_iter().map(step).collect()
    }

    fn command_line(&self, command: &Command<'_>) -> (CommandLine, usize) {
        let (words, shell, end) = self.command(command);
        let words = words
            .iter()
            .map(|word| self.source.redacted(word))
            .collect();
        (CommandLine { words, shell }, end)
    }

    /// The words of a command, whether it is in shell form, and where it ends.
    fn command(&self, command: &Command<'_>) -> (Vec<String>, bool, usize) {
        match command {
            Command::Exec(list) => {
                let words = list
                    .value
                    .iter()
                    .map(|word| word.value.clone().into_owned());
                (words.collect(), false, list.span.end)
            }
            Command::Shell(text) => (vec![joined(text.value, self.escape)], true, text.span.end),
            _ => (Vec::new(), true, 0),
        }
    }

    pub(super) fn moved(&self, span: &Range<usize>) -> Range<usize> {
        let start = span.start + self.skipped;
        start..(span.end + self.skipped).max(start)
    }
}

/// The value of an option such as `--from=build`.
pub(super) fn flag<'f>(flags: &'f [Flag<'_>], name: &str) -> Option<&'f str> {
    let found = flags.iter().find(|flag| flag.name.value == name)?;
    found.value.as_ref().map(|value| value.value.as_ref())
}

fn copied(
    sources: &[From<'_>],
    target: &str,
    from: Option<String>,
    add: bool,
    expand: &dyn Fn(&str) -> String,
) -> Instruction {
    let path = |source: &From<'_>| match source {
        From::Path(path) => Some(expand(&path.value)),
        _ => None,
    };
    Instruction::Copy {
        sources: sources.iter().filter_map(path).collect(),
        target: expand(target),
        from,
        add,
    }
}

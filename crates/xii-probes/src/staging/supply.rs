//! What a build needs before its steps can run: a Python, a virtual environment, package managers.

use xii_model::Ecosystem;

use super::building::Bench;
use super::interpreter::{self, Interpreter};
use super::plan::{Planned, Python};
use super::problem::Why;
use super::stage::{Progress, Staging};
use super::staged::Ended;
use super::{step, tools};

impl Staging<'_> {
    /// Runs a line that is no part of the build, in HOME.
    async fn ask(&self, bench: &Bench<'_>, line: &str) -> Result<step::Outcome, Why> {
        let home = &bench.surroundings.home;
        let outcome = self.order(bench, Vec::new(), line, home, &|_| {}).await?;
        match outcome.ended {
            Ended::TimedOut => Err(self.over(line)),
            _ => Ok(outcome),
        }
    }

    /// Makes the virtual environment of an app in Python.
    pub(super) async fn virtual_environment(
        &mut self,
        bench: &mut Bench<'_>,
        python: &Python,
    ) -> Result<(), Why> {
        let found = self.interpreter(bench, python.declared.as_deref()).await?;
        let Some(found) = found else {
            return Err(Why::NoTool {
                program: "python3".to_owned(),
                origin: "its source in Python".to_owned(),
            });
        };
        if let Some(declared) = &python.declared
            && !interpreter::satisfies(found.version, declared)
        {
            self.other_python = true;
            let (major, minor) = found.version;
            self.notes.push(format!(
                "the app declares Python {declared}, and {major}.{minor} is what was found to run it"
            ));
        }
        let program = quoted(&found.program.to_string_lossy());
        let line = format!("{program} -m venv {}", quoted(&bench.venv()));
        bench.python = Some(found);
        let planned = Planned {
            line: line.clone(),
            origin: "its source in Python".to_owned(),
            ecosystem: Some(Ecosystem::Python),
            folder: self.root.to_owned(),
            ..Planned::default()
        };
        match self.run(bench, &planned, &line).await? {
            Ended::Well => Ok(()),
            _ => Err(self.failed()),
        }
    }

    /// The Python that is installed and fits best; none when there is none that can make virtual environments.
    async fn interpreter(
        &self,
        bench: &Bench<'_>,
        declared: Option<&str>,
    ) -> Result<Option<Interpreter>, Why> {
        let mut best = None;
        for name in interpreter::candidates(declared) {
            let line = format!("{name} {}", interpreter::ASK);
            let outcome = self.ask(bench, &line).await?;
            if outcome.ended != Ended::Well {
                continue;
            }
            if let Some(found) = interpreter::answer(&outcome.output.last(2)) {
                if declared.is_none_or(|it| interpreter::satisfies(found.version, it)) {
                    return Ok(Some(found));
                }
                best.get_or_insert(found);
            }
        }
        Ok(best)
    }

    /// Sees to it that the program is there that a step needs.
    pub(super) async fn provide(
        &mut self,
        bench: &mut Bench<'_>,
        planned: &Planned,
    ) -> Result<(), Why> {
        let Some(program) = &planned.needs else {
            return Ok(());
        };
        if self
            .is_there(bench, program, planned.version.as_deref())
            .await?
        {
            return Ok(());
        }
        let no_tool = || Why::NoTool {
            program: program.clone(),
            origin: planned.origin.clone(),
        };
        let version = planned.version.as_deref();
        let source = tools::source(program, version).ok_or_else(no_tool)?;
        let mut python = "python3".to_owned();
        if matches!(source, tools::Source::Python(_)) {
            if bench.python.is_none() {
                bench.python = self.interpreter(bench, None).await?;
            }
            let found = bench.python.as_ref().ok_or_else(no_tool)?;
            python = quoted(&found.program.to_string_lossy());
        } else if !self.is_there(bench, source.needs(), None).await? {
            return Err(no_tool());
        }
        let line = source.line(program, version, &python);
        (self.tell)(Progress::Started(&line));
        let outcome = self.ask(bench, &line).await?;
        if outcome.ended != Ended::Well {
            return Err(no_tool());
        }
        self.notes.push(format!(
            "{program} is not installed here, or not as {} asks for it, and was fetched for this build",
            planned.origin
        ));
        Ok(())
    }

    /// Whether the program is installed, of that major version if one is asked for.
    async fn is_there(
        &self,
        bench: &Bench<'_>,
        program: &str,
        version: Option<&str>,
    ) -> Result<bool, Why> {
        let wanted = version.and_then(tools::major);
        let line = match wanted {
            None => format!("command -v {}", quoted(program)),
            Some(_) => format!("{} --version", quoted(program)),
        };
        let outcome = self.ask(bench, &line).await?;
        if outcome.ended != Ended::Well {
            return Ok(false);
        }
        let last = outcome.output.last(1);
        let found = last.first().and_then(|line| tools::major(line));
        Ok(wanted.is_none() || found == wanted)
    }
}

/// A word for `sh`.
pub(super) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=+:@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

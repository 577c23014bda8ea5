//! Building the copy: one step after the other, and what is done when one fails.

use std::ffi::OsString;
use std::path::Path;

use xii_model::Ecosystem;
use xii_runtime::log::pump::Mask;

use super::interpreter::Interpreter;
use super::outside::{self, Outside};
use super::plan::{BuildPlan, Planned};
use super::problem::Why;
use super::stage::{Progress, Staging};
use super::staged::{Built, Ended, below};
use super::step::{self, Order};
use super::surroundings::Surroundings;

/// What the steps of one build share.
pub(super) struct Bench<'a> {
    pub(super) tree: &'a Path,
    pub(super) folder: &'a Path,
    pub(super) surroundings: &'a Surroundings,
    pub(super) mask: Option<&'a Mask>,
    pub(super) python: Option<Interpreter>,
}

impl Bench<'_> {
    /// Where the virtual environment is to be.
    pub(super) fn venv(&self) -> String {
        let venv = &self.surroundings.virtual_environment;
        venv.to_string_lossy().into_owned()
    }
}

impl Staging<'_> {
    pub(super) async fn build(
        &mut self,
        plan: &BuildPlan,
        tree: &Path,
        folder: &Path,
        surroundings: &Surroundings,
    ) -> Result<(), Why> {
        let mask = Mask::new(surroundings.secrets());
        let mut bench = Bench {
            tree,
            folder,
            surroundings,
            mask: mask.as_ref(),
            python: None,
        };
        if let Some(python) = &plan.python {
            self.virtual_environment(&mut bench, python).await?;
        }
        for planned in &plan.steps {
            self.provide(&mut bench, planned).await?;
            self.step(&bench, planned).await?;
        }
        Ok(())
    }

    /// Runs a planned step; without its lock file, should the frozen one fail.
    async fn step(&mut self, bench: &Bench<'_>, planned: &Planned) -> Result<(), Why> {
        let line = planned.line.clone();
        if self.run(bench, planned, &line).await? == Ended::Well {
            return Ok(());
        }
        let outside = self.explained();
        if let Some(otherwise) = &planned.otherwise
            && outside.is_none()
        {
            let unfrozen = Planned {
                frozen: false,
                otherwise: None,
                ..planned.clone()
            };
            if self.run(bench, &unfrozen, otherwise).await? == Ended::Well {
                self.notes.push(format!(
                    "`{line}` failed: the app was built with `{otherwise}`, without what {} locks",
                    planned.origin
                ));
                return Ok(());
            }
        }
        if planned.optional {
            self.notes.push(format!(
                "`{line}` failed, and the app was run without it: nothing that starts is known to need it"
            ));
            return Ok(());
        }
        Err(self.failed())
    }

    /// What explains the failure of the last step.
    fn explained(&self) -> Option<Outside> {
        let last = self.built.last()?;
        let python = last.planned.ecosystem == Some(Ecosystem::Python);
        outside::of_output(&last.output)
            .or_else(|| (python && self.other_python).then_some(Outside::Runtime))
    }

    pub(super) fn failed(&self) -> Why {
        let outside = self.explained();
        match self.built.last() {
            Some(built) => Why::BuildFailed {
                line: built.line.clone(),
                origin: built.planned.origin.clone(),
                ended: built.ended,
                outside,
            },
            None => self.over("the build"),
        }
    }

    /// Runs a line as a step of the build.
    pub(super) async fn run(
        &mut self,
        bench: &Bench<'_>,
        planned: &Planned,
        line: &str,
    ) -> Result<Ended, Why> {
        (self.tell)(Progress::Started(line));
        let name = format!("build.{}", self.built.len() + 1);
        let folder = below(bench.tree, &planned.folder);
        let tell = |line: &str| (self.tell)(Progress::Output(line));
        let outcome = self
            .order(bench, (self.prefix)(&name), line, &folder, &tell)
            .await?;
        let built = Built {
            planned: planned.clone(),
            line: line.to_owned(),
            ended: outcome.ended,
            took: outcome.took,
            output: outcome.output,
        };
        (self.tell)(Progress::Ended(&built));
        self.built.push(built);
        if outcome.ended == Ended::TimedOut {
            return Err(self.over(line));
        }
        Ok(outcome.ended)
    }

    pub(super) async fn order(
        &self,
        bench: &Bench<'_>,
        prefix: Vec<OsString>,
        line: &str,
        folder: &Path,
        tell: &dyn Fn(&str),
    ) -> Result<step::Outcome, Why> {
        let mut environment = bench.surroundings.of_build(bench.folder);
        let tools = bench.surroundings.tools.clone().into_os_string();
        environment.push(("XII_TOOLS".into(), tools));
        if let Some(python) = bench.python.as_ref().filter(|_| !self.other_python) {
            // uv would fetch another one for the sake of the third number of a version.
            environment.push(("UV_PYTHON".into(), python.program.clone().into()));
        }
        for (name, value) in self.extra {
            environment.retain(|(one, _)| one != name.as_str());
            environment.push((name.into(), value.into()));
        }
        step::run(Order {
            prefix,
            line,
            folder: folder.to_owned(),
            environment,
            until: self.deadline,
            mask: bench.mask,
            tell,
        })
        .await
        .map_err(|why| Why::NotRun {
            line: line.to_owned(),
            why,
        })
    }
}

//! Staging: copy, build, and hand over.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;
use xii_runtime::log::pump::Mask;

use super::interpreter::{self, Interpreter};
use super::plan::{BuildPlan, Planned, Python};
use super::problem::{CannotStage, Why};
use super::registries::get;
use super::scratch::Scratch;
use super::staged::{Built, Copied, Ended, Staged, below};
use super::step::{self, Order};
use super::surroundings::Surroundings;
use super::{editable, listing, outside, tools, transfer};

/// What to stage, and how.
pub struct Wanted<'a> {
    /// The audited folder. All of it is copied, so that what the app shares with others is there.
    pub source: &'a Path,
    /// The app's folder below it; `.` for itself.
    pub root: &'a str,
    /// The folder is used as it is, without a copy and without a build.
    pub in_place: bool,
    /// What builds it.
    pub plan: BuildPlan,
    /// The time that copying and building may take together.
    pub within: Duration,
    /// The scratch folder stays when all is over.
    pub keep: bool,
    /// The caller's variables. Of these, PATH is handed on (without other apps' programs), what names registries,
    /// proxies and certificates, and where version managers are.
    pub caller: Vec<(OsString, OsString)>,
    /// Variables that the build gets besides, such as SOURCE_VERSION.
    pub variables: Vec<(String, String)>,
    /// The words before a step's command, given its name (`build.1`): the witness.
    pub prefix: &'a dyn Fn(&str) -> Vec<OsString>,
    /// Hears how far it is.
    pub tell: &'a dyn Fn(Progress<'_>),
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The files were copied.
    Copied(Copied),
    /// A step was started.
    Started(&'a str),
    /// It printed a line; secrets are masked in it.
    Output(&'a str),
    /// It ended.
    Ended(&'a Built),
}

/// Copies the app and builds the copy.
///
/// When this is dropped before its end, what was started is killed and what was made is removed.
///
/// # Errors
///
/// When it cannot be copied, a tool is missing, a step fails that is needed, or the time is over.
pub async fn stage(wanted: Wanted<'_>) -> Result<Staged, CannotStage> {
    let mut staging = Staging {
        deadline: Instant::now() + wanted.within,
        within: wanted.within,
        root: wanted.root,
        caller: &wanted.caller,
        extra: &wanted.variables,
        prefix: wanted.prefix,
        tell: wanted.tell,
        built: Vec::new(),
        notes: wanted.plan.notes.clone(),
    };
    let mut held = None;
    match staging.all(&wanted, &mut held).await {
        Ok(staged) => Ok(staged),
        Err(why) => Err(CannotStage {
            why: Box::new(why),
            built: staging.built,
            notes: staging.notes,
            kept: held
                .filter(|_| wanted.keep)
                .map(|held: Arc<Scratch>| held.path().to_owned()),
        }),
    }
}

struct Staging<'a> {
    deadline: Instant,
    within: Duration,
    root: &'a str,
    caller: &'a [(OsString, OsString)],
    extra: &'a [(String, String)],
    prefix: &'a dyn Fn(&str) -> Vec<OsString>,
    tell: &'a dyn Fn(Progress<'_>),
    built: Vec<Built>,
    notes: Vec<String>,
}

impl Staging<'_> {
    async fn all(
        &mut self,
        wanted: &Wanted<'_>,
        held: &mut Option<Arc<Scratch>>,
    ) -> Result<Staged, Why> {
        let temporary = get(self.caller, "TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let no_scratch = |why| Why::NoScratch {
            folder: temporary.clone(),
            why,
        };
        let scratch = Scratch::make(&temporary, wanted.keep).map_err(no_scratch)?;
        let scratch = Arc::clone(held.insert(Arc::new(scratch)));
        let surroundings = Surroundings::make(&scratch, self.caller).map_err(no_scratch)?;
        let source = wanted.source.canonicalize().map_err(|why| Why::Unlisted {
            folder: wanted.source.to_owned(),
            why: why.to_string(),
        })?;

        let (tree, copied) = if wanted.in_place {
            self.notes.push(
                "the folder was used as it is: what a clean copy and its build would show is left open"
                    .to_owned(),
            );
            (source, None)
        } else {
            let tree = scratch.folder("app", 0o755).map_err(no_scratch)?;
            let copied = self.copy(&source, &tree).await?;
            (self.tell)(Progress::Copied(copied));
            (tree, Some(copied))
        };
        let folder = below(&tree, self.root);
        let built = if wanted.in_place {
            Ok(())
        } else {
            self.build(&wanted.plan, &tree, &folder, &surroundings)
                .await
        };
        surroundings.forget();
        built?;

        let mut variables = surroundings.of_run(&folder);
        if wanted.in_place {
            own_environment(&folder, &mut variables);
        }
        variables.extend(wanted.plan.for_runs());
        let text = |value: OsString| value.to_string_lossy().into_owned();
        Ok(Staged {
            home: surroundings.home.clone(),
            temporary: surroundings.temporary.clone(),
            scratch: scratch.path().to_owned(),
            variables: variables
                .into_iter()
                .map(|(name, value)| (name, text(value)))
                .collect(),
            steps: self.built.iter().map(Built::step).collect(),
            built: std::mem::take(&mut self.built),
            copied,
            in_place: wanted.in_place,
            notes: std::mem::take(&mut self.notes),
            importable: editable::importable(&surroundings.virtual_environment, &tree),
            root: self.root.to_owned(),
            copies: AtomicU32::new(0),
            held: scratch,
            folder,
            tree,
        })
    }

    /// Copies the app's files, on a thread that stops when this is dropped.
    async fn copy(&mut self, source: &Path, tree: &Path) -> Result<Copied, Why> {
        struct Stop(Arc<AtomicBool>);
        impl Drop for Stop {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let stop = Stop(Arc::default());
        let stopped = Arc::clone(&stop.0);
        let (from, to) = (source.to_owned(), tree.to_owned());
        let path = get(self.caller, "PATH").unwrap_or_default().to_owned();
        let copying = spawn_blocking(move || {
            let listing = listing::list(&from, &path).map_err(|why| Why::Unlisted {
                folder: from.clone(),
                why,
            })?;
            let done = transfer::copy(&listing, &from, &to, &stopped)?;
            Ok((listing, done))
        });
        let over = self.over("copying its files");
        let Ok(copied) = tokio::time::timeout_at(self.deadline.into(), copying).await else {
            return Err(over);
        };
        let (listing, done) = copied.map_err(|_| over)??;
        self.notes.extend(listing.notes);
        self.notes.extend(done.notes);
        Ok(Copied {
            files: done.files,
            bytes: done.bytes,
            tracked: listing.by_git,
        })
    }

    fn over(&self, line: &str) -> Why {
        Why::TimedOut {
            line: line.to_owned(),
            within: self.within,
        }
    }

    async fn build(
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
        if planned.optional && outside.is_none() {
            self.notes.push(format!(
                "`{line}` failed, and the app was run without it: nothing that starts is known to need it"
            ));
            return Ok(());
        }
        Err(self.failed())
    }

    /// What explains the failure of the last step.
    fn explained(&self) -> Option<outside::Outside> {
        outside::of_output(&self.built.last()?.output)
    }

    fn failed(&self) -> Why {
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
    async fn run(
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

    async fn order(
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
    async fn virtual_environment(
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
            ecosystem: Some(xii_model::Ecosystem::Python),
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
    async fn provide(&mut self, bench: &mut Bench<'_>, planned: &Planned) -> Result<(), Why> {
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
            "{program} is not installed here in the version that {} asks for, and was fetched for this build",
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

/// What the steps of one build share.
struct Bench<'a> {
    tree: &'a Path,
    folder: &'a Path,
    surroundings: &'a Surroundings,
    mask: Option<&'a Mask>,
    python: Option<Interpreter>,
}

impl Bench<'_> {
    fn venv(&self) -> String {
        let venv = &self.surroundings.virtual_environment;
        venv.to_string_lossy().into_owned()
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

/// The virtual environment that the folder itself holds, for a run in place.
fn own_environment(folder: &Path, variables: &mut Vec<(String, OsString)>) {
    let own = [".venv", "venv", "env"]
        .iter()
        .map(|name| folder.join(name))
        .find(|venv| venv.join("pyvenv.cfg").is_file());
    let Some(venv) = own else { return };
    for (name, value) in variables.iter_mut() {
        if name == "PATH" {
            let mut path = venv.join("bin").into_os_string();
            path.push(":");
            path.push(&*value);
            *value = path;
        }
    }
    variables.push(("VIRTUAL_ENV".to_owned(), venv.into()));
}

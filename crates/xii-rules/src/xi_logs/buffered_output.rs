//! Python holds back what it prints until its buffer is full.
//!
//! ## What it looks for
//!
//! Images that run Python without `PYTHONUNBUFFERED` or `python -u`, in an app whose deployed code
//! prints. The `logging` module flushes after each event, and Node writes to a pipe at once; both are
//! evidence for the criterion.
//!
//! ## Why it matters
//!
//! When stdout is a pipe, as it is in every container, Python collects some 8 kB before it writes. What
//! was printed shows up minutes later, and what was in the buffer when the process was killed never
//! does. That is just the output which would explain the crash.
//!
//! ## What to do instead
//!
//! ```dockerfile
//! ENV PYTHONUNBUFFERED=1
//! ```
//!
//! or log through `logging` instead of `print`. Heroku's Python buildpack sets the variable itself.

use xii_model::{App, Confidence, Edit, Evidence, Image, Instruction, LogTarget, Severity};

use crate::command::start;
use crate::{Claims, Rule, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "buffered-output",
    criteria: &["XI.3"],
    severity: Severity::Warning,
    check,
};

const VARIABLE: &str = "PYTHONUNBUFFERED";

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.is_python() {
        python(app, claims);
    } else if app.is_node()
        && let Some(sink) = app.facts.log_sinks.iter().find(|sink| {
            sink.scope.is_deployed()
                && matches!(sink.to, LogTarget::Stdout | LogTarget::Stderr)
                && !sink.through.contains("python")
        })
    {
        claims.holds(
            "XI.3",
            format!(
                "Node writes what {} gives it to a pipe at once",
                sink.through
            ),
            &sink.at,
        );
    }
}

fn python(app: &App, claims: &mut Claims<'_>) {
    let mut unbuffered = app.facts.buffering.iter().filter(|fact| fact.unbuffered);
    if let Some(fact) = unbuffered.next() {
        claims.holds(
            "XI.3",
            format!("output is unbuffered: {}", fact.how),
            &fact.at,
        );
        return;
    }
    if let Some(declared) = app
        .facts
        .declarations
        .iter()
        .find(|one| one.name == VARIABLE && one.has_value)
    {
        claims.holds("XI.3", format!("{VARIABLE} is set"), &declared.at);
        return;
    }
    let prints: Vec<_> = app
        .facts
        .prints
        .iter()
        .filter(|print| {
            print.scope.is_deployed()
                && print.through == "print"
                && process_files::stays(&print.at.path)
        })
        .collect();
    let images: Vec<_> = app
        .facts
        .images
        .iter()
        .filter(|image| !start::is_development(image.variant.as_deref()))
        .filter_map(|image| python_image(image).map(|at| (image, at)))
        .collect();
    for (image, at) in &images {
        if let Some(set) = sets_variable(image) {
            claims.holds("XI.3", format!("the image sets {VARIABLE}"), set);
            continue;
        }
        let Some(print) = prints.first() else {
            continue;
        };
        let draft = claims.finding(
            at,
            format!(
                "Python buffers what it prints when stdout is a pipe, and this image does not set {VARIABLE}: {} of `print` show up late, and not at all when the process is killed",
                match prints.len() {
                    1 => "the lines of the one call".to_owned(),
                    many => format!("the lines of {many} calls"),
                }
            ),
        );
        draft
            .confidence(if prints.len() == 1 {
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject(VARIABLE)
            .related(&print.at, "printed here")
            .help(format!("in the last stage:\n\n    ENV {VARIABLE}=1"));
        if let Some(command) = last_command(image) {
            draft.unsafe_fix(
                format!("set {VARIABLE}"),
                vec![Edit::InsertAbove {
                    at: command.clone(),
                    line: format!("ENV {VARIABLE}=1"),
                }],
            );
        }
    }
    if prints.is_empty()
        && let Some(sink) = app.facts.log_sinks.iter().find(|sink| {
            sink.scope.is_deployed()
                && sink.through.contains("logging")
                && matches!(sink.to, LogTarget::Stdout | LogTarget::Stderr)
        })
    {
        claims.holds(
            "XI.3",
            "logging flushes after each event, and nothing is printed past it",
            &sink.at,
        );
    }
}

/// The last stage of an image that runs Python, and whose base does not set the variable.
fn python_image(image: &Image) -> Option<&Evidence> {
    let base = image.base()?;
    // Other bases may set the variable themselves.
    let plain = ["python", "debian", "ubuntu", "alpine", "pypy", "slim"];
    let name = base.base.short_name();
    (name == "python" || name == "pypy" || plain.contains(&name) && installs_python(image))
        .then_some(&image.last()?.at)
}

fn installs_python(image: &Image) -> bool {
    image.effective_steps().iter().any(|step| {
        matches!(&step.does, Instruction::Run { command, .. } if command.contains("python3"))
    })
}

/// Where the image sets the variable, or calls Python with `-u`.
fn sets_variable(image: &Image) -> Option<&Evidence> {
    image
        .effective_steps()
        .into_iter()
        .find(|step| match &step.does {
            Instruction::Env { name, value, .. } => name == VARIABLE && !value.is_empty(),
            Instruction::Cmd(line) | Instruction::Entrypoint(line) => line
                .words
                .iter()
                .flat_map(|word| word.split_whitespace())
                .any(|word| word == "-u"),
            _ => false,
        })
        .map(|step| &step.at)
}

/// The instruction of the last stage above which the variable can be set.
fn last_command(image: &Image) -> Option<&Evidence> {
    image
        .last()?
        .steps
        .iter()
        .find(|step| matches!(step.does, Instruction::Cmd(_) | Instruction::Entrypoint(_)))
        .map(|step| &step.at)
}

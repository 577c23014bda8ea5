//! What an image says of the process that runs: its command, variables, health, runtime.

use xii_model::{
    Buffering, CommandLine, Evidence, Facts, Health, HealthKind, Image, Instruction, ProcessType,
    RuntimeVersion,
};

use crate::readers::{health, image_names};
use crate::source::Source;

/// Process types that serve no requests.
const PROCESSES: [&str; 6] = ["worker", "celery", "beat", "scheduler", "cron", "consumer"];

/// Pushes what follows from the image as a whole.
pub(super) fn tell(source: &Source<'_>, image: &Image, facts: &mut Facts) {
    runtimes(source, image, facts);
    if let Some((line, at)) = start(image) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let python_unbuffered = words
            .windows(2)
            .any(|two| two[0].rsplit('/').next().is_some_and(is_python) && two[1] == "-u");
        if python_unbuffered {
            let buffering = Buffering {
                unbuffered: true,
                how: "python -u".to_owned(),
            };
            facts.push(source.fact_at(at.clone(), buffering));
        }
        let process = ProcessType {
            name: process_name(image.variant.as_deref(), source.folder()).to_owned(),
            command: line,
            at: at.clone(),
            source: "Dockerfile".to_owned(),
        };
        facts.push(source.fact_at(at, process));
    }
    let mut checks = image
        .effective_steps()
        .into_iter()
        .filter_map(|step| match &step.does {
            Instruction::HealthCheck { command } => Some((step, command)),
            _ => None,
        });
    if let Some((step, Some(command))) = checks.next_back() {
        let health = Health {
            path: health::path_in_command(command),
            kind: HealthKind::Liveness,
            checks_resources: None,
            through: "Dockerfile".to_owned(),
        };
        facts.push(source.fact_at(step.at.clone(), health));
    }
}

fn is_python(program: &str) -> bool {
    program.starts_with("python")
}

/// The runtimes of every image that a stage starts from, each place once.
fn runtimes(source: &Source<'_>, image: &Image, facts: &mut Facts) {
    for stage in image.stages.iter().filter(|stage| stage.parent.is_none()) {
        if let Some((language, requirement, pin)) = image_names::runtime(&stage.base) {
            let runtime = RuntimeVersion {
                language: language.to_owned(),
                requirement,
                source: "image",
                pin,
            };
            facts.push(source.fact_at(stage.at.clone(), runtime));
        }
    }
}

/// The name of the process that an image runs: what its variant or its folder calls it, when that
/// is the name of a process that serves nothing; else `web`.
fn process_name(variant: Option<&str>, folder: &str) -> &'static str {
    let folder = folder.rsplit('/').next().unwrap_or(folder);
    let words = || {
        [variant.unwrap_or_default(), folder]
            .into_iter()
            .flat_map(|text| text.split(['.', '-', '_']))
    };
    PROCESSES
        .into_iter()
        .find(|name| words().any(|word| word == *name))
        .unwrap_or("web")
}

/// The whole command line that a container of the image starts, and where it stands.
pub(super) fn start(image: &Image) -> Option<(String, Evidence)> {
    let mut entry: Option<(&CommandLine, &Evidence)> = None;
    let mut command: Option<(&CommandLine, &Evidence)> = None;
    let mut own_command = false;
    let last = image.last()?.steps.len();
    let steps = image.effective_steps();
    let first_of_last = steps.len() - last;
    for (index, step) in steps.into_iter().enumerate() {
        if index == first_of_last {
            own_command = false;
        }
        match &step.does {
            Instruction::Cmd(line) => {
                command = Some((line, &step.at));
                own_command = true;
            }
            Instruction::Entrypoint(line) => {
                entry = Some((line, &step.at));
                // ENTRYPOINT forgets the CMD of the stage that this one starts from.
                if !own_command {
                    command = None;
                }
            }
            _ => {}
        }
    }
    match (entry, command) {
        (Some((entry, at)), Some((command, command_at))) if !entry.shell => {
            let whole = format!("{} {}", entry.line(), command.line());
            // The command is what names the process; a bare wrapper's place says less.
            Some((
                whole,
                if command.words.is_empty() {
                    at
                } else {
                    command_at
                }
                .clone(),
            ))
        }
        (Some((entry, at)), _) => Some((entry.line(), at.clone())),
        (None, Some((command, at))) if !command.line().is_empty() => {
            Some((command.line(), at.clone()))
        }
        _ => None,
    }
}

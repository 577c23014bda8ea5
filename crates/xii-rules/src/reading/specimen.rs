//! Hand-made facts for the tests of rules.

use xii_model::{
    CommandLine, Evidence, Fact, Image, ImageRef, Instruction, Listen, Origin, Position,
    ProcessType, Scope, Stage, Step,
};

use crate::engine::claims::Said;
use crate::{Claims, Rule};

/// A fact at a line of a file that is deployed.
pub(crate) fn fact<T>(path: &str, line: u32, what: T) -> Fact<T> {
    Fact {
        at: place(path, line),
        scope: Scope::default(),
        belongs: None,
        what,
    }
}

/// Evidence at a line.
pub(crate) fn place(path: &str, line: u32) -> Evidence {
    Evidence {
        path: path.into(),
        start: Position { line, column: 1 },
        end: Position { line, column: 2 },
        excerpt: "x".into(),
    }
}

/// What the rule says of an app: a line each, `path:line:column criterion severity/confidence message`
/// for a finding and `holds criterion reason` for positive evidence.
pub(crate) fn said(rule: &'static Rule, app: &xii_model::App) -> Vec<String> {
    let mut said = Said::default();
    (rule.check)(
        app,
        &mut Claims {
            rule,
            app: &app.root,
            said: &mut said,
        },
    );
    let findings = said.findings.iter().map(|draft| {
        let finding = &draft.finding;
        format!(
            "{} {} {}/{} {}",
            finding.evidence,
            finding.criterion,
            finding.severity.name(),
            finding.confidence.name(),
            finding.message
        )
    });
    let holds = said
        .holds
        .iter()
        .map(|one| format!("holds {} {}", one.criterion, one.reason));
    findings.chain(holds).collect()
}

/// A Dockerfile of one stage with one command: in exec form when there are several words.
pub(crate) fn image(base: &str, cmd: &[&str]) -> Fact<Image> {
    fact(
        "Dockerfile",
        1,
        Image {
            variant: None,
            stages: vec![Stage {
                at: place("Dockerfile", 1),
                name: None,
                base: ImageRef::parse(base),
                parent: None,
                steps: vec![
                    Step {
                        at: place("Dockerfile", 4),
                        does: Instruction::Copy {
                            sources: vec![".".to_owned()],
                            target: ".".to_owned(),
                            from: None,
                            add: false,
                        },
                    },
                    Step {
                        at: place("Dockerfile", 5),
                        does: Instruction::Cmd(CommandLine {
                            words: cmd.iter().map(|word| (*word).to_owned()).collect(),
                            shell: cmd.len() == 1,
                        }),
                    },
                ],
            }],
        },
    )
}

/// A line of a Procfile.
pub(crate) fn process(name: &str, command: &str) -> Fact<ProcessType> {
    fact(
        "Procfile",
        1,
        ProcessType {
            name: name.to_owned(),
            command: command.to_owned(),
            at: place("Procfile", 1),
            source: "Procfile".to_owned(),
        },
    )
}

/// A server that listens on the port that the environment gives.
pub(crate) fn listen(path: &str, through: &str) -> Fact<Listen> {
    fact(
        path,
        9,
        Listen {
            port: Origin::Computed,
            host: Origin::Absent,
            through: through.to_owned(),
            default_is_loopback: false,
            development_server: through == "flask",
            handles_error: false,
        },
    )
}

/// The beginning of each line that a rule says, up to the claim's strength: `path:line:column criterion
/// severity/confidence`, or `holds criterion reason…` cut to one word of its reason.
pub(crate) fn brief(rule: &'static Rule, app: &xii_model::App) -> Vec<String> {
    said(rule, app)
        .iter()
        .map(|line| {
            line.split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

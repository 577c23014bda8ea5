//! The stages of a Dockerfile, with variables put in where they are known.

use std::collections::HashMap;

use parse_dockerfile::{FromInstruction, Instruction as Parsed};
use xii_model::{ImageRef, Instruction, Stage, Step};

use super::instructions::Steps;
use crate::readers::expand::expand;

/// Variables that are known in a stage: defaults of ARG and values of ENV that are no secrets.
type Known = HashMap<String, String>;

/// Collects stages in the order of the file.
pub(super) struct Stages<'s, 'a> {
    pub(super) steps: Steps<'s, 'a>,
    /// Defaults of the ARGs before the first FROM.
    global: Known,
    stages: Vec<(Stage, Known)>,
}

impl<'s, 'a> Stages<'s, 'a> {
    pub(super) fn new(steps: Steps<'s, 'a>) -> Self {
        Stages {
            steps,
            global: Known::new(),
            stages: Vec::new(),
        }
    }

    /// Masks the secrets of all instructions: evidence that is made later may show their lines.
    pub(super) fn mask(&self, instructions: &[Parsed<'_>]) {
        for parsed in instructions {
            let (span, env) = match parsed {
                Parsed::Env(env) => (&env.arguments.span, true),
                Parsed::Arg(arg) => (&arg.arguments.span, false),
                _ => continue,
            };
            for pair in self.steps.pairs(span, env) {
                self.steps.variable(&pair).mask(self.steps.source);
            }
        }
    }

    /// Takes in the next instruction.
    pub(super) fn add(&mut self, parsed: &Parsed<'_>) {
        if let Parsed::From(from) = parsed {
            self.begin(from);
            return;
        }
        let Stages {
            steps,
            global,
            stages,
        } = self;
        let placed = {
            let known = stages.last().map_or(&*global, |(_, known)| known);
            let expanded = |text: &str| expand(text, &|name| known.get(name).cloned());
            steps.steps(parsed, &expanded)
        };
        for (span, does) in placed {
            let known = stages.last_mut().map(|(_, known)| known);
            remember(&does, global, known);
            if let Some((stage, _)) = stages.last_mut() {
                let at = steps.source.evidence(span);
                stage.steps.push(Step { at, does });
            }
        }
    }

    /// The stages.
    pub(super) fn finish(self) -> Vec<Stage> {
        self.stages.into_iter().map(|(stage, _)| stage).collect()
    }

    fn begin(&mut self, from: &FromInstruction<'_>) {
        let base = expand(&from.image.value, &|name| self.global.get(name).cloned());
        let parent = self.stages.iter().rposition(|(stage, _)| {
            let name = stage.name.as_deref();
            name.is_some_and(|name| name.eq_ignore_ascii_case(&base))
        });
        let inherited = parent.and_then(|parent| self.stages.get(parent));
        let known = inherited
            .map(|(_, known)| known.clone())
            .unwrap_or_default();
        let name = from.as_.as_ref().map(|(_, name)| name.value.to_string());
        let end = from
            .as_
            .as_ref()
            .map_or(from.image.span.end, |(_, name)| name.span.end);
        let span = self.steps.moved(&(from.from.span.start..end));
        let stage = Stage {
            at: self.steps.source.evidence(span),
            name,
            base: ImageRef::parse(&base),
            parent,
            steps: Vec::new(),
        };
        self.stages.push((stage, known));
    }
}

/// Keeps what an ARG or ENV says for the instructions after it. `ARG NAME` in a stage takes the
/// default that stands before the first FROM.
fn remember(does: &Instruction, global: &mut Known, known: Option<&mut Known>) {
    let (name, value, arg) = match does {
        Instruction::Env {
            name,
            value,
            secret: false,
        } => (name, Some(value.clone()), false),
        Instruction::Arg {
            name,
            default,
            secret: false,
        } => {
            let default = default.as_ref();
            let expanded = default.map(|text| expand(text, &|name| global.get(name).cloned()));
            (name, expanded, true)
        }
        _ => return,
    };
    match known {
        Some(known) => {
            let value = value.or_else(|| global.get(name).filter(|_| arg).cloned());
            // An ENV outranks an ARG of the same name; both are rare enough to keep the last.
            if let Some(value) = value {
                known.insert(name.clone(), value);
            }
        }
        None => {
            if let Some(value) = value {
                global.insert(name.clone(), value);
            }
        }
    }
}

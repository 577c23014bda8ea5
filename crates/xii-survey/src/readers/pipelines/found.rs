//! A job as it is found in any system, and the facts that it becomes.

use std::ops::Range;

use xii_model::{
    AttachedResource, DeclarationSource, Facts, ImageRef, PipelineJob, PipelineStep, ResourceKind,
    is_secret_name,
};

use super::deploys;
use crate::document::{Entry, Node};
use crate::readers::image_names;
use crate::readers::variables::Variable;
use crate::readers::yaml_file::text;
use crate::source::Source;

/// More jobs than this in one file are not a person's.
pub(super) const MAX_JOBS: usize = 300;
/// More steps than this in one job are not a person's.
const MAX_STEPS: usize = 300;
/// The longest command text that a fact keeps, in bytes.
const MAX_RUN: usize = 16 * 1024;

/// A job with its steps and services.
#[derive(Default)]
pub(super) struct Found {
    pub(super) job: PipelineJob,
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// Its steps, with where each stands.
    pub(super) steps: Vec<(Range<usize>, PipelineStep)>,
    /// The names of its services, with where each stands and its image.
    pub(super) services: Vec<(Range<usize>, String, ImageRef)>,
}

impl Found {
    pub(super) fn new(system: &'static str, name: &str, span: Range<usize>) -> Self {
        Found {
            job: PipelineJob {
                system,
                name: name.to_owned(),
                ..PipelineJob::default()
            },
            span,
            ..Found::default()
        }
    }

    /// Adds a step that runs commands.
    pub(super) fn run(&mut self, source: &Source<'_>, span: Range<usize>, command: &str) {
        let end = command.floor_char_boundary(MAX_RUN);
        let run = source.redacted(command.get(..end).unwrap_or_default());
        let step = PipelineStep {
            run: Some(run),
            ..self.step()
        };
        self.steps.push((span, step));
    }

    /// Adds a step that uses an action, a task or an orb's command.
    pub(super) fn uses(
        &mut self,
        source: &Source<'_>,
        span: Range<usize>,
        action: &str,
        with: Option<&Node>,
    ) {
        let entries = with.map(Node::entries).unwrap_or_default();
        let with = entries
            .iter()
            .take(50)
            .filter_map(|entry| {
                let value = text(source, &entry.value)?;
                let line = source.redacted(&format!("{}={value}", entry.key));
                let value = line.get(entry.key.len() + 1..).unwrap_or_default();
                Some((entry.key.clone(), value.to_owned()))
            })
            .collect();
        let step = PipelineStep {
            uses: Some(action.to_owned()),
            with,
            ..self.step()
        };
        self.steps.push((span, step));
    }

    /// Adds a service by its image.
    pub(super) fn service(&mut self, span: Range<usize>, name: &str, image: &str) {
        self.services
            .push((span, name.to_owned(), ImageRef::parse(image)));
    }

    fn step(&self) -> PipelineStep {
        PipelineStep {
            system: self.job.system,
            job: self.job.name.clone(),
            ..PipelineStep::default()
        }
    }

    /// Pushes the facts.
    pub(super) fn tell(mut self, source: &Source<'_>, facts: &mut Facts) {
        self.steps.truncate(MAX_STEPS);
        let steps = || self.steps.iter().map(|(_, step)| step);
        let named = deploys::is_named(&self.job.name) || deploys::is_named(source.name());
        let to_a_deploy = self
            .job
            .environment
            .as_deref()
            .is_some_and(|name| deploys::environment(name).is_some());
        self.job.deploys |= to_a_deploy || steps().any(|step| deploys::deploys(step, named));
        if self.job.deploys && self.job.environment.is_none() {
            self.job.environment = deploys::environment(&self.job.name)
                .or_else(|| deploys::environment(source.name()))
                .map(str::to_owned);
        }
        self.job.services = self
            .services
            .iter()
            .map(|(_, _, image)| image.clone())
            .collect();
        let system = self.job.system;
        facts.push(source.fact(self.span, self.job));
        for (span, step) in self.steps {
            facts.push(source.fact(span, step));
        }
        for (span, name, image) in self.services {
            let kind = image_names::resource(&image).or_else(|| ResourceKind::from_image(&name));
            if let Some(kind) = kind {
                let attached = AttachedResource {
                    kind,
                    version: image_names::service_version(&image),
                    deploy: Some("test".to_owned()),
                    source: system,
                    name,
                };
                facts.push(source.fact(span, attached));
            }
        }
    }
}

/// Where a service stands: its image, or the service as a whole.
pub(super) fn place(node: &Node) -> Range<usize> {
    node.get("image").unwrap_or(node).span.clone()
}

/// Pushes the secrets of a map of variables.
pub(super) fn secrets(source: &Source<'_>, variables: Option<&Node>, facts: &mut Facts) {
    let entries = variables.map(Node::entries).unwrap_or_default();
    let plain = |entry: &Entry| {
        let value = entry
            .value
            .as_str()
            .filter(|_| !is_secret_name(&entry.key))?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    let beside: Vec<String> = entries.iter().take(MAX_STEPS).filter_map(plain).collect();
    let beside: Vec<&str> = beside.iter().map(String::as_str).collect();
    for entry in entries.iter().take(MAX_STEPS) {
        let value = text(source, &entry.value);
        let variable = Variable {
            name: &entry.key,
            value: value.as_deref(),
            span: entry.key_span.clone(),
            value_span: entry.value.span.clone(),
            source: DeclarationSource::Pipeline,
        };
        variable.tell_secret_beside(source, facts, None, &beside);
    }
}

/// The lines of a script: a text, or a list of texts and lists.
pub(super) fn script(source: &Source<'_>, node: &Node) -> String {
    if let Some(text) = text(source, node) {
        return text;
    }
    let mut lines = Vec::new();
    for item in node.items() {
        match text(source, item) {
            Some(line) => lines.push(line),
            None => lines.extend(item.items().iter().filter_map(|item| text(source, item))),
        }
    }
    lines.join("\n")
}

//! Facts of container images: what a Dockerfile says.

use crate::Evidence;

/// One Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The variant in its name: `dev` for `Dockerfile.dev`, `None` for `Dockerfile`.
    pub variant: Option<String>,
    /// Its stages in order; the last one is what runs (unless compose names another target).
    pub stages: Vec<Stage>,
}

/// One stage of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Where its FROM stands.
    pub at: Evidence,
    /// Its name, if any.
    pub name: Option<String>,
    /// The image or stage it starts from.
    pub base: ImageRef,
    /// The index of the stage it starts from, when it does.
    pub parent: Option<usize>,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// A reference to an image, split: `registry/name:tag@digest`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageRef {
    /// Registry and name: `node`, `ghcr.io/acme/web`.
    pub name: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<String>,
    /// Whether a part of it is a variable or template, so that it is not known here.
    pub variable: bool,
}

/// One instruction of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where.
    pub at: Evidence,
    /// What.
    pub does: Instruction,
}

/// What an instruction does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Instruction {
    /// RUN, in shell form or not.
    Run {
        command: String,
        shell: bool,
        secret_mounts: bool,
    },
    /// COPY or ADD.
    Copy {
        sources: Vec<String>,
        target: String,
        from: Option<String>,
        add: bool,
    },
    /// ENV; the value is redacted when it is a credential.
    Env {
        name: String,
        value: String,
        secret: bool,
    },
    Arg {
        name: String,
        default: Option<String>,
        secret: bool,
    },
    User {
        name: String,
    },
    WorkDir {
        path: String,
    },
    Expose {
        ports: Vec<String>,
    },
    Cmd(CommandLine),
    Entrypoint(CommandLine),
    HealthCheck {
        command: Option<String>,
    },
    StopSignal {
        signal: String,
    },
    Volume {
        paths: Vec<String>,
    },
}

/// The command of CMD or ENTRYPOINT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The words: as written in exec form, or the whole line as one word in shell form.
    pub words: Vec<String>,
    /// Shell form: `/bin/sh -c` is the process that gets the signals, unless the line starts with `exec`.
    pub shell: bool,
}

impl CommandLine {
    /// The command as one line.
    pub fn line(&self) -> String {
        self.words.join(" ")
    }
}

impl ImageRef {
    /// Splits a reference as Docker does: a tag is what follows the last colon after the last slash.
    pub fn parse(text: &str) -> Self {
        let variable = text.contains('$') || text.contains("{{");
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let after_slash = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[after_slash..].find(':') {
            Some(colon) if !variable => (
                &rest[..after_slash + colon],
                Some(rest[after_slash + colon + 1..].to_owned()),
            ),
            _ => (rest, None),
        };
        ImageRef {
            name: name.to_owned(),
            tag,
            digest,
            variable,
        }
    }

    /// The last part of the name: `postgres` of `docker.io/library/postgres`.
    pub fn short_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Whether the reference can mean another image tomorrow: no digest, and no tag or a moving one.
    pub fn floats(&self) -> bool {
        !self.variable
            && self.digest.is_none()
            && self.name != "scratch"
            && self.tag.as_deref().is_none_or(|tag| {
                matches!(
                    tag,
                    "latest"
                        | "stable"
                        | "edge"
                        | "nightly"
                        | "main"
                        | "master"
                        | "lts"
                        | "current"
                )
            })
    }
}

impl Image {
    /// The stage that runs.
    pub fn last(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// The steps that shape what runs: those of the last stage and of the stages it starts from,
    /// the earliest first.
    pub fn effective_steps(&self) -> Vec<&Step> {
        let mut chain = Vec::new();
        let mut next = self.stages.len().checked_sub(1);
        while let Some(index) = next {
            let Some(stage) = self.stages.get(index) else {
                break;
            };
            chain.push(stage);
            next = stage.parent.filter(|parent| *parent < index);
        }
        chain.iter().rev().flat_map(|stage| &stage.steps).collect()
    }

    /// The external image that what runs is built on.
    pub fn base(&self) -> Option<&Stage> {
        let mut index = self.stages.len().checked_sub(1)?;
        while let Some(parent) = self
            .stages
            .get(index)?
            .parent
            .filter(|parent| *parent < index)
        {
            index = parent;
        }
        self.stages.get(index)
    }
}

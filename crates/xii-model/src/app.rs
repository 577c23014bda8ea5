//! What the survey makes of a repository.

use std::collections::BTreeSet;

use crate::Notice;
use crate::facts::{Facts, FileEntry, Git};

/// A deployable unit of the repository, with everything that was read of it.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// Its name: the manifest's, or the folder's.
    pub name: String,
    /// Its folder below the audited one; `.` for the audited folder itself.
    pub root: String,
    /// What it is.
    pub kind: AppKind,
    /// Languages of its source, the most used first: `javascript`, `typescript`, `python`.
    pub languages: Vec<String>,
    /// The frameworks that it is built on.
    pub frameworks: BTreeSet<Framework>,
    /// Its facts, those of files it shares with other apps included (compose, pipelines).
    pub facts: Facts,
    /// Its files, those that it shares with other apps included.
    pub files: Vec<FileEntry>,
    /// The git work tree around it.
    pub git: Option<Git>,
    /// The roots of all apps in the repository.
    pub siblings: Vec<String>,
}

/// What an app is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppKind {
    /// Runs on a server.
    #[default]
    Service,
    /// Files that a browser runs; what serves them is somebody else's.
    Site,
    /// Code that other apps use: it does not run by itself.
    Library,
}

/// A framework that changes what a finding advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Framework {
    Express,
    Fastify,
    Koa,
    Hapi,
    Nest,
    Next,
    Nuxt,
    Remix,
    SocketIo,
    Apollo,
    Flask,
    Django,
    FastApi,
    Starlette,
    Tornado,
    Aiohttp,
    Sanic,
    Celery,
    Gunicorn,
    Uvicorn,
    BullMq,
    React,
    Vue,
    Angular,
    Svelte,
    Vite,
}

impl Framework {
    /// Whether an app built on it runs as a process that answers or works.
    pub fn is_server(self) -> bool {
        !matches!(
            self,
            Framework::React
                | Framework::Vue
                | Framework::Angular
                | Framework::Svelte
                | Framework::Vite
                | Framework::Gunicorn
                | Framework::Uvicorn
        )
    }

    /// The name that its makers use.
    pub fn name(self) -> &'static str {
        match self {
            Framework::Express => "Express",
            Framework::Fastify => "Fastify",
            Framework::Koa => "Koa",
            Framework::Hapi => "hapi",
            Framework::Nest => "NestJS",
            Framework::Next => "Next.js",
            Framework::Nuxt => "Nuxt",
            Framework::Remix => "Remix",
            Framework::SocketIo => "Socket.IO",
            Framework::Apollo => "Apollo Server",
            Framework::Flask => "Flask",
            Framework::Django => "Django",
            Framework::FastApi => "FastAPI",
            Framework::Starlette => "Starlette",
            Framework::Tornado => "Tornado",
            Framework::Aiohttp => "aiohttp",
            Framework::Sanic => "Sanic",
            Framework::Celery => "Celery",
            Framework::Gunicorn => "gunicorn",
            Framework::Uvicorn => "uvicorn",
            Framework::BullMq => "BullMQ",
            Framework::React => "React",
            Framework::Vue => "Vue",
            Framework::Angular => "Angular",
            Framework::Svelte => "Svelte",
            Framework::Vite => "Vite",
        }
    }
}

/// Whether a command starts a program that takes work from a queue: `rq worker`,
/// `celery -A app worker`.
fn starts_worker(command: &str) -> bool {
    let mut program = "";
    for word in command.split_whitespace() {
        let name = word.rsplit('/').next().unwrap_or(word);
        match name {
            "rq" | "celery" => program = name,
            "worker" if !program.is_empty() => return true,
            "dramatiq" | "huey_consumer" | "huey_consumer.py" | "arq" | "rqworker" => return true,
            _ => {}
        }
        if word.ends_with([';', '|', '&']) {
            program = "";
        }
    }
    false
}

/// Why a criterion of services asks nothing of an app that serves nobody, as far as its code was read.
pub const ANSWERS_NOTHING: &str = "the app answers no HTTP requests";

impl App {
    /// Whether the app is built on the framework.
    pub fn uses(&self, framework: Framework) -> bool {
        self.frameworks.contains(&framework)
    }

    /// Whether any of its source is in the language.
    pub fn speaks(&self, language: &str) -> bool {
        self.languages.iter().any(|one| one == language)
    }

    /// Whether it has JavaScript or TypeScript source.
    pub fn is_node(&self) -> bool {
        self.speaks("javascript") || self.speaks("typescript")
    }

    /// Whether it has Python source.
    pub fn is_python(&self) -> bool {
        self.speaks("python")
    }

    /// Whether all of its code is in languages that the survey reads: then what was not found is not there.
    pub fn is_read(&self) -> bool {
        const READ: [&str; 3] = ["javascript", "typescript", "python"];
        !self.languages.is_empty()
            && self
                .languages
                .iter()
                .all(|one| READ.contains(&one.as_str()))
    }

    /// Whether it answers HTTP: it listens, has routes, or is built on a web framework.
    pub fn serves(&self) -> bool {
        const WEB: [Framework; 15] = [
            Framework::Express,
            Framework::Fastify,
            Framework::Koa,
            Framework::Hapi,
            Framework::Nest,
            Framework::Next,
            Framework::Nuxt,
            Framework::Remix,
            Framework::Flask,
            Framework::Django,
            Framework::FastApi,
            Framework::Starlette,
            Framework::Tornado,
            Framework::Aiohttp,
            Framework::Sanic,
        ];
        self.kind == AppKind::Service
            && (self
                .facts
                .listens
                .iter()
                .any(|listen| listen.scope.is_deployed())
                || self
                    .facts
                    .routes
                    .iter()
                    .any(|route| route.scope.is_deployed())
                || WEB.iter().any(|framework| self.uses(*framework)))
    }

    /// Whether it takes work from a queue.
    pub fn works(&self) -> bool {
        self.facts
            .queue_consumers
            .iter()
            .any(|consumer| consumer.scope.is_deployed())
            || self
                .facts
                .process_types
                .iter()
                .any(|process| starts_worker(&process.command))
    }

    /// A path below the app's root, for advice: `Procfile` or `backend/Procfile`.
    pub fn path(&self, name: &str) -> String {
        if self.root == "." {
            name.to_owned()
        } else {
            format!("{}/{name}", self.root)
        }
    }

    /// Whether a declared dependency of any group has one of the names.
    pub fn depends_on(&self, names: &[&str]) -> bool {
        self.facts
            .dependencies
            .iter()
            .any(|dependency| names.contains(&dependency.name.as_str()))
    }
}

/// What the survey made of a folder: its apps, and what it could not read.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The apps, in the order of their roots.
    pub apps: Vec<App>,
    /// What could not be read.
    pub notices: Vec<Notice>,
    /// Comments `xii: allow(rule) reason`.
    pub allowances: Vec<Allowance>,
    /// How much was read.
    pub tally: crate::Tally,
}

/// A comment `xii: allow(rule, …) reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The file.
    pub path: std::sync::Arc<str>,
    /// The line of the comment.
    pub line: u32,
    /// The line that it speaks of: its own when code stands before the comment, else the next line with code.
    pub target: u32,
    /// The rules or criteria.
    pub rules: Vec<String>,
    /// The reason; empty when none is given.
    pub reason: String,
}

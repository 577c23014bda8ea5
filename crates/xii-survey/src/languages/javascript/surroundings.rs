//! The surroundings of code: handlers, browsers, branches for development.

use std::collections::HashSet;

use super::handlers::handlers;
use super::names::canonical;
use super::seen::Called;
use crate::languages::language::File;
use crate::languages::scope::Surroundings;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};

/// Packages whose code runs in a browser.
const BROWSER: [&str; 26] = [
    "react",
    "react-dom",
    "vue",
    "svelte",
    "jquery",
    "angular",
    "preact",
    "solid-js",
    "redux",
    "react-redux",
    "mobx-react",
    "vuex",
    "pinia",
    "styled-components",
    "@emotion/",
    "@mui/",
    "@angular/core",
    "@reduxjs/",
    "react-router",
    "vue-router",
    "bootstrap",
    "d3",
    "three",
    "@testing-library/",
    "lit",
    "alpinejs",
];

/// Packages and built-in modules that only a server has.
const SERVER: [&str; 44] = [
    "fs",
    "node:fs",
    "http",
    "node:http",
    "https",
    "node:https",
    "net",
    "node:net",
    "child_process",
    "node:child_process",
    "cluster",
    "path",
    "node:path",
    "os",
    "node:os",
    "express",
    "koa",
    "fastify",
    "@nestjs/",
    "@hapi/",
    "pg",
    "mysql",
    "mysql2",
    "mongoose",
    "mongodb",
    "redis",
    "ioredis",
    "knex",
    "sequelize",
    "typeorm",
    "@prisma/client",
    "bull",
    "bullmq",
    "amqplib",
    "kafkajs",
    "nodemailer",
    "next/server",
    "next/headers",
    "apollo-server",
    "@apollo/server",
    "winston",
    "pino",
    "dotenv",
    "socket.io",
];

/// Folders that hold what a browser is sent.
const FOLDERS: [&str; 12] = [
    "public",
    "static",
    "assets",
    "client",
    "frontend",
    "www",
    "webapp",
    "browser",
    "ui",
    "web-ui",
    "wwwroot",
    "javascripts",
];

/// The surroundings of a file's code.
#[derive(Debug, Default)]
pub(super) struct Around {
    browser: bool,
    handlers: HashSet<NodeId>,
}

impl Around {
    pub(super) fn of(file: &File<'_>, calls: &[Called]) -> Self {
        Around {
            browser: in_browser(file),
            handlers: handlers(file, calls),
        }
    }

    pub(super) fn is_handler(&self, function: NodeId) -> bool {
        self.handlers.contains(&function)
    }

    pub(super) fn browser(&self) -> bool {
        self.browser
    }
}

impl Surroundings for Around {
    fn development(&self, tree: &Tree, test: NodeId) -> Option<bool> {
        development(tree, test, 8)
    }

    fn is_handler(&self, _: &Tree, function: NodeId) -> bool {
        self.handlers.contains(&function)
    }

    fn is_browser(&self, _: &File<'_>) -> bool {
        self.browser
    }
}

/// Variables that hold the environment's name.
const ENVIRONMENTS: [&str; 13] = [
    "NODE_ENV",
    "APP_ENV",
    "ENV",
    "ENVIRONMENT",
    "DEPLOY_ENV",
    "STAGE",
    "APP_ENVIRONMENT",
    "NODE_CONFIG_ENV",
    "SERVER_ENV",
    "DEPLOYMENT_ENV",
    "RUNTIME_ENV",
    "APP_STAGE",
    "VERCEL_ENV",
];

/// The variable that an expression reads the environment's name from; the last member's name when
/// that is another module's.
pub(super) fn environment_name(tree: &Tree, id: NodeId) -> Option<String> {
    let id = tree.follow(id);
    // `process.env.NODE_ENV || 'development'`, `NODE_ENV.toLowerCase()`.
    let id = match tree.kind(id) {
        Kind::Binary {
            operator: Operator::Or | Operator::Coalesce,
            left,
            ..
        } => tree.follow(*left),
        _ => id,
    };
    let path = match tree.kind(id) {
        Kind::Call { args, .. } => {
            let called = canonical(tree.called(id)?);
            let first = args.first().and_then(|arg| tree.as_text(arg.value));
            return match first {
                Some(name) if called.ends_with(".get") || called.ends_with(".getOrThrow") => {
                    let last = name.rsplit('.').next().unwrap_or(name);
                    let known = ENVIRONMENTS.contains(&last)
                        || matches!(last, "env" | "nodeEnv" | "environment");
                    known.then(|| {
                        if ENVIRONMENTS.contains(&last) {
                            last.to_owned()
                        } else {
                            "NODE_ENV".to_owned()
                        }
                    })
                }
                _ => None,
            };
        }
        _ => canonical(tree.path(id)?),
    };
    let (object, last) = path.rsplit_once('.')?;
    if object == "process.env" || object == "Bun.env" {
        return ENVIRONMENTS.contains(&last).then(|| last.to_owned());
    }
    let is_config = object.to_lowercase().contains("config")
        || object.to_lowercase().contains("env")
        || object.to_lowercase().contains("settings");
    match last {
        "NODE_ENV" | "APP_ENV" | "ENVIRONMENT" => Some(last.to_owned()),
        "env" | "nodeEnv" | "environment" if is_config => Some("NODE_ENV".to_owned()),
        "MODE" if object == "import.meta.env" => Some("MODE".to_owned()),
        _ => None,
    }
}

fn development(tree: &Tree, test: NodeId, steps: usize) -> Option<bool> {
    let steps = steps.checked_sub(1)?;
    match tree.kind(test) {
        Kind::Binary {
            operator: operator @ (Operator::Equal | Operator::NotEqual),
            left,
            right,
        } => {
            let (subject, name) = match (tree.as_text(*left), tree.as_text(*right)) {
                (None, Some(name)) => (*left, name),
                (Some(name), None) => (*right, name),
                _ => return None,
            };
            environment_name(tree, subject)?;
            let equal = *operator == Operator::Equal;
            match name.to_lowercase().as_str() {
                "production" | "prod" | "live" => Some(!equal),
                "development" | "dev" | "test" | "testing" | "local" => Some(equal),
                _ => None,
            }
        }
        Kind::Call { callee, args, .. } => {
            // `['development', 'test'].includes(process.env.NODE_ENV)`
            let Kind::Member { object, property } = tree.kind(*callee) else {
                return None;
            };
            let first = args.first()?.value;
            let Kind::List(names) = tree.kind(tree.follow(*object)) else {
                return None;
            };
            if property != "includes" || environment_name(tree, first).is_none() {
                return None;
            }
            let all = |wanted: &[&str]| {
                names.iter().all(|name| {
                    tree.as_text(*name)
                        .is_some_and(|name| wanted.contains(&name))
                })
            };
            if all(&["development", "dev", "test", "testing", "local"]) {
                Some(true)
            } else if all(&["production", "prod", "staging", "live"]) {
                Some(false)
            } else {
                None
            }
        }
        Kind::Name(_) | Kind::Member { .. } => {
            let followed = tree.follow(test);
            if followed != test {
                let inner = match tree.kind(followed) {
                    Kind::Not(inner) => development(tree, *inner, steps).map(|found| !found),
                    _ => development(tree, followed, steps),
                };
                if inner.is_some() {
                    return inner;
                }
            }
            let last = match tree.kind(test) {
                Kind::Name(name) => name,
                Kind::Member { property, .. } => property,
                _ => return None,
            };
            let plain: String = last
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase())
                .collect();
            match plain.as_str() {
                "isdev" | "isdevelopment" | "isdevmode" | "istest" | "islocal" | "dev"
                | "devmode" | "isdevenv" | "istesting" => Some(true),
                "isprod" | "isproduction" | "isprodenv" | "prod" | "production" => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

fn starts(module: &str, list: &[&str]) -> bool {
    list.iter().any(|one| {
        module.strip_prefix(one).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['/', '.']) || one.ends_with('/')
        })
    })
}

fn in_browser(file: &File<'_>) -> bool {
    let tree = file.tree;
    let text = file.source.text;
    let start: String = text.trim_start().chars().take(14).collect();
    if start.contains("use client") {
        return true;
    }
    if start.contains("use server") {
        return false;
    }
    let modules = || {
        tree.imports
            .iter()
            .filter(|import| !import.type_only)
            .map(|import| import.module.as_str())
    };
    if modules().any(|module| starts(module, &SERVER)) {
        return false;
    }
    let path = file.source.path.as_ref();
    let is_next = modules().any(|module| module.starts_with("next/") || module == "next");
    let route = matches!(
        file.source.name(),
        "route.ts" | "route.js" | "middleware.ts" | "instrumentation.ts"
    ) || path.contains("pages/api/");
    if is_next || route {
        return false;
    }
    if modules().any(|module| starts(module, &BROWSER)) || matches!(file.extension, "jsx" | "tsx") {
        return true;
    }
    let in_folder = path
        .split('/')
        .rev()
        .skip(1)
        .any(|folder| FOLDERS.contains(&folder));
    if memchr::memmem::find(text.as_bytes(), b"import.meta.env").is_some() {
        return true;
    }
    let global = |name: &str| {
        tree.ids().any(|id| match tree.kind(id) {
            Kind::Member { object, .. } => {
                matches!(tree.kind(*object), Kind::Name(found) if found == name)
                    && tree.lookup(name, id).is_empty()
            }
            _ => false,
        })
    };
    let touches = ["window", "document", "localStorage", "navigator"]
        .into_iter()
        .any(|name| {
            memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some() && global(name)
        });
    if touches {
        return true;
    }
    // In such a folder, what imports nothing is sent as it is, whatever it names.
    let serves = memchr::memmem::find(text.as_bytes(), b"process.").is_some()
        && !tree.imports.is_empty()
        || memchr::memmem::find(text.as_bytes(), b"require(").is_some();
    in_folder && !serves
}

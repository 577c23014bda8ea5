//! Finds compilers that the build needed and the running image still has.
//!
//! ## What it looks for
//!
//! Compilers and header packages that the stage which runs installs and does not remove.
//!
//! ## Why it matters
//!
//! What only the build needs makes every pull and every start slower, and gives an intruder a
//! workshop. It also blurs the line between building and running, so that sooner or later something
//! is built at run time.
//!
//! ## What to do instead
//!
//! Build in one stage and copy what came of it into another:
//!
//! ```dockerfile
//! FROM python:3.13 AS build
//! RUN pip wheel --wheel-dir /wheels -r requirements.txt
//!
//! FROM python:3.13-slim
//! COPY --from=build /wheels /wheels
//! RUN pip install --no-index --find-links /wheels /wheels/*
//! ```

use xii_model::{App, Confidence, Evidence, Fact, Image, Instruction, Severity};

use crate::command::parse;
use crate::wording::list;
use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "build-tools-in-image",
    criteria: &["V.6"],
    severity: Severity::Note,
    check,
};

/// System packages that only a build needs.
const TOOLS: [&str; 22] = [
    "build-essential",
    "gcc",
    "g++",
    "make",
    "cmake",
    "clang",
    "build-base",
    "musl-dev",
    "linux-headers",
    "python3-dev",
    "python-dev",
    "libpq-dev",
    "postgresql-dev",
    "libffi-dev",
    "libssl-dev",
    "openssl-dev",
    "libc-dev",
    "libc6-dev",
    "cargo",
    "autoconf",
    "automake",
    "default-libmysqlclient-dev",
];

fn check(app: &App, claims: &mut Claims<'_>) {
    for image in images::deployed(app) {
        let left = left_behind(image);
        let Some((at, _)) = left.first() else {
            continue;
        };
        // Headers alone bring the library that the program is linked with, and are often kept for it.
        let compiler = left
            .iter()
            .any(|(_, tool)| !tool.ends_with("-dev") && !tool.ends_with("-headers"));
        let names: Vec<String> = left.iter().map(|(_, tool)| format!("`{tool}`")).collect();
        let one = names.len() == 1;
        claims
            .finding(
                at,
                format!(
                    "{} {} in the image that runs, though only its build needs {}: it is larger to pull, and an intruder finds tools",
                    list(&names, 5),
                    if one { "stays" } else { "stay" },
                    if one { "it" } else { "them" }
                ),
            )
            .confidence(if compiler { Confidence::High } else { Confidence::Low })
            .help(if app.is_python() {
                "build in a stage of its own, and copy the result:\n    FROM python:3.13 AS build\n    RUN pip wheel --wheel-dir /wheels -r requirements.txt\n    FROM python:3.13-slim\n    COPY --from=build /wheels /wheels"
            } else {
                "build in a stage of its own, and copy the result:\n    FROM node:22 AS build\n    RUN npm ci\n    FROM node:22-slim\n    COPY --from=build /app/node_modules ./node_modules"
            });
    }
}

/// The build tools that the running stage installs and never removes.
fn left_behind(image: &Fact<Image>) -> Vec<(&Evidence, String)> {
    let mut left: Vec<(&Evidence, String)> = Vec::new();
    for step in image.effective_steps() {
        let Instruction::Run { command, .. } = &step.does else {
            continue;
        };
        // `apk add --virtual .build …` groups packages under a name that is removed as one.
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for command in parse(command) {
            let found: Vec<String> = command
                .operands()
                .map(|word| word.split(['=', '~', '>']).next().unwrap_or(word))
                .filter(|word| TOOLS.contains(word))
                .map(str::to_owned)
                .collect();
            match (command.program(), command.verb()) {
                ("apt-get" | "apt" | "apk" | "yum" | "dnf", _)
                    if command.has("install") || command.has("add") =>
                {
                    let group = command
                        .args()
                        .windows(2)
                        .find_map(|two| match two {
                            [flag, name] if flag == "--virtual" || flag == "-t" => {
                                Some(name.clone())
                            }
                            _ => None,
                        })
                        .or_else(|| {
                            command
                                .args()
                                .iter()
                                .find_map(|arg| arg.strip_prefix("--virtual=").map(str::to_owned))
                        });
                    groups.push((group.unwrap_or_default(), found.clone()));
                    left.extend(found.into_iter().map(|tool| (&step.at, tool)));
                }
                (
                    "apt-get" | "apt" | "apk" | "yum" | "dnf",
                    Some("remove" | "purge" | "del" | "erase" | "autoremove"),
                ) => {
                    let everything = command.operands().any(|word| word.contains('$'));
                    let removed: Vec<&str> = command.operands().collect();
                    left.retain(|(_, tool)| {
                        let in_group = groups.iter().any(|(name, tools)| {
                            !name.is_empty()
                                && removed.contains(&name.as_str())
                                && tools.contains(tool)
                        });
                        !everything && !removed.contains(&tool.as_str()) && !in_group
                    });
                }
                _ => {}
            }
        }
    }
    left.dedup_by(|a, b| a.1 == b.1);
    left
}

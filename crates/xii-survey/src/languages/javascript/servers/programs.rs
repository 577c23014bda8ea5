//! Other programs, the end of this one, and what is compiled while it runs.

use xii_model::{Daemonize, Facts, Idempotency, ProcessExit, RuntimeCompile, Spawn};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Kind, NodeId};

/// What runs another program, and whether a shell is between.
const SPAWNERS: [(&str, bool); 14] = [
    ("child_process.exec", true),
    ("child_process.execSync", true),
    ("child_process.spawn", false),
    ("child_process.spawnSync", false),
    ("child_process.execFile", false),
    ("child_process.execFileSync", false),
    ("cross-spawn", false),
    ("cross-spawn.sync", false),
    ("execa", false),
    ("execa.execa", false),
    ("execa.execaCommand", false),
    ("execa.execaSync", false),
    ("shelljs.exec", true),
    ("zx.$", true),
];

/// What compiles assets or code while the app serves.
const COMPILERS: [&str; 16] = [
    "webpack-dev-middleware",
    "webpack-hot-middleware",
    "webpack",
    "ts-node.register",
    "esbuild.build",
    "esbuild.buildSync",
    "vite.createServer",
    "node-sass-middleware",
    "sass-middleware",
    "less-middleware",
    "stylus.middleware",
    "express-less-middleware",
    "rollup.rollup",
    "parcel-bundler",
    "@parcel/core.Parcel",
    "browserify-middleware",
];

/// Modules whose import compiles what is loaded after them.
const REGISTERS: [&str; 8] = [
    "ts-node/register",
    "@babel/register",
    "babel-register",
    "@swc/register",
    "@swc-node/register",
    "esbuild-register",
    "tsx/cjs",
    "sucrase/register",
];

/// Calls that make work safe to repeat.
const REPEATABLE: [(&str, &str); 12] = [
    ("*.transaction", "transaction"),
    ("*.$transaction", "transaction"),
    ("*.startTransaction", "transaction"),
    ("*.withTransaction", "transaction"),
    ("*.beginTransaction", "transaction"),
    ("*.upsert", "upsert"),
    ("*.findOrCreate", "upsert"),
    ("*.insertOrUpdate", "upsert"),
    ("*.onConflict", "upsert"),
    ("*.onConflictDoUpdate", "upsert"),
    ("*.onConflictDoNothing", "upsert"),
    ("typeorm.Unique", "unique constraint"),
];

/// Reads programs, exits, compilers and what may be repeated.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let path = call.path.as_str();
        if let Some((_, shell)) = SPAWNERS.iter().find(|(known, _)| *known == path) {
            let asked = seen
                .option(call.id, &["shell"])
                .is_some_and(|flag| seen.flag(flag) != Some(false));
            let detached = seen
                .option(call.id, &["detached"])
                .is_some_and(|flag| seen.flag(flag) == Some(true));
            let spawn = Spawn {
                program: tree.arg(call.id, 0).and_then(|first| program(seen, first)),
                shell: *shell || asked,
                detached,
                through: path.to_owned(),
            };
            facts.push(seen.fact(call.id, spawn));
        } else if path == "process.exit" {
            let code = tree
                .arg(call.id, 0)
                .and_then(|code| match tree.kind(tree.follow(code)) {
                    Kind::Number(number) => number.parse().ok(),
                    _ => None,
                });
            facts.push(seen.fact(call.id, ProcessExit { code }));
        } else if COMPILERS.contains(&path) {
            let compile = RuntimeCompile {
                through: path.split('.').next().unwrap_or(path).to_owned(),
            };
            facts.push(seen.fact(call.id, compile));
        } else if matches!(
            path,
            "daemonize-process" | "daemon" | "daemonizer.setup" | "npid.create"
        ) {
            let daemon = Daemonize {
                how: path.to_owned(),
                pid_file: None,
            };
            facts.push(seen.fact(call.id, daemon));
        }
        if let Some((_, how)) = REPEATABLE.iter().find(|(known, _)| fits(known, path))
            && !path.contains("sentry")
        {
            facts.push(seen.fact(call.id, Idempotency { how }));
        } else if seen.option(call.id, &["jobId"]).is_some() && path.ends_with(".add") {
            facts.push(seen.fact(call.id, Idempotency { how: "job id" }));
        }
    }
    for import in &tree.imports {
        if REGISTERS.contains(&import.module.as_str()) {
            let compile = RuntimeCompile {
                through: import.module.clone(),
            };
            facts.push(seen.file.source.fact(import.span.clone(), compile));
        }
    }
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Text(text) => {
                let lower = text.to_lowercase();
                if text.len() < 40 && (lower == "idempotency-key" || lower == "x-idempotency-key") {
                    facts.push(seen.fact(
                        id,
                        Idempotency {
                            how: "idempotency key",
                        },
                    ));
                } else if lower.contains("on conflict") && lower.contains("insert") {
                    facts.push(seen.fact(id, Idempotency { how: "upsert" }));
                }
            }
            Kind::Map(_) => {
                let unique = tree
                    .entry(id, "unique")
                    .filter(|flag| seen.flag(*flag) == Some(true));
                if let Some(at) = unique {
                    facts.push(seen.fact(
                        at,
                        Idempotency {
                            how: "unique constraint",
                        },
                    ));
                }
            }
            _ => {}
        }
    }
}

/// The program that a command starts.
fn program(seen: &Seen<'_>, command: NodeId) -> Option<String> {
    let text = match seen.tree.kind(seen.tree.follow(command)) {
        Kind::Text(text) => text.as_str(),
        Kind::Template(parts) => seen.tree.as_text(*parts.first()?)?,
        Kind::Binary { left, .. } => seen.text(*left)?,
        _ => return None,
    };
    let word = text
        .split_whitespace()
        .find(|word| !word.contains('=') && *word != "sudo" && *word != "exec")?;
    let name = word.rsplit('/').next().unwrap_or(word);
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    (plain && !name.is_empty() && name.len() < 40).then(|| name.to_owned())
}

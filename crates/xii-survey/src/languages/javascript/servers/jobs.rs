//! Work that a clock starts, and work beside the requests.

use xii_model::{BackgroundWork, Facts, ScheduledJob};

use crate::languages::javascript::names::fits;
use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// A scheduler: the path of its call, its name, where the schedule stands, and whether it keeps its
/// jobs in a database so that one of many instances runs each.
struct Scheduler {
    path: &'static str,
    through: &'static str,
    shared: bool,
}

const fn row(path: &'static str, through: &'static str, shared: bool) -> Scheduler {
    Scheduler {
        path,
        through,
        shared,
    }
}

const SCHEDULERS: [Scheduler; 19] = [
    row("node-cron.schedule", "node-cron", false),
    row("cron.CronJob", "cron", false),
    row("cron.CronJob.from", "cron", false),
    row("cron.job", "cron", false),
    row("node-schedule.scheduleJob", "node-schedule", false),
    row("croner", "croner", false),
    row("croner.Cron", "croner", false),
    row("toad-scheduler.SimpleIntervalJob", "toad-scheduler", false),
    row("bree", "bree", false),
    row("agenda().every", "agenda", true),
    row("agenda.Agenda().every", "agenda", true),
    row("pg-boss().schedule", "pg-boss", true),
    row("graphile-worker.run", "graphile-worker", true),
    row("@nestjs/schedule.Cron", "@nestjs/schedule", false),
    row("@nestjs/schedule.Interval", "@nestjs/schedule", false),
    row("later.setInterval", "later", false),
    row("node-cron-tz.schedule", "node-cron", false),
    row(
        "meteor/littledata:synced-cron.SyncedCron.add",
        "synced-cron",
        true,
    ),
    row(
        "set-interval-async.setIntervalAsync",
        "set-interval-async",
        false,
    ),
];

/// What runs work in the background of the process.
const BACKGROUND: [(&str, &str); 7] = [
    ("worker_threads.Worker", "worker_threads"),
    ("piscina", "piscina"),
    ("piscina.Piscina", "piscina"),
    ("workerpool.pool", "workerpool"),
    ("tinypool", "tinypool"),
    ("threads.spawn", "threads"),
    ("cluster.fork", "cluster"),
];

/// Reads jobs and background work.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        if let Some(scheduler) = SCHEDULERS.iter().find(|one| fits(one.path, &call.path)) {
            let first = tree.arg(call.id, 0);
            let schedule = first.and_then(|first| plain(seen, first)).or_else(|| {
                seen.option(call.id, &["cronTime", "rule", "cron", "interval"])
                    .and_then(|time| plain(seen, time))
            });
            let job = ScheduledJob {
                through: scheduler.through.to_owned(),
                schedule,
                in_process: !scheduler.shared,
                guarded: scheduler.shared || guarded(seen, call.id),
            };
            facts.push(seen.fact(call.id, job));
        } else if call.path == "setInterval" {
            interval(seen, call, facts);
        } else if call.path.ends_with(".add") && repeats(seen, call) {
            let job = ScheduledJob {
                through: "bullmq".to_owned(),
                schedule: None,
                in_process: false,
                guarded: true,
            };
            facts.push(seen.fact(call.id, job));
        }
        if let Some((_, through)) = BACKGROUND.iter().find(|(path, _)| *path == call.path) {
            let work = BackgroundWork {
                through: (*through).to_owned(),
            };
            facts.push(seen.fact(call.id, work));
        }
    }
}

/// A literal as it is written.
fn plain(seen: &Seen<'_>, id: NodeId) -> Option<String> {
    match seen.tree.kind(seen.tree.follow(id)) {
        Kind::Text(text) | Kind::Number(text) => Some(text.chars().take(60).collect()),
        Kind::Member { property, .. } => Some(property.clone()),
        _ => None,
    }
}

/// A repeatable job lives in the queue.
fn repeats(seen: &Seen<'_>, call: &Called) -> bool {
    seen.option(call.id, &["repeat"]).is_some()
        && (call.path.contains("bull") || call.path.to_lowercase().contains("queue"))
}

/// An interval of the server that works on resources: one that only counts or keeps alive is none.
fn interval(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let tree = seen.tree;
    let file = seen.file.source.path.to_lowercase();
    let measures = ["metric", "health", "heartbeat", "telemetry"]
        .iter()
        .any(|word| file.contains(word));
    if seen.around.browser() || measures {
        return;
    }
    let in_handler = tree
        .ancestors(call.id)
        .any(|outer| seen.around.is_handler(outer));
    let Some(callback) = tree.arg(call.id, 0).filter(|_| !in_handler) else {
        return;
    };
    let works = match seen.function(callback) {
        Some(function) => tree.within(function).any(|id| works(seen, id)),
        // A function of another file of the app.
        None => tree
            .reference(callback)
            .is_some_and(|(module, _)| module.starts_with('.')),
    };
    if !works {
        return;
    }
    let job = ScheduledJob {
        through: "setInterval".to_owned(),
        schedule: tree.arg(call.id, 1).and_then(|time| plain(seen, time)),
        in_process: true,
        guarded: guarded(seen, call.id),
    };
    facts.push(seen.fact(call.id, job));
}

/// Whether a node is a call that reaches a resource or another part of the app.
fn works(seen: &Seen<'_>, id: NodeId) -> bool {
    let Kind::Call { callee, .. } = seen.tree.kind(id) else {
        return false;
    };
    let path = seen.path(*callee).unwrap_or_default();
    let quiet = [
        "log",
        "metric",
        "ping",
        "heartbeat",
        "gauge",
        "emit",
        "gc",
        "memoryusage",
        "keepalive",
        "alive",
    ];
    let lower = path.to_lowercase();
    if quiet.iter().any(|word| lower.contains(word)) {
        return false;
    }
    let awaited = seen
        .tree
        .parent(id)
        .is_some_and(|parent| matches!(seen.tree.kind(parent), Kind::Await(_)));
    let resource = [
        "pg.",
        "mysql",
        "mongo",
        "redis",
        "knex",
        "sequelize",
        "prisma",
        "typeorm",
        "axios",
        "fetch",
        "nodemailer",
        "fs.",
    ]
    .iter()
    .any(|start| lower.starts_with(start));
    awaited || resource
}

/// Whether a lock stands around or in the work.
fn guarded(seen: &Seen<'_>, call: NodeId) -> bool {
    let tree = seen.tree;
    let functions = tree
        .args(call)
        .iter()
        .filter_map(|arg| seen.function(arg.value))
        .chain(
            tree.parent(call)
                .filter(|parent| matches!(tree.kind(*parent), Kind::Function(_))),
        );
    functions.into_iter().any(|function| {
        tree.within(function).take(500).any(|id| {
            tree.called(id).is_some_and(|path| {
                let path = path.to_lowercase();
                [
                    "redlock",
                    ".acquire",
                    "withlock",
                    "trylock",
                    "advisory",
                    "isleader",
                    "leaderelect",
                    ".lock",
                ]
                .iter()
                .any(|word| path.contains(word))
            })
        })
    })
}

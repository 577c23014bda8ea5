//! Work besides requests: schedules, queues, threads.

use xii_model::{BackgroundWork, QueueConsumer, ScheduledJob};

use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::syntax::{Kind, NodeId, Tree};

/// Schedulers that run in every process that loads the code.
const SCHEDULERS: &[&str] = &[
    "BackgroundScheduler",
    "BlockingScheduler",
    "AsyncIOScheduler",
    "GeventScheduler",
    "TornadoScheduler",
    "TwistedScheduler",
    "APScheduler",
];

/// Calls that start work in the background of the process.
#[rustfmt::skip]
const BACKGROUND: &[(&str, &str)] = &[
    ("threading.Thread", "threading.Thread"),
    ("_thread.start_new_thread", "threading.Thread"),
    ("multiprocessing.Process", "multiprocessing.Process"),
    ("multiprocessing.Pool", "multiprocessing.Pool"),
    ("concurrent.futures.ThreadPoolExecutor", "ThreadPoolExecutor"),
    ("concurrent.futures.ProcessPoolExecutor", "ProcessPoolExecutor"),
    ("concurrent.futures.thread.ThreadPoolExecutor", "ThreadPoolExecutor"),
    ("asyncio.create_task", "asyncio.create_task"),
    ("asyncio.ensure_future", "asyncio.create_task"),
    ("starlette.background.BackgroundTask", "BackgroundTask"),
    ("starlette.background.BackgroundTasks", "BackgroundTasks"),
    ("flask_executor.Executor", "flask-executor"),
    ("gevent.spawn", "gevent.spawn"),
    ("eventlet.spawn", "eventlet.spawn"),
];

/// Decorators and calls of queue libraries that declare or take a job.
#[rustfmt::skip]
const CONSUMERS: &[(&str, &str, Option<bool>)] = &[
    ("celery.shared_task", "celery", None),
    ("celery.task", "celery", None),
    ("celery.Celery().task", "celery", None),
    ("dramatiq.actor", "dramatiq", Some(true)),
    ("huey.RedisHuey().task", "huey", Some(false)),
    ("huey.SqliteHuey().task", "huey", Some(false)),
    ("huey.contrib.djhuey.task", "huey", Some(false)),
    ("huey.contrib.djhuey.db_task", "huey", Some(false)),
    ("rq.Worker", "rq", Some(false)),
    ("rq.SimpleWorker", "rq", Some(false)),
    ("django_rq.job", "rq", Some(false)),
    ("rq.decorators.job", "rq", Some(false)),
    ("arq.worker.run_worker", "arq", Some(true)),
    ("arq.run_worker", "arq", Some(true)),
    ("taskiq.InMemoryBroker().task", "taskiq", None),
    ("kafka.KafkaConsumer", "kafka-python", None),
    ("confluent_kafka.Consumer", "confluent-kafka", None),
    ("aiokafka.AIOKafkaConsumer", "aiokafka", None),
    ("faust.App", "faust", Some(true)),
    ("procrastinate.App().task", "procrastinate", Some(true)),
];

/// Adds a fact for each piece of work that is not a request.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let guarded = has_lock(reader);
    for (id, path) in reader.calls {
        scheduled(reader, *id, path, guarded);
        background(reader, *id, path);
        consumed(reader, *id, path);
    }
    for id in tree.ids() {
        if let Some(function) = tree.as_function(id) {
            for decorator in &function.decorators {
                task(reader, *decorator);
            }
            let takes = function.parameters.iter().find(|one| {
                one.annotation
                    .as_deref()
                    .is_some_and(|annotation| annotation.contains("BackgroundTasks"))
            });
            if takes.is_some() {
                let end = tree.span(function.body).start;
                reader.push_span(
                    id,
                    tree.span(id).start..end,
                    BackgroundWork {
                        through: "BackgroundTasks".to_owned(),
                    },
                );
            }
        }
        beat(reader, id);
    }
}

/// Whether the file takes a lock that would make one of several instances run a job.
fn has_lock(reader: &Reader<'_>) -> bool {
    reader.calls.iter().any(|(_, path)| {
        path.ends_with(".lock")
            || path.ends_with("redis_lock.Lock")
            || path.ends_with("pg_try_advisory_lock")
            || path == "fcntl.flock"
            || path.ends_with("RedLock")
            || path.ends_with("Redlock")
    })
}

fn scheduled(reader: &mut Reader<'_>, id: NodeId, path: &str, guarded: bool) {
    let tree = reader.tree;
    let through = if path.ends_with(".add_job") && made_by_scheduler(path) {
        "APScheduler"
    } else if path.starts_with("schedule.every()") && path.ends_with(".do") {
        "schedule"
    } else if path == "threading.Timer" {
        "threading.Timer"
    } else if path.ends_with(".add_periodic_task") {
        "celery beat"
    } else if path.starts_with("fastapi_utils.tasks.repeat_every")
        || path == "fastapi_restful.tasks.repeat_every"
    {
        "repeat_every"
    } else if path.starts_with("aiocron.crontab") && !path.ends_with("()") {
        "aiocron"
    } else {
        return;
    };
    let fact = ScheduledJob {
        through: through.to_owned(),
        schedule: schedule(tree, id),
        in_process: through != "celery beat",
        guarded,
    };
    reader.push(id, fact);
}

/// Whether a path leads to a scheduler: `BackgroundScheduler().add_job`, `~scheduler.add_job`.
fn made_by_scheduler(path: &str) -> bool {
    SCHEDULERS.iter().any(|name| path.contains(name))
        || path.to_ascii_lowercase().contains("scheduler")
}

/// The schedule as far as it is written down.
fn schedule(tree: &Tree, id: NodeId) -> Option<String> {
    let mut words = Vec::new();
    for arg in tree.args(id) {
        if let Some(
            name @ ("hours" | "minutes" | "seconds" | "days" | "weeks" | "hour" | "minute"
            | "day_of_week" | "cron" | "seconds_"),
        ) = arg.name.as_deref()
        {
            match tree.kind(arg.value) {
                Kind::Number(text) | Kind::Text(text) => words.push(format!("{name}={text}")),
                _ => words.push(name.to_owned()),
            }
        } else if arg.name.is_none()
            && let Kind::Text(text) = tree.kind(arg.value)
            && (text == "interval" || text == "cron" || text.split(' ').count() == 5)
        {
            words.push(text.clone());
        }
    }
    (!words.is_empty()).then(|| words.join(" "))
}

fn background(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let Some((_, through)) = BACKGROUND.iter().find(|(name, _)| *name == path) else {
        return;
    };
    // A task that is awaited, kept by a group or in a `with` ends with its caller.
    let waits = reader
        .tree
        .ancestors(id)
        .take(3)
        .any(|outer| matches!(reader.tree.kind(outer), Kind::Await(_) | Kind::With { .. }));
    if waits {
        return;
    }
    reader.push(
        id,
        BackgroundWork {
            through: (*through).to_owned(),
        },
    );
}

fn consumed(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    if path.ends_with(".basic_consume") {
        let automatic = tree
            .keyword(id, "auto_ack")
            .or_else(|| tree.keyword(id, "no_ack"))
            .is_some_and(|value| matches!(tree.kind(value), Kind::Bool(true)));
        reader.push(
            id,
            QueueConsumer {
                through: "pika".to_owned(),
                acknowledges_late: Some(!automatic),
            },
        );
        return;
    }
    // Decorators are looked at on their functions.
    let known = CONSUMERS.iter().find(|(name, ..)| {
        *name == path
            && (path.ends_with("Worker")
                || path.ends_with("Consumer")
                || path.ends_with("run_worker")
                || path.ends_with("App"))
    });
    if let Some((_, through, late)) = known {
        let commits = tree
            .keyword(id, "enable_auto_commit")
            .map(|value| matches!(tree.kind(value), Kind::Bool(false)));
        reader.push(
            id,
            QueueConsumer {
                through: (*through).to_owned(),
                acknowledges_late: commits.or(*late),
            },
        );
    }
}

/// A decorator that makes a function a job.
fn task(reader: &mut Reader<'_>, decorator: NodeId) {
    let tree = reader.tree;
    let (called, path) = match tree.kind(decorator) {
        Kind::Call { callee, .. } => (true, tree.path(*callee)),
        _ => (false, tree.path(decorator)),
    };
    let Some(path) = path else {
        return;
    };
    if path.ends_with(".scheduled_job") && made_by_scheduler(&path) {
        let fact = ScheduledJob {
            through: "APScheduler".to_owned(),
            schedule: schedule(tree, decorator),
            in_process: true,
            guarded: has_lock(reader),
        };
        reader.push(decorator, fact);
        return;
    }
    let last = path.rsplit(['.', '~']).next().unwrap_or_default();
    if last == "periodic_task" {
        let through = if path.starts_with("huey") {
            "huey"
        } else {
            "celery beat"
        };
        reader.push(
            decorator,
            ScheduledJob {
                through: through.to_owned(),
                schedule: None,
                in_process: false,
                guarded: false,
            },
        );
        return;
    }
    let own_celery = last == "task" && {
        let object = path.rsplit_once('.').map_or("", |(object, _)| object);
        let name = object.rsplit(['.', '~']).next().unwrap_or_default();
        name.contains("celery")
            || object.contains("Celery")
            || name == "app" && reader.file.source.text.contains("celery")
    };
    let known = CONSUMERS.iter().find(|(name, ..)| *name == path);
    let (through, late) = match known {
        Some((_, through, late)) => (*through, *late),
        None if own_celery => ("celery", None),
        None => return,
    };
    let given = called
        .then(|| tree.keyword(decorator, "acks_late"))
        .flatten()
        .map(|value| matches!(tree.kind(value), Kind::Bool(true)));
    reader.push(
        decorator,
        QueueConsumer {
            through: through.to_owned(),
            acknowledges_late: given.or(late),
        },
    );
}

/// Celery's schedule, which a beat process of its own runs.
fn beat(reader: &mut Reader<'_>, id: NodeId) {
    let tree = reader.tree;
    let Kind::Assign { target, value, .. } = tree.kind(id) else {
        return;
    };
    if !matches!(
        last_name(tree, *target),
        Some("beat_schedule" | "CELERY_BEAT_SCHEDULE" | "CELERYBEAT_SCHEDULE")
    ) {
        return;
    }
    let names: Vec<String> = match tree.kind(tree.follow(*value)) {
        Kind::Map(pairs) => pairs.iter().filter_map(|pair| pair.key.clone()).collect(),
        _ => Vec::new(),
    };
    reader.push_span(
        id,
        tree.span(*target),
        ScheduledJob {
            through: "celery beat".to_owned(),
            schedule: (!names.is_empty()).then(|| names.join(", ")),
            in_process: false,
            guarded: true,
        },
    );
}

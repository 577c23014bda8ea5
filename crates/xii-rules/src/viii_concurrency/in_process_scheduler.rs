//! The web process runs scheduled work itself, so every instance runs it.
//!
//! ## What it looks for
//!
//! In deployed code of an app that serves HTTP: jobs that a clock inside the process starts
//! (node-cron, `@nestjs/schedule`, APScheduler, `setInterval`, `threading.Timer`), unless a lock
//! guards them or their file is the entry of a process type of its own; and threads that a module
//! starts when it is loaded.
//!
//! ## Why it matters
//!
//! With three instances of `web` the nightly mail goes out three times; with none it does not go out.
//! A long job also competes with requests for the same event loop or interpreter, and dies with
//! whichever instance is replaced.
//!
//! ## What to do instead
//!
//! Give the clock a process of its own, of which there is one, and let it only put work on a queue:
//!
//! ```text
//! web: node server.js
//! clock: node clock.js
//! ```
//!
//! or use what runs once by construction: a Kubernetes CronJob, the platform's scheduler, `celery beat`
//! with one instance, a repeatable job of BullMQ
//! (`queue.upsertJobScheduler('report', { pattern: '0 3 * * *' })`).
//!
//! ## When it is fine
//!
//! Housekeeping of the instance itself: dropping expired entries of its own cache, reporting its own
//! metrics. A lock in a backing service also makes one of many instances do the work.

use std::collections::BTreeMap;

use xii_model::{App, Confidence, Fact, Framework, ScheduledJob, Severity};

use crate::command::start;
use crate::{Claims, Rule, places};

pub(crate) const RULE: Rule = Rule {
    name: "in-process-scheduler",
    criteria: &["VIII.4"],
    severity: Severity::Warning,
    check,
};

/// How many files are reported; a clock in more of them says nothing new.
const MAX_FILES: usize = 8;

fn check(app: &App, claims: &mut Claims<'_>) {
    let jobs: Vec<&Fact<ScheduledJob>> = app
        .facts
        .scheduled_jobs
        .iter()
        .filter(|job| job.scope.is_deployed())
        .collect();
    if !app.serves() {
        return;
    }
    for job in jobs.iter().filter(|job| !job.in_process) {
        claims.holds(
            "VIII.4",
            format!(
                "{} starts scheduled work outside the web process",
                job.through
            ),
            &job.at,
        );
    }
    for workload in app
        .facts
        .workloads
        .iter()
        .filter(|one| one.kind == "CronJob")
    {
        claims.holds(
            "VIII.4",
            format!(
                "the CronJob `{}` runs scheduled work in a process of its own",
                workload.name
            ),
            &workload.at,
        );
    }
    let mut files: BTreeMap<&str, Vec<&Fact<ScheduledJob>>> = BTreeMap::new();
    for job in jobs {
        if job.in_process
            && !job.guarded
            && !job.scope.handler
            && !has_own_process(app, &job.at.path)
        {
            files.entry(&job.at.path).or_default().push(job);
        }
    }
    for (path, jobs) in files.into_iter().take(MAX_FILES) {
        // The library's clock is the surer sign, so it speaks for the file.
        let Some(first) = jobs
            .iter()
            .find(|job| !is_timer(&job.through))
            .or(jobs.first())
        else {
            continue;
        };
        let timer = is_timer(&first.through);
        let count = match jobs.len() {
            1 => String::new(),
            many => format!(" ({many} in this file)"),
        };
        let schedule = first
            .schedule
            .as_ref()
            .map(|schedule| format!(" (`{schedule}`)"))
            .unwrap_or_default();
        let listens_here = app
            .facts
            .listens
            .iter()
            .any(|listen| &*listen.at.path == path);
        let draft = claims.finding(
            &first.at,
            if timer {
                format!("`{}` repeats work inside the web process{count}: every instance does it, which is right for its own housekeeping and wrong for the app's", first.through)
            } else {
                format!("{}{schedule} starts work inside the web process{count}: with several instances every one of them runs it, so it happens as often as there are instances", first.through)
            },
        );
        draft
            .confidence(match (timer, listens_here) {
                (true, _) => Confidence::Low,
                (false, true) => Confidence::High,
                (false, false) => Confidence::Medium,
            })
            .subject(first.through.clone())
            .help(help(app));
        if timer {
            draft.severity(Severity::Note);
        }
        for other in jobs.iter().filter(|job| job.at != first.at).take(4) {
            draft.related(&other.at, format!("{} as well", other.through));
        }
    }
    threads(app, claims);
}

/// Threads that start with the module.
fn threads(app: &App, claims: &mut Claims<'_>) {
    let thread = app.facts.background_work.iter().find(|work| {
        work.scope.is_deployed()
            && work.scope.top_level
            && !has_own_process(app, &work.at.path)
            && ["Thread", "Process", "fork"]
                .iter()
                .any(|word| work.through.contains(word))
    });
    if let Some(work) = thread {
        claims
            .finding(
                &work.at,
                format!(
                    "`{}` starts work when the module is loaded, so every web process carries it: it is done as often as there are processes and ends with each of them",
                    work.through
                ),
            )
            .subject(work.through.clone())
            .help(help(app));
    }
}

fn is_timer(through: &str) -> bool {
    ["setInterval", "setTimeout", "Timer", "call_later"]
        .iter()
        .any(|word| through.contains(word))
}

/// Whether the file is what another process type than the web one starts: a start command names it.
fn has_own_process(app: &App, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    if app
        .facts
        .listens
        .iter()
        .any(|listen| &*listen.at.path == path)
    {
        // What listens is the web process, whatever else starts it.
        return false;
    }
    let starts = start::all(app);
    starts.len() > 1
        && starts.iter().any(|start| {
            start.name != "web"
                && !matches!(start.place, start::Place::Manifest | start::Place::Image)
                && start.programs(app).iter().any(|command| {
                    command.words().iter().any(|word| {
                        let last = word.rsplit(['/', ':']).next().unwrap_or(word);
                        last.split('.').any(|part| part == stem) && stem != "index"
                    })
                })
        })
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::BullMq) {
        "let the queue keep the schedule, so that one worker gets each run:\n\n    await queue.upsertJobScheduler('report', { pattern: '0 3 * * *' });"
    } else if app.uses(Framework::Celery) {
        "let `celery beat` (one instance) put the job on the queue:\n\n    app.conf.beat_schedule = {'report': {'task': 'app.report', 'schedule': crontab(hour=3, minute=0)}}"
    } else if app.uses(Framework::Django) {
        "make it a management command and let the platform's scheduler run it once:\n\n    python manage.py send_report   # CronJob, schedule: \"0 3 * * *\""
    } else if places::is_pythonic(app) {
        "move it to a file of its own and declare a process type for it, of which one runs:\n\n    web: gunicorn app:app\n    clock: python clock.py"
    } else {
        "move it to a file of its own and declare a process type for it, of which one runs:\n\n    web: node server.js\n    clock: node clock.js"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact, listen, process};

    fn job(path: &str, through: &str, guarded: bool) -> Fact<ScheduledJob> {
        fact(
            path,
            3,
            ScheduledJob {
                through: through.to_owned(),
                schedule: None,
                in_process: true,
                guarded,
            },
        )
    }

    #[test]
    fn where_the_clock_runs_decides() {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        app.facts.push(job("server.js", "node-cron", false));
        app.facts.push(job("jobs/clock.js", "node-cron", false));
        app.facts.push(job("jobs/guarded.js", "node-cron", true));
        app.facts.push(job("cache.js", "setInterval", false));
        assert_eq!(
            brief(&RULE, &app),
            [
                "cache.js:3:1 VIII.4 note/low",
                "jobs/clock.js:3:1 VIII.4 warning/medium",
                "server.js:3:1 VIII.4 warning/high",
            ]
        );
        app.facts.push(process("web", "node server.js"));
        app.facts.push(process("clock", "node jobs/clock.js"));
        assert!(!brief(&RULE, &app).iter().any(|line| line.contains("clock")));
    }
}

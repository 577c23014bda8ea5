//! An app that ran: what its code said joined with what the run showed, in every combination.

use xii_model::{
    AppReport, BuildStep, Confidence, Evidence, Finding, GitHead, Mark, Moment, ProcessType,
    Report, ResourceUse, RunSummary, Severity, StoodFor, SuppressedBy, Suppression, Trial, Verdict,
    join,
};

use crate::sample::{Told, With, criteria, finding, report, source};

/// Moments of a transcript: milliseconds, source, mark and text.
pub(crate) type Told4<'a> = (u64, &'a str, Mark, &'a str);

pub(crate) fn moments(list: &[Told4<'_>]) -> Vec<Moment> {
    list.iter()
        .map(|(ms, source, mark, text)| Moment {
            at_us: ms * 1000 + 417,
            source: (*source).to_owned(),
            text: (*text).to_owned(),
            mark: *mark,
        })
        .collect()
}

pub(crate) fn trial(
    probe: &'static str,
    criterion: &'static str,
    verdict: Verdict,
    reason: &str,
    transcript: Vec<Moment>,
) -> Trial {
    Trial {
        probe,
        criterion,
        verdict,
        reason: reason.to_owned(),
        severity: Severity::Error,
        took_ms: transcript.last().map_or(12, |last| last.at_us / 1000 + 80),
        transcript,
    }
}

/// Joins trials with a report as `xii prove` does; one probe's findings are allowed, another's known.
pub(crate) fn joined(
    mut report: Report,
    root: &str,
    trials: Vec<Trial>,
    run: RunSummary,
) -> Report {
    let docs = |probe: &str| {
        let docs = "Tries it.\n\n## How it is tried\n\nBy `doing` it.\n";
        Some((format!("What {probe} tries."), docs))
    };
    let mut suppress = |findings: &mut [Finding]| {
        for finding in findings {
            let (by, reason) = match finding.rule {
                "task-twice" => (SuppressedBy::Config, "the import is run once, by hand"),
                "metrics-scrape" => (
                    SuppressedBy::Baseline,
                    "known when the baseline was written",
                ),
                _ => continue,
            };
            let reason = reason.to_owned();
            finding.suppression = Some(Suppression { by, reason });
        }
        Vec::new()
    };
    join(&mut report, root, trials, run, &docs, &mut suppress);
    report
}

/// The till: an Express app with a worker, checked and run.
pub(crate) fn proved() -> Report {
    joined(checked(), ".", trials(), run())
}

fn checked() -> Report {
    let findings = found();
    let process = |name: &str, line, command: &str| ProcessType {
        name: name.to_owned(),
        command: command.to_owned(),
        source: "Procfile".to_owned(),
        at: source("Procfile", line, (1, 30), &format!("{name}: {command}")),
    };
    let app = AppReport {
        name: "till".to_owned(),
        root: ".".to_owned(),
        languages: vec!["javascript".to_owned()],
        frameworks: vec!["Express".to_owned()],
        process_types: vec![
            process("web", 1, "node server.js"),
            process("worker", 2, "node worker.js"),
        ],
        config: Vec::new(),
        resources: vec![ResourceUse {
            kind: "redis".to_owned(),
            variable: Some("REDIS_URL".to_owned()),
        }],
        git: Some(GitHead {
            branch: Some("main".to_owned()),
            commit: "7ac01e55d2".to_owned(),
            dirty: false,
        }),
        criteria: criteria(".", &findings, &told()),
        run: None,
    };
    report(vec![app], findings)
}

fn found() -> Vec<Finding> {
    vec![
        finding(
            ".",
            "missing-sigterm-handler",
            "IX.2",
            Severity::Warning,
            source("server.js", 31, (1, 17), "app.listen(port);"),
            "nothing handles SIGTERM here, so a deploy cuts the requests that are in flight",
            "close the server on SIGTERM",
        )
        .sure(Confidence::Medium),
        finding(
            ".",
            "fixed-port",
            "VII.1",
            Severity::Error,
            source("server.js", 30, (14, 18), "const port = 3000;"),
            "the port is a constant",
            "read it from PORT",
        ),
        finding(
            ".",
            "missing-reconnect",
            "IV.3",
            Severity::Warning,
            source(
                "cache.js",
                4,
                (15, 29),
                "const redis = createClient({ url });",
            ),
            "the client does not connect again",
            "give it a retry strategy",
        ),
        finding(
            ".",
            "local-file",
            "VI.2",
            Severity::Warning,
            source(
                "export.js",
                9,
                (1, 40),
                "fs.writeFileSync('exports/' + id, sheet);",
            ),
            "a sheet is kept on the local disk",
            "put it into object storage",
        )
        .sure(Confidence::Low),
    ]
}

fn told() -> Vec<Told> {
    vec![
        (
            "III.4",
            Verdict::Holds,
            "the start checks every required variable",
            Some(source("config.js", 3, (1, 20), "required('REDIS_URL');")),
        ),
        (
            "IX.5",
            Verdict::Holds,
            "the start command runs the server itself",
            Some(source("Procfile", 1, (1, 30), "web: node server.js")),
        ),
        (
            "VI.1",
            Verdict::NotApplicable,
            "the app keeps no session",
            None,
        ),
        (
            "I.1",
            Verdict::Holds,
            "the folder is a git work tree and its files are tracked",
            None,
        ),
    ]
}

fn run() -> RunSummary {
    let resource = |variable: &str, kind: &str, stood: Result<&str, &str>| StoodFor {
        variable: variable.to_owned(),
        kind: kind.to_owned(),
        stood: stood.map(str::to_owned).map_err(str::to_owned),
    };
    RunSummary {
        built: vec![BuildStep {
            command: "npm ci".to_owned(),
            took_ms: 9_120,
            ok: true,
        }],
        processes: vec![("web".to_owned(), "node server.js".to_owned())],
        resources: vec![
            resource("REDIS_URL", "redis", Ok("private redis 7.0.15")),
            resource("QUEUE_URL", "redis", Ok("private redis 7.0.15")),
            resource("MAIL_URL", "smtp", Ok("given by .env.prove:3")),
            resource(
                "DATABASE_URL",
                "postgres",
                Err("`postgres` is not installed: apt-get install postgresql"),
            ),
        ],
        no_witness: None,
        served: true,
        starts: 14,
        took_ms: 31_400,
        notes: vec!["the worker was left out: it needs a queue".to_owned()],
    }
}

fn trials() -> Vec<Trial> {
    use Mark::{Against, Done, For, Seen};
    use Verdict::{Broken, CouldNotTell, Holds, NotApplicable};
    let listens = moments(&[
        (0, "web.1", Seen, "started (pid 4711, PORT=41233)"),
        (31, "web.1", Seen, "ran /usr/bin/node: node server.js"),
        (412, "web.1", Against, "listens on tcp 127.0.0.1:3000"),
        (415, "web.1", Seen, "stdout: listening on 3000"),
        (
            500,
            "probe",
            Done,
            "GET http://127.0.0.1:41233/ → connection refused",
        ),
        (
            10_000,
            "probe",
            Against,
            "nothing listens on 41233 after 10 s",
        ),
    ]);
    let mut drain = vec![
        (0, "web.1", Seen, "started (pid 4730, PORT=41240)"),
        (398, "web.1", Seen, "ready after 398 ms"),
    ];
    let asked: Vec<(u64, String)> = (0..24)
        .map(|at| (420 + at * 7, format!("GET /slow?ms={} sent", 100 + at * 50)))
        .collect();
    drain.extend(
        asked
            .iter()
            .map(|(at, text)| (*at, "probe", Done, text.as_str())),
    );
    drain.extend([
        (700, "probe", Done, "sent SIGTERM to the group of 4730"),
        (704, "probe", For, "a new connection is refused"),
        (
            1_950,
            "web.1",
            For,
            "the last of 24 requests was answered with 200, 1.25 s after SIGTERM",
        ),
        (1_981, "web.1", For, "exited with 0"),
        (
            1_990,
            "probe",
            Seen,
            "nothing listens on 41240, and no process is left",
        ),
    ]);
    let cut = moments(&[
        (0, "web.1", Seen, "started (pid 4801, PORT=41251)"),
        (388, "REDIS_URL", Seen, "web.1 connected (1 connection)"),
        (
            900,
            "probe",
            Done,
            "cut REDIS_URL: connections reset, new ones refused",
        ),
        (
            902,
            "web.1",
            Seen,
            "stderr: Error: read ECONNRESET at TCP.onStreamRead (node:internal/stream_base_commons:217:20)",
        ),
        (903, "web.1", Against, "exited with 1, 3 ms after the cut"),
    ]);
    let start = moments(&[
        (0, "web.1", Seen, "started without REDIS_URL (pid 4712)"),
        (210, "web.1", For, "stderr: REDIS_URL is not set"),
        (214, "web.1", For, "exited with 1"),
    ]);
    let signal = moments(&[
        (0, "web.1", Seen, "started (pid 4730, PORT=41240)"),
        (1_000, "probe", Done, "sent SIGTERM to 4730"),
        (
            1_001,
            "web.1",
            Against,
            "4730 (sh) ended; 4733 (node) serves on, as a child of 1",
        ),
        (31_000, "probe", Against, "4733 serves 30 s after SIGTERM"),
    ]);
    let session = moments(&[
        (0, "web.1", Seen, "started"),
        (3, "web.2", Seen, "started in a copy of the folder"),
        (812, "probe", Done, "POST /login on web.1 → 302, 1 cookie"),
        (
            840,
            "probe",
            Against,
            "GET /account on web.2 with the cookie → 302 to /login",
        ),
    ]);
    let mut list = vec![
        trial(
            "listens-on-port",
            "VII.1",
            Broken,
            "listens on 3000 although PORT was 41233",
            listens,
        ),
        trial(
            "drain-on-sigterm",
            "IX.2",
            Holds,
            "all 24 requests in flight were finished, the longest of 1.25 s, and the exit came after 1.3 s",
            moments(&drain),
        ),
        trial(
            "resource-cut",
            "IV.3",
            Broken,
            "the process ends when REDIS_URL is cut",
            cut,
        ),
        trial(
            "required-variable",
            "III.4",
            Holds,
            "each of 3 required variables, withdrawn, stops the start within 0.3 s and is named",
            start,
        ),
        trial(
            "signal-reaches",
            "IX.5",
            Broken,
            "the server outlives SIGTERM: only its shell ended",
            signal,
        ),
        trial(
            "session-moves",
            "VI.1",
            Broken,
            "a session of web.1 is not known to web.2",
            session,
        ),
        trial(
            "task-twice",
            "XII.3",
            Broken,
            "the second `import` ends with 1",
            moments(&[(0, "run.1", Against, "exited with 1")]),
        ),
        trial(
            "metrics-scrape",
            "XIV.1",
            Broken,
            "no path answers with metrics",
            moments(&[(9, "probe", Done, "GET /metrics → 404")]),
        ),
        trial(
            "contract-kept",
            "XIII.3",
            NotApplicable,
            "the app declares no operations",
            Vec::new(),
        ),
        trial(
            "malformed-port",
            "III.5",
            Holds,
            "PORT=notanumber stops the start",
            moments(&[(240, "web.1", For, "exited with 1")]),
        ),
        trial(
            "malformed-port",
            "III.5",
            CouldNotTell,
            "no variable takes a boolean",
            Vec::new(),
        ),
    ];
    for id in ["IV.4", "IV.5", "X.2"] {
        list.push(trial(
            "postgres-cut",
            id,
            CouldNotTell,
            "`postgres` is not installed, so DATABASE_URL had none: apt-get install postgresql",
            Vec::new(),
        ));
    }
    list
}

/// Much to tell: thirty trials with long transcripts, in words that a hostile app chose.
pub(crate) fn much(text: &str) -> Report {
    let mut all = Vec::new();
    for (at, criterion) in xii_model::Criterion::all().take(30).enumerate() {
        let marks = [Mark::Seen, Mark::Done, Mark::For, Mark::Against];
        let transcript = (0..400u64)
            .map(|moment| Moment {
                at_us: moment * moment * 1_313,
                source: format!("{text}{}", moment % 5),
                text: format!("{moment} {text}"),
                mark: marks[(moment as usize * 7 + at) % marks.len()],
            })
            .collect();
        let verdict = [
            Verdict::Broken,
            Verdict::Holds,
            Verdict::CouldNotTell,
            Verdict::NotApplicable,
        ][at % 4];
        all.push(trial("long-probe", criterion.id, verdict, text, transcript));
    }
    let mut run = run();
    run.notes = vec![text.to_owned(); 3];
    run.no_witness = Some(text.to_owned());
    run.built[0].command = text.to_owned();
    run.built[0].ok = false;
    run.processes.push((text.to_owned(), text.to_owned()));
    for one in &mut run.resources {
        one.variable = text.to_owned();
        one.kind = text.to_owned();
    }
    run.resources[0].stood = Ok(text.to_owned());
    run.resources[3].stood = Err(text.to_owned());
    let mut app = checked().apps.remove(0);
    app.criteria = criteria(".", &[], &[]);
    app.process_types[0].at = Evidence::file(text);
    joined(report(vec![app], Vec::new()), ".", all, run)
}

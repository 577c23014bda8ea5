//! The rich sample: a Flask service and a careless Express one in a tree.

use xii_model::{
    AppReport, Confidence, ConfigVariable, Evidence, Finding, GitHead, ProcessType, Report,
    ResourceUse, Safety, Severity, SuppressedBy, Verdict,
};

use crate::sample::{Told, With, criteria, finding, notice, report, source};

const API: &str = "services/api";
const WEB: &str = "web";

/// Two apps, every verdict, every severity and confidence, every kind of suppression.
pub(crate) fn rich() -> Report {
    let findings: Vec<Finding> = api().into_iter().chain(web()).collect();
    let apps = vec![
        AppReport {
            name: "clinic-api".to_owned(),
            root: API.to_owned(),
            languages: vec!["python".to_owned()],
            frameworks: vec!["Flask".to_owned(), "Celery".to_owned()],
            process_types: vec![ProcessType {
                name: "web".to_owned(),
                command: "gunicorn app:app".to_owned(),
                source: "Procfile".to_owned(),
                at: source("services/api/Procfile", 1, (1, 22), "web: gunicorn app:app"),
            }],
            config: vec![ConfigVariable {
                name: "DATABASE_URL".to_owned(),
                required: true,
                secret: true,
                declared: true,
            }],
            resources: vec![ResourceUse {
                kind: "postgres".to_owned(),
                variable: Some("DATABASE_URL".to_owned()),
            }],
            git: Some(head()),
            criteria: criteria(API, &findings, &told_of_api()),
            run: None,
        },
        AppReport {
            name: "Empfang (Größe)".to_owned(),
            root: WEB.to_owned(),
            languages: vec!["typescript".to_owned(), "javascript".to_owned()],
            frameworks: vec!["Express".to_owned()],
            process_types: Vec::new(),
            config: Vec::new(),
            resources: Vec::new(),
            git: Some(head()),
            criteria: criteria(WEB, &findings, &told_of_web()),
            run: None,
        },
    ];
    let mut report = report(apps, findings);
    report.notices = vec![
        notice(
            "web/package.json",
            Some(12),
            "expected a comma; the file was not read further",
        ),
        notice(
            "services/api/data.bin",
            None,
            "not text, so it was not read",
        ),
    ];
    report.stale_suppressions = vec![notice(
        "services/api/app.py",
        Some(4),
        "`xii: allow(log-file)` suppresses nothing here: remove it",
    )];
    report
}

fn head() -> GitHead {
    GitHead {
        branch: Some("main".to_owned()),
        commit: "1f0c9d2a7b".to_owned(),
        dirty: true,
    }
}

fn api() -> Vec<Finding> {
    vec![
        finding(
            API,
            "hard-coded-secret",
            "III.1",
            Severity::Error,
            source("services/api/config.py", 9, (14, 27), "SECRET_KEY = '***********'"),
            "a secret is written in the code as SECRET_KEY: whoever can read the repository can sign sessions in every deploy",
            "read it from the environment and let the start fail without it; then make a new key, because the old one is in the history:\n    SECRET_KEY = os.environ[\"SECRET_KEY\"]",
        )
        .related(
            source("services/api/app.py", 22, (5, 39), "    app.secret_key = config.SECRET_KEY  # ключ"),
            "used to sign sessions here",
        ),
        finding(
            API,
            "missing-sigterm-handler",
            "IX.2",
            Severity::Warning,
            source("services/api/worker.py", 31, (1, 16), "while True:\n    job = queue.get()\n    run(job)\n"),
            "nothing handles SIGTERM here, so a deploy kills the worker in the middle of a job",
            "stop taking jobs on SIGTERM and finish the one at hand",
        )
        .sure(Confidence::Medium),
        finding(
            API,
            "missing-lock-file",
            "II.2",
            Severity::Warning,
            Evidence::file("services/api/requirements.txt"),
            "no lock file stands beside the manifest: two builds of one commit can install different code",
            "pin every package with `pip-compile` or `uv lock`, and commit the file",
        )
        .related(Evidence::file("services/api/setup.cfg"), "names packages too")
        .fix("write requirements.lock", Safety::Unsafe, "services/api/requirements.lock"),
        finding(
            API,
            "print-for-logs",
            "XI.4",
            Severity::Note,
            source("services/api/app.py", 57, (5, 31), "    print(\"saved\", patient.id)"),
            "an event is printed as bare text",
            "log it as one JSON object a line",
        ),
        finding(
            API,
            "local-file-store",
            "VI.2",
            Severity::Warning,
            source("services/api/uploads.py", 14, (10, 44), "    with open(\"/var/uploads/\" + name, \"wb\") as out:"),
            "an upload is kept on the local disk, which another instance cannot see",
            "put it into object storage",
        )
        .sure(Confidence::Low),
        finding(
            API,
            "debug-server",
            "VII.3",
            Severity::Error,
            source("services/api/app.py", 80, (1, 20), "app.run(debug=True)"),
            "the development server is started",
            "start gunicorn",
        )
        .allowed(SuppressedBy::Comment, "only under `python app.py`, never in an image"),
    ]
}

fn told_of_api() -> Vec<Told> {
    let at = |line, text| Some(source("services/api/config.py", line, (1, 8), text));
    vec![
        (
            "I.1",
            Verdict::Holds,
            "the folder is a git work tree and its files are tracked",
            None,
        ),
        (
            "I.2",
            Verdict::Holds,
            "each of the 2 apps has a root of its own",
            None,
        ),
        (
            "II.1",
            Verdict::Holds,
            "all 14 imported packages are declared",
            Some(Evidence::file("services/api/requirements.txt")),
        ),
        (
            "II.3",
            Verdict::Holds,
            "the runtime's version is declared",
            Some(source("services/api/.python-version", 1, (1, 7), "3.12.4")),
        ),
        (
            "III.2",
            Verdict::Holds,
            "every locator comes from the environment",
            at(3, "DATABASE_URL = os.environ[\"DATABASE_URL\"]"),
        ),
        (
            "III.4",
            Verdict::Holds,
            "a missing variable stops the start",
            at(3, "DATABASE_URL = os.environ[\"DATABASE_URL\"]"),
        ),
        (
            "IV.1",
            Verdict::Holds,
            "every resource is found through config",
            at(3, "DATABASE_URL = os.environ[\"DATABASE_URL\"]"),
        ),
        (
            "VIII.1",
            Verdict::Holds,
            "the Procfile declares web and worker",
            Some(source(
                "services/api/Procfile",
                1,
                (1, 22),
                "web: gunicorn app:app",
            )),
        ),
        (
            "XI.1",
            Verdict::Holds,
            "logging goes to standard output",
            at(40, "logging.basicConfig(stream=sys.stdout)"),
        ),
        (
            "VI.5",
            Verdict::NotApplicable,
            "the app serves no assets",
            None,
        ),
        (
            "XIII.2",
            Verdict::NotApplicable,
            "there is no contract to be valid",
            None,
        ),
        (
            "VI.2",
            Verdict::CouldNotTell,
            "a sign against it, not sure enough to count: an upload is kept on the local disk",
            None,
        ),
        (
            "VII.3",
            Verdict::CouldNotTell,
            "allowed by the maintainers: only under `python app.py`",
            None,
        ),
    ]
}

fn web() -> Vec<Finding> {
    let mut list = vec![
        finding(
            WEB,
            "shell-form-command",
            "IX.5",
            Severity::Error,
            source("web/Dockerfile", 18, (1, 18), "CMD npm run start"),
            "the start command goes through a shell and npm, so SIGTERM never reaches the server and every stop is a kill",
            "start the program itself:\n    CMD [\"node\", \"dist/server.js\"]",
        )
        .fix("use the exec form", Safety::Safe, "web/Dockerfile"),
        finding(
            WEB,
            "missing-timeout",
            "IV.4",
            Severity::Warning,
            source("web/src/überweisung.ts", 1207, (1140, 1170), &long_line()),
            "a call without a timeout waits for ever when the other side hangs",
            "pass `signal: AbortSignal.timeout(5000)`",
        ),
        finding(
            WEB,
            "log-file",
            "XI.2",
            Severity::Warning,
            source("web/src/logger.ts", 5, (3, 46), "  new transports.File({ filename: 'app.log' }),"),
            "the app writes and rotates a log file of its own",
            "log to the console",
        )
        .allowed(SuppressedBy::Config, "the audit log must be a file by contract"),
        finding(
            WEB,
            "unpinned-image",
            "II.3",
            Severity::Note,
            source("web/Dockerfile", 1, (6, 17), "FROM node:latest AS build"),
            "the image's tag moves",
            "name a version: `node:22-slim`",
        )
        .allowed(SuppressedBy::Baseline, "known when the baseline was written"),
    ];
    for (file, line) in [("a", 10), ("b", 20), ("c", 30), ("d", 40), ("d", 44)] {
        list.push(finding(
            WEB,
            "hard-coded-host",
            "III.2",
            Severity::Warning,
            source(
                &format!("web/src/{file}.ts"),
                line,
                (14, 39),
                "const mail = 'smtp.intern.example.org';",
            ),
            "the mail server is a constant, so another deploy needs a change of code",
            "read it from MAIL_URL",
        ));
    }
    list
}

/// A minified line of which the middle is at fault.
fn long_line() -> String {
    let filler = "a=b(c),".repeat(163);
    let call = format!("{} fetch('/api/größe', options) ", &filler[..1138]);
    format!("{call}{filler}")
}

fn told_of_web() -> Vec<Told> {
    vec![
        (
            "I.1",
            Verdict::Holds,
            "the folder is a git work tree and its files are tracked",
            None,
        ),
        ("III.6", Verdict::Holds, "no `.env` file is committed", None),
        (
            "VI.1",
            Verdict::NotApplicable,
            "the app keeps no session",
            None,
        ),
    ]
}

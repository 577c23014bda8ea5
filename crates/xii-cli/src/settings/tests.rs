//! The file as users write it.

use std::time::Duration;

use xii_runtime::formation::{Check, How, Kind, Restart};
use xii_runtime::supervisor::Backoff;

use super::file::of_text;
use super::run::OnExit;

fn faults(text: &str) -> String {
    of_text("xii.toml", text).expect_err(text).join("\n")
}

#[test]
fn a_process_type_says_all_that_it_may() {
    let text = r#"
[processes]
clock = "bin/clock"

[processes.web]
command = "node server.js"
count = 2
folder = "api"
env = { LOG = "debug", WORKERS = 4, FAST = true }
ready = { http = "/health", every = "500ms", within = "1m30s", failures = 1 }
live = { tcp = true, timeout = "1s" }
depends-on = ["clock"]
restart = "on-failure"
grace = "10s"
listens = true
watch = ["src/**"]

[processes.nightly]
schedule = "0 3 * * *"

[processes.prepare]
once = true
ready = { delay = "2s" }

[tasks]
migrate = "bin/migrate"
"#;
    let settings = of_text("xii.toml", text).expect("no faults");
    let [clock, web, nightly, prepare, migrate] = settings.processes.as_slice() else {
        panic!("{:?}", settings.processes);
    };
    assert_eq!(clock.command.as_deref(), Some("bin/clock"));
    assert_eq!(clock.origin, "xii.toml:3");
    assert_eq!(web.count, Some(2));
    let variables = [("LOG", "debug"), ("WORKERS", "4"), ("FAST", "true")];
    assert_eq!(
        web.environment,
        variables.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let ready = Check {
        every: Duration::from_millis(500),
        within: Duration::from_secs(90),
        failures: 1,
        ..Check::new(How::Http("/health".to_owned()))
    };
    assert_eq!(web.ready, Some(ready));
    let live = Check {
        timeout: Duration::from_secs(1),
        ..Check::new(How::Tcp)
    };
    assert_eq!(web.live, Some(live));
    assert_eq!(web.depends_on, ["clock"]);
    assert_eq!(web.restart, Some(Restart::OnFailure));
    assert_eq!(web.grace, Some(Duration::from_secs(10)));
    assert_eq!((web.listens, web.watch.len()), (Some(true), 1));
    assert_eq!(nightly.kind, Some(Kind::Schedule("0 3 * * *".to_owned())));
    assert_eq!(nightly.command, None);
    assert_eq!(prepare.kind, Some(Kind::Once));
    assert_eq!(migrate.kind, Some(Kind::Task));
}

#[test]
fn run_says_what_flags_would() {
    let text = r#"
[run]
procfile = "Procfile.dev"
env-file = "dev.env"
port = 8000
on-exit = "ignore"
restart-first = "100ms"
healthy-after = "1m"
hold-after = 3
drains = ["syslog+tcp://127.0.0.1:601"]
log-size = "64MiB"

[run.router]
enabled = true
connect-timeout = "2s"
trusted-proxies = ["10.0.0.0/8"]
certificate = "tls/cert.pem"
key = "tls/key.pem"
"#;
    let run = of_text("xii.toml", text).expect("no faults").run;
    assert_eq!(run.port, Some(8000));
    assert_eq!(run.on_exit, Some(OnExit::Ignore));
    let backoff = Backoff {
        first: Duration::from_millis(100),
        healthy: Duration::from_secs(60),
        hold_after: 3,
        ..Backoff::default()
    };
    assert_eq!(run.backoff, backoff);
    assert_eq!(run.log_size, Some(64 << 20));
    assert_eq!(run.router.connect_timeout, Some(Duration::from_secs(2)));
    assert!(run.router.tls.is_some());
    let off = of_text("xii.toml", "[run]\nrouter = false\n").expect("no faults");
    assert_eq!(off.run.router.enabled, Some(false));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = r#"
tasks = { web = "x" }

[processes]
"my web" = "x"
empty = ""
odd = 5

[processes.web]
comand = "node"
count = 101
folder = 5
env = { PORT = 80, "a b" = "x", LIST = [] }
ready = { http = "health" }
live = { line = "x" }
depends-on = "db"
restart = "sometimes"
grace = "30"
schedule = "often"
once = true
listens = "yes"
watch = ["["]

[processes.api]
ready = { http = "/", tcp = true }
live = { tcp = false }

[processes.jobs]
ready = { line = "(" , every = "1ms" }
live = { http = "/", evry = "1s" }

[run]
port = 70000
on-exit = "explode"
router = { certificate = "x", conect-timeout = "1s" }
drains = "x"
log-size = "1KB"
restart-first = "2m"
restart-most = "1m"
hold-after = 0
prot = 1
"#;
    insta::assert_snapshot!(faults(text), @r#"
    xii.toml:2: `web` is a process type and a task: give one of them another name
    xii.toml:5: this is no name: a process type is called with letters, digits, `_` and `-`
    xii.toml:6: this wants a command, or a table with one
    xii.toml:7: this wants a command, or a table with one
    xii.toml:10: `[processes.web]` has no key `comand`; did you mean `command`?
    xii.toml:11: this wants a whole number from 0 to 100
    xii.toml:12: this wants a folder, relative to the app's
    xii.toml:13: `[processes.web]` cannot set PORT: the runtime gives it to each instance
    xii.toml:13: this is no variable's name: write letters, digits and `_`
    xii.toml:13: a variable's value is a text, a number, `true` or `false`
    xii.toml:14: a path starts with `/` and has no spaces: write it percent-encoded
    xii.toml:15: `live` has no key `line`; known are: http, tcp, command, every, timeout, within, failures
    xii.toml:16: this wants a list: [a process type's name, …]
    xii.toml:17: this is none of: always, on-failure, never, stop-all
    xii.toml:18: this is no span of time: write `500ms`, `30s`, `2m`, `1h`, `7d`, or some in a row as in `1m30s`
    xii.toml:19: this is no schedule: write minute, hour, day, month and weekday, such as `*/5 * * * *`
    xii.toml:19: `once` runs it at the start, `schedule` by the clock: take one out
    xii.toml:21: this wants `true` or `false`
    xii.toml:22: one of these is no path glob
    xii.toml:25: `ready` wants one of: http, tcp, line, command, delay
    xii.toml:26: `tcp = false` asks nothing: take the check out
    xii.toml:29: this is no regular expression: put a backslash before what is meant as it is, such as `\(`
    xii.toml:29: this wants a span of time from 10ms to 1d
    xii.toml:30: `live` has no key `evry`; did you mean `every`?
    xii.toml:33: this wants a whole number from 1 to 65535
    xii.toml:34: this is none of: restart, stop, ignore
    xii.toml:35: `[run.router]` has no key `conect-timeout`; did you mean `connect-timeout`?
    xii.toml:35: TLS wants both `certificate` and `key`: give the other, too
    xii.toml:36: this wants a list: [a drain, such as "file:///var/log/app.ndjson", …]
    xii.toml:37: this wants a size, such as `128MiB` or `1GiB`
    xii.toml:39: `restart-most` is shorter than `restart-first`, which no wait can be
    xii.toml:40: this wants a whole number from 1 to 1000000
    xii.toml:41: `[run]` has no key `prot`; did you mean `port`?
    "#);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"(?s:.|[\[\]{}=".\n]|\[processes\.a\]\n|\[run\]\n|ready = |schedule = |env = |http = |"1s"|true){0,30}"#) {
        let _ = of_text("xii.toml", &text);
    }
}

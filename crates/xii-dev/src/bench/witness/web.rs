//! Requests a second of small web apps.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde_json::{Value, json};

use super::entry::{Bench, median, program};
use crate::work::{self, Outcome};

/// A thread for each connection, answers made by the interpreter: the cost of the app itself is high.
const PYTHON: &str = "
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version, wbufsize = 'HTTP/1.1', -1
    def do_GET(self):
        body = json.dumps({'path': self.path, 'numbers': list(range(20))}).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
class Server(ThreadingHTTPServer):
    request_queue_size = 128
server = Server(('127.0.0.1', 0), Handler)
print(server.server_address[1], os.getpid(), flush=True)
server.serve_forever()
";

const NODE: &str = "
const http = require('http');
const server = http.createServer((request, response) => {
  response.end(JSON.stringify({ path: request.url, numbers: [...Array(20).keys()] }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port, process.pid));
";

/// Each request opens a file to write: the worst that an app does, since each of these calls is told.
const WRITES: &str = "
const fs = require('fs'), http = require('http');
const server = http.createServer((request, response) => {
  fs.appendFile('requests.log', request.url + '\\n', () => response.end('written'));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port, process.pid));
";

/// An app, how it is started, and how it is asked.
struct App {
    name: &'static str,
    words: [&'static str; 3],
    load: &'static [&'static str],
}

const APPS: [App; 5] = [
    App {
        name: "Python, threads, connections kept",
        words: ["python3", "-c", PYTHON],
        load: &[],
    },
    App {
        name: "Python, a connection and a thread a request",
        words: ["python3", "-c", PYTHON],
        load: &["--no-keep-alive"],
    },
    App {
        name: "Node, connections kept",
        words: ["node", "-e", NODE],
        load: &[],
    },
    App {
        name: "Node, a connection a request",
        words: ["node", "-e", NODE],
        load: &["--no-keep-alive"],
    },
    App {
        name: "Node, a file opened to append at each request",
        words: ["node", "-e", WRITES],
        load: &[],
    },
];

/// Who looks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Nobody,
    Xii,
    /// The peer that many would take, with the calls that are told and its own filter.
    Strace,
}

const STRACE: [&str; 7] = [
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-o",
    "record.strace",
    "-e",
    "trace=execve,execveat,open,openat,openat2,creat,truncate,/rename,/link,mkdir,mkdirat,rmdir,/mknod,bind,\
     connect,listen,sendto,sendmsg,sendmmsg,setsid,setpgid,/kill,set_robust_list,set_tid_address",
];

/// All apps that can be run here, in rounds in which each takes its turns.
pub(super) fn measure(bench: &Bench) -> Outcome<(String, Value)> {
    let apps = APPS.iter();
    let apps: Vec<(&App, String)> = apps
        .filter_map(|app| Some((app, program(app.words[0])?)))
        .collect();
    let mut ways = vec![By::Nobody, By::Xii];
    if work::has("strace") {
        ways.push(By::Strace);
    }
    // Requests a second, by app and way, a round each.
    let mut all = Vec::new();
    for (app, program) in &apps {
        eprintln!("web: {}", app.name);
        all.push(in_turns(bench, app, program, &ways)?);
    }
    let mut text = String::from("| requests a second | alone |");
    for by in ways.iter().skip(1) {
        let _ = write!(text, " {} | cost |", by.title());
    }
    let _ = writeln!(text, "\n|---|---|{}", "---|---|".repeat(ways.len() - 1));
    let mut figures = Vec::new();
    for ((app, _), rates) in apps.iter().zip(&all) {
        let Some((alone, others)) = rates.split_first() else {
            continue;
        };
        let _ = write!(text, "| {} | {:.0} |", app.name, median(alone));
        let mut costs = Vec::new();
        for other in others {
            let cost = cost(alone, other);
            let _ = write!(text, " {:.0} | {cost:.1} % |", median(other));
            costs.push(cost);
        }
        text.push('\n');
        figures.push(json!({
            "app": app.name,
            "by": ways.iter().map(|by| by.title()).collect::<Vec<_>>(),
            "rates": rates,
            "costs_percent": costs,
        }));
    }
    Ok((text, Value::Array(figures)))
}

/// The median of the costs of all rounds, in percent: what changes from round to round is not in it.
fn cost(alone: &[f64], watched: &[f64]) -> f64 {
    let pairs = alone.iter().zip(watched);
    let costs: Vec<f64> = pairs
        .map(|(alone, watched)| (1.0 - watched / alone) * 100.0)
        .collect();
    median(&costs)
}

impl By {
    fn title(self) -> &'static str {
        match self {
            By::Nobody => "alone",
            By::Xii => "recorded",
            By::Strace => "strace -f --seccomp-bpf",
        }
    }

    /// The command that starts a program so.
    fn command(self, bench: &Bench, program: &str) -> Command {
        let mut command = match self {
            By::Nobody => return Command::new(program),
            By::Xii => {
                let words = [
                    "witness",
                    "--format",
                    "json",
                    "--output",
                    "record.jsonl",
                    "--",
                ];
                let mut command = Command::new(&bench.xii);
                command.args(words);
                command
            }
            By::Strace => {
                let mut command = Command::new("strace");
                command.args(STRACE);
                command
            }
        };
        command.arg(program);
        command
    }
}

/// Who a core is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    /// The app, and who looks on: what that takes, the app does not have.
    Server,
    Load,
}

/// Starts something on a core of its own: how processes are spread over cores changes a rate by more than what is
/// measured. Where there is but one core, they share it.
fn on_one_core<T>(half: Half, start: impl FnOnce() -> T) -> T {
    let Ok(all) = sched_getaffinity(None) else {
        return start();
    };
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core));
    let core = match half {
        Half::Server => cores.next(),
        Half::Load => cores.next_back(),
    };
    let mut one = CpuSet::new();
    if let Some(core) = core {
        one.set(core);
        let _ = sched_setaffinity(None, &one);
    }
    let started = start();
    let _ = sched_setaffinity(None, &all);
    started
}

/// Starts an app in each of the ways and asks them in turn, a moment each: a machine's speed drifts by more than what is
/// measured. Those that are not asked do nothing meanwhile. The rates of each way, a round each.
fn in_turns(bench: &Bench, app: &App, program: &str, ways: &[By]) -> Outcome<Vec<Vec<f64>>> {
    let start = |by: &By| Server::start(bench, app, program, *by);
    let servers: Vec<Server> = ways.iter().map(start).collect::<Outcome<_>>()?;
    let mut rates = vec![Vec::new(); ways.len()];
    for round in 0..bench.rounds {
        // Who is first has a machine in another state than who is last: so they change places.
        for turn in 0..ways.len() {
            let at = (turn + round) % ways.len();
            if let (Some(server), Some(rates)) = (servers.get(at), rates.get_mut(at)) {
                rates.push(once(bench, app, server)?);
            }
        }
    }
    Ok(rates)
}

/// Loads an app for a moment: requests a second.
fn once(bench: &Bench, app: &App, server: &Server) -> Outcome<f64> {
    let url = format!("http://127.0.0.1:{}/", server.port);
    let time = format!("{}ms", bench.milliseconds);
    let fixed = [
        "bench",
        "load",
        &url,
        "-c",
        "16",
        "--for",
        &time,
        "--warm-up",
        "100ms",
        "--format",
        "json",
    ];
    let mut load = Command::new(&bench.xii);
    load.args(fixed).args(app.load);
    let done = on_one_core(Half::Load, || load.output())
        .map_err(|error| format!("cannot run {}: {error}", bench.xii.display()))?;
    let report: Value = serde_json::from_slice(&done.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&done.stderr);
        format!("{}: no report: {error}: {said}", app.name)
    })?;
    if report["measured"]["lost"].as_u64() != Some(0) {
        return Err(format!(
            "{}: requests were lost: {}",
            app.name, report["measured"]
        ));
    }
    report["rate"]
        .as_f64()
        .ok_or_else(|| format!("{}: the report has no rate", app.name))
}

/// A running app, ended when it is dropped.
struct Server {
    child: Child,
    port: u16,
    /// The app itself, which may not be the process that was started.
    app: Option<Pid>,
}

impl Server {
    fn start(bench: &Bench, app: &App, program: &str, by: By) -> Outcome<Self> {
        let mut command = by.command(bench, program);
        command
            .args(&app.words[1..])
            .current_dir(&bench.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let child = on_one_core(Half::Server, || command.spawn());
        let child = child.map_err(|error| format!("cannot start {}: {error}", app.words[0]))?;
        let mut server = Server {
            child,
            port: 0,
            app: None,
        };
        let mut line = String::new();
        let out = server.child.stdout.as_mut().ok_or("it has no output")?;
        BufReader::new(out)
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        let said: Vec<&str> = line.split_whitespace().collect();
        let wrong = || {
            format!(
                "{}: it said `{}` instead of its port",
                app.name,
                line.trim()
            )
        };
        let [port, pid] = said.as_slice() else {
            return Err(wrong());
        };
        server.port = port.parse().map_err(|_| wrong())?;
        server.app = Pid::from_raw(pid.parse().map_err(|_| wrong())?);
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Not who looks on: strace takes no signals.
        let pid = self.app.or(Pid::from_raw(self.child.id().cast_signed()));
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

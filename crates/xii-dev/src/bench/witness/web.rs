//! Requests a second of small web apps.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::entry::{Bench, median, program};
use crate::work::Outcome;

/// A thread for each connection, answers made by the interpreter: the cost of the app itself is high.
const PYTHON: &str = "
import json, socketserver, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
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
print(server.server_address[1], flush=True)
server.serve_forever()
";

const NODE: &str = "
const http = require('http');
const server = http.createServer((request, response) => {
  response.end(JSON.stringify({ path: request.url, numbers: [...Array(20).keys()] }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
";

/// Each request opens a file to write: the worst that an app does, since each of these calls is told.
const WRITES: &str = "
const fs = require('fs'), http = require('http');
const server = http.createServer((request, response) => {
  fs.appendFile('requests.log', request.url + '\\n', () => response.end('written'));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
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

/// Requests a second, a round each.
#[derive(Default)]
struct Rates {
    alone: Vec<f64>,
    watched: Vec<f64>,
}

/// All apps that can be run here, in rounds in which each takes its turns.
pub(super) fn measure(bench: &Bench) -> Outcome<(String, Value)> {
    let apps = APPS.iter();
    let apps: Vec<(&App, String)> = apps
        .filter_map(|app| Some((app, program(app.words[0])?)))
        .collect();
    let mut all: Vec<Rates> = apps.iter().map(|_| Rates::default()).collect();
    for round in 0..bench.rounds {
        eprintln!("web: round {} of {}", round + 1, bench.rounds);
        for ((app, program), rates) in apps.iter().zip(&mut all) {
            // Who is first has the quieter machine, or the colder one: so they change places.
            for watched in [round % 2 == 0, round % 2 != 0] {
                let rate = once(bench, app, program, watched)?;
                if watched {
                    rates.watched.push(rate);
                } else {
                    rates.alone.push(rate);
                }
            }
        }
    }
    let mut text =
        String::from("| requests a second | alone | recorded | cost |\n|---|---|---|---|\n");
    let mut figures = Vec::new();
    for ((app, _), rates) in apps.iter().zip(&all) {
        let (alone, watched) = (median(&rates.alone), median(&rates.watched));
        // Of each round by itself: what changed between rounds is not in it.
        let pairs = rates.alone.iter().zip(&rates.watched);
        let costs: Vec<f64> = pairs
            .map(|(alone, watched)| 1.0 - watched / alone)
            .collect();
        let cost = median(&costs) * 100.0;
        let _ = writeln!(
            text,
            "| {} | {alone:.0} | {watched:.0} | {cost:.1} % |",
            app.name
        );
        figures.push(json!({
            "app": app.name, "alone": rates.alone, "watched": rates.watched, "cost_percent": cost,
        }));
    }
    Ok((text, Value::Array(figures)))
}

/// Starts an app, loads it, and ends it: requests a second.
fn once(bench: &Bench, app: &App, program: &str, watched: bool) -> Outcome<f64> {
    let mut server = Server::start(bench, app, program, watched)?;
    let port = server.port()?;
    let url = format!("http://127.0.0.1:{port}/");
    let time = format!("{}s", bench.seconds);
    let fixed = [
        "bench",
        "load",
        &url,
        "-c",
        "16",
        "--for",
        &time,
        "--warm-up",
        "500ms",
        "--format",
        "json",
    ];
    let done = Command::new(&bench.xii)
        .args(fixed)
        .args(app.load)
        .output()
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
struct Server(Child);

impl Server {
    fn start(bench: &Bench, app: &App, program: &str, watched: bool) -> Outcome<Self> {
        let mut command = if watched {
            let mut command = Command::new(&bench.xii);
            command.args([
                "witness",
                "--format",
                "json",
                "--output",
                "record.jsonl",
                "--",
            ]);
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .args(&app.words[1..])
            .current_dir(&bench.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let child = command.spawn();
        child
            .map(Server)
            .map_err(|error| format!("cannot start {}: {error}", app.words[0]))
    }

    /// The port that it says.
    fn port(&mut self) -> Outcome<u16> {
        let mut line = String::new();
        let out = self.0.stdout.as_mut().ok_or("it has no output")?;
        BufReader::new(out)
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        line.trim()
            .parse()
            .map_err(|_| format!("an app said `{}` instead of its port", line.trim()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.0.id().cast_signed()) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

//! The router beside nginx and haproxy: the share of the throughput without any.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::entry::Bench;
use super::system;
use super::table::Cell;
use crate::work::{self, Outcome};

/// How long each is loaded in a round.
const SECONDS: &str = "4s";
/// Rounds, in each of which all take their turn.
const ROUNDS: usize = 3;

/// One that was measured: requests a second and the 99th percentile in microseconds, a round each.
#[derive(Default)]
struct Measured {
    rates: Vec<f64>,
    p99s: Vec<f64>,
    lost: u64,
}

/// xii with each request in its stream and its store; the others log none.
const LOGGED: &str = "xii, requests logged";

/// Loads the backends directly and through each proxy in turn.
pub(super) fn row(bench: &Bench) -> Vec<(String, Cell)> {
    let all = ["xii", LOGGED, "nginx", "haproxy"];
    let failed = |why: String| {
        let cells = all
            .iter()
            .map(|name| ((*name).to_owned(), Cell::failed(why.clone())));
        cells.collect()
    };
    if !bench.xii.is_file() {
        return failed(format!(
            "the load comes from {}, which is not there",
            bench.xii.display()
        ));
    }
    if !work::has("nginx") {
        return failed("the backends are nginx, which is absent".to_owned());
    }
    measure(bench, &all).unwrap_or_else(failed)
}

fn measure(bench: &Bench, all: &[&str]) -> Outcome<Vec<(String, Cell)>> {
    let folder = bench.folder("proxies");
    let cannot = |error: std::io::Error| format!("cannot write {}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(cannot)?;
    }
    fs::create_dir_all(&folder).map_err(cannot)?;
    let backends = [backend(&folder)?, backend(&folder)?];
    let ports = backends.each_ref().map(|one| one.port);
    let mut servers: Vec<(&str, Outcome<Server>)> = Vec::new();
    for name in all.iter().filter(|name| bench.wants(name)) {
        let started = match *name {
            "xii" => routed(bench, &folder, false),
            LOGGED => routed(bench, &folder, true),
            "nginx" => nginx(&folder, ports),
            _ if !work::has("haproxy") => Err("absent".to_owned()),
            _ => haproxy(&folder, ports),
        };
        servers.push((name, started));
    }
    let mut direct = Measured::default();
    let mut through: Vec<Measured> = servers.iter().map(|_| Measured::default()).collect();
    for round in 0..ROUNDS {
        eprintln!("router: round {} of {ROUNDS}", round + 1);
        direct.add(load(bench, ports[0])?);
        for ((_, server), measured) in servers.iter().zip(&mut through) {
            if let Ok(server) = server {
                measured.add(load(bench, server.port)?);
            }
        }
    }
    let whole = median(&mut direct.rates);
    let mut cells = vec![("direct".to_owned(), direct.cell(whole))];
    for ((name, server), measured) in servers.iter().zip(&mut through) {
        let cell = match server {
            Ok(_) => measured.cell(whole),
            Err(why) if why == "absent" => Cell::absent(),
            Err(why) => Cell::failed(why.clone()),
        };
        cells.push(((*name).to_owned(), cell));
    }
    Ok(cells)
}

impl Measured {
    fn add(&mut self, report: Value) {
        self.rates.push(report["rate"].as_f64().unwrap_or(0.0));
        self.p99s
            .push(report["latency"]["p99"].as_f64().unwrap_or(0.0));
        let phase = &report["measured"];
        let good = phase["statuses"]["200"].as_u64().unwrap_or(0);
        self.lost += phase["requests"].as_u64().unwrap_or(0) - good;
    }

    fn cell(&mut self, whole: f64) -> Cell {
        let (rate, p99) = (median(&mut self.rates), median(&mut self.p99s) / 1e3);
        let share = rate / whole;
        let lost = match self.lost {
            0 => String::new(),
            lost => format!(", {lost} not answered with 200"),
        };
        let text = format!("{share:.2} ({:.1} k/s, p99 {p99:.1} ms{lost})", rate / 1e3);
        Cell::new(
            text,
            json!({ "share": share, "rate": rate, "p99_ms": p99, "lost": self.lost }),
        )
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Loads a port, and reads the report.
fn load(bench: &Bench, port: u16) -> Outcome<Value> {
    let url = format!("http://127.0.0.1:{port}/");
    let words = [
        "bench",
        "load",
        &url,
        "-c",
        "64",
        "--for",
        SECONDS,
        "--warm-up",
        "500ms",
        "--format",
        "json",
    ];
    let done = Command::new(&bench.xii).args(words).output();
    let done = done.map_err(|error| format!("cannot run xii bench load: {error}"))?;
    serde_json::from_slice(&done.stdout).map_err(|_| {
        format!(
            "xii bench load failed: {}",
            String::from_utf8_lossy(&done.stderr).trim()
        )
    })
}

/// A server that is ended when it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts it and waits until its port takes connections.
    fn start(command: &mut Command, port: u16, log: &Path) -> Outcome<Server> {
        let log = File::create(log).map_err(|error| format!("cannot make a log: {error}"))?;
        let copy = log
            .try_clone()
            .map_err(|error| format!("cannot make a log: {error}"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(copy)
            .spawn();
        let child = child.map_err(|error| format!("cannot start it: {error}"))?;
        let mut server = Server { child, port };
        let end = Instant::now() + Duration::from_secs(15);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!(
                    "it ended with {status} before it took a connection"
                ));
            }
            if Instant::now() > end {
                return Err("it took no connection within 15 s".to_owned());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        system::send(self.child.id(), Signal::TERM);
        let end = Instant::now() + Duration::from_secs(10);
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > end {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A port that nobody has just now.
fn free_port() -> Outcome<u16> {
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound
        .map(|address| address.port())
        .map_err(|error| format!("no port is free: {error}"))
}

/// What every server of nginx says of itself.
fn settings(folder: &Path, port: &str, more: &str, server: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\npid {folder}/{port}.pid;\nerror_log stderr crit;\n{more}\nevents {{ worker_connections 4096; }}\nhttp {{\n  access_log off;\n  keepalive_requests 1000000000;\n  client_body_temp_path {folder}/body;\n  proxy_temp_path {folder}/proxy;\n  fastcgi_temp_path {folder}/fastcgi;\n  uwsgi_temp_path {folder}/uwsgi;\n  scgi_temp_path {folder}/scgi;\n{server}\n}}\n"
    )
}

/// Thirteen bytes for every request, from one process.
fn hello(folder: &Path, port: &str) -> String {
    let server = format!(
        "  server {{ listen 127.0.0.1:{port}; location / {{ return 200 \"Hello, world!\"; }} }}"
    );
    settings(folder, port, "master_process off;", &server)
}

fn write(path: &Path, text: &str) -> Outcome<PathBuf> {
    let done = fs::write(path, text).map(|()| path.to_path_buf());
    done.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn backend(folder: &Path) -> Outcome<Server> {
    let port = free_port()?;
    let file = write(
        &folder.join(format!("{port}.conf")),
        &hello(folder, &port.to_string()),
    )?;
    let log = folder.join(format!("{port}.log"));
    Server::start(Command::new("nginx").arg("-c").arg(file), port, &log)
}

/// nginx with a process for each of two cores, and connections to the backends that are kept.
fn nginx(folder: &Path, [one, two]: [u16; 2]) -> Outcome<Server> {
    let port = free_port()?;
    let server = format!(
        "  upstream app {{ server 127.0.0.1:{one}; server 127.0.0.1:{two}; keepalive 64; keepalive_requests 1000000000; }}\n  server {{\n    listen 127.0.0.1:{port};\n    location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n  }}"
    );
    let text = settings(folder, &port.to_string(), "worker_processes 2;", &server);
    let file = write(&folder.join("nginx.conf"), &text)?;
    Server::start(
        Command::new("nginx").arg("-c").arg(file),
        port,
        &folder.join("nginx.log"),
    )
}

/// haproxy with a thread for each of two cores.
fn haproxy(folder: &Path, [one, two]: [u16; 2]) -> Outcome<Server> {
    let port = free_port()?;
    let text = format!(
        "global\n  nbthread 2\n  maxconn 4096\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n  http-reuse always\nfrontend in\n  bind 127.0.0.1:{port}\n  default_backend app\nbackend app\n  balance leastconn\n  server one 127.0.0.1:{one}\n  server two 127.0.0.1:{two}\n"
    );
    let file = write(&folder.join("haproxy.cfg"), &text)?;
    let mut command = Command::new("haproxy");
    Server::start(
        command.arg("-db").arg("-f").arg(file),
        port,
        &folder.join("haproxy.log"),
    )
}

/// `xii up` with two instances of the same backend.
fn routed(bench: &Bench, folder: &Path, logs: bool) -> Outcome<Server> {
    let app = folder.join(if logs { "logged" } else { "app" });
    fs::create_dir_all(&app).map_err(|error| format!("cannot make {}: {error}", app.display()))?;
    write(&app.join("hello.conf"), &hello(folder, "@PORT@"))?;
    write(
        &app.join("web.sh"),
        "sed \"s/@PORT@/$PORT/g\" hello.conf > \"$XII_PROCESS.conf\"\nexec nginx -c \"$PWD/$XII_PROCESS.conf\"\n",
    )?;
    write(&app.join("Procfile"), "web: sh web.sh\n")?;
    let settings = format!("[run.router]\naccess-log = {logs}\n");
    write(&app.join("xii.toml"), &settings)?;
    let port = free_port()?;
    let mut command = Command::new(&bench.xii);
    command
        .args(["up", ".", "--scale", "web=2", "--port", &port.to_string()])
        .current_dir(&app)
        .env("XDG_STATE_HOME", folder.join("state"));
    Server::start(&mut command, port, &app.join("xii.log"))
}

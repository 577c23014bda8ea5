//! A small app, a proof of it, and what it may have left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::workbench::{self, Folder, Run};

/// Answers everything, ends on SIGTERM, and does first what a test wants.
const SERVER: &str = r#"import http.server, os, signal, socketserver, subprocess, sys, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"ok\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
def serve(port=None):
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port or int(os.environ["PORT"])), Handler)
    print("serving", flush=True)
    server.serve_forever()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
"#;

/// What each of these apps says of itself: nothing is built, and a start has a few seconds.
const SETTINGS: &str = "[prove]\nbuild = []\nstart-within = \"3s\"\n";

/// An app of one Python file, and a folder that its proofs make theirs in.
pub(crate) struct App {
    pub(crate) folder: Folder,
    scratch: Folder,
}

impl App {
    /// One that ends with these lines of Python, behind what serves.
    pub(crate) fn python(lines: &str) -> Self {
        App::with(lines, SETTINGS)
    }

    /// The same with an xii.toml of its own.
    pub(crate) fn with(lines: &str, settings: &str) -> Self {
        let folder = Folder::with(&[
            ("app.py", &format!("{SERVER}{lines}\n")),
            ("requirements.txt", ""),
            ("Procfile", "web: exec python3 app.py\n"),
            ("xii.toml", settings),
        ]);
        folder.commit();
        App {
            folder,
            scratch: Folder::empty(),
        }
    }

    /// The command that proves it.
    pub(crate) fn prove(&self, words: &[&str]) -> Command {
        let mut command = workbench::xii();
        command
            .args(["prove", "--format", "json"])
            .args(words)
            .arg(self.folder.path())
            .env("TMPDIR", self.scratch.path())
            .stdin(Stdio::null());
        command
    }

    /// Its proof by these criteria, and what is true of every one: it ends with a report and a code that says so, and leaves
    /// nothing behind.
    pub(crate) fn proved(&self, criteria: &[&str]) -> Proof {
        let asked: Vec<&str> = criteria.iter().flat_map(|id| ["--criterion", id]).collect();
        let run = Run::of(&mut self.prove(&asked));
        assert!(matches!(run.code, Some(0 | 1 | 3)), "{run:?}");
        self.nothing_left();
        Proof {
            report: run.json(),
            run,
        }
    }

    /// Nothing of a proof runs on, and nothing of it is on disk.
    pub(crate) fn nothing_left(&self) {
        let left: Vec<String> = running_below(self.scratch.path());
        assert!(left.is_empty(), "these run on: {left:?}");
        let files = fs::read_dir(self.scratch.path()).expect("it can be read");
        let files: Vec<PathBuf> = files.flatten().map(|entry| entry.path()).collect();
        assert!(files.is_empty(), "these are left: {files:?}");
    }
}

/// The processes that have a folder below this one as theirs, or in their environment.
fn running_below(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy();
    let processes = fs::read_dir("/proc").expect("it can be read").flatten();
    processes
        .map(|entry| entry.path())
        .filter(|process| {
            let cwd = fs::read_link(process.join("cwd")).unwrap_or_default();
            let given = fs::read(process.join("environ")).unwrap_or_default();
            cwd.to_string_lossy().starts_with(&*folder)
                || String::from_utf8_lossy(&given).contains(&format!("{folder}/xii-prove-"))
        })
        .map(|process| {
            let words = fs::read(process.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&words).replace('\0', " ")
        })
        .collect()
}

/// What a proof said.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) report: Value,
    pub(crate) run: Run,
}

impl Proof {
    /// The verdict of a criterion and its reason, as the run told them first.
    pub(crate) fn told(&self, id: &str) -> (String, String) {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let criteria = list(&self.report["apps"])
            .iter()
            .flat_map(|app| list(&app["factors"]))
            .flat_map(|factor| list(&factor["criteria"]))
            .find(|one| one["id"] == id)
            .unwrap_or_else(|| panic!("{id} is not in the report: {:?}", self.run));
        let trial = &criteria["trials"][0];
        let text = |key: &str| trial[key].as_str().unwrap_or_default().to_owned();
        (text("verdict"), text("reason"))
    }

    /// Asserts the verdict of a criterion, and that its reason has these words.
    pub(crate) fn says(&self, id: &str, verdict: &str, words: &str) {
        let (told, reason) = self.told(id);
        assert!(
            told == verdict && reason.contains(words),
            "{id} is {told}: {reason}"
        );
    }
}

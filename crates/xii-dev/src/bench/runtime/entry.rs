//! Which rows are measured, with whom.

use std::fs;
use std::path::{Path, PathBuf};

use super::app::{App, Job};
use super::manager::Manager;
use super::peer::Peer;
use super::table::{Cell, Table};
use super::{crash, install, lines, proxy, quick};
use crate::work::{self, Outcome};

/// Measures one manager in one row.
type Measure = fn(&Bench, &Peer, &Path) -> Outcome<Cell>;

/// Rows of managers: the word on the command line, the title, the measurement.
const ROWS: [(&str, &str, Measure); 7] = [
    ("start", "ten started", quick::start),
    ("million", "a million lines, one process", lines::million),
    ("four", "four × 100,000 lines", lines::four),
    ("memory", "memory (PSS), ten idle", quick::memory),
    (
        "stubborn",
        "grandchild that ignores SIGTERM",
        crash::stubborn,
    ),
    (
        "killed",
        "alive after SIGKILL of the manager",
        crash::killed,
    ),
    (
        "exit",
        "200,000 lines just before the end",
        lines::before_exit,
    ),
];

/// The row of proxies.
const ROUTER: (&str, &str) = ("router", "share of direct throughput");

/// What all measurements share.
pub(super) struct Bench {
    pub(super) xii: PathBuf,
    pub(super) rounds: usize,
    folder: PathBuf,
    peers: PathBuf,
    only: Vec<String>,
}

impl Bench {
    /// Starts a manager on a new app.
    pub(super) fn start(
        &self,
        peer: &Peer,
        program: &Path,
        processes: usize,
        job: Job,
    ) -> Outcome<Manager> {
        let folder = self.folder.join(peer.name);
        let app = App::make(
            &folder,
            &self.folder.join("lines"),
            peer.form,
            processes,
            job,
        )?;
        Manager::start(peer, program, app)
    }

    /// A folder for a measurement, below that of the bench.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether this one was asked for.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|one| one == name)
    }
}

/// Measures the rows that are named, or all.
pub(crate) fn run(words: &[&str]) -> Outcome {
    let target = work::target();
    let mut bench = Bench {
        xii: target.join("release/xii"),
        rounds: 7,
        folder: target.join("bench/runtime"),
        peers: target.join("peers"),
        only: Vec::new(),
    };
    let mut rows = Vec::new();
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let mut value = || words.next().copied().ok_or(format!("{word} needs a value"));
        match word {
            "--xii" => bench.xii = PathBuf::from(value()?),
            "--peer" => bench.only.push(value()?.to_owned()),
            "--rounds" => {
                let number = value()?.parse().ok().filter(|number| *number > 0);
                bench.rounds = number.ok_or("--rounds needs a number above 0")?;
            }
            "--install" => install::setup()?,
            row if ROWS.iter().any(|known| known.0 == row) || row == ROUTER.0 => rows.push(row),
            other => {
                let known: Vec<_> = ROWS.iter().map(|row| row.0).chain([ROUTER.0]).collect();
                return Err(format!(
                    "`{other}` is no row: there are {}",
                    known.join(", ")
                ));
            }
        }
    }
    // Managers are started in folders of their own, where a relative path would lead elsewhere.
    bench.xii = std::path::absolute(&bench.xii).map_err(|error| error.to_string())?;
    let all = rows.is_empty();
    let mut managers = Table::default();
    for (name, title, measure) in ROWS {
        if all || rows.contains(&name) {
            managers.add(title, bench.row(name, measure));
        }
    }
    let mut proxies = Table::default();
    if all || rows.contains(&ROUTER.0) {
        proxies.add(ROUTER.1, proxy::row(&bench));
    }
    println!("{}\n{}", managers.markdown(), proxies.markdown());
    let path = bench.folder("result.json");
    let json = serde_json::json!({ "managers": managers.json(), "proxies": proxies.json() });
    fs::create_dir_all(&bench.folder)
        .and_then(|()| fs::write(&path, format!("{json:#}\n")))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("as JSON: {}", path.display());
    Ok(())
}

impl Bench {
    fn row(&self, name: &str, measure: Measure) -> Vec<(String, Cell)> {
        let mut cells = Vec::new();
        for peer in Peer::all().iter().filter(|peer| self.wants(peer.name)) {
            let cell = match peer.program(&self.peers, &self.xii) {
                None => Cell::absent(),
                Some(program) => {
                    eprintln!("{name}: {}", peer.name);
                    measure(self, peer, &program).unwrap_or_else(Cell::failed)
                }
            };
            cells.push((peer.name.to_owned(), cell));
        }
        cells
    }
}

//! Reading what is asked for, and printing what was measured.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::{start, web};
use crate::work::{self, Outcome};

/// What both measurements need.
pub(super) struct Bench {
    pub(super) xii: PathBuf,
    pub(super) rounds: usize,
    /// How long an app is asked in a round.
    pub(super) milliseconds: u32,
    pub(super) folder: PathBuf,
}

/// Measures the throughput of small web apps, and the start of small programs, with the witness and without.
pub(crate) fn run(words: &[&str]) -> Outcome {
    let target = work::target();
    let mut bench = Bench {
        xii: target.join("release/xii"),
        rounds: 41,
        milliseconds: 300,
        folder: target.join("bench/witness"),
    };
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let mut value = || words.next().copied().ok_or(format!("{word} needs a value"));
        let number = |text: &str| {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or(format!("{word} needs a number above 0"))
        };
        match word {
            "--xii" => bench.xii = PathBuf::from(value()?),
            "--rounds" => bench.rounds = number(value()?)? as usize,
            "--milliseconds" => bench.milliseconds = number(value()?)?,
            other => {
                return Err(format!(
                    "`{other}` is not known: there are --xii PATH, --rounds N and --milliseconds N"
                ));
            }
        }
    }
    // Apps are started in a folder of their own, where a relative path would lead elsewhere.
    bench.xii = std::path::absolute(&bench.xii).map_err(|error| error.to_string())?;
    if !bench.xii.is_file() {
        return Err(format!(
            "{} is not there: `cargo build --release -p xii-cli` makes it",
            bench.xii.display()
        ));
    }
    let cannot = |error| format!("cannot write in {}: {error}", bench.folder.display());
    fs::create_dir_all(&bench.folder).map_err(cannot)?;
    let (web, web_json) = web::measure(&bench)?;
    let (start, start_json) = start::measure(&bench)?;
    println!("{web}\n{start}");
    let path = bench.folder.join("result.json");
    let json = json!({ "web": web_json, "start": start_json });
    fs::write(&path, format!("{json:#}\n")).map_err(cannot)?;
    println!("as JSON: {}", path.display());
    Ok(())
}

/// The middle one.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The program itself, where what stands in `PATH` is a script that looks for it; none where it is absent.
pub(super) fn program(name: &str) -> Option<String> {
    if !work::has(name) {
        return None;
    }
    if name != "python3" {
        return Some(name.to_owned());
    }
    let said = work::output(name, &["-c", "import sys; print(sys.executable)"]).ok()?;
    Some(said.trim().to_owned())
}

//! Prints the facts of a folder, one a line, for whoever works on the survey:
//! `cargo run -p xii-survey --example facts -- PATH`.

use std::path::Path;
use std::process::ExitCode;

use xii_survey::{Options, survey};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: facts PATH");
        return ExitCode::from(2);
    };
    match survey(Path::new(&path), &Options::default()) {
        Ok(found) => {
            for app in found.apps {
                println!("# {} ({:?})", app.root, app.frameworks);
                for line in app.facts.lines() {
                    println!("{line}");
                }
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

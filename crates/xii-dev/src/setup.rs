//! What the tests need beyond a Rust toolchain.

use std::fs;
use std::process::Command;

use crate::work::{self, Outcome};

/// Programs that the tests run, and the Debian package of each. Servers need not run: the tests start
/// their own, on loopback.
const NEEDED: [(&str, &str); 6] = [
    ("git", "git"),
    ("openssl", "openssl"),
    ("python3", "python3"),
    ("unshare", "util-linux"),
    ("redis-server", "redis-server"),
    ("initdb", "postgresql"),
];

/// Installs what is missing where that can be done, and says what is missing where it cannot.
pub(crate) fn run() -> Outcome {
    let missing: Vec<&str> = NEEDED
        .into_iter()
        .filter(|(program, _)| !(work::has(program) || is_server(program)))
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let root = work::output("id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    if !(root && work::has("apt-get")) {
        return Err(format!(
            "the tests need {list}: install it, then run this again"
        ));
    }
    println!("installing {list}");
    for words in [
        vec!["update"],
        [vec!["install", "--yes", "--no-install-recommends"], missing].concat(),
    ] {
        let status = Command::new("apt-get")
            .args(&words)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .status()
            .map_err(|error| format!("cannot run apt-get: {error}"))?;
        if !status.success() {
            return Err(format!(
                "`apt-get {}` failed; install {list} by hand",
                words.join(" ")
            ));
        }
    }
    Ok(())
}

/// Whether the program is where Debian keeps those of PostgreSQL, which are on nobody's PATH.
fn is_server(program: &str) -> bool {
    fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .any(|version| version.path().join("bin").join(program).is_file())
}

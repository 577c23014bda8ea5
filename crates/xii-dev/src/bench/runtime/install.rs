//! Fetching the peers.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::work::{self, Outcome};

/// Programs of Debian: the program, and its package.
const DEBIAN: [(&str, &str); 3] = [
    ("nginx", "nginx"),
    ("haproxy", "haproxy"),
    ("foreman", "ruby-foreman"),
];

/// Installs every peer that can be had. One that cannot is told, and the others go on.
pub(crate) fn setup() -> Outcome {
    let peers = work::target().join("peers");
    fs::create_dir_all(&peers)
        .map_err(|error| format!("cannot make {}: {error}", peers.display()))?;
    let path = |below: &str| peers.join(below).display().to_string();
    if !Path::new(&path("python/bin/honcho")).exists() {
        let made = step("python3", &["-m", "venv", &path("python")], &[]);
        let pip = path("python/bin/pip");
        let packages = ["install", "--quiet", "honcho", "circus", "supervisor"];
        tell(
            "honcho, circus, supervisor",
            made.and_then(|()| step(&pip, &packages, &[])),
        );
    }
    if !Path::new(&path("node/node_modules/.bin/nf")).exists() {
        let node = path("node");
        let words = [
            "install",
            "--silent",
            "--no-fund",
            "--no-audit",
            "--prefix",
            &node,
            "foreman",
            "pm2",
        ];
        let made = fs::create_dir_all(&node).map_err(|error| error.to_string());
        tell(
            "node-foreman, pm2",
            made.and_then(|()| step("npm", &words, &[])),
        );
    }
    let root = work::output("id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    let missing: Vec<_> = DEBIAN
        .iter()
        .filter(|(program, _)| !work::has(program))
        .map(|one| one.1)
        .collect();
    if !missing.is_empty() {
        let words = [
            &["install", "--yes", "--quiet", "--no-install-recommends"],
            missing.as_slice(),
        ]
        .concat();
        let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
        let done = if root && work::has("apt-get") {
            step("apt-get", &["update", "--quiet"], &quiet)
                .and_then(|()| step("apt-get", &words, &quiet))
        } else {
            Err("apt-get wants root".to_owned())
        };
        tell(&missing.join(", "), done);
    }
    if !Path::new(&path("bin/ultraman")).exists() {
        let root = path("");
        let words = ["install", "--quiet", "--root", &root, "ultraman"];
        // Its build is none of this workspace's.
        let apart = path("build");
        tell(
            "ultraman",
            step(
                &work::cargo_program(),
                &words,
                &[("CARGO_TARGET_DIR", &apart)],
            ),
        );
        let _ = fs::remove_dir_all(apart);
    }
    if work::has("go") {
        for (name, module) in [
            ("hivemind", "github.com/DarthSim/hivemind@latest"),
            ("overmind", "github.com/DarthSim/overmind/v2@latest"),
        ] {
            if !work::has(name) && !Path::new(&path(&format!("bin/{name}"))).exists() {
                tell(
                    name,
                    step("go", &["install", module], &[("GOBIN", &path("bin"))]),
                );
            }
        }
    }
    Ok(())
}

fn tell(what: &str, done: Outcome) {
    match done {
        Ok(()) => println!("installed {what}"),
        Err(why) => println!("could not install {what}: {why}"),
    }
}

fn step(program: &str, words: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let done = Command::new(program)
        .args(words)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(said.lines().next_back().unwrap_or("it failed").to_owned())
}

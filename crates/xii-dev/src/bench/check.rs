//! Measuring `xii check` against peers on the same tree, in the same run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::tree::make;
use crate::work::{self, Outcome};

/// How often each command is timed; the median counts.
const ROUNDS: usize = 5;

/// Texts that a search for the facts of an audit would look for.
const LITERALS: [&str; 12] = [
    "process.env",
    "os.environ",
    "getenv",
    ".listen(",
    "SIGTERM",
    "createClient",
    "create_engine",
    "session",
    "setInterval",
    "writeFile",
    "FileHandler",
    "password",
];

/// Measures on a given tree, or on trees made for the purpose: 1,000 and 50,000 files.
pub(crate) fn run(words: &[&str]) -> Outcome {
    work::cargo(&["build", "--release", "--quiet", "--package", "xii-cli"])?;
    let target = work::target();
    let xii = target.join("release/xii");
    let given: Vec<PathBuf> = words.iter().map(PathBuf::from).collect();
    let made = target.join("bench");
    let trees = if given.is_empty() {
        vec![
            make(&made.join("files-1000"), 1_000)?,
            make(&made.join("files-50000"), 50_000)?,
        ]
    } else {
        given
    };
    for tree in &trees {
        println!("\n{} ({} files)", tree.display(), count(tree));
        println!("{:<34} {:>10} {:>12}", "command", "median", "peak memory");
        measure(
            "xii check",
            &xii,
            &["check", "--fail-on", "never", "--format", "json"],
            tree,
        );
        if work::has("rg") {
            let mut words = vec!["--fixed-strings", "--count"];
            for literal in &LITERALS {
                words.extend(["--regexp", literal]);
            }
            measure("rg, the same literals", Path::new("rg"), &words, tree);
        } else {
            println!("rg: skipped, it is not installed");
        }
        if work::has("semgrep") {
            let rules = made.join("semgrep.yml");
            std::fs::create_dir_all(&made)
                .and_then(|()| std::fs::write(&rules, SEMGREP))
                .map_err(|error| format!("cannot write the semgrep rules: {error}"))?;
            let rules = rules.display().to_string();
            measure(
                "semgrep, four rules",
                Path::new("semgrep"),
                &[
                    "scan",
                    "--quiet",
                    "--metrics=off",
                    "--disable-version-check",
                    "--config",
                    &rules,
                ],
                tree,
            );
        } else {
            println!("semgrep: skipped, it is not installed");
        }
    }
    Ok(())
}

/// Four rules of the kind that `xii check` has, for a peer that reads syntax.
const SEMGREP: &str = "rules:
  - {id: env, languages: [javascript, typescript], severity: INFO, message: env, pattern: process.env.$X}
  - {id: listen, languages: [javascript, typescript], severity: INFO, message: listen, pattern: $APP.listen(...)}
  - {id: environ, languages: [python], severity: INFO, message: env, pattern: 'os.environ[...]'}
  - {id: open, languages: [python], severity: INFO, message: open, pattern: 'open(..., \"w\")'}
";

/// Times a command over a tree and prints its row.
fn measure(name: &str, program: &Path, words: &[&str], tree: &Path) {
    let mut times = Vec::new();
    let mut memory = 0;
    for _ in 0..ROUNDS {
        match once(program, words, tree) {
            Ok((time, kilobytes)) => {
                times.push(time);
                memory = memory.max(kilobytes);
            }
            Err(why) => {
                println!("{name:<34} {why}");
                return;
            }
        }
    }
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let memory = match memory {
        0 => "not measured".to_owned(),
        kilobytes => format!("{} MB", kilobytes / 1024),
    };
    println!(
        "{name:<34} {:>8.0}ms {memory:>12}",
        median.as_secs_f64() * 1e3
    );
}

/// One run: wall time, and the peak of its resident memory in kilobytes as GNU time tells it; 0 where
/// GNU time is not installed.
fn once(program: &Path, words: &[&str], tree: &Path) -> Outcome<(Duration, u64)> {
    let timed = work::has("time");
    let mut command = if timed {
        let mut command = Command::new("time");
        command.args(["--format", "%M"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command
        .args(words)
        .arg(tree)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let done = command
        .output()
        .map_err(|error| format!("cannot run it: {error}"))?;
    let time = start.elapsed();
    // 1 is an answer: findings, or no match.
    if !matches!(done.status.code(), Some(0 | 1)) {
        return Err(format!(
            "it failed: {}",
            String::from_utf8_lossy(&done.stderr)
                .lines()
                .next()
                .unwrap_or_default()
        ));
    }
    let stderr = String::from_utf8_lossy(&done.stderr);
    let told = stderr.lines().next_back().filter(|_| timed);
    let memory = told.and_then(|line| line.trim().parse().ok()).unwrap_or(0);
    Ok((time, memory))
}

fn count(folder: &Path) -> usize {
    let mut open = vec![folder.to_path_buf()];
    let mut files = 0;
    while let Some(folder) = open.pop() {
        for item in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match item.file_type() {
                Ok(kind) if kind.is_dir() && item.file_name() != ".git" => open.push(item.path()),
                Ok(kind) if kind.is_file() => files += 1,
                _ => {}
            }
        }
    }
    files
}

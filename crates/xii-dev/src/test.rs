//! Running every test, and counting them.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::setup;
use crate::work::{self, Outcome};

/// How many tests did what, over all test programs.
#[derive(Debug, Default)]
pub(crate) struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// Sets up, runs `cargo test` over the workspace and adds up what its programs say.
pub(crate) fn run(words: &[&str]) -> Outcome<Count> {
    setup::run()?;
    let list = tempfile::NamedTempFile::new()
        .map_err(|error| format!("cannot make a temporary file: {error}"))?;
    let mut child = Command::new(work::cargo_program())
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(words)
        .current_dir(work::root())
        // A test that finds that it cannot run writes its name and why, a line, and returns.
        .env("XII_SKIPPED", list.path())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let mut count = Count::default();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            println!("{line}");
            count.add(&line);
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("cannot wait for cargo: {error}"))?;
    let skipped = std::fs::read_to_string(list.path()).unwrap_or_default();
    for line in skipped.lines() {
        println!("skipped: {line}");
        count.skip();
    }
    if !status.success() || count.failed > 0 {
        return Err(format!(
            "{count}; run `cargo test --workspace` to see them alone"
        ));
    }
    if count.passed == 0 {
        return Err("no test ran".to_owned());
    }
    Ok(count)
}

impl Count {
    /// A test that was counted as passed did not run.
    fn skip(&mut self) {
        self.passed = self.passed.saturating_sub(1);
        self.skipped += 1;
    }

    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line
            .strip_prefix("test result:")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in counts.split(';') {
            let mut words = part.split_whitespace();
            let number = words
                .next()
                .and_then(|number| number.parse().ok())
                .unwrap_or(0);
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up() {
        let mut count = Count::default();
        count.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        count.add("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out");
        count.add("test x ... ok");
        assert_eq!(count.to_string(), "5 passed, 1 failed, 1 skipped");
    }
}

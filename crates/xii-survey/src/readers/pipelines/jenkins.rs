//! Jenkinsfiles, as text: the `sh` steps of each stage. What Groovy computes is not followed.

use std::sync::LazyLock;

use regex::Regex;
use xii_model::Facts;

use super::found::{Found, MAX_JOBS};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Jenkinsfile",
    recognises: |path| {
        let name = file_name(path);
        name == "jenkinsfile" || name.starts_with("jenkinsfile.") || name.ends_with(".jenkinsfile")
    },
    read,
};

/// `stage('Deploy')`, and `sh '…'`, `sh "…"`, `sh(script: '''…''')`; comments are matched so that
/// nothing is read in them.
static STEP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?s)//[^\n]*|/\*.*?\*/|\bstage\s*\(\s*["']([^"'\n]{1,100})["']|\b(?:sh|bat)\s*\(?\s*(?:script\s*:\s*)?(?:'''(.*?)'''|"""(.*?)"""|'([^'\n]*)'|"([^"\n]*)")"#,
    )
    .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut jobs: Vec<Found> = Vec::new();
    for captured in STEP.captures_iter(source.text) {
        if let Some(name) = captured.get(1) {
            if jobs.len() >= MAX_JOBS {
                break;
            }
            jobs.push(Found::new("jenkins", name.as_str(), name.range()));
        } else if let Some(command) = (2..=5).find_map(|group| captured.get(group)) {
            if jobs.is_empty() {
                jobs.push(Found::new("jenkins", "build", command.range()));
            }
            if let Some(job) = jobs.last_mut() {
                job.run(source, command.range(), command.as_str().trim());
            }
        }
    }
    for job in jobs {
        job.tell(source, facts);
    }
}

//! Every rule against its own repositories: `fixtures/repos/<rule>/breaks*` must give findings of the
//! rule, `keeps*` must give none. What exactly is said is kept in a snapshot.
//!
//! `XII_RULE=name cargo test -p xii-rules --test fixtures` looks at one rule only.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use xii_model::{Profile, Report, Verdict};
use xii_rules::{Entry, Options, RULES, audit};

#[test]
fn every_rule_breaks_and_keeps_as_its_repositories_say() {
    let only = env::var("XII_RULE").ok();
    let mut wrong = Vec::new();
    for entry in RULES
        .iter()
        .filter(|entry| only.as_deref().is_none_or(|name| name == entry.rule.name))
    {
        let mut kinds = [0, 0];
        for folder in repositories(entry) {
            let name = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let breaks = name.starts_with("breaks");
            kinds[usize::from(breaks)] += 1;
            let report = audit_copy(&folder, &name);
            let found = report
                .findings
                .iter()
                .filter(|finding| finding.rule == entry.rule.name)
                .count();
            if breaks == (found == 0) {
                wrong.push(format!("{}/{name}: {found} findings", entry.rule.name));
            }
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(format!("{}-{name}", entry.rule.name), describe(entry, &report));
            });
        }
        if kinds.contains(&0) {
            wrong.push(format!(
                "{}: wants a repository `breaks` and one `keeps`",
                entry.rule.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The folders `breaks*` and `keeps*` of a rule.
fn repositories(entry: &Entry) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/repos")
        .join(entry.rule.name);
    let mut folders: Vec<_> = fs::read_dir(root)
        .into_iter()
        .flatten()
        .filter_map(|item| Some(item.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Audits a copy of the folder under git; a name that ends in `-nogit` says that it has none.
fn audit_copy(folder: &Path, name: &str) -> Report {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let root = scratch.path().join("app");
    copy(folder, &root);
    if !name.ends_with("-nogit") {
        git(&root, &["init", "--quiet", "--initial-branch=main"]);
        git(&root, &["add", "--all"]);
        git(
            &root,
            &["commit", "--quiet", "--allow-empty", "--message=all"],
        );
    }
    let survey =
        xii_survey::survey(&root, &xii_survey::Options::default()).expect("the copy can be read");
    audit(
        &survey,
        &Options {
            profile: Profile::Next,
            persona: xii_model::Persona::Strict,
            ..Options::default()
        },
    )
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for item in fs::read_dir(from).expect("the repository is readable") {
        let item = item.expect("the repository is readable");
        let target = to.join(item.file_name());
        if item.file_type().expect("a file has a type").is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).expect("a file can be copied");
        }
    }
}

fn git(root: &Path, words: &[&str]) {
    let status = Command::new("git")
        .args(words)
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .envs([
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@localhost"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@localhost"),
        ])
        .status()
        .expect("git runs");
    assert!(status.success(), "git {words:?} failed");
}

/// The rule's findings and the verdicts on its criteria, a line each.
fn describe(entry: &Entry, report: &Report) -> String {
    let mut text = String::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.rule == entry.rule.name)
    {
        let _ = writeln!(
            text,
            "{} {} {}/{}: {}",
            finding.evidence,
            finding.criterion,
            finding.severity.name(),
            finding.confidence.name(),
            finding.message
        );
        for line in finding.help.lines() {
            let _ = writeln!(text, "    help: {line}");
        }
        for related in &finding.related {
            let _ = writeln!(text, "    {}: {}", related.evidence, related.message);
        }
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "    fix ({:?}): {}", fix.safety, fix.title);
        }
    }
    for app in &report.apps {
        for verdict in app
            .criteria
            .iter()
            .filter(|one| entry.rule.criteria.contains(&one.criterion.id))
        {
            let _ = write!(
                text,
                "[{}] {} {}",
                app.root,
                verdict.criterion.id,
                verdict.verdict.name()
            );
            if verdict.verdict == Verdict::Broken {
                text.push('\n');
            } else {
                let _ = writeln!(text, ": {}", verdict.reason);
            }
        }
    }
    text
}

//! `xii check` as its users call it.

mod workbench;

use std::fs;
use std::path::Path;

use workbench::{Folder, Run, xii};

/// An app with one finding that fails: a secret in the code.
const SECRET: (&str, &str) = (
    "config.js",
    "const apiSecret = 'kT8vQz2mLp0xWd4rYb7n';\nmodule.exports = { apiSecret };\n",
);
const MANIFEST: (&str, &str) = (
    "package.json",
    "{\"name\": \"a\", \"dependencies\": {\"express\": \"5.1.0\"}}\n",
);

const JSON: [&str; 3] = ["check", "--format", "json"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&JSON, more].concat()
}

fn secrets(run: &Run) -> Vec<String> {
    run.findings()
        .into_iter()
        .filter(|one| one.ends_with("hard-coded-secret"))
        .collect()
}

fn shop(name: &str) -> Run {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/apps")
        .join(name);
    Run::of(xii().args(JSON).arg(root))
}

#[test]
fn a_careless_app_and_a_well_kept_one_are_far_apart() {
    let (careless, kept) = (shop("careless-shop"), shop("kept-shop"));
    let score = |run: &Run| run.json()["apps"][0]["score"].as_i64().unwrap();
    assert!(
        score(&kept) - score(&careless) >= 40,
        "{} and {}",
        score(&kept),
        score(&careless)
    );
    assert_eq!((careless.code, kept.code), (Some(1), Some(0)));
    for secret in [
        "Wq8zPf3kLm",
        "kT8vQz2mLp0xWd4rYb7n",
        "pay_7hQ2xVb9TzLw4sRk",
        "c2hvcC10b2tlbi1rZXktMTIz",
    ] {
        assert!(
            !careless.out.contains(secret),
            "a secret's value is in the report"
        );
    }
}

#[test]
fn no_format_gives_a_secret_away() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/apps/careless-shop");
    for format in [
        "human", "json", "sarif", "github", "markdown", "html", "junit",
    ] {
        let run = Run::of(
            xii()
                .args(["check", "--verbose", "--format", format])
                .arg(&root),
        );
        assert_eq!(run.code, Some(1), "{format}: {}", run.err);
        for secret in [
            "Wq8zPf3kLm",
            "kT8vQz2mLp0xWd4rYb7n",
            "pay_7hQ2xVb9TzLw4sRk",
            "c2hvcC10b2tlbi1rZXktMTIz",
        ] {
            assert!(!run.out.contains(secret), "{format} gives a secret away");
        }
    }
}

#[test]
fn the_exit_code_answers_the_question_that_was_asked() {
    let folder = Folder::with(&[MANIFEST, SECRET]);
    folder.commit();
    assert_eq!(folder.xii(&JSON).code, Some(1));
    assert_eq!(folder.xii(&with(&["--fail-on", "never"])).code, Some(0));
    assert_eq!(folder.xii(&with(&["--factor", "VII"])).code, Some(0));
    assert_eq!(folder.xii(&with(&["--criterion", "III.1"])).code, Some(1));
}

#[test]
fn filters_choose_what_the_report_speaks_of() {
    let folder = Folder::with(&[MANIFEST, SECRET]);
    let factors = |words: &[&str]| -> Vec<String> {
        let report = folder.xii(&with(words)).json();
        report["apps"][0]["factors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(factors(&["--factor", "config"]), ["III"]);
    assert_eq!(factors(&["--factor", "3", "--factor", "XI"]), ["III", "XI"]);
    assert_eq!(factors(&["--criterion", "ix.2"]), ["IX"]);
    assert_eq!(factors(&["--profile", "twelve"]).len(), 12);
    assert_eq!(factors(&[]).len(), 15);
    let wrong = folder.xii(&["check", "--criterion", "IX.22"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("did you mean"), "{}", wrong.err);
}

#[test]
fn a_comment_with_a_reason_allows_a_finding() {
    let text = format!(
        "// xii: allow(hard-coded-secret) opens a test stand only\n{}",
        SECRET.1
    );
    let folder = Folder::with(&[MANIFEST, (SECRET.0, &text)]);
    folder.commit();
    let run = folder.xii(&JSON);
    assert_eq!(run.code, Some(0), "{}", run.out);
    let report = run.json();
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["rule"] == "hard-coded-secret")
        .unwrap();
    assert_eq!(finding["suppression"]["reason"], "opens a test stand only");
}

#[test]
fn an_allowance_without_a_reason_or_without_effect_is_told() {
    let text = format!(
        "// xii: allow(hard-coded-secret)\n{}// xii: allow(log-file) no longer there\nconst a = 1;\n",
        SECRET.1
    );
    let folder = Folder::with(&[MANIFEST, (SECRET.0, &text)]);
    folder.commit();
    let run = folder.xii(&JSON);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out.contains("gives no reason")
            && run
                .out
                .contains("`xii: allow(log-file)` suppresses nothing"),
        "{}",
        run.out
    );
}

#[test]
fn settings_allow_by_path_and_unknown_keys_are_told_at_once() {
    let folder = Folder::with(&[MANIFEST, SECRET]);
    folder.write(
        "xii.toml",
        b"[check]\nallow = [{ rule = \"III.1\", paths = [\"config.js\"], reason = \"a stand\" }]\n",
    );
    folder.commit();
    assert_eq!(folder.xii(&JSON).code, Some(0));

    folder.write("xii.toml", b"[chek]\n[check]\nprofil = \"twelve\"\nfail-on = \"fatal\"\nallow = [{ rule = \"hard-coded-secrets\", reason = \"x\" }, { rule = \"III.1\" }]\n");
    let run = folder.xii(&["check"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    let expected = "xii: ./xii.toml:1: the file has no key `chek`; did you mean `check`?
xii: ./xii.toml:3: `[check]` has no key `profil`; did you mean `profile`?
xii: ./xii.toml:4: this is none of: error, warning, note, never
xii: ./xii.toml:5: no rule, probe or criterion is called `hard-coded-secrets`; did you mean `hard-coded-secret`?
xii: ./xii.toml:5: the allowance of `III.1` wants a `reason`: who reads this next should know why
";
    assert_eq!(run.err, expected);
}

#[test]
fn only_what_is_new_fails_against_a_baseline() {
    let folder = Folder::with(&[MANIFEST, SECRET]);
    folder.commit();
    let written = folder.xii(&["check", "--write-baseline", "known.json"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert_eq!(
        folder.xii(&with(&["--baseline", "known.json"])).code,
        Some(0)
    );

    // Lines above move what is known, and it stays known.
    folder.write(
        "config.js",
        format!("// a\n// b\n\n{}", SECRET.1).as_bytes(),
    );
    assert_eq!(
        folder.xii(&with(&["--baseline", "known.json"])).code,
        Some(0)
    );

    folder.write(
        "other.js",
        b"const dbPassword = 'Zx9wVu7tSr5qPo3nMl1k';\nmodule.exports = dbPassword;\n",
    );
    let run = folder.xii(&with(&["--baseline", "known.json"]));
    assert_eq!(run.code, Some(1));
    let missing = folder.xii(&["check", "--baseline", "nowhere.json"]);
    assert_eq!(missing.code, Some(2));
}

#[test]
fn several_folders_are_one_report() {
    let folder = Folder::with(&[
        ("a/package.json", MANIFEST.1),
        ("a/config.js", SECRET.1),
        ("b/package.json", MANIFEST.1),
        ("b/config.js", SECRET.1),
    ]);
    let run = folder.xii(&with(&["a", "b"]));
    assert_eq!(
        secrets(&run),
        [
            "a/config.js:1 hard-coded-secret",
            "b/config.js:1 hard-coded-secret"
        ]
    );
}

#[test]
fn a_report_can_be_written_to_a_file() {
    let folder = Folder::with(&[MANIFEST]);
    let run = folder.xii(&with(&["--output", "report.json"]));
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""));
    assert!(
        fs::read_to_string(folder.join("report.json"))
            .unwrap()
            .contains("xii-report/1")
    );
    let run = folder.xii(&with(&["--output", "nowhere/report.json"]));
    assert_eq!(run.code, Some(3));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let folder = Folder::with(&[MANIFEST, SECRET]);
    assert!(!folder.xii(&["check"]).out.contains('\u{1b}'));
    assert!(
        folder
            .xii(&["check", "--color", "always"])
            .out
            .contains('\u{1b}')
    );
}

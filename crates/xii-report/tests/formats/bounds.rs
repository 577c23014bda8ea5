//! What is cut, folded and counted when there is much to tell, and what the plan counts.

use xii_model::{AppReport, Confidence, Finding, Report, Severity, SuppressedBy};
use xii_report::{Format, Look, plan, render};

use crate::sample::{self, With, criteria, finding, source};
use crate::{hostile, sample_proved};

fn one(rule: &'static str, criterion: &'static str, line: u32) -> Finding {
    finding(
        ".",
        rule,
        criterion,
        Severity::Error,
        source("src/app.py", line, (1, 9), "connect()"),
        &format!("call {line} goes to a fixed address, which no other deploy can use"),
        "read the address from the environment",
    )
}

fn report(findings: Vec<Finding>) -> Report {
    let empty = sample::empty();
    let app = AppReport {
        criteria: criteria(".", &findings, &[]),
        run: None,
        ..empty.apps[0].clone()
    };
    sample::report(vec![app], findings)
}

fn many() -> Report {
    report(
        (1..=600)
            .map(|line| one("fixed-address", "IV.1", line))
            .collect(),
    )
}

#[test]
fn a_step_shows_ten_annotations_and_logs_the_rest() {
    let text = render(&many(), Format::Github, &Look::default());
    let annotations = text.lines().filter(|line| line.starts_with("::error "));
    assert_eq!(annotations.count(), 10);
    assert!(
        text.contains("\n::group::590 more findings\nerror[fixed-address] src/app.py:11 call 11")
    );
    assert!(text.ends_with(
        "::endgroup::\nxii: 600 errors; 0 of low confidence, 0 suppressed, 0 baselined; empty scores 0\n"
    ));
}

#[test]
fn markdown_fits_a_comment_and_says_what_it_left_out() {
    let text = render(&many(), Format::Markdown, &Look::default());
    assert!(text.chars().count() < 65_536, "{}", text.chars().count());
    assert!(text.contains("**600 errors**") && text.contains("Left out to fit a comment: "));
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
}

#[test]
fn three_of_a_rule_are_drawn_and_twelve_more_named() {
    let text = render(&many(), Format::Human, &Look::default());
    assert_eq!(text.matches("error[fixed-address]").count(), 3);
    assert!(text.contains("597 more fixed-address: also at src/app.py:4, "));
    assert!(text.contains("src/app.py:15 and 585 more"));
}

#[test]
fn the_plan_counts_what_breaks_a_criterion_and_nothing_else() {
    let report = report(vec![
        one("fixed-address", "IV.1", 1),
        // Allowed or unsure: mending the first one is enough.
        one("other-address", "IV.1", 2).allowed(SuppressedBy::Comment, "a test double"),
        one("third-address", "IV.1", 3).sure(Confidence::Low),
        // Two rules break this one, so each gains half of it.
        one("no-timeout", "IV.4", 4),
        one("no-deadline", "IV.4", 5),
        // A baseline forgives the exit code and not the score.
        one("known-log-file", "XI.2", 6).allowed(SuppressedBy::Baseline, "known"),
    ]);
    let steps: Vec<_> = plan(&report, &report.apps[0])
        .iter()
        .map(|step| (step.rule, step.gain, step.findings.len()))
        .collect();
    assert_eq!(
        steps,
        [
            ("fixed-address", 20, 1),
            ("known-log-file", 20, 1),
            ("no-deadline", 10, 1),
            ("no-timeout", 10, 1)
        ]
    );
}

#[test]
fn a_long_transcript_is_folded_to_what_matters() {
    let report = sample_proved::much("x");
    let text = render(&report, Format::Human, &Look::default());
    let (_, transcript) = text.split_once("transcript of long-probe").unwrap();
    let (transcript, _) = transcript.split_once("\n\n").unwrap();
    assert_eq!(transcript.lines().count(), 1 + 14, "{transcript}");
    assert_eq!(transcript.matches(", --verbose shows them").count(), 1);
    let verbose = Look {
        verbose: true,
        ..Look::default()
    };
    let text = render(&report, Format::Human, &verbose);
    let (_, transcript) = text.split_once("transcript of long-probe").unwrap();
    let (transcript, _) = transcript.split_once("\n\n").unwrap();
    assert_eq!(transcript.lines().count(), 1 + 400);
    // What holds is folded even then.
    let (_, transcript) = text.split_once("(holds, run)").unwrap();
    let (transcript, _) = transcript.split_once("(could not tell").unwrap();
    assert!(transcript.contains(", --format html shows them"));
    assert!(transcript.lines().count() < 16, "{transcript}");
}

#[test]
fn transcripts_fit_a_comment_and_a_picture_has_few_lanes() {
    let report = sample_proved::much(hostile::EVIL);
    let text = render(&report, Format::Markdown, &Look::default());
    assert!(text.chars().count() < 65_536, "{}", text.chars().count());
    assert!(text.contains("Left out to fit a comment: ") && text.contains(" transcripts, "));
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
    let mut report = sample_proved::much("x");
    for trial in report.apps[0]
        .criteria
        .iter_mut()
        .flat_map(|one| &mut one.trials)
    {
        for (number, moment) in trial.transcript.iter_mut().enumerate() {
            moment.source = format!("REDIS_{number}_URL");
            moment.at_us = moment.at_us.max(5_000_000);
        }
    }
    let page = render(&report, Format::Html, &Look::default());
    let (_, picture) = page.split_once("<svg class=\"timeline\"").unwrap();
    let (picture, _) = picture.split_once("<details").unwrap();
    assert_eq!(picture.matches("class=\"source\"").count(), 10);
    assert!(picture.contains(">others</text>"));
    // What stands together is one mark that tells of several.
    assert!(picture.matches("class=\"mark ").count() < 400);
    assert!(picture.contains(" more</title>"));
}

#[test]
fn a_finding_in_a_shared_file_is_drawn_once_and_named_for_the_other_app() {
    let mut report = report(vec![one("fixed-address", "IV.1", 1)]);
    let mut other = report.apps[0].clone();
    other.root = "other".to_owned();
    other.name = "other".to_owned();
    report.apps.push(other);
    let text = render(&report, Format::Human, &Look::default());
    assert_eq!(text.matches("error[fixed-address]").count(), 1);
    assert!(text.contains(
        "1 finding in files that it shares with another app, drawn there: src/app.py:1\n"
    ));
}

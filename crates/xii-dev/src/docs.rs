//! Documents that are made from the code: docs/rules.md, docs/probes.md and docs/criteria.md.

use std::fmt::Write as _;
use std::fs;

use xii_model::{Criterion, Factor};
use xii_probes::PROBES;
use xii_rules::{Entry, RULES};

use crate::work::{self, Outcome};

/// The documents and their texts.
fn documents() -> [(&'static str, String); 3] {
    [
        ("docs/rules.md", rules()),
        ("docs/probes.md", probes()),
        ("docs/criteria.md", criteria()),
    ]
}

/// Writes the documents.
pub(crate) fn write() -> Outcome {
    for (path, text) in documents() {
        fs::write(work::root().join(path), text)
            .map_err(|error| format!("cannot write {path}: {error}"))?;
        println!("wrote {path}");
    }
    Ok(())
}

/// Says which documents are older than the code.
pub(crate) fn check() -> Outcome {
    let old: Vec<&str> = documents()
        .into_iter()
        .filter(|(path, text)| {
            fs::read_to_string(work::root().join(path)).ok().as_ref() != Some(text)
        })
        .map(|(path, _)| path)
        .collect();
    if old.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{} older than the code: run `cargo xtask docs`",
            old.join(", ")
        ))
    }
}

/// A page of all rules, by factor.
fn rules() -> String {
    let mut text = format!(
        "# Rules\n\nThe {} rules of `xii check`, made from their own documentation by `cargo xtask docs`. `xii explain RULE` prints the same.\n\n",
        RULES.len()
    );
    for factor in Factor::ALL {
        let of_factor: Vec<&Entry> = RULES
            .iter()
            .filter(|entry| entry.factor() == Some(factor))
            .collect();
        if of_factor.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {factor} {}\n", factor.name());
        for entry in of_factor {
            let rule = entry.rule;
            let _ = writeln!(
                text,
                "### {}\n\nAnswers {}. Severity: {}.\n",
                rule.name,
                rule.criteria.join(", "),
                rule.severity.name()
            );
            nested(entry.docs, &mut text);
        }
    }
    format!("{}\n", text.trim_end())
}

/// A page of all probes, by factor.
fn probes() -> String {
    let mut text = format!(
        "# Probes\n\nThe {} probes of `xii prove`, made from their own documentation by `cargo xtask docs`. `xii explain PROBE` prints the same.\n\n",
        PROBES.len()
    );
    for factor in Factor::ALL {
        let of_factor: Vec<_> = PROBES
            .iter()
            .filter(|entry| entry.factor() == Some(factor))
            .collect();
        if of_factor.is_empty() {
            continue;
        }
        let _ = writeln!(text, "## {factor} {}\n", factor.name());
        for entry in of_factor {
            let probe = entry.probe;
            let _ = writeln!(
                text,
                "### {}\n\nAnswers {}. Phase: {}. Severity: {}.\n",
                probe.name,
                probe.criteria.join(", "),
                probe.phase.name(),
                probe.severity.name()
            );
            nested(entry.docs, &mut text);
        }
    }
    format!("{}\n", text.trim_end())
}

/// A documentation whose own headings stand below its name.
fn nested(docs: &str, text: &mut String) {
    for line in docs.trim().lines() {
        let nested = if line.starts_with("## ") {
            format!("##{line}")
        } else {
            line.to_owned()
        };
        let _ = writeln!(text, "{}", nested.trim_end());
    }
    text.push('\n');
}

/// A page of all criteria, by factor.
fn criteria() -> String {
    let mut text = format!(
        "# Criteria\n\nThe {} testable statements that a report answers, made from the catalogue by `cargo xtask docs`. `xii explain IX.2` prints one.\n\n",
        Criterion::all().count()
    );
    for factor in Factor::ALL {
        let _ = writeln!(
            text,
            "## {factor} {}: {}\n",
            factor.name(),
            factor.principle()
        );
        for criterion in Criterion::of(factor) {
            let answering: Vec<_> = Entry::answering(criterion.id)
                .map(|entry| format!("`{}`", entry.rule.name))
                .collect();
            let _ = writeln!(
                text,
                "### {} {}\n\n{}\n\n{}\n\n{}\n",
                criterion.id, criterion.title, criterion.statement, criterion.why, criterion.how
            );
            let _ = writeln!(
                text,
                "- From the code: {}",
                criterion.from_code.unwrap_or("nothing")
            );
            let _ = writeln!(
                text,
                "- From a run: {}",
                criterion.from_run.unwrap_or("nothing")
            );
            let _ = writeln!(
                text,
                "- Rules: {}",
                if answering.is_empty() {
                    "none".to_owned()
                } else {
                    answering.join(", ")
                }
            );
            let trying: Vec<_> = xii_probes::Entry::answering(criterion.id)
                .map(|entry| format!("`{}`", entry.probe.name))
                .collect();
            let _ = writeln!(
                text,
                "- Probes: {}",
                if trying.is_empty() {
                    "none".to_owned()
                } else {
                    trying.join(", ")
                }
            );
            let _ = writeln!(text, "- Source: {}\n", criterion.source);
        }
    }
    format!("{}\n", text.trim_end())
}

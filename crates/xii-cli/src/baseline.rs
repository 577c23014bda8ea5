//! The baseline file: findings that are known and do not fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use xii_model::{Report, SuppressedBy};
use xii_rules::Baseline;

use crate::error::Failure;
use crate::output;

/// The format's name and version.
const SCHEMA: &str = "xii-baseline/1";

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    findings: Vec<Known>,
}

/// A known finding. Rule and path are for the person who reads the file; the fingerprint counts.
#[derive(Serialize, Deserialize)]
struct Known {
    fingerprint: String,
    rule: String,
    path: String,
}

/// Reads a baseline.
pub(crate) fn read(path: &Path) -> Result<Baseline, Failure> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the baseline {shown}: {}; write one with --write-baseline",
            error.kind()
        ))
    })?;
    let document: Document = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{shown}:{}:{}: this is no baseline that xii wrote",
            error.line(),
            error.column()
        ))
    })?;
    if document.schema != SCHEMA {
        return Err(Failure::usage(format!(
            "{shown}: its schema is `{}` and this xii reads `{SCHEMA}`; write it again",
            document.schema
        )));
    }
    let known: BTreeMap<_, _> = document
        .findings
        .into_iter()
        .map(|known| (known.fingerprint, (known.rule, known.path)))
        .collect();
    Ok(Baseline { known })
}

/// Writes every finding that is not allowed otherwise as known; also what a run refuted, which the code alone
/// would say again.
pub(crate) fn write(path: &Path, report: &Report) -> Result<usize, Failure> {
    let mut findings: Vec<Known> = report
        .findings
        .iter()
        .filter(|finding| {
            finding
                .suppression
                .as_ref()
                .is_none_or(|one| matches!(one.by, SuppressedBy::Baseline | SuppressedBy::Run))
        })
        .map(|finding| Known {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule.to_owned(),
            path: finding.evidence.path.to_string(),
        })
        .collect();
    // In the order of path and rule, so that two baselines can be compared.
    findings.sort_by(|a, b| {
        (&a.path, &a.rule, &a.fingerprint).cmp(&(&b.path, &b.rule, &b.fingerprint))
    });
    let count = findings.len();
    let document = Document {
        schema: SCHEMA.to_owned(),
        findings,
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    output::write_file(path, &text)?;
    Ok(count)
}

//! `--format json`: the report as data, by the schema in docs/report.schema.json.

use serde_json::{Value, json};
use xii_model::{AppReport, Evidence, Finding, Notice, Report, RunSummary, Trial};

use crate::neutral;
use crate::score::score;

/// The name of the schema that the document keeps to.
pub const SCHEMA: &str = "xii-report/1";

/// The report as one JSON document.
pub(crate) fn render(report: &Report) -> String {
    let document = json!({
        "schema": SCHEMA,
        "tool": { "name": "xii", "version": env!("CARGO_PKG_VERSION") },
        "profile": report.profile.name(),
        "apps": report.apps.iter().map(app).collect::<Vec<_>>(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "notices": report.notices.iter().chain(&report.stale_suppressions).map(notice).collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    neutral::json(&text)
}

fn app(app: &AppReport) -> Value {
    json!({
        "name": app.name,
        "root": app.root,
        "languages": app.languages,
        "frameworks": app.frameworks,
        "score": score(app).points,
        "git": app.git.as_ref().map(|git| json!({
            "branch": git.branch,
            "commit": git.commit,
            "dirty": git.dirty,
        })),
        "process_types": app.process_types.iter().map(|process| json!({
            "name": process.name,
            "command": process.command,
            "source": process.source,
            "path": &*process.at.path,
            "line": process.at.start.line,
        })).collect::<Vec<_>>(),
        "config": app.config.iter().map(|variable| json!({
            "name": variable.name,
            "required": variable.required,
            "secret": variable.secret,
            "declared": variable.declared,
        })).collect::<Vec<_>>(),
        "resources": app.resources.iter().map(|resource| json!({
            "kind": resource.kind,
            "variable": resource.variable,
        })).collect::<Vec<_>>(),
        "run": app.run.as_ref().map(run),
        "factors": app.factors().map(|factor| {
            let count = app.count(factor);
            json!({
                "id": factor.id(),
                "name": factor.name(),
                "holds": count.holds,
                "broken": count.broken,
                "could_not_tell": count.could_not_tell,
                "not_applicable": count.not_applicable,
                "criteria": app.of(factor).map(|one| json!({
                    "id": one.criterion.id,
                    "title": one.criterion.title,
                    "verdict": one.verdict,
                    "reason": one.reason,
                    "findings": one.findings,
                    "evidence": places(&one.evidence),
                    "from_code": one.from_code.as_ref().map(|code| json!({
                        "verdict": code.verdict,
                        "reason": code.reason,
                        "evidence": places(&code.evidence),
                    })),
                    "basis": one.basis().name(),
                    "trials": one.trials.iter().map(trial).collect::<Vec<_>>(),
                })).collect::<Vec<_>>(),
            })
        }).collect::<Vec<_>>(),
    })
}

fn places(list: &[Evidence]) -> Vec<Value> {
    list.iter()
        .map(|at| json!({ "path": &*at.path, "line": at.start.line }))
        .collect()
}

fn run(run: &RunSummary) -> Value {
    json!({
        "starts": run.starts,
        "took_ms": run.took_ms,
        "built": run.built.iter().map(|step| json!({
            "command": step.command,
            "took_ms": step.took_ms,
            "ok": step.ok,
        })).collect::<Vec<_>>(),
        "processes": run.processes.iter().map(|(name, command)| json!({
            "name": name,
            "command": command,
        })).collect::<Vec<_>>(),
        "resources": run.resources.iter().map(|one| json!({
            "variable": one.variable,
            "kind": one.kind,
            "stood": one.stood.as_ref().ok(),
            "missing": one.stood.as_ref().err(),
        })).collect::<Vec<_>>(),
        "no_witness": run.no_witness,
        "served": run.served,
        "notes": run.notes,
    })
}

fn trial(trial: &Trial) -> Value {
    json!({
        "probe": trial.probe,
        "verdict": trial.verdict,
        "reason": trial.reason,
        "severity": trial.severity,
        "took_ms": trial.took_ms,
        "transcript": trial.transcript,
    })
}

fn finding(finding: &Finding) -> Value {
    let at = &finding.evidence;
    json!({
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "criterion": finding.criterion,
        "factor": finding.factor.id(),
        "app": finding.app,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": finding.message,
        "path": &*at.path,
        "line": at.start.line,
        "column": at.start.column,
        "end_line": at.end.line,
        "end_column": at.end.column,
        "help": finding.help,
        "fixable": finding.fix.is_some(),
        "suppressed": finding.suppression.is_some(),
        "suppression": finding.suppression,
        "related": finding.related.iter().map(|related| json!({
            "path": &*related.evidence.path,
            "line": related.evidence.start.line,
            "message": related.message,
        })).collect::<Vec<_>>(),
    })
}

fn notice(notice: &Notice) -> Value {
    json!({ "path": notice.path, "line": notice.line, "message": notice.message })
}

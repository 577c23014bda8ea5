//! Hand-made facts for the tests of rules.

use xii_model::{Evidence, Fact, Position, Scope};

use crate::claims::Said;
use crate::{Claims, Rule};

/// A fact at a line of a file that is deployed.
pub(crate) fn fact<T>(path: &str, line: u32, what: T) -> Fact<T> {
    Fact {
        at: place(path, line),
        scope: Scope::default(),
        belongs: None,
        what,
    }
}

/// Evidence at a line.
pub(crate) fn place(path: &str, line: u32) -> Evidence {
    Evidence {
        path: path.into(),
        start: Position { line, column: 1 },
        end: Position { line, column: 2 },
        excerpt: "x".into(),
    }
}

/// What the rule says of an app: a line each, `path:line:column criterion severity/confidence message`
/// for a finding and `holds criterion reason` for positive evidence.
pub(crate) fn said(rule: &'static Rule, app: &xii_model::App) -> Vec<String> {
    let mut said = Said::default();
    (rule.check)(
        app,
        &mut Claims {
            rule,
            app: &app.root,
            said: &mut said,
        },
    );
    let findings = said.findings.iter().map(|draft| {
        let finding = &draft.finding;
        format!(
            "{} {} {}/{} {}",
            finding.evidence,
            finding.criterion,
            finding.severity.name(),
            finding.confidence.name(),
            finding.message
        )
    });
    let holds = said
        .holds
        .iter()
        .map(|one| format!("holds {} {}", one.criterion, one.reason));
    findings.chain(holds).collect()
}

//! The log: one run with its tool, its notifications and its results.

use serde_json::{Value, json};
use xii_model::{Notice, Report};

use super::place::line_of;
use super::results::result;
use super::rules::Rules;
use crate::neutral;

/// Where the schema is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The id of the notification that something could not be read.
const UNREAD: &str = "unread";
/// The id of the notification that a suppression has no effect.
const STALE: &str = "stale-suppression";

/// The report as a SARIF log.
pub(crate) fn render(report: &Report) -> String {
    let rules = Rules::of(report);
    let unread = report.notices.iter().map(|one| notification(one, UNREAD));
    let stale = report
        .stale_suppressions
        .iter()
        .map(|one| notification(one, STALE));
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "xii",
                "fullName": "xii check",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "shortDescription": { "text": "Audits code against the twelve factors, and the three that practice added." },
                "notifications": [
                    described(UNREAD, "Something could not be read."),
                    described(STALE, "A suppression suppresses nothing, or gives no reason."),
                ],
                "rules": rules.descriptors(),
            }},
            // What is before the last slash names the kind of run, so that a viewer compares like with like.
            "automationDetails": { "id": format!("xii/check/{}/", report.profile.name()) },
            "invocations": [{
                "executionSuccessful": true,
                "toolConfigurationNotifications": unread.chain(stale).collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": report.findings.iter().map(|finding| result(finding, &rules)).collect::<Vec<_>>(),
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    neutral::json(&text)
}

fn described(id: &str, text: &str) -> Value {
    json!({ "id": id, "shortDescription": { "text": text } })
}

fn notification(notice: &Notice, id: &str) -> Value {
    json!({
        "descriptor": { "id": id },
        "level": "warning",
        "message": { "text": neutral::line(&notice.message) },
        "locations": [{ "physicalLocation": line_of(&notice.path, notice.line) }],
    })
}

//! The log: one run with its tool, its notifications and its results.

use serde_json::{Value, json};
use xii_model::{AppReport, Notice, Report};

use super::place::line_of;
use super::results::{message, result};
use super::rules::Rules;
use crate::neutral;
use crate::trial::{ran, remarks, title};

/// Where the schema is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The id of the notification that something could not be read.
const UNREAD: &str = "unread";
/// The id of the notification that a suppression has no effect.
const STALE: &str = "stale-suppression";

/// The id of the notification that says what was run.
const RUN: &str = "run";

/// The report as a SARIF log.
pub(crate) fn render(report: &Report) -> String {
    let rules = Rules::of(report);
    let unread = report.notices.iter().map(|one| notification(one, UNREAD));
    let stale = report
        .stale_suppressions
        .iter()
        .map(|one| notification(one, STALE));
    let mut notifications = vec![
        described(UNREAD, "Something could not be read."),
        described(
            STALE,
            "A suppression suppresses nothing, or gives no reason.",
        ),
    ];
    let mut invocation = json!({
        "executionSuccessful": true,
        "toolConfigurationNotifications": unread.chain(stale).collect::<Vec<_>>(),
    });
    let ran: Vec<Value> = report.apps.iter().flat_map(ran_of).collect();
    if !ran.is_empty() {
        notifications.push(described(RUN, "What was run."));
        invocation["toolExecutionNotifications"] = ran.into();
    }
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "xii",
                "fullName": title(report),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "shortDescription": { "text": "Audits code against the twelve factors, and the three that practice added." },
                "notifications": notifications,
                "rules": rules.descriptors(),
            }},
            // What is before the last slash names the kind of run, so that a viewer compares like with like.
            "automationDetails": { "id": format!("{}/{}/", title(report).replace(' ', "/"), report.profile.name()) },
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": report.findings.iter().map(|finding| result(report, finding, &rules)).collect::<Vec<_>>(),
        }],
    });
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    neutral::json(&text)
}

fn described(id: &str, text: &str) -> Value {
    json!({ "id": id, "shortDescription": { "text": text } })
}

/// What was run of an app, a notification each.
fn ran_of(app: &AppReport) -> Vec<Value> {
    let name = neutral::line(&app.name);
    ran(app)
        .into_iter()
        .chain(app.run.iter().flat_map(remarks))
        .map(|text| {
            json!({
                "descriptor": { "id": RUN },
                "level": "note",
                "message": message(&format!("{name}: {text}")),
            })
        })
        .collect()
}

fn notification(notice: &Notice, id: &str) -> Value {
    json!({
        "descriptor": { "id": id },
        "level": "warning",
        "message": { "text": neutral::line(&notice.message) },
        "locations": [{ "physicalLocation": line_of(&notice.path, notice.line) }],
    })
}

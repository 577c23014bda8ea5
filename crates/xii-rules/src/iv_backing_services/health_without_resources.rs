//! The health report says that all is well without asking the resources.
//!
//! ## What it looks for
//!
//! Health routes whose handler asks no backing service, in an app that has some and reports them
//! nowhere else. Where there is no health route at all, IX.6 speaks of it.
//!
//! ## Why it matters
//!
//! An instance that has lost its database goes on getting traffic and fails every request, and nobody
//! who looks at the health report can tell which resource is to blame.
//!
//! ## What to do instead
//!
//! Keep liveness free of resources, because a restart does not mend a database, and report them on
//! their own route:
//!
//! ```js
//! app.get('/ready', async (req, res) => {
//!   try { await pool.query('select 1'); res.json({ postgres: 'ok' }); }
//!   catch { res.status(503).json({ postgres: 'down' }); }
//! });
//! ```
//!
//! ```python
//! @app.get("/ready")
//! async def ready(session: SessionDep):
//!     await session.execute(text("select 1"))
//!     return {"postgres": "ok"}
//! ```

use xii_model::{App, Confidence, HealthKind, ResourceKind, Severity};

use crate::{Claims, Rule, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "health-without-resources",
    criteria: &["IV.6"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let reports: Vec<_> = app
        .facts
        .health
        .iter()
        .filter(|health| health.scope.is_deployed() && !is_manifest(&health.through))
        .collect();
    if let Some(health) = reports
        .iter()
        .find(|health| health.checks_resources == Some(true))
    {
        claims.holds(
            "IV.6",
            match &health.path {
                Some(path) => format!("{path} asks the resources"),
                None => format!("{} asks the resources", health.through),
            },
            &health.at,
        );
        return;
    }
    if reports.is_empty() {
        claims.could_not_tell(
            "IV.6",
            "no health report was found, so none speaks of the resources (see IX.6)",
        );
        return;
    }
    if reports
        .iter()
        .any(|health| health.checks_resources.is_none())
    {
        return;
    }
    let mut kinds: Vec<String> = app
        .facts
        .resource_clients
        .iter()
        .filter(|client| {
            client.scope.is_deployed()
                && !matches!(
                    client.kind,
                    ResourceKind::Http
                        | ResourceKind::ErrorTracker
                        | ResourceKind::Llm
                        | ResourceKind::Sms
                        | ResourceKind::Payment
                        | ResourceKind::Sqlite
                        | ResourceKind::Mail
                )
        })
        .map(|client| wording::resource(&client.kind))
        .collect();
    kinds.sort();
    kinds.dedup();
    // Readiness is where it belongs; liveness alone is right not to ask.
    let place = reports
        .iter()
        .find(|health| health.kind != HealthKind::Liveness)
        .or(reports.first());
    if let (Some(place), false) = (place, kinds.is_empty()) {
        claims
            .finding(
                &place.at,
                format!(
                    "the health report asks no resource: it says that all is well when {} is gone",
                    wording::list(&kinds, 3)
                ),
            )
            .confidence(Confidence::Medium)
            .subject(place.path.as_deref().unwrap_or("health"))
            .help("let a readiness route ask each resource, with a short timeout, and name each in the answer; leave liveness as it is");
    }
}

/// Whether the report is asked for in a manifest and not given by code.
fn is_manifest(through: &str) -> bool {
    matches!(
        through,
        "compose" | "kubernetes" | "Dockerfile" | "app.json" | "dockerfile"
    )
}

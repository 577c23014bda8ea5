//! Finds apps that cannot say which version they are.
//!
//! ## What it looks for
//!
//! A version or commit in a health route, a metric, a response header or the line that is logged at
//! start. The finding stands where the server starts when there is none of them.
//!
//! ## Why it matters
//!
//! When something goes wrong the first question is which version runs, and on which instances. An
//! app that cannot say it leaves you to guess from deploy logs, and a half-finished rollout looks
//! like a bug that comes and goes.
//!
//! ## What to do instead
//!
//! Let the build put the commit into a variable, and tell it at start and in the health route:
//!
//! ```js
//! const version = process.env.APP_VERSION ?? "unknown";
//! app.get("/health", (req, res) => res.json({ status: "ok", version }));
//! ```
//! ```python
//! @app.get("/health")
//! def health():
//!     return {"status": "ok", "version": os.environ.get("APP_VERSION", "unknown")}
//! ```
//! ```dockerfile
//! ARG COMMIT=unknown
//! ENV APP_VERSION=$COMMIT
//! ```

use xii_model::{App, AppKind, Confidence, Framework, Severity};

use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "unreported-version",
    criteria: &["I.5"],
    severity: Severity::Note,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if app.kind != AppKind::Service {
        return;
    }
    let mut reports = app
        .facts
        .version_reports
        .iter()
        .filter(|report| report.scope.is_deployed())
        .peekable();
    let mut elsewhere = None;
    let mut told = false;
    for report in reports.by_ref() {
        // A contract's version is written by hand, and an error tracker is not the process itself.
        if matches!(report.place, "contract" | "error tracker") {
            elsewhere.get_or_insert(report);
            continue;
        }
        told = true;
        let from = report
            .from
            .as_ref()
            .map_or(String::new(), |from| format!(", taken from {from}"));
        claims.holds(
            "I.5",
            format!("the version is told in the {}{from}", report.place),
            &report.at,
        );
    }
    if told {
        return;
    }
    if let Some(report) = elsewhere {
        claims.could_not_tell(
            "I.5",
            format!(
                "a version is told in the {} only, which need not be the commit that runs",
                report.place
            ),
        );
        return;
    }
    let Some(listen) = app
        .facts
        .listens
        .iter()
        .filter(|listen| listen.scope.is_deployed())
        .min_by_key(|listen| listen.development_server)
    else {
        return;
    };
    claims
        .finding(
            &listen.at,
            "nothing here tells which version runs: no health route, header, metric or start line names a version or commit, so an incident starts with guessing",
        )
        .confidence(Confidence::Medium)
        .help(advice(app));
}

/// The health route with a version, in the app's framework.
fn advice(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "tell the commit that the build was given:\n    \
         @Get('health') health() { return { status: 'ok', version: process.env.APP_VERSION ?? 'unknown' }; }"
    } else if app.uses(Framework::Next) {
        "tell the commit that the build was given, in app/api/health/route.ts:\n    \
         export const GET = () => Response.json({ status: 'ok', version: process.env.APP_VERSION ?? 'unknown' });"
    } else if app.uses(Framework::Fastify) {
        "tell the commit that the build was given:\n    \
         fastify.get('/health', async () => ({ status: 'ok', version: process.env.APP_VERSION ?? 'unknown' }));"
    } else if app.uses(Framework::Koa) {
        "tell the commit that the build was given:\n    \
         router.get('/health', (ctx) => { ctx.body = { status: 'ok', version: process.env.APP_VERSION ?? 'unknown' }; });"
    } else if app.uses(Framework::FastApi) {
        "tell the commit that the build was given:\n    \
         @app.get(\"/health\")\n    def health():\n        return {\"status\": \"ok\", \"version\": os.environ.get(\"APP_VERSION\", \"unknown\")}"
    } else if app.uses(Framework::Flask) {
        "tell the commit that the build was given:\n    \
         @app.get(\"/health\")\n    def health():\n        return jsonify(status=\"ok\", version=os.environ.get(\"APP_VERSION\", \"unknown\"))"
    } else if app.uses(Framework::Django) {
        "tell the commit that the build was given:\n    \
         def health(request):\n        return JsonResponse({\"status\": \"ok\", \"version\": os.environ.get(\"APP_VERSION\", \"unknown\")})"
    } else if app.is_python() {
        "log the commit that the build was given when the process starts:\n    \
         logger.info(\"starting\", extra={\"version\": os.environ.get(\"APP_VERSION\", \"unknown\")})"
    } else {
        "tell the commit that the build was given:\n    \
         app.get('/health', (req, res) => res.json({ status: 'ok', version: process.env.APP_VERSION ?? 'unknown' }));"
    }
}

#[cfg(test)]
mod tests {
    use xii_model::VersionReport;

    use super::*;
    use crate::specimen::{brief, fact, listen};

    fn with(place: Option<&'static str>) -> Vec<String> {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        if let Some(place) = place {
            app.facts
                .push(fact("health.js", 3, VersionReport { place, from: None }));
        }
        brief(&RULE, &app)
    }

    #[test]
    fn a_health_route_tells_the_version_and_a_contract_leaves_it_open() {
        assert_eq!(with(None), ["server.js:9:1 I.5 note/medium"]);
        assert_eq!(with(Some("health")), ["holds I.5 the"]);
        assert!(with(Some("contract")).is_empty());
    }
}

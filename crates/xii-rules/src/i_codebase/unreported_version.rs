//! Finds apps that cannot say which version they are.
//!
//! ## What it looks for
//!
//! A version or commit in a health route, a metric, a response header or the line that is logged at
//! start. When there is none of them the finding stands at the health route, or where the server
//! starts.
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

use xii_model::{App, AppKind, Confidence, Evidence, Framework, Severity};

use crate::served::Served;
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
    let served = Served::of(app);
    let mut elsewhere = None;
    let mut told = false;
    for report in reports.by_ref() {
        // A contract's version is written by hand, and an error tracker is not the process itself.
        if matches!(report.place, "contract" | "error tracker") {
            elsewhere.get_or_insert(report);
            continue;
        }
        // A script beside the app tells nothing of the process that serves.
        if report.place == "start line" && !served.holds(&report.at.path) {
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
            format!("the version is told in {}{from}", place(report.place)),
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
                "a version is told at {} only ({}), which need not be that of the process that runs",
                report.at, report.place
            ),
        );
        return;
    }
    if route_for_it(app, claims) || read_by_a_handler(app, claims) {
        return;
    }
    let Some(at) = where_it_belongs(app) else {
        return;
    };
    claims
        .finding(
            at,
            "nothing here tells which version runs: no health route, header, metric or start line names a version or commit, so an incident starts with guessing",
        )
        .confidence(Confidence::Medium)
        .help(advice(app));
}

/// Where the version would be told: the health route, else where the server starts, else its first
/// route.
fn where_it_belongs(app: &App) -> Option<&Evidence> {
    let health = app
        .facts
        .health
        .iter()
        // A check in a manifest is the caller's side of it.
        .find(|health| {
            health.scope.is_deployed()
                && app
                    .facts
                    .routes
                    .iter()
                    .any(|route| route.at.path == health.at.path)
        })
        .map(|health| &health.at);
    let listen = app
        .facts
        .listens
        .iter()
        .filter(|listen| listen.scope.is_deployed())
        .min_by_key(|listen| listen.development_server)
        .map(|listen| &listen.at);
    let route = app
        .facts
        .routes
        .iter()
        .find(|route| route.scope.is_deployed())
        .map(|route| &route.at);
    health.or(listen).or(route)
}

/// A place of a report as a phrase.
fn place(place: &str) -> &str {
    match place {
        "health" => "the health route",
        "metric" => "a metric",
        "header" => "a response header",
        "start line" => "the line logged at start",
        "route" => "a route",
        other => other,
    }
}

/// Whether a route is there to tell the version, or may tell it among other things.
fn route_for_it(app: &App, claims: &mut Claims<'_>) -> bool {
    let mut routes = app
        .facts
        .routes
        .iter()
        .filter(|route| route.scope.is_deployed());
    let named = |path: &str, wanted: &[&str]| {
        path.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| wanted.iter().any(|one| word.eq_ignore_ascii_case(one)))
    };
    if let Some(route) = routes.clone().find(|route| {
        named(&route.path, &["version", "buildinfo"])
            && !named(&route.path, &["remote", "latest", "check", "update"])
    }) {
        claims.holds(
            "I.5",
            format!("the route {} tells it", route.path),
            &route.at,
        );
        return true;
    }
    match routes.find(|route| named(&route.path, &["info", "about", "build"])) {
        Some(route) => {
            claims.could_not_tell(
                "I.5",
                format!(
                    "the route {} may tell the version among other things",
                    route.path
                ),
            );
            true
        }
        None => false,
    }
}

/// Whether deployed code reads a variable that names the version: in a handler it is answered, and
/// elsewhere it is not seen what becomes of it. Either way nothing is claimed against the app.
fn read_by_a_handler(app: &App, claims: &mut Claims<'_>) -> bool {
    let mut reads = app
        .facts
        .env_reads
        .iter()
        .filter(|read| read.scope.is_deployed() && names_a_version(&read.what.name));
    let Some(first) = reads.clone().next() else {
        return false;
    };
    match reads.find(|read| read.scope.handler) {
        Some(read) => claims.holds(
            "I.5",
            format!("a request is answered with `{}`", read.what.name),
            &read.at,
        ),
        None => claims.could_not_tell(
            "I.5",
            format!(
                "`{}` is read at {}; where it is told does not show",
                first.what.name, first.at
            ),
        ),
    }
    true
}

/// Whether a variable's name speaks of the app's own version, and not of a protocol's or a tool's.
fn names_a_version(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = name.split('_').collect();
    let has = |word: &str| words.contains(&word);
    let commit = has("commit") || has("sha") || has("revision");
    let version = (has("version") || has("release") || has("tag"))
        && (words.len() == 1
            || [
                "app", "build", "service", "source", "image", "git", "package", "deploy",
            ]
            .iter()
            .any(|owner| has(owner)));
    commit || version
}

/// The health route with a version, in the app's framework.
fn advice(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "tell the commit that the build was given:\n    \
         @Get('health')\n    health() { return { status: 'ok', version: process.env.APP_VERSION }; }"
    } else if app.uses(Framework::Next) {
        "tell the commit that the build was given, in app/api/health/route.ts:\n    \
         export const GET = () => Response.json({ status: 'ok', version: process.env.APP_VERSION });"
    } else if app.uses(Framework::Fastify) {
        "tell the commit that the build was given:\n    \
         fastify.get('/health', async () => ({ status: 'ok', version: process.env.APP_VERSION }));"
    } else if app.uses(Framework::Koa) {
        "tell the commit that the build was given:\n    \
         const version = process.env.APP_VERSION;\n    router.get('/health', (ctx) => { ctx.body = { status: 'ok', version }; });"
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
         const version = process.env.APP_VERSION;\n    app.get('/health', (req, res) => res.json({ status: 'ok', version }));"
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

    #[test]
    fn versions_of_the_app_are_told_from_others_by_name() {
        for name in [
            "APP_VERSION",
            "GIT_COMMIT",
            "VERCEL_GIT_COMMIT_SHA",
            "VERSION",
            "K_REVISION",
            "npm_package_version",
        ] {
            assert!(names_a_version(name), "{name}");
        }
        for name in [
            "API_VERSION",
            "NODE_VERSION",
            "RELEASE_STAGE",
            "SHARE_URL",
            "TLS_MIN_VERSION",
        ] {
            assert!(!names_a_version(name), "{name}");
        }
    }
}

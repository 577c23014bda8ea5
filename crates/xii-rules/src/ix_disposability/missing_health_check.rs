//! Nothing can ask the app whether it is alive and ready for traffic.
//!
//! ## What it looks for
//!
//! In an app that serves HTTP: a health route (`/health`, `/healthz`, `/livez`, `/readyz` …), a health
//! library, or a health check in a Dockerfile, a compose file or a Kubernetes manifest. When there is
//! none, the finding stands where the app listens.
//!
//! ## Why it matters
//!
//! A platform sends traffic to an instance as soon as its process runs, which is seconds before it can
//! answer, and goes on sending when it hangs. With a readiness route a deploy waits until the new
//! instance can serve; with a liveness route a hung one is replaced.
//!
//! ## What to do instead
//!
//! Two routes. `/livez` answers that the process turns; `/readyz` also asks the resources that every
//! request needs, and says no while the app drains. A resource's outage belongs into readiness only,
//! or the platform restarts healthy processes.
//!
//! ```js
//! app.get('/livez', (req, res) => res.send('ok'));
//! app.get('/readyz', async (req, res) => { await pool.query('SELECT 1'); res.send('ok'); });
//! ```
//!
//! NestJS: `@nestjs/terminus`. Django: `django-health-check`. FastAPI and Flask: two plain routes.

use xii_model::{App, Confidence, Fact, FileClass, Framework, Health, HealthKind, Severity};

use crate::{Claims, Rule, process_files};

pub(crate) const RULE: Rule = Rule {
    name: "missing-health-check",
    criteria: &["IX.6"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    if !app.serves() {
        return;
    }
    let known: Vec<_> = app
        .facts
        .health
        .iter()
        .filter(|health| !health.scope.browser && !health.scope.development)
        .collect();
    let (weak, known): (Vec<_>, Vec<_>) = known.into_iter().partition(|health| is_weak(health));
    let ready = known
        .iter()
        .find(|health| health.kind != HealthKind::Liveness);
    if let Some(health) = ready {
        let path = health.path.as_deref().unwrap_or("a health check");
        claims.holds(
            "IX.6",
            format!(
                "{path} ({}) tells whether the instance can serve",
                health.through
            ),
            &health.at,
        );
        return;
    }
    if let Some(health) = known.first() {
        if health.at.path.ends_with(".py") || is_script(&health.at.path) {
            only_liveness(app, claims, health);
        }
        // A container's health check stands for both; what it asks does not show.
        return;
    }
    if let Some(health) = weak.first() {
        claims.could_not_tell(
            "IX.6",
            format!(
                "{} may tell the app's state or something else's",
                health.path.as_deref().unwrap_or("a route")
            ),
        );
        return;
    }
    absence(app, claims);
}

/// A status can be anything's: an order's, an account's, a page for users.
fn is_weak(health: &Health) -> bool {
    health.path.as_deref().is_some_and(|path| {
        let path = path.to_ascii_lowercase();
        path.contains("status")
            && !["health", "live", "ready", "alive"]
                .iter()
                .any(|word| path.contains(word))
    })
}

fn is_script(path: &str) -> bool {
    [".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".mts", ".cts"]
        .iter()
        .any(|end| path.ends_with(end))
}

fn only_liveness(app: &App, claims: &mut Claims<'_>, health: &Fact<Health>) {
    claims
            .finding(
                &health.at,
                "only liveness can be asked for: nothing tells the platform whether this instance should get traffic yet, so requests meet it before it is ready and while it drains",
            )
            .severity(Severity::Note)
            .confidence(Confidence::Low)
            .subject("readiness")
            .help(help(app));
}

fn absence(app: &App, claims: &mut Claims<'_>) {
    let probes = app.facts.workloads.iter().any(|workload| {
        workload.templated
            || workload
                .containers
                .iter()
                .any(|one| one.readiness || one.liveness)
    });
    let asked = app
        .facts
        .compose_services
        .iter()
        .any(|service| service.health_check && service.build_context.is_some());
    let image = app.facts.images.iter().any(|image| {
        // Of several stages, the one that runs may not be the last.
        image
            .stages
            .iter()
            .flat_map(|stage| &stage.steps)
            .any(|step| {
                matches!(
                    &step.does,
                    xii_model::Instruction::HealthCheck { command: Some(_) }
                )
            })
    });
    if probes || asked || image {
        // Something asks; what it asks was not recognised as a health route.
        return;
    }
    let Some(at) = process_files::front_door(app) else {
        return;
    };
    // A file of that name may answer in a way that is not a route.
    let named = app.files.iter().any(|file| {
        let name = file
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        file.class == FileClass::Source
            && ["health", "liveness", "readiness"]
                .iter()
                .any(|word| name.contains(word))
    });
    claims
        .finding(
            at,
            "no route tells whether the app is alive or ready: the platform sends traffic before an instance can serve, and goes on sending when it hangs",
        )
        .confidence(if named {
            Confidence::Low
        } else {
            Confidence::Medium
        })
        .subject("health")
        .help(help(app));
}

fn help(app: &App) -> &'static str {
    if app.uses(Framework::Nest) {
        "with @nestjs/terminus, a controller of two routes:\n\n    @Get('readyz') @HealthCheck()\n    ready() { return this.health.check([() => this.db.pingCheck('database')]); }\n    @Get('livez')\n    live() { return 'ok'; }"
    } else if app.uses(Framework::Fastify) {
        "one route for being alive and one for being ready:\n\n    app.get('/livez', async () => 'ok');\n    app.get('/readyz', async () => { await app.pg.query('SELECT 1'); return 'ok'; });"
    } else if app.uses(Framework::Next) {
        "add app/readyz/route.ts:\n\n    export async function GET() { await db.query('SELECT 1'); return new Response('ok'); }"
    } else if app.uses(Framework::Koa) {
        "one route for being alive and one for being ready:\n\n    router.get('/livez', (ctx) => { ctx.body = 'ok'; });\n    router.get('/readyz', async (ctx) => { await pool.query('SELECT 1'); ctx.body = 'ok'; });"
    } else if app.uses(Framework::FastApi) {
        "one route for being alive and one for being ready:\n\n    @app.get(\"/livez\")\n    async def livez(): return \"ok\"\n\n    @app.get(\"/readyz\")\n    async def readyz(db: Session = Depends(get_db)):\n        db.execute(text(\"SELECT 1\"))\n        return \"ok\""
    } else if app.uses(Framework::Django) {
        "in urls.py, with views that answer `HttpResponse(\"ok\")`, the second after a query:\n\n    path(\"livez\", livez), path(\"readyz\", readyz)"
    } else if app.uses(Framework::Flask) {
        "one route for being alive and one for being ready:\n\n    @app.get(\"/livez\")\n    def livez(): return \"ok\"\n\n    @app.get(\"/readyz\")\n    def readyz():\n        db.session.execute(text(\"SELECT 1\"))\n        return \"ok\""
    } else {
        "one route for being alive and one for being ready:\n\n    app.get('/livez', (req, res) => res.send('ok'));\n    app.get('/readyz', async (req, res) => { await pool.query('SELECT 1'); res.send('ok'); });"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specimen::{brief, fact, listen};

    fn health(path: &str, kind: HealthKind) -> Fact<Health> {
        fact(
            path,
            4,
            Health {
                path: Some("/health".to_owned()),
                kind,
                checks_resources: None,
                through: "express".to_owned(),
            },
        )
    }

    #[test]
    fn absence_stands_where_the_app_listens() {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        assert_eq!(brief(&RULE, &app), ["server.js:9:1 IX.6 warning/medium"]);
        app.facts.push(health("compose.yaml", HealthKind::Liveness));
        assert_eq!(brief(&RULE, &app), [""; 0]);
    }

    #[test]
    fn a_route_for_liveness_only_is_a_sign() {
        let mut app = App::default();
        app.facts.push(listen("server.js", "express"));
        app.facts.push(health("health.js", HealthKind::Liveness));
        assert_eq!(brief(&RULE, &app), ["health.js:4:1 IX.6 note/low"]);
        app.facts.push(health("health.js", HealthKind::Both));
        assert_eq!(brief(&RULE, &app), ["holds IX.6 /health"]);
    }
}

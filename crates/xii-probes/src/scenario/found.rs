//! The scenario that is found when none is given.

use std::collections::BTreeSet;
use std::time::Duration;

use xii_model::App;

use super::nonsense::Nonsense;
use super::plan::{Scenario, Step};
use super::template::Template;
use crate::client::{Client, Request};
use crate::contract::Contract;

/// The most requests that are found.
const MOST: usize = 40;
/// The most requests that are asked again for a session's sake.
const MOST_AGAIN: usize = 3;
/// How long a path that was found may take to answer; a stream never ends.
const WITHIN: Duration = Duration::from_secs(5);
/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where health is asked for when nothing says where.
const HEALTH: &[&str] = &[
    "/health",
    "/healthz",
    "/livez",
    "/readyz",
    "/ready",
    "/health/live",
    "/health/ready",
    "/api/health",
    "/actuator/health",
    "/ping",
    "/status",
];

/// Words of paths that do harm though they are asked for with GET, or end the session that is to be looked at.
const LEFT_OUT: &[&str] = &[
    "logout",
    "signout",
    "sign_out",
    "log_out",
    "shutdown",
    "quit",
    "exit",
    "kill",
    "crash",
    "delete",
    "remove",
    "destroy",
    "reset",
    "unsubscribe",
    "metrics",
    "events",
    "stream",
    "sse",
    "ws",
    "websocket",
    "socket.io",
];

/// What can be asked of an app without knowing it: `/`, its health, its routes that are read with GET and have no
/// parameters, and the safe operations of its contract with made-up parameters. Nothing here has been asked yet:
/// [`settled`] keeps what the app knows.
pub fn found(app: &App, contract: Option<&Contract>) -> Scenario {
    let mut steps = Steps::default();
    steps.add("/");
    let health = app
        .facts
        .health
        .iter()
        .filter(|fact| fact.scope.is_deployed());
    for path in health.filter_map(|fact| fact.path.as_deref()) {
        steps.add(path);
    }
    for path in HEALTH {
        steps.add(path);
    }
    for operation in contract.iter().flat_map(|contract| contract.operations()) {
        if operation.is_safe()
            && operation.method != "OPTIONS"
            && let Some(request) = operation.request()
        {
            steps.put(&request);
        }
    }
    let routes = app
        .facts
        .routes
        .iter()
        .filter(|fact| fact.scope.is_deployed());
    for route in routes.filter(|fact| matches!(fact.method.as_str(), "GET" | "*")) {
        steps.add(&route.path);
    }
    Scenario {
        name: "found".to_owned(),
        folder: None,
        steps: steps.steps,
    }
}

#[derive(Default)]
struct Steps {
    steps: Vec<Step>,
    seen: BTreeSet<(String, String)>,
}

impl Steps {
    /// A path to GET, when it has no parameters.
    fn add(&mut self, path: &str) {
        let plain = |char: char| !char.is_whitespace() && !":<>{}*()[]?+$^\\|".contains(char);
        if path.starts_with('/') && path.chars().all(plain) {
            self.put(&Request::get(path));
        }
    }

    fn put(&mut self, request: &Request) {
        let key = (request.method.clone(), request.path.clone());
        if self.steps.len() == MOST || is_left_out(&request.path) || !self.seen.insert(key) {
            return;
        }
        let mut step = Step::plain(&request.method, &request.path);
        let headers = request.headers.iter();
        step.ask.headers = headers
            .map(|(name, value)| (Template::plain(name), Template::plain(value)))
            .collect();
        self.steps.push(step);
    }
}

fn is_left_out(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let mut parts = path.split(['/', '-', '.']);
    path.contains("socket.io")
        || parts.any(|part| LEFT_OUT.contains(&part.to_ascii_lowercase().as_str()))
}

/// Asks for everything once and keeps what the app knows and answers in five seconds. What sets a cookie is asked for
/// again at the end, with the cookie, so that a session shows. `/` is kept whatever is answered.
pub async fn settled(client: &Client, scenario: &Scenario, nonsense: &Nonsense) -> Scenario {
    let cookies = std::rc::Rc::default();
    let client = client.clone().keeping(cookies);
    let mut kept = Vec::new();
    let mut again: Vec<Step> = Vec::new();
    for step in &scenario.steps {
        let Ok(request) = step.ask.request(&super::Variables::new(), None, None) else {
            continue;
        };
        let request = request.within(WITHIN);
        let Ok(answer) = client.send_patiently(&request, PATIENCE).await else {
            continue;
        };
        if request.path != "/" && !nonsense.is_real(&answer, &request.path) {
            continue;
        }
        if answer.headers.contains_key("set-cookie") && again.len() < MOST_AGAIN {
            again.push(step.clone());
        }
        kept.push(step.clone());
    }
    kept.extend(again);
    Scenario {
        name: scenario.name.clone(),
        folder: None,
        steps: kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tiny::{app as serve, json, run};
    use crate::scenario::{Variables, learn_nonsense, play};
    use xii_model::{Evidence, Fact, FileClass, Health, HealthKind, Route, Scope};

    fn fact<T>(what: T, class: FileClass) -> Fact<T> {
        Fact {
            at: Evidence::file("app.js"),
            scope: Scope {
                class,
                ..Scope::default()
            },
            belongs: None,
            what,
        }
    }

    fn route(method: &str, path: &str) -> Route {
        Route {
            method: method.to_owned(),
            path: path.to_owned(),
            certain: true,
            through: "express".to_owned(),
            protected: false,
            middleware: Vec::new(),
        }
    }

    fn surveyed() -> App {
        let mut app = App::default();
        app.facts.health.push(fact(
            Health {
                path: Some("/alive".to_owned()),
                kind: HealthKind::Liveness,
                checks_resources: None,
                through: "express".to_owned(),
            },
            FileClass::Source,
        ));
        for (method, path) in [
            ("GET", "/items"),
            ("*", "/page"),
            ("GET", "/items/:id"),
            ("GET", "/users/<int:id>"),
            ("POST", "/items"),
            ("GET", "/logout"),
            ("GET", "/admin/reset-all"),
            ("GET", "/items"),
            ("GET", ""),
        ] {
            let route = route(method, path);
            app.facts.routes.push(fact(route, FileClass::Source));
        }
        let route = route("GET", "/only-tested");
        app.facts.routes.push(fact(route, FileClass::Test));
        app
    }

    fn paths(scenario: &Scenario) -> Vec<String> {
        scenario.steps.iter().map(Step::name).collect()
    }

    #[test]
    fn what_can_be_asked_is_found_and_nothing_that_does_harm() {
        let scenario = found(&surveyed(), None);
        let paths = paths(&scenario);
        assert_eq!(&paths[..3], ["GET /", "GET /alive", "GET /health"]);
        assert_eq!(&paths[paths.len() - 2..], ["GET /items", "GET /page"]);
        let mut many = App::default();
        for number in 0..200 {
            let route = route("GET", &format!("/{number}"));
            many.facts.routes.push(fact(route, FileClass::Source));
        }
        assert_eq!(found(&many, None).steps.len(), MOST);
    }

    #[test]
    fn the_contract_gives_operations_with_parameters() {
        let contract = Contract::read(
            r#"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "servers": [{"url": "http://x.org/api"}],
            "paths": {"/items/{id}": {"get": {"parameters": [
              {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
              {"name": "size", "in": "query", "required": true, "schema": {"enum": ["a b", "c"]}},
              {"name": "X-Tenant", "in": "header", "required": true, "example": "t1", "schema": {"type": "string"}}],
              "responses": {}}, "delete": {"responses": {}}}}}"#,
        )
        .expect("a contract");
        let scenario = found(&App::default(), Some(&contract));
        let step = scenario.steps.last().expect("steps");
        assert_eq!(step.name(), "GET /api/items/1?size=a%20b");
        assert_eq!(step.ask.headers[0].0.source(), "X-Tenant");
        assert!(
            paths(&scenario)
                .iter()
                .all(|name| !name.starts_with("DELETE"))
        );
    }

    #[test]
    fn only_what_the_app_knows_is_kept_and_a_session_is_asked_for_again() {
        run(async {
            let client = serve(|seen| match seen.path.as_str() {
                "/" => (200, "Set-Cookie: sid=1; Path=/".to_owned(), String::new()),
                "/items" if seen.cookie("sid").is_some() => json("[]"),
                "/items" => (401, String::new(), String::new()),
                "/alive" => json("{}"),
                _ => (404, String::new(), String::new()),
            })
            .await;
            let nonsense = learn_nonsense(&client).await.expect("answers");
            let scenario = settled(&client, &found(&surveyed(), None), &nonsense).await;
            assert_eq!(
                paths(&scenario),
                ["GET /", "GET /alive", "GET /items", "GET /"]
            );
            let within = Duration::from_secs(60);
            let played = play(&scenario, |_| client.clone(), &Variables::new(), within).await;
            assert!(played.is_good());
        });
    }
}

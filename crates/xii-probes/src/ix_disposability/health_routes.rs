//! Asks for liveness and readiness, and looks whether an instance says that it is ready before it can serve.
//!
//! Asked are the routes that the code, the manifests or xii.toml name, and then the paths where platforms and
//! frameworks look for them. An answer counts when it is not what the app says to any path. One route may stand for
//! both. Where an app has none that could be found the criterion is broken only if it says 404 to all of them, or what it
//! says to any path: behind a login or a limit on requests there may be one, or below a prefix that the code does not show.
//!
//! Then an instance is started and asked for readiness until it says yes; a page that the app is known to serve is
//! asked for right after. An app that says yes and then fails, and serves later, is ready too early.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::{App, HealthKind, Severity};
use xii_runtime::formation::How;

use crate::client::{Client, Request};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::reach::is_guessed;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "health-routes",
    criteria: &["IX.6"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

use HealthKind::{Both, Liveness, Readiness};

/// Where platforms and frameworks look.
const KNOWN: [(&str, HealthKind); 24] = [
    ("/health/ready", Readiness),
    ("/health/live", Liveness),
    ("/readyz", Readiness),
    ("/livez", Liveness),
    ("/healthz", Both),
    ("/health", Both),
    ("/ready", Readiness),
    ("/live", Liveness),
    ("/api/health", Both),
    ("/api/healthz", Both),
    ("/healthcheck", Both),
    ("/health-check", Both),
    ("/healthz/ready", Readiness),
    ("/healthz/live", Liveness),
    ("/health/readiness", Readiness),
    ("/health/liveness", Liveness),
    ("/actuator/health", Both),
    ("/_health", Both),
    ("/up", Both),
    ("/ping", Both),
    ("/alive", Liveness),
    ("/heartbeat", Both),
    ("/status", Both),
    ("/api/status", Both),
];
/// The most pages that are tried, how long a healthy instance may take to serve one, and the pause between.
const MOST: usize = 8;
const WARM: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(100);
/// How long an app that says 429 is waited for, in all.
const PATIENCE: Duration = Duration::from_secs(12);
/// Between two askings while it starts.
const STEP: Duration = Duration::from_millis(5);
/// How long after it said that it is ready it may fail before that counts.
const TOO_EARLY: Duration = Duration::from_millis(50);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = stage.healthy().await?;
        let found = look(stage, &run).await?;
        let ready = found
            .kept
            .iter()
            .find(|(_, kind)| *kind != Liveness)
            .map(|(path, _)| path.clone());
        let Some(ready) = ready else {
            match found.verdict() {
                Ok(why) => stage.could_not_tell("IX.6", why),
                Err(why) => stage.broken("IX.6", why),
            }
            return Ok(());
        };
        let live = found
            .kept
            .iter()
            .find(|(path, kind)| *kind != Readiness && *path != ready);
        let both = match live {
            Some((live, _)) => format!("{live} answers for liveness and {ready} for readiness"),
            None => format!("{ready} answers"),
        };
        let Some(page) = page(stage, &run, &ready).await else {
            stage.holds(
                "IX.6",
                format!("{both}; no page was found that shows when it can serve"),
            );
            return Ok(());
        };
        match too_early(stage, &ready, &page).await? {
            Some(why) => stage.broken("IX.6", why),
            None => stage.holds(
                "IX.6",
                format!("{both}, and once it said that it is ready it served {page}"),
            ),
        }
        Ok(())
    })
}

/// What asking showed.
#[derive(Debug, Default)]
struct Found {
    /// Routes that answer.
    kept: Vec<(String, HealthKind)>,
    /// Those that were declared, and what they answered instead.
    failed: Vec<(String, u16)>,
    /// How many paths were asked.
    asked: usize,
    /// What spoke against taking silence for absence: a path and its status.
    hidden: Option<(String, u16)>,
    /// Whether the code has a health route below a prefix that it does not show.
    elsewhere: bool,
}

impl Found {
    /// Why nothing can be told of readiness; as an error why it is broken.
    fn verdict(&self) -> Result<String, String> {
        if let Some((live, _)) = self.kept.first() {
            return Ok(format!(
                "{live} answers for liveness, and no route for readiness was found"
            ));
        }
        if let Some((path, status)) = self.failed.first() {
            let how = match status {
                404 => "answers with 404".to_owned(),
                status => format!("answers with {status}, as any path does"),
            };
            return Err(format!("{path} is declared in xii.toml and {how}"));
        }
        if let Some((path, status)) = &self.hidden {
            return Ok(format!(
                "no health route was found, and {path} was answered with {status}: there may be one that was not shown"
            ));
        }
        if self.elsewhere {
            return Ok(format!(
                "no health route was found at {} usual paths; the code has one, and not the prefix below which it is served",
                self.asked
            ));
        }
        Err(format!(
            "no health route: {} usual paths were asked, and none is there",
            self.asked
        ))
    }
}

async fn look(stage: &Stage, run: &Run) -> Result<Found, CouldNotTell> {
    let client = Client::new(stage.client(run).address());
    let nonsense = stage.nonsense().await?;
    let mut found = Found {
        elsewhere: is_elsewhere(stage.app()),
        ..Found::default()
    };
    let mut paths = declared(stage);
    let coded: Vec<String> = paths.iter().map(|(path, ..)| path.clone()).collect();
    if let Some(path) = stage.health().await? {
        let kind = kind_of(&path);
        paths.push((path, kind, false));
    }
    paths.extend(
        KNOWN
            .iter()
            .map(|(path, kind)| ((*path).to_owned(), *kind, false)),
    );
    let mut seen = std::collections::HashSet::new();
    paths.retain(|(path, ..)| seen.insert(path.clone()));
    let began = std::time::Instant::now();
    for (path, kind, is_declared) in paths {
        let ready = found.kept.iter().any(|(_, kind)| *kind != Liveness);
        let live = found.kept.iter().any(|(_, kind)| *kind != Readiness);
        // More than is needed is not asked: some apps limit how much they are asked.
        if ready && live && found.kept.iter().any(|(_, kind)| *kind != Both) || found.kept.len() > 2
        {
            break;
        }
        found.asked += 1;
        // A limit of rates is waited for, but not for each path anew.
        let patience = PATIENCE.saturating_sub(began.elapsed());
        let Ok(answer) = client.send_patiently(&Request::get(&path), patience).await else {
            found.hidden.get_or_insert((path, 0));
            continue;
        };
        if answer.is_success() && nonsense.is_real(&answer, &path) {
            stage.note_of(
                run,
                format!("GET {path} is answered with {}", answer.status),
            );
            found.kept.push((path, kind));
        } else if is_declared && (answer.status == 404 || answer.is_success()) {
            found.failed.push((path, answer.status));
        } else if coded.contains(&path) {
            // It may stand below a prefix.
            found.hidden.get_or_insert((path, answer.status));
        } else if answer.status != 404 && !answer.is_success() {
            found.hidden.get_or_insert((path, answer.status));
        }
    }
    Ok(found)
}

/// The routes that xii.toml, the code or the manifests name, and whether xii.toml does.
fn declared(stage: &Stage) -> Vec<(String, HealthKind, bool)> {
    let mut paths = Vec::new();
    if let Some(web) = stage.web() {
        for (check, kind) in [(&web.ready, Readiness), (&web.live, Liveness)] {
            if let Some(How::Http(path)) = check.as_ref().map(|check| &check.how) {
                paths.push((path.clone(), kind, true));
            }
        }
    }
    // What the code or a manifest names may stand below a prefix, or be another service's.
    for health in &stage.app().facts.health {
        let fits =
            |path: &&String| path.starts_with('/') && !path.contains([':', '{', '<', '*', '$']);
        if let Some(path) = health.path.as_ref().filter(fits)
            && health.scope.is_deployed()
        {
            paths.push((path.clone(), health.kind, false));
        }
    }
    paths
}

/// Whether the code has a route that is one for health, or may be, at a path that does not show as a whole.
fn is_elsewhere(app: &App) -> bool {
    let mut health = app.facts.health.iter();
    let mut routes = app.facts.routes.iter();
    health.any(|one| one.scope.is_deployed() && is_guessed(app, one))
        // A router that answers at the prefix itself may be mounted at `/health`.
        || routes.any(|route| route.scope.is_deployed() && !route.certain && route.path == "/")
}

/// What a path's name says.
fn kind_of(path: &str) -> HealthKind {
    let path = path.to_ascii_lowercase();
    if path.contains("ready") || path.contains("readiness") {
        Readiness
    } else if path.contains("live") {
        Liveness
    } else {
        Both
    }
}

/// A page that a healthy instance serves, besides its health routes. One that is an error at first is asked for again:
/// an instance that is ready too early takes its time.
async fn page(stage: &Stage, run: &Run, ready: &str) -> Option<String> {
    let client = Client::new(stage.client(run).address());
    let routes = stage.app().facts.routes.iter();
    let routes = routes.filter(|route| {
        let plain = route.path.starts_with('/') && !route.path.contains([':', '{', '<', '*', '(']);
        route.method == "GET" && route.scope.is_deployed() && plain
    });
    let paths = std::iter::once("/").chain(routes.map(|route| route.path.as_str()));
    let pages =
        paths.filter(|path| *path != ready && kind_of(path) == Both && !path.contains("health"));
    let pages: Vec<&str> = pages.take(MOST).collect();
    let end = Instant::now() + WARM;
    loop {
        let mut errs = false;
        for path in &pages {
            match client.send(&Request::get(*path)).await {
                Ok(answer) if answer.status < 400 => return Some((*path).to_owned()),
                Ok(answer) => errs |= answer.status >= 500,
                Err(_) => errs = true,
            }
        }
        if !errs || Instant::now() > end {
            return None;
        }
        sleep(AGAIN).await;
    }
}

/// Starts an instance and asks as soon as it says that it is ready; why it is not, when it is not.
async fn too_early(stage: &Stage, ready: &str, page: &str) -> Result<Option<String>, CouldNotTell> {
    let run = stage.start(Setup::web()).await?;
    let patience = (stage.readiness().await?.after * 5).max(Duration::from_secs(20));
    // An app that listens elsewhere is asked there.
    let usual = stage.healthy().await?;
    let port = if usual.port() == usual.given_port {
        run.given_port
    } else {
        usual.port()
    };
    let client = Client::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let end = Instant::now() + patience;
    let said = loop {
        let answer = client
            .send(&Request::get(ready).within(Duration::from_secs(2)))
            .await;
        if answer.is_ok_and(|answer| answer.is_success()) {
            break run.age();
        }
        if Instant::now() > end || !run.runs() && run.survivors().is_empty() {
            run.kill().await;
            return Err(CouldNotTell(format!(
                "a second instance did not answer {ready}, so that its start could not be watched"
            )));
        }
        sleep(STEP).await;
    };
    stage.note_of(
        &run,
        format!(
            "said that it is ready {} ms after its start",
            said.as_millis()
        ),
    );
    let mut failed: Option<(String, Duration)> = None;
    let why = loop {
        let answer = client
            .send(&Request::get(page).within(Duration::from_secs(5)))
            .await;
        let how = match answer {
            Ok(answer) if answer.status < 500 && answer.status != 404 => {
                break failed.filter(|(_, last)| *last >= TOO_EARLY);
            }
            Ok(answer) => format!("answered with {}", answer.status),
            Err(miss) => miss.to_string(),
        };
        let since = run.age().saturating_sub(said);
        if failed.is_none() {
            stage.note_of(
                &run,
                format!("GET {page} was {how} {} ms after that", since.as_millis()),
            );
        }
        failed = Some((how, since));
        if Instant::now() > end {
            // It never served: that is no question of too early.
            run.kill().await;
            return Err(CouldNotTell(format!(
                "an instance that said it is ready did not serve {page} at all"
            )));
        }
        sleep(STEP).await;
    };
    run.stop().await;
    Ok(why.map(|(how, last)| {
        format!(
            "{ready} said yes before the app could serve: GET {page} was {how} for {} ms after it",
            last.as_millis()
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xii_model::{Evidence, Fact, Health, Route, Scope};

    #[test]
    fn absence_is_broken_only_where_nothing_hides() {
        let mut found = Found {
            asked: 24,
            ..Found::default()
        };
        assert!(found.verdict().is_err());
        found.elsewhere = true;
        assert!(found.verdict().is_ok());
        found.elsewhere = false;
        found.hidden = Some(("/health".to_owned(), 429));
        assert!(found.verdict().is_ok());
        found.failed = vec![("/health/ready".to_owned(), 200)];
        assert!(
            found
                .verdict()
                .is_err_and(|why| why.contains("as any path does"))
        );
    }

    #[test]
    fn a_health_route_below_an_unknown_prefix_is_elsewhere() {
        fn fact<T>(what: T) -> Fact<T> {
            Fact {
                at: Evidence::file("app/health.py"),
                scope: Scope::default(),
                belongs: None,
                what,
            }
        }
        let app = |path: &str, certain: bool, health: bool| {
            let mut app = App::default();
            app.facts.routes.push(fact(Route {
                method: "GET".to_owned(),
                path: path.to_owned(),
                certain,
                through: "fastapi".to_owned(),
                protected: false,
                middleware: Vec::new(),
            }));
            app.facts.health.extend(health.then(|| {
                fact(Health {
                    path: Some(path.to_owned()),
                    kind: Both,
                    checks_resources: None,
                    through: "fastapi".to_owned(),
                })
            }));
            app
        };
        assert!(is_elsewhere(&app("/health", false, true)));
        assert!(is_elsewhere(&app("/", false, false)));
        assert!(!is_elsewhere(&app("/health", true, true)));
        assert!(!is_elsewhere(&app("/items", false, false)));
    }

    #[test]
    fn a_name_says_what_is_answered() {
        assert_eq!(kind_of("/api/readyz"), Readiness);
        assert_eq!(kind_of("/healthz/live"), Liveness);
        assert_eq!(kind_of("/health"), Both);
    }
}

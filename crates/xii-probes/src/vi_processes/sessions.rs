//! Begins a session on one instance and sees whether another one honours it, and one that is started later.
//!
//! The second instance runs in its own copy of the app, for two that are started from one folder share what they write
//! there: a session store in SQLite looks shared then. Both have the same resources. A session is honoured when a page
//! that is one thing with the cookies and another without is the same on both. Sessions that lie in a signed cookie
//! are honoured by nature, as long as the key is the same.
//!
//! The session is the one that the scenario begins, or whatever cookie an answer sets. A cookie that makes no difference
//! is none, and neither is one that no name or code says to be one: a token against forgery, a visitor's number.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use xii_model::{Mark, SessionPlace, Severity};

use crate::client::{Client, Cookies, Request};
use crate::engine::{Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::scenario::{Difference, Learned, Outcome, Played, compare, learn};
use crate::traffic::{serve, tour};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "sessions-shared",
    criteria: &["VI.1"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// The most pages that are asked for.
const MOST: usize = 12;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let one = serve(stage, Setup::web().apart()).await?;
        let tour = tour(stage, &one).await?;
        let cookies = begun(
            &one,
            stage,
            &tour.played,
            tour.visits.iter().map(|one| one.path.as_str()),
        )
        .await;
        if cookies.borrow().is_empty() {
            none(stage);
            one.stop().await;
            return Ok(());
        }
        let names: Vec<String> = cookies.borrow().names().map(str::to_owned).collect();
        stage.note(format!(
            "{} set the cookies {}",
            one.instance,
            names.join(", ")
        ));
        let paths: BTreeSet<String> = tour
            .visits
            .iter()
            .filter(|one| one.method == "GET" && one.status < 500)
            .map(|one| one.path.clone())
            .collect();
        let mut pages = Vec::new();
        for path in paths {
            if pages.len() < MOST
                && let Some(page) = Page::learn(stage, &one, &cookies, &path).await
            {
                pages.push(page);
            }
        }
        if pages.is_empty() {
            stage.could_not_tell(
                "VI.1",
                format!(
                    "the cookies {} make no difference to any page that was asked for",
                    names.join(", ")
                ),
            );
            one.stop().await;
            return Ok(());
        }
        let kept = cookies.borrow().clone();
        let two = serve(stage, Setup::web().number(2).apart()).await?;
        let beside = honoured(stage, &two, &kept, &pages).await;
        one.stop().await;
        two.stop().await;
        let later = serve(stage, Setup::web().number(3).apart()).await?;
        let after = honoured(stage, &later, &kept, &pages).await;
        later.stop().await;
        match (beside, after) {
            (Honoured::No(path), _) => stage.broken(
                "VI.1",
                format!("a session begun on {} is none on web.2: GET {path} is there what it is without the cookies", one.instance),
            ),
            (_, Honoured::No(path)) => stage.broken(
                "VI.1",
                format!("a session does not outlive a restart: GET {path} is then what it is without the cookies"),
            ),
            (Honoured::Yes(path), Honoured::Yes(_)) if is_session(stage, &names) => stage.holds(
                "VI.1",
                format!("a session begun on one instance is honoured by another and after a restart: GET {path} is the same there"),
            ),
            (Honoured::Yes(_), Honoured::Yes(_)) => stage.could_not_tell(
                "VI.1",
                format!("the cookies {} are honoured by every instance, and nothing says that they are a session", names.join(", ")),
            ),
            (Honoured::Unclear(path), _) | (_, Honoured::Unclear(path)) => stage.could_not_tell(
                "VI.1",
                format!("GET {path} with the cookies is neither what it is on the first instance nor what it is without them"),
            ),
        }
        Ok(())
    })
}

/// What is said where no answer sets a cookie.
fn none(stage: &mut Stage) {
    let stores = &stage.app().facts.session_stores;
    let store = stores.iter().find(|store| store.scope.is_deployed());
    // Its sessions are in the memory of the process that began them, and begin with no cookie.
    let sockets = &stage.app().facts.dependencies;
    let sockets = sockets.iter().any(|one| one.name == "socket.io");
    let store = store.map(|store| (store.through.clone(), store.at.to_string(), store.store));
    match store {
        Some((through, at, place)) => {
            let place = if place == SessionPlace::Memory {
                " in memory"
            } else {
                ""
            };
            stage.could_not_tell(
                "VI.1",
                format!("the code keeps sessions{place} ({through} at {at}), and no request that was sent began one"),
            );
        }
        None if sockets => stage.could_not_tell(
            "VI.1",
            "no answer set a cookie; what socket.io keeps of a visitor, and where, was not tried",
        ),
        // Where routes could be read, sessions could be read as well.
        None if !stage.app().facts.routes.is_empty() => {
            stage.not_applicable(
                "VI.1",
                "no answer set a cookie, and the code keeps no sessions",
            );
        }
        None => stage.could_not_tell("VI.1", "no answer set a cookie, so no session was begun"),
    }
}

/// The cookies that the scenario left behind, or those of pages that were asked for.
async fn begun<'a>(
    run: &Run,
    stage: &Stage,
    played: &Played,
    paths: impl Iterator<Item = &'a str>,
) -> Rc<RefCell<Cookies>> {
    let cookies: Rc<RefCell<Cookies>> = Rc::default();
    // A session that is ended again in the end was one before.
    for outcome in &played.outcomes {
        let Ok(answer) = &outcome.answer else {
            continue;
        };
        let before = cookies.borrow().clone();
        for field in answer.fields("set-cookie") {
            cookies.borrow_mut().set(&field, &outcome.path);
        }
        if cookies.borrow().is_empty() && !before.is_empty() {
            *cookies.borrow_mut() = before;
            break;
        }
    }
    if cookies.borrow().is_empty() {
        let client = Client::new(stage.client(run).address()).keeping(Rc::clone(&cookies));
        for path in paths.take(MOST) {
            let _ = client.send(&Request::get(path)).await;
        }
    }
    cookies
}

/// A page that is one thing with the cookies and another without.
struct Page {
    path: String,
    with: Played,
    without: Played,
    learned: Learned,
}

impl Page {
    /// Asks for a page with the cookies and without; none when it makes no difference.
    async fn learn(
        stage: &Stage,
        run: &Run,
        cookies: &Rc<RefCell<Cookies>>,
        path: &str,
    ) -> Option<Page> {
        let known = stage.client(run).keeping(Rc::clone(cookies));
        let stranger = stage.client(run);
        let first = asked(&known, path).await?;
        let without = asked(&stranger, path).await?;
        let again = asked(&stranger, path).await?;
        let with = asked(&known, path).await?;
        // Whatever differs between two askings of the same user is not the session.
        let mut learned = learn(&[&without, &again]);
        if !compare(&first, &with, &learned).is_empty() {
            learned = learn(&[&first, &with]);
        }
        (!differences(&with, &without, &learned).is_empty()).then(|| Page {
            path: path.to_owned(),
            with,
            without,
            learned,
        })
    }
}

/// One asking as a play of one step.
async fn asked(client: &Client, path: &str) -> Option<Played> {
    let answer = client.send(&Request::get(path)).await.ok()?;
    let outcome = Outcome {
        step: 0,
        name: format!("GET {path}"),
        method: "GET".to_owned(),
        path: path.to_owned(),
        answer: Ok(answer),
        failed: Vec::new(),
    };
    Some(Played {
        outcomes: vec![outcome],
        ..Played::default()
    })
}

fn differences(left: &Played, right: &Played, learned: &Learned) -> Vec<Difference> {
    compare(left, right, learned)
}

#[derive(Debug, PartialEq, Eq)]
enum Honoured {
    Yes(String),
    No(String),
    Unclear(String),
}

/// Whether another instance takes the cookies for what they are.
async fn honoured(stage: &Stage, run: &Run, cookies: &Cookies, pages: &[Page]) -> Honoured {
    let mut unclear = None;
    let mut yes = None;
    for page in pages {
        // What this instance sets must not change what the next one is asked with.
        let client = stage
            .client(run)
            .keeping(Rc::new(RefCell::new(cookies.clone())));
        let Some(here) = asked(&client, &page.path).await else {
            unclear.get_or_insert(page.path.clone());
            continue;
        };
        let as_known = differences(&page.with, &here, &page.learned);
        let as_stranger = differences(&page.without, &here, &page.learned);
        if as_known.is_empty() {
            yes.get_or_insert(page.path.clone());
        } else if as_stranger.is_empty() || is_refused(page, &here) {
            let told = as_known
                .first()
                .map(|one| format!("{} is {} there and {} here", one.what, one.left, one.right));
            stage.note_of(
                run,
                format!(
                    "GET {} with the cookies: {}",
                    page.path,
                    told.unwrap_or_default()
                ),
            );
            if let Some(event) = run
                .record
                .first(|event| matches!(event.what, xii_model::What::Ready { .. }))
            {
                stage.cite(&event, Mark::Against);
            }
            return Honoured::No(page.path.clone());
        } else {
            unclear.get_or_insert(page.path.clone());
        }
    }
    match (yes, unclear) {
        (Some(path), _) => Honoured::Yes(path),
        (None, Some(path)) => Honoured::Unclear(path),
        (None, None) => Honoured::Unclear("/".to_owned()),
    }
}

/// Whether the page is refused as it is without the cookies, perhaps in other words: a session that is unknown may be
/// told from none.
fn is_refused(page: &Page, here: &Played) -> bool {
    let status = |play: &Played| play.outcomes.first().and_then(Outcome::status);
    let here = status(here);
    here == status(&page.without)
        && here != status(&page.with)
        && here.is_some_and(|status| status < 500)
}

/// Whether one of the cookies is a session, by its name or because the code keeps some.
fn is_session(stage: &Stage, names: &[String]) -> bool {
    !stage.app().facts.session_stores.is_empty() || names.iter().any(|name| is_sessions_name(name))
}

fn is_sessions_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let against_forgery = ["csrf", "xsrf", "_ga", "lang", "locale", "consent", "theme"];
    let session = [
        "sess", "sid", "auth", "token", "jwt", "remember", "login", "user",
    ];
    !against_forgery.iter().any(|word| name.contains(word))
        && session.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_name() {
        for name in [
            "connect.sid",
            "sessionid",
            "JSESSIONID",
            "_app_session",
            "auth_token",
            "remember_me",
        ] {
            assert!(is_sessions_name(name), "{name}");
        }
        for name in ["csrftoken", "XSRF-TOKEN", "_ga", "theme", "visits"] {
            assert!(!is_sessions_name(name), "{name}");
        }
    }
}

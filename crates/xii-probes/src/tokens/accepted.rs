//! A token that the app is seen to accept: without one, a refusal says nothing of a forged one.

use std::time::Duration;

use super::sources::{self, Candidate};
use crate::api::Api;
use crate::client::{Answer, Client, Miss, Request};
use crate::contract::Operation;
use crate::engine::{CouldNotTell, Stage};

/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most operations that are tried with a token.
const MOST_DOORS: usize = 4;

/// How a token is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shown {
    /// In this header field, behind this.
    Field(String, &'static str),
    /// In this cookie.
    Cookie(String),
}

impl Shown {
    fn put(&self, request: Request, token: &str) -> Request {
        match self {
            Shown::Field(name, before) => request.header(name, format!("{before}{token}")),
            Shown::Cookie(name) => request.header("Cookie", format!("{name}={token}")),
        }
    }
}

/// A token that the app accepts, how it is shown, and a door that it opens.
#[derive(Clone)]
pub(crate) struct Bearer {
    /// The token.
    pub(crate) token: String,
    /// The key that signs it, where that is known: then others can be made.
    pub(crate) key: Option<Vec<u8>>,
    /// Where the token comes from, in words.
    pub(crate) from: String,
    /// The name of the operation that it opens.
    pub(crate) door: String,
    /// The request for it, without the token.
    pub(crate) request: Request,
    /// What that request is answered with without a token.
    pub(crate) closed: u16,
    /// What it is answered with that token.
    pub(crate) open: u16,
    shown: Shown,
}

impl Bearer {
    /// A token that the app accepts.
    ///
    /// # Errors
    ///
    /// Why there is none, in words.
    pub(crate) async fn find(stage: &Stage, api: Option<&Api>) -> Result<Bearer, CouldNotTell> {
        let run = stage.healthy().await?;
        let client = stage.client(&run);
        let doors = closed_doors(stage, &client, api).await;
        if doors.is_empty() {
            return Err(CouldNotTell::because(
                "no operation is known that can be tried and refuses who shows no token",
            ));
        }
        let ways = ways(stage, api);
        let made = sources::made(stage);
        let mut tried = made.len();
        if let Some(bearer) = try_all(&client, &doors, &ways, made).await {
            return Ok(bearer);
        }
        let issued = sources::issued(stage).await?;
        tried += issued.len();
        if let Some(bearer) = try_all(&client, &doors, &ways, issued).await {
            return Ok(bearer);
        }
        if let Some(api) = api {
            let asked_for = sources::asked_for(stage, &run, api).await;
            tried += asked_for.len();
            if let Some(bearer) = try_all(&client, &doors, &ways, asked_for).await {
                return Ok(bearer);
            }
        }
        Err(CouldNotTell(if tried == 0 {
            "no token can be made or had: `[prove.auth]` of xii.toml would say with which secret"
                .to_owned()
        } else {
            format!(
                "no token that was made or had is accepted by {}: `[prove.auth]` of xii.toml would say what one holds",
                doors[0].name
            )
        }))
    }

    /// The claims of another good token, where a key is known to sign it with.
    pub(crate) fn claims(&self, stage: &Stage, with_role: bool) -> Option<serde_json::Value> {
        self.key.as_ref()?;
        match &stage.settings().auth {
            Some(auth) if self.from.starts_with("made") => Some(sources::claims(auth, with_role)),
            _ => super::jwt::read(&self.token).map(|(_, claims)| claims),
        }
    }

    /// A request that shows a token as this one is shown.
    pub(crate) fn showing(&self, request: Request, token: &str) -> Request {
        self.shown.put(request, token)
    }

    /// What the door answers to a token.
    pub(crate) async fn knock(&self, client: &Client, token: &str) -> Result<Answer, Miss> {
        let request = self.showing(self.request.clone(), token);
        client.send_patiently(&request, PATIENCE).await
    }
}

/// A door: a request that must not be answered without a token.
struct Door {
    name: String,
    request: Request,
    closed: u16,
}

impl Door {
    /// Whether an answer shows that whoever asked was let in: it is a success, or what was made up to ask for is not
    /// there, which nobody is told who may not ask.
    fn is_open(&self, answer: &Answer) -> bool {
        answer.is_success() || self.name.contains('{') && matches!(answer.status, 404 | 410)
    }
}

/// Whether an answer turns somebody away: 401, 403, or the way to a page that asks who one is.
pub(crate) fn is_refusal(answer: &Answer) -> bool {
    match answer.status {
        401 | 403 => true,
        301..=303 | 307 | 308 => answer.field("location").is_some_and(|to| {
            let to = to.to_ascii_lowercase();
            ["login", "signin", "sign-in", "sign_in", "auth", "oauth"]
                .iter()
                .any(|word| to.contains(word))
        }),
        _ => false,
    }
}

/// Requests that must not be answered without a token, safe ones first: from the contract, or else from the code.
pub(crate) fn guarded(stage: &Stage, api: Option<&Api>) -> Vec<(String, Request)> {
    let mut found: Vec<(String, Request)> = Vec::new();
    if let Some(api) = api {
        let mut operations: Vec<&Operation> = api
            .contract
            .operations()
            .iter()
            .filter(|one| !one.is_public())
            .collect();
        operations.sort_by_key(|one| (!one.is_safe(), one.path.contains('{')));
        let of_contract = operations
            .iter()
            .filter_map(|one| Some((one.name(), one.request()?)));
        found.extend(of_contract);
    }
    let routes = stage.app().facts.routes.iter();
    for route in
        routes.filter(|one| one.scope.is_deployed() && one.protected && one.method == "GET")
    {
        let plain = route.path.starts_with('/') && !route.path.contains([':', '<', '{', '*', '(']);
        let name = format!("GET {}", route.path);
        if plain && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, Request::get(&route.path)));
        }
    }
    found
}

async fn closed_doors(stage: &Stage, client: &Client, api: Option<&Api>) -> Vec<Door> {
    let mut doors = Vec::new();
    let mut all = guarded(stage, api);
    // What would change something is tried only where what it is about was made up, and is not there.
    let may_be_tried = |name: &str, method: &str| match method {
        "GET" | "HEAD" => true,
        "DELETE" | "PUT" | "PATCH" => name.contains('{'),
        _ => false,
    };
    all.retain(|(name, request)| may_be_tried(name, &request.method));
    for (name, request) in all {
        if let Ok(answer) = client.send_patiently(&request, PATIENCE).await
            && is_refusal(&answer)
        {
            doors.push(Door {
                name,
                request,
                closed: answer.status,
            });
        }
        if doors.len() >= MOST_DOORS {
            break;
        }
    }
    doors
}

/// The ways in which a token may be shown here, likely ones first.
fn ways(stage: &Stage, api: Option<&Api>) -> Vec<Shown> {
    let mut ways = Vec::new();
    if let Some(name) = stage
        .settings()
        .auth
        .as_ref()
        .and_then(|auth| auth.header.clone())
    {
        return vec![
            Shown::Field(name.clone(), ""),
            Shown::Field(name, "Bearer "),
        ];
    }
    let schemes = api.iter().flat_map(|api| &api.contract.schemes);
    for (name, place) in schemes.filter_map(|one| one.key.clone()) {
        if place == "cookie" {
            ways.push(Shown::Cookie(name));
        } else if place == "header" && !name.eq_ignore_ascii_case("authorization") {
            ways.push(Shown::Field(name, ""));
        }
    }
    for before in ["Bearer ", "Token ", "JWT ", ""] {
        ways.push(Shown::Field("Authorization".to_owned(), before));
    }
    ways
}

async fn try_all(
    client: &Client,
    doors: &[Door],
    ways: &[Shown],
    candidates: Vec<Candidate>,
) -> Option<Bearer> {
    for candidate in candidates {
        for way in ways {
            for door in doors {
                let request = way.put(door.request.clone(), &candidate.token);
                let answer = client.send_patiently(&request, PATIENCE).await;
                if let Ok(answer) = answer
                    && door.is_open(&answer)
                {
                    return Some(Bearer {
                        token: candidate.token,
                        key: candidate.key,
                        from: candidate.from,
                        door: door.name.clone(),
                        request: door.request.clone(),
                        closed: door.closed,
                        open: answer.status,
                        shown: way.clone(),
                    });
                }
            }
        }
    }
    None
}

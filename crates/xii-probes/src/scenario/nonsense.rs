//! What an app says to a path that cannot exist.

use std::time::Duration;

use super::mask;
use super::template::new_uuid;
use crate::client::{Answer, Client, Miss, Request};

/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an app says to a path that cannot exist: with 404, with a page of its own and 200, or with 429 for asking too
/// much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonsense {
    /// The status.
    pub status: u16,
    /// The answer's kind, and where it leads.
    media_type: Option<String>,
    location: Option<String>,
    /// The body without what is different each time, when two such answers had the same.
    body: Option<String>,
}

impl Nonsense {
    /// Whether the app answers any path as if it were there.
    pub fn is_catch_all(&self) -> bool {
        (200..400).contains(&self.status)
    }

    /// Whether the app would not say, because it was asked too often.
    pub fn is_limited(&self) -> bool {
        self.status == 429
    }

    /// Whether this answer shows that the app knows the path it was asked for: it is not 404 or 501, not 429, and
    /// not what the app says to anything.
    pub fn is_real(&self, answer: &Answer, path: &str) -> bool {
        if matches!(answer.status, 404 | 429 | 501) {
            return false;
        }
        if answer.status != self.status {
            return true;
        }
        let same_head =
            answer.media_type() == self.media_type && location(answer, path) == self.location;
        // Where two nonsense answers had two bodies, the body tells nothing.
        let same_body = self
            .body
            .as_ref()
            .is_none_or(|body| *body == shape(answer, path));
        !(same_head && same_body)
    }
}

/// Asks for two paths that cannot exist.
///
/// # Errors
///
/// How an answer failed to come.
pub async fn learn_nonsense(client: &Client) -> Result<Nonsense, Miss> {
    let one = format!("/xii-{}", new_uuid());
    let two = format!("/xii-{}", new_uuid());
    let first = client.send_patiently(&Request::get(&one), PATIENCE).await?;
    let second = client.send_patiently(&Request::get(&two), PATIENCE).await?;
    let body = shape(&first, &one);
    Ok(Nonsense {
        status: second.status,
        media_type: second.media_type(),
        location: location(&second, &two),
        body: (body == shape(&second, &two)).then_some(body),
    })
}

fn location(answer: &Answer, path: &str) -> Option<String> {
    let location = answer.field("location")?;
    Some(mask::text(&without(location, path)))
}

/// The body with the path and what is volatile left out.
fn shape(answer: &Answer, path: &str) -> String {
    mask::text(&without(&answer.text(), path))
}

/// The text without the path that was asked, in the forms in which a page or a redirection repeats it.
fn without(text: &str, path: &str) -> String {
    if path.len() < 2 {
        return text.to_owned();
    }
    let encoded = path.replace('/', "%2F");
    text.replace(path, "…")
        .replace(&encoded, "…")
        .replace(path.trim_start_matches('/'), "…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tiny::{app, json, run};

    #[test]
    fn a_404_is_known_and_what_is_there_is_real() {
        run(async {
            let client = app(|seen| match seen.path.as_str() {
                "/" => json("{}"),
                "/gone" => (404, String::new(), "no such user".to_owned()),
                path => (404, String::new(), format!("Cannot GET {path}")),
            })
            .await;
            let nonsense = learn_nonsense(&client).await.expect("answers");
            assert!(!nonsense.is_catch_all());
            for (path, real) in [("/", true), ("/gone", false), ("/x", false)] {
                let answer = client.send(&Request::get(path)).await.expect("an answer");
                assert_eq!(nonsense.is_real(&answer, path), real, "{path}");
            }
        });
    }

    #[test]
    fn a_page_for_everything_is_not_taken_for_a_route() {
        run(async {
            let client = app(|seen| match seen.path.as_str() {
                "/health" => (
                    200,
                    "Content-Type: text/html".to_owned(),
                    "<p>ok</p>".to_owned(),
                ),
                "/old" => (302, "Location: /new".to_owned(), String::new()),
                path => (
                    200,
                    "Content-Type: text/html".to_owned(),
                    format!(
                        "<p>{path} at {} <i nonce=\"{}\"></p>",
                        jiff::Timestamp::now(),
                        new_uuid()
                    ),
                ),
            })
            .await;
            let nonsense = learn_nonsense(&client).await.expect("answers");
            assert!(nonsense.is_catch_all());
            for (path, real) in [("/health", true), ("/old", true), ("/livez", false)] {
                let answer = client.send(&Request::get(path)).await.expect("an answer");
                assert_eq!(nonsense.is_real(&answer, path), real, "{path}");
            }
        });
    }

    #[test]
    fn a_redirection_to_the_login_for_everything_is_none() {
        run(async {
            let client = app(|seen| match seen.path.as_str() {
                "/health" => json("{}"),
                path => (
                    302,
                    format!("Location: /login?next={}", path.replace('/', "%2F")),
                    String::new(),
                ),
            })
            .await;
            let nonsense = learn_nonsense(&client).await.expect("answers");
            for (path, real) in [("/health", true), ("/metrics", false)] {
                let answer = client.send(&Request::get(path)).await.expect("an answer");
                assert_eq!(nonsense.is_real(&answer, path), real, "{path}");
            }
        });
    }

    #[test]
    fn a_limit_is_not_taken_for_an_answer() {
        run(async {
            let client = app(|_| (429, "Retry-After: 600".to_owned(), String::new())).await;
            let nonsense = learn_nonsense(&client).await.expect("answers");
            assert!(nonsense.is_limited());
            let answer = client.send(&Request::get("/")).await.expect("an answer");
            assert!(!nonsense.is_real(&answer, "/"));
        });
    }
}

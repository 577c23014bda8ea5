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
    media_type: Option<String>,
    /// Where it leads.
    location: Option<Echo>,
    /// The body, when two such answers had the same.
    body: Option<Echo>,
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
        let location = self.location.as_ref().map(|location| location.of(path));
        let same_head = answer.media_type() == self.media_type
            && location == answer.field("location").map(mask::text);
        // Where two nonsense answers had two bodies, the body tells nothing.
        let body = self.body.as_ref().map(|body| body.of(path));
        let same_body = body.is_none_or(|body| body == mask::text(&answer.text()));
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
    let body = Echo::new(&first.text(), &one);
    let same = body.of("/x") == Echo::new(&second.text(), &two).of("/x");
    Ok(Nonsense {
        status: second.status,
        media_type: second.media_type(),
        location: second
            .field("location")
            .map(|location| Echo::new(location, &two)),
        body: same.then_some(body),
    })
}

/// A text that may repeat the path that was asked for, as it would be for another path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Echo(String);

/// What stands for the path in the forms in which a page or a redirection repeats it: as it is, encoded, and without
/// the slash. No text of an app has these signs.
const FORMS: [char; 3] = ['\u{f0001}', '\u{f0002}', '\u{f0003}'];

impl Echo {
    fn new(text: &str, path: &str) -> Self {
        let mut text = text.to_owned();
        for (form, written) in FORMS.iter().zip(forms(path)) {
            text = text.replace(&written, form.encode_utf8(&mut [0; 4]));
        }
        Echo(text)
    }

    /// The text for another path, with what is volatile masked.
    fn of(&self, path: &str) -> String {
        let mut text = self.0.clone();
        for (form, written) in FORMS.iter().zip(forms(path)) {
            text = text.replace(*form, &written);
        }
        mask::text(&text)
    }
}

fn forms(path: &str) -> [String; 3] {
    [
        path.to_owned(),
        path.replace('/', "%2F"),
        path.trim_start_matches('/').to_owned(),
    ]
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
            for (path, real) in [
                ("/health", true),
                ("/old", true),
                ("/livez", false),
                ("/p", false),
            ] {
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

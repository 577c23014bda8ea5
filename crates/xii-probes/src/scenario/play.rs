//! Playing a scenario: the same one goes through one instance, through two, or across a restart.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::ask::{path, redirected};
use super::evaluate::{Subject, checked, selected};
use super::files;
use super::plan::{Expected, Operand, Scenario, Step};
use super::template::Variables;
use super::value::{Value, cut};
use crate::client::{Answer, Client, Cookies, Miss, Request};

/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// So much of all bodies is kept, in bytes. Those that come later are judged, and then left.
const MOST_KEPT: usize = 64 << 20;
/// The longest text that a variable keeps, in bytes.
const LONGEST_CAPTURE: usize = 256 << 10;
/// The pause between two tries when the file says nothing.
const RETRY: Duration = Duration::from_secs(1);

/// What came of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// What came of the steps, in their order; of a repeated one as often as it was sent.
    pub outcomes: Vec<Outcome>,
    /// The variables in the end, with what was captured.
    pub variables: Variables,
}

/// What came of a step.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The number of the step in the scenario, from 0.
    pub step: usize,
    /// The step's name.
    pub name: String,
    /// The method that was sent.
    pub method: String,
    /// The path that was asked, with the query; empty when nothing was sent.
    pub path: String,
    /// The answer, or how it failed to come. [`Miss::Failed`] when the request could not be made.
    pub answer: Result<Answer, Miss>,
    /// What was expected and is not so, a sentence each.
    pub failed: Vec<String>,
}

impl Outcome {
    /// Whether there was an answer, and it is as expected.
    pub fn is_good(&self) -> bool {
        self.answer.is_ok() && self.failed.is_empty()
    }

    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|answer| answer.status)
    }
}

impl Played {
    /// What went wrong, a sentence each: answers that did not come, and those that are not as expected.
    pub fn failed(&self) -> Vec<String> {
        let mut failed = Vec::new();
        for outcome in &self.outcomes {
            if let Err(miss) = &outcome.answer {
                failed.push(format!("{}: {miss}", outcome.name));
            }
            failed.extend(
                outcome
                    .failed
                    .iter()
                    .map(|why| format!("{}: {why}", outcome.name)),
            );
        }
        failed
    }

    /// Whether all went well.
    pub fn is_good(&self) -> bool {
        self.outcomes.iter().all(Outcome::is_good)
    }
}

/// The same through one client, with no variables.
pub async fn play_on(scenario: &Scenario, client: &Client, within: Duration) -> Played {
    play(scenario, |_| client.clone(), &Variables::default(), within).await
}

/// Plays a scenario as one user with new cookies. `pick` gives the client for a step, by its number; whatever cookies
/// that client keeps, the user's own are sent. A step that goes wrong does not end it. What has not begun when
/// `within` is over is not sent, and noted as timed out.
pub async fn play(
    scenario: &Scenario,
    mut pick: impl FnMut(usize) -> Client,
    variables: &Variables,
    within: Duration,
) -> Played {
    let end = Instant::now() + within;
    let cookies = Rc::new(RefCell::new(Cookies::default()));
    let mut kept = 0usize;
    let mut played = Played {
        outcomes: Vec::new(),
        variables: variables.clone(),
    };
    for (number, step) in scenario.steps.iter().enumerate() {
        if step.options.skip {
            continue;
        }
        for turn in 0..step.options.repeat.unwrap_or(1) {
            if turn > 0 && Instant::now() >= end {
                break;
            }
            let client = pick(number).keeping(Rc::clone(&cookies));
            let mut player = Player {
                client,
                cookies: &cookies,
                folder: scenario.folder.as_deref(),
                variables: &mut played.variables,
                end,
            };
            let mut outcome = player.step(number, step).await;
            if let Ok(answer) = &mut outcome.answer {
                kept = kept.saturating_add(answer.body.len());
                if kept > MOST_KEPT {
                    answer.truncated = true;
                    answer.body.clear();
                }
            }
            played.outcomes.push(outcome);
        }
    }
    played
}

struct Player<'a> {
    client: Client,
    cookies: &'a RefCell<Cookies>,
    folder: Option<&'a Path>,
    variables: &'a mut Variables,
    end: Instant,
}

impl Player<'_> {
    /// A step, until it is as expected or may not be tried again.
    async fn step(&mut self, number: usize, step: &Step) -> Outcome {
        let mut tries = step.options.retry;
        loop {
            if let Some(delay) = step.options.delay {
                sleep(delay.min(self.left())).await;
            }
            let outcome = self.once(number, step).await;
            let pause = step.options.retry_interval.unwrap_or(RETRY);
            if outcome.is_good() || tries == 0 || pause >= self.left() {
                return outcome;
            }
            tries -= 1;
            sleep(pause).await;
        }
    }

    fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    async fn once(&mut self, number: usize, step: &Step) -> Outcome {
        let mut outcome = Outcome {
            step: number,
            name: step.name(),
            method: step.ask.method.clone(),
            path: String::new(),
            answer: Err(Miss::TimedOut),
            failed: Vec::new(),
        };
        if self.left().is_zero() {
            return outcome;
        }
        let request = match self.request(step) {
            Ok(request) => request,
            Err(why) => {
                outcome.answer = Err(Miss::Failed(why));
                return outcome;
            }
        };
        outcome.path.clone_from(&request.path);
        let (path, answer) = self.sent(request, step).await;
        if let (Ok(answer), Some(expected)) = (&answer, &step.expected) {
            let url = format!("http://{}{path}", self.client.host());
            outcome.failed = self.judge(answer, &url, expected);
        }
        outcome.answer = answer;
        outcome
    }

    fn request(&mut self, step: &Step) -> Result<Request, String> {
        for (name, operand) in &step.options.variables {
            let value = match operand {
                Operand::Value(value) => value.clone(),
                Operand::Text(text) => Value::text(text.render(self.variables)?),
                Operand::Hole(hole) => hole.value(self.variables)?,
                Operand::File(name) => {
                    Value::Bytes(files::read(self.folder, &name.render(self.variables)?)?)
                }
            };
            self.variables.insert(name.clone(), value);
        }
        let kept = match step.ask.cookies.is_empty() {
            true => None,
            false => {
                let path = path(&step.ask.url, self.variables)?;
                self.cookies.borrow().field(&path)
            }
        };
        step.ask.request(self.variables, self.folder, kept)
    }

    /// The path that was asked in the end, and the answer.
    async fn sent(&self, mut request: Request, step: &Step) -> (String, Result<Answer, Miss>) {
        let expects = step.expected.as_ref().and_then(|expected| expected.status);
        let mut redirects = step.options.redirects;
        loop {
            let within = step.options.within.unwrap_or(request.within);
            request.within = within.min(self.left());
            let answer = if expects == Some(429) {
                self.client.send(&request).await
            } else {
                let patience = PATIENCE.min(self.left());
                self.client.send_patiently(&request, patience).await
            };
            let location = match &answer {
                Ok(answer) if (300..400).contains(&answer.status) && redirects > 0 => answer
                    .field("location")
                    .map(|location| (answer.status, redirected(&request.path, location))),
                _ => None,
            };
            let Some((status, path)) = location else {
                return (request.path, answer);
            };
            redirects -= 1;
            request.path = path;
            // RFC 9110, section 15.4: 307 and 308 keep the method, the others are followed with GET.
            if !matches!(status, 307 | 308) && request.method != "HEAD" {
                "GET".clone_into(&mut request.method);
                request.body.clear();
                request
                    .headers
                    .retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
            }
        }
    }

    /// Keeps what is to be kept of the answer, and says what is not as expected.
    fn judge(&mut self, answer: &Answer, url: &str, expected: &Expected) -> Vec<String> {
        let mut failed = Vec::new();
        if let Some(status) = expected.status.filter(|status| *status != answer.status) {
            failed.push(format!("the status is {} and not {status}", answer.status));
        }
        if let Some(version) = expected
            .version
            .filter(|version| *version != answer.version)
        {
            failed.push(format!(
                "the version is {} and not {version}",
                answer.version
            ));
        }
        for (name, value) in &expected.headers {
            match (name.render(self.variables), value.render(self.variables)) {
                (Ok(name), Ok(value)) => {
                    if !answer.fields(&name).any(|field| field == value) {
                        failed.push(match answer.field(&name) {
                            Some(field) => {
                                format!("`{name}` is `{}` and not as expected", cut(field))
                            }
                            None => format!("there is no header field `{name}`"),
                        });
                    }
                }
                (Err(why), _) | (_, Err(why)) => failed.push(why),
            }
        }
        for (name, selection) in &expected.captures {
            let subject = self.subject(answer, url);
            let captured = selected(selection, subject)
                .and_then(|value| Ok((name.render(self.variables)?, value)));
            match captured {
                Ok((name, Some(value))) if value.rendered().len() > LONGEST_CAPTURE => {
                    failed.push(format!(
                        "what is captured as `{name}` is longer than 256 KiB"
                    ));
                }
                Ok((name, Some(value))) => {
                    self.variables.insert(name, value);
                }
                Ok((name, None)) => failed.push(format!("there is nothing to capture as `{name}`")),
                Err(why) => failed.push(format!("`{}` cannot be captured: {why}", name.source())),
            }
        }
        for assert in &expected.asserts {
            let subject = self.subject(answer, url);
            failed.extend(checked(assert, subject, self.folder).err());
        }
        if let Some(body) = &expected.body {
            match body.bytes(self.variables, self.folder) {
                Ok(bytes) if same_body(body, &bytes, answer) => {}
                Ok(_) => failed.push("the body is not as expected".to_owned()),
                Err(why) => failed.push(why),
            }
        }
        failed
    }

    fn subject<'s>(&'s self, answer: &'s Answer, url: &'s str) -> Subject<'s> {
        Subject {
            answer,
            url,
            ip: self.client.address().ip(),
            variables: self.variables,
        }
    }
}

/// Whether the body is as expected: JSON as values, text without regard to the line's end at its end, and all else
/// byte for byte.
fn same_body(body: &super::plan::Payload, bytes: &[u8], answer: &Answer) -> bool {
    match body {
        super::plan::Payload::Json(_) => {
            let expected: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
            expected.is_some() && expected == answer.json()
        }
        super::plan::Payload::Text(_) | super::plan::Payload::Xml(_) => {
            !answer.truncated
                && String::from_utf8_lossy(bytes).trim_end() == answer.text().trim_end()
        }
        _ => !answer.truncated && bytes == &answer.body[..],
    }
}

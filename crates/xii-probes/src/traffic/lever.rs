//! How to keep a request in flight for as long as a probe wants.

use std::time::Duration;

use super::tour::Visit;
use crate::client::{Client, Request};
use crate::engine::{Run, Stage};

/// Names of parameters that say how long an answer is to take.
const NAMES: [&str; 16] = [
    "ms",
    "millis",
    "milliseconds",
    "delay",
    "delay_ms",
    "delayms",
    "sleep",
    "sleep_ms",
    "wait",
    "wait_ms",
    "duration",
    "seconds",
    "secs",
    "sec",
    "timeout",
    "time",
];
/// Parts of a path that are followed by how long an answer is to take.
const PARTS: [&str; 4] = ["delay", "sleep", "slow", "wait"];
/// What is tried first.
const TRIED: Duration = Duration::from_millis(150);
/// What is held back in a try, each way.
const HELD: Duration = Duration::from_millis(30);
/// The most pages that are tried.
const MOST: usize = 8;
/// The most turns to a resource of a request that is used.
const MOST_TURNS: u32 = 12;

/// How a request is made to take a certain time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lever {
    /// A parameter says how long: what stands before and behind it, and how many there are to a second.
    Parameter {
        /// The path up to the number.
        before: String,
        /// The path behind the number.
        after: String,
        /// Parts of a second that it counts in: 1000, or 1.
        per_second: u32,
    },
    /// It uses a resource, which can be made slow.
    Resource {
        /// The resource.
        name: String,
        /// The path.
        path: String,
        /// How often the request goes to the resource and back, one after the other.
        turns: u32,
    },
}

impl Lever {
    /// Finds one, by trying on an instance of the probe's own. Parameters are tried first: they need no resource.
    pub(crate) async fn find(stage: &Stage, run: &Run, visits: &[Visit]) -> Option<Lever> {
        let client = Client::new(stage.client(run).address());
        for visit in visits
            .iter()
            .filter(|one| one.method == "GET" && one.status < 400)
        {
            let Some((before, after)) = around_number(&visit.path) else {
                continue;
            };
            if let Some(per_second) = obeys(&client, &before, &after).await {
                stage.note(format!(
                    "GET {before}…{after} takes as long as it is told to"
                ));
                return Some(Lever::Parameter {
                    before,
                    after,
                    per_second,
                });
            }
        }
        let mut plain: Vec<&Visit> = visits
            .iter()
            .filter(|one| one.is_plain() && !one.used.is_empty())
            .collect();
        // A page that says something, and the quickest: it has the fewest turns.
        plain.sort_by_key(|one| (one.status >= 300, one.took));
        for visit in plain.into_iter().take(MOST) {
            for name in &visit.used {
                if let Some(turns) = turns(run, &client, &visit.path, name).await {
                    let times = if turns == 1 { "once" } else { "several times" };
                    stage.note(format!(
                        "GET {} asks {name} {times}, which can be made slow",
                        visit.path
                    ));
                    return Some(Lever::Resource {
                        name: name.clone(),
                        path: visit.path.clone(),
                        turns,
                    });
                }
            }
        }
        None
    }

    /// A request that takes this long on this instance, from now on.
    pub(crate) fn pull(&self, run: &Run, length: Duration) -> Request {
        match self {
            Lever::Parameter {
                before,
                after,
                per_second,
            } => {
                let number = length.as_millis() * u128::from(*per_second) / 1000;
                Request::get(format!("{before}{}{after}", number.max(1)))
            }
            Lever::Resource { name, path, turns } => {
                if let Some(resource) = run.resource(name) {
                    resource.delay(length / (2 * turns));
                }
                Request::get(path)
            }
        }
    }

    /// Whether it can make a request last this long: seconds cannot be halved.
    pub(crate) fn reaches(&self, length: Duration) -> bool {
        match self {
            Lever::Parameter { per_second, .. } => {
                *per_second > 1 || length >= Duration::from_secs(1)
            }
            Lever::Resource { .. } => true,
        }
    }
}

/// Whether a parameter of this name may say how long an answer is to take.
pub(super) fn says_how_long(name: &str) -> bool {
    NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// The path before and behind a number that may say how long the answer is to take.
fn around_number(path: &str) -> Option<(String, String)> {
    let (front, query) = path.split_once('?').unwrap_or((path, ""));
    let mut at = front.len() + 1;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if says_how_long(name) && value.chars().all(|one| one.is_ascii_digit() || one == '.') {
            let start = at + name.len();
            let end = at + pair.len();
            return Some((format!("{}=", &path[..start]), path[end..].to_owned()));
        }
        at += pair.len() + 1;
    }
    let (rest, last) = front.rsplit_once('/')?;
    let part = rest
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let number = !last.is_empty() && last.chars().all(|one| one.is_ascii_digit());
    (number && PARTS.contains(&part.as_str()))
        .then(|| (format!("{rest}/"), path[front.len()..].to_owned()))
}

/// Whether the answer takes as long as the number says, and in what the number counts.
async fn obeys(client: &Client, before: &str, after: &str) -> Option<u32> {
    let took = async |number: u128, within: Duration| {
        let request = Request::get(format!("{before}{number}{after}")).within(within);
        let answer = client.send(&request).await.ok()?;
        (answer.status < 400).then_some(answer.took)
    };
    if took(1, Duration::from_secs(2)).await? < TRIED {
        let long = took(TRIED.as_millis(), Duration::from_secs(2)).await?;
        return (long >= TRIED && long < TRIED * 4).then_some(1000);
    }
    let one = took(1, Duration::from_secs(2)).await?;
    (one >= Duration::from_millis(950)).then_some(1)
}

/// How often a request goes to a resource and back; none when it does not get slower with it.
async fn turns(run: &Run, client: &Client, path: &str, name: &str) -> Option<u32> {
    let resource = run.resource(name)?;
    let request = Request::get(path).within(Duration::from_secs(5));
    // The second of two finds the connections made and the caches filled.
    client.send(&request).await.ok()?;
    let quick = client.send(&request).await.ok()?;
    resource.delay(HELD);
    let slow = client.send(&request).await;
    resource.delay(Duration::ZERO);
    let slow = slow.ok()?;
    if slow.status != quick.status {
        return None;
    }
    let more = slow.took.saturating_sub(quick.took);
    counted(more, HELD).filter(|turns| *turns <= MOST_TURNS)
}

/// How many turns fit into the time that a request took longer, with so much held back each way.
fn counted(more: Duration, held: Duration) -> Option<u32> {
    let turns = (more.as_secs_f64() / (2.0 * held.as_secs_f64())).round();
    (turns >= 1.0 && turns < f64::from(u16::MAX)).then_some(turns as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_says_how_long_is_found() {
        let found = |path| around_number(path).map(|(a, b)| format!("{a}|{b}"));
        assert_eq!(found("/slow?ms=40").as_deref(), Some("/slow?ms=|"));
        assert_eq!(
            found("/x?a=b&delay=1&c=2").as_deref(),
            Some("/x?a=b&delay=|&c=2")
        );
        assert_eq!(found("/delay/3").as_deref(), Some("/delay/|"));
        assert_eq!(
            found("/api/sleep/3?x=y").as_deref(),
            Some("/api/sleep/|?x=y")
        );
        for path in [
            "/",
            "/notes/3",
            "/slow?ms=abc",
            "/x?limit=10",
            "/delay/",
            "",
        ] {
            assert_eq!(found(path), None, "{path}");
        }
    }

    #[test]
    fn turns_are_counted_by_what_they_cost() {
        let held = Duration::from_millis(30);
        assert_eq!(counted(Duration::from_millis(64), held), Some(1));
        assert_eq!(counted(Duration::from_millis(185), held), Some(3));
        assert_eq!(counted(Duration::from_millis(12), held), None);
    }
}

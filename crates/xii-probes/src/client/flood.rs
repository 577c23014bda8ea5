//! A light load: the same request from several connections at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{Client, Connection, Miss, Request};

/// A moment's rest after a connection that was not to be had.
const REST: Duration = Duration::from_millis(5);
/// So many times are kept.
const MOST_TIMED: usize = 1 << 16;

/// How much is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many requests.
    Count(u64),
    /// Requests that begin within this time.
    For(Duration),
}

/// What came of many requests.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many answers there were, by status.
    pub answers: BTreeMap<u16, u64>,
    /// How many requests came to nothing, by [`Miss::kind`].
    pub misses: BTreeMap<&'static str, u64>,
    /// How long the answers took, the shortest first; of very many an even choice.
    pub latencies: Vec<Duration>,
    /// How long it all took.
    pub took: Duration,
}

impl Tally {
    /// How many requests were sent.
    pub fn sent(&self) -> u64 {
        self.answers.values().sum::<u64>() + self.misses.values().sum::<u64>()
    }

    /// How many answers had a status below 500.
    pub fn good(&self) -> u64 {
        self.answers.range(..500).map(|(_, count)| count).sum()
    }

    /// The time within which this part of the answers came, from 0 to 1; 0.5 is the median. Nothing when there
    /// was no answer.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let last = self.latencies.len().checked_sub(1)?;
        let at = (part.clamp(0.0, 1.0) * last as f64).ceil() as usize;
        self.latencies.get(at).copied()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests", self.sent())?;
        let answers = self
            .answers
            .iter()
            .map(|(status, count)| (status.to_string(), count));
        let misses = self
            .misses
            .iter()
            .map(|(kind, count)| ((*kind).to_owned(), count));
        for (at, (what, count)) in answers.chain(misses).enumerate() {
            write!(f, "{} {count} {what}", if at == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

/// Sends a request again and again on `concurrency` kept connections. A connection that breaks is made anew.
/// Nothing is told of single requests.
pub async fn flood(
    client: &Client,
    request: &Request,
    concurrency: usize,
    amount: Amount,
) -> Tally {
    let begun = Instant::now();
    let tally = RefCell::new(Tally {
        answers: BTreeMap::new(),
        misses: BTreeMap::new(),
        latencies: Vec::new(),
        took: Duration::ZERO,
    });
    let sent = Cell::new(0u64);
    // Every so manieth answer is timed; doubled whenever there are too many.
    let stride = Cell::new(1u64);
    let may_go_on = || match amount {
        Amount::Count(count) => {
            sent.set(sent.get() + 1);
            sent.get() <= count
        }
        Amount::For(duration) => begun.elapsed() < duration,
    };
    let client = client.silent();
    let worker = || async {
        let mut kept: Option<Connection> = None;
        while may_go_on() {
            let outcome = match &mut kept {
                Some(connection) => connection.send(request).await,
                None => match client.connect(request.within).await {
                    Ok(connection) => kept.insert(connection).send(request).await,
                    Err(miss) => Err(miss),
                },
            };
            match outcome {
                Ok(answer) => {
                    let mut tally = tally.borrow_mut();
                    *tally.answers.entry(answer.status).or_default() += 1;
                    let good: u64 = tally.answers.values().sum();
                    if good.is_multiple_of(stride.get()) {
                        tally.latencies.push(answer.took);
                    }
                    if tally.latencies.len() == MOST_TIMED {
                        let mut keep = false;
                        tally.latencies.retain(|_| {
                            keep = !keep;
                            keep
                        });
                        stride.set(stride.get() * 2);
                    }
                    let closes = answer.field("connection").is_some_and(|value| {
                        value
                            .split(',')
                            .any(|word| word.trim().eq_ignore_ascii_case("close"))
                    });
                    if closes || answer.version == "HTTP/1.0" {
                        kept = None;
                    }
                }
                Err(miss) => {
                    kept = None;
                    *tally.borrow_mut().misses.entry(miss.kind()).or_default() += 1;
                    if matches!(miss, Miss::Refused | Miss::Failed(_)) {
                        sleep(REST).await;
                    }
                }
            }
        }
    };
    join_all((0..concurrency.max(1)).map(|_| worker())).await;
    let mut tally = tally.into_inner();
    tally.latencies.sort_unstable();
    tally.took = begun.elapsed();
    tally
}

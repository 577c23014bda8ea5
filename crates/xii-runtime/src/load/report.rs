//! What a run came to.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::plan::{Interval, Load, Pace};
use super::tally::{Cause, Tally};

/// What a run came to. All latencies are in microseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The server, as the Host field said it.
    pub server: String,
    /// What was asked for, in turn.
    pub paths: Vec<String>,
    /// The method.
    pub method: String,
    /// Open loop: the requests a second that were due; closed loop: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target_rate: Option<f64>,
    /// The most connections at a time.
    pub connections: u32,
    /// The threads that sent.
    pub threads: u32,
    /// Whether connections were used again.
    pub keep_alive: bool,
    /// The measured time in seconds: what was asked for, or until the last outcome.
    pub seconds: f64,
    /// Whole answers a second, of those that came within the measured time.
    pub rate: f64,
    /// The requests of the measured time.
    pub measured: Phase,
    /// How long answers took, those with a status of 500 and above included. Requests without a whole
    /// answer are not in it. Open loop: from when the request was due.
    pub latency: Latency,
    /// Closed loop, when it was asked for: with the requests that would have been sent if the server had
    /// not held up the connection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub corrected: Option<Latency>,
    /// The interval of that correction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_interval_us: Option<f64>,
    /// The requests before the measured time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub warm_up: Option<Phase>,
    /// The requests that began after the mark.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after_mark: Option<Phase>,
}

/// What became of the requests of one phase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// All of them: answered and lost.
    pub requests: u64,
    /// Those with a whole answer, of whatever status.
    pub answered: u64,
    /// Those without.
    pub lost: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Lost requests by cause.
    pub causes: BTreeMap<Cause, u64>,
    /// Connections that were opened for them.
    pub connections_opened: u64,
    /// Bytes that came, heads included.
    pub bytes_received: u64,
    /// Bytes that were sent, heads included.
    pub bytes_sent: u64,
}

/// Lost requests of one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Why.
    pub cause: Cause,
    /// How many.
    pub count: u64,
}

/// A distribution of latencies, in microseconds; all 0 when there was none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How many.
    pub count: u64,
    /// The shortest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
    /// Half were at most this.
    pub p50: f64,
    /// 90 in 100.
    pub p90: f64,
    /// 99 in 100.
    pub p99: f64,
    /// 999 in 1,000.
    #[serde(rename = "p99.9")]
    pub p99_9: f64,
    /// The longest.
    pub max: f64,
    /// How many in each range, from the first that holds one to the last; ranges grow as 1, 2, 5, 10.
    pub buckets: Vec<Bucket>,
}

/// A range of latencies, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Longer than this.
    pub from: f64,
    /// At most this.
    pub to: f64,
    /// How many.
    pub count: u64,
}

impl Report {
    /// The report of a run that measured for so long.
    pub(super) fn new(load: &Load, seconds: f64, [warm, measured, marked]: &[Tally; 3]) -> Self {
        let interval = load.expected_interval.filter(|_| load.pace == Pace::Closed);
        let interval = interval
            .map(|interval| match interval {
                Interval::Median => measured.latency.value_at_quantile(0.5),
                Interval::Every(time) => nanoseconds(time),
            })
            .filter(|nanoseconds| *nanoseconds > 0);
        Report {
            server: load.target.authority().to_owned(),
            paths: load.target.paths().to_vec(),
            method: load.message.method.clone(),
            target_rate: match load.pace {
                Pace::Rate(rate) => Some(rate),
                Pace::Closed => None,
            },
            connections: load.connections,
            threads: load.threads.min(load.connections),
            keep_alive: load.keep_alive,
            seconds,
            rate: if seconds > 0.0 {
                measured.within as f64 / seconds
            } else {
                0.0
            },
            measured: Phase::of(measured),
            latency: Latency::of(&measured.latency),
            corrected: interval
                .map(|interval| Latency::of(&measured.latency.clone_correct(interval))),
            expected_interval_us: interval.map(|interval| interval as f64 / 1e3),
            warm_up: Some(Phase::of(warm)).filter(|phase| phase.requests > 0),
            after_mark: Some(Phase::of(marked)).filter(|phase| phase.requests > 0),
        }
    }
}

impl Phase {
    fn of(tally: &Tally) -> Self {
        let answered = tally.statuses.values().sum();
        let lost = tally.lost.values().sum();
        Phase {
            requests: answered + lost,
            answered,
            lost,
            statuses: tally.statuses.clone(),
            causes: tally.lost.clone(),
            connections_opened: tally.connections,
            bytes_received: tally.received,
            bytes_sent: tally.sent,
        }
    }

    /// Answers with a status of 500 and above.
    pub fn server_errors(&self) -> u64 {
        self.statuses.range(500..).map(|(_, count)| count).sum()
    }

    /// Lost requests, the most frequent cause first.
    pub fn losses(&self) -> Vec<Lost> {
        let each = self.causes.iter();
        let mut all: Vec<_> = each.map(|(&cause, &count)| Lost { cause, count }).collect();
        all.sort_by_key(|one| (std::cmp::Reverse(one.count), one.cause));
        all
    }
}

impl Latency {
    /// The distribution in a histogram of nanoseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        if histogram.is_empty() {
            return Latency::default();
        }
        // The histogram rounds up within its precision; nothing took longer than the longest.
        let longest = histogram.max();
        let at = |share| histogram.value_at_quantile(share).min(longest) as f64 / 1e3;
        Latency {
            count: histogram.len(),
            min: histogram.min() as f64 / 1e3,
            mean: histogram.mean() / 1e3,
            deviation: histogram.stdev() / 1e3,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            max: longest as f64 / 1e3,
            buckets: buckets(histogram),
        }
    }
}

fn buckets(histogram: &Histogram<u64>) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    let (mut from, mut to, mut count) = (0_u64, 1_000_u64, 0);
    let mut base = to;
    let mut factors = [2, 5, 10].into_iter().cycle();
    for value in histogram.iter_recorded() {
        // The least that is counted as the same: a round latency stays in the range that it ends.
        let at = histogram.lowest_equivalent(value.value_iterated_to());
        while at > to {
            if count > 0 || !buckets.is_empty() {
                buckets.push(bucket(from, to, count));
            }
            let factor = factors.next().unwrap_or(10);
            (from, to, count) = (to, base.saturating_mul(factor), 0);
            if factor == 10 {
                base = to;
            }
        }
        count += value.count_since_last_iteration();
    }
    buckets.push(bucket(from, to, count));
    buckets
}

fn bucket(from: u64, to: u64, count: u64) -> Bucket {
    Bucket {
        from: from as f64 / 1e3,
        to: to as f64 / 1e3,
        count,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Span, Target};

    /// A closed loop whose 100 answers took 1 ms, but for one that took a second.
    fn stalled(interval: Option<Interval>) -> Report {
        let mut measured = Tally::new().expect("a tally");
        for _ in 0..99 {
            measured.answered(200, Duration::from_millis(1));
        }
        measured.answered(200, Duration::from_secs(1));
        measured.within = 100;
        let load = Load {
            expected_interval: interval,
            span: Span::Requests(100),
            ..Load::new(Target::local(1, "/"))
        };
        let empty = || Tally::new().expect("a tally");
        Report::new(&load, 2.0, &[empty(), measured, empty()])
    }

    #[test]
    fn a_stall_shows_in_all_that_it_held_up() {
        let plain = stalled(None);
        assert_eq!(plain.corrected, None);
        assert!(plain.latency.p90 < 1_010.0, "{:?}", plain.latency);
        for interval in [Interval::Median, Interval::Every(Duration::from_millis(1))] {
            let report = stalled(Some(interval));
            assert_eq!(report.latency, plain.latency);
            let corrected = report.corrected.expect("corrected latencies");
            // The stall of 1,000 intervals held up 999 requests more, evenly from 1 ms to 999 ms.
            assert!((1_090..=1_100).contains(&corrected.count), "{corrected:?}");
            assert!((440e3..=460e3).contains(&corrected.p50), "{corrected:?}");
            assert!((885e3..=895e3).contains(&corrected.p90), "{corrected:?}");
        }
    }

    #[test]
    fn buckets_hold_every_latency_once() {
        let report = stalled(None);
        let total: u64 = report
            .latency
            .buckets
            .iter()
            .map(|bucket| bucket.count)
            .sum();
        assert_eq!(total, 100);
        let buckets = &report.latency.buckets;
        assert_eq!(
            (buckets[0].from, buckets[0].to),
            (500.0, 1_000.0),
            "{buckets:?}"
        );
        assert_eq!(
            buckets.last().map(|last| (last.to, last.count)),
            Some((1e6, 1))
        );
        for pair in buckets.windows(2) {
            assert_eq!(pair[0].to, pair[1].from, "{buckets:?}");
        }
    }

    #[test]
    fn a_report_survives_json() {
        let report = stalled(Some(Interval::Median));
        let json = serde_json::to_string(&report).expect("JSON");
        let back: Report = serde_json::from_str(&json).expect("a report");
        assert_eq!(back, report);
    }
}

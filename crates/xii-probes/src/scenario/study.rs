//! Getting to know how an app answers a scenario by itself.

use std::time::Duration;

use tokio::time::sleep;

use super::compare::{Learned, learn};
use super::plan::Scenario;
use super::play::{Played, play};
use super::template::Variables;
use crate::client::Client;

/// The pause before the last play. Spans in whole seconds are off by less than one at each end: with two seconds more,
/// the second span of a clock cannot look like the first.
const PAUSE: Duration = Duration::from_millis(2100);

/// Plays a scenario three times through one instance and learns what changes by itself: see [`learn`]. Gives the last
/// play, which others are compared with. Each play may take `within`.
pub async fn study(
    scenario: &Scenario,
    client: &Client,
    variables: &Variables,
    within: Duration,
) -> (Played, Learned) {
    let first = play(scenario, |_| client.clone(), variables, within).await;
    let second = play(scenario, |_| client.clone(), variables, within).await;
    sleep(PAUSE).await;
    let third = play(scenario, |_| client.clone(), variables, within).await;
    let learned = learn(&[&first, &second, &third]);
    (third, learned)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Instant;

    use super::*;
    use crate::client::tiny::{app, json, run};
    use crate::scenario::{compare, fallen, hurl};

    const LONG: Duration = Duration::from_secs(60);

    /// An app that counts what it is asked, and tells how long it has been up.
    async fn counting() -> Client {
        let visits = Cell::new(0);
        let begun = Instant::now();
        app(move |_| {
            visits.set(visits.get() + 1);
            json(format!(
                r#"{{"visits": {}, "since": {}, "name": "x"}}"#,
                visits.get(),
                begun.elapsed().as_secs()
            ))
        })
        .await
    }

    #[test]
    fn a_count_in_memory_is_lost_with_the_instance_and_a_clock_is_no_count() {
        run(async {
            let scenario = hurl::read("t", "GET /\nHTTP 200\n").expect("a scenario");
            let (one, two) = (counting().await, counting().await);
            let (before, learned) = study(&scenario, &one, &Variables::new(), LONG).await;
            assert_eq!(learned.counters(), 1);
            let same = play(&scenario, |_| one.clone(), &Variables::new(), LONG).await;
            assert_eq!(compare(&before, &same, &learned), []);
            assert_eq!(fallen(&before, &same, &learned), []);
            let other = play(&scenario, |_| two.clone(), &Variables::new(), LONG).await;
            let fallen = fallen(&before, &other, &learned);
            assert_eq!(fallen.len(), 1);
            assert_eq!(fallen[0].what, "$.visits");
        });
    }
}

//! From moments in time to places on a line. A stretch in which nothing happens, and which would press all
//! else together, is shown short, as a break.

use crate::trial::milliseconds;

/// Where the line starts and ends, in percent of the width, so that no mark is cut off.
const START: f64 = 1.5;
const LENGTH: f64 = 97.0;
/// A stretch is broken when it is so many times as long as all others together.
const LONG: f64 = 4.0;
/// No shorter stretch is broken, in microseconds: what is quick may be seen to be quick.
const SHORTEST: f64 = 2_000_000.0;
/// The most breaks.
const BREAKS: usize = 3;
/// The length of a break, as a share of all that is not broken.
const BREAK: f64 = 0.2;
/// The least distance of the middles of two labels, and half of a label, in percent of the width of a phone.
const APART: f64 = 19.0;
const HALF: f64 = 9.0;

/// A scale over the moments of a transcript.
#[derive(Debug)]
pub(super) struct Scale {
    /// The times, each once, in order, in microseconds, with their places in percent.
    knots: Vec<(u64, f64)>,
    /// The breaks: the place in `knots` where each starts.
    breaks: Vec<usize>,
}

/// A stretch that is shown short.
#[derive(Debug)]
pub(super) struct Break {
    pub(super) from: f64,
    pub(super) to: f64,
    /// How long it is.
    pub(super) us: u64,
}

impl Scale {
    /// The scale over these times, in microseconds and any order.
    pub(super) fn of(times: impl Iterator<Item = u64>) -> Scale {
        let mut times: Vec<u64> = times.collect();
        times.sort_unstable();
        times.dedup();
        let gaps: Vec<f64> = times
            .iter()
            .zip(times.iter().skip(1))
            .map(|(from, to)| (to - from) as f64)
            .collect();
        let mut breaks: Vec<usize> = Vec::new();
        let mut rest: f64 = gaps.iter().sum();
        while breaks.len() < BREAKS {
            let unbroken = gaps
                .iter()
                .enumerate()
                .filter(|(at, _)| !breaks.contains(at));
            let Some((at, gap)) = unbroken.max_by(|a, b| a.1.total_cmp(b.1)) else {
                break;
            };
            if *gap < SHORTEST || rest - gap <= 0.0 || *gap <= LONG * (rest - gap) {
                break;
            }
            rest -= gap;
            breaks.push(at);
        }
        breaks.sort_unstable();
        let shown = |at: usize, gap: f64| {
            if breaks.contains(&at) {
                rest * BREAK
            } else {
                gap
            }
        };
        let whole: f64 = gaps
            .iter()
            .enumerate()
            .map(|(at, gap)| shown(at, *gap))
            .sum();
        let mut passed = 0.0;
        let knots = times
            .into_iter()
            .enumerate()
            .map(|(at, time)| {
                if let Some(before) = at.checked_sub(1) {
                    passed += shown(before, gaps.get(before).copied().unwrap_or_default());
                }
                let share = if whole > 0.0 { passed / whole } else { 0.0 };
                (time, START + LENGTH * share.clamp(0.0, 1.0))
            })
            .collect();
        Scale { knots, breaks }
    }

    /// The place of a time in percent of the width.
    pub(super) fn place(&self, us: u64) -> f64 {
        let after = self.knots.partition_point(|(time, _)| *time < us);
        match (
            after.checked_sub(1).and_then(|at| self.knots.get(at)),
            self.knots.get(after),
        ) {
            (Some((from, start)), Some((to, end))) => {
                let share = (us - from) as f64 / (to - from) as f64;
                start + (end - start) * share
            }
            (_, Some((_, place))) | (Some((_, place)), None) => *place,
            (None, None) => START,
        }
    }

    /// The stretches that are shown short.
    pub(super) fn breaks(&self) -> impl Iterator<Item = Break> {
        self.breaks.iter().filter_map(|at| {
            let (from, to) = (self.knots.get(*at)?, self.knots.get(at + 1)?);
            Some(Break {
                from: from.1,
                to: to.1,
                us: to.0 - from.0,
            })
        })
    }

    /// Labels below the line, from left to right and not too close: the ends first, then where it breaks, then
    /// round times between.
    pub(super) fn labels(&self) -> Vec<(f64, String)> {
        let (Some(first), Some(last)) = (self.knots.first(), self.knots.last()) else {
            return Vec::new();
        };
        let mut wanted = vec![first.0, last.0];
        let edges = self.breaks.iter().flat_map(|at| [*at, at + 1]);
        wanted.extend(edges.filter_map(|at| self.knots.get(at)).map(|knot| knot.0));
        let broken: u64 = self.breaks().map(|one| one.us).sum();
        let step = round((last.0 - first.0).saturating_sub(broken) / 6);
        for (from, to) in self.knots.iter().zip(self.knots.iter().skip(1)) {
            // Of a stretch no more steps than could be labelled anyway.
            let start = from.0.div_ceil(step);
            let steps = (start..=to.0 / step).take(8).map(|count| count * step);
            wanted.extend(steps);
        }
        let mut labels: Vec<(f64, String)> = Vec::new();
        for us in wanted {
            let place = self.place(us);
            let apart = |other: f64| (middle(other) - middle(place)).abs() >= APART;
            if labels.iter().all(|(other, _)| apart(*other)) {
                labels.push((place, milliseconds(us)));
            }
        }
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        labels
    }
}

/// The middle of a label at a place: at the ends labels grow inwards.
fn middle(place: f64) -> f64 {
    place.clamp(START + HALF, START + LENGTH - HALF)
}

/// The least of 1, 2 or 5 times a power of ten that is no shorter; at least a millisecond.
fn round(us: u64) -> u64 {
    let mut unit: u64 = 1000;
    loop {
        for step in [1, 2, 5] {
            let step = unit.saturating_mul(step);
            if step >= us || step == u64::MAX {
                return step;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(ms: &[u64]) -> Vec<u64> {
        let scale = Scale::of(ms.iter().map(|ms| ms * 1000));
        let place = |ms: &u64| scale.place(ms * 1000).round() as u64;
        ms.iter().map(place).collect()
    }

    #[test]
    fn time_is_even_where_nothing_is_broken() {
        assert_eq!(places(&[0, 500, 1000]), [2, 50, 99]);
        assert_eq!(places(&[7]), [2]);
        assert_eq!(places(&[]), [0; 0]);
        assert_eq!(places(&[0, 30_000]), [2, 99]);
    }

    #[test]
    fn a_long_wait_is_shown_short() {
        let scale = Scale::of([0, 400_000, 500_000, 30_500_000].into_iter());
        let broken: Vec<u64> = scale.breaks().map(|one| one.us).collect();
        assert_eq!(broken, [30_000_000]);
        assert!(scale.place(500_000) > 80.0 && scale.place(30_500_000) > 98.0);
        let labels: Vec<String> = scale.labels().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0 ms", "200 ms", "400 ms", "30.5 s"]);
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(
            [0, 1001, 4_000, 51_000].map(round),
            [1_000, 2_000, 5_000, 100_000]
        );
        assert_eq!(round(u64::MAX), u64::MAX);
    }

    proptest! {
        #[test]
        fn any_times_stand_on_the_line(times in prop::collection::vec(any::<u64>(), 0..40), other in any::<u64>()) {
            let scale = Scale::of(times.iter().copied());
            let mut sorted = times.clone();
            sorted.sort_unstable();
            let places: Vec<f64> = sorted.iter().map(|time| scale.place(*time)).collect();
            prop_assert!(places.is_sorted());
            for place in places.into_iter().chain([scale.place(other)]) {
                prop_assert!((0.0..=100.0).contains(&place), "{place}");
            }
            prop_assert!(scale.labels().len() < 9);
        }
    }
}

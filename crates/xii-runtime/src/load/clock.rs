//! When requests are due, and which phase of a run they belong to.

use std::time::{Duration, Instant};

use super::plan::{Load, Pace, Span, Switch};

/// The phases that requests are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Before the measured time.
    WarmUp,
    /// In it.
    Measured,
    /// After the mark.
    AfterMark,
}

/// One thread's share of the requests.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    start: Instant,
    warm_end: Instant,
    /// Requests are not begun from then on.
    end: Option<Instant>,
    /// This thread's requests are numbers `thread`, `thread + threads`, … of all.
    thread: u64,
    threads: u64,
    rate: Option<f64>,
    /// How many requests this thread has begun.
    begun: u64,
    /// How many it may still begin after the warm-up, when that is limited.
    left: Option<u64>,
}

impl Clock {
    pub(super) fn new(load: &Load, start: Instant, thread: u32, threads: u32) -> Self {
        let warm_end = start + load.warm_up;
        let (thread, threads) = (u64::from(thread), u64::from(threads));
        Clock {
            start,
            warm_end,
            end: match load.span {
                Span::For(time) => Some(warm_end + time),
                Span::Requests(_) | Span::UntilStopped => None,
            },
            thread,
            threads,
            rate: match load.pace {
                Pace::Rate(rate) => Some(rate),
                Pace::Closed => None,
            },
            begun: 0,
            left: match load.span {
                Span::Requests(all) => Some(all / threads + u64::from(thread < all % threads)),
                Span::For(_) | Span::UntilStopped => None,
            },
        }
    }

    /// When the next request is due; `None`: there is none. In a closed loop that is always now.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let due = match self.rate {
            Some(rate) => {
                let number = self.begun * self.threads + self.thread;
                let after = Duration::try_from_secs_f64(number as f64 / rate).ok()?;
                self.start.checked_add(after)?
            }
            None => now,
        };
        let over = self.end.is_some_and(|end| due >= end) || self.left == Some(0);
        (!over).then_some(due)
    }

    /// Takes the next request. Its number in the whole run, and its phase.
    pub(super) fn take(&mut self, due: Instant, switch: &Switch) -> (u64, Phase) {
        let number = self.begun * self.threads + self.thread;
        self.begun += 1;
        let phase = if switch.is_marked() {
            Phase::AfterMark
        } else if due < self.warm_end {
            Phase::WarmUp
        } else {
            Phase::Measured
        };
        if phase != Phase::WarmUp {
            self.left = self.left.map(|left| left.saturating_sub(1));
        }
        (number, phase)
    }

    /// When the measured time begins, and ends if that is set.
    pub(super) fn measured(&self) -> (Instant, Option<Instant>) {
        (self.warm_end, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Target;

    fn load(pace: Pace, span: Span) -> Load {
        Load {
            pace,
            span,
            warm_up: Duration::from_secs(1),
            ..Load::new(Target::local(1, "/"))
        }
    }

    /// The due times of all threads in milliseconds since the start, with their phases.
    fn all(load: &Load, threads: u32) -> Vec<(u128, u64, Phase)> {
        let start = Instant::now();
        let mut seen = Vec::new();
        for thread in 0..threads {
            let mut clock = Clock::new(load, start, thread, threads);
            while let Some(due) = clock.next(start) {
                let (number, phase) = clock.take(due, &Switch::default());
                seen.push(((due - start).as_millis(), number, phase));
            }
        }
        seen.sort_by_key(|one| one.1);
        seen
    }

    #[test]
    fn a_rate_is_kept_by_any_number_of_threads() {
        for threads in [1, 3] {
            let seen = all(
                &load(Pace::Rate(10.0), Span::For(Duration::from_secs(2))),
                threads,
            );
            let due: Vec<_> = seen.iter().map(|one| one.0).collect();
            let expected: Vec<_> = (0..30).map(|number| number * 100).collect();
            assert_eq!(due, expected);
            let warm = seen.iter().filter(|one| one.2 == Phase::WarmUp).count();
            assert_eq!(warm, 10);
        }
    }

    #[test]
    fn a_number_of_requests_is_met_exactly_after_the_warm_up() {
        for threads in [1, 3, 7] {
            let seen = all(&load(Pace::Rate(10.0), Span::Requests(20)), threads);
            let measured = seen.iter().filter(|one| one.2 == Phase::Measured).count();
            assert_eq!(measured, 20, "{threads} threads");
        }
    }

    #[test]
    fn after_the_mark_requests_are_counted_apart() {
        let start = Instant::now();
        let mut clock = Clock::new(&load(Pace::Closed, Span::UntilStopped), start, 0, 1);
        let switch = Switch::default();
        let later = start + Duration::from_secs(2);
        assert_eq!(clock.take(start, &switch).1, Phase::WarmUp);
        assert_eq!(clock.take(later, &switch).1, Phase::Measured);
        switch.clone().mark();
        assert_eq!(clock.take(later, &switch).1, Phase::AfterMark);
    }
}

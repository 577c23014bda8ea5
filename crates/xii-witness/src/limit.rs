//! How much is told of one tree: a bucket that fills with time.

use std::time::{Duration, Instant};

/// So many at once, and so many a second in the long run.
#[derive(Debug)]
pub(crate) struct Bucket {
    size: f64,
    a_second: f64,
    level: f64,
    filled: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(size: u32, a_second: u32, now: Instant) -> Self {
        Bucket {
            size: size.into(),
            a_second: a_second.into(),
            level: size.into(),
            filled: now,
        }
    }

    /// Takes one out; false when there is none.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled);
        if passed > Duration::ZERO {
            self.level = (self.level + passed.as_secs_f64() * self.a_second).min(self.size);
            self.filled = now;
        }
        if self.level < 1.0 {
            return false;
        }
        self.level -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_what_it_has_and_fills_with_time() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, 5, start);
        let taken = |bucket: &mut Bucket, now| (0..100).filter(|_| bucket.take(now)).count();
        assert_eq!(taken(&mut bucket, start), 10);
        assert_eq!(taken(&mut bucket, start + Duration::from_secs(1)), 5);
        // It never holds more than its size.
        assert_eq!(taken(&mut bucket, start + Duration::from_secs(1000)), 10);
        // A clock that stands still, or goes back, gives nothing.
        assert_eq!(taken(&mut bucket, start), 0);
    }

    #[test]
    fn small_steps_add_up() {
        let start = Instant::now();
        let mut bucket = Bucket::new(1, 10, start);
        let step = Duration::from_millis(1);
        let steps = (0..2000u32).filter(|at| bucket.take(start + step * *at));
        assert!((19..=21).contains(&steps.count()));
    }
}

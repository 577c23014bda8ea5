//! What grew between two pages.

use super::page::{Family, Page};

/// A family whose count grew.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The family's name.
    pub family: String,
    /// The sample that was counted, such as `http_request_duration_seconds_count`.
    pub sample: String,
    /// By how much it grew, over all its labels.
    pub by: f64,
}

/// The counters, and the counts of observations, that are greater after than before, in the page's order.
///
/// A sample that was not there before counts from zero: many are made by their first use. Where a counter
/// began anew, because the app was started again, it counts only when it is greater all the same.
pub fn grown(before: &Page, after: &Page) -> Vec<Growth> {
    let grew = |family: &Family| {
        let sample = family.counted()?;
        let by = after.sum(&sample, &[])? - before.sum(&sample, &[]).unwrap_or(0.0);
        // What is not a number does not grow.
        (by > 0.0 && by.is_finite()).then(|| Growth {
            family: family.name.clone(),
            sample,
            by,
        })
    };
    after.families.iter().filter_map(grew).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page::parse(text).expect("it is valid")
    }

    #[test]
    fn counters_and_counts_grow_and_gauges_do_not() {
        let before = page(
            "# TYPE a_total counter\na_total{x=\"1\"} 5\na_total{x=\"2\"} 1\n\
             # TYPE b gauge\nb 1\n# TYPE c histogram\nc_bucket{le=\"+Inf\"} 2\nc_sum 9\nc_count 2\n\
             d_total 4\n# TYPE same_total counter\nsame_total 7\n# TYPE reset_total counter\nreset_total 9\n",
        );
        let after = page(
            "# TYPE a_total counter\na_total{x=\"1\"} 6\na_total{x=\"2\"} 3\n\
             # TYPE b gauge\nb 9\n# TYPE c histogram\nc_bucket{le=\"+Inf\"} 5\nc_sum 99\nc_count 5\n\
             d_total 5\n# TYPE same_total counter\nsame_total 7\n# TYPE reset_total counter\nreset_total 2\n\
             # TYPE new_total counter\nnew_total 1\n# TYPE nan_total counter\nnan_total NaN\n",
        );
        let grown: Vec<_> = grown(&before, &after)
            .into_iter()
            .map(|growth| (growth.family, growth.sample, growth.by))
            .collect();
        let expected = [
            ("a_total", "a_total", 3.0),
            ("c", "c_count", 3.0),
            ("d_total", "d_total", 1.0),
            ("new_total", "new_total", 1.0),
        ]
        .map(|(family, sample, by)| (family.to_owned(), sample.to_owned(), by));
        assert_eq!(grown, expected);
    }
}

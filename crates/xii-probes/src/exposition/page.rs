//! A page of metrics, read.

/// A page of metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In which format it is.
    pub format: Format,
    /// Its families, in the order in which they begin.
    pub families: Vec<Family>,
}

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text format 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0: it ends with `# EOF`.
    OpenMetrics,
}

/// Metrics of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Its name, without the endings of its samples where its kind gives them some.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it says of itself.
    pub help: Option<String>,
    /// Its unit, in OpenMetrics.
    pub unit: Option<String>,
    /// Its values; none when it is only described.
    pub samples: Vec<Sample>,
}

/// What a family is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Observations, counted in buckets.
    Histogram,
    /// Observations, with quantiles.
    Summary,
    /// A histogram of what is there now.
    GaugeHistogram,
    /// Something that does not change.
    Info,
    /// States that are on or off.
    StateSet,
    /// It does not say.
    #[default]
    Unknown,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its full name, such as `http_request_duration_seconds_count`.
    pub name: String,
    /// Its labels, in their order.
    pub labels: Vec<(String, String)>,
    /// The value; it may be infinite or not a number.
    pub value: f64,
}

impl Sample {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(is, _)| is == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Family {
    /// The sample that says how often something happened: the counter itself, or the count of the
    /// observations. None for what does not only grow; a family without a kind is judged by its name.
    pub fn counted(&self) -> Option<String> {
        let name = &self.name;
        match self.kind {
            Kind::Histogram | Kind::Summary => Some(format!("{name}_count")),
            Kind::Counter => {
                let total = format!("{name}_total");
                let is_there = self.samples.iter().any(|sample| sample.name == total);
                Some(if is_there { total } else { name.clone() })
            }
            Kind::Unknown => {
                let counts = name.ends_with("_total") || name.ends_with("_count");
                counts.then(|| name.clone())
            }
            Kind::Gauge | Kind::GaugeHistogram | Kind::Info | Kind::StateSet => None,
        }
    }
}

impl Page {
    /// The sum of the samples of this name that have these labels among theirs; none when there is no such
    /// sample.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let samples = self.families.iter().flat_map(|family| &family.samples);
        samples
            .filter(|sample| sample.name == name)
            .filter(|sample| {
                labels
                    .iter()
                    .all(|(key, value)| sample.label(key) == Some(value))
            })
            .map(|sample| sample.value)
            .reduce(|sum, value| sum + value)
    }

    /// The family of this name.
    pub fn family(&self, name: &str) -> Option<&Family> {
        self.families.iter().find(|family| family.name == name)
    }
}

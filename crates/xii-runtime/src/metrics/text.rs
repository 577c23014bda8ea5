//! Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;

/// A page that metrics are written to, one family after the other.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// What kind of number a family has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// It only grows, from the start of the run.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by upper bounds.
    Histogram,
}

impl Text {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One value of the family.
    pub(super) fn value(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            self.0.push(if at == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"{}\"", escaped(text));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_quoted() {
        let mut text = Text::default();
        text.family("a", Kind::Gauge, "What it is.");
        text.value("a", &[("x", "say \"hi\"\\\n"), ("y", "")], 1.5);
        text.value("a", &[], 2.0);
        assert_eq!(
            text.into_string(),
            "# HELP a What it is.\n# TYPE a gauge\na{x=\"say \\\"hi\\\"\\\\\\n\",y=\"\"} 1.5\na 2\n"
        );
    }
}

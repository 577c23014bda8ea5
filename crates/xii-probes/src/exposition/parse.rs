//! Reading a page: the Prometheus text format 0.0.4 (prometheus.io, exposition formats) with the quoted names of
//! its version 1.0.0, and OpenMetrics 1.0 (the OpenMetrics specification, text format).
//!
//! A page is held to what its format demands of every writer, where a reader would stumble over it or misread
//! it. What every reader lets pass is let pass here: the last line's missing end, several blanks, and in 0.0.4
//! families that are not in one piece.

use std::collections::{HashMap, HashSet};

use super::cursor::Cursor;
use super::page::{Family, Format, Kind, Page, Sample};

/// How many samples a page may have. A scrape of that size is a fault of its own.
const MOST_SAMPLES: usize = 200_000;

/// How long a reason may be, in bytes.
const MOST_WHY: usize = 400;

/// A line that is not valid. No value of a label is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the metrics is not valid: {why}")]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Page {
    /// Reads a page. It is taken for OpenMetrics when its last line is `# EOF`.
    ///
    /// # Errors
    ///
    /// The first line that is not valid.
    pub fn parse(text: &str) -> Result<Page, BadLine> {
        let body = text.strip_suffix('\n').unwrap_or(text);
        let strict = body == "# EOF" || body.ends_with("\n# EOF");
        let mut reader = Reader {
            strict,
            ..Reader::default()
        };
        for (number, line) in body.split('\n').enumerate() {
            reader.line(line).map_err(|mut why| {
                // A name may be as long as the page.
                why.truncate(why.floor_char_boundary(MOST_WHY));
                let line = number + 1;
                BadLine { line, why }
            })?;
        }
        let format = match strict {
            true => Format::OpenMetrics,
            false => Format::Prometheus,
        };
        Ok(Page {
            format,
            families: reader.families,
        })
    }
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    strict: bool,
    ended: bool,
    families: Vec<Family>,
    /// Where the family of a name is.
    places: HashMap<String, usize>,
    /// Which families were given a type.
    typed: HashSet<usize>,
    /// Names and labels that were seen.
    seen: HashSet<(String, Vec<(String, String)>)>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if self.ended {
            return Err("something follows `# EOF`".to_owned());
        }
        if line.contains('\r') {
            return Err("it has a carriage return; lines end with a line feed alone".to_owned());
        }
        if self.strict {
            if line == "# EOF" {
                self.ended = true;
                return Ok(());
            }
            if line.is_empty() {
                return Err("it is empty, which OpenMetrics does not allow".to_owned());
            }
        }
        let mut cursor = Cursor::new(line);
        if !self.strict {
            cursor.blanks();
        }
        if cursor.is_done() {
            return Ok(());
        }
        match cursor.take('#') {
            true => self.comment(cursor),
            false => self.sample(cursor),
        }
    }

    /// `# HELP`, `# TYPE`, `# UNIT`, and what else begins with a hash.
    fn comment(&mut self, mut cursor: Cursor<'_>) -> Result<(), String> {
        cursor.blanks();
        let keyword = cursor.word();
        let known = matches!(keyword, "HELP" | "TYPE") || (self.strict && keyword == "UNIT");
        if !known {
            return match self.strict {
                true => Err("OpenMetrics has no comments but HELP, TYPE, UNIT and EOF".to_owned()),
                false => Ok(()),
            };
        }
        cursor.blanks();
        let name = match cursor.next_is('"') {
            true => cursor.quoted().filter(|name| !name.is_empty()),
            false => cursor.name(true).map(str::to_owned),
        };
        let name = name.ok_or_else(|| format!("no name of a metric follows {keyword}"))?;
        if cursor.blanks() == 0 && !cursor.is_done() {
            return Err(format!("the name after {keyword} is no name of a metric"));
        }
        let place = self.place(&name)?;
        let family = &mut self.families[place];
        let twice = |is: bool| match is {
            true => Err(format!("`{name}` has a second {keyword}")),
            false => Ok(()),
        };
        match keyword {
            "HELP" => {
                twice(family.help.is_some())?;
                family.help = Some(cursor.rest().replace("\\n", "\n").replace("\\\\", "\\"));
            }
            "UNIT" => {
                twice(family.unit.is_some())?;
                family.unit = Some(cursor.rest().to_owned());
            }
            _ => {
                twice(!self.typed.insert(place))?;
                if !family.samples.is_empty() {
                    return Err(format!("the TYPE of `{name}` comes after its samples"));
                }
                let word = cursor.word();
                family.kind = kind(word, self.strict)
                    .ok_or_else(|| format!("`{name}` has a TYPE that there is not"))?;
                cursor.blanks();
                if !cursor.is_done() {
                    return Err(format!("something follows the TYPE of `{name}`"));
                }
            }
        }
        Ok(())
    }

    fn sample(&mut self, mut cursor: Cursor<'_>) -> Result<(), String> {
        let mut name = cursor.name(true).map(str::to_owned);
        let mut labels = Vec::new();
        if !self.strict {
            cursor.blanks();
        }
        if cursor.take('{') {
            labels = labels_of(&mut cursor, &mut name)?;
        } else if name.is_none() {
            return Err("it begins with no name of a metric".to_owned());
        }
        let name = name.ok_or("it has no name of a metric")?;
        let broken = |what: &str| format!("the sample of `{name}` {what}");
        cursor.blanks();
        let value = number(cursor.word()).ok_or_else(|| broken("has no number as its value"))?;
        cursor.blanks();
        if !cursor.is_done() && !cursor.next_is('#') {
            let time = cursor.word();
            let is_time = match self.strict {
                true => number(time).is_some_and(f64::is_finite),
                false => time.parse::<i64>().is_ok(),
            };
            if !is_time {
                return Err(broken("has something after its value that is no timestamp"));
            }
            cursor.blanks();
        }
        let exemplar = self.strict && cursor.take('#');
        if exemplar {
            read_exemplar(&mut cursor).ok_or_else(|| broken("has an exemplar that is none"))?;
        }
        if !cursor.is_done() {
            return Err(broken("is followed by something"));
        }
        let sample = Sample {
            name,
            labels,
            value,
        };
        self.add(sample)
    }

    /// Puts a sample into its family.
    fn add(&mut self, sample: Sample) -> Result<(), String> {
        let mut key = sample.labels.clone();
        key.sort();
        if let Some(pair) = key.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let (name, label) = (&sample.name, &pair[0].0);
            return Err(format!(
                "the sample of `{name}` has the label `{label}` twice"
            ));
        }
        if self.seen.len() == MOST_SAMPLES {
            return Err(format!("there are more than {MOST_SAMPLES} samples"));
        }
        let place = self.place_of_sample(&sample.name)?;
        let family = &mut self.families[place];
        if family.kind == Kind::Histogram && sample.name.ends_with("_bucket") {
            let bound = sample.label("le").and_then(number);
            if bound.is_none() {
                let name = &sample.name;
                return Err(format!(
                    "the bucket of `{name}` has no bound in a label `le`"
                ));
            }
        }
        if !self.seen.insert((sample.name.clone(), key)) {
            let name = &sample.name;
            return Err(format!("`{name}` has two samples with the same labels"));
        }
        family.samples.push(sample);
        Ok(())
    }

    /// The family that a sample of this name belongs to.
    fn place_of_sample(&mut self, name: &str) -> Result<usize, String> {
        for ending in [
            "_bucket", "_count", "_sum", "_total", "_created", "_info", "_gcount", "_gsum",
        ] {
            let Some(base) = name.strip_suffix(ending) else {
                continue;
            };
            let Some(place) = self.places.get(base) else {
                continue;
            };
            if takes(self.families[*place].kind, ending, self.strict) {
                return self.place(base);
            }
        }
        let place = self.place(name)?;
        let kind = self.families[place].kind;
        let needs = matches!(
            kind,
            Kind::Counter | Kind::Info | Kind::Histogram | Kind::GaugeHistogram
        );
        if self.strict && needs {
            return Err(format!(
                "the sample `{name}` has not the ending that OpenMetrics demands of its type"
            ));
        }
        Ok(place)
    }

    /// The family of this name, made if there was none.
    fn place(&mut self, name: &str) -> Result<usize, String> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                let place = self.families.len();
                self.families.push(Family {
                    name: name.to_owned(),
                    kind: Kind::Unknown,
                    help: None,
                    unit: None,
                    samples: Vec::new(),
                });
                self.places.insert(name.to_owned(), place);
                place
            }
        };
        if self.strict && place + 1 != self.families.len() {
            return Err(format!("the family `{name}` is not in one piece"));
        }
        Ok(place)
    }
}

/// Whether samples of this ending belong to a family of this kind.
fn takes(kind: Kind, ending: &str, strict: bool) -> bool {
    match kind {
        Kind::Histogram => {
            matches!(ending, "_bucket" | "_count" | "_sum") || (strict && ending == "_created")
        }
        Kind::Summary => matches!(ending, "_count" | "_sum") || (strict && ending == "_created"),
        Kind::Counter => strict && matches!(ending, "_total" | "_created"),
        Kind::Info => strict && ending == "_info",
        Kind::GaugeHistogram => matches!(ending, "_bucket" | "_gcount" | "_gsum"),
        Kind::Gauge | Kind::StateSet | Kind::Unknown => false,
    }
}

fn kind(word: &str, strict: bool) -> Option<Kind> {
    Some(match word {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "histogram" => Kind::Histogram,
        "summary" => Kind::Summary,
        "untyped" if !strict => Kind::Unknown,
        "unknown" if strict => Kind::Unknown,
        "gaugehistogram" if strict => Kind::GaugeHistogram,
        "info" if strict => Kind::Info,
        "stateset" if strict => Kind::StateSet,
        _ => return None,
    })
}

/// Labels up to the closing brace; a quoted text without a value among them is the metric's name.
fn labels_of(
    cursor: &mut Cursor<'_>,
    name: &mut Option<String>,
) -> Result<Vec<(String, String)>, String> {
    let mut labels = Vec::new();
    loop {
        cursor.blanks();
        if cursor.take('}') {
            return Ok(labels);
        }
        let quoted = cursor.next_is('"');
        let label = match quoted {
            true => cursor.quoted(),
            false => cursor.name(false).map(str::to_owned),
        };
        let label = label.ok_or("a label has no valid name")?;
        cursor.blanks();
        if cursor.take('=') {
            cursor.blanks();
            let value = cursor
                .quoted()
                .ok_or_else(|| format!("the label `{label}` has no valid value in quotes"))?;
            labels.push((label, value));
        } else if quoted && name.is_none() && !label.is_empty() {
            *name = Some(label);
        } else {
            return Err(format!("the label `{label}` has no value"));
        }
        cursor.blanks();
        if !cursor.take(',') && !cursor.next_is('}') {
            return Err("its labels are not separated by commas, or do not end".to_owned());
        }
    }
}

/// ` {label="value"} number [timestamp]` after the hash.
fn read_exemplar(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.blanks();
    if !cursor.take('{') {
        return None;
    }
    let mut name = Some(String::new());
    labels_of(cursor, &mut name).ok()?;
    cursor.blanks();
    number(cursor.word())?;
    cursor.blanks();
    if !cursor.is_done() {
        number(cursor.word()).filter(|time| time.is_finite())?;
    }
    Some(())
}

/// A number as both formats write it, with `NaN`, `+Inf` and `-Inf`.
fn number(word: &str) -> Option<f64> {
    word.parse().ok()
}

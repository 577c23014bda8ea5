//! A transcript drawn over time: a lane for each source, a mark for each moment.
//!
//! Places are in percent of the width, so that the drawing fits any screen and its words keep their size.

use std::collections::HashMap;

use maud::{Markup, html};
use xii_model::{Mark, Moment, Trial};

use super::scale::Scale;
use crate::neutral;
use crate::totals::of;
use crate::trial::{milliseconds, seconds};

/// The most lanes; what has no lane of its own shares the last one.
const LANES: usize = 10;
/// How many characters of a source are shown.
const SOURCE: usize = 40;
/// How many characters of a moment, and how many moments, a mark tells.
const SAID: usize = 160;
const TOLD: usize = 6;
/// Pixels of a lane, and of the scale below the lanes.
const LANE: usize = 42;
const SCALE: usize = 22;
/// Marks of one kind that stand closer, in percent of the width, are one mark.
const CLOSE: f64 = 0.5;

/// The lane of a source.
struct Lane<'a> {
    name: String,
    moments: Vec<&'a Moment>,
}

/// The drawing of a trial's transcript.
pub(super) fn render(trial: &Trial) -> Markup {
    let scale = Scale::of(trial.transcript.iter().map(|moment| moment.at_us));
    let lanes = lanes(&trial.transcript);
    let height = lanes.len() * LANE + SCALE;
    let label = format!(
        "Timeline of {}: {} in {}",
        neutral::line(trial.probe),
        of(trial.transcript.len(), "moment"),
        seconds(trial.took_ms)
    );
    html! {
        svg.timeline width="100%" height=(height) role="img" aria-label=(label) {
            @for gap in scale.breaks() {
                g.gap {
                    rect x=(percent(gap.from)) y="0" width=(percent(gap.to - gap.from)) height=(lanes.len() * LANE) {
                        title { "nothing happened for " (seconds(gap.us / 1000)) }
                    }
                    text x=(percent(f64::midpoint(gap.from, gap.to))) y=(lanes.len() * LANE / 2) { "⋯" }
                }
            }
            @for (place, label) in scale.labels() {
                line.tick x1=(percent(place)) x2=(percent(place)) y1="0" y2=(lanes.len() * LANE + 4) {}
                text class={ "time " (anchor(place)) } x=(percent(place)) y=(height - 5) { (label) }
            }
            @for (index, lane) in lanes.iter().enumerate() {
                (draw(lane, index * LANE, &scale))
            }
        }
    }
}

/// One lane with its top at a pixel.
fn draw(lane: &Lane<'_>, top: usize, scale: &Scale) -> Markup {
    let line = top + 28;
    let first = lane
        .moments
        .first()
        .map_or(0.0, |moment| scale.place(moment.at_us));
    let last = lane
        .moments
        .last()
        .map_or(0.0, |moment| scale.place(moment.at_us));
    html! {
        line.lane x1="0" x2="100%" y1=(line) y2=(line) {}
        line.life x1=(percent(first)) x2=(percent(last)) y1=(line) y2=(line) {}
        text.source x="0" y=(top + 13) { (lane.name) }
        // What matters most lies on top.
        @for mark in [Mark::Seen, Mark::Done, Mark::For, Mark::Against] {
            @for (place, moments) in clusters(lane, mark, scale) {
                svg class={ "mark " (class(mark)) } x=(percent(place)) y=(line) {
                    title { (said(&moments)) }
                    @match mark {
                        Mark::Seen => circle r="3.5" {},
                        Mark::Done => path d="M-4.5 -7 L4.5 0 L-4.5 7 Z" {},
                        Mark::For => circle r="6" {},
                        Mark::Against => {
                            circle r="8" {}
                            path d="M-3.2 -3.2 L3.2 3.2 M3.2 -3.2 L-3.2 3.2" {}
                        },
                    }
                }
            }
        }
    }
}

/// The lanes in the order in which their sources appear, the moments of each in the order of time.
fn lanes(transcript: &[Moment]) -> Vec<Lane<'_>> {
    let mut lanes: Vec<Lane<'_>> = Vec::new();
    let mut of_source: HashMap<&str, usize> = HashMap::new();
    for moment in transcript {
        let index = match of_source.get(moment.source.as_str()) {
            Some(index) => *index,
            None => {
                if lanes.len() < LANES {
                    let name = neutral::cut(&neutral::line(&moment.source), SOURCE);
                    lanes.push(Lane {
                        name,
                        moments: Vec::new(),
                    });
                } else if let Some(last) = lanes.last_mut() {
                    last.name = "others".to_owned();
                }
                of_source.insert(&moment.source, lanes.len() - 1);
                lanes.len() - 1
            }
        };
        if let Some(lane) = lanes.get_mut(index) {
            lane.moments.push(moment);
        }
    }
    for lane in &mut lanes {
        lane.moments.sort_by_key(|moment| moment.at_us);
    }
    lanes
}

/// The moments of a mark, those together that stand too close to be told apart.
fn clusters<'a>(lane: &Lane<'a>, mark: Mark, scale: &Scale) -> Vec<(f64, Vec<&'a Moment>)> {
    let mut clusters: Vec<(f64, Vec<&Moment>)> = Vec::new();
    for moment in lane.moments.iter().filter(|moment| moment.mark == mark) {
        let place = scale.place(moment.at_us);
        match clusters.last_mut() {
            Some((start, moments)) if place - *start < CLOSE => moments.push(moment),
            _ => clusters.push((place, vec![moment])),
        }
    }
    clusters
}

/// What a mark tells when it is pointed at.
fn said(moments: &[&Moment]) -> String {
    let mut lines: Vec<String> = moments
        .iter()
        .take(TOLD)
        .map(|moment| {
            let said = neutral::cut(&neutral::line(&moment.text), SAID);
            format!("{}: {said}", milliseconds(moment.at_us))
        })
        .collect();
    if moments.len() > TOLD {
        lines.push(format!("and {} more", moments.len() - TOLD));
    }
    lines.join("\n")
}

/// Labels at the ends grow inwards.
fn anchor(place: f64) -> &'static str {
    match place {
        ..8.0 => "first",
        92.0.. => "last",
        _ => "between",
    }
}

/// The class of a mark.
pub(super) fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Seen => "seen",
        Mark::Done => "done",
        Mark::For => "for",
        Mark::Against => "against",
    }
}

fn percent(place: f64) -> String {
    format!("{place:.2}%")
}

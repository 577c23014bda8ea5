use std::ops::Range;

use xii_model::grammar::line_at;

use super::action::{Ends, prints_scalar};

/// What stands in the place of each byte of an action that prints a scalar.
pub const TEMPLATE_FILLER: char = '_';

/// The text with every template action (`{{ … }}`, as in a Helm chart) replaced,
/// so that it can be read as YAML.
///
/// The result has the length of `text` in bytes, and its line ends in the same
/// places, so that spans hold for both. Whether a value came from a template is
/// seen in `text` at its span.
///
/// * An action that prints a scalar becomes as many [`TEMPLATE_FILLER`]s; the
///   lines after its first become spaces.
/// * An action that prints nothing (`if`, `range`, `end`, a comment, …) or lines
///   of YAML (`nindent`, `toYaml`) becomes spaces.
/// * So does every action on a line that holds nothing else but a comment.
///
/// Both branches of a condition remain. An action that is never closed stays as
/// it is, with everything after it.
///
/// A line that begins with an action which prints nothing, and goes on with a
/// key, ends up indented by the length of the action, and may not be YAML then.
pub fn without_templates(text: &str) -> String {
    let actions = actions(text);
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    let mut index = 0;
    while let Some(first) = actions.get(index) {
        // Actions that share lines are judged together.
        let start = line_start(text, first.start);
        let mut end = line_at(text, first.end).0.end;
        let mut last = index + 1;
        while let Some(next) = actions.get(last).filter(|next| next.start < end) {
            if next.end > end {
                end = line_at(text, next.end).0.end;
            }
            last += 1;
        }
        let group = actions.get(index..last).unwrap_or_default();
        let alone = is_alone(text, start..end, group);
        for action in group {
            let source = text.get(action.clone()).unwrap_or_default();
            result.push_str(text.get(done..action.start).unwrap_or_default());
            push_replacement(source, !alone && prints_scalar(source), &mut result);
            done = action.end;
        }
        index = last;
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}

fn actions(text: &str) -> Vec<Range<usize>> {
    let mut actions = Vec::new();
    let mut ends = Ends::default();
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let Some(start) = rest.find("{{").map(|start| from + start) else {
            break;
        };
        let Some(end) = ends.end(text, start) else {
            break;
        };
        from = end;
        actions.push(start..from);
    }
    actions
}

/// Whether the lines at `place` hold only these actions, and perhaps a comment
/// behind them.
fn is_alone(text: &str, place: Range<usize>, actions: &[Range<usize>]) -> bool {
    let mut from = place.start;
    for action in actions {
        let between = text.get(from..action.start).unwrap_or_default();
        if !between.trim().is_empty() {
            return false;
        }
        from = action.end;
    }
    let behind = text.get(from..place.end).unwrap_or_default().trim_start();
    behind.is_empty() || behind.starts_with('#')
}

fn push_replacement(action: &str, filled: bool, result: &mut String) {
    let mut first_line = true;
    for byte in action.bytes() {
        result.push(match byte {
            b'\n' => {
                first_line = false;
                '\n'
            }
            b'\r' => '\r',
            _ if filled && first_line => TEMPLATE_FILLER,
            _ => ' ',
        });
    }
}

fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

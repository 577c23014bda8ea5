//! Which moments of a transcript are shown: the first and the last, what speaks for or against, and what
//! surrounds that.

use std::ops::Range;

use xii_model::{Mark, Moment};

/// A piece of a folded transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A moment that is shown.
    Shown(&'a Moment),
    /// So many that are not.
    Hidden(usize),
}

/// Moments of a transcript, in their order, with what is left out between them counted: in all at most `most` lines.
///
/// What speaks against goes first, then the ends, then what speaks for, then what surrounds these, what
/// the probe did, and the rest from its start.
pub(crate) fn fold(transcript: &[Moment], most: usize) -> Vec<Part<'_>> {
    if transcript.len() <= most {
        return transcript.iter().map(Part::Shown).collect();
    }
    let mut shown = vec![false; transcript.len()];
    // All is one gap at first.
    let mut lines = 1;
    for at in order(transcript) {
        let is_shown = |at: Option<usize>| {
            let side = at.and_then(|at| shown.get(at));
            side.is_none_or(|shown| *shown)
        };
        if is_shown(Some(at)) {
            continue;
        }
        // What is shown within a gap makes two of it, and what fills one makes none of it.
        let fills = [at.checked_sub(1), at.checked_add(1)].map(is_shown);
        let after = match fills {
            [false, false] => lines + 2,
            [true, true] => lines,
            _ => lines + 1,
        };
        if after > most {
            continue;
        }
        lines = after;
        if let Some(one) = shown.get_mut(at) {
            *one = true;
        }
    }
    let mut parts: Vec<Part<'_>> = Vec::with_capacity(most);
    for (moment, shown) in transcript.iter().zip(shown) {
        match (shown, parts.last_mut()) {
            (true, _) => parts.push(Part::Shown(moment)),
            (false, Some(Part::Hidden(count))) => *count += 1,
            (false, _) => parts.push(Part::Hidden(1)),
        }
    }
    let mut at = 0;
    for part in &mut parts {
        at += match part {
            Part::Hidden(1) => {
                if let Some(moment) = transcript.get(at) {
                    *part = Part::Shown(moment);
                }
                1
            }
            Part::Hidden(count) => *count,
            Part::Shown(_) => 1,
        };
    }
    parts
}

/// The moments, what matters most first; some more than once.
fn order(transcript: &[Moment]) -> Vec<usize> {
    let last = transcript.len() - 1;
    let marked = |mark: Mark| {
        let of_mark = move |(_, moment): &(usize, &Moment)| moment.mark == mark;
        transcript
            .iter()
            .enumerate()
            .filter(of_mark)
            .map(|(at, _)| at)
    };
    let around = |at: usize| -> Range<usize> { at.saturating_sub(2)..(at + 2).min(last + 1) };
    // The last of what speaks against is what it came to.
    let mut order: Vec<usize> = marked(Mark::Against).take(1).collect();
    order.extend([0, last]);
    order.extend(marked(Mark::Against).rev());
    order.extend(marked(Mark::For).take(1));
    order.extend(marked(Mark::For).rev());
    order.extend(marked(Mark::Against).flat_map(around));
    order.extend(marked(Mark::For).flat_map(around));
    order.extend(marked(Mark::Done));
    order.extend(0..transcript.len());
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn transcript(marks: &str) -> Vec<Moment> {
        marks
            .chars()
            .zip(0..)
            .map(|(mark, at_us)| Moment {
                at_us,
                source: "web.1".to_owned(),
                text: at_us.to_string(),
                mark: match mark {
                    '+' => Mark::For,
                    '-' => Mark::Against,
                    '>' => Mark::Done,
                    _ => Mark::Seen,
                },
            })
            .collect()
    }

    /// Each moment as its mark, and what is hidden as its count.
    fn drawn(marks: &str, most: usize) -> String {
        fold(&transcript(marks), most)
            .iter()
            .map(|part| match part {
                Part::Hidden(count) => format!("({count})"),
                Part::Shown(moment) => match moment.mark {
                    Mark::Seen => ".".to_owned(),
                    Mark::Done => ">".to_owned(),
                    Mark::For => "+".to_owned(),
                    Mark::Against => "-".to_owned(),
                },
            })
            .collect()
    }

    #[test]
    fn a_short_one_is_shown_whole() {
        assert_eq!(drawn("", 3), "");
        assert_eq!(drawn("..-.", 4), "..-.");
        assert_eq!(drawn("....", 1), "(4)");
    }

    #[test]
    fn what_speaks_against_stays_with_what_surrounds_it() {
        assert_eq!(drawn(".........>.-........", 8), ".(8)>.-.(6).");
        assert_eq!(drawn(".....+......-.....", 7), ".(4)+(6)-(4).");
        assert_eq!(drawn("--------------------", 5), "-(16)---");
        assert_eq!(drawn("-.-.-.-.-.-.-.-.-.-.", 7), "-.(14)-.-.");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(marks in "[-+>.]{0,60}", most in 1usize..20) {
            let transcript = transcript(&marks);
            let mut at = 0;
            let parts = fold(&transcript, most);
            prop_assert!(parts.len() <= most);
            for part in parts {
                match part {
                    Part::Shown(moment) => {
                        prop_assert_eq!(moment, &transcript[at]);
                        at += 1;
                    }
                    Part::Hidden(count) => {
                        prop_assert!(count > 0);
                        at += count;
                    }
                }
            }
            prop_assert_eq!(at, transcript.len());
        }
    }
}

//! Verdicts, moments and differences between code and run, in words.

use xii_model::{AppReport, Basis, CriterionReport, Finding, Mark, Moment, Trial, Verdict};

use super::{Part, fold};
use crate::neutral;
use crate::section::{Section, places};

/// How many places are named where code and run differ.
const PLACES: usize = 2;
/// The widest column of sources.
const SOURCE: usize = 24;

/// What a verdict rests on, where a run was asked: `run`, `code`, `code and run`.
pub(crate) fn basis(one: &CriterionReport) -> Option<&'static str> {
    if one.trials.is_empty() {
        return None;
    }
    Some(match one.basis() {
        Basis::Run => "run",
        Basis::Code => "code",
        Basis::Both => "code and run",
    })
}

/// Where a run showed something else than the code suggested, in one sentence: both have a verdict and they
/// differ.
pub(crate) fn difference(one: &CriterionReport) -> Option<String> {
    let code = one.from_code.as_ref()?;
    let suggested = match code.verdict {
        Verdict::CouldNotTell => return None,
        _ if code.verdict == one.verdict => return None,
        // Code that shows no sign of what a run shows to be well says nothing else than the run.
        Verdict::NotApplicable if one.verdict == Verdict::Holds => return None,
        Verdict::Holds => "the code suggested that it holds",
        Verdict::Broken => "the code suggested that it is broken",
        Verdict::NotApplicable => "the code suggested that it does not apply",
    };
    let showed = match one.verdict {
        Verdict::Holds => "the run showed that it holds",
        Verdict::Broken => "the run showed that it does not hold",
        Verdict::NotApplicable | Verdict::CouldNotTell => return None,
    };
    let reason = neutral::line(code.reason.trim_end_matches('.'));
    let at = match places(code.evidence.iter(), PLACES) {
        at if at.is_empty() || code.evidence.iter().all(|one| reason.contains(&*one.path)) => {
            String::new()
        }
        at => format!(", at {at}"),
    };
    Some(format!("{suggested} ({reason}{at}); {showed}"))
}

/// The trial that a finding was made of.
pub(crate) fn of_finding<'a>(app: &'a AppReport, finding: &Finding) -> Option<&'a Trial> {
    let one = app
        .criteria
        .iter()
        .find(|one| one.criterion.id == finding.criterion)?;
    let mut trials = one.trials.iter().filter(|trial| {
        trial.probe == finding.rule
            && trial.verdict == Verdict::Broken
            && one.findings.contains(&finding.fingerprint)
    });
    let first = trials.next()?;
    [first]
        .into_iter()
        .chain(trials)
        .find(|trial| trial.reason == finding.message)
        .or(Some(first))
}

/// Whether a trial is told with a finding that counts, or could.
pub(crate) fn is_drawn(section: &Section<'_>, trial: &Trial) -> bool {
    section.findings.iter().any(|finding| {
        let made = of_finding(section.app, finding);
        finding.suppression.is_none() && made.is_some_and(|made| std::ptr::eq(made, trial))
    })
}

/// A moment as a line of plain text: `412 ms web.1 bound 127.0.0.1:3000`.
pub(crate) fn moment(moment: &Moment, longest: usize) -> String {
    let sign = match sign(moment.mark) {
        "" => String::new(),
        sign => format!("{sign} "),
    };
    let text = neutral::cut(&neutral::line(&moment.text), longest);
    let source = neutral::line(&moment.source);
    format!("{} ms {source} {sign}{text}", moment.at_us / 1000)
}

/// The few moments that decided a trial, two at least: what speaks against, else what speaks for, else the last
/// ones. Where one decided alone, what the probe did before it stands first.
pub(crate) fn deciding(trial: &Trial, most: usize) -> Vec<&Moment> {
    let all = &trial.transcript;
    let of_mark = |mark: Mark| -> Vec<usize> {
        let places = all.iter().enumerate();
        let marked = places.filter(|(_, moment)| moment.mark == mark);
        marked.map(|(at, _)| at).collect()
    };
    let mut places = [of_mark(Mark::Against), of_mark(Mark::For)]
        .into_iter()
        .find(|places| !places.is_empty())
        .unwrap_or_else(|| (0..all.len()).collect());
    // The first is where it began, the last are what it came to.
    if places.len() > most {
        places.drain(1..=places.len() - most);
    }
    if let [only] = *places {
        let done = of_mark(Mark::Done).into_iter().rfind(|at| *at < only);
        places.splice(0..0, done);
    }
    places.into_iter().filter_map(|at| all.get(at)).collect()
}

/// The transcript of a trial as lines of plain text in columns, folded.
pub(crate) fn lines(trial: &Trial, most: usize, longest: usize) -> Vec<String> {
    let parts = fold(&trial.transcript, most);
    let shown = || {
        parts.iter().filter_map(|part| match part {
            Part::Shown(moment) => Some(*moment),
            Part::Hidden(_) => None,
        })
    };
    let source = |moment: &Moment| neutral::cut(&neutral::line(&moment.source), SOURCE);
    let time = |moment: &Moment| format!("{} ms", moment.at_us / 1000);
    let widest = |of: &dyn Fn(&Moment) -> String| {
        let widths = shown().map(|moment| of(moment).chars().count());
        widths.max().unwrap_or(0)
    };
    let (times, sources) = (widest(&time), widest(&source));
    parts
        .iter()
        .map(|part| match part {
            Part::Shown(one) => {
                let text = neutral::cut(&neutral::line(&one.text), longest);
                let (time, source) = (time(one), source(one));
                let sign = sign(one.mark);
                let sign = if sign.is_empty() { " " } else { sign };
                format!("{time:>times$}  {source:<sources$}  {sign} {text}")
            }
            Part::Hidden(count) => format!("{:times$}  … {count} more", ""),
        })
        .collect()
}

/// The sign of a mark.
fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Seen => "",
        Mark::Done => "→",
        Mark::For => "✓",
        Mark::Against => "✗",
    }
}

/// A time of a transcript: `412 ms`, `31.5 s`, `2 min 5 s`.
pub(crate) fn milliseconds(us: u64) -> String {
    match us / 1000 {
        ms @ 0..10_000 => format!("{ms} ms"),
        ms @ 10_000..119_500 if ms / 100 % 10 > 0 => {
            format!("{}.{} s", ms / 1000, ms / 100 % 10)
        }
        ms => seconds(ms),
    }
}

/// A span of time for a person: `0.4 s`, `4.2 s`, `31 s`, `2 min 5 s`.
pub(crate) fn seconds(ms: u64) -> String {
    match ms {
        0 => "0 s".to_owned(),
        1..100 => format!("{ms} ms"),
        100..9_950 => format!("{}.{} s", (ms + 50) / 1000, (ms + 50) / 100 % 10),
        9_950..119_500 => format!("{} s", (ms + 500) / 1000),
        _ => {
            let seconds = ms / 1000 + u64::from(ms % 1000 >= 500);
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decided_is_where_it_began_and_what_it_came_to() {
        let trial = |marks: &[Mark]| Trial {
            probe: "a-probe",
            criterion: "IX.2",
            verdict: Verdict::Broken,
            reason: String::new(),
            severity: xii_model::Severity::Error,
            transcript: (0..)
                .zip(marks)
                .map(|(at_us, mark)| Moment {
                    at_us,
                    source: String::new(),
                    text: String::new(),
                    mark: *mark,
                })
                .collect(),
            took_ms: 0,
        };
        let of = |marks: &[Mark]| -> Vec<u64> {
            let trial = trial(marks);
            deciding(&trial, 3).iter().map(|one| one.at_us).collect()
        };
        use Mark::{Against, Done, For, Seen};
        assert_eq!(of(&[Against, Against, Seen, Against, Against]), [0, 3, 4]);
        assert_eq!(of(&[For, Against, For]), [1]);
        assert_eq!(of(&[Done, Done, Seen, Against, Done]), [1, 3]);
        assert_eq!(of(&[Seen, For, Done, For]), [1, 3]);
        assert_eq!(of(&[Seen, Done, Seen, Seen]), [0, 2, 3]);
        assert_eq!(of(&[]), [0; 0]);
    }

    #[test]
    fn times_are_short() {
        let expected = [
            (417, "0 ms"),
            (9_999_999, "9999 ms"),
            (10_000_417, "10 s"),
            (31_460_000, "31.4 s"),
            (125_000_000, "2 min 5 s"),
        ];
        for (us, text) in expected {
            assert_eq!(milliseconds(us), text);
        }
    }

    #[test]
    fn spans_of_time_are_read_at_a_glance() {
        let expected = [
            (0, "0 s"),
            (7, "7 ms"),
            (100, "0.1 s"),
            (4_249, "4.2 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (31_400, "31 s"),
            (119_499, "119 s"),
            (119_500, "2 min 0 s"),
            (u64::MAX, "307445734561825 min 52 s"),
        ];
        for (ms, text) in expected {
            assert_eq!(seconds(ms), text, "{ms}");
        }
    }
}

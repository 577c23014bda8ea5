//! What stops of an app show of IX.2, as a pure function of what was seen.

use std::time::Duration;

use rustix::process::Signal;

use super::ending::{Ending, STEADY, seconds};
use crate::client::{Knock, Miss};

/// A request that was in flight at SIGTERM.
#[derive(Clone, Debug)]
pub(crate) struct Flown {
    /// How long it was to take.
    pub(crate) length: Duration,
    /// The status that it has when nothing disturbs it, where that is known.
    pub(crate) normal: Option<u16>,
    /// The status of its answer.
    pub(crate) landed: Result<u16, Miss>,
    /// What was seen of the instance after SIGTERM.
    pub(crate) ending: Ending,
}

impl Flown {
    fn survived(&self) -> bool {
        self.landed
            .as_ref()
            .is_ok_and(|status| *status < 500 || self.normal == Some(*status))
    }

    /// Why it did not, when that is sure: an error may come of the resource that was made slow.
    fn fault(&self) -> Option<String> {
        match (&self.landed, self.normal) {
            (Ok(status), Some(normal)) if *status >= 500 && normal < 500 => {
                Some(format!("answered with {status} instead of {normal}"))
            }
            (Ok(_), _) | (Err(Miss::Failed(_)), _) => None,
            (Err(Miss::TimedOut), _) => Some("never answered".to_owned()),
            (Err(miss), _) => Some(miss.to_string()),
        }
    }
}

/// A request that had been sent by half at SIGTERM.
#[derive(Clone, Debug)]
pub(crate) struct Halved {
    /// The status that it has when nothing disturbs it, where that is known.
    pub(crate) normal: Option<u16>,
    /// The status of its answer when the rest was sent.
    pub(crate) landed: Result<u16, Miss>,
    /// What was seen of the instance after SIGTERM.
    pub(crate) ending: Ending,
}

/// What ends sooner after SIGTERM, and by it, has done nothing about it.
const AT_ONCE: Duration = Duration::from_millis(150);

impl Halved {
    /// Whether the signal itself ended the app at once, and the request with it. Runtimes that restore a terminal
    /// before they end so, as Node does, look like apps that handle it.
    fn cut(&self) -> bool {
        let by_signal = self.ending.leader.is_some_and(|(end, after)| {
            end.signal == Some(Signal::TERM.as_raw()) && after < AT_ONCE
        });
        by_signal
            && self.ending.left.is_empty()
            && !self.ending.served_on
            && matches!(
                self.landed,
                Err(Miss::Closed | Miss::Reset | Miss::Failed(_))
            )
    }
}

/// What was seen of all stops of an app.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// With requests in flight.
    pub(crate) flown: Vec<Flown>,
    /// Why some were not in flight.
    pub(crate) missed: Vec<String>,
    /// With a request that had been sent by half, and not been refused by then.
    pub(crate) half: Option<Halved>,
    /// While nothing was asked.
    pub(crate) idle: Option<Ending>,
    /// While it started.
    pub(crate) starting: Option<Ending>,
    /// The one process, when the system ends it at once on SIGTERM.
    pub(crate) deaf: Option<String>,
    /// The time that it had.
    pub(crate) grace: Duration,
}

/// Whether an ending shows a fault of a kind.
type IsIt = fn(&Seen, &Ending) -> bool;

impl Seen {
    /// What is wrong beyond doubt, a sentence each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let longest = self.longest();
        let failed = self.flown.iter().find_map(|one| Some((one, one.fault()?)));
        if let Some((one, fault)) = failed {
            let mut text = format!(
                "a request of {} that was in flight at SIGTERM was {fault}",
                seconds(one.length)
            );
            if let Some(longest) = longest.filter(|longest| *longest < one.length) {
                text.push_str(&format!(
                    "; the longest that was finished took {}",
                    seconds(longest)
                ));
            }
            faults.push(text);
        } else if let (true, Some(deaf)) = (self.flown.is_empty(), &self.deaf) {
            faults.push(format!(
                "{deaf} does not handle SIGTERM: it ends at once, with whatever is in flight"
            ));
        } else if let Some(half) = self.half.as_ref().filter(|half| half.cut()) {
            faults.push(format!(
                "SIGTERM ended it at once, and a request that had been sent by half was cut off: {}",
                half.ending.words()
            ));
        }
        let flown = self.flown.iter();
        let mut endings: Vec<(&Ending, &str)> = flown
            .map(|one| (&one.ending, "with a request in flight"))
            .collect();
        endings.extend(self.idle.iter().map(|one| (one, "idle")));
        endings.extend(self.starting.iter().map(|one| (one, "while it started")));
        let kinds: [(IsIt, String); 3] = [
            (
                |_, ending| ending.leader.is_none(),
                format!(
                    "it still ran when its grace of {} s was over",
                    self.grace.as_secs()
                ),
            ),
            (|_, ending| ending.served_on, self.gone_on()),
            (Seen::kept_open, self.kept_on()),
        ];
        for (is_it, text) in kinds {
            let mut when: Vec<&str> = Vec::new();
            for (_, one) in endings.iter().filter(|(ending, _)| is_it(self, ending)) {
                if !when.contains(one) {
                    when.push(one);
                }
            }
            if !when.is_empty() {
                faults.push(format!("stopped {}, {text}", when.join(" and ")));
            }
        }
        faults
    }

    fn gone_on(&self) -> String {
        let endings = self.flown.iter().map(|one| &one.ending);
        let mut endings = endings.chain(&self.idle).chain(&self.starting);
        let left = endings.find_map(|one| one.left.first().filter(|_| one.served_on));
        match left {
            Some(left) => format!("the process that was started ended, and {left} went on serving"),
            None => "the process that was started ended, and something went on serving".to_owned(),
        }
    }

    fn kept_on(&self) -> String {
        let says_no = self
            .flown
            .iter()
            .any(|one| one.ending.withdrawn == Some(true));
        let no = if says_no {
            "though its readiness said no"
        } else {
            "and its readiness did not say no"
        };
        format!("it went on taking new connections until its end, {no}")
    }

    /// Whether new connections were served to the very end. An app may serve for a while after it has said that it is
    /// not ready, since routers are slow to hear; but that while does not depend on what is in flight.
    fn kept_open(&self, ending: &Ending) -> bool {
        let open = matches!(ending.knocks.last(), Some((_, Knock::Served(_))));
        let long = ending.served.is_some_and(|served| served >= STEADY);
        let ended = ending.leader.is_some() && !ending.served_on;
        let idle = self.idle.as_ref().and_then(|idle| idle.leader);
        let waits = idle.is_some_and(|(_, after)| after >= STEADY);
        open && long && ended && !(waits && ending.withdrawn == Some(true))
    }

    /// The longest request that survived.
    fn longest(&self) -> Option<Duration> {
        self.flown
            .iter()
            .filter(|one| one.survived())
            .map(|one| one.length)
            .max()
    }
}

/// Why it holds when there is no fault.
///
/// # Errors
/// Why it cannot be told all the same.
pub(crate) fn holds(seen: &Seen) -> Result<String, String> {
    let idle = seen.idle.as_ref().map(Ending::words).unwrap_or_default();
    if let Some(longest) = seen.longest() {
        let last = seen.flown.iter().max_by_key(|one| one.length);
        let (refused, ended) = match last {
            Some(last) => (last.ending.refused(), last.ending.words()),
            None => ("refused", String::new()),
        };
        return Ok(format!(
            "a request of {} that was in flight at SIGTERM was finished, new connections were {refused}, and \
             {ended}; idle {idle}",
            seconds(longest)
        ));
    }
    match seen.half.as_ref().map(|half| (&half.landed, half.normal)) {
        Some((Ok(status), normal)) if *status < 500 || normal == Some(*status) => Ok(format!(
            "a request that had been sent by half at SIGTERM was finished with {status}; idle {idle}"
        )),
        _ => Err(match seen.missed.first() {
            Some(why) => format!("no request was in flight at SIGTERM: {why}; idle {idle}"),
            None => format!("no request could be made to last until SIGTERM; idle {idle}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Ended;
    use crate::signals::Named;

    fn ended(after: u64) -> Ending {
        let time = Duration::from_millis(after);
        let end = Ended {
            code: Some(0),
            signal: None,
            after: time,
        };
        Ending {
            leader: Some((end, time)),
            knocks: vec![(Duration::from_millis(20), Knock::Refused)],
            ..Ending::default()
        }
    }

    fn flown(length: u64, landed: Result<u16, Miss>) -> Flown {
        Flown {
            length: Duration::from_millis(length),
            normal: (length < 500).then_some(200),
            landed,
            ending: ended(length),
        }
    }

    fn halved(landed: Result<u16, Miss>) -> Option<Halved> {
        Some(Halved {
            normal: None,
            landed,
            ending: ended(9),
        })
    }

    fn seen(flown: Vec<Flown>) -> Seen {
        Seen {
            flown,
            idle: Some(ended(9)),
            starting: Some(ended(9)),
            grace: Duration::from_secs(5),
            ..Seen::default()
        }
    }

    #[test]
    fn what_is_finished_holds_and_names_the_longest() {
        let seen = seen(vec![
            flown(300, Ok(200)),
            flown(1000, Ok(503)),
            flown(3000, Ok(200)),
        ]);
        assert_eq!(seen.faults(), Vec::<String>::new());
        let why = holds(&seen).expect("it holds");
        assert!(why.contains("3.0 s") && why.contains("refused"), "{why}");
    }

    #[test]
    fn length_decides() {
        let seen = seen(vec![flown(300, Ok(200)), flown(1000, Err(Miss::Reset))]);
        let faults = seen.faults();
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].contains("1.0 s") && faults[0].contains("took 300 ms"),
            "{faults:?}"
        );
    }

    #[test]
    fn an_error_counts_only_where_it_is_known_to_be_none_otherwise() {
        assert!(!seen(vec![flown(300, Ok(500))]).faults().is_empty());
        assert!(seen(vec![flown(1000, Ok(500))]).faults().is_empty());
        assert!(holds(&seen(vec![flown(1000, Ok(500))])).is_err());
    }

    #[test]
    fn whom_the_signal_ends_at_once_does_not_handle_it() {
        let faults = |signal, after, landed| {
            let mut ending = ended(after);
            if let Some((end, _)) = &mut ending.leader {
                (end.code, end.signal) = (None, signal);
            }
            let mut seen = seen(Vec::new());
            seen.half = Some(Halved {
                normal: None,
                landed,
                ending,
            });
            seen.faults().len()
        };
        assert_eq!(faults(Some(15), 8, Err(Miss::Closed)), 1);
        assert_eq!(faults(Some(15), 400, Err(Miss::Closed)), 0);
        assert_eq!(faults(None, 8, Err(Miss::Closed)), 0);
        assert_eq!(faults(Some(15), 8, Ok(200)), 0);
    }

    #[test]
    fn exit_is_not_stop() {
        let mut wrapped = seen(vec![flown(300, Ok(200))]);
        let idle = wrapped.idle.as_mut().expect("it is there");
        idle.served_on = true;
        idle.left = vec![Named {
            pid: 7,
            words: "node server.js".to_owned(),
        }];
        assert!(wrapped.faults()[0].contains("`node server.js` (pid 7) went on serving"));
    }

    #[test]
    fn who_serves_to_the_end_must_say_no() {
        let mut open = seen(vec![flown(300, Ok(200))]);
        let last = &mut open.flown[0].ending;
        last.knocks = vec![(Duration::ZERO, Knock::Served(404))];
        last.served = Some(Duration::from_millis(900));
        assert_eq!(open.faults().len(), 1);
        open.flown[0].ending.withdrawn = Some(true);
        assert_eq!(
            open.faults().len(),
            1,
            "idle it ended at once: it serves because of what is in flight"
        );
        open.idle = Some(ended(5000));
        assert!(
            open.faults().is_empty(),
            "it waits for the routers, whatever is in flight"
        );
    }

    #[test]
    fn a_refused_half_and_a_quiet_end_tell_nothing() {
        assert!(holds(&seen(Vec::new())).is_err());
        let mut half = seen(Vec::new());
        half.half = halved(Ok(400));
        assert!(holds(&half).is_ok());
        half.half = halved(Err(Miss::Reset));
        assert!(half.faults().is_empty() && holds(&half).is_err());
        half.deaf = Some("`node a.js` (pid 3)".to_owned());
        assert_eq!(half.faults().len(), 1);
    }

    #[test]
    fn who_does_not_end_is_told_once() {
        let mut stubborn = seen(vec![flown(300, Ok(200)), flown(1000, Ok(200))]);
        for one in &mut stubborn.flown {
            one.ending.leader = None;
        }
        assert_eq!(stubborn.faults().len(), 1);
    }
}

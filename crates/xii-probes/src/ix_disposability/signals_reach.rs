//! Sends SIGTERM to the process that was started, and sees whether the process that serves hears of it.
//!
//! A platform signals the process that it started, and no other. Where that is a shell or `npm`, the server
//! may never be told: the wrapper dies at once and the server goes on, orphaned and serving, or the wrapper
//! waits for it and both are killed when the grace is over. So exit is not taken for stop: the probe looks at
//! the descendants and at the port after it.
//!
//! That a server hears the signal and does not end is for `drain-on-sigterm` to say.

use std::time::Duration;

use xii_model::Severity;

use crate::client::Knock;
use crate::engine::{Need, Phase, Probe, Setup, Stage, Steps};
use crate::signals::{Disposition, Ending, Named, disposition, named, servers, terminate};
use crate::traffic::serve;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "signals-reach",
    criteria: &["IX.5"],
    phase: Phase::Stop,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(180),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let readiness = stage.health().await?;
        let run = serve(stage, Setup::web()).await?;
        let leader = named(run.pid.as_raw_pid());
        let serving = servers(&run);
        let server = serving.first().map(|one| named(one.pid));
        let does = server.as_ref().and_then(|one| disposition(one.pid));
        if let Some(server) = &server {
            stage.note_of(
                &run,
                format!("{server} listens on {}, {leader} was started", run.port()),
            );
        }
        let ending = terminate(stage, &run, readiness.as_deref()).await;
        run.kill().await;
        let seen = Seen {
            leader,
            server,
            does,
            ending,
        };
        match judge(&seen) {
            Said::Holds(why) => stage.holds("IX.5", why),
            Said::Broken(why) => stage.broken("IX.5", why),
            Said::CouldNotTell(why) => stage.could_not_tell("IX.5", why),
        }
        Ok(())
    })
}

/// What was seen.
struct Seen {
    /// The process that was started.
    leader: Named,
    /// The process that serves; none where the system does not tell.
    server: Option<Named>,
    /// What it does with SIGTERM.
    does: Option<Disposition>,
    ending: Ending,
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    Holds(String),
    Broken(String),
    CouldNotTell(String),
}

fn judge(seen: &Seen) -> Said {
    let Seen {
        leader,
        server,
        does,
        ending,
    } = seen;
    let same = server
        .as_ref()
        .is_some_and(|server| server.pid == leader.pid);
    let serves = match server {
        Some(server) => server.to_string(),
        None => "the server".to_owned(),
    };
    if ending.served_on {
        return Said::Broken(format!(
            "SIGTERM ended {leader} and did not reach {serves}, which went on serving"
        ));
    }
    if ending.leader.is_some() {
        let survived = server
            .as_ref()
            .filter(|server| ending.left.iter().any(|one| one.pid == server.pid));
        return match (survived, same) {
            (Some(server), _) => {
                Said::Broken(format!("SIGTERM ended {leader}, and {server} went on"))
            }
            (None, true) => Said::Holds(format!(
                "{leader} serves and is the process that was started: {}",
                ending.words()
            )),
            (None, false) if server.is_some() => Said::Holds(format!(
                "SIGTERM to {leader} ended {serves} too: {}",
                ending.words()
            )),
            (None, false) => Said::Holds(format!(
                "SIGTERM to the process that was started ended all of it: {}",
                ending.words()
            )),
        };
    }
    // It did not end: was it told?
    let closed = matches!(
        ending.knocks.last(),
        Some((_, Knock::Refused | Knock::Reset | Knock::Closed))
    );
    match does {
        Some(Disposition::Ignored) => Said::Broken(format!("{serves} ignores SIGTERM")),
        Some(Disposition::Handled) if same => Said::Holds(format!(
            "{leader} serves and is the process that was started; that it does not end is for IX.2"
        )),
        _ if closed => Said::Holds(format!("{serves} was told: it stopped taking connections")),
        _ if server.is_some() && !same => Said::Broken(format!(
            "SIGTERM to {leader} did not reach {serves}: both run on when the grace is over"
        )),
        _ => Said::CouldNotTell(
            "it did not end on SIGTERM, and whether it was told cannot be seen here".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Ended;

    fn process(pid: i32, words: &str) -> Named {
        Named {
            pid,
            words: words.to_owned(),
        }
    }

    fn seen(server: i32, does: Disposition, ended: bool) -> Seen {
        let end = Ended {
            code: Some(0),
            signal: None,
            after: Duration::from_secs(1),
        };
        Seen {
            leader: process(10, "npm start"),
            server: Some(process(server, "node server.js")),
            does: Some(does),
            ending: Ending {
                leader: ended.then_some((end, Duration::from_millis(30))),
                ..Ending::default()
            },
        }
    }

    #[test]
    fn a_wrapper_that_dies_alone_is_found_by_what_goes_on() {
        let mut wrapped = seen(11, Disposition::Default, true);
        assert!(matches!(judge(&wrapped), Said::Holds(why) if why.contains("node server.js")));
        wrapped.ending.served_on = true;
        assert!(matches!(judge(&wrapped), Said::Broken(why) if why.contains("npm start")));
        wrapped.ending.served_on = false;
        wrapped.ending.left = vec![process(11, "node server.js")];
        assert!(matches!(judge(&wrapped), Said::Broken(_)));
    }

    #[test]
    fn a_server_that_does_not_end_was_told_or_was_not() {
        assert!(matches!(
            judge(&seen(10, Disposition::Handled, false)),
            Said::Holds(_)
        ));
        assert!(matches!(
            judge(&seen(10, Disposition::Ignored, false)),
            Said::Broken(_)
        ));
        assert!(matches!(
            judge(&seen(11, Disposition::Handled, false)),
            Said::Broken(_)
        ));
        let mut told = seen(11, Disposition::Handled, false);
        told.ending
            .knocks
            .push((Duration::from_millis(9), Knock::Refused));
        assert!(matches!(judge(&told), Said::Holds(_)));
    }
}

//! SIGTERM as a platform sends it, and what is seen until nothing is left.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::time::sleep;

use super::servers::{Named, named};
use crate::client::{Client, Knock};
use crate::engine::{Ended, Run, Stage, To};

/// Between two looks.
const STEP: Duration = Duration::from_millis(20);
/// How long a new connection waits for its answer.
const KNOCK: Duration = Duration::from_millis(250);
/// How long what outlives the process that was started may take to end as well. A container would have killed
/// it by then.
const ORPHANED: Duration = Duration::from_secs(3);
/// A path that no app has: the quickest answer of most.
const NOWHERE: &str = "/xii-prove-nobody";

/// What was seen of an instance after SIGTERM.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    /// How the process that was started ended, and how long after SIGTERM; none: not within the grace.
    pub(crate) leader: Option<(Ended, Duration)>,
    /// What ran on when watching came to its end.
    pub(crate) left: Vec<Named>,
    /// How new connections fared while the process that was started still ran: every change, with the time since
    /// SIGTERM.
    pub(crate) knocks: Vec<(Duration, Knock)>,
    /// The last new connection that was served, while the process that was started still ran.
    pub(crate) served: Option<Duration>,
    /// A new connection was served when the process that was started had ended.
    pub(crate) served_on: bool,
    /// The readiness route said no, when it was asked after SIGTERM; none: it was not asked, or did not answer.
    pub(crate) withdrawn: Option<bool>,
}

impl Ending {
    /// How it ended, as words.
    pub(crate) fn words(&self) -> String {
        match &self.leader {
            Some((end, after)) => format!("it {} after {}", end.words(), seconds(*after)),
            None => "it did not end".to_owned(),
        }
    }

    /// What new connections met in the end, as words.
    pub(crate) fn refused(&self) -> &'static str {
        match self.knocks.last() {
            Some((_, Knock::Refused)) => "refused",
            Some((_, Knock::Reset)) => "reset",
            Some((_, Knock::Closed)) => "closed without an answer",
            Some((_, Knock::Hanging)) => "left hanging",
            _ => "refused once it had ended",
        }
    }
}

/// A time for a person: `40 ms`, `1.2 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_millis() {
        short @ 0..1000 => format!("{short} ms"),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// Sends SIGTERM to the process that was started, as a platform does, and watches until nothing of the instance
/// is left or its grace is over. Nothing is killed.
pub(crate) async fn terminate(stage: &Stage, run: &Run, readiness: Option<&str>) -> Ending {
    let mut ending = Ending::default();
    let client = Client::new(SocketAddr::from((Ipv4Addr::LOCALHOST, run.port())));
    let age = run.age();
    let sent = Instant::now();
    run.signal(Signal::TERM, To::Leader);
    let mut asked = false;
    let mut told: Option<Knock> = None;
    loop {
        let before = sent.elapsed();
        let led = run.end();
        if let (Some(end), None) = (led, &ending.leader) {
            ending.leader = Some((end, end.after.saturating_sub(age)));
        }
        let alone = run.survivors().is_empty();
        let knock = client.knock(NOWHERE, KNOCK).await;
        let served = matches!(knock, Knock::Served(_));
        if served && led.is_some() {
            ending.served_on = true;
        } else if served && run.runs() {
            ending.served = Some(before);
        }
        if told.as_ref().is_none_or(|last| kind(last) != kind(&knock)) {
            stage.note_of(
                run,
                format!(
                    "a new connection {} after SIGTERM: {knock}",
                    seconds(before)
                ),
            );
            told = Some(knock.clone());
        }
        if run.runs()
            && ending
                .knocks
                .last()
                .is_none_or(|(_, last)| kind(last) != kind(&knock))
        {
            ending.knocks.push((before, knock));
        }
        if led.is_some() && alone {
            ending.served_on &= served;
            break;
        }
        if served && before > STEADY && !asked && led.is_none() {
            asked = true;
            ending.withdrawn = withdrawn(stage, run, readiness).await;
        }
        let orphaned =
            led.is_some_and(|end| run.age().saturating_sub(end.after) > ORPHANED.min(run.grace));
        if orphaned || sent.elapsed() > run.grace {
            ending.left = run.processes().iter().map(|one| named(one.pid)).collect();
            break;
        }
        sleep(STEP).await;
    }
    ending
}

/// From then on after SIGTERM, a new connection that is served was not just late.
pub(crate) const STEADY: Duration = Duration::from_millis(500);

/// Whether the readiness route says no by now.
async fn withdrawn(stage: &Stage, run: &Run, readiness: Option<&str>) -> Option<bool> {
    let request = crate::client::Request::get(readiness?).within(Duration::from_secs(1));
    let answer = stage.client(run).send(&request).await.ok()?;
    Some(answer.status >= 400)
}

/// Served with one status or another is the same.
fn kind(knock: &Knock) -> std::mem::Discriminant<Knock> {
    std::mem::discriminant(knock)
}

//! Waiting until an instance serves, and saying why it does not.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::{Act, Address, Deed, What};

use super::run::{Ended, Run};
use crate::client::{Client, Request};

/// Between two tries.
const STEP: Duration = Duration::from_millis(10);
/// When an instance is looked at again that seemed to have left nothing.
const SECOND_LOOK: Duration = Duration::from_millis(50);
/// How long an app that listens elsewhere may still open the port that it was given.
const SECOND_PORT: Duration = Duration::from_millis(1500);
/// How many times as long an instance is waited for at most, where the machine is busy.
const LONGER: u32 = 4;
/// What takes connections and answers none is looked at so often, and is at work when it did so for this long
/// meanwhile.
const LOOK: Duration = Duration::from_secs(1);
const BUSY: Duration = Duration::from_millis(100);
/// How long one answer may take while the app starts.
const ONE_ANSWER: Duration = Duration::from_secs(10);

/// An instance that serves.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// From its start to the first answer.
    pub after: Duration,
    /// How long of this it had no processor, since the machine was busy.
    pub held_up: Duration,
    /// The port that it answers on.
    pub port: u16,
    /// The status of that answer.
    pub status: u16,
}

/// Why an instance does not serve.
#[derive(Clone, Debug)]
pub enum NotReady {
    /// It has ended.
    Ended(Ended, Option<String>),
    /// It listens, but on nothing that a request could reach.
    Elsewhere(Vec<Address>),
    /// It runs and does not listen.
    Silent(Duration, Option<String>),
    /// It takes connections and does not answer.
    Mute(Duration),
    /// It answers at its readiness route, with a status that says no.
    SaysNo(Duration, u16),
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |f: &mut fmt::Formatter<'_>, line: &Option<String>| match line {
            Some(line) => write!(f, "; it said: {line}"),
            None => f.write_str("; it said nothing"),
        };
        match self {
            NotReady::Ended(end, line) => {
                write!(
                    f,
                    "it {} after {:.1} s",
                    end.words(),
                    end.after.as_secs_f64()
                )?;
                said(f, line)
            }
            NotReady::Elsewhere(addresses) => {
                let shown: Vec<String> =
                    addresses.iter().take(4).map(ToString::to_string).collect();
                write!(f, "it listens on {} only", shown.join(", "))
            }
            NotReady::Silent(after, line) => {
                write!(
                    f,
                    "it listens on nothing {:.0} s after its start",
                    after.as_secs_f64()
                )?;
                said(f, line)
            }
            NotReady::Mute(after) => {
                write!(
                    f,
                    "it takes connections and has answered none {:.0} s after its start",
                    after.as_secs_f64()
                )
            }
            NotReady::SaysNo(after, status) => {
                write!(
                    f,
                    "it answers {status} when it is asked whether it is ready, {:.0} s after its start",
                    after.as_secs_f64()
                )
            }
        }
    }
}

/// How an instance is asked whether it serves.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    /// The path to ask for; any answer counts where this is none.
    pub(super) path: Option<String>,
    /// How long it may take connections and answer none.
    pub(super) mute: Duration,
}

impl Run {
    /// Whether nothing is left of what it started. What forks twice on its way out is in no list for a moment: so there
    /// are two looks.
    async fn nothing_survives(&self) -> bool {
        if !self.survivors().is_empty() {
            return false;
        }
        sleep(SECOND_LOOK).await;
        self.survivors().is_empty()
    }

    /// Waits until it answers a request, for as long as `within` from its start, the time not counted that it
    /// waited for a processor. An app that listens on another port than the one it was given is asked there.
    ///
    /// # Errors
    /// Why it does not answer.
    pub(super) async fn answers(&self, ask: &Ask, within: Duration) -> Result<Ready, NotReady> {
        let mut end = self.began + within;
        let last = self.began + within * LONGER;
        let mut accepted: Option<Instant> = None;
        let mut worked = None;
        let mut no: Option<u16> = None;
        loop {
            if let Some(end) = self.end() {
                // Something that it started may serve on: then the wrapper went, not the app.
                if self.ended_badly(end) || self.nothing_survives().await {
                    self.ended(Duration::from_secs(5)).await;
                    return Err(NotReady::Ended(end, self.record.complaint()));
                }
            }
            for port in self.candidates() {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                let client = Client::new(address);
                let path = ask.path.as_deref().unwrap_or("/");
                let request = Request::get(path)
                    .within(ONE_ANSWER.min(end.saturating_duration_since(Instant::now())));
                match client.send(&request).await {
                    Ok(answer) if ask.path.is_none() || answer.status < 400 => {
                        self.port.set(port);
                        let after = self.began.elapsed();
                        let held_up = self.held_up();
                        self.say(What::Ready {
                            after_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
                        });
                        return Ok(Ready {
                            after,
                            held_up,
                            port,
                            status: answer.status,
                        });
                    }
                    Ok(answer) => {
                        no = Some(answer.status);
                        accepted.get_or_insert_with(Instant::now);
                    }
                    Err(crate::client::Miss::Refused) => {}
                    Err(_) => {
                        accepted.get_or_insert_with(Instant::now);
                    }
                }
            }
            if Instant::now() >= end && end < last {
                end = last.min(self.began + within + self.held_up());
            }
            // What takes connections, says nothing for that long and does nothing will not begin to. A server that
            // listens before its workers have loaded the app is at work.
            let mut mute = accepted.is_some_and(|since| since.elapsed() > ask.mute);
            if mute {
                let work = self.work();
                mute = worked.is_some_and(|before| work < before + BUSY);
                worked = Some(work);
                accepted = Instant::now().checked_sub(ask.mute.saturating_sub(LOOK));
            }
            if Instant::now() >= end || mute {
                let elsewhere = self.record.listening();
                return Err(if let Some(status) = no {
                    NotReady::SaysNo(self.age(), status)
                } else if accepted.is_some() {
                    NotReady::Mute(self.age())
                } else if elsewhere.is_empty() {
                    NotReady::Silent(self.age(), self.record.complaint())
                } else {
                    NotReady::Elsewhere(elsewhere)
                });
            }
            sleep(STEP).await;
        }
    }

    fn ended_badly(&self, end: Ended) -> bool {
        end.code != Some(0)
    }

    /// The ports to ask: the one that was given, and after a moment those that it was seen to listen on.
    fn candidates(&self) -> Vec<u16> {
        let mut ports = vec![self.port.get()];
        for event in self.record.all() {
            let What::Act(Act {
                deed:
                    Deed::Listening {
                        address: Address::Tcp(address),
                    },
                ..
            }) = &event.what
            else {
                continue;
            };
            let since = jiff::Timestamp::now().duration_since(event.at);
            let waited = Duration::try_from(since).is_ok_and(|since| since > SECOND_PORT);
            if waited && !ports.contains(&address.port()) && address.port() != 0 {
                ports.push(address.port());
            }
        }
        ports
    }
}

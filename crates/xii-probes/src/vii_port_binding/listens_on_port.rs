//! Gives the app a free port in `PORT` and looks where it listens.
//!
//! The port is another one at every start, so an app that listens on it has read it from the environment,
//! whoever did the reading: the code, a framework, or the start command (VII.1). The address is the one that
//! the socket really has, as the witness saw it (VII.2): an app that listens on
//! loopback cannot be reached from outside of its container. Where it does, it is started once more with the
//! variables that usually name the interface; one that follows them is configured, not closed.
//!
//! What answers is a process of the app's own, and nothing else was started (VII.3).

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use xii_model::{Address, Mark, Severity, What};

use crate::client::{Miss, Request};
use crate::engine::{Need, Phase, Probe, Run, Setup, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "listens-on-port",
    criteria: &["VII.1", "VII.2", "VII.3"],
    phase: Phase::Idle,
    needs: &[Need::Web, Need::Build],
    severity: Severity::Error,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// Variables that name the interface to listen on.
const INTERFACE: [&str; 6] = [
    "HOST",
    "BIND",
    "ADDRESS",
    "LISTEN_ADDR",
    "BIND_ADDRESS",
    "SERVER_HOST",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = match stage.healthy().await {
            Ok(run) => run,
            Err(why) => return unreachable_app(stage, why).await,
        };
        let sockets = sockets(&run);
        for event in run.record.all() {
            if let What::Act(act) = &event.what
                && matches!(act.deed, xii_model::Deed::Listening { .. })
            {
                stage.cite(&event, Mark::Seen);
            }
        }
        let (given, port) = (run.given_port, run.port());
        if port == given {
            stage.holds(
                "VII.1",
                format!("it listens on {port}, which is what PORT said"),
            );
        } else {
            stage.broken(
                "VII.1",
                format!("it listens on {port} although PORT was {given}"),
            );
        }
        interface(stage, &sockets, port).await?;
        stage.holds(
            "VII.3",
            format!("it serves HTTP on port {port} with nothing else started"),
        );
        Ok(())
    })
}

/// What can be said of an app that never answered.
async fn unreachable_app(
    stage: &mut Stage,
    why: crate::CouldNotTell,
) -> Result<(), crate::CouldNotTell> {
    let run = stage.start(Setup::web()).await?;
    if stage.ready(&run).await.is_ok() {
        // It does this time: whatever the first start met has passed.
        return Err(why);
    }
    let listening = run.record.listening();
    let unix = listening.iter().find_map(|one| match one {
        Address::Unix(path) => Some(run.shown(path).to_owned()),
        _ => None,
    });
    let tcp: Vec<u16> = listening
        .iter()
        .filter_map(Address::socket)
        .map(|one| one.port())
        .collect();
    if let Some(path) = unix.filter(|_| tcp.is_empty()) {
        let reason =
            format!("it listens on the Unix socket {path}, not on the port that PORT gave");
        stage.broken("VII.1", reason);
        stage.broken(
            "VII.3",
            "it answers only what something in front of it hands on",
        );
    } else if run.runs() && tcp.contains(&run.given_port) {
        stage.holds(
            "VII.1",
            format!("it listens on {}, which is what PORT said", run.given_port),
        );
        // Silence is no proof: it may wait for something that it lacks.
        let port = run.given_port;
        let client = stage.client_at(port);
        let asked = client.send(&Request::get("/")).await;
        match asked {
            Err(Miss::Reset | Miss::Closed) => stage.broken(
                "VII.3",
                format!("it listens on {port} and hangs up on whoever speaks HTTP"),
            ),
            Err(Miss::Malformed(_)) => stage.broken(
                "VII.3",
                format!("it listens on {port} and what it answers there is no HTTP"),
            ),
            _ => stage.could_not_tell(
                "VII.3",
                format!("it listens on {port} and has answered nothing there"),
            ),
        }
    }
    Err(why)
}

/// The addresses on the Internet that the run's processes listen on.
fn sockets(run: &Run) -> Vec<std::net::SocketAddr> {
    let all = run.record.listening();
    all.iter().filter_map(Address::socket).collect()
}

/// Whether it can be reached from outside.
async fn interface(
    stage: &mut Stage,
    sockets: &[std::net::SocketAddr],
    port: u16,
) -> Result<(), crate::CouldNotTell> {
    let own: BTreeSet<IpAddr> = sockets
        .iter()
        .filter(|one| one.port() == port)
        .map(|one| one.ip())
        .collect();
    if own.is_empty() {
        stage.witness()?;
        stage.could_not_tell("VII.2", "the address that it listens on was not seen");
    } else if let Some(wide) = own.iter().find(|one| !one.is_loopback()) {
        let address = std::net::SocketAddr::from((*wide, port));
        stage.holds("VII.2", format!("it listens on {address}"));
    } else {
        let loopback = own
            .iter()
            .next()
            .copied()
            .unwrap_or(IpAddr::from([127, 0, 0, 1]));
        let mut setup = Setup::web();
        for name in INTERFACE {
            setup = setup.with(name, "0.0.0.0");
        }
        stage.note("starting it again with HOST, BIND and their like at 0.0.0.0");
        let again = stage.start(setup).await?;
        let followed = match stage.ready(&again).await {
            Ok(ready) => self::sockets(&again)
                .iter()
                .any(|one| one.port() == ready.port && !one.ip().is_loopback()),
            Err(_) => false,
        };
        again.kill().await;
        if followed {
            let reason = format!(
                "it listens on {loopback} unless a variable such as HOST names another address"
            );
            stage.holds("VII.2", reason);
        } else {
            let reason = format!(
                "it listens on {loopback}:{port} only, which nothing outside of its container reaches"
            );
            stage.broken("VII.2", reason);
        }
    }
    Ok(())
}

//! Occupies a port, gives it to the app, and looks what it does.
//!
//! A plain listener takes the port on all addresses, without the options that would let another one share
//! it. An app should end with an error that names the port. Some servers print that they have started before
//! the bind fails, some try again for seconds, some take another port: each is told as it was seen.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::{Address, Severity};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "taken-port",
    criteria: &["VII.4"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(90),
    alone: false,
    run,
};

/// The least time that an app is given to notice.
const LEAST: Duration = Duration::from_secs(10);
/// The most.
const MOST: Duration = Duration::from_secs(30);
/// The most where the machine is busy.
const LAST: Duration = Duration::from_secs(70);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let ready = stage.readiness().await?;
        let within = (ready.after * 3 + Duration::from_secs(6)).clamp(LEAST, MOST);
        let (holders, port) = match stage.fixed_port() {
            Some(port) => {
                stage.make_room(&Setup::web()).await;
                (take(port).map_err(|error| {
                    CouldNotTell(format!(
                        "it listens on {port} whatever PORT says, and that port cannot be taken: {error}"
                    ))
                })?, port)
            }
            None => occupy()?,
        };
        stage.note(format!("took port {port} on all addresses"));
        let run = stage.start(Setup::web().on_port(port)).await?;
        let end = Instant::now() + within;
        let elsewhere = loop {
            if !run.runs() && run.survivors().is_empty() {
                break None;
            }
            if let Some(other) = other_port(&run, port) {
                break Some(other);
            }
            // What it waited for a processor is no part of its time.
            if Instant::now() >= end && (run.age() >= LAST || Instant::now() >= end + run.held_up())
            {
                break None;
            }
            sleep(Duration::from_millis(20)).await;
        };
        let ended = run.ended(Duration::from_millis(500)).await;
        judge(
            stage,
            &run,
            port,
            elsewhere,
            ended.map(|end| (end.code, end.words())),
        );
        run.kill().await;
        drop(holders);
        Ok(())
    })
}

fn judge(
    stage: &mut Stage,
    run: &Run,
    port: u16,
    elsewhere: Option<u16>,
    ended: Option<(Option<i32>, String)>,
) {
    let named = run
        .record
        .lines(None)
        .iter()
        .any(|(_, line)| names_port(&String::from_utf8_lossy(&line.bytes), port));
    if let Some(other) = elsewhere {
        stage.broken(
            "VII.4",
            format!("port {port} was taken, and it listens on {other} instead"),
        );
        return;
    }
    match ended {
        None => stage.broken(
            "VII.4",
            format!(
                "port {port} was taken, and it runs on {:.0} s later without serving",
                run.age().as_secs_f64()
            ),
        ),
        Some((Some(0), _)) => {
            stage.broken(
                "VII.4",
                format!("port {port} was taken, and it exited with 0 as if all were well"),
            );
        }
        Some((_, how)) if named => {
            stage.holds(
                "VII.4",
                format!("port {port} was taken: it {how} and named the port"),
            );
        }
        Some((_, how)) => {
            let said = run.record.complaint();
            let said = said.map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"));
            stage.broken(
                "VII.4",
                format!("port {port} was taken: it {how} without naming the port; it said {said}"),
            );
        }
    }
}

/// Takes a port on all addresses of both families.
fn occupy() -> Result<(Vec<TcpListener>, u16), CouldNotTell> {
    let cannot = |error: std::io::Error| CouldNotTell(format!("no port could be taken: {error}"));
    let free = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).map_err(cannot)?;
    let port = free.local_addr().map_err(cannot)?.port();
    let mut holders = vec![free];
    holders.extend(TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)));
    Ok((holders, port))
}

/// Takes this port on all addresses of both families.
fn take(port: u16) -> std::io::Result<Vec<TcpListener>> {
    let mut holders = vec![TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?];
    // Taken already where the first socket speaks for both families, and missing where there is no IPv6.
    holders.extend(TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)));
    Ok(holders)
}

/// A port that it listens on instead. A debugger's or a metrics port opened besides is none: the app has to
/// have failed to bind its own first, and to run on.
fn other_port(run: &Run, taken: u16) -> Option<u16> {
    if run.age() < Duration::from_secs(1) {
        return None;
    }
    let ports = run.record.listening();
    let mut ports = ports
        .iter()
        .filter_map(Address::socket)
        .map(|one| one.port());
    ports.find(|port| *port != taken && *port != 0)
}

/// Whether a line names the port as a number of its own.
fn names_port(line: &str, port: u16) -> bool {
    let port = port.to_string();
    line.match_indices(&port).any(|(at, _)| {
        let digit = |text: Option<char>| text.is_some_and(|one| one.is_ascii_digit());
        !digit(line[..at].chars().next_back()) && !digit(line[at + port.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_named_by_its_whole_number() {
        assert!(names_port(
            "Error: listen EADDRINUSE: address already in use :::41233",
            41233
        ));
        assert!(names_port("Connection in use: ('0.0.0.0', 41233)", 41233));
        assert!(!names_port("pid 412331", 41233));
        assert!(!names_port("Error: listen EADDRINUSE", 41233));
    }
}

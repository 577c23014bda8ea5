//! Looks whom the app connects to, and whether each of them was named by a variable.
//!
//! Every process type is started, the web one gets the scenario, and the witness tells of each connection.
//! What was named is what stands in the value of a variable: each run has its resources at new addresses, so
//! that an address in the code, or a library's default such as 127.0.0.1:6379, cannot be one of them by
//! chance. That a new run finds its resources at new addresses shows as well that they can be swapped; where
//! a second private server can be had, a run is given that in place of the first.
//!
//! Not counted: the app's own ports, resolvers, collectors of telemetry at their usual ports, the platform's
//! metadata service, and datagrams. Of an address on the Internet the run does not show whose it is.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::{Instant, sleep, timeout};
use xii_model::{Act, Address, Deed, Event, Mark, ResourceKind, Severity, What};
use xii_runtime::formation::Kind;

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::provision::Resource;
use crate::reach::reach;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "named-resources",
    criteria: &["IV.1", "IV.2"],
    phase: Phase::Stress,
    needs: &[Need::Build, Need::Witness],
    severity: Severity::Warning,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// How long a process without a port is given to connect to something.
const SETTLES: Duration = Duration::from_secs(5);
/// And what it is looked at for after that.
const LOOKS: Duration = Duration::from_millis(400);
/// The most process types besides web that are started.
const MOST: usize = 4;
/// Where collectors of traces, metrics and errors listen: OTLP, Zipkin, Jaeger, StatsD, Datadog.
const TELEMETRY: [u16; 8] = [4317, 4318, 9411, 14268, 14250, 8125, 8126, 24224];
/// Ports that only one kind of service has.
const SERVICES: [u16; 16] = [
    5432, 3306, 6379, 11211, 27017, 5672, 5671, 9092, 4222, 9200, 1433, 1521, 25, 587, 465, 389,
];

/// What was seen of all runs.
#[derive(Debug, Default)]
struct Seen {
    /// Connections that no variable named, each once.
    unnamed: Vec<(String, Event, Address)>,
    /// The resources that were connected to, by name.
    used: BTreeSet<String>,
    /// Addresses on the Internet that no variable named.
    outside: BTreeSet<SocketAddr>,
}

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let named = Named::of(stage).await;
        let mut seen = Seen::default();
        let mut not_started = Vec::new();
        if stage.web().is_some() {
            let run = stage.serve(Setup::web()).await?;
            let reach = reach(stage, &run).await?;
            stage.note(format!("sent {} requests", reach.played.outcomes.len()));
            look(&run, &named, &mut seen);
            run.kill().await;
        }
        let web = stage.web().map(|web| web.name.clone());
        let others = stage.formation().processes.iter();
        let others: Vec<String> = others
            .filter(|one| one.kind == Kind::Service && Some(&one.name) != web.as_ref())
            .map(|one| one.name.clone())
            .take(MOST)
            .collect();
        for name in others {
            let run = stage.start(Setup::of(&name)).await?;
            if !settled(&run).await {
                not_started.push(name);
            }
            look(&run, &named, &mut seen);
            run.kill().await;
        }
        judge_named(stage, &seen, &not_started);
        judge_swapped(stage, &seen).await
    })
}

/// Waits until it has connected to something and a moment longer; whether it still runs then.
async fn settled(run: &Run) -> bool {
    let end = Instant::now() + SETTLES;
    let connects = |run: &Run| run.resources().any(|(_, one)| one.counts().attempts > 0);
    while Instant::now() < end && run.runs() && !connects(run) {
        sleep(Duration::from_millis(10)).await;
    }
    // What else it connects to at its start follows at once: time is what is waited for here.
    run.ended(LOOKS).await.is_none()
}

/// What the variables name.
#[derive(Debug, Default)]
struct Named {
    /// Hosts that are names, resolved.
    addresses: Vec<IpAddr>,
    /// Ports that stand in a value.
    ports: BTreeSet<u16>,
    /// All values, to look for the path of a socket.
    values: Vec<String>,
}

impl Named {
    async fn of(stage: &Stage) -> Named {
        let mut named = Named::default();
        let mut hosts = BTreeSet::new();
        let values = stage.provided().environment(&|_| None);
        for (_, value) in values {
            named.ports.extend(ports_of(&value));
            hosts.extend(host_of(&value));
            named.values.push(value);
        }
        for (_, address) in stage.resources() {
            named.ports.insert(address.port());
        }
        for host in hosts.into_iter().take(20) {
            let looked = lookup_host((host.as_str(), 0));
            if let Ok(Ok(found)) = timeout(Duration::from_secs(1), looked).await {
                // On this machine only the port says who it is.
                let found = found.map(|one| one.ip());
                named.addresses.extend(found.filter(|ip| !ip.is_loopback()));
            }
        }
        named
    }
}

/// The numbers behind a colon, or the whole value: what may be a port.
fn ports_of(value: &str) -> Vec<u16> {
    let mut ports: Vec<u16> = value.trim().parse().into_iter().collect();
    for piece in value.split(':').skip(1) {
        let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
        ports.extend(digits.parse::<u16>());
    }
    ports.retain(|port| *port != 0);
    ports
}

/// The host of a URL, or a value that is a name of a host.
fn host_of(value: &str) -> Option<String> {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let is_name = host.contains('.') && host.len() < 254 && host.chars().all(valid);
    is_name.then(|| host.to_owned())
}

/// Whom a run connected to.
fn look(run: &Run, named: &Named, seen: &mut Seen) {
    let mut relays = Vec::new();
    for (name, one) in run.resources() {
        relays.push(one.address().port());
        if one.counts().attempts > 0 {
            seen.used.insert(name.to_owned());
        }
    }
    let own: Vec<u16> = run
        .record
        .listening()
        .iter()
        .filter_map(Address::socket)
        .map(|one| one.port())
        .chain([run.port(), run.given_port])
        .collect();
    for event in run.record.all() {
        let What::Act(Act {
            deed: Deed::Connected { address },
            ..
        }) = &event.what
        else {
            continue;
        };
        let known = seen.unnamed.iter().any(|(_, _, known)| known == address);
        if known {
            continue;
        }
        match unnamed(address, &relays, &own, named) {
            Some(true) => {
                let instance = run.instance.to_string();
                seen.unnamed
                    .push((instance, event.clone(), address.clone()));
            }
            Some(false) => seen.outside.extend(address.socket()),
            None => {}
        }
    }
}

/// Whether an address is one that no variable named: a service's for sure, or somebody's on the Internet.
fn unnamed(address: &Address, relays: &[u16], own: &[u16], named: &Named) -> Option<bool> {
    match address {
        Address::Tcp(to) => {
            let ip = to.ip().to_canonical();
            let port = to.port();
            let here = ip.is_loopback() || ip.is_unspecified();
            if port == 53 || port == 0 || TELEMETRY.contains(&port) || is_link_local(ip) {
                return None;
            }
            if here
                && (relays.contains(&port) || own.contains(&port) || named.ports.contains(&port))
            {
                return None;
            }
            if named.addresses.contains(&ip) {
                return None;
            }
            Some(here || SERVICES.contains(&port))
        }
        Address::Unix(path) => {
            let service = [".s.PGSQL.", "mysqld", "mysql.sock", "redis", "memcached"];
            let is_service = service.iter().any(|word| path.contains(word));
            let folder = path
                .rsplit_once('/')
                .map_or(path.as_str(), |(folder, _)| folder);
            let told = |value: &String| value.contains(path.as_str()) || value.contains(folder);
            (is_service && !named.values.iter().any(told)).then_some(true)
        }
        Address::Udp(_) | Address::Other(_) => None,
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn judge_named(stage: &mut Stage, seen: &Seen, not_started: &[String]) {
    if let Some((instance, _, address)) = seen.unnamed.first() {
        for (_, event, _) in &seen.unnamed {
            stage.cite(event, Mark::Against);
        }
        let more = match seen.unnamed.len() - 1 {
            0 => String::new(),
            more => format!(", and to {more} more such addresses"),
        };
        stage.broken(
            "IV.1",
            format!("{instance} connected to {address}, which no variable named{more}"),
        );
    } else if let Some(address) = seen.outside.first() {
        stage.could_not_tell(
            "IV.1",
            format!("it connected to {address}, and the run does not show whether a variable named whoever is there"),
        );
    } else if !not_started.is_empty() {
        stage.could_not_tell(
            "IV.1",
            format!(
                "{} did not run on, so that not all connections were seen",
                not_started.join(", ")
            ),
        );
    } else if seen.used.is_empty() {
        let none_named = stage.provided().resources.is_empty();
        if let Some(unnamed) = stage.unnamed_resource().filter(|_| none_named) {
            stage.could_not_tell("IV.1", format!("it connected to nobody, but {unnamed}"));
        } else if none_named {
            stage.not_applicable(
                "IV.1",
                "it connected to nobody, and no variable names a resource",
            );
        } else {
            stage.could_not_tell("IV.1", "it connected to nobody, not even to its resources");
        }
    } else {
        let used: Vec<&str> = seen.used.iter().map(String::as_str).collect();
        stage.holds(
            "IV.1",
            format!(
                "it connected to {} and to nobody that no variable named",
                used.join(", ")
            ),
        );
    }
}

/// Whether each resource is where its variable says, wherever that is.
async fn judge_swapped(stage: &mut Stage, seen: &Seen) -> Result<(), CouldNotTell> {
    let resources = stage.provided().resources.len();
    if resources == 0 {
        match stage.unnamed_resource() {
            Some(unnamed) => stage.could_not_tell("IV.2", unnamed),
            None => stage.not_applicable("IV.2", "no variable names a resource"),
        }
        return Ok(());
    }
    let mut used = Vec::new();
    let mut unused = Vec::new();
    let mut elsewhere = Vec::new();
    for (resource, _) in stage.resources() {
        if seen.used.contains(&resource.name) {
            used.push(resource.name.clone());
        } else if let Some((.., address)) = seen
            .unnamed
            .iter()
            .find(|(.., address)| may_be(resource, address))
        {
            elsewhere.push(format!(
                "{} named another address, and it connected to {address} instead",
                resource.name
            ));
        } else {
            unused.push(resource.name.clone());
        }
    }
    if let Some(why) = elsewhere.first() {
        stage.broken("IV.2", why.clone());
        return Ok(());
    }
    let missing = stage.provided().resources.iter();
    let missing = missing.filter(|one| one.target.is_err() && one.stands != "a file");
    unused.extend(missing.map(|one| one.name.clone()));
    if !unused.is_empty() || used.is_empty() {
        let used = match used.as_slice() {
            [] => String::new(),
            used => format!("; {} was found where its variable said", used.join(", ")),
        };
        stage.could_not_tell(
            "IV.2",
            format!("{} was not connected to{used}", unused.join(", ")),
        );
        return Ok(());
    }
    let swapped = swap(stage).await;
    let swapped = match swapped.as_slice() {
        [] => String::new(),
        swapped => format!(", and it served as well with {}", swapped.join(" and ")),
    };
    stage.holds(
        "IV.2",
        format!(
            "in each run, {} was found at the new address that a variable named{swapped}",
            used.join(" and ")
        ),
    );
    Ok(())
}

/// Whether an address may be the resource's, as the code or a library knows it.
fn may_be(resource: &Resource, address: &Address) -> bool {
    let usual: &[u16] = match &resource.kind {
        ResourceKind::Postgres => &[5432],
        ResourceKind::MySql => &[3306],
        ResourceKind::Sql => &[5432, 3306],
        ResourceKind::Mongo => &[27017],
        ResourceKind::Redis | ResourceKind::Queue => &[6379],
        ResourceKind::Memcached => &[11211],
        ResourceKind::Amqp => &[5672, 5671],
        ResourceKind::Kafka => &[9092],
        ResourceKind::Nats => &[4222],
        ResourceKind::Search => &[9200],
        ResourceKind::Mail => &[25, 465, 587, 1025],
        ResourceKind::Http => {
            let port = address.socket().map(|one| one.port());
            return port.is_some_and(|port| !SERVICES.contains(&port));
        }
        _ => &[],
    };
    match address {
        Address::Tcp(to) => usual.contains(&to.port()),
        Address::Unix(path) => match resource.kind {
            ResourceKind::Postgres | ResourceKind::Sql => path.contains(".s.PGSQL."),
            ResourceKind::MySql => path.contains("mysql"),
            ResourceKind::Redis => path.contains("redis"),
            _ => false,
        },
        _ => false,
    }
}

/// Gives a run second servers, where there are any, and tells which it used. One without the app's tables may
/// be of no use to it: that says nothing.
async fn swap(stage: &Stage) -> Vec<String> {
    let mut fresh = Vec::new();
    for (resource, _) in stage.resources() {
        if stage.web().is_some()
            && resource.can_be_fresh()
            && let Ok(one) = stage.provided().fresh(resource).await
        {
            fresh.push((resource.name.clone(), one));
        }
    }
    let mut setup = Setup::web();
    for (name, one) in &fresh {
        stage.note(format!("put another {} behind {name}", one.stands));
        setup = setup.with_resource_at(name, one.address);
    }
    if fresh.is_empty() {
        return Vec::new();
    }
    let Ok(run) = stage.serve(setup).await else {
        return Vec::new();
    };
    let went = reach(stage, &run).await;
    let mut used = Vec::new();
    for (name, one) in &fresh {
        let needing = went.as_ref().ok().and_then(|went| went.of(name));
        if needing.is_some_and(|one| one.status < 400) {
            used.push(format!("another {}", one.stands));
        }
    }
    run.kill().await;
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(values: &[&str]) -> Named {
        Named {
            addresses: vec!["192.0.2.7".parse().expect("an address")],
            ports: values.iter().flat_map(|value| ports_of(value)).collect(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn what_no_variable_named_is_told_from_what_one_did() {
        let named = named(&["redis://localhost:7001/0", "postgres:///x?host=/run/pg"]);
        let tcp = |text: &str| Address::Tcp(text.parse().expect("an address"));
        let judge = |address: &Address| unnamed(address, &[7100], &[8000], &named);
        for fine in [
            "127.0.0.1:7100",
            "[::1]:7100",
            "127.0.0.1:8000",
            "127.0.0.1:7001",
            "192.0.2.7:443",
        ] {
            assert_eq!(judge(&tcp(fine)), None, "{fine}");
        }
        for fine in ["10.0.0.2:53", "127.0.0.1:4318", "169.254.169.254:80"] {
            assert_eq!(judge(&tcp(fine)), None, "{fine}");
        }
        for wrong in ["127.0.0.1:6379", "[::ffff:127.0.0.1]:4000", "10.0.0.9:5432"] {
            assert_eq!(judge(&tcp(wrong)), Some(true), "{wrong}");
        }
        assert_eq!(judge(&tcp("203.0.113.9:443")), Some(false));
        let unix = |path: &str| Address::Unix(path.to_owned());
        assert_eq!(
            judge(&unix("/var/run/postgresql/.s.PGSQL.5432")),
            Some(true)
        );
        assert_eq!(judge(&unix("/run/pg/.s.PGSQL.5432")), None);
        assert_eq!(judge(&unix("/var/run/nscd/socket")), None);
    }

    #[test]
    fn hosts_and_ports_are_read_from_values() {
        assert_eq!(
            host_of("https://key@api.example.com:8443/x").as_deref(),
            Some("api.example.com")
        );
        assert_eq!(host_of("redis://localhost:6379"), None);
        assert_eq!(ports_of("a:1,b:22/x"), [1, 22]);
        assert_eq!(ports_of("5432"), [5432]);
    }
}

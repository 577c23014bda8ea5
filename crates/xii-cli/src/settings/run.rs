//! `[run]`: how `xii up` runs the formation, where its flags do not say.

use std::path::PathBuf;
use std::time::Duration;

use xii_runtime::supervisor::Backoff;
use xii_survey::document::Node;

use super::faults::Faults;

/// Keys of `[run]`.
const RUN: [&str; 11] = [
    "procfile",
    "env-file",
    "port",
    "on-exit",
    "restart-first",
    "restart-most",
    "healthy-after",
    "hold-after",
    "router",
    "drains",
    "log-size",
];
/// Keys of `[run.router]`.
const ROUTER: [&str; 8] = [
    "enabled",
    "access-log",
    "connect-timeout",
    "first-byte-timeout",
    "idle-timeout",
    "trusted-proxies",
    "certificate",
    "key",
];
/// Timeouts.
const LONGEST: Duration = Duration::from_secs(86_400);
const SHORTEST: Duration = Duration::from_millis(1);
/// Failures in a row before an instance is held.
const FAILURES: std::ops::RangeInclusive<u32> = 1..=1_000_000;
/// What the log store takes up, in MiB.
const LOG_SIZES: std::ops::RangeInclusive<u32> = 1..=1_000_000;

/// What `[run]` says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RunSettings {
    /// The Procfile, below the app's folder.
    pub(crate) procfile: Option<PathBuf>,
    /// The file of variables, below the app's folder.
    pub(crate) env_file: Option<PathBuf>,
    /// The port that the others are counted from.
    pub(crate) port: Option<u16>,
    /// What follows the end of a process whose type does not say.
    pub(crate) on_exit: Option<OnExit>,
    /// How what failed is started again.
    pub(crate) backoff: Backoff,
    /// The router in front of `web`.
    pub(crate) router: RouterSettings,
    /// Where the stream of events goes besides the store, as `--drain` takes it.
    pub(crate) drains: Vec<String>,
    /// The most bytes that the log store keeps.
    pub(crate) log_size: Option<u64>,
}

/// What follows the end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnExit {
    /// It is started again.
    Restart,
    /// Everything is stopped.
    Stop,
    /// The others run on.
    Ignore,
}

/// What `[run.router]` says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RouterSettings {
    /// Whether there is a router.
    pub(crate) enabled: Option<bool>,
    /// Whether each request is an event of the stream.
    pub(crate) access_log: Option<bool>,
    /// The time to connect to an instance.
    pub(crate) connect_timeout: Option<Duration>,
    /// The time to the first byte of an answer.
    pub(crate) first_byte_timeout: Option<Duration>,
    /// The time between two bytes.
    pub(crate) idle_timeout: Option<Duration>,
    /// Networks whose `X-Forwarded-…` is believed, such as `10.0.0.0/8`.
    pub(crate) trusted_proxies: Vec<String>,
    /// Certificate and key, in PEM: with them the router speaks TLS.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
}

/// Reads the table.
pub(super) fn run(root: &Node, faults: &mut Faults<'_>) -> RunSettings {
    let Some(node) = root.get("run") else {
        return RunSettings::default();
    };
    let entries = faults.table(Some(node), "`[run]`");
    faults.keys(entries, &RUN, "`[run]`");
    let path = |key, faults: &mut Faults<'_>| {
        faults
            .text(node.get(key), "a path, relative to the app's folder")
            .map(PathBuf::from)
    };
    RunSettings {
        procfile: path("procfile", faults),
        env_file: path("env-file", faults),
        port: faults
            .number(node.get("port"), 1..=u32::from(u16::MAX))
            .and_then(|port| u16::try_from(port).ok()),
        on_exit: faults.word(
            node.get("on-exit"),
            &[
                ("restart", OnExit::Restart),
                ("stop", OnExit::Stop),
                ("ignore", OnExit::Ignore),
            ],
        ),
        backoff: backoff(node, faults),
        router: router(node.get("router"), faults),
        drains: faults.texts(
            node.get("drains"),
            "a drain, such as \"file:///var/log/app.ndjson\"",
        ),
        log_size: size(node.get("log-size"), faults),
    }
}

fn backoff(node: &Node, faults: &mut Faults<'_>) -> Backoff {
    let usual = Backoff::default();
    let mut time = |key| faults.duration(node.get(key), SHORTEST..=LONGEST);
    let (first, most) = (time("restart-first"), time("restart-most"));
    let healthy = time("healthy-after");
    if let (Some(first), Some(most), Some(written)) = (first, most, node.get("restart-most"))
        && first > most
    {
        let message = "`restart-most` is shorter than `restart-first`, which no wait can be";
        faults.add(written.span.clone(), message);
    }
    let first = first.unwrap_or(usual.first);
    Backoff {
        first,
        // Who says only one of them does not contradict himself.
        most: most.unwrap_or(usual.most.max(first)),
        healthy: healthy.unwrap_or(usual.healthy),
        hold_after: faults
            .number(node.get("hold-after"), FAILURES)
            .unwrap_or(usual.hold_after),
    }
}

fn router(node: Option<&Node>, faults: &mut Faults<'_>) -> RouterSettings {
    let Some(node) = node else {
        return RouterSettings::default();
    };
    // `router = false` says the same as a table of one key.
    if let Some(enabled) = node.as_bool() {
        return RouterSettings {
            enabled: Some(enabled),
            ..RouterSettings::default()
        };
    }
    let entries = faults.table(Some(node), "`[run.router]`");
    faults.keys(entries, &ROUTER, "`[run.router]`");
    let certificate = faults.text(node.get("certificate"), "a path of a PEM file");
    let key = faults.text(node.get("key"), "a path of a PEM file");
    if node.get("certificate").is_some() != node.get("key").is_some() {
        let message = "TLS wants both `certificate` and `key`: give the other, too";
        faults.add(node.span.clone(), message);
    }
    let mut timeout = |key| faults.duration(node.get(key), SHORTEST..=LONGEST);
    RouterSettings {
        connect_timeout: timeout("connect-timeout"),
        first_byte_timeout: timeout("first-byte-timeout"),
        idle_timeout: timeout("idle-timeout"),
        enabled: faults.boolean(node.get("enabled")),
        access_log: faults.boolean(node.get("access-log")),
        trusted_proxies: faults.texts(
            node.get("trusted-proxies"),
            "a network, such as \"10.0.0.0/8\"",
        ),
        tls: certificate
            .zip(key)
            .map(|(certificate, key)| (certificate.into(), key.into())),
    }
}

/// A size such as `64MiB`, in bytes.
fn size(node: Option<&Node>, faults: &mut Faults<'_>) -> Option<u64> {
    let node = node?;
    let read = node.as_str().and_then(|text| {
        let (number, unit) = match text.strip_suffix("GiB") {
            Some(number) => (number, 1024),
            None => (text.strip_suffix("MiB")?, 1),
        };
        let number: u32 = number.trim_end().parse().ok()?;
        number
            .checked_mul(unit)
            .filter(|size| LOG_SIZES.contains(size))
    });
    if read.is_none() {
        faults.add(
            node.span.clone(),
            "this wants a size, such as `128MiB` or `1GiB`",
        );
    }
    read.map(|size| u64::from(size) << 20)
}

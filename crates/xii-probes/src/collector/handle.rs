//! A collector, as a probe holds it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use super::serve::serve;
use super::span::Span;
use super::store::{Counts, Store};

/// Variables that an app must not be given besides those of [`Collector::variables`]: they outrank them, and
/// its telemetry would go elsewhere or nowhere.
pub const WITHHELD: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    "OTEL_SDK_DISABLED",
];

/// A private receiver of OTLP on loopback. One port takes HTTP with protobuf or JSON, and gRPC, each with
/// gzip or without. It works on a thread of its own until it is dropped.
///
/// It should outlive the app: exporters that find nobody at the end try again, and hold up the exit.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    store: watch::Receiver<Store>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the system has no port, no descriptor or no thread for it.
    pub async fn start() -> io::Result<Collector> {
        let (opened, address) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let (sender, store) = watch::channel(Store::default());
        let thread = thread::Builder::new()
            .name("xii-collector".to_owned())
            .spawn(move || work(sender, ended, opened))?;
        let address = address
            .await
            .map_err(|_| io::Error::other("the collector's thread ended at once"))??;
        Ok(Collector {
            address,
            store,
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The variables that a platform with a collector gives an app (OpenTelemetry, environment variable
    /// specification).
    ///
    /// - The endpoint, without a protocol: an SDK then speaks what it can, gRPC in Python and HTTP in Node.js,
    ///   and this port takes both. A protocol for all would fail where that exporter is not installed.
    /// - OTLP as the exporter of traces: that is the asking in "when asked to".
    /// - Every trace is sampled unless its caller decided otherwise. That is the default; an app's example
    ///   file may hold a share for production.
    /// - Spans leave every 200 ms and not every 5 s, so that they can be waited for.
    /// - No service name: a span shows what the app calls itself.
    pub fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_TRACES_EXPORTER", "otlp"),
            ("OTEL_TRACES_SAMPLER", "parentbased_always_on"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// The spans that came so far, in the order in which they came; at most 20,000.
    pub fn spans(&self) -> Vec<Span> {
        self.store.borrow().spans.clone()
    }

    /// The names of the metrics that came so far, sorted; at most 1000.
    pub fn metrics(&self) -> Vec<String> {
        self.store.borrow().metrics.iter().cloned().collect()
    }

    /// How much came so far.
    pub fn received(&self) -> Counts {
        self.store.borrow().counts
    }

    /// Why requests were refused, one sentence each: the first twenty. An app that sends something and is
    /// refused is not one that sends nothing.
    pub fn refusals(&self) -> Vec<String> {
        self.store.borrow().refusals.clone()
    }

    /// Waits until the spans are such, at most for this time. Whether they were.
    pub async fn wait(&self, mut such: impl FnMut(&[Span]) -> bool, within: Duration) -> bool {
        let mut store = self.store.clone();
        let found = timeout(within, store.wait_for(|store| such(&store.spans))).await;
        matches!(found, Ok(Ok(_)))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported already.
            let _ = thread.join();
        }
    }
}

fn work(
    store: watch::Sender<Store>,
    ended: oneshot::Receiver<()>,
    opened: oneshot::Sender<io::Result<SocketAddr>>,
) {
    let runtime = runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            // Who started it may have gone.
            let _ = opened.send(Err(error));
            return;
        }
    };
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => {
                if opened.send(Ok(address)).is_ok() {
                    serve(listener, store, ended).await;
                }
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        }
    });
}

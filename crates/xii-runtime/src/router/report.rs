//! Counting a request, and telling the observer.

use tokio::time::Instant;
use xii_model::Request;

use super::h1::Record;
use super::rewrite::{Asker, Seen};
use super::worker::Worker;

/// What is told for a client that went away before there was a status; nginx's number for it.
const CLIENT_GONE: u16 = 499;

/// Counts a request that has ended.
pub(super) fn report(
    worker: &Worker,
    asker: &Asker,
    seen: &Seen,
    protocol: &str,
    started: Instant,
    record: Record,
) {
    let now = Instant::now();
    let took = now.duration_since(started);
    let status = match record.status {
        0 => CLIENT_GONE,
        status => status,
    };
    worker
        .counters
        .request(status, took, record.received, record.sent);
    if let Some(cause) = record.cause {
        worker.counters.error(cause);
    }
    let Some(observer) = &worker.settings.observer else {
        return;
    };
    let us = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let first_byte = record.first_byte.unwrap_or(now);
    observer.request(Request {
        method: seen.method.clone(),
        path: seen.path.clone(),
        host: (!seen.host.is_empty()).then(|| seen.host.clone()),
        protocol: protocol.to_owned(),
        status,
        instance: record.instance,
        duration_us: us(took),
        first_byte_us: us(first_byte.saturating_duration_since(started)),
        received: record.received,
        sent: record.sent,
        request_id: seen.request_id.clone(),
        client: asker.address.clone(),
        fault: record.fault,
    });
}

//! A client's HTTP/2 connection.

use std::rc::Rc;

use crate::router::h1::Client;
use crate::router::rewrite::Asker;
use crate::router::worker::Worker;

/// Serves a client that speaks HTTP/2, and has sent these bytes already.
pub(in crate::router) async fn serve<C: Client + 'static>(
    _client: C,
    _sent: Vec<u8>,
    _asker: Asker,
    _worker: &Rc<Worker>,
) {
}

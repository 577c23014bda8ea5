//! Taking connections, for all threads.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::h1::{self, Ended};
use super::h2;
use super::handle::Order;
use super::rewrite::Asker;
use super::tls::Acceptor;
use super::worker::{Open, Worker};

/// How long to wait when no connection can be taken, for want of file descriptors or memory: they stay
/// with the system meanwhile.
const BACK_OFF: Duration = Duration::from_millis(100);
/// File descriptors that are left to everything but the router's connections.
const RESERVED: u64 = 64;

/// A connection that was taken.
pub(super) struct Taken {
    stream: TcpStream,
    peer: SocketAddr,
}

/// Takes connections and gives each to the thread that has the fewest, until the router stops: then only
/// those that are waiting already.
pub(super) async fn run(
    listener: TcpListener,
    threads: Vec<UnboundedSender<Taken>>,
    worker: Rc<Worker>,
    mut order: watch::Receiver<Order>,
) {
    // Registering fails only for want of file descriptors, at the very start.
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let counters = &worker.shared.counters;
    let give = |stream: TcpStream, peer: SocketAddr| {
        let fewest = (0..threads.len()).min_by_key(|at| counters[*at].open());
        if let Some(at) = fewest {
            counters[at].opened();
            // A thread that has ended serves nobody any more.
            if threads[at].send(Taken { stream, peer }).is_err() {
                counters[at].closed();
            }
        }
    };
    let most = most_connections(worker.settings.max_connections);
    let open = || counters.iter().map(|it| it.open()).sum::<u64>();
    let take = async {
        loop {
            if open() >= most {
                worker.shared.crowded.store(true, Relaxed);
                tokio::time::sleep(BACK_OFF).await;
                continue;
            }
            worker.shared.crowded.store(false, Relaxed);
            // Taken out of this thread's care here, and into that of the one that serves it.
            let taken = listener.accept().await;
            match taken.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
                Ok((stream, peer)) => give(stream, peer),
                Err(error) if is_gone(&error) => {}
                Err(_) => tokio::time::sleep(BACK_OFF).await,
            }
        }
    };
    let stop = order.wait_for(|order| order.stop.is_some());
    tokio::select! {
        () = take => {}
        _ = stop => {}
    }
    // Asked directly: the runtime may not have heard yet of those who came last.
    let Ok(listener) = listener.into_std() else {
        return;
    };
    while open() < most {
        match listener.accept() {
            Ok((stream, peer)) if stream.set_nonblocking(true).is_ok() => give(stream, peer),
            Ok(_) => {}
            Err(error) if is_gone(&error) => {}
            Err(_) => return,
        }
    }
}

/// Whether only this one connection failed: its client had gone before it was taken (accept(2)).
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    )
}

/// A connection of a client may need one to an instance, so half of what may be open.
fn most_connections(given: usize) -> u64 {
    if given > 0 {
        return given as u64;
    }
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    (limit.unwrap_or(u64::MAX).saturating_sub(RESERVED) / 2).max(8)
}

/// Serves a connection on this thread.
pub(super) fn spawn(taken: Taken, worker: &Rc<Worker>, tls: Option<&Acceptor>) {
    let worker = Rc::clone(worker);
    let tls = tls.cloned();
    let open = Open::new(&worker);
    tokio::task::spawn_local(async move {
        open.listen().await;
        let Ok(stream) = tokio::net::TcpStream::from_std(taken.stream) else {
            return;
        };
        // Without it small writes wait for acknowledgements; nothing breaks if it fails.
        let _ = stream.set_nodelay(true);
        let Ok(here) = stream.local_addr() else {
            return;
        };
        let trusted = &worker.settings.trusted;
        let asker = Asker::new(taken.peer.ip(), here, tls.is_some(), trusted);
        match tls {
            None => serve(stream, asker, &worker).await,
            Some(tls) => Box::pin(secure(tls, stream, asker, &worker)).await,
        }
    });
}

async fn secure(tls: Acceptor, stream: tokio::net::TcpStream, asker: Asker, worker: &Rc<Worker>) {
    let limit = worker.settings.head_timeout;
    if let Some((stream, speaks_h2)) = tls.accept(stream, limit).await {
        match speaks_h2 {
            true => h2::serve(stream, Vec::new(), asker, worker).await,
            false => serve(stream, asker, worker).await,
        }
    }
}

async fn serve<C: h1::Client + 'static>(mut stream: C, asker: Asker, worker: &Rc<Worker>) {
    if let Ended::Http2(bytes) = h1::serve(&mut stream, &asker, worker, None).await {
        // In a box: what HTTP/2 needs is several times what a connection of HTTP/1.1 does, and would be
        // set aside for each.
        Box::pin(h2::serve(stream, bytes, asker, worker)).await;
    }
}

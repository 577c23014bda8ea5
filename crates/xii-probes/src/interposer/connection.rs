//! One connection of an app, and the one to the resource that belongs to it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use rustix::net::Shutdown;
use rustix::net::sockopt::set_socket_linger;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::line::{Budget, Lane, Rules};
use super::tally::Tally;
use super::teller::{Kind, Teller, size};
use super::watched::Needle;
use super::way::Way;

/// How long the resource has to take a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// What is read at once, at most.
const SCRATCH: usize = 64 * 1024;

/// What all connections of an interposer see; on its thread alone, but for the counts.
pub(super) struct Shared {
    pub(super) tally: Arc<Tally>,
    pub(super) teller: Teller,
    pub(super) rules: watch::Sender<Rules>,
    pub(super) target: Cell<SocketAddr>,
    pub(super) to_resource: Budget,
    pub(super) to_app: Budget,
    pub(super) needles: RefCell<Vec<Weak<Needle>>>,
    /// Where bytes are read to before they are passed on; one for all, as nobody waits in between.
    pub(super) scratch: RefCell<Box<[u8]>>,
    /// The open connections.
    pub(super) open: RefCell<BTreeMap<u64, Rc<Ends>>>,
}

impl Shared {
    pub(super) fn new(target: SocketAddr, tally: Arc<Tally>, teller: Teller) -> Self {
        Shared {
            tally,
            teller,
            rules: watch::Sender::default(),
            target: Cell::new(target),
            to_resource: Budget::default(),
            to_app: Budget::default(),
            needles: RefCell::default(),
            scratch: RefCell::new(vec![0; SCRATCH].into_boxed_slice()),
            open: RefCell::default(),
        }
    }
}

/// Who ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    App,
    Resource,
}

/// The two ends of a relayed connection.
#[derive(Debug)]
pub(super) struct Ends {
    app: TcpStream,
    pub(super) half_closed: Cell<bool>,
    ended_by: Cell<Option<Side>>,
    pub(super) to_resource: Cell<u64>,
    pub(super) to_app: Cell<u64>,
}

impl Ends {
    /// Keeps who was the first to end.
    pub(super) fn ended_by(&self, side: Side) {
        if self.ended_by.get().is_none() {
            self.ended_by.set(Some(side));
        }
    }

    /// Tells the app that the resource will send no more.
    pub(super) fn half_close(&self) {
        if !self.half_closed.replace(true) {
            // An app that has left already needs not be told.
            let _ = rustix::net::shutdown(&self.app, Shutdown::Write);
        }
    }
}

/// A connection that is counted as open.
struct Open<'a> {
    shared: &'a Shared,
    number: u64,
    ends: Rc<Ends>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.shared.open.borrow_mut().remove(&self.number);
        self.shared.tally.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Relays a connection until it ends, and tells of it.
pub(super) async fn relay(shared: Rc<Shared>, app: TcpStream, number: u64) {
    let began = Instant::now();
    if let Err(error) = prepare(&app) {
        // The system says so of a socket whose other side has left.
        let how = || format!("lost connection {number} at once: {error}");
        shared.teller.connection(Kind::Ended, how);
        return;
    }
    let ends = Rc::new(Ends {
        app,
        half_closed: Cell::new(false),
        ended_by: Cell::new(None),
        to_resource: Cell::new(0),
        to_app: Cell::new(0),
    });
    shared.open.borrow_mut().insert(number, Rc::clone(&ends));
    Tally::add(&shared.tally.opened, 1);
    let open = Tally::add(&shared.tally.open, 1);
    let this = Open {
        shared: &shared,
        number,
        ends,
    };
    shared.teller.connection(Kind::Opened, || {
        format!("opened connection {number} ({open} open)")
    });
    let ended = match reach(&shared).await {
        Ok(resource) => pass(&shared, &this.ends, &resource).await,
        Err(error) => {
            Tally::add(&shared.tally.unreachable, 1);
            let target = shared.target.get();
            Err(format!(": {target} could not be reached: {error}"))
        }
    };
    // Whoever is told of an end finds it counted.
    drop(this);
    shared.teller.connection(Kind::Ended, || match ended {
        Ok(how) => format!(
            "closed connection {number} after {} ms{how}",
            began.elapsed().as_millis()
        ),
        Err(how) => format!("reset connection {number}{how}"),
    });
}

/// Passes on what comes from either side, until both have ended or one was reset. Says what went through.
async fn pass(shared: &Shared, ends: &Ends, resource: &TcpStream) -> Result<String, String> {
    let there = Way::new(shared, ends, Lane::ToResource, &ends.app, resource);
    let back = Way::new(shared, ends, Lane::ToApp, resource, &ends.app);
    let ended = tokio::try_join!(there.run(), back.run());
    let by = match ends.ended_by.get() {
        Some(Side::App) => "; the app ended it",
        Some(Side::Resource) => "; the resource ended it",
        None => "",
    };
    let what = format!(
        ", {} to it, {} back{by}",
        size(ends.to_resource.get()),
        size(ends.to_app.get()),
    );
    match ended {
        Ok(_) => {
            for end in [&ends.app, resource] {
                // A socket that refuses is one whose other side has left.
                let _ = set_socket_linger(end, None);
            }
            Ok(what)
        }
        Err(_) => Err(what),
    }
}

/// What is closed before its time is reset, in whatever way it comes to be closed.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_zero_linger()
}

/// Connects to the resource, when nothing is stalled.
async fn reach(shared: &Shared) -> io::Result<TcpStream> {
    let mut rules = shared.rules.subscribe();
    rules
        .wait_for(|rules| !rules.stalled)
        .await
        .map_err(io::Error::other)?;
    let target = shared.target.get();
    let socket = match target {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_zero_linger()?;
    let stream = timeout(CONNECT_WITHIN, socket.connect(target))
        .await
        .map_err(|_| io::ErrorKind::TimedOut)??;
    prepare(&stream)?;
    Ok(stream)
}

//! A client's HTTP/2 connection.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, ReadHalf};

use super::answer::{self, Active, Answer, BrokenOff};
use super::request;
use super::rewound::Rewound;
use crate::router::deadline::Deadline;
use crate::router::h1::{self, Client};
use crate::router::rewrite::Asker;
use crate::router::worker::{BUFFER, Worker};

/// The most requests that a client may have open on a connection.
const MOST_STREAMS: u32 = 128;
/// How long a connection that was told to end may take for it when it has no request.
const GOODBYE: Duration = Duration::from_secs(5);

/// Serves a client that speaks HTTP/2, and has sent these bytes already, until its connection ends.
pub(in crate::router) async fn serve<C: Client + 'static>(
    client: C,
    sent: Vec<u8>,
    asker: Asker,
    worker: &Rc<Worker>,
) {
    let asker = Rc::new(asker);
    let active = Rc::new(Cell::new(0));
    let service = service_fn(|request| {
        let guard = Active::new(&active);
        stream(request, Rc::clone(&asker), Rc::clone(worker), guard)
    });
    let max_head = u32::try_from(worker.settings.max_head).unwrap_or(u32::MAX);
    let mut server = http2::Builder::new(OnThisThread);
    server
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(max_head)
        .auto_date_header(false);
    let connection = server.serve_connection(TokioIo::new(Rewound::new(sent, client)), service);
    let mut connection = pin!(connection);
    let idle = worker.settings.keep_alive_timeout;
    let mut deadline = Deadline::new(idle);
    let mut ending = false;
    poll_fn(|cx| {
        if worker.is_stopping() && !ending {
            ending = true;
            connection.as_mut().graceful_shutdown();
        }
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if active.get() > 0 {
            deadline.set(if ending { GOODBYE } else { idle });
        }
        while deadline.poll(cx).is_ready() {
            if active.get() == 0 && ending {
                return Poll::Ready(());
            }
            if active.get() == 0 {
                ending = true;
                connection.as_mut().graceful_shutdown();
                // What it has to say now is said by asking it once more.
                cx.waker().wake_by_ref();
            }
            deadline.set(GOODBYE);
        }
        Poll::Pending
    })
    .await;
}

/// Has one request answered.
async fn stream(
    request: Request<Incoming>,
    asker: Rc<Asker>,
    worker: Rc<Worker>,
    guard: Active,
) -> Result<Response<Answer<ReadHalf<DuplexStream>>>, BrokenOff> {
    let (parts, body) = request.into_parts();
    let to_head = parts.method == hyper::Method::HEAD;
    let length = parts.headers.contains_key(hyper::header::CONTENT_LENGTH);
    let chunked = !body.is_end_stream() && !length;
    let head = request::head(&parts, chunked);
    let (near, far) = tokio::io::duplex(4 * BUFFER);
    let broken = Rc::new(Cell::new(false));
    let mut pipe = Pipe {
        stream: far,
        broken: Rc::clone(&broken),
    };
    tokio::task::spawn_local(async move {
        h1::serve(&mut pipe, &asker, &worker, Some("HTTP/2")).await;
    });
    let (from, mut to) = tokio::io::split(near);
    tokio::task::spawn_local(async move {
        if to.write_all(&head).await.is_ok() {
            request::body(body, chunked, to).await;
        }
    });
    answer::read(from, to_head, broken, guard).await
}

/// The far end of a stream's pipe: a client to the path of HTTP/1.1.
struct Pipe {
    stream: DuplexStream,
    broken: Rc<Cell<bool>>,
}

impl Client for Pipe {
    fn break_off(&mut self) {
        self.broken.set(true);
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Runs hyper's futures where the connection runs.
#[derive(Clone, Copy)]
struct OnThisThread;

impl<F: Future + 'static> Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

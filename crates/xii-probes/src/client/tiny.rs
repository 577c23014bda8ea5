//! Tiny apps for tests: a function from a request to an answer.

use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Client;

/// A request as a tiny app sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The head, whole.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// The value of a header field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.field("cookie")?
            .split("; ")
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The answer of a tiny app: status, header fields as lines, and body.
pub(crate) type Given = (u16, String, String);

/// `200` with JSON.
pub(crate) fn json(body: impl Into<String>) -> Given {
    (
        200,
        "Content-Type: application/json".to_owned(),
        body.into(),
    )
}

/// Runs a test on a runtime of its own, in which tiny apps can be served.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

/// A client of an app that is served until the test's runtime ends.
pub(crate) async fn app(answer: impl Fn(&Seen) -> Given + 'static) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let answer = Rc::new(answer);
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = Rc::clone(&answer);
            tokio::task::spawn_local(async move { serve(stream, &*answer).await });
        }
    });
    Client::new(address)
}

async fn serve(mut stream: TcpStream, answer: &dyn Fn(&Seen) -> Given) {
    let mut read = Vec::new();
    let mut seen = loop {
        let Some(end) = memchr::memmem::find(&read, b"\r\n\r\n") else {
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).into_owned();
        read.drain(..end + 4);
        let mut words = head.split(' ').map(str::to_owned);
        break Seen {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            head,
            body: String::new(),
        };
    };
    let length = seen
        .field("content-length")
        .map_or(0, |length| length.parse().expect("a length"));
    while read.len() < length {
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    }
    seen.body = String::from_utf8_lossy(&read).into_owned();
    let (status, fields, body) = answer(&seen);
    let fields = if fields.is_empty() {
        fields
    } else {
        format!("{fields}\r\n")
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{fields}Connection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    let body = if seen.method == "HEAD" {
        String::new()
    } else {
        body
    };
    // A client that has gone is the test's own business.
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}

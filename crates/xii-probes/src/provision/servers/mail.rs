//! A sink for mail: takes every message over SMTP (RFC 5321), delivers none, and counts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::start::{Keeps, Server};

/// Connections at the same time; more wait.
const MOST: usize = 64;
/// The longest line, in bytes: more than RFC 5321, 4.5.3.1 asks for.
const LONGEST: u64 = 64 << 10;
/// The largest message, in bytes; the rest is refused.
const LARGEST: usize = 32 << 20;
/// How long a client may be silent (RFC 5321, 4.5.3.2.7).
const SILENCE: Duration = Duration::from_secs(300);

/// A running sink. Dropped, it is stopped.
///
/// It has a thread of its own, so that an app is answered while a probe is busy.
pub(super) struct Sink {
    taken: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

pub(super) fn start(address: SocketAddr) -> Result<Server, String> {
    let sink = Sink::start(address).map_err(|error| format!("it cannot listen ({error})"))?;
    Ok(Server {
        address,
        name: "mail sink",
        version: None,
        keeps: Keeps::Sink(sink),
    })
}

impl Sink {
    fn start(address: SocketAddr) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let taken = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = oneshot::channel();
        let counter = Arc::clone(&taken);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = stopped => {}
                        () = serve(listener, counter) => {}
                    }
                });
            })?;
        Ok(Sink {
            taken,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// How many messages it has taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, taken: Arc<AtomicUsize>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let places = Arc::new(tokio::sync::Semaphore::new(MOST));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: they come back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let taken = Arc::clone(&taken);
        tokio::spawn(async move {
            let _place = place;
            let _ = talk(stream, &taken).await;
        });
    }
}

async fn talk(stream: TcpStream, taken: &AtomicUsize) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 localhost ESMTP xii\r\n").await?;
    loop {
        let Some(line) = line(&mut read).await? else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        let verb = text
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => {
                b"250-localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250 AUTH PLAIN LOGIN\r\n"
            }
            "HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => b"250 ok\r\n",
            "VRFY" => b"252 send it\r\n",
            // Whoever comes is who he says (RFC 4954).
            "AUTH" => {
                let words: Vec<&str> = text.split(' ').collect();
                let plain = words.get(1).is_some_and(|how| how.eq_ignore_ascii_case("plain"));
                let questions: &[&[u8]] = match (plain, words.len() > 2) {
                    (true, true) => &[],
                    (true, false) => &[b"334 \r\n"],
                    (false, true) => &[b"334 UGFzc3dvcmQ6\r\n"],
                    (false, false) => &[b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"],
                };
                for question in questions {
                    write.write_all(question).await?;
                    self::line(&mut read).await?;
                }
                b"235 welcome\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                match message(&mut read).await? {
                    true => {
                        taken.fetch_add(1, Ordering::SeqCst);
                        b"250 taken\r\n"
                    }
                    false => b"552 too large\r\n",
                }
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        write.write_all(answer).await?;
    }
}

/// A line; none at the end of the stream.
async fn line(read: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut bounded = read.take(LONGEST);
    let reading = bounded.read_until(b'\n', &mut bytes);
    let count = tokio::time::timeout(SILENCE, reading).await??;
    Ok((count > 0).then_some(bytes))
}

/// Reads a message to its end, and says whether it is small enough.
async fn message(read: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<bool> {
    let mut size = 0;
    let mut starts = true;
    while let Some(part) = line(read).await? {
        if starts && (part == b".\r\n" || part == b".\n") {
            return Ok(size <= LARGEST);
        }
        // A line that was cut goes on.
        starts = part.ends_with(b"\n");
        size += part.len();
    }
    Err(std::io::ErrorKind::UnexpectedEof.into())
}

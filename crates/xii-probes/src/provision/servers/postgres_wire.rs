//! As much of PostgreSQL's protocol as it takes to ask a server that trusts us
//! (<https://www.postgresql.org/docs/current/protocol.html>).

use std::io;
use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// The longest message that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// A connection over a Unix socket.
pub(super) struct Connection {
    stream: UnixStream,
    /// `server_version` as the server says it.
    pub(super) version: Option<String>,
}

impl Connection {
    /// Connects as a user whom the server trusts.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub(super) async fn open(socket: &Path, user: &str, database: &str) -> io::Result<Self> {
        let mut connection = Connection {
            stream: UnixStream::connect(socket).await?,
            version: None,
        };
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for word in ["user", user, "database", database, ""] {
            body.extend_from_slice(word.as_bytes());
            body.push(0);
        }
        connection.send(&[], &body).await?;
        connection.until_ready().await?;
        Ok(connection)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// What the server says against it.
    pub(super) async fn run(&mut self, statement: &str) -> io::Result<()> {
        let mut body = statement.as_bytes().to_vec();
        body.push(0);
        self.send(b"Q", &body).await?;
        self.until_ready().await
    }

    async fn send(&mut self, kind: &[u8], body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
        let mut message = kind.to_vec();
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(body);
        self.stream.write_all(&message).await
    }

    /// Reads until the server waits for a statement.
    async fn until_ready(&mut self) -> io::Result<()> {
        let mut fault = None;
        loop {
            let kind = self.stream.read_u8().await?;
            let length = self.stream.read_u32().await? as usize;
            if !(4..LONGEST).contains(&length) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut body = vec![0; length - 4];
            self.stream.read_exact(&mut body).await?;
            match kind {
                b'Z' => return fault.map_or(Ok(()), Err),
                b'E' => fault = Some(io::Error::other(message(&body))),
                // Any other answer than "no password wanted".
                b'R' if body != [0; 4] => return Err(io::ErrorKind::PermissionDenied.into()),
                b'S' => {
                    let mut words = body.split(|byte| *byte == 0);
                    if words.next() == Some(b"server_version") {
                        self.version = words
                            .next()
                            .map(|word| String::from_utf8_lossy(word).into_owned());
                    }
                }
                _ => {}
            }
            // While it starts it says so and hangs up.
            if kind == b'E' && self.version.is_none() {
                return fault.map_or(Ok(()), Err);
            }
        }
    }
}

/// The text of an error: its field `M`.
fn message(body: &[u8]) -> String {
    body.split(|byte| *byte == 0)
        .find_map(|field| field.strip_prefix(b"M"))
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .unwrap_or_default()
}

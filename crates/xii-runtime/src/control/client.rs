//! The other commands' side of the control socket.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::socket;
use super::words::{Fault, Scale, Signalling, Targets};
use crate::supervisor::Status;
use xii_model::Instance;

/// The largest answer that is read.
const LARGEST: u64 = 16 << 20;

/// Why a running `up` did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// Nothing listens there.
    #[error("nothing runs here; start it with `xii up`")]
    NotRunning,
    /// It refused, in its own words.
    #[error("{0}")]
    Refused(String),
    /// The connection broke.
    #[error("the running `xii up` did not answer: {0}")]
    Broken(#[from] io::Error),
}

/// Talks to a running `up`.
#[derive(Debug)]
pub struct Client<'a> {
    socket: &'a Path,
}

impl<'a> Client<'a> {
    /// Talks over the socket at this path.
    pub fn new(socket: &'a Path) -> Self {
        Client { socket }
    }

    /// What runs, and how it is.
    ///
    /// # Errors
    ///
    /// Nothing runs, or it did not answer.
    pub fn status(&self) -> Result<Status, Unreachable> {
        self.ask("GET", "/status", &())
    }

    /// Makes this many instances of a type run, and waits for them.
    ///
    /// # Errors
    ///
    /// Nothing runs, it refused, or it did not answer.
    pub fn scale(&self, process: &str, count: u32) -> Result<(), Unreachable> {
        let process = process.to_owned();
        self.ask::<serde_json::Value>("POST", "/scale", &Scale { process, count })
            .map(drop)
    }

    /// Restarts instances, and waits until they are ready.
    ///
    /// # Errors
    ///
    /// Nothing runs, it refused, or it did not answer.
    pub fn restart(&self, target: &str) -> Result<Vec<Instance>, Unreachable> {
        let target = target.to_owned();
        self.ask("POST", "/restart", &Targets { target })
    }

    /// Stops instances, and waits until they are gone.
    ///
    /// # Errors
    ///
    /// Nothing runs, it refused, or it did not answer.
    pub fn stop(&self, target: &str) -> Result<Vec<Instance>, Unreachable> {
        let target = target.to_owned();
        self.ask("POST", "/stop", &Targets { target })
    }

    /// Sends a signal to instances.
    ///
    /// # Errors
    ///
    /// Nothing runs, it refused, or it did not answer.
    pub fn signal(&self, target: &str, signal: &str) -> Result<Vec<Instance>, Unreachable> {
        let (target, signal) = (target.to_owned(), signal.to_owned());
        self.ask("POST", "/signal", &Signalling { target, signal })
    }

    /// Ends the run; returns when it is over.
    ///
    /// # Errors
    ///
    /// Nothing runs, or it did not answer.
    pub fn shut_down(&self) -> Result<(), Unreachable> {
        let mut stream = self.send("POST", "/shutdown", &())?;
        // The end of the connection is the end of the run.
        let _ = stream.read_to_end(&mut Vec::new());
        Ok(())
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Unreachable> {
        let stream = self.send(method, path, body)?;
        let mut answer = Vec::new();
        stream.take(LARGEST).read_to_end(&mut answer)?;
        let (status, body) = parse(&answer)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "its answer is not whole"))?;
        if status == 200 {
            return Ok(serde_json::from_slice(body).map_err(io::Error::other)?);
        }
        let fault: Fault = serde_json::from_slice(body).map_err(io::Error::other)?;
        Err(Unreachable::Refused(fault.error))
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<UnixStream, Unreachable> {
        let mut stream = socket::connect(self.socket).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Unreachable::NotRunning,
            _ => Unreachable::Broken(error),
        })?;
        let body = serde_json::to_string(body).map_err(io::Error::other)?;
        let length = body.len();
        // In one piece: an answer may come, and the connection end, before a second piece is written.
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: xii\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        Ok(stream)
    }
}

/// The status and the body of an answer whose length is known, as all of the server's are.
fn parse(answer: &[u8]) -> Option<(u16, &[u8])> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(answer).ok()? else {
        return None;
    };
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| {
            std::str::from_utf8(header.value)
                .ok()?
                .parse::<usize>()
                .ok()
        })?;
    let body = answer.get(head..)?;
    (body.len() == length).then_some((response.code?, body))
}

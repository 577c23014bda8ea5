//! A request of which only a part was sent yet.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Answer, Connection, Miss, Request};

type Read = (Result<Answer, Miss>, Option<u16>);

/// A request of which the head and a part of the body were sent. Dropped, it is broken off.
#[derive(Debug)]
pub struct Half {
    connection: Connection,
    request: Request,
    begun: Instant,
    feed: UnboundedSender<Bytes>,
    rest: Bytes,
    answer: JoinHandle<Read>,
}

impl Drop for Half {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

impl Half {
    pub(super) fn new(
        connection: Connection,
        request: Request,
        begun: Instant,
        feed: UnboundedSender<Bytes>,
        rest: Bytes,
        answer: JoinHandle<Read>,
    ) -> Self {
        Half {
            connection,
            request,
            begun,
            feed,
            rest,
            answer,
        }
    }

    /// How many bytes of the body are still here.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Waits for an answer, or for the connection's end, before the body is whole: such a request is not in
    /// flight, it was refused. `None` when neither comes within `within`. After either there is nothing to
    /// finish.
    pub async fn early(&mut self, within: Duration) -> Option<Result<Answer, Miss>> {
        let outcome = timeout(within, &mut self.answer).await.ok()?;
        let (outcome, status) = outcome.unwrap_or((Err(Miss::Closed), None));
        self.rest.clear();
        self.connection
            .over(&self.request, self.begun, status, &outcome);
        Some(outcome)
    }

    /// Sends the rest of the body and waits for the answer, for at most the request's time from now.
    ///
    /// # Errors
    ///
    /// How the answer failed to come; [`Miss::Closed`] when it came early.
    pub async fn finish(mut self) -> Result<Answer, Miss> {
        if self.rest.is_empty() {
            return Err(Miss::Closed);
        }
        let _ = self.feed.send(std::mem::take(&mut self.rest));
        let waited = timeout(self.request.within, &mut self.answer).await;
        let (outcome, status) = match waited {
            Ok(read) => read.unwrap_or((Err(Miss::Closed), None)),
            Err(_) => (Err(Miss::TimedOut), None),
        };
        self.connection
            .over(&self.request, self.begun, status, &outcome);
        outcome
    }
}

//! A client of one instance of the app.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use xii_model::Asked;

use super::{Answer, Connection, Cookies, Knock, Miss, Request};

/// A client of one instance of the app. A clone shares its cookies.
#[derive(Clone)]
pub struct Client {
    pub(super) address: SocketAddr,
    pub(super) host: Rc<str>,
    pub(super) cookies: Option<Rc<RefCell<Cookies>>>,
    tell: Option<Rc<dyn Fn(Asked)>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, as {})", self.address, self.host)
    }
}

impl Client {
    /// A client that connects to this address, names `localhost` and the port as the host, and keeps no cookies.
    pub fn new(address: SocketAddr) -> Self {
        Client {
            address,
            host: format!("localhost:{}", address.port()).into(),
            cookies: None,
            tell: None,
        }
    }

    /// The same that tells of every request when it is over. A [`flood`](super::flood) tells of none.
    #[must_use]
    pub fn telling(mut self, tell: Rc<dyn Fn(Asked)>) -> Self {
        self.tell = Some(tell);
        self
    }

    /// The same with another `Host` field.
    #[must_use]
    pub fn naming(mut self, host: impl Into<Rc<str>>) -> Self {
        self.host = host.into();
        self
    }

    /// The same that keeps cookies there, and sends them.
    #[must_use]
    pub fn keeping(mut self, cookies: Rc<RefCell<Cookies>>) -> Self {
        self.cookies = Some(cookies);
        self
    }

    /// The address that it connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `Host` that it names.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request on a connection of its own.
    ///
    /// # Errors
    ///
    /// How the answer failed to come.
    pub async fn send(&self, request: &Request) -> Result<Answer, Miss> {
        let begun = Instant::now();
        match self.connected(request.within).await {
            Ok(mut connection) => {
                let left = request.within.saturating_sub(begun.elapsed());
                connection.send_within(request, left).await.0
            }
            Err(miss) => {
                self.tell(request, None, Some(&miss), begun.elapsed());
                Err(miss)
            }
        }
    }

    /// Sends a request, and again as long as the app answers 429 (RFC 6585, section 4) and the wait that it asks
    /// for fits into `patience`. Where it does not say how long to wait, the wait doubles from 250 ms.
    ///
    /// # Errors
    ///
    /// How the last answer failed to come.
    pub async fn send_patiently(
        &self,
        request: &Request,
        patience: Duration,
    ) -> Result<Answer, Miss> {
        let begun = Instant::now();
        let mut next = Duration::from_millis(250);
        loop {
            let answer = self.send(request).await?;
            let wait = answer.retry_after().unwrap_or(next).max(next);
            next = next.saturating_mul(2);
            if answer.status != 429 || begun.elapsed().saturating_add(wait) > patience {
                return Ok(answer);
            }
            sleep(wait).await;
        }
    }

    /// A connection that is kept, for several requests or for none.
    ///
    /// # Errors
    ///
    /// Why it could not be made within `within`.
    pub async fn connect(&self, within: Duration) -> Result<Connection, Miss> {
        self.connected(within).await
    }

    /// What a fresh connection meets that asks for `path`.
    pub async fn knock(&self, path: &str, within: Duration) -> Knock {
        let request = Request::get(path).within(within);
        let begun = Instant::now();
        let (answer, status) = match self.connected(within).await {
            Ok(mut connection) => {
                let left = within.saturating_sub(begun.elapsed());
                connection.send_within(&request, left).await
            }
            Err(miss) => {
                self.tell(&request, None, Some(&miss), begun.elapsed());
                (Err(miss), None)
            }
        };
        // An answer that had begun came from the app, however it went on.
        match (answer, status) {
            (_, Some(status)) => Knock::Served(status),
            (Ok(answer), None) => Knock::Served(answer.status),
            (Err(Miss::Refused), None) => Knock::Refused,
            (Err(Miss::Reset), None) => Knock::Reset,
            (Err(Miss::Closed), None) => Knock::Closed,
            (Err(Miss::TimedOut), None) => Knock::Hanging,
            (Err(miss), None) => Knock::Other(miss.to_string()),
        }
    }

    async fn connected(&self, within: Duration) -> Result<Connection, Miss> {
        match timeout(within, Connection::open(self.clone())).await {
            Ok(opened) => opened,
            Err(_) => Err(Miss::TimedOut),
        }
    }

    pub(super) fn tell(
        &self,
        request: &Request,
        status: Option<u16>,
        miss: Option<&Miss>,
        took: Duration,
    ) {
        if let Some(tell) = &self.tell {
            tell(Asked {
                method: request.method.clone(),
                path: request.path.clone(),
                port: self.address.port(),
                status,
                miss: miss.map(Miss::to_string),
                duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            });
        }
    }

    /// The same that tells nobody.
    pub(super) fn silent(&self) -> Self {
        Client {
            tell: None,
            ..self.clone()
        }
    }
}

//! TLS in front of the router.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use super::h1::Client;
use super::settings::{RouterError, Tls};

/// Accepts TLS, offering HTTP/2 and HTTP/1.1.
#[derive(Clone)]
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    pub(super) fn new(tls: &Tls) -> Result<Self, RouterError> {
        let certificate = read(&tls.certificate)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(&tls.certificate, &error))?;
        if chain.is_empty() {
            let none = "there is no certificate in it";
            return Err(unusable(&tls.certificate, &none));
        }
        let key = read(&tls.key)?;
        let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| {
            let none = "there is no private key in it that can be used";
            unusable(&tls.key, &none)
        })?;
        let provider = tokio_rustls::rustls::crypto::ring::default_provider();
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&tls.certificate, &error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| unusable(&tls.certificate, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Acceptor(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands; whether HTTP/2 was agreed on. `None` for a client that did not in time, or not at all.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        limit: Duration,
    ) -> Option<(TlsStream<TcpStream>, bool)> {
        let stream = tokio::time::timeout(limit, self.0.accept(stream)).await;
        let stream = stream.ok()?.ok()?;
        let speaks_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Some((stream, speaks_h2))
    }
}

impl Client for TlsStream<TcpStream> {
    fn break_off(&mut self) {
        // Without the notice that TLS ends with, a client knows already; a reset says it to all.
        let _ = self.get_ref().0.set_zero_linger();
    }
}

fn read(path: &Path) -> Result<Vec<u8>, RouterError> {
    std::fs::read(path).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> RouterError {
    RouterError::Tls {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

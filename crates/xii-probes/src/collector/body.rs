//! The body of a request, of bounded size, with its compression taken off.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;

/// What a body may have as it is sent: the limit that gRPC servers have by default.
const MOST_SENT: usize = 4 * 1024 * 1024;

/// What a body may have without its compression.
const MOST_INFLATED: u64 = 16 * 1024 * 1024;

/// Why a body was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoBody {
    #[error("the request is larger than {} MiB", MOST_SENT / 1024 / 1024)]
    TooLarge,
    #[error("the request is larger than {} MiB without its compression", MOST_INFLATED / 1024 / 1024)]
    Inflated,
    #[error("the gzip stream of the request is broken")]
    Gzip,
    #[error("the request is compressed in another way than gzip")]
    Unknown,
    #[error("the request ended too early")]
    Lost,
}

/// Reads a whole body.
pub(super) async fn collect(body: Incoming) -> Result<Bytes, NoBody> {
    match Limited::new(body, MOST_SENT).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(NoBody::TooLarge),
        Err(_) => Err(NoBody::Lost),
    }
}

/// Takes off the compression that `Content-Encoding` or `grpc-encoding` names.
pub(super) fn decoded(bytes: Bytes, encoding: Option<&[u8]>) -> Result<Bytes, NoBody> {
    match encoding {
        None | Some(b"" | b"identity") => Ok(bytes),
        Some(b"gzip") => {
            let mut inflated = Vec::new();
            // One more than may be, to tell what is too much.
            let mut limited = MultiGzDecoder::new(&*bytes).take(MOST_INFLATED + 1);
            limited
                .read_to_end(&mut inflated)
                .map_err(|_| NoBody::Gzip)?;
            if inflated.len() as u64 > MOST_INFLATED {
                return Err(NoBody::Inflated);
            }
            Ok(Bytes::from(inflated))
        }
        Some(_) => Err(NoBody::Unknown),
    }
}

//! OTLP/gRPC: one message each way over HTTP/2 (grpc.io, PROTOCOL-HTTP2).

use std::convert::Infallible;

use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Empty, Full};
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::body::{self, NoBody};
use super::serve::Answer;

/// The type of requests and answers; requests may add `+proto`.
pub(super) const TYPE: &str = "application/grpc";

const STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// The states of a call that are answered here, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok = 0,
    InvalidArgument = 3,
    ResourceExhausted = 8,
    Unimplemented = 12,
}

/// The message in a request: a byte that says whether it is compressed, four of its length, and itself.
pub(super) fn message(mut body: Bytes, encoding: Option<&[u8]>) -> Result<Bytes, NoBody> {
    let compressed = body.try_get_u8().map_err(|_| NoBody::Lost)?;
    let length = body.try_get_u32().map_err(|_| NoBody::Lost)?;
    if usize::try_from(length) != Ok(body.len()) {
        return Err(NoBody::Lost);
    }
    match compressed {
        0 => Ok(body),
        _ => body::decoded(body, encoding),
    }
}

/// What a call is answered with: an empty message when it went well, and its state.
pub(super) fn answer(status: Status) -> Answer {
    let number = HeaderValue::from(status as u16);
    let mut answer = match status {
        Status::Ok => {
            let trailers = HeaderMap::from_iter([(STATUS, number)]);
            let message = Full::new(Bytes::from_static(&[0; 5]));
            let trailers = async move { Some(Ok::<_, Infallible>(trailers)) };
            Response::new(message.with_trailers(trailers).boxed_unsync())
        }
        _ => {
            // Without a message, the state is in the head.
            let mut answer = Response::new(Empty::new().boxed_unsync());
            answer.headers_mut().insert(STATUS, number);
            answer
        }
    };
    let kind = HeaderValue::from_static(TYPE);
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

//! HTTP/1.1 as bytes: heads, chunked bodies, and what is refused (RFC 9112).
//!
//! Everything here is pure: bytes in, meaning or a refusal out.

mod body;
mod chunked;
mod fields;
mod refusal;
mod request;
mod response;
mod scan;
mod target;

pub use body::{Body, Framing};
pub use chunked::{ChunkFault, Chunked, Piece};
pub(crate) use fields::members;
pub use fields::{Field, MOST_FIELDS};
pub use refusal::Refusal;
pub use request::{Connection, RequestHead};
pub use response::{Malformed, ResponseHead};
pub use scan::{BareLineFeed, Scan};
pub use target::valid_host;

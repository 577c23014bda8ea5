//! HTTP/2 from the client, HTTP/1.1 to the instance.

mod serve;

pub(super) use serve::serve;

//! HTTP/2 from the client, HTTP/1.1 to the instance.
//!
//! hyper speaks HTTP/2. Each stream is then written as the HTTP/1.1 request that it means, into a pipe in
//! memory, at whose other end the path of HTTP/1.1 serves it like any client: what is checked, tried again,
//! timed and counted there is the same for both.

mod answer;
mod request;
mod rewound;
mod serve;

pub(super) use serve::serve;

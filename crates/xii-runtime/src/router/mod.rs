//! The HTTP router in front of `web`.
//!
//! It takes requests over HTTP/1.1 and HTTP/2 and gives each to the ready instance with the fewest
//! outstanding. The path of HTTP/1.1 is its own: a proxy that reads leniently and writes strictly, or the
//! other way round, is what request smuggling lives on, so every head is read once, strictly, and written
//! anew; bodies are passed on as they come, and judged on the way.
//!
//! **Tries.** A request goes to another instance when one takes no connection: nothing was sent yet, so
//! that is done for every method; when none takes one, as while the only one starts, they are asked again
//! until the time for becoming ready is over. When a connection ends before a byte of an answer, the request may have
//! been handled, so it is sent again only if its method is safe (GET, HEAD, OPTIONS, TRACE) and what was sent
//! of its body is still there. Requests that must not be sent twice use a kept connection only if it was
//! used within the last second. No more than four connections are tried.

mod accept;
mod backends;
mod buffer;
mod date;
mod deadline;
mod fault;
mod h1;
mod h2;
mod handle;
mod identity;
mod metrics;
mod network;
mod page;
mod report;
mod rewrite;
mod settings;
mod start;
mod tls;
pub mod wire;
mod worker;

pub use backends::Backend;
pub use handle::RouterHandle;
pub use metrics::{BUCKETS, Cause, Metrics};
pub use network::{Network, NoNetwork};
pub use settings::{Observer, RouterError, Settings, Tls};
pub use start::Router;

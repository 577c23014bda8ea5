//! Pages of metrics, as Prometheus reads them: whether they are valid, and what grew between two.

mod cursor;
mod growth;
mod page;
mod parse;
mod requests;

pub use growth::{Growth, grown};
pub use page::{Family, Format, Kind, Page, Sample};
pub use parse::BadLine;
pub use requests::{Requests, requests};

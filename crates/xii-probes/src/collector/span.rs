//! A span, as far as a probe looks at it.

use std::fmt;

/// The longest name that is kept, in bytes.
const MOST_NAME: usize = 256;

/// A span that an app sent (opentelemetry-proto, `trace.v1.Span`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// 32 hexadecimal digits in lower case.
    pub trace_id: String,
    /// 16 hexadecimal digits in lower case.
    pub span_id: String,
    /// The parent's; none for a root.
    pub parent_id: Option<String>,
    /// Its name, such as `GET /orders/:id`; cut to 256 bytes, as all names here.
    pub name: String,
    /// Which part it has in a call.
    pub kind: Kind,
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The instrumentation that made it, such as `@opentelemetry/instrumentation-pg`; empty when it has no name.
    pub scope: String,
}

/// Which part a span has in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It does not say.
    #[default]
    Unspecified,
    /// Work within the app.
    Internal,
    /// A request that the app answers.
    Server,
    /// A request that the app sends.
    Client,
    /// A message that the app sends.
    Producer,
    /// A message that the app handles.
    Consumer,
}

impl Kind {
    const ALL: [Kind; 6] = [
        Kind::Unspecified,
        Kind::Internal,
        Kind::Server,
        Kind::Client,
        Kind::Producer,
        Kind::Consumer,
    ];

    /// The kind with this number in the protocol.
    pub(super) fn of(number: u64) -> Kind {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        Kind::ALL.get(number).copied().unwrap_or_default()
    }

    /// The kind with this name in the protocol, such as `SPAN_KIND_SERVER`.
    pub(super) fn named(name: &str) -> Kind {
        let name = name.strip_prefix("SPAN_KIND_").unwrap_or_default();
        let is = |kind: &&Kind| kind.to_string().eq_ignore_ascii_case(name);
        Kind::ALL.iter().find(is).copied().unwrap_or_default()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Unspecified => "unspecified",
            Kind::Internal => "internal",
            Kind::Server => "server",
            Kind::Client => "client",
            Kind::Producer => "producer",
            Kind::Consumer => "consumer",
        })
    }
}

/// An id of so many bytes as text; none when it has another length or is all zeros, which means that there
/// is none (W3C Trace Context, 3.2.2.3).
pub(super) fn id(bytes: &[u8], length: usize) -> Option<String> {
    let is_one = bytes.len() == length && bytes.iter().any(|byte| *byte != 0);
    is_one.then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A name of bounded size.
pub(super) fn name(text: &str) -> String {
    text[..text.floor_char_boundary(MOST_NAME)].to_owned()
}

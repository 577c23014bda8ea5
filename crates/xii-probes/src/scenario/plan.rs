//! What a scenario is: requests in their order, what is expected of each answer, and what is kept of it.

use std::path::PathBuf;
use std::time::Duration;

use super::template::{Hole, Template};
use super::value::Value;

/// Requests in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// Its name: the file's, or `found`.
    pub name: String,
    /// The folder that its files are read from: the one that it stands in.
    pub folder: Option<PathBuf>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A request, what is expected of the answer, and what is kept of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// The line of the file that it begins on; 0 when it is from no file.
    pub line: usize,
    /// What is asked.
    pub ask: Ask,
    /// How it is asked.
    pub options: Options,
    /// What is expected; nothing, when any answer will do.
    pub expected: Option<Expected>,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// The method.
    pub method: String,
    /// The address. Whatever its origin, it means the app.
    pub url: Template,
    /// Header fields.
    pub headers: Vec<(Template, Template)>,
    /// `[Query]`: parameters that come to those of the address.
    pub query: Vec<(Template, Template)>,
    /// `[Form]`: fields of an `application/x-www-form-urlencoded` body.
    pub form: Vec<(Template, Template)>,
    /// `[Multipart]`: parts of a `multipart/form-data` body.
    pub parts: Vec<Part>,
    /// `[Cookies]`: cookies of this request only.
    pub cookies: Vec<(Template, Template)>,
    /// `[BasicAuth]`: name and password.
    pub basic: Option<(Template, Template)>,
    /// The body, which outranks form and parts.
    pub body: Option<Payload>,
}

/// A body, or what a body is expected to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// JSON with holes.
    Json(Template),
    /// XML with holes.
    Xml(Template),
    /// Text with holes.
    Text(Template),
    /// Bytes.
    Bytes(Vec<u8>),
    /// What a file holds.
    File(Template),
}

/// A part of a `multipart/form-data` body.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The field.
    pub name: Template,
    /// Its value: text, or a file with its media type.
    pub content: Content,
}

/// What a part holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text.
    Text(Template),
    /// A file, and its media type when it is said.
    File(Template, Option<String>),
}

/// How a request is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `skip`: not at all.
    pub skip: bool,
    /// `delay`: after so long.
    pub delay: Option<Duration>,
    /// `retry`: so many times more when the answer is not as expected; bounded when it is to be without end.
    pub retry: u32,
    /// `retry-interval`: the time between them.
    pub retry_interval: Option<Duration>,
    /// `repeat`: so many times; once when nothing is said.
    pub repeat: Option<u32>,
    /// `location`: redirections are followed, at most so many.
    pub redirects: u32,
    /// `max-time`: how long it may take.
    pub within: Option<Duration>,
    /// `variable`: variables that are set before.
    pub variables: Vec<(String, Operand)>,
}

/// What is expected of an answer, and kept of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The version: `HTTP/1.1`; any, when nothing is said.
    pub version: Option<&'static str>,
    /// The status; any, when nothing is said.
    pub status: Option<u16>,
    /// Header fields that must be there.
    pub headers: Vec<(Template, Template)>,
    /// `[Captures]`: variables.
    pub captures: Vec<(Template, Selection)>,
    /// `[Asserts]`.
    pub asserts: Vec<Assert>,
    /// The body.
    pub body: Option<Payload>,
}

/// A value of an answer, and what is made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Where it is taken from.
    pub query: Query,
    /// What is made of it.
    pub filters: Vec<Filter>,
}

/// A claim about an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Assert {
    /// The line of the file.
    pub line: usize,
    /// The claim as it is written.
    pub words: String,
    /// The value.
    pub selection: Selection,
    /// The claim is denied: `not`.
    pub not: bool,
    /// What is claimed.
    pub test: Test,
}

/// Where a value is taken from.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Query {
    Status,
    Version,
    Url,
    Ip,
    Body,
    Bytes,
    Duration,
    Sha256,
    Header(Template),
    /// A cookie that the answer sets, and an attribute of it in lower case.
    Cookie(Template, Option<String>),
    JsonPath(Template),
    Regex(Pattern),
    Variable(Template),
}

/// A regular expression: written as one, or as a string.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// `/…/`.
    Written(regex::Regex),
    /// `"…"`.
    Text(Template),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Pattern::Written(one), Pattern::Written(two)) => one.as_str() == two.as_str(),
            (Pattern::Text(one), Pattern::Text(two)) => one == two,
            _ => false,
        }
    }
}

/// What is made of a value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Filter {
    Base64Decode,
    Base64Encode,
    Base64UrlSafeDecode,
    Base64UrlSafeEncode,
    Count,
    DateFormat(Template),
    DaysAfterNow,
    DaysBeforeNow,
    First,
    HtmlEscape,
    JsonPath(Template),
    Last,
    Nth(i64),
    Regex(Pattern),
    Replace(Template, Template),
    ReplaceRegex(Pattern, Template),
    Split(Template),
    ToDate(Template),
    ToFloat,
    ToHex,
    ToInt,
    ToString,
    UrlDecode,
    UrlEncode,
    UrlQueryParam(Template),
    Utf8Decode,
    Utf8Encode,
}

/// What is claimed of a value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Test {
    Equal(Operand),
    NotEqual(Operand),
    Greater(Operand),
    GreaterOrEqual(Operand),
    Less(Operand),
    LessOrEqual(Operand),
    StartsWith(Operand),
    EndsWith(Operand),
    Contains(Operand),
    Includes(Operand),
    Matches(Pattern),
    Exists,
    IsEmpty,
    Is(Kind),
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Boolean,
    Collection,
    Date,
    Float,
    Integer,
    Ipv4,
    Ipv6,
    IsoDate,
    List,
    Number,
    Object,
    String,
    Uuid,
}

/// What a value is held against.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A value.
    Value(Value),
    /// Text with holes.
    Text(Template),
    /// A variable, with its own kind.
    Hole(Hole),
    /// What a file holds.
    File(Template),
}

impl Step {
    /// The step as a transcript names it: the method, and the path without an origin.
    pub fn name(&self) -> String {
        format!("{} {}", self.ask.method, self.ask.url.source())
    }

    /// A request from no file, of which nothing is expected.
    pub fn plain(method: &str, path: &str) -> Self {
        Step {
            ask: Ask {
                method: method.to_owned(),
                url: Template::plain(path),
                ..Ask::default()
            },
            ..Step::default()
        }
    }
}

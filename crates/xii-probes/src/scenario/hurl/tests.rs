//! Files of many shapes, and what is no Hurl.

use super::read;
use proptest::prelude::*;

/// What was read, as a snapshot, or why it was not.
fn told(text: &str) -> String {
    match read("t.hurl", text) {
        Ok(scenario) => format!("{:#?}", scenario.steps),
        Err(unreadable) => unreadable.to_string(),
    }
}

fn wrong(text: &str) -> String {
    read("t.hurl", text).expect_err(text).to_string()
}

#[test]
fn a_session_with_all_that_requests_may_have() {
    insta::assert_snapshot!(told(
        r#"# Begins a session.
POST http://localhost:3000/login   # a comment
Accept: text/html
X-Note: with \# and {{note}}
[Query]
next: /home page
[Cookies]
theme: dark
[Form]
user: {{user}}
password: se:cret

HTTP/1.1 302
Location: /home
[Captures]
sid: cookie "sid[Value]"
token: header "X-Token" regex /t=(\w+)/ redact
[Asserts]
header "Location" == "/home"

GET {{base}}/home
[Options]
location: true
max-redirs: 3
retry: 5
retry-interval: 200ms
delay: 1s
max-time: 3
variable: count=3
variable: name=3 books
[BasicAuth]
bob: se#cret
HTTP *
"#
    ));
}

#[test]
fn bodies_of_every_kind() {
    insta::assert_snapshot!(told(
        r#"POST /json
{
  "id": {{id}}, "name": "{{name}} \"x\" \u00e4",
  "list": [1, -2.5e3, true, null, {}, []]
}
POST /list
[1, 2]
HTTP 200
[]

POST /xml
<?xml version="1.0"?>
<!-- a > b -->
<a b="/>"><c/>{{x}}<![CDATA[</a>]]></a>
POST /text
```
GET is not a request here
{{x}}
```
HTTP 200
`one line {{x}}`
POST /raw
```raw
{{x}}
```
POST /hinted
```json
{"a": 1}
```
POST /fence
```one line```
POST /base64
base64,TG9y
ZW0=;
POST /hex
hex,00fF;
POST /file
file,data/my\ file.bin;
POST /parts
[Multipart]
field: value
upload: file,a.txt; text/csv
other: file,b.png;
POST /scalar
"text"
POST /number
12
"#
    ));
}

#[test]
fn asserts_with_every_query_filter_and_predicate() {
    insta::assert_snapshot!(told(
        r#"GET /
HTTP 200
[Asserts]
status < 300
version == "1.1"
duration <= 1000
url endsWith "/x"
ip isIpv4
body contains "ok"
bytes startsWith hex,efbbbf;
bytes count >= 12
sha256 == hex,00;
variable "x" exists
cookie "sid[Max-Age]" > 60
regex "id=(\\d+)" toInt == 12
regex /a\/b(.)/ not exists
header "vary" includes "Accept"
jsonpath "$.a[?(@.b == 'c')].d" nth -1 != null
jsonpath "$.list" isList
jsonpath "$.a" not isEmpty
jsonpath "$.text" matches /^\d{4}$/
jsonpath "$.text" matches "^\\d{4}$"
jsonpath "$.when" toDate "%Y-%m-%d" daysBeforeNow > 3
jsonpath "$.when" toDate "%+" format "%A" == "Monday"
jsonpath "$.s" replace "a" "b" replaceRegex /c/ "d" split "," first == `x`
jsonpath "$.s" replace /old/ "form" == "x"
jsonpath "$.s" base64Decode toHex base64UrlSafeDecode == base64,AAAA;
jsonpath "$.s" urlEncode urlDecode htmlEscape urlQueryParam "q" == {{q}}
jsonpath "$.s" utf8Encode utf8Decode decode "utf-8" == file,x.txt;
jsonpath "$.s" == ```
several
lines
```
jsonpath "$.n" == -1.5   # a comment
jsonpath "$.n" equals true
jsonpath "$.id" isUuid
"#
    ));
}

#[test]
fn the_guide_shows_what_is_read() {
    let guide = include_str!("../../../../../docs/guide.md");
    let blocks: Vec<&str> = guide
        .split("```hurl\n")
        .skip(1)
        .filter_map(|block| block.split("\n```").next())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        read("docs/guide.md", block).unwrap_or_else(|why| panic!("{why}"));
    }
}

#[test]
fn a_body_may_follow_the_asserts() {
    let scenario = read(
        "t",
        "GET /\nHTTP 200\n[Asserts]\nstatus == 200\ntrue\nGET /b\n",
    );
    let scenario = scenario.expect("a scenario");
    assert_eq!(scenario.steps.len(), 2);
    let expected = scenario.steps[0].expected.as_ref().expect("an answer");
    assert!(expected.body.is_some() && expected.asserts.len() == 1);
}

#[test]
fn line_ends_and_marks_of_every_editor_are_read() {
    for text in [
        "GET /\r\nAccept: a\r\n\r\nHTTP 200\r\n[Asserts]\r\nstatus == 200\r\n",
        "\u{feff}GET /\nAccept: a\nHTTP 200\n[Asserts]\nstatus == 200",
        "  GET /  \n  Accept :a \n\n  HTTP 200  \n  [Asserts]  \n  status == 200  ",
    ] {
        let scenario = read("t", text).expect(text);
        let step = &scenario.steps[0];
        assert_eq!(step.ask.headers[0].1.source(), "a", "{text:?}");
        let expected = step.expected.as_ref().expect(text);
        assert_eq!((expected.status, expected.asserts.len()), (Some(200), 1));
    }
    for empty in ["", "\n\n# only a comment\n", "\u{feff}"] {
        assert!(read("t", empty).expect("nothing").steps.is_empty());
    }
}

#[test]
fn what_is_no_hurl_is_shown_where_it_stands() {
    for (text, why) in [
        (
            "get /\n",
            "t.hurl:1:1: a method such as `GET` is expected here",
        ),
        (
            "GET\n",
            "t.hurl:1:4: a space and the address is expected here",
        ),
        ("GET \n", "t.hurl:1:5: the address is expected here"),
        (
            "GET /\nHTTP\n",
            "t.hurl:2:5: a space and the status is expected here",
        ),
        (
            "GET /\nHTTP OK\n",
            "t.hurl:2:6: a status or `*` is expected here",
        ),
        (
            "GET /\nHTTP/9 200\n",
            "t.hurl:2:1: `HTTP` or a version such as `HTTP/1.1` is expected here",
        ),
        (
            "GET /\n[Querys]\n",
            "t.hurl:2:2: there is no section of this name in a request",
        ),
        (
            "GET /\nHTTP 200\n[Query]\n",
            "t.hurl:3:2: there is no section of this name in an answer",
        ),
        (
            "GET /\n[Query]\na: b\n[QueryStringParams]\nc: d\n",
            "t.hurl:4:2: this section stands here twice",
        ),
        (
            "GET /{{}}\n",
            "t.hurl:1:6: a variable's name is expected in these braces",
        ),
        (
            "GET /{{a\n",
            "t.hurl:1:6: the braces of this variable are not closed by `}}`",
        ),
        ("GET /\nX: \\q\n", "t.hurl:2:4: this escape is not known"),
        (
            "GET /\n{\"a\": 1,}\n",
            "t.hurl:2:9: a member's name in quotes is expected here",
        ),
        (
            "GET /\n{\"a\": tru}\n",
            "t.hurl:2:7: a value of JSON is expected here",
        ),
        ("GET /\n[1, 2\n", "t.hurl:2:1: this is not closed by `]`"),
        (
            "GET /\n```\nabc\n",
            "t.hurl:2:1: this text is not closed by three backquotes",
        ),
        (
            "GET /\nbase64,***;\n",
            "t.hurl:2:1: this is no base64 that `;` closes",
        ),
        (
            "GET /\nhex,abc;\n",
            "t.hurl:2:1: these are no bytes in hexadecimal that `;` closes",
        ),
        (
            "GET /\nfile,;\n",
            "t.hurl:2:6: a file's name and `;` are expected here",
        ),
        ("GET /\n<a><b></a>\n", "t.hurl:2:1: this XML does not end"),
        (
            "GET /\nHTTP 200\n[Asserts]\nstatus\n",
            "t.hurl:4:7: a space and a predicate such as `==` is expected here",
        ),
        (
            "GET /\nHTTP 200\n[Asserts]\nstatus is 3\n",
            "t.hurl:4:8: a predicate such as `==` or `exists` is expected here",
        ),
        (
            "GET /\nHTTP 200\n[Asserts]\nfoo == 3\n",
            "t.hurl:4:1: a query such as `status` or `jsonpath` is expected here",
        ),
        (
            "GET /\nHTTP 200\n[Asserts]\njsonpath \"a.b\" == 3\n",
            "t.hurl:4:9: this is no JSONPath (RFC 9535)",
        ),
        (
            "GET /\nHTTP 200\n[Asserts]\nbody matches /(/\n",
            "t.hurl:4:14: this is no regular expression",
        ),
        (
            "GET /\nHTTP 200\n[Asserts]\nbody == nope\n",
            "t.hurl:4:9: a value: text in quotes, a number, `true`, `false` or `null` is expected here",
        ),
        (
            "GET /\n[Options]\nretry: soon\n",
            "t.hurl:3:8: a number, or -1 for no end, is expected here",
        ),
        (
            "GET /\n[Options]\ndelay: 3 weeks\n",
            "t.hurl:3:10: the line's end is expected here",
        ),
        (
            "GET /\n[Options]\nnope: 3\n",
            "t.hurl:3:1: there is no option of this name",
        ),
    ] {
        assert_eq!(wrong(text), why, "{text:?}");
    }
}

#[test]
fn what_is_not_supported_is_told_of_all_at_once() {
    insta::assert_snapshot!(wrong(
        r#"GET /
[Options]
proxy: localhost:8080
compressed: true
retry: {{tries}}
HTTP/2 200
[Captures]
title: xpath "string(//title)"
[Asserts]
certificate "Subject" exists
md5 == hex,00;
bytes decode "gb2312" contains "x"
xpath "//h1" exists
body htmlUnescape == "x"
"#
    ));
}

#[test]
fn deep_and_long_files_end_in_time() {
    let deep = format!("POST /\n{}\n", "[".repeat(100_000));
    assert!(wrong(&deep).contains("nested too deeply"));
    let path = format!(
        "GET /\nHTTP 200\n[Asserts]\njsonpath \"$[?{}\" exists\n",
        "(".repeat(400)
    );
    assert!(wrong(&path).contains("too long or too deep"));
    let asserts = "status == 200\n".repeat(50_000);
    let many = format!("GET /\nHTTP 200\n[Asserts]\n{asserts}");
    let scenario = read("t", &many).expect("a scenario");
    let expected = scenario.steps[0].expected.as_ref().expect("an answer");
    assert_eq!(expected.asserts[49_999].line, 50_003);
    assert!(wrong(&"GET /\n".repeat(10_001)).contains("more than 10000 requests"));
    assert!(wrong(&" ".repeat((4 << 20) + 1)).contains("longer than 4 MiB"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = read("t", &text);
    }

    #[test]
    fn any_mixture_of_what_hurl_is_made_of_is_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)
    ) {
        let text: String = pieces.concat();
        if let Err(unreadable) = read("t", &text) {
            prop_assert!(!unreadable.0.is_empty());
            prop_assert!(unreadable.0.iter().all(|line| line.starts_with("t:")));
        }
    }

    #[test]
    fn any_value_in_quotes_comes_back(value in "[^{}\\\\\"]*") {
        let text = format!("GET /\nHTTP 200\n[Asserts]\nbody == \"{value}\"\n");
        let scenario = read("t", &text).expect("a scenario");
        let assert = &scenario.steps[0].expected.as_ref().expect("an answer").asserts[0];
        let crate::scenario::Test::Equal(crate::scenario::Operand::Text(read)) = &assert.test else {
            panic!("{:?}", assert.test);
        };
        prop_assert_eq!(read.source(), value);
    }
}

const PIECES: &[&str] = &[
    "GET /",
    "POST ",
    "HTTP 200",
    "HTTP",
    "*",
    "\n",
    "\n\n",
    " ",
    "# x",
    "a: b",
    ":",
    "[Query]",
    "[Form]",
    "[Multipart]",
    "[Options]",
    "[Asserts]",
    "[Captures]",
    "[BasicAuth]",
    "[Cookies]",
    "status",
    "header",
    "body",
    "jsonpath \"$.a\"",
    "\"x\"",
    "==",
    ">",
    "not",
    "exists",
    "matches",
    "/a/",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "{{x}}",
    "\"",
    "```",
    "`",
    "<a>",
    "</a>",
    "<!--",
    "-->",
    "base64,",
    "hex,",
    "file,",
    ";",
    "\\",
    "\\u{41}",
    "12",
    "-",
    "true",
    "null",
    "retry",
    "count",
    "nth",
    "ä",
    "\u{feff}",
    "\r\n",
    "\t",
];

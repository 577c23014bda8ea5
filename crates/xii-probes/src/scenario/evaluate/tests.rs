//! Queries, filters and predicates against answers.

use std::time::Duration;

use super::{Subject, checked};
use crate::client::Answer;
use crate::scenario::hurl;
use crate::scenario::template::Variables;
use crate::scenario::value::Value;

fn answer(body: &str) -> Answer {
    let mut headers = hyper::HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("vary", "Accept"),
        ("vary", "Origin"),
        ("x-one", "t=abc; u"),
        (
            "set-cookie",
            "sid=s1; Path=/; HttpOnly; Max-Age=60; SameSite=Lax",
        ),
        ("set-cookie", "theme=dark"),
    ] {
        let name = hyper::header::HeaderName::from_static(name);
        headers.append(name, hyper::header::HeaderValue::from_static(value));
    }
    Answer {
        status: 200,
        version: "HTTP/1.1",
        headers,
        body: body.to_owned().into(),
        truncated: false,
        took: Duration::from_millis(7),
        first_byte: Duration::from_millis(3),
    }
}

const BODY: &str = r#"{
  "id": "123", "score": 1.6, "ten": 10, "zero": 0, "yes": true, "nothing": null, "empty": [],
  "list": [1, 2, 3], "one": ["x"], "object": {"a": 1}, "message": "Hello Bob!",
  "file": "0YjQtdC70LvRiw==", "safe": "PDw_Pz8-Pg", "url": "https://x.org/?q=a%20b+c&r",
  "text": "a > b && a < c", "ips": "192.168.2.1, 10.0.0.20", "json": "{\"m\": [\"Hi\"]}",
  "when": "2023-01-23T18:25:43.511Z", "uuid": "e0a9b4f0-3c5d-4b7e-8a3f-2f1f5e6d7c8b",
  "books": [{"t": "A", "p": 5}, {"t": "B", "p": 15}, {"t": "C", "p": 8}]
}"#;

/// What comes of an assert.
fn claim(assert: &str) -> Result<(), String> {
    judged(assert, false)
}

/// What comes of the contrary of an assert.
fn contrary(assert: &str) -> Result<(), String> {
    judged(assert, true)
}

fn judged(assert: &str, contrary: bool) -> Result<(), String> {
    let scenario = hurl::read("t", &format!("GET /\nHTTP *\n[Asserts]\n{assert}\n"));
    let scenario = scenario.unwrap_or_else(|why| panic!("{assert}: {why}"));
    let expected = scenario.steps[0].expected.as_ref().expect("an answer");
    let variables = Variables::from([
        ("bob".to_owned(), Value::text("Bob")),
        ("ten".to_owned(), Value::Json(10.into())),
    ]);
    let answer = answer(BODY);
    let subject = Subject {
        answer: &answer,
        url: "http://localhost:1/x",
        ip: std::net::Ipv4Addr::LOCALHOST.into(),
        variables: &variables,
    };
    let mut assert = expected.asserts[0].clone();
    assert.not ^= contrary;
    checked(&assert, subject, None)
}

#[test]
fn what_is_so_holds_and_its_contrary_does_not() {
    for assert in [
        r#"status == 200"#,
        r#"status != 404"#,
        r#"version == "1.1""#,
        r#"duration == 7"#,
        r#"url endsWith "/x""#,
        r#"ip == "127.0.0.1""#,
        r#"ip isIpv4"#,
        r#"header "Vary" count == 2"#,
        r#"header "vary" includes "Origin""#,
        r#"header "vary" contains "Origin""#,
        r#"header "x-one" regex /t=(\w+)/ == "abc""#,
        r#"cookie "sid" == "s1""#,
        r#"cookie "sid[Max-Age]" == 60"#,
        r#"cookie "sid[HttpOnly]" exists"#,
        r#"cookie "sid[samesite]" == "Lax""#,
        r#"cookie "theme[Path]" not exists"#,
        r#"cookie "none" not exists"#,
        r#"body contains "Hello {{bob}}""#,
        r#"bytes contains hex,48656c6c6f;"#,
        r#"bytes startsWith hex,7b;"#,
        r#"sha256 count == 32"#,
        r#"regex "Hello (\\w+)" == "Bob""#,
        r#"regex /nothing like (this)/ not exists"#,
        r#"variable "ten" == 10"#,
        r#"variable "ten" == {{ten}}"#,
        r#"jsonpath "$.ten" == 10.0"#,
        r#"jsonpath "$.ten" == {{ten}}"#,
        r#"jsonpath "$.ten" != "10""#,
        r#"jsonpath "$.score" > 1"#,
        r#"jsonpath "$.score" <= 1.6"#,
        r#"jsonpath "$.id" < "124""#,
        r#"jsonpath "$.nothing" == null"#,
        r#"jsonpath "$.nothing" exists"#,
        r#"jsonpath "$.none" not exists"#,
        r#"jsonpath "$.empty" isEmpty"#,
        r#"jsonpath "$.empty" count == 0"#,
        r#"jsonpath "$.list" count == 3"#,
        r#"jsonpath "$.list" nth -1 == 3"#,
        r#"jsonpath "$.list" first == 1"#,
        r#"jsonpath "$.list" last == 3"#,
        r#"jsonpath "$.list" nth 7 not exists"#,
        r#"jsonpath "$.list" includes 2"#,
        r#"jsonpath "$.list" not includes 4"#,
        r#"jsonpath "$.books[?(@.p < 10)].t" count == 2"#,
        r#"jsonpath "$.books[?(@.p > 10)].t" == "B""#,
        r#"jsonpath "$..t" nth 2 == "C""#,
        r#"jsonpath "$.yes" == true"#,
        r#"jsonpath "$.yes" isBoolean"#,
        r#"jsonpath "$.score" isFloat"#,
        r#"jsonpath "$.ten" isInteger"#,
        r#"jsonpath "$.ten" isNumber"#,
        r#"jsonpath "$.id" isString"#,
        r#"jsonpath "$.list" isCollection"#,
        r#"jsonpath "$.object" isObject"#,
        r#"jsonpath "$.uuid" isUuid"#,
        r#"jsonpath "$.when" isIsoDate"#,
        r#"jsonpath "$.when" toDate "%+" isDate"#,
        r#"jsonpath "$.when" toDate "%+" dateFormat "%A" == "Monday""#,
        r#"jsonpath "$.when" toDate "%+" daysBeforeNow > 1000"#,
        r#"jsonpath "$.when" toDate "%+" daysAfterNow < -1000"#,
        r#"jsonpath "$.message" matches /^Hello/"#,
        r#"jsonpath "$.message" not matches "Jack""#,
        r#"jsonpath "$.message" regex /Hello (.*)!/ == "Bob""#,
        r#"jsonpath "$.file" base64Decode == hex,d188d0b5d0bbd0bbd18b;"#,
        r#"jsonpath "$.file" base64Decode utf8Decode == "шеллы""#,
        r#"jsonpath "$.file" base64Decode base64Encode == "0YjQtdC70LvRiw==""#,
        r#"jsonpath "$.safe" base64UrlSafeDecode toHex == "3c3c3f3f3f3e3e""#,
        r#"jsonpath "$.id" toInt == 123"#,
        r#"jsonpath "$.score" toInt == 1"#,
        r#"jsonpath "$.id" toFloat isFloat"#,
        r#"jsonpath "$.ten" toString == "10""#,
        r#"jsonpath "$.url" urlQueryParam "q" == "a b c""#,
        r#"jsonpath "$.url" urlDecode contains "q=a b""#,
        r#"jsonpath "$.url" urlEncode startsWith "https%3A//x.org/%3Fq""#,
        r#"jsonpath "$.text" htmlEscape == "a &gt; b &amp;&amp; a &lt; c""#,
        r#"jsonpath "$.ips" split ", " nth 1 == "10.0.0.20""#,
        r#"jsonpath "$.ips" replace ", " "|" == "192.168.2.1|10.0.0.20""#,
        r#"jsonpath "$.id" replaceRegex /\d/ "x" == "xxx""#,
        r#"jsonpath "$.json" jsonpath "$.m[0]" == "Hi""#,
        r#"body jsonpath "$.ten" == 10"#,
    ] {
        assert_eq!(claim(assert), Ok(()), "{assert}");
        assert!(contrary(assert).is_err(), "not {assert}");
    }
}

#[test]
fn what_cannot_be_asked_of_a_value_holds_in_no_form() {
    for (assert, why) in [
        (r#"jsonpath "$.none" != 3"#, "there is no such value"),
        (
            r#"jsonpath "$.ten" contains "1""#,
            "an integer holds no a string",
        ),
        (
            r#"jsonpath "$.ten" matches /1/"#,
            "`matches` wants a string, and this is an integer",
        ),
        (
            r#"jsonpath "$.ten" > "1""#,
            "an integer has no order with a string",
        ),
        (
            r#"jsonpath "$.message" count == 10"#,
            "`count` wants a list or bytes, and this is a string",
        ),
        (
            r#"jsonpath "$.message" toInt == 10"#,
            "the text is no integer",
        ),
        (
            r#"jsonpath "$.ten" split "," count == 1"#,
            "`split` wants a string, and this is an integer",
        ),
        (
            r#"jsonpath "$.{{missing}}" exists"#,
            "the variable `missing` is not set",
        ),
        (
            r#"body == file,x.txt;"#,
            "`x.txt` cannot be read: the scenario lies in no folder",
        ),
    ] {
        assert_eq!(claim(assert), Err(format!("`{assert}`: {why}")));
    }
    let why = claim(r#"jsonpath "$.message" == "x""#);
    assert_eq!(
        why,
        Err(r#"`jsonpath "$.message" == "x"`: the value is "Hello Bob!""#.to_owned())
    );
}

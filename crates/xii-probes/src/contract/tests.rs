//! Contracts read, found and held against answers.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::document::parsed;
use super::sample::Sampler;
use super::*;
use crate::client::Answer;
use crate::client::tiny::{app, json as given, run};

const MODERN: &str = r##"
openapi: 3.1.0
info: {title: Items, version: 1.2.0}
servers:
  - url: https://{stage}.example.org/api/v1/
    variables: {stage: {default: test}}
security:
  - bearer: [read]
paths:
  /items/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - $ref: '#/components/parameters/Tenant'
    get:
      operationId: readItem
      security: []
      responses:
        200:
          description: ok
          content:
            application/json; charset=utf-8:
              schema: {$ref: '#/components/schemas/Item'}
        4XX:
          description: wrong
          content:
            application/problem+json: {}
    delete:
      security:
        - bearer: [admin]
          key: []
        - basic: []
      responses: {204: {description: gone}}
  /items:
    post:
      requestBody:
        required: true
        content:
          text/csv: {}
          application/json:
            schema: {$ref: '#/components/schemas/Item'}
      responses:
        default:
          description: x
          content:
            application/json: {schema: {$ref: '#/components/schemas/Error'}}
components:
  parameters:
    Tenant: {name: X-Tenant, in: header, required: true, schema: {enum: [t1]}}
  schemas:
    Item: &item
      type: object
      required: [id, name, tags, secret, parent]
      properties:
        id: {type: integer, minimum: 5}
        name: {type: string, pattern: '^[a-z]{3}$'}
        tags: {type: array, items: {type: string}, minItems: 2}
        secret: {type: string, writeOnly: true}
        made: {type: string, readOnly: true}
        parent: {anyOf: [{$ref: '#/components/schemas/Item'}, {type: 'null'}]}
    Same: *item
    Error:
      type: object
      required: [code]
      properties: {code: {type: string}}
  securitySchemes:
    bearer: {type: http, scheme: Bearer}
    basic: {type: http, scheme: basic}
    key: {type: apiKey, name: X-Key, in: header}
"##;

fn answer(status: u16, kind: &str, body: &str) -> Answer {
    let mut headers = hyper::HeaderMap::new();
    if !kind.is_empty() {
        headers.insert("content-type", kind.parse().expect("a kind"));
    }
    Answer {
        status,
        version: "HTTP/1.1",
        headers,
        body: body.to_owned().into(),
        truncated: false,
        took: Duration::ZERO,
        first_byte: Duration::ZERO,
    }
}

fn read(text: &str) -> Contract {
    Contract::read(text).unwrap_or_else(|why| panic!("{why}"))
}

fn faults(contract: &Contract, method: &str, path: &str, answer: &Answer) -> Vec<String> {
    let operation = contract.operation(method, path).expect(path);
    let faults = contract
        .validate(operation, answer)
        .expect("it can be told");
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn a_modern_document_is_read() {
    let contract = read(MODERN);
    assert_eq!(
        (contract.title.as_deref(), contract.version.as_deref()),
        (Some("Items"), Some("1.2.0"))
    );
    insta::assert_debug_snapshot!(contract.operations());
    insta::assert_debug_snapshot!(contract.schemes);
}

#[test]
fn an_old_document_is_read() {
    let contract = read(
        r##"{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "basePath": "/v2", "consumes": ["application/json"],
        "securityDefinitions": {"b": {"type": "basic"}},
        "paths": {"/pets": {
          "get": {"parameters": [{"name": "limit", "in": "query", "required": true, "type": "integer", "maximum": 0}],
            "responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}}}},
          "post": {"parameters": [{"name": "body", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Pet"}}],
            "responses": {"201": {"schema": {"type": "file"}}}},
          "put": {"consumes": ["application/x-www-form-urlencoded"], "parameters": [
            {"name": "a", "in": "formData", "required": true, "type": "string"},
            {"name": "b", "in": "formData", "type": "string"}], "responses": {}}}},
        "definitions": {"Pet": {"type": "object", "required": ["name"],
          "properties": {"name": {"type": "string", "x-nullable": true}, "default": {"type": "integer", "x-nullable": true}}}}}"##,
    );
    insta::assert_debug_snapshot!(contract.operations());
    let body = r#"[{"name": null, "default": null}, {"name": 3}, {}]"#;
    assert_eq!(
        faults(
            &contract,
            "GET",
            "/v2/pets",
            &answer(200, "application/json", body)
        ),
        [
            "$/1/name: the value is not valid under any of the schemas listed in the 'anyOf' keyword",
            "$/2: \"name\" is a required property",
        ]
    );
}

#[test]
fn requests_are_made_of_samples() {
    let contract = read(MODERN);
    let get = contract
        .operation("get", "/api/v1/items/3?x")
        .expect("an operation");
    assert!(get.is_safe() && get.is_public());
    let request = get.request().expect("a request");
    assert_eq!(
        request.path,
        "/api/v1/items/00000000-0000-4000-8000-000000000001"
    );
    assert_eq!(request.headers, [("X-Tenant".to_owned(), "t1".to_owned())]);
    let post = contract
        .operation("POST", "/api/v1/items")
        .expect("an operation");
    assert!(!post.is_public());
    // An item has a parent that is an item, and so on: there is no telling.
    assert_eq!(post.request(), None);
    assert!(contract.operation("GET", "/api/v1/items/").is_none());
    assert!(contract.operation("GET", "/items/3").is_none());
}

#[test]
fn samples_fit_their_schemas() {
    let document = json!({"components": {"schemas": {
        "Name": {"type": "string", "minLength": 12},
        "Endless": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Endless"}}},
        "Circle": {"$ref": "#/components/schemas/Circle"},
    }}});
    let sampler = Sampler::new(&document);
    for (schema, expected) in [
        (
            json!({"type": "integer", "minimum": 3, "exclusiveMinimum": true}),
            Some(json!(4)),
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 3}),
            Some(json!(4)),
        ),
        (json!({"type": "integer", "maximum": -2}), Some(json!(-2))),
        (json!({"type": "integer", "minimum": 2, "maximum": 1}), None),
        (
            json!({"type": "integer", "multipleOf": 10}),
            Some(json!(10)),
        ),
        (json!({"type": "number"}), Some(json!(1))),
        (
            json!({"type": "string", "maxLength": 3}),
            Some(json!("exa")),
        ),
        (
            json!({"$ref": "#/components/schemas/Name"}),
            Some(json!("exampleeeeee")),
        ),
        (
            json!({"type": "string", "pattern": "^\\d{5}$"}),
            Some(json!("12345")),
        ),
        (
            json!({"type": "string", "pattern": "^secret-[a-f]{9}$"}),
            None,
        ),
        (json!({"type": ["null", "boolean"]}), Some(json!(true))),
        (
            json!({"type": "array", "items": {"type": "integer"}, "minItems": 2}),
            Some(json!([1, 1])),
        ),
        (json!({"example": {"a": 1}}), Some(json!({"a": 1}))),
        (
            json!({"oneOf": [{"type": "null"}, {"const": 7}]}),
            Some(json!(7)),
        ),
        (
            json!({"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"], "properties": {"b": {"type": "boolean"}}}]}),
            Some(json!({"a": 1, "b": true})),
        ),
        (json!({"$ref": "#/components/schemas/Endless"}), None),
        (json!({"$ref": "#/components/schemas/Circle"}), None),
        (json!({"$ref": "http://x.org/schema"}), None),
    ] {
        assert_eq!(sampler.sample(&schema), expected, "{schema}");
    }
}

#[test]
fn answers_are_held_against_what_is_declared() {
    let contract = read(MODERN);
    let kind = "application/json";
    let path = "/api/v1/items/3";
    let good = r#"{"id": 5, "name": "abc", "tags": ["a", "b"], "parent": null}"#;
    assert!(faults(&contract, "GET", path, &answer(200, kind, good)).is_empty());
    let nested = format!(r#"{{"id": 5, "name": "abc", "tags": ["a", "b"], "parent": {good}}}"#);
    assert!(faults(&contract, "GET", path, &answer(200, kind, &nested)).is_empty());
    let bad = r#"{"id": "s3cret", "name": "ABC", "tags": ["a"]}"#;
    let told = faults(&contract, "GET", path, &answer(200, kind, bad));
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(
        told.iter().all(|fault| !fault.contains("s3cret")),
        "{told:?}"
    );
    assert!(
        told.contains(&"$/id: the value is not of type \"integer\"".to_owned()),
        "{told:?}"
    );
    for (status, kind, body, fault) in [
        (500, kind, "{}", "status: 500 is not declared"),
        (
            200,
            "text/html",
            "<p>",
            "content-type: `text/html` is not declared, but application/json",
        ),
        (200, kind, "{", "$: the body is no JSON"),
    ] {
        assert_eq!(
            faults(&contract, "GET", path, &answer(status, kind, body)),
            [fault]
        );
    }
    assert!(
        faults(
            &contract,
            "GET",
            path,
            &answer(404, "application/problem+json", "{}")
        )
        .is_empty()
    );
    assert!(faults(&contract, "DELETE", path, &answer(204, "", "")).is_empty());
}

#[test]
fn schemas_that_cannot_be_used_are_no_fault_of_the_answer() {
    let of = |schema: &str| {
        let contract = read(&format!(
            r##"{{"openapi": "3.1.0", "info": {{}}, "paths": {{"/": {{"get": {{"responses": {{"200": {{"content": {{
            "application/json": {{"schema": {schema}}}}}}}}}}}}}}},
            "components": {{"schemas": {{
              "Circle": {{"anyOf": [{{"type": "integer"}}, {{"$ref": "#/components/schemas/Circle"}}]}},
              "Tree": {{"type": "object", "properties": {{"next": {{"$ref": "#/components/schemas/Tree"}}}}}}}}}}}}"##
        ));
        let operation = contract.operations()[0].clone();
        contract.validate(
            &operation,
            &answer(200, "application/json", r#"{"next": {"next": {}}}"#),
        )
    };
    assert_eq!(of(r##"{"$ref": "#/components/schemas/Tree"}"##), Ok(vec![]));
    let circle = "the schema leads back to itself without end".to_owned();
    assert_eq!(
        of(r##"{"$ref": "#/components/schemas/Circle"}"##),
        Err(circle.clone())
    );
    assert_eq!(
        of(r##"{"properties": {"next": {"$ref": "#/components/schemas/Circle"}}}"##),
        Err(circle)
    );
    for unusable in [
        r#"{"$ref": "http://127.0.0.1:1/schema.json"}"#,
        r#"{"$ref": "file:///etc/passwd"}"#,
        r##"{"$ref": "#/components/schemas/None"}"##,
        r#"{"type": "integer", "minimum": "x"}"#,
        r#"{"type": "strange"}"#,
    ] {
        let told = of(unusable);
        assert!(
            told.as_ref()
                .is_err_and(|why| why.starts_with("the schema cannot be used")),
            "{told:?}"
        );
    }
}

#[test]
fn errors_have_a_shape() {
    let contract = read(MODERN);
    let post = contract
        .operation("POST", "/api/v1/items")
        .expect("an operation");
    let problem = "application/problem+json";
    for (kind, body, shape) in [
        (
            problem,
            r#"{"type": "about:blank", "title": "No", "status": 400}"#,
            ErrorShape::Problem,
        ),
        (
            problem,
            r#"{"title": "No", "status": 500}"#,
            ErrorShape::Other("the problem's `status` is not that of the answer".to_owned()),
        ),
        (
            problem,
            r#"{"title": 3}"#,
            ErrorShape::Other("the problem's `title` is no string".to_owned()),
        ),
        (
            problem,
            "[]",
            ErrorShape::Other("the problem is no object of JSON".to_owned()),
        ),
        (
            problem,
            "{}",
            ErrorShape::Other("the problem has neither `type` nor `title` nor `detail`".to_owned()),
        ),
        ("application/json", r#"{"code": "x"}"#, ErrorShape::Declared),
        (
            "application/json",
            "{}",
            ErrorShape::Other("$: \"code\" is a required property".to_owned()),
        ),
        (
            "text/html",
            "<p>",
            ErrorShape::Other("its media type is text/html".to_owned()),
        ),
    ] {
        assert_eq!(
            contract.error_shape(post, &answer(400, kind, body)),
            Ok(shape),
            "{body}"
        );
    }
}

#[test]
fn what_is_no_contract_is_refused_without_a_quotation() {
    for (text, why) in [
        (
            "{\"a\": s3cret}",
            "the document describes no API: it has neither `openapi` nor `swagger`",
        ),
        (
            "{\"a\": [s3cret",
            "the document is no JSON: see line 1, column 8",
        ),
        (
            "a: [s3cret",
            "the document is no YAML: see line 2, column 1",
        ),
        (
            "a: 1",
            "the document describes no API: it has neither `openapi` nor `swagger`",
        ),
        (
            "",
            "the document describes no API: it has neither `openapi` nor `swagger`",
        ),
        ("openapi: 4.0.0", "version 4.0.0 of the format is not known"),
        ("swagger: '1.2'", "version 1.2 of the format is not known"),
        ("openapi: 3.0.0", ""),
    ] {
        assert_eq!(
            Contract::read(text).err().unwrap_or_default(),
            why,
            "{text}"
        );
    }
    let deep = format!("a: {}", "[".repeat(10_000));
    assert!(Contract::read(&deep).is_err());
    let deep = (0..200)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect::<String>();
    let why = Contract::read(&deep).err().unwrap_or_default();
    assert!(why.contains("nested too deeply"), "{why}");
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for number in 1..40 {
        let before = number - 1;
        bomb.push_str(&format!("a{number}: &a{number} [*a{before}, *a{before}]\n"));
    }
    assert!(Contract::read(&bomb).is_err_and(|why| why.contains("too many values")));
}

#[test]
fn yaml_and_json_give_the_same() {
    let yaml = "a: 1\nb: 'x'\nc: [true, ~, 1.5, -3, 0x10, yes, 1.2.3]\n200: {d: \"\"}\ne: |\n  x\n  y\nf: &f {g: 1}\nh: *f\ni: {<<: *f, j: 2}\n";
    let expected = json!({"a": 1, "b": "x", "c": [true, null, 1.5, -3, 16, "yes", "1.2.3"], "200": {"d": ""},
        "e": "x\ny\n", "f": {"g": 1}, "h": {"g": 1}, "i": {"g": 1, "j": 2}});
    assert_eq!(parsed(yaml), Ok(expected.clone()));
    assert_eq!(parsed(&expected.to_string()), Ok(expected));
    assert_eq!(parsed("{a: 1, b: [x]}"), Ok(json!({"a": 1, "b": ["x"]})));
}

#[test]
fn a_contract_is_found_where_it_is_served() {
    run(async {
        let served = app(|seen| match seen.path.as_str() {
            "/v3/api-docs" => given(r#"{"openapi": "3.0.1", "info": {}, "paths": {}}"#),
            "/own" => (500, String::new(), String::new()),
            _ => (
                200,
                "Content-Type: text/html".to_owned(),
                "<p>openapi: 3.0.0</p>".to_owned(),
            ),
        })
        .await;
        let (found, notes) = find(&served, &["/own".to_owned()]).await;
        assert_eq!(found.map(|(path, _)| path).as_deref(), Some("/v3/api-docs"));
        assert_eq!(notes, ["/own: status 500"]);
        let none = app(|_| (404, String::new(), String::new())).await;
        let (found, _) = find(&none, &[]).await;
        assert!(found.is_none());
    });
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = Contract::read(&text);
    }

    #[test]
    fn any_document_is_read_and_asked_of(
        schema in "(\\{\"(type|enum|allOf|items|required|\\$ref|minimum|pattern|nullable)\": (3|\"x\"|\"object\"|\\[\\]|\\[\"a\"\\]|true|\\{\\}|\"#/paths\"|\"#\")\\})"
    ) {
        let text = format!(
            r#"{{"openapi": "3.0.0", "paths": {{"/{{a}}": {{"get": {{"parameters": [{{"name": "a", "in": "path", "schema": {schema}}}],
            "responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}}}}}}}"#
        );
        let contract = Contract::read(&text).expect("a contract");
        for operation in contract.operations() {
            let _ = operation.request();
            let _ = contract.validate(operation, &answer(200, "application/json", "{\"a\": [1]}"));
        }
    }
}

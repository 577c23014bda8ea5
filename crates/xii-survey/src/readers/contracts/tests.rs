use proptest::prelude::*;

use super::{ASYNCAPI, GRAPHQL, OPENAPI, PROTOBUF};
use crate::readers::read_text;

#[test]
fn a_sound_document_has_operations_and_no_faults() {
    let text = "openapi: 3.1.0\ninfo: {title: Shop, version: 1.4.2}\nsecurity: [{bearer: []}]\npaths:\n  /orders/{id}:\n    parameters:\n      - {$ref: '#/components/parameters/Id'}\n    get:\n      operationId: getOrder\n      responses:\n        '200': {description: ok}\n        '404':\n          content:\n            application/problem+json: {schema: {type: object}}\n  /health:\n    get:\n      security: []\n      responses: {'200': {description: ok}}\ncomponents:\n  parameters:\n    Id: {name: id, in: path, required: true}\n  securitySchemes:\n    bearer: {type: http, scheme: bearer}\n";
    insta::assert_debug_snapshot!(read_text(&OPENAPI, "openapi.yaml", text).lines());
}

#[test]
fn faults_are_told_by_their_place() {
    let text = r##"{"swagger": "2.0", "info": {"title": "Shop"}, "paths": {
      "orders/{id}": {"get": {"operationId": "a", "responses": {"default": {"schema": {"$ref": "#/definitions/Error"}}}}},
      "/b": {"post": {"operationId": "a", "parameters": [{"name": "x", "in": "path"}]}}},
      "definitions": {"A": {"example": {"$ref": "#/nowhere"}}}}"##;
    let facts = read_text(&OPENAPI, "api/swagger.json", text);
    let contract = &facts.contracts[0];
    assert_eq!(
        contract.faults,
        [
            "info.version is missing",
            "the path orders/{id} does not start with a slash",
            "GET orders/{id} does not declare its path parameter id",
            "POST /b describes no response",
            "POST /b has the path parameter x without `required: true`",
            "POST /b declares the path parameter x, which its path does not have",
            "POST /b has the operationId of GET orders/{id}",
            "the reference #/definitions/Error leads nowhere",
        ]
    );
    assert_eq!(contract.error_schema.as_deref(), Some("Error"));
}

#[test]
fn other_documents_are_no_contracts() {
    for (path, text) in [
        ("config.yml", "openapi:\n  generate: true\n"),
        ("api.json", r#"{"dependencies": {"swagger": "1.0"}}"#),
        ("values.yml", "nested:\n  openapi: 3.0.0\n"),
        ("api.json", "{\"openapi\": "),
    ] {
        assert_eq!(read_text(&OPENAPI, path, text).count(), 0, "{text}");
    }
    let facts = read_text(&OPENAPI, "openapi.json", "{\"openapi\": ");
    assert_eq!((facts.contracts.len(), facts.unread.len()), (0, 1));
}

#[test]
fn the_other_formats_are_read() {
    let events = "asyncapi: 2.6.0\ninfo: {title: Events, version: 2.0.0}\nchannels:\n  orders: {publish: {message: {}}, subscribe: {security: [{k: []}]}}\n";
    insta::assert_debug_snapshot!(read_text(&ASYNCAPI, "asyncapi.yml", events).lines());
    let schema = "# type Query { no: Int }\n\"\"\" type Query { neither: Int } \"\"\"\ntype Query @x {\n  me: User @auth(requires: [USER])\n  users(first: Int = 10, after: String): [User!]!\n}\nextend type Mutation { \"say: it\" add(user: NewUser): User }\ntype User { query: Query }\n";
    insta::assert_debug_snapshot!(read_text(&GRAPHQL, "schema.graphql", schema).lines());
    let renamed = "schema { query: Root }\ntype Root { me: User }\ntype Query { no: Int }\n";
    let facts = read_text(&GRAPHQL, "a.gql", renamed);
    assert_eq!(
        facts.contracts[0].operations,
        [("QUERY".to_owned(), "me".to_owned(), false)]
    );
    let queries = "query Me { me { id } }\nfragment F on User { id }\n";
    assert_eq!(read_text(&GRAPHQL, "me.graphql", queries).count(), 0);
    let proto = "syntax = \"proto3\";\npackage acme.shop.v1;\n// service Old {\nservice Orders {\n  rpc Get (GetRequest) returns (Order);\n  rpc Watch(stream A) returns (stream B) { option x = \"rpc No(\"; }\n}\n";
    insta::assert_debug_snapshot!(read_text(&PROTOBUF, "orders.proto", proto).lines());
    assert_eq!(
        read_text(&PROTOBUF, "types.proto", "message A {}").count(),
        0
    );
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read_text(&OPENAPI, "a.yml", &format!("openapi: 3.0.0\n{text}"));
        read_text(&OPENAPI, "api.json", &format!("{{\"swagger\":{text}"));
        read_text(&ASYNCAPI, "a.yml", &format!("asyncapi: 2\n{text}"));
        read_text(&GRAPHQL, "a.graphql", &text);
        read_text(&PROTOBUF, "a.proto", &text);
    }

    #[test]
    fn any_paths_are_read_without_panic(
        text in "(\n|  |/a|\\{b\\}|get|responses|parameters|\\$ref|'#/paths'|'#'|security|: |- |\\[|\\]|\\{|\\}|,|é){0,40}"
    ) {
        read_text(&OPENAPI, "a.yml", &format!("openapi: 3.0.0\npaths:\n  /a:\n    get:\n      {text}"));
    }

    #[test]
    fn any_schema_is_read_without_panic(text in "(type |Query|schema|\\{|\\}|\\(|\\)|:|@auth|\"|#|\n| |a|é){0,40}") {
        read_text(&GRAPHQL, "a.graphql", &text);
    }
}

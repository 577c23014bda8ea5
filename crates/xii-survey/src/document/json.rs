use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use xii_model::grammar::split_byte_order_mark;

use super::limits::{MAX_DEPTH, too_deep, too_many};
use super::{Entry, MAX_VALUES, Malformed, Map, Node, Value};

/// Reads JSON; comments and trailing commas are allowed, as in `tsconfig.json`.
///
/// # Errors
///
/// The first thing that is not JSON, an empty text, or an exceeded bound.
pub fn json(text: &str) -> Result<Node, Malformed> {
    let (skipped, body) = split_byte_order_mark(text);
    let parsed = parse_to_ast(body, &CollectOptions::default(), &options())
        .map_err(|error| describe(&error, skipped, text))?;
    let Some(value) = parsed.value else {
        return Err(Malformed::new("the document is empty", text.len(), text));
    };
    Conversion {
        text,
        skipped,
        values: 0,
    }
    .node(value, 1)
}

fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

struct Conversion<'a> {
    text: &'a str,
    skipped: usize,
    values: usize,
}

impl Conversion<'_> {
    /// Recursion goes no deeper than `MAX_DEPTH`: lists and maps check it first.
    fn node(&mut self, value: ast::Value<'_>, depth: usize) -> Result<Node, Malformed> {
        let span = self.span(match &value {
            ast::Value::StringLit(node) => node.range,
            ast::Value::NumberLit(node) => node.range,
            ast::Value::BooleanLit(node) => node.range,
            ast::Value::Object(node) => node.range,
            ast::Value::Array(node) => node.range,
            ast::Value::NullKeyword(node) => node.range,
        });
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(too_many(span.start, self.text));
        }
        let nests = matches!(value, ast::Value::Object(_) | ast::Value::Array(_));
        if nests && depth > MAX_DEPTH {
            return Err(too_deep(span.start, self.text));
        }
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(node) => Value::Bool(node.value),
            ast::Value::NumberLit(node) => Value::Number(node.value.to_owned()),
            ast::Value::StringLit(node) => Value::String(node.value.into_owned()),
            ast::Value::Array(node) => Value::List(
                node.elements
                    .into_iter()
                    .map(|element| self.node(element, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            ast::Value::Object(node) => Value::Map(Map::new(
                node.properties
                    .into_iter()
                    .map(|property| self.entry(property, depth + 1))
                    .collect::<Result<_, _>>()?,
            )),
        };
        Ok(Node { span, value })
    }

    fn entry(&mut self, property: ast::ObjectProp<'_>, depth: usize) -> Result<Entry, Malformed> {
        let (key, range) = match property.name {
            ast::ObjectPropName::String(name) => (name.value.into_owned(), name.range),
            ast::ObjectPropName::Word(name) => (name.value.to_owned(), name.range),
        };
        Ok(Entry {
            key,
            key_span: self.span(range),
            value: self.node(property.value, depth)?,
        })
    }

    fn span(&self, range: jsonc_parser::common::Range) -> Range<usize> {
        range.start + self.skipped..range.end + self.skipped
    }
}

/// The parser's own messages are not used: some quote what they did not expect.
fn describe(error: &ParseError, skipped: usize, text: &str) -> Malformed {
    use ParseErrorKind as Kind;
    let offset = error.range().start + skipped;
    let message = match error.kind() {
        Kind::NestingDepthExceeded => return too_deep(offset, text),
        Kind::ExpectedColonAfterObjectKey => "a colon is missing after a key",
        Kind::ExpectedObjectValue => "a key has no value",
        Kind::ExpectedDigit
        | Kind::ExpectedDigitFollowingNegativeSign
        | Kind::ExpectedPlusMinusOrDigitInNumberLiteral
        | Kind::BareDecimalPointNumbersNotAllowed
        | Kind::HexadecimalNumbersNotAllowed
        | Kind::NonFiniteNumbersNotAllowed
        | Kind::UnaryPlusNumbersNotAllowed => "this is not a JSON number",
        Kind::ExpectedStringObjectProperty => "a key is not in double quotes",
        Kind::ExpectedComma => "a comma is missing",
        Kind::MultipleRootJsonValues => "something follows the end of the document",
        Kind::SingleQuotedStringsNotAllowed => "a string is in single quotes",
        Kind::String(_) => "a string is not closed, or holds an escape that JSON does not have",
        Kind::UnterminatedArray => "a list is not closed",
        Kind::UnterminatedObject => "an object is not closed",
        Kind::UnterminatedCommentBlock => "a comment is not closed",
        _ => "this is not JSON",
    };
    Malformed::new(message, offset, text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::outline::{assert_sound, assert_sound_error, outline};

    fn read(text: &str) -> String {
        outline(text, &json(text).unwrap())
    }

    #[test]
    fn every_kind_has_its_exact_place() {
        let text = r#"{ "name": "é\n", "ports": [80, -1.5e3], "on": true, "off": null }"#;
        assert_eq!(
            read(text),
            r#"$: map of 4 at "{ \"name\": \"é\\n\", \"ports\": [80, -1.5e3], \"on\": true, \"off\": null }"
$ "name": string "é\n" at "\"é\\n\""
$ "ports": list of 2 at "[80, -1.5e3]"
$ "ports"[0]: number 80 at "80"
$ "ports"[1]: number -1.5e3 at "-1.5e3"
$ "on": bool true at "true"
$ "off": null at "null"
"#
        );
        let node = json(text).unwrap();
        assert_eq!(node.span, 0..66);
        assert_eq!(node.entry("name").unwrap().key_span, 2..8);
        assert_eq!(node.get("name").unwrap().span, 10..16);
    }

    #[test]
    fn comments_and_trailing_commas_are_allowed() {
        let text = "\u{feff}// tsconfig\r\n{\"a\": [1, /* two */ 2,],}\r\n";
        assert_eq!(
            read(text),
            "$: map of 1 at \"{\\\"a\\\": [1, /* two */ 2,],}\"\n\
             $ \"a\": list of 2 at \"[1, /* two */ 2,]\"\n\
             $ \"a\"[0]: number 1 at \"1\"\n\
             $ \"a\"[1]: number 2 at \"2\"\n"
        );
    }

    #[test]
    fn of_a_repeated_key_the_last_answers_and_all_are_kept() {
        let node = json(r#"{"a": 1, "a": 2}"#).unwrap();
        assert_eq!(node.get("a").unwrap().as_i64(), Some(2));
        assert_eq!(node.entries().len(), 2);
    }

    #[test]
    fn errors_say_where_and_never_quote() {
        let failing = |text: &str| {
            let error = json(text).unwrap_err();
            (error.message, error.offset)
        };
        let at = |message: &str, offset| (message.to_owned(), offset);
        assert_eq!(failing(""), at("the document is empty", 0));
        assert_eq!(failing(" // x\n"), at("the document is empty", 6));
        assert_eq!(
            failing("{\"a\" 1}"),
            at("a colon is missing after a key", 5)
        );
        assert_eq!(failing("{a: 1}"), at("a key is not in double quotes", 1));
        assert_eq!(failing("[1 2]"), at("a comma is missing", 2));
        assert_eq!(failing("[1"), at("a list is not closed", 0));
        assert_eq!(failing("{\"é\": hunter2}"), at("this is not JSON", 7));
        assert_eq!(
            failing("\u{feff}{} {}"),
            at("something follows the end of the document", 6)
        );
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(json(&nested(MAX_DEPTH)).is_ok());
        let error = json(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert_eq!(error.offset, MAX_DEPTH);
        assert_eq!(
            error.message,
            "lists and maps are nested more than 128 deep"
        );
        assert!(json(&"[".repeat(1_000_000)).is_err());
        assert!(json(&"{\"a\":".repeat(1_000_000)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"(?s:.|[\[\]{}",:/*0-9 \\\n-]){0,60}"#) {
            match json(&text) {
                Ok(node) => assert_sound(&text, &node),
                Err(error) => assert_sound_error(&text, &error),
            }
        }
    }
}

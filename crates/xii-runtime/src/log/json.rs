//! The members of a line that is a JSON object, without building a tree.

use memchr::memchr2;

/// The members of an object at the begin of a text, in their order: the name between its quotes and the
/// value, both as they are written.
///
/// It finds the members of every valid object. Of what is not valid it gives what looks like members, and
/// stops: who must know checks first. One pass, no memory.
#[derive(Clone, Debug)]
pub(super) struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    /// The members of this object; none of what does not begin with a brace.
    pub(super) fn of(text: &'a [u8]) -> Self {
        let rest = text.trim_ascii_start().strip_prefix(b"{");
        Members {
            rest: rest.unwrap_or_default(),
        }
    }

    fn member(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let rest = self.rest.trim_ascii_start();
        let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        let length = string(rest)?;
        let name = &rest[1..length - 1];
        let rest = rest[length..].trim_ascii_start();
        let rest = rest.strip_prefix(b":")?.trim_ascii_start();
        let (value, rest) = rest.split_at(value(rest)?);
        self.rest = rest;
        Some((name, value))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let member = self.member();
        if member.is_none() {
            self.rest = &[];
        }
        member
    }
}

/// The length of the string that the text begins with, quotes included.
fn string(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The length of the value that the text begins with.
fn value(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'{' | b'[' => {
            let mut depth = 0_usize;
            let mut at = 0;
            while let Some(byte) = text.get(at) {
                match byte {
                    b'"' => {
                        at += string(&text[at..])?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            None
        }
        _ => {
            let ends =
                |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            let length = text.iter().position(ends).unwrap_or(text.len());
            (length > 0).then_some(length)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    fn members(text: &str) -> Vec<(String, String)> {
        let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Members::of(text.as_bytes())
            .map(|(name, value)| (text_of(name), text_of(value)))
            .collect()
    }

    #[test]
    fn members_are_found_as_they_are_written() {
        let expected = [
            (r#"a"#, "1.10"),
            (r#"b\"c"#, r#""}\\""#),
            ("d", r#"{"level":"no","x":["}"]}"#),
            ("e", "null"),
        ];
        let expected: Vec<_> = expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let text = r#" { "a" : 1.10,"b\"c": "}\\" , "d":{"level":"no","x":["}"]},"e":null } "#;
        assert_eq!(members(text), expected);
        for none in [
            "",
            "{",
            "{}",
            "[1]",
            "{\"a",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":\"b",
            "{\"a\":[1",
            "{]",
        ] {
            assert_eq!(members(none), [], "{none}");
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".{0,4}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_members_of_any_object_are_its_members(
            map in proptest::collection::btree_map(".{0,6}", json(), 0..5),
            pretty in any::<bool>(),
        ) {
            let map: Map<String, Value> = map.into_iter().collect();
            let text = match pretty {
                true => serde_json::to_string_pretty(&map),
                false => serde_json::to_string(&map),
            };
            let mut back = Map::new();
            for (name, value) in members(&text.expect("JSON")) {
                let name = serde_json::from_str(&format!("\"{name}\"")).expect("a string");
                back.insert(name, serde_json::from_str(&value).expect("a value"));
            }
            prop_assert_eq!(back, map);
        }

        #[test]
        fn any_bytes_are_read_without_harm(text in "[{}\\[\\]\",:\\\\a1 ]{0,40}") {
            let _ = Members::of(text.as_bytes()).count();
        }
    }
}

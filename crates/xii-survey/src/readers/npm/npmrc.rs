//! .npmrc: the credentials of registries.

use xii_model::{Facts, SecretLiteral, ToldBy};

use crate::readers::reader::{Reader, file_name};
use crate::readers::value;
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: ".npmrc",
    recognises: |path| matches!(file_name(path).as_str(), ".npmrc" | ".pnpmrc"),
    read,
};

/// The keys that hold a credential, as the last part of `//registry/:key`.
const CREDENTIALS: [&str; 3] = ["_authtoken", "_auth", "_password"];

/// `key = value` lines; `;` and `#` start a comment. A value of `${VAR}` comes from the environment.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let text = line.trim();
        if text.starts_with(['#', ';']) {
            continue;
        }
        let Some((key, raw)) = line.split_once('=') else {
            continue;
        };
        let key = key.trim();
        let last = key.rsplit(':').next().unwrap_or(key).to_ascii_lowercase();
        let literal = raw.trim().trim_matches(['"', '\'']);
        if !CREDENTIALS.contains(&last.as_str()) || literal.is_empty() || literal.contains("${") {
            continue;
        }
        let value_start = start + line.len() - raw.len() + (raw.len() - raw.trim_start().len());
        let value_end = value_start + raw.trim().len();
        source.mask(value_start..value_end);
        let lead = line.len() - line.trim_start().len();
        found.push((start + lead..value_end, key, literal));
    }
    for (place, key, literal) in found {
        let secret = SecretLiteral {
            kind: "npm registry credential".to_owned(),
            name: Some(key.to_owned()),
            told_by: if literal.len() >= 16 {
                ToldBy::Entropy
            } else {
                ToldBy::Name
            },
            overridden: false,
            refused_in_production: false,
            placeholder: value::is_placeholder(literal),
        };
        facts.push(source.fact(place, secret));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn literal_tokens_are_told_and_never_shown() {
        let facts = read_text(
            &READER,
            ".npmrc",
            "registry=https://registry.npmjs.org/\n//npm.acme.io/:_authToken = 0f9e8d7c-0000-4000-8000-1a2b3c4d5e6f\n//r/:_authToken=${NPM_TOKEN}\n; _auth=abc\n",
        );
        assert_eq!(
            facts.lines(),
            [
                r#".npmrc:2:1 SecretLiteral { kind: "npm registry credential", name: Some("//npm.acme.io/:_authToken"), told_by: Entropy, overridden: false, refused_in_production: false, placeholder: false }"#
            ]
        );
        assert!(!facts.secrets[0].at.excerpt.contains("0f9e8d7c"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|_authToken|=|\n){0,40}"#) {
            read_text(&READER, ".npmrc", &text);
        }
    }
}

//! Protocol Buffers with services.

use std::sync::LazyLock;

use regex::Regex;
use xii_model::{Contract, Facts};

use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Protocol Buffers",
    recognises: |path| file_name(path).ends_with(".proto"),
    read,
};

/// More operations than this are not looked at.
const MAX_OPERATIONS: usize = 5000;

/// Comments and strings first, so that nothing is read in them.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?s)//[^\n]*|/\*.*?\*/|\bsyntax\s*=\s*["'](proto\d)["']|\bpackage\s+([\w.]+)\s*;|\bservice\s+(\w+)\s*\{|\brpc\s+(\w+)\s*\(|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"#,
    )
    .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut syntax = None;
    let mut package = String::new();
    let mut service = String::new();
    let mut first = None;
    let mut operations = Vec::new();
    for found in WORDS.captures_iter(source.text) {
        if let Some(one) = found.get(1) {
            syntax = Some(one.as_str().to_owned());
        } else if let Some(one) = found.get(2) {
            package = one.as_str().to_owned();
        } else if let Some(one) = found.get(3) {
            service = one.as_str().to_owned();
            first = first.or_else(|| found.get(0).map(|whole| whole.range()));
        } else if let Some(one) = found.get(4)
            && !service.is_empty()
            && operations.len() < MAX_OPERATIONS
        {
            let dot = if package.is_empty() { "" } else { "." };
            let path = format!("{package}{dot}{service}/{}", one.as_str());
            operations.push(("RPC".to_owned(), path, false));
        }
    }
    let Some(span) = first else {
        return;
    };
    // `acme.shop.v1`: the version is a part of the package by convention.
    let version = package.rsplit('.').next().filter(|last| {
        last.strip_prefix('v')
            .is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
    });
    let contract = Contract {
        format: "protobuf",
        version: version.map(str::to_owned),
        format_version: syntax,
        generated: false,
        through: None,
        faults: Vec::new(),
        operations,
        error_schema: None,
        security_schemes: false,
    };
    facts.push(source.fact(span, contract));
}

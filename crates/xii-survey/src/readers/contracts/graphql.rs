//! GraphQL schemas in the schema definition language.

use xii_model::{Contract, Facts};

use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "GraphQL schema",
    recognises: |path| {
        let name = file_name(path);
        [".graphql", ".graphqls", ".gql"]
            .iter()
            .any(|end| name.ends_with(end))
    },
    read,
};

/// More operations than this are not looked at.
const MAX_OPERATIONS: usize = 5000;

/// A token of the language, with where it starts.
struct Token<'a> {
    text: &'a str,
    at: usize,
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let tokens = tokens(source.text);
    let roots = roots(&tokens);
    let mut operations = Vec::new();
    let mut first = None;
    let mut depth = 0_usize;
    let mut unbalanced = false;
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match token.text {
            "{" => depth += 1,
            "}" => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => unbalanced = true,
            },
            "schema" if depth == 0 && follows(&tokens, index, "{") => {
                first = first.or(Some(token.at));
            }
            "type" if depth == 0 => {
                let name = tokens.get(index + 1).map_or("", |next| next.text);
                if let Some((kind, _)) = roots.iter().find(|(_, root)| *root == name) {
                    first = first.or(Some(token.at));
                    fields(&tokens, index + 2, kind, &mut operations);
                }
            }
            _ => {}
        }
        index += 1;
    }
    let Some(at) = first else {
        return;
    };
    let mut faults = Vec::new();
    if unbalanced || depth > 0 {
        faults.push("its braces do not match".to_owned());
    }
    let contract = Contract {
        format: "graphql",
        format_version: None,
        version: None,
        generated: false,
        through: None,
        faults,
        operations,
        error_schema: None,
        security_schemes: false,
    };
    facts.push(source.fact(at..at + 4, contract));
}

/// The names of the root types: those that `schema { query: Root }` gives, or the usual ones.
fn roots<'a>(tokens: &[Token<'a>]) -> [(&'static str, &'a str); 3] {
    let mut roots = [
        ("query", "Query"),
        ("mutation", "Mutation"),
        ("subscription", "Subscription"),
    ];
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "schema" if depth == 0 && follows(tokens, index, "{") => {
                let inside = tokens
                    .get(index + 1..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|token| token.text != "}")
                    .map(|token| token.text)
                    .take(40);
                let words: Vec<&'a str> = inside.collect();
                for three in words.windows(3) {
                    if let [name, ":", kind] = three
                        && let Some(root) = roots.iter_mut().find(|(root, _)| root == name)
                    {
                        root.1 = kind;
                    }
                }
            }
            _ => {}
        }
    }
    roots
}

fn follows(tokens: &[Token<'_>], index: usize, text: &str) -> bool {
    // Directives may stand between.
    tokens
        .iter()
        .skip(index + 1)
        .take(20)
        .find(|token| matches!(token.text, "{" | "}"))
        .is_some_and(|token| token.text == text)
}

/// The fields of a type: names at the first level of braces, outside arguments.
fn fields(
    tokens: &[Token<'_>],
    start: usize,
    kind: &str,
    operations: &mut Vec<(String, String, bool)>,
) {
    let mut depth = 0_usize;
    let mut arguments = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        let next = tokens.get(index + 1).map_or("", |next| next.text);
        match token.text {
            "{" => depth += 1,
            "}" => {
                if depth <= 1 {
                    return;
                }
                depth -= 1;
            }
            "type" | "input" | "enum" | "interface" | "union" | "scalar" if depth == 0 => return,
            "(" => arguments += 1,
            ")" => arguments = arguments.saturating_sub(1),
            "@" if depth == 1 && arguments == 0 => {
                let guards = [
                    "auth",
                    "authenticated",
                    "hasrole",
                    "isauthenticated",
                    "requiresauth",
                    "guard",
                    "requiresscopes",
                    "policy",
                ];
                if guards.contains(&next.to_ascii_lowercase().as_str())
                    && let Some(last) = operations.last_mut()
                {
                    last.2 = true;
                }
            }
            name if depth == 1
                && arguments == 0
                && matches!(next, ":" | "(")
                && name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
                && tokens
                    .get(index.wrapping_sub(1))
                    .is_none_or(|before| before.text != "@") =>
            {
                if operations.len() >= MAX_OPERATIONS {
                    return;
                }
                operations.push((kind.to_ascii_uppercase(), name.to_owned(), false));
            }
            _ => {}
        }
    }
}

/// Names and marks, with comments and strings left out.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let length = if c == '#' {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(inner) = rest.strip_prefix("\"\"\"") {
            inner.find("\"\"\"").map_or(rest.len(), |end| end + 6)
        } else if c == '"' {
            let end = rest
                .char_indices()
                .skip(1)
                .scan(false, |escaped, (at, c)| {
                    let ends = (c == '"' && !*escaped) || c == '\n';
                    *escaped = c == '\\' && !*escaped;
                    Some((at, ends))
                })
                .find(|(_, ends)| *ends);
            end.map_or(rest.len(), |(at, _)| at + 1)
        } else if c == '_' || c.is_ascii_alphanumeric() {
            let end = rest
                .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            tokens.push(Token {
                text: rest.get(..end).unwrap_or_default(),
                at,
            });
            end
        } else {
            let length = c.len_utf8();
            if "{}():@".contains(c) {
                tokens.push(Token {
                    text: rest.get(..length).unwrap_or_default(),
                    at,
                });
            }
            length
        };
        at += length.max(1);
    }
    tokens
}

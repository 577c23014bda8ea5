//! nginx configuration: directives in blocks.

use xii_model::{Facts, ProxySetting};

use super::setting::{MAX_SETTINGS, tell};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "nginx",
    recognises: |path| {
        let lower = path.to_ascii_lowercase();
        let name = file_name(path);
        let plain = name
            .strip_suffix(".template")
            .or_else(|| name.strip_suffix(".j2"))
            .unwrap_or(&name);
        let conf = plain.ends_with(".conf") || plain.ends_with(".nginx") || plain == "nginx";
        let sites = lower.contains("sites-available/") || lower.contains("sites-enabled/");
        conf && (lower.contains("nginx") || lower.contains("conf.d/")) || sites
    },
    read,
};

/// Directives that say how requests are spread, what stands behind, and how traffic is protected.
const KEPT: [&str; 34] = [
    "ip_hash",
    "hash",
    "sticky",
    "least_conn",
    "random",
    "listen",
    "server_name",
    "server",
    "upstream",
    "proxy_pass",
    "fastcgi_pass",
    "uwsgi_pass",
    "scgi_pass",
    "grpc_pass",
    "passenger_enabled",
    "passenger_sticky_sessions",
    "ssl_certificate",
    "ssl_protocols",
    "add_header",
    "return",
    "rewrite",
    "proxy_set_header",
    "proxy_read_timeout",
    "proxy_connect_timeout",
    "proxy_next_upstream",
    "access_log",
    "error_log",
    "daemon",
    "root",
    "limit_req",
    "client_max_body_size",
    "auth_basic",
    "proxy_cookie_flags",
    "proxy_cookie_path",
];
/// How deep blocks are followed.
const MAX_DEPTH: usize = 32;

/// A token, with where it stands.
struct Token {
    text: String,
    start: usize,
    end: usize,
    quoted: bool,
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut words: Vec<Token> = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    let mut at = 0;
    let mut told = 0;
    while let Some(token) = next(source.text, &mut at) {
        match token.text.as_str() {
            ";" if !token.quoted => {
                told += usize::from(directive(source, &words, &blocks, facts));
                words.clear();
            }
            "{" if !token.quoted => {
                // A block's own words are a directive as well: `upstream app`.
                if words.first().is_some_and(|word| word.text == "upstream") {
                    told += usize::from(directive(source, &words, &blocks, facts));
                }
                if blocks.len() >= MAX_DEPTH {
                    source.unread(
                        facts,
                        token.start,
                        "blocks are nested too deep, so the rest was not read",
                    );
                    return;
                }
                blocks.push(line(&words));
                words.clear();
            }
            "}" if !token.quoted => {
                if blocks.pop().is_none() {
                    source.unread(
                        facts,
                        token.start,
                        "this brace closes no block, so the rest was not read",
                    );
                    return;
                }
                words.clear();
            }
            _ => words.push(token),
        }
        if told >= MAX_SETTINGS {
            return;
        }
    }
    if !blocks.is_empty() {
        source.unread(
            facts,
            source.text.len(),
            "a block is not closed at the end of the file",
        );
    }
}

fn directive(source: &Source<'_>, words: &[Token], blocks: &[String], facts: &mut Facts) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    if !KEPT.contains(&first.text.as_str()) {
        return false;
    }
    let setting = ProxySetting {
        program: "nginx",
        directive: first.text.clone(),
        value: source.redacted(&line(words.get(1..).unwrap_or_default())),
        block: blocks.last().cloned(),
    };
    tell(source, first.start..last.end, setting, facts);
    true
}

fn line(words: &[Token]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    words.join(" ")
}

/// The next word, string, or one of `;`, `{`, `}`.
fn next(text: &str, at: &mut usize) -> Option<Token> {
    loop {
        let rest = text.get(*at..)?;
        let c = rest.chars().next()?;
        if c.is_whitespace() {
            *at += c.len_utf8();
        } else if c == '#' {
            *at += rest.find('\n').unwrap_or(rest.len());
        } else {
            break;
        }
    }
    let start = *at;
    let rest = text.get(start..)?;
    let c = rest.chars().next()?;
    let (word, length, quoted) = match c {
        ';' | '{' | '}' => (c.to_string(), 1, false),
        '"' | '\'' => {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, one)| {
                let ends = *one == c && !escaped;
                escaped = *one == '\\' && !escaped;
                ends
            });
            let end = end.map_or(rest.len(), |(end, _)| end);
            let inner = rest.get(1..end).unwrap_or_default().to_owned();
            (inner, (end + 1).min(rest.len()), true)
        }
        _ => {
            // `${VAR}` is a part of a word.
            let mut variable = false;
            let mut before = ' ';
            let end = rest.find(|one: char| {
                let opens = one == '{' && before == '$';
                before = one;
                if opens {
                    variable = true;
                    return false;
                }
                if one == '}' && variable {
                    variable = false;
                    return false;
                }
                one.is_whitespace() || (matches!(one, ';' | '{' | '}') && !variable)
            });
            let end = end.unwrap_or(rest.len());
            (rest.get(..end)?.to_owned(), end, false)
        }
    };
    *at = start + length.max(1);
    Some(Token {
        text: word,
        start,
        end: *at,
        quoted,
    })
}

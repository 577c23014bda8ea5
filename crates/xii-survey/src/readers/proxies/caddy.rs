//! Caddyfiles: sites, and their directives one a line.

use xii_model::{Facts, ProxySetting};

use super::setting::{MAX_SETTINGS, tell};
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Caddyfile",
    recognises: |path| {
        let name = file_name(path);
        name == "caddyfile" || name.starts_with("caddyfile.") || name.ends_with(".caddyfile")
    },
    read,
};

const KEPT: [&str; 10] = [
    "reverse_proxy",
    "lb_policy",
    "tls",
    "header",
    "php_fastcgi",
    "file_server",
    "root",
    "redir",
    "health_uri",
    "to",
];

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut depth = 0_usize;
    let mut site: Option<String> = None;
    let mut offset = 0;
    let mut told = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        let text = line.split(" #").next().unwrap_or(line).trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        // A brace opens a block only at the end of a line; `{$PORT}` and `{host}` are placeholders.
        let opens = text == "{" || text.ends_with(" {");
        let words = text
            .strip_suffix('{')
            .filter(|_| opens)
            .unwrap_or(text)
            .trim_end();
        if text == "}" {
            depth = depth.saturating_sub(1);
            continue;
        }
        if depth == 0 {
            site = Some(words.to_owned()).filter(|words| !words.is_empty());
        }
        let first = words.split_whitespace().next().unwrap_or_default();
        // A site without braces has its directives at the top.
        if KEPT.contains(&first) && told < MAX_SETTINGS {
            let setting = ProxySetting {
                program: "caddy",
                directive: first.to_owned(),
                value: source.redacted(words.get(first.len()..).unwrap_or_default().trim()),
                block: site.clone().filter(|_| depth > 0),
            };
            tell(source, start..start + words.len(), setting, facts);
            told += 1;
        }
        if opens {
            depth += 1;
        }
    }
}

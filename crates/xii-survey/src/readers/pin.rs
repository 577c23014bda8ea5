//! How far a version requirement fixes the version, in the notation of each ecosystem.

use xii_model::Pin;

/// The pin of a requirement in package.json.
///
/// A tag such as `latest` or `next` moves, so it counts as open. A protocol of a workspace
/// (`workspace:`, `file:`, `link:`) is local.
pub(super) fn npm(requirement: &str) -> Pin {
    let text = requirement.trim();
    if ["workspace:", "file:", "link:", "portal:", "./", "../", "~/"]
        .iter()
        .any(|start| text.starts_with(start))
    {
        return Pin::Local;
    }
    if let Some(alias) = text.strip_prefix("npm:") {
        let version = alias
            .rfind('@')
            .filter(|at| *at > 0)
            .and_then(|at| alias.get(at + 1..));
        return version.map_or(Pin::Open, npm_ranges);
    }
    // A catalog's own file holds the requirement.
    if text.starts_with("catalog:") {
        return Pin::Range;
    }
    let address = text.contains("://")
        || ["git+", "github:", "gitlab:", "bitbucket:", "gist:", "git@"]
            .iter()
            .any(|start| text.starts_with(start))
        || (text.contains('/') && !text.starts_with('@'));
    if address {
        return address_pin(text);
    }
    npm_ranges(text)
}

fn npm_ranges(text: &str) -> Pin {
    let pins: Vec<Pin> = text.split("||").map(npm_range).collect();
    match pins.as_slice() {
        [one] => *one,
        many if many.contains(&Pin::Open) => Pin::Open,
        _ => Pin::Range,
    }
}

fn npm_range(text: &str) -> Pin {
    let text = text.trim();
    if text.contains(" - ") || text.contains('<') {
        return Pin::Range;
    }
    if text.starts_with(['^', '~']) {
        let rest = text.trim_start_matches(['^', '~', '>', '=', ' ']);
        return if starts_with_digit(rest) {
            Pin::Range
        } else {
            Pin::Open
        };
    }
    if text.starts_with('>') {
        return Pin::Open;
    }
    version(text.trim_start_matches(['=', ' ', 'v']))
}

/// The pin of a bare version: three parts are exact, fewer are a range, none is open.
pub(super) fn version(text: &str) -> Pin {
    let core = text.split(['-', '+', ' ']).next().unwrap_or_default();
    if !starts_with_digit(core) {
        return Pin::Open;
    }
    let parts: Vec<&str> = core.split('.').collect();
    let wild = parts
        .iter()
        .any(|part| matches!(*part, "x" | "X" | "*" | ""));
    if parts.len() >= 3 && !wild {
        Pin::Exact
    } else {
        Pin::Range
    }
}

/// The pin of version specifiers in Python's notation (PEP 440), or in Poetry's, which adds `^`,
/// `~` and `||` and takes a bare version for that version.
pub(super) fn python(specifiers: &str) -> Pin {
    let text = specifiers.trim().trim_matches(['(', ')']).trim();
    if text.contains("||") || text.contains('|') {
        let open = text
            .split('|')
            .filter(|part| !part.trim().is_empty())
            .any(|part| python(part) == Pin::Open);
        return if open { Pin::Open } else { Pin::Range };
    }
    if text.is_empty() || text == "*" {
        return Pin::Open;
    }
    let mut bounded = false;
    for part in text.split(',').map(str::trim) {
        let exact = part
            .strip_prefix("===")
            .or_else(|| part.strip_prefix("=="))
            .map(str::trim);
        if let Some(exact) = exact {
            if !exact.contains('*') {
                return Pin::Exact;
            }
            bounded = true;
        } else if part.starts_with(['<', '~', '^']) {
            bounded = true;
        } else if starts_with_digit(part) {
            if part.contains('*') {
                bounded = true;
            } else {
                return Pin::Exact;
            }
        }
    }
    if bounded { Pin::Range } else { Pin::Open }
}

/// The pin of an address of a repository or an archive: fixed when it names a commit, or a version
/// in the archive's own name.
pub(super) fn address_pin(address: &str) -> Pin {
    let is_commit = |text: &str| {
        (7..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let (place, fragment) = address.split_once('#').unwrap_or((address, ""));
    let fragment_fixes = fragment.split('&').any(|part| {
        is_commit(part.strip_prefix("commit=").unwrap_or(part))
            || part.starts_with("sha256=")
            || part.starts_with("sha512=")
    });
    let reference = place
        .rsplit_once('@')
        .map(|(_, reference)| reference)
        .filter(|reference| !reference.contains(['/', ':']));
    if fragment_fixes || reference.is_some_and(is_commit) {
        return Pin::FixedSource;
    }
    let file = place.rsplit('/').next().unwrap_or_default();
    let archive = [".tgz", ".tar.gz", ".zip", ".whl"]
        .iter()
        .any(|end| file.ends_with(end));
    let versioned = file.split(['-', '_', 'v']).any(|part| {
        let digits = part.split('.').take_while(|piece| {
            !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit())
        });
        digits.count() >= 2
    });
    let named_commit = file
        .split('.')
        .next()
        .is_some_and(|stem| stem.len() == 40 && is_commit(stem));
    if archive && (versioned || named_commit) {
        Pin::FixedSource
    } else {
        Pin::FloatingSource
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn npm_requirements() {
        for (text, pin) in [
            ("1.2.3", Pin::Exact),
            ("=1.2.3", Pin::Exact),
            ("v1.2.3-beta.1", Pin::Exact),
            ("^1.2", Pin::Range),
            ("~1.2.3", Pin::Range),
            ("1.x", Pin::Range),
            ("1", Pin::Range),
            (">=1.2 <2", Pin::Range),
            ("1.0.0 - 2.0.0", Pin::Range),
            ("^1 || ^2", Pin::Range),
            (">=1", Pin::Open),
            ("^1 || >=2", Pin::Open),
            ("*", Pin::Open),
            ("", Pin::Open),
            ("latest", Pin::Open),
            ("workspace:*", Pin::Local),
            ("file:../shared", Pin::Local),
            ("npm:@scope/other@1.2.3", Pin::Exact),
            ("npm:other", Pin::Open),
            ("owner/name", Pin::FloatingSource),
            ("github:owner/name#main", Pin::FloatingSource),
            (
                "git+https://github.com/owner/name.git#0a1b2c3d",
                Pin::FixedSource,
            ),
            (
                "https://cdn.example.com/xlsx-0.20.3/xlsx-0.20.3.tgz",
                Pin::FixedSource,
            ),
            ("https://example.com/latest.tgz", Pin::FloatingSource),
        ] {
            assert_eq!(npm(text), pin, "{text}");
        }
    }

    #[test]
    fn python_requirements() {
        for (text, pin) in [
            ("==1.2.3", Pin::Exact),
            ("===1.2", Pin::Exact),
            ("==1.*", Pin::Range),
            ("~=1.2", Pin::Range),
            (">=1,<2", Pin::Range),
            ("^1.2", Pin::Range),
            (">=1", Pin::Open),
            ("!=1.3", Pin::Open),
            ("", Pin::Open),
            ("*", Pin::Open),
            ("1.2.3", Pin::Exact),
            ("^2 || ^3", Pin::Range),
            ("(>=1,<2)", Pin::Range),
        ] {
            assert_eq!(python(text), pin, "{text}");
        }
        assert_eq!(
            address_pin("git+https://github.com/o/n@0123456789abcdef0123456789abcdef01234567"),
            Pin::FixedSource
        );
        assert_eq!(
            address_pin("git+https://github.com/o/n@main"),
            Pin::FloatingSource
        );
        assert_eq!(
            address_pin("https://x.example/pkg-1.2.0-py3-none-any.whl"),
            Pin::FixedSource
        );
    }

    proptest! {
        #[test]
        fn any_text_has_a_pin(text in "(?s:.|[<>=~^|@#:/. 0-9-]){0,40}") {
            npm(&text);
            python(&text);
            version(&text);
            address_pin(&text);
        }
    }
}

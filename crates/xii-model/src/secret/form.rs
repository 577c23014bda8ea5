//! Secrets that their form alone gives away.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::ToldBy;

/// A secret found by its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretByForm {
    /// What it is, such as `GitHub token`.
    pub kind: &'static str,
    /// The bytes of the secret itself; of a private key, the body below its header.
    pub bytes: Range<usize>,
    /// The bytes that name its place: the header of a private key, otherwise the secret.
    pub place: Range<usize>,
    /// How it was told.
    pub told_by: ToldBy,
}

/// A provider's key format: the text that every key starts with, and the whole key from there on.
const FORMATS: [(&str, &str, &str); 44] = [
    ("AWS access key id", "AKIA", r"AKIA[A-Z2-7]{16}\b"),
    ("AWS temporary access key id", "ASIA", r"ASIA[A-Z2-7]{16}\b"),
    ("GitHub token", "ghp_", r"ghp_[A-Za-z0-9]{36}\b"),
    ("GitHub token", "gho_", r"gho_[A-Za-z0-9]{36}\b"),
    ("GitHub token", "ghu_", r"ghu_[A-Za-z0-9]{36}\b"),
    ("GitHub token", "ghs_", r"ghs_[A-Za-z0-9]{36}\b"),
    ("GitHub token", "ghr_", r"ghr_[A-Za-z0-9]{36}\b"),
    (
        "GitHub token",
        "github_pat_",
        r"github_pat_[A-Za-z0-9_]{60,}\b",
    ),
    ("GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
    ("Slack token", "xoxb-", r"xoxb-[0-9]{8,}-[0-9A-Za-z-]{16,}"),
    ("Slack token", "xoxp-", r"xoxp-[0-9]{8,}-[0-9A-Za-z-]{16,}"),
    ("Slack token", "xapp-", r"xapp-[0-9]-[0-9A-Za-z-]{30,}"),
    (
        "Slack webhook",
        "https://hooks.slack.com/services/",
        r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}",
    ),
    (
        "Discord webhook",
        "https://discord.com/api/webhooks/",
        r"https://discord\.com/api/webhooks/[0-9]{15,}/[A-Za-z0-9_-]{40,}",
    ),
    (
        "Stripe secret key",
        "sk_live_",
        r"sk_live_[A-Za-z0-9]{20,}\b",
    ),
    (
        "Stripe restricted key",
        "rk_live_",
        r"rk_live_[A-Za-z0-9]{20,}\b",
    ),
    (
        "Stripe webhook secret",
        "whsec_",
        r"whsec_[A-Za-z0-9+/=]{28,}",
    ),
    (
        "Google OAuth client secret",
        "GOCSPX-",
        r"GOCSPX-[A-Za-z0-9_-]{28}\b",
    ),
    (
        "SendGrid API key",
        "SG.",
        r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}",
    ),
    ("npm token", "npm_", r"npm_[A-Za-z0-9]{36}\b"),
    ("PyPI token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    ("OpenAI API key", "sk-proj-", r"sk-proj-[A-Za-z0-9_-]{40,}"),
    ("OpenAI API key", "T3BlbkFJ", r"T3BlbkFJ[A-Za-z0-9]{20,}\b"),
    (
        "Anthropic API key",
        "sk-ant-",
        r"sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{40,}",
    ),
    ("Hugging Face token", "hf_", r"hf_[A-Za-z]{34}\b"),
    ("DigitalOcean token", "dop_v1_", r"dop_v1_[a-f0-9]{64}\b"),
    ("Shopify token", "shpat_", r"shpat_[a-fA-F0-9]{32}\b"),
    ("Shopify secret", "shpss_", r"shpss_[a-fA-F0-9]{32}\b"),
    ("Square token", "sq0atp-", r"sq0atp-[A-Za-z0-9_-]{22}"),
    ("Square secret", "sq0csp-", r"sq0csp-[A-Za-z0-9_-]{43}"),
    (
        "Azure storage key",
        "AccountKey=",
        r"AccountKey=[A-Za-z0-9+/]{86}==",
    ),
    ("Atlassian token", "ATATT3", r"ATATT3[A-Za-z0-9_=-]{100,}"),
    ("Doppler token", "dp.pt.", r"dp\.pt\.[A-Za-z0-9]{40,}"),
    ("HashiCorp Vault token", "hvs.", r"hvs\.[A-Za-z0-9_-]{24,}"),
    (
        "age secret key",
        "AGE-SECRET-KEY-1",
        r"AGE-SECRET-KEY-1[0-9A-Z]{58}",
    ),
    (
        "PlanetScale token",
        "pscale_tkn_",
        r"pscale_tkn_[A-Za-z0-9_.-]{32,}",
    ),
    ("Supabase token", "sbp_", r"sbp_[a-f0-9]{40}\b"),
    ("New Relic key", "NRAK-", r"NRAK-[A-Z0-9]{27}\b"),
    ("Linear API key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}\b"),
    (
        "Mapbox secret token",
        "sk.eyJ",
        r"sk\.eyJ[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{20,}",
    ),
    (
        "Grafana token",
        "glsa_",
        r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b",
    ),
    ("Databricks token", "dapi", r"dapi[a-f0-9]{32}\b"),
    (
        "Docker Hub token",
        "dckr_pat_",
        r"dckr_pat_[A-Za-z0-9_-]{27}",
    ),
    (
        "Twilio API key secret",
        "twilio_api_secret=",
        r"twilio_api_secret=[A-Za-z0-9]{32}\b",
    ),
];

/// A private key: its header and enough of its body to be more than the mention of one.
const PRIVATE_KEY: (&str, &str) = (
    "-----BEGIN ",
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\r|\\n)*(?:[A-Za-z-]+: [^\n]*\n\s*)*[A-Za-z0-9+/=]{40}",
);

/// The longest secret that is looked for, in bytes.
const LONGEST: usize = 4096;

struct Forms {
    starts: AhoCorasick,
    whole: Vec<Regex>,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    let starts = FORMATS
        .iter()
        .map(|(_, start, _)| *start)
        .chain([PRIVATE_KEY.0, "://"]);
    let whole: Result<Vec<Regex>, _> = FORMATS
        .iter()
        .map(|(_, _, pattern)| *pattern)
        .chain([PRIVATE_KEY.1])
        .map(|pattern| Regex::new(&format!("^(?:{pattern})")))
        .collect();
    Some(Forms {
        starts: AhoCorasick::new(starts).ok()?,
        whole: whole.ok()?,
    })
});

/// The secrets of a text that their form alone gives away: keys in a provider's format, private keys,
/// passwords in URLs. In the order of the text.
pub fn secrets_by_form(text: &str) -> Vec<SecretByForm> {
    let Some(forms) = FORMS.as_ref() else {
        return Vec::new();
    };
    let mut found: Vec<SecretByForm> = Vec::new();
    for hit in forms.starts.find_overlapping_iter(text) {
        let number = hit.pattern().as_usize();
        if number > FORMATS.len() {
            found.extend(url_password(text, hit.start()));
            continue;
        }
        // A key does not start in the middle of a word.
        let before = text
            .get(..hit.start())
            .and_then(|before| before.chars().next_back());
        let joined = before.is_some_and(|c| c.is_ascii_alphanumeric())
            && FORMATS.get(number).is_none_or(|one| one.1 != "T3BlbkFJ");
        let rest = window(text, hit.start());
        if joined {
            continue;
        }
        if let Some(whole) = forms
            .whole
            .get(number)
            .and_then(|pattern| pattern.find(rest))
        {
            let (kind, told_by) = match FORMATS.get(number) {
                Some((kind, _, _)) => (*kind, ToldBy::Format),
                None => ("private key", ToldBy::PrivateKey),
            };
            let whole = hit.start()..hit.start() + whole.end();
            let (place, bytes) = match told_by {
                ToldBy::PrivateKey => key_parts(text, hit.start()),
                _ => (whole.clone(), whole),
            };
            found.push(SecretByForm {
                kind,
                bytes,
                place,
                told_by,
            });
        }
    }
    found
}

/// The header and the body of a private key that starts at an offset. The body ends at the footer, or
/// where there is none at the end of the text.
fn key_parts(text: &str, start: usize) -> (Range<usize>, Range<usize>) {
    let after = |from: usize, mark: &str| {
        text.get(from..)
            .and_then(|rest| rest.find(mark))
            .map(|at| from + at)
    };
    let header = after(start, "KEY")
        .and_then(|key| after(key, "-----"))
        .map_or(text.len(), |dashes| dashes + 5);
    let end = after(header, "-----END").unwrap_or(text.len());
    (start..header, header..end)
}

/// The bytes of the secrets that their form alone gives away.
pub fn secret_spans(text: &str) -> Vec<Range<usize>> {
    secrets_by_form(text)
        .into_iter()
        .map(|secret| secret.bytes)
        .collect()
}

/// The password of a URL whose `://` stands at `colon`: `scheme://user:password@host`.
fn url_password(text: &str, colon: usize) -> Option<SecretByForm> {
    let scheme = text
        .get(..colon)?
        .bytes()
        .rev()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    if scheme == 0 {
        return None;
    }
    let start = colon + 3;
    let rest = window(text, start);
    let end = rest
        .find(|c: char| c.is_whitespace() || "\"'`<>\\".contains(c))
        .unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let path = authority.find(['?', '#']).unwrap_or(authority.len());
    let at = authority.get(..path)?.rfind('@')?;
    let info = authority.get(..at)?;
    // `https://host/path:x@y` is a path with an at-sign.
    let (user, password) = info.split_once(':')?;
    let given = !password.is_empty()
        && !user.contains('/')
        && !password.starts_with('/')
        && !password.contains("://");
    let reference = ["$", "{", "<", "%", "#{", "[", "*"]
        .iter()
        .any(|mark| password.starts_with(mark))
        || password.contains("${")
        || password.contains("{{");
    if !given || reference || password.contains('/') && password.contains('.') {
        return None;
    }
    let from = start + user.len() + 1;
    let bytes = from..from + password.len();
    Some(SecretByForm {
        kind: "password in a URL",
        place: bytes.clone(),
        bytes,
        told_by: ToldBy::UrlPassword,
    })
}

/// The text from an offset on, of bounded length.
fn window(text: &str, start: usize) -> &str {
    let mut end = (start + LONGEST).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&'static str, &str)> {
        secrets_by_form(text)
            .into_iter()
            .map(|one| (one.kind, &text[one.bytes]))
            .collect()
    }

    #[test]
    fn keys_are_told_by_their_form() {
        let key = format!("ghp_{}", "a1B2".repeat(9));
        assert_eq!(
            kinds(&format!("token = '{key}'")),
            [("GitHub token", key.as_str())]
        );
        assert_eq!(kinds("AKIA is a prefix, and sk_live_ too"), []);
        assert_eq!(kinds(&format!("x{key}")), [], "in the middle of a word");
    }

    #[test]
    fn passwords_in_urls_are_told_and_references_are_not() {
        assert_eq!(
            kinds("postgres://app:pa55@db/x"),
            [("password in a URL", "pa55")]
        );
        assert_eq!(
            kinds("redis://:s3cret@cache:6379/0"),
            [("password in a URL", "s3cret")]
        );
        for text in [
            "postgres://app:${DB_PASSWORD}@db/x",
            "postgres://{user}:{password}@db",
            "https://example.org/a:b@c",
            "https://github.com/org/repo.git@v1",
            "git+ssh://git@github.com:22/x",
            "http://localhost:3000",
            "mongodb://%s:%s@host",
        ] {
            let found = kinds(text);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_private_key_is_more_than_its_header() {
        assert_eq!(
            kinds("if text.startswith('-----BEGIN PRIVATE KEY-----'):"),
            []
        );
        let body = "MIIEvQ".repeat(10);
        assert_eq!(
            kinds(&format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n")).len(),
            1
        );
    }
}

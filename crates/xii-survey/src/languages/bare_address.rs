//! Addresses that are written without a scheme: a host, and the name of a bucket.

use xii_model::Locator;

/// Whether a text can be the name of a bucket.
pub(crate) fn is_bucket(text: &str) -> bool {
    (3..64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_'))
}

/// The locator that a host, with or without its port, or a bucket's name stands for.
pub(crate) fn bare(text: &str, bucket: bool) -> Locator {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (text, None),
    };
    Locator {
        scheme: if bucket { "s3" } else { "" }.to_owned(),
        user: None,
        has_password: false,
        host: host.to_owned(),
        port,
        path: String::new(),
    }
}

//! Health checks in commands: which path they ask.

use std::sync::LazyLock;

use regex::Regex;

static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"https?://[^/\s"']+(/[^\s"'`|;&)?#]*)?"#)
        .unwrap_or_else(|error| unreachable!("the pattern is constant: {error}"))
});

/// The path of the URL that a health check's command asks.
pub(super) fn path_in_command(command: &str) -> Option<String> {
    let found = URL.captures(command)?;
    Some(found.get(1).map_or("/", |path| path.as_str()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_taken_from_the_url() {
        for (command, path) in [
            (
                "curl -f http://localhost:3000/health || exit 1",
                Some("/health"),
            ),
            ("wget -qO- http://127.0.0.1:8000", Some("/")),
            ("pg_isready -U postgres", None),
        ] {
            assert_eq!(path_in_command(command).as_deref(), path, "{command}");
        }
    }
}

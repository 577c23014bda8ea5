//! Paths that a file names, put below the audited folder.

/// The path below the audited folder that `path`, as written in a file of `folder`, leads to; `.`
/// for the audited folder itself. `None` when it is absolute, leads out, or is no path.
pub(super) fn below(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~'])
        || path.contains(['$', '{', '\\', '\n', '\0'])
        || path.contains("://")
    {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_together_and_never_lead_out() {
        for (folder, path, expected) in [
            ("", ".", Some(".")),
            ("", "./vote/", Some("vote")),
            ("docker", "..", Some(".")),
            ("a/b", "../c/./d", Some("a/c/d")),
            ("", "..", None),
            ("", "/srv", None),
            ("", "https://x/y.git", None),
            ("", "${DIR}", None),
        ] {
            assert_eq!(below(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }
}

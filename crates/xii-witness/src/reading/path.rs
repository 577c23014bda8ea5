//! Paths as they are told: absolute, without `.`, `..` and doubled slashes.

/// A path as a process wrote it, against the folder that it is relative to and the root that it sees.
///
/// Links are not followed: `a/../b` is told as `b` even where `a` is a link elsewhere. `folder` is what the
/// kernel says of a working folder or a descriptor, and so has no links in it; none when it could not be
/// read, and then a relative path stays one.
pub(crate) fn resolve(path: &str, folder: Option<&str>, root: Option<&str>) -> String {
    let root = root.filter(|root| *root != "/").unwrap_or_default();
    if path.starts_with('/') {
        return normal(root, path);
    }
    match folder {
        Some(folder) if folder.starts_with('/') => normal(folder, path),
        // Such as `(unreachable)/tmp`, or nothing known.
        Some(folder) => format!("{folder}/{path}"),
        None => path.to_owned(),
    }
}

/// `base`, an absolute path or nothing, and what comes below it; `..` leads no higher than the root.
fn normal(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut text = String::with_capacity(base.len() + path.len() + 1);
    for part in &parts {
        text.push('/');
        text.push_str(part);
    }
    if text.is_empty() {
        text.push('/');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_resolved_as_the_kernel_would_without_links() {
        for (path, folder, is) in [
            ("/a/b", None, "/a/b"),
            ("b", Some("/a"), "/a/b"),
            ("./b//c/", Some("/a/"), "/a/b/c"),
            ("../b", Some("/a/x"), "/a/b"),
            ("../../../b", Some("/a"), "/b"),
            ("/..", Some("/a"), "/"),
            ("", Some("/a"), "/a"),
            (".", Some("/"), "/"),
            ("...", Some("/"), "/..."),
            ("b", None, "b"),
            ("b", Some("(unreachable)/a"), "(unreachable)/a/b"),
        ] {
            assert_eq!(resolve(path, folder, None), is, "{path} in {folder:?}");
        }
    }

    #[test]
    fn a_root_of_its_own_comes_before_absolute_paths() {
        assert_eq!(
            resolve("/etc/x", Some("/jail/a"), Some("/jail")),
            "/jail/etc/x"
        );
        assert_eq!(resolve("x", Some("/jail/a"), Some("/jail")), "/jail/a/x");
        assert_eq!(resolve("/etc/x", None, Some("/")), "/etc/x");
    }

    proptest! {
        #[test]
        fn what_comes_out_is_normal_and_stays_the_same(
            path in "[a.é/]{0,30}",
            folder in "/[a./]{0,20}",
        ) {
            let once = resolve(&path, Some(&folder), None);
            prop_assert!(once.starts_with('/'));
            prop_assert!(!once.contains("//"));
            prop_assert!(once == "/" || !once.ends_with('/'));
            prop_assert!(once.split('/').all(|part| part != "." && part != ".."));
            prop_assert_eq!(resolve(&once, Some("/elsewhere"), None), once);
        }

        #[test]
        fn any_text_is_taken(path in any::<String>(), folder in any::<Option<String>>(), root in any::<Option<String>>()) {
            let text = resolve(&path, folder.as_deref(), root.as_deref());
            let most = path.len() + folder.map_or(0, |one| one.len()) + root.map_or(0, |one| one.len()) + 2;
            prop_assert!(text.len() <= most);
        }
    }
}

//! .gitignore and .dockerignore.

use xii_model::{Facts, IgnoreList};

use super::reader::{Reader, file_name};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: ".gitignore, .dockerignore",
    recognises: |path| kind(path).is_some(),
    read,
};

/// Which list a file is. A Dockerfile may have one of its own: `web.Dockerfile.dockerignore`.
fn kind(path: &str) -> Option<&'static str> {
    let name = file_name(path);
    if name == ".gitignore" {
        Some(".gitignore")
    } else if name.ends_with(".dockerignore") {
        Some(".dockerignore")
    } else {
        None
    }
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let Some(name) = kind(source.path) else {
        return;
    };
    let patterns = source
        .text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    facts.push(source.fact_of_file(IgnoreList { name, patterns }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn patterns_are_read_without_comments() {
        let facts = read_text(
            &READER,
            ".gitignore",
            "# env\n.env\n\n!.env.example\n/dist/ \n",
        );
        assert_eq!(
            facts.ignore_lists[0].patterns,
            [".env", "!.env.example", "/dist/"]
        );
        let facts = read_text(&READER, "web.Dockerfile.dockerignore", "*");
        assert_eq!(facts.ignore_lists[0].name, ".dockerignore");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(?s:.|\\n|#){0,40}") {
            read_text(&READER, ".dockerignore", &text);
        }
    }
}

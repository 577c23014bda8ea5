//! logrotate: log files that something else than the stream's reader takes care of.

use xii_model::{Facts, LogSink, LogTarget, Origin};

use super::reader::{Reader, file_name};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "logrotate",
    recognises: |path| {
        let name = file_name(path);
        name == "logrotate"
            || name.starts_with("logrotate.")
            || name.ends_with(".logrotate")
            || path.contains("logrotate.d/")
    },
    read,
};

/// More files than this in one configuration are not a person's.
const MAX_FILES: usize = 500;

/// Paths in front of a brace are the files that are rotated; what is inside is how.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut offset = 0;
    let mut inside = false;
    let mut paths: Vec<(usize, &str)> = Vec::new();
    let mut told = 0;
    for line in source.text.split_inclusive('\n') {
        let begin = offset;
        offset += line.len();
        let text = line.split('#').next().unwrap_or_default();
        if inside {
            inside = text.trim() != "}";
            continue;
        }
        let mut at = begin;
        for word in text.split_inclusive(char::is_whitespace) {
            let start = at;
            at += word.len();
            let word = word.trim_end();
            let path = word.trim_end_matches('{').trim_matches('"');
            if path.starts_with('/') {
                paths.push((start, path));
            }
            if word.ends_with('{') {
                inside = true;
                for (start, path) in paths.drain(..) {
                    told += 1;
                    if told > MAX_FILES {
                        return;
                    }
                    let sink = LogSink {
                        to: LogTarget::File {
                            path: Origin::Literal(path.to_owned()),
                            rotated: true,
                        },
                        through: "logrotate".to_owned(),
                        optional: false,
                    };
                    facts.push(source.fact(start..start + path.len(), sink));
                }
            }
        }
        if text.trim_end().ends_with('}') {
            inside = false;
        }
        if !inside && text.trim().starts_with(|c: char| c.is_ascii_alphabetic()) {
            paths.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::read_text;
    use proptest::prelude::*;

    #[test]
    fn rotated_files_are_log_files() {
        let facts = read_text(
            &READER,
            "etc/logrotate.d/app",
            "# logs\nweekly\n/var/log/app/*.log\n\"/srv/app/error.log\" {\n  rotate 4\n  postrotate\n    /bin/kill -HUP 1\n  endscript\n}\n",
        );
        assert_eq!(
            facts.lines(),
            [
                "etc/logrotate.d/app:3:1 LogSink { to: File { path: Literal(\"/var/log/app/*.log\"), rotated: true }, through: \"logrotate\", optional: false }",
                "etc/logrotate.d/app:4:1 LogSink { to: File { path: Literal(\"/srv/app/error.log\"), rotated: true }, through: \"logrotate\", optional: false }",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([/{}#\"a-zé \n]){0,60}") {
            read_text(&READER, "logrotate.conf", &text);
        }
    }
}

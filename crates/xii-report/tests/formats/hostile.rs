//! Hostile text in every place that an audited repository can write to.

use proptest::prelude::*;
use xii_model::{
    AppReport, Evidence, Finding, GitHead, Position, Report, Safety, Severity, SuppressedBy,
    Verdict,
};
use xii_report::{Format, Look, render};

use crate::sample::{self, With, criteria, finding, notice, source};
use crate::{sample_apps, sample_proved};

const FORMATS: [Format; 7] = [
    Format::Human,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Markdown,
    Format::Html,
    Format::Junit,
];

/// Escape sequences, ends of lines, markup, links, mentions, commands, and marks of direction.
pub(crate) const EVIL: &str = "a\u{1b}[31m\u{9b}2J\r\n::error::pwned\n##[warning]x ]]> <img src=x onerror=alert(1)> \
    ``` `` [b](http://evil.example) @everyone #1 \u{202e}txt\u{2066}\u{0} &amp; {{x}} </pre></script><!-- \"'";

/// A report whose every free text is hostile.
pub(crate) fn report() -> Report {
    report_of(EVIL, EVIL, 3, 40)
}

fn report_of(text: &str, excerpt: &str, column: u32, end: u32) -> Report {
    let root = format!("apps/{text}");
    let place = |excerpt: &str| Evidence {
        path: text.into(),
        start: Position { line: 7, column },
        end: Position {
            line: 8,
            column: end,
        },
        excerpt: excerpt.into(),
    };
    let one = |evidence: Evidence| {
        finding(
            &root,
            "evil-rule",
            "III.1",
            Severity::Error,
            evidence,
            text,
            text,
        )
    };
    let findings: Vec<Finding> = vec![
        one(place(excerpt))
            .related(place(excerpt), text)
            .fix(text, Safety::Unsafe, text),
        one(Evidence::file(text)).related(Evidence::file(text), text),
        one(place(excerpt)).sure(xii_model::Confidence::Low),
        one(source(text, 1, (1, 2), "x")).allowed(SuppressedBy::Config, text),
    ];
    let told = [("I.1", Verdict::Holds, EVIL, Some(Evidence::file(text)))];
    let app = AppReport {
        name: text.to_owned(),
        root: root.clone(),
        languages: vec![text.to_owned()],
        frameworks: vec![text.to_owned()],
        process_types: Vec::new(),
        config: Vec::new(),
        resources: Vec::new(),
        git: Some(GitHead {
            branch: Some(text.to_owned()),
            commit: text.to_owned(),
            dirty: false,
        }),
        criteria: criteria(&root, &findings, &told),
        run: None,
    };
    let mut report = sample::report(vec![app.clone(), app], findings);
    report.notices = vec![notice(text, Some(3), text)];
    report.stale_suppressions = vec![notice(text, None, text)];
    report
}

/// A report of a run of which every free text is hostile.
fn run() -> Report {
    sample_proved::much(EVIL)
}

/// What a terminal obeys or a reader cannot see.
fn misleads(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn look(verbose: bool) -> Look {
    Look {
        verbose,
        ..Look::default()
    }
}

#[test]
fn nothing_moves_the_cursor() {
    for (format, report) in FORMATS
        .into_iter()
        .flat_map(|one| [(one, report()), (one, run())])
    {
        let text = render(&report, format, &look(true));
        let bad: Vec<char> = text.chars().filter(|c| misleads(*c)).collect();
        assert!(bad.is_empty(), "{format:?}: {bad:?}");
    }
}

#[test]
fn colour_is_the_only_escape() {
    let look = Look {
        color: true,
        ..look(true)
    };
    for report in [report(), run()] {
        let text = render(&report, Format::Human, &look);
        for sequence in text.split('\u{1b}').skip(1) {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            assert!(sequence.starts_with('[') && sequence[end..].starts_with('m'));
        }
        assert!(!text.contains("a\u{1b}[31m\u{9b}"));
    }
}

/// The names of all tags, in order, each once.
fn tags(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split('<')
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"/!-?".contains(c));
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn no_markup_gets_into_pages_and_xml() {
    for format in [Format::Html, Format::Junit] {
        let honest = [sample_apps::rich(), sample_proved::proved()];
        let honest = honest
            .map(|one| render(&one, format, &look(false)))
            .concat();
        for report in [report(), run()] {
            let text = render(&report, format, &look(false));
            for tag in tags(&text) {
                assert!(tags(&honest).contains(&tag), "{format:?}: <{tag}");
            }
            assert!(text.contains("&lt;img src=x"), "{format:?}");
            assert!(!text.contains("]]>"), "{format:?}");
        }
    }
}

#[test]
fn no_line_becomes_a_workflow_command() {
    let text = render(&report(), Format::Github, &look(false));
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 3, "{text}");
    let run = render(&run(), Format::Github, &look(false));
    for line in text.lines().chain(run.lines()) {
        assert!(!line.contains("##["), "{line}");
        if let Some(line) = line.strip_prefix("::") {
            let (command, rest) = line.split_once(" file=").unwrap();
            assert!(["error", "notice"].contains(&command), "{line}");
            let (properties, _) = rest.split_once("::").unwrap();
            let titles = ["title=evil-rule", "title=long-probe"];
            assert!(
                titles.iter().any(|title| properties.contains(title)),
                "{properties}"
            );
        } else {
            assert!(!line.contains("::"), "{line}");
        }
    }
}

#[test]
fn markdown_is_plain_outside_of_code() {
    let text = [report(), run()]
        .map(|one| render(&one, Format::Markdown, &look(false)))
        .concat();
    // Links lead to paths of the report only; `\\](` is text, and the text of code is no link.
    for (at, _) in text.match_indices("](") {
        let (before, link) = text.split_at(at);
        let is_text = before.ends_with('\\') || link.starts_with("](http://evil.example");
        assert!(is_text || link.starts_with("](a%1B%5B31m"), "{link:.60}");
    }
    for line in text.lines().filter(|line| !line.contains('`')) {
        assert!(
            !line.contains("<img") && !line.contains("@everyone"),
            "{line}"
        );
    }
}

#[test]
fn data_keeps_what_was_there() {
    let text = render(&report(), Format::Json, &look(false));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["findings"][0]["path"], EVIL);
    let text = render(&run(), Format::Json, &look(false));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["apps"][0]["run"]["no_witness"], EVIL);
    let tried = &document["apps"][0]["factors"][0]["criteria"][0]["trials"][0];
    assert_eq!(tried["transcript"][0]["source"], format!("{EVIL}0"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_can_be_shown(
        text in any::<String>(),
        excerpt in "(?s).{1,80}|[a`\t\n\r é漢\u{301}\u{1b}\u{200d}]{1,60}",
        column in 0u32..90,
        end in 0u32..90,
        width in 0usize..200,
    ) {
        let report = report_of(&text, &excerpt, column, end);
        for format in FORMATS {
            let shown = render(&report, format, &Look { color: false, width, verbose: true });
            prop_assert!(!shown.chars().any(misleads), "{format:?}");
        }
    }
}

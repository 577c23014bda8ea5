//! What people see.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use xii_model::{Event, Instance, Level, Line, Request, Stream, What};
use xii_runtime::log::level::level;
use xii_runtime::log::record::{Records, push_event};
use xii_runtime::log::render::{Renderer, Settings};

/// Events, each some milliseconds after the one before.
#[derive(Default)]
struct Story {
    block: Vec<u8>,
    ms: i64,
}

impl Story {
    fn add(&mut self, source: &str, what: What) {
        self.ms += 400;
        let event = Event {
            at: Timestamp::from_millisecond(1_700_000_000_000 + self.ms).expect("a time"),
            source: source.parse().expect("a source"),
            release: None,
            what,
        };
        push_event(&mut self.block, &event);
    }

    fn line(&mut self, source: &str, stream: Stream, text: &[u8]) {
        self.piece(source, stream, text, false);
    }

    fn piece(&mut self, source: &str, stream: Stream, text: &[u8], continues: bool) {
        let line = Line {
            stream,
            bytes: text.to_vec(),
            continues,
            unterminated: false,
            level: level(text),
        };
        self.add(source, What::Line(line));
    }

    fn shown(&self, color: bool, width: Option<usize>) -> String {
        let settings = Settings {
            color,
            width,
            names: vec!["web.1".to_owned(), "worker.1".to_owned()],
        };
        let mut renderer = Renderer::in_zone(settings, TimeZone::UTC);
        let mut shown = Vec::new();
        for record in Records::of(&self.block) {
            renderer.record(&record, &mut shown);
        }
        renderer.finish(&mut shown);
        String::from_utf8_lossy(&shown).into_owned()
    }
}

fn request(status: u16, path: &str, fault: Option<&str>) -> What {
    What::Request(Box::new(Request {
        method: "GET".to_owned(),
        path: path.to_owned(),
        host: None,
        protocol: "HTTP/1.1".to_owned(),
        status,
        instance: fault.is_none().then(|| Instance::new("web", 2)),
        duration_us: 3_142,
        first_byte_us: 1_000,
        received: 0,
        sent: 13,
        request_id: "r1".to_owned(),
        client: "127.0.0.1".to_owned(),
        fault: fault.map(str::to_owned),
    }))
}

/// A morning in the life of an app.
fn story() -> Story {
    use Stream::{Stderr, Stdout};
    let mut story = Story::default();
    let started = |pid, port| What::Started {
        pid,
        port,
        command: "node server.js".to_owned(),
    };
    story.add("web.1", started(4711, Some(5000)));
    story.add("worker.1", started(4712, None));
    story.line("web.1", Stdout, b"> app@1.0.0 start");
    story.line("web.1", Stdout, b"");
    let json = br#"{"level":30,"time":1700000000000,"pid":7,"hostname":"h","msg":"listening","port":5000,"host":"0.0.0.0"}"#;
    story.line("web.1", Stdout, json);
    story.add("web.1", What::Ready { after_ms: 120 });
    story.line(
        "worker.1",
        Stderr,
        b"2024-05-01 12:00:00,123 WARNING queue is long",
    );
    let json = br#"{"level":"error","message":"request failed","path":"/a b","user":{"id":12345678901234567890123,"x":[1.10]},"err":{"type":"TypeError","message":"boom","stack":"TypeError: boom\n    at f (a.js:1)\n","code":7}}"#;
    story.line("web.1", Stderr, json);
    story.line("web.1", Stdout, br#"{"temperature":21.5,"unit":"C"}"#);
    story.line(
        "web.1",
        Stdout,
        br#"{"level":"debug","event":"tick\nand tock","n":"\u001b[2J"}"#,
    );
    story.line(
        "web.1",
        Stdout,
        b"\x1b[32mgreen\x1b[0m and \x1b]0;title\x07\x1b[2Jthe rest",
    );
    story.line("web.1", Stdout, b"10%\r55%\r100%\r");
    story.line("web.1", Stdout, b"bad \xff byte");
    story.add("router", request(200, "/x", None));
    story.add("router", request(404, "/favicon.ico", None));
    story.add(
        "router",
        request(502, "/y", Some("web.1 refused the connection")),
    );
    story.line("clock-with-long-name.1", Stdout, b"tick");
    story.line("a-name-that-is-longer-than-names-are.12", Stdout, b"tock");
    story.add(
        "web.1",
        What::NotReady {
            reason: "GET /health: 503".to_owned(),
        },
    );
    story.add(
        "web.1",
        What::Unhealthy {
            reason: "3 checks failed".to_owned(),
        },
    );
    let signal = What::Signalled {
        signal: "SIGTERM".to_owned(),
        reason: "it is unhealthy".to_owned(),
    };
    story.add("web.1", signal);
    let exited = |code: Option<i32>, signal: Option<&str>, after_ms| What::Exited {
        code,
        signal: signal.map(str::to_owned),
        after_ms,
    };
    story.add("web.1", exited(Some(1), None, 2_340));
    story.add("worker.1", exited(Some(0), None, 125_000));
    story.add("worker.1", exited(None, Some("SIGKILL"), 7_300_000));
    let killed = What::Killed {
        pids: vec![5001, 5002],
        reason: "they outlived web.1".to_owned(),
    };
    story.add("web.1", killed);
    story.add(
        "web.1",
        What::Restarting {
            after_ms: 1_500,
            attempt: 3,
        },
    );
    story.add(
        "web.1",
        What::Held {
            reason: "5 starts failed in a row: `xii restart web.1` tries again".to_owned(),
        },
    );
    let note = |level, message: &str| What::Note {
        level,
        message: message.to_owned(),
    };
    story.add(
        "xii",
        note(
            Level::Info,
            "web: node server.js (package.json scripts.start)",
        ),
    );
    story.add("xii", note(Level::Warn, "a warning\nof two lines\x1b[2J"));
    for (sink, lines) in [
        ("terminal", 1_234),
        ("store", 1),
        ("drain tcp://127.0.0.1:514", 1_000_000),
    ] {
        story.add(
            "xii",
            What::Dropped {
                sink: sink.to_owned(),
                lines,
            },
        );
    }
    story
}

#[test]
fn a_file_is_given_plain_text() {
    let shown = story().shown(false, None);
    insta::assert_snapshot!(shown.replace('\x1b', "␛").replace('\r', "␍"));
}

#[test]
fn a_terminal_is_given_colours_and_nothing_that_moves_its_cursor() {
    let shown = story().shown(true, Some(80));
    insta::assert_snapshot!(shown.replace('\x1b', "␛"));
}

#[test]
fn a_terminal_without_colours_is_given_no_sequence_at_all() {
    let shown = story().shown(false, Some(80));
    assert!(!shown.contains(['\x1b', '\r', '\x07', '\u{9b}']));
    let narrow = story().shown(false, Some(40));
    assert_eq!(
        narrow.lines().nth(1),
        Some("web.1    * started pid 4711 on port 5000  node server.js")
    );
}

#[test]
fn pieces_are_one_line_unless_another_comes_in_between() {
    let mut story = Story::default();
    story.piece("web.1", Stream::Stdout, b"one, ", true);
    story.piece("web.1", Stream::Stdout, b"two, ", true);
    story.piece("web.1", Stream::Stdout, b"three", false);
    story.piece("web.1", Stream::Stdout, b"four, ", true);
    story.line("web.2", Stream::Stdout, b"between");
    story.piece("web.1", Stream::Stdout, b"five", false);
    story.piece("web.1", Stream::Stdout, b"six, ", true);
    story.add("web.1", What::Ready { after_ms: 1 });
    story.piece("web.1", Stream::Stdout, b"seven", true);
    let shown = story.shown(false, None);
    let texts: Vec<_> = shown.lines().skip(1).map(|line| &line[9..]).collect();
    assert_eq!(
        texts,
        [
            "web.1    | one, two, three",
            "web.1    | four, ",
            "web.2    | between",
            "web.1    | five",
            "web.1    | six, ",
            "web.1    * ready after 1 ms",
            "web.1    | seven",
        ]
    );
    assert!(shown.ends_with('\n'));
}

#[test]
fn a_stack_without_end_is_cut() {
    let mut story = Story::default();
    let line = format!("{{\"msg\":\"x\",\"stack\":\"{}.\"}}", "\\n".repeat(30_000));
    story.line("web.1", Stream::Stdout, line.as_bytes());
    let shown = story.shown(true, Some(80));
    assert_eq!(
        shown.lines().count(),
        1 + 1 + 200 + 1,
        "day, message, stack, and the rest"
    );
    assert!(
        shown.contains("… 29801 more: `xii logs --format json` has all"),
        "{shown}"
    );
}

#[test]
fn the_day_is_told_when_it_changes() {
    let mut story = Story::default();
    story.line("web.1", Stream::Stdout, b"yesterday");
    story.ms += 24 * 3_600_000;
    story.line("web.1", Stream::Stdout, b"today");
    story.line("web.1", Stream::Stdout, b"too");
    assert_eq!(
        story.shown(false, None),
        "--- Tuesday, 14 November 2023 ---\n\
         22:13:20 web.1    | yesterday\n\
         --- Wednesday, 15 November 2023 ---\n\
         22:13:20 web.1    | today\n\
         22:13:21 web.1    | too\n"
    );
}

proptest::proptest! {
    #[test]
    fn any_lines_are_shown_one_a_line(
        texts in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..20), 1..8),
    ) {
        let mut story = Story::default();
        for text in &texts {
            let text: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\n').collect();
            story.line("web.1", Stream::Stdout, &text);
        }
        let shown = story.shown(true, Some(80));
        proptest::prop_assert_eq!(shown.lines().count(), texts.len() + 1);
    }
}

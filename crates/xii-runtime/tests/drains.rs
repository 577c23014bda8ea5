//! Drains, with receivers that listen, that read nothing, that break off and that are not there.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, bind, listen, socket};
use serde_json::{Value, json};
use xii_model::{Event, Level, Source, Stream, What};
use xii_runtime::drain::{Drain, Running, Settings};
use xii_runtime::log::record::{LineHead, push_event, push_line};
use xii_runtime::log::sink::Sink;

const AT: i64 = 1_700_000_000_123_456_789;

fn head(source: &'static str) -> LineHead<'static> {
    LineHead {
        source,
        release: "",
        stream: Stream::Stdout,
        continues: false,
        unterminated: false,
        level: None,
    }
}

/// A block of so many lines, numbered from this one.
fn lines(from: usize, count: usize) -> (Arc<Vec<u8>>, u64) {
    let mut block = Vec::new();
    for n in from..from + count {
        let text = format!("line {n} {}", "x".repeat(90));
        push_line(&mut block, AT + n as i64, head("web.1"), text.as_bytes());
    }
    (Arc::new(block), count as u64)
}

fn take(drain: &mut Running, (block, records): (Arc<Vec<u8>>, u64)) {
    drain.take(&block, records);
}

fn start(address: &str, settings: &Settings) -> Running {
    let drain = Drain::parse(address).expect("an address");
    drain.start(settings).expect("a thread")
}

/// Waits until something is so.
fn wait_until(mut so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < patience, "it never became so");
        std::thread::yield_now();
    }
}

fn numbers<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<usize> {
    let number = |text: &String| {
        let (_, rest) = text.split_once("line ").expect("a line");
        let (number, _) = rest.split_once(' ').expect("a number");
        number.parse().expect("a number")
    };
    texts.into_iter().map(number).collect()
}

fn texts(path: &Path) -> Vec<String> {
    let all = fs::read_to_string(path).unwrap_or_default();
    let text = |line: &str| {
        let event: Event = serde_json::from_str(line).expect("an event a line");
        let What::Line(line) = event.what else {
            panic!("only lines were written")
        };
        String::from_utf8(line.bytes).expect("text")
    };
    // What stands after the last line's end is being written.
    let whole = all.rfind('\n').map_or("", |end| &all[..end]);
    whole.lines().map(text).collect()
}

#[test]
fn a_file_is_opened_again_when_it_was_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    // The folder is not there yet either.
    let path = folder.path().join("logs/app.ndjson");
    let mut drain = start(
        &format!("file://{}", path.display()),
        &Settings::new("shop"),
    );
    take(&mut drain, lines(0, 3));
    fs::create_dir(folder.path().join("logs")).expect("a folder");
    wait_until(|| texts(&path).len() == 3);
    let moved = folder.path().join("logs/app.ndjson.1");
    fs::rename(&path, &moved).expect("it can be moved");
    take(&mut drain, lines(3, 2));
    wait_until(|| texts(&path).len() == 2);
    fs::remove_file(&path).expect("it can be removed");
    take(&mut drain, lines(5, 1000));
    assert_eq!(drain.dropped().1, 0);
    // Its end waits for what it took.
    drop(drain);
    assert!(numbers(&texts(&moved)).into_iter().eq(0..3));
    assert!(numbers(&texts(&path)).into_iter().eq(5..1005));
}

/// Reads a message with its length before it; `None` at the end.
fn frame(from: &mut impl BufRead) -> Option<String> {
    let mut length = Vec::new();
    from.read_until(b' ', &mut length).ok()?;
    let length = std::str::from_utf8(&length).expect("digits").trim_end();
    let mut message = vec![0; length.parse().ok()?];
    from.read_exact(&mut message).expect("a whole message");
    Some(String::from_utf8(message).expect("text"))
}

fn local() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")
}

#[test]
fn syslog_over_tcp_connects_again_and_ends_with_all_delivered() {
    let listener = local();
    let address = listener.local_addr().expect("an address");
    let mut drain = start(&format!("syslog+tcp://{address}"), &Settings::new("shop"));
    assert_eq!(drain.dropped().0, format!("drain syslog+tcp://{address}"));
    take(&mut drain, lines(0, 5000));
    let (stream, _) = listener.accept().expect("it connects");
    let mut stream = BufReader::new(stream);
    let read: Vec<_> = (0..5000).filter_map(|_| frame(&mut stream)).collect();
    assert!(numbers(&read).into_iter().eq(0..5000));
    assert!(
        read[0].starts_with("<14>1 2023-11-14T22:13:20.123456Z "),
        "{}",
        read[0]
    );
    assert!(
        read[0].contains(" shop web.1 stdout - line 0 x"),
        "{}",
        read[0]
    );
    // The receiver is started anew between two blocks.
    drop(stream);
    take(&mut drain, lines(5000, 20));
    let (stream, _) = listener.accept().expect("it connects");
    let mut stream = BufReader::new(stream);
    let read: Vec<_> = (0..20).filter_map(|_| frame(&mut stream)).collect();
    assert!(numbers(&read).into_iter().eq(5000..5020));
    take(&mut drain, lines(5020, 30));
    drop(drain);
    let read: Vec<_> = std::iter::from_fn(|| frame(&mut stream)).collect();
    assert!(numbers(&read).into_iter().eq(5020..5050));
}

#[test]
fn while_nobody_is_there_the_queue_keeps_what_it_has_room_for() {
    // A port that is taken and refuses: it is bound, and listens later.
    let fd: OwnedFd = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    bind(&fd, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let listener = TcpListener::from(fd);
    let address = listener.local_addr().expect("an address");
    let settings = Settings {
        queue_bytes: 100_000,
        end: Duration::from_secs(60),
        ..Settings::new("shop")
    };
    let mut drain = start(&format!("syslog+tcp://{address}"), &settings);
    for n in 0..200 {
        take(&mut drain, lines(n * 10, 10));
    }
    let dropped = drain.dropped().1;
    assert!(dropped > 1000, "{dropped} of 2000 were dropped");
    listen(&listener, 8).expect("it listens");
    let reader = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("it connects");
        let mut stream = BufReader::new(stream);
        let read: Vec<_> = std::iter::from_fn(|| frame(&mut stream)).collect();
        numbers(&read)
    });
    drop(drain);
    let read = reader.join().expect("it read");
    assert_eq!(read.len() as u64 + dropped, 2000);
    assert!(read.is_sorted());
}

#[test]
fn a_receiver_that_reads_nothing_stops_nobody() {
    let listener = local();
    let address = listener.local_addr().expect("an address");
    let settings = Settings {
        queue_bytes: 1 << 20,
        end: Duration::ZERO,
        ..Settings::new("shop")
    };
    let mut drain = start(&format!("syslog+tcp://{address}"), &settings);
    take(&mut drain, lines(0, 1));
    let (stream, _) = listener.accept().expect("it connects");
    // Far more than the queue and the system's buffers take, and still everything returns.
    let mut taken = 1;
    while drain.dropped().1 == 0 {
        take(&mut drain, lines(taken, 1000));
        taken += 1000;
    }
    assert!(taken > 5000, "{taken}");
    // Nobody waits for what hangs in the system, and it is counted too.
    let before = drain.dropped().1;
    drain.end();
    assert!(drain.dropped().1 > before);
    drop(drain);
    drop(stream);
}

#[test]
fn syslog_over_udp_divides_what_no_datagram_holds() {
    let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    receiver
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a patience");
    let address = receiver.local_addr().expect("an address");
    let mut drain = start(&format!("syslog+udp://{address}"), &Settings::new("shop"));
    let long = "long ".repeat(4000);
    let mut block = Vec::new();
    push_line(&mut block, AT, head("web.1"), long.as_bytes());
    push_line(&mut block, AT, head("web.2"), b"");
    drain.take(&Arc::new(block), 2);
    let message = || {
        let mut bytes = [0; 65536];
        let count = receiver.recv(&mut bytes).expect("a datagram");
        let text = String::from_utf8(bytes[..count].to_vec()).expect("text");
        let (head, message) = text.split_once(" stdout - ").expect("a head");
        (head.ends_with("web.1"), message.to_owned())
    };
    let parts = [message(), message(), message()];
    assert!(
        parts
            .iter()
            .all(|(first, part)| *first && part.len() <= 8000)
    );
    assert_eq!(parts.map(|(_, part)| part).concat(), long);
    assert_eq!(message(), (false, String::new()));
    assert_eq!(drain.dropped().1, 0);
}

#[test]
fn datagrams_that_are_refused_are_counted() {
    // A port that is taken and refuses: a socket that speaks with itself alone.
    let deaf = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address: SocketAddr = deaf.local_addr().expect("an address");
    deaf.connect(address).expect("it is connected");
    let mut drain = start(&format!("syslog+udp://{address}"), &Settings::new("shop"));
    take(&mut drain, lines(0, 100));
    // That of the last one is only told to the next.
    wait_until(|| drain.dropped().1 == 99);
    take(&mut drain, lines(100, 1));
    wait_until(|| drain.dropped().1 == 100);
}

/// A collector that answers each request with the next of these, and tells what it was sent.
fn collector(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<Value>>) {
    let listener = local();
    let address = listener.local_addr().expect("an address");
    let thread = std::thread::spawn(move || {
        let mut sent = Vec::new();
        let mut answers = answers.into_iter().peekable();
        while answers.peek().is_some() {
            let (stream, _) = listener.accept().expect("it connects");
            let mut stream = BufReader::new(stream);
            while answers.peek().is_some()
                && let Some(body) = request(&mut stream)
            {
                sent.push(body);
                let answer = answers.next().unwrap_or_default();
                stream
                    .get_mut()
                    .write_all(answer.as_bytes())
                    .expect("it is sent");
                if answer.contains("Connection: close") {
                    break;
                }
            }
        }
        sent
    });
    (format!("otlp+http://{address}/otel"), thread)
}

/// Reads a request; `None` at the end.
fn request(from: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut line = String::new();
    from.read_line(&mut line).ok().filter(|count| *count > 0)?;
    assert_eq!(line, "POST /otel/v1/logs HTTP/1.1\r\n");
    let mut length = 0;
    let mut kind = String::new();
    loop {
        line.clear();
        from.read_line(&mut line).expect("a head");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a number"),
            "content-type" => kind = value.to_owned(),
            _ => {}
        }
    }
    assert_eq!(kind, "application/json");
    let mut body = vec![0; length];
    from.read_exact(&mut body).expect("a body");
    Some(serde_json::from_slice(&body).expect("JSON"))
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

#[test]
fn otlp_is_sent_as_the_specification_has_it() {
    let (address, collector) = collector(vec![TAKEN]);
    let mut drain = start(&address, &Settings::new("shop"));
    let mut block = Vec::new();
    push_line(&mut block, AT, head("web.1"), b"say \"hi\"");
    let error = LineHead {
        release: "v3",
        stream: Stream::Stderr,
        level: Some(Level::Error),
        continues: true,
        ..head("web.2")
    };
    push_line(&mut block, AT + 1, error, b"\xff");
    let event = Event {
        at: jiff::Timestamp::from_nanosecond(i128::from(AT)).expect("a time"),
        source: Source::Xii,
        release: None,
        what: What::Ready { after_ms: 5 },
    };
    push_event(&mut block, &event);
    drain.take(&Arc::new(block), 3);
    drop(drain);
    let sent = collector.join().expect("it was sent");
    let at = "1700000000123456789";
    let scope = json!({"name": "xii", "version": env!("CARGO_PKG_VERSION")});
    let text = |text: &str| json!({"stringValue": text});
    let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
    let resource = |source: &str, version: Option<&str>, record: Value| {
        let mut attributes = vec![
            attribute("service.name", text("shop")),
            attribute("service.instance.id", text(source)),
        ];
        attributes.extend(version.map(|version| attribute("service.version", text(version))));
        json!({
            "resource": {"attributes": attributes},
            "scopeLogs": [{"scope": scope, "logRecords": [record]}],
        })
    };
    let line = json!({
        "timeUnixNano": at,
        "observedTimeUnixNano": at,
        "body": text("say \"hi\""),
        "attributes": [attribute("log.iostream", text("stdout"))],
    });
    let error = json!({
        "timeUnixNano": "1700000000123456790",
        "observedTimeUnixNano": "1700000000123456790",
        "severityNumber": 17,
        "severityText": "ERROR",
        "body": {"bytesValue": "/w=="},
        "attributes": [
            attribute("log.iostream", text("stderr")),
            attribute("xii.continues", json!({"boolValue": true})),
        ],
    });
    let ready = json!({
        "timeUnixNano": at,
        "observedTimeUnixNano": at,
        "severityNumber": 9,
        "severityText": "INFO",
        "eventName": "xii.ready",
        "body": text(r#"{"event":"ready","after_ms":5}"#),
    });
    let expected = json!({"resourceLogs": [
        resource("web.1", None, line),
        resource("web.2", Some("v3"), error),
        resource("xii", None, ready),
    ]});
    assert_eq!(sent, [expected]);
}

#[test]
fn a_collector_is_asked_again_when_it_says_so_and_only_then() {
    let (address, collector) = collector(vec![
        "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        TAKEN,
        "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 49\r\n\r\n{\"partialSuccess\":{\"rejectedLogRecords\": \"2\"}}   ",
    ]);
    let settings = Settings {
        end: Duration::from_secs(60),
        ..Settings::new("shop")
    };
    let mut drain = start(&address, &settings);
    take(&mut drain, lines(0, 5));
    take(&mut drain, lines(5, 7));
    take(&mut drain, lines(12, 3));
    wait_until(|| drain.dropped().1 == 7 + 2);
    drop(drain);
    let sent = collector.join().expect("it was sent");
    let first = |sent: &Value| {
        let records = &sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
        records[0]["timeUnixNano"].as_str().map(str::to_owned)
    };
    let first: Vec<_> = sent.iter().filter_map(first).collect();
    let at = |n: i64| (AT + n).to_string();
    assert_eq!(first, [at(0), at(0), at(0), at(5), at(12)]);
}

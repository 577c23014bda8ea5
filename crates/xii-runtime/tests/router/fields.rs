//! What an instance is told of a request, and a client of an answer.

use crate::workbench::{Bench, Client, Instance, field};

fn seen(client: &mut Client, request: &str) -> String {
    client.send(request);
    let answer = client.answer();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text().to_owned()
}

#[test]
fn a_request_gets_a_name_a_trace_and_where_it_came_from() {
    let instance = Instance::echoing();
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    let head = seen(
        &mut client,
        "GET /x?secret=1 HTTP/1.1\r\nHost: app.example:80\r\nX-A: b\r\n\r\n",
    );
    assert!(
        head.starts_with("GET /x?secret=1 HTTP/1.1\r\nHost: app.example:80\r\nX-A: b\r\n"),
        "{head}"
    );
    let id = field(&head, "x-request-id").expect("a name").to_owned();
    assert_eq!(id.len(), 36);
    let trace = field(&head, "traceparent").expect("a trace").to_owned();
    assert!(trace.starts_with(&format!("00-{}-", id.replace('-', ""))) && trace.ends_with("-01"));
    assert_eq!(field(&head, "x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(field(&head, "x-forwarded-proto"), Some("http"));
    assert_eq!(field(&head, "x-forwarded-host"), Some("app.example:80"));
    assert_eq!(field(&head, "connection"), None);

    let told = bench.notes.of(1).remove(0);
    assert_eq!(
        (told.path.as_str(), told.host.as_deref()),
        ("/x", Some("app.example:80"))
    );
    assert_eq!((told.request_id, told.status), (id.clone(), 200));
    assert_eq!(told.instance.expect("one").to_string(), "web.1");
    assert_eq!((told.received, told.sent), (0, head.len() as u64));
    assert_eq!(
        (told.protocol.as_str(), told.client.as_str()),
        ("HTTP/1.1", "127.0.0.1")
    );

    let next = seen(&mut client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_ne!(field(&next, "x-request-id"), Some(id.as_str()));
}

#[test]
fn names_that_are_given_are_kept_if_they_are_well_formed() {
    let instance = Instance::echoing();
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let head = seen(
        &mut client,
        &format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: mine-1\r\nTraceparent: {trace}\r\nTracestate: a=b\r\nTracestate: c=d\r\n\r\n"
        ),
    );
    assert_eq!(field(&head, "x-request-id"), Some("mine-1"));
    assert_eq!(field(&head, "traceparent"), Some(trace));
    assert_eq!(head.matches("Tracestate: ").count(), 2);

    let head = seen(
        &mut client,
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: <script>\r\nTraceparent: 00-1\r\nTracestate: a=b\r\n\r\n",
    );
    assert_eq!(field(&head, "x-request-id").map(str::len), Some(36));
    assert_eq!(field(&head, "traceparent").map(str::len), Some(55));
    assert!(
        !head.to_ascii_lowercase().contains("tracestate"),
        "void without its parent: {head}"
    );
    assert_eq!(head.to_ascii_lowercase().matches("x-request-id").count(), 1);
}

#[test]
fn forwarded_fields_are_believed_of_the_trusted_only() {
    let instance = Instance::echoing();
    let request = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n\
        X-Forwarded-Proto: https\r\nX-Forwarded-Host: outer\r\nX_Forwarded_For: 3.3.3.3\r\n\
        X-Forwarded-Port: 443\r\nForwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n\r\n";

    let strict = Bench::new(&[instance.address]);
    let head = seen(&mut strict.client(), request);
    assert_eq!(field(&head, "x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(field(&head, "x-forwarded-proto"), Some("http"));
    assert_eq!(field(&head, "x-forwarded-host"), Some("a"));
    for gone in ["1.1.1.1", "2.2.2.2", "3.3.3.3", "outer", "443"] {
        assert!(!head.contains(gone), "{gone}: {head}");
    }

    let trusting = Bench::with(&[instance.address], |settings| {
        settings.trusted = vec!["127.0.0.0/8".parse().expect("a network")];
    });
    let head = seen(&mut trusting.client(), request);
    let chain = field(&head, "x-forwarded-for").expect("a chain");
    assert!(
        chain.starts_with("1.1.1.1, 2.2.2.2, ") && chain.ends_with(", 127.0.0.1"),
        "{chain}"
    );
    assert_eq!(field(&head, "x-forwarded-proto"), Some("https"));
    assert_eq!(field(&head, "x-forwarded-host"), Some("outer"));
    assert_eq!(field(&head, "x-real-ip"), Some("1.1.1.1"));
    assert_eq!(
        head.to_ascii_lowercase()
            .matches("\nx-forwarded-for")
            .count(),
        1
    );
}

#[test]
fn what_is_for_one_hop_goes_no_further() {
    let instance = Instance::echoing();
    let bench = Bench::new(&[instance.address]);
    let head = seen(
        &mut bench.client(),
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n\
         Proxy-Connection: x\r\nTE: trailers, gzip\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nX-Kept: 1\r\n\r\n",
    );
    assert_eq!(field(&head, "connection"), Some("te"));
    assert_eq!(field(&head, "te"), Some("trailers"));
    assert_eq!(field(&head, "x-kept"), Some("1"));
    for gone in [
        "x-secret",
        "keep-alive",
        "proxy-connection",
        "upgrade",
        "http2-settings",
    ] {
        assert_eq!(field(&head, gone), None, "{gone}");
    }

    let instance = Instance::start(|mut peer| {
        while peer.head().is_some() {
            peer.send("HTTP/1.1 200 Fine\r\nConnection: X-Inner\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let bench = Bench::new(&[instance.address]);
    let answer = bench.client().get("/");
    assert!(
        answer.head.starts_with("HTTP/1.1 200 Fine\r\n"),
        "{}",
        answer.head
    );
    assert_eq!(answer.head.matches("Set-Cookie: ").count(), 2);
    assert!(answer.field("date").is_some());
    for gone in ["connection", "x-inner", "keep-alive"] {
        assert_eq!(answer.field(gone), None, "{gone}");
    }
}

#[test]
fn targets_and_hosts_are_passed_on_in_one_form() {
    let instance = Instance::echoing();
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    let head = seen(
        &mut client,
        "GET http://outer:81/x?y HTTP/1.1\r\nHost: inner\r\n\r\n",
    );
    assert!(
        head.starts_with("GET /x?y HTTP/1.1\r\nHost: outer:81\r\n"),
        "{head}"
    );
    let head = seen(&mut client, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(
        head.starts_with("OPTIONS * HTTP/1.1\r\nHost: a\r\n"),
        "{head}"
    );
    // Empty lines before a request are passed over; a pipelined one is answered in its turn.
    client.send("\r\n\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(client.answer().text().starts_with("GET /1 "));
    assert!(client.answer().text().starts_with("GET /2 "));
}

#[test]
fn a_client_of_http_1_0_is_served_as_it_can_be() {
    let instance = Instance::start(|mut peer| {
        while let Some(head) = peer.head() {
            match head.contains("/chunks") {
                true => peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
                false => peer.answer(&head),
            }
        }
    });
    let bench = Bench::new(&[instance.address]);
    let mut client = bench.client();
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let answer = client.answer();
    assert_eq!(answer.field("connection"), Some("keep-alive"));
    let here = bench.handle.address().to_string();
    assert_eq!(field(answer.text(), "host"), Some(here.as_str()));
    client.send("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let answer = client.answer();
    assert_eq!(answer.field("transfer-encoding"), None);
    assert_eq!(
        (answer.field("connection"), answer.text()),
        (Some("close"), "hello world")
    );
    assert_eq!(bench.notes.of(2)[1].protocol, "HTTP/1.0");

    let mut client = bench.client();
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.answer().field("connection"), Some("close"));
    assert_eq!(client.0.rest(), (Vec::new(), None));
}

//! The client against servers that answer well, badly, and not at all.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::tiny::run;
use super::*;

/// For what never comes.
const SOON: Duration = Duration::from_millis(200);
/// For what comes.
const LONG: Duration = Duration::from_secs(30);

/// A server that gives every connection to `serve`, until the test's runtime ends.
async fn server<F, R>(serve: F) -> Client
where
    F: Fn(TcpStream, usize) -> R + 'static,
    R: Future<Output = ()> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::task::spawn_local(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::task::spawn_local(serve(stream, number));
        }
    });
    Client::new(address)
}

/// Reads until the bytes end with this.
async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(end.as_bytes()) {
        match stream.read(&mut byte).await {
            Ok(1) => read.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("written");
}

async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("its address")
}

#[test]
fn an_answer_comes_whole_and_is_told_of() {
    run(async {
        let client = server(|mut stream, _| async move {
            let head = read_to(&mut stream, "\r\n\r\n").await;
            assert!(head.starts_with("POST /a%20b?c HTTP/1.1\r\n"), "{head}");
            assert!(head.contains("\r\nHost: localhost:"), "{head}");
            assert!(head.contains("\r\nContent-Length: 7\r\n"), "{head}");
            assert_eq!(read_to(&mut stream, "}").await, r#"{"a":1}"#);
            write(&mut stream, "HTTP/1.1 201 Made\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n").await;
            write(&mut stream, "2\r\n2]\r\n0\r\n\r\n").await;
        })
        .await;
        let told = Rc::new(RefCell::new(Vec::new()));
        let into = Rc::clone(&told);
        let port = client.address().port();
        let client = client.telling(Rc::new(move |asked| into.borrow_mut().push(asked)));
        let request = Request::new("POST", "/a b?c").json(&serde_json::json!({"a": 1}));
        let answer = client.send(&request).await.expect("an answer");
        assert_eq!(answer.status, 201);
        assert_eq!(answer.json(), Some(serde_json::json!([1, 2])));
        assert_eq!(answer.media_type().as_deref(), Some("application/json"));
        assert!(answer.first_byte <= answer.took);
        let told = told.borrow();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].status, told[0].port), (Some(201), port));
        assert_eq!(
            (told[0].method.as_str(), told[0].path.as_str()),
            ("POST", "/a b?c")
        );
    });
}

#[test]
fn each_way_to_miss_has_its_name() {
    run(async {
        let client = server(|mut stream, number| async move {
            read_to(&mut stream, "\r\n\r\n").await;
            match number {
                0 => {}
                1 => {
                    write(
                        &mut stream,
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal",
                    )
                    .await
                }
                2 => reset(stream),
                3 => write(&mut stream, "220 mail.example ESMTP\r\n\r\n").await,
                _ => std::future::pending().await,
            }
        })
        .await;
        let request = Request::get("/").within(LONG);
        assert_eq!(client.send(&request).await, Err(Miss::Closed));
        assert_eq!(client.send(&request).await, Err(Miss::Closed));
        assert_eq!(client.send(&request).await, Err(Miss::Reset));
        let garbled = client.send(&request).await;
        assert!(matches!(garbled, Err(Miss::Malformed(_))), "{garbled:?}");
        let hurried = request.clone().within(SOON);
        assert_eq!(client.send(&hurried).await, Err(Miss::TimedOut));
        let nobody = Client::new(nobody().await);
        assert_eq!(nobody.send(&request).await, Err(Miss::Refused));
    });
}

/// Closes with RST.
fn reset(stream: TcpStream) {
    let stream = stream.into_std().expect("a socket");
    rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).expect("lingering");
}

#[test]
fn a_knock_says_what_it_met() {
    run(async {
        let client = server(|mut stream, number| async move {
            read_to(&mut stream, "\r\n\r\n").await;
            match number {
                0 => write(&mut stream, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n").await,
                1 => reset(stream),
                2 => {}
                3 => {
                    // It has begun to answer: that is served, though it never ends.
                    write(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await;
                    std::future::pending().await
                }
                _ => std::future::pending().await,
            }
        })
        .await;
        for (expected, within) in [
            (Knock::Served(503), LONG),
            (Knock::Reset, LONG),
            (Knock::Closed, LONG),
            // Long enough for a head to come even on a busy machine.
            (Knock::Served(200), Duration::from_secs(2)),
            (Knock::Hanging, SOON),
        ] {
            assert_eq!(client.knock("/", within).await, expected);
        }
        let nobody = Client::new(nobody().await);
        assert_eq!(nobody.knock("/", LONG).await, Knock::Refused);
        // A listener that never accepts: the system takes the connection, and nobody answers.
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let deaf = Client::new(listener.local_addr().expect("its address"));
        assert_eq!(deaf.knock("/", SOON).await, Knock::Hanging);
    });
}

#[test]
fn a_connection_is_kept_until_the_other_end_closes_it() {
    run(async {
        let client = server(|mut stream, number| async move {
            assert_eq!(number, 0, "one connection is enough");
            for _ in 0..2 {
                read_to(&mut stream, "\r\n\r\n").await;
                write(
                    &mut stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                )
                .await;
            }
            read_to(&mut stream, "\r\n\r\n").await;
            write(
                &mut stream,
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            )
            .await;
        })
        .await;
        let mut connection = client.connect(LONG).await.expect("a connection");
        for _ in 0..2 {
            let answer = connection
                .send(&Request::get("/"))
                .await
                .expect("an answer");
            assert_eq!(answer.text(), "ok");
        }
        assert!(!connection.is_closed().await);
        connection
            .send(&Request::get("/"))
            .await
            .expect("an answer");
        assert_eq!(connection.closed(LONG).await, Some(Miss::Closed));
        assert!(connection.is_closed().await);
        let late = connection.send(&Request::get("/")).await;
        assert_eq!(late, Err(Miss::Closed));
    });
}

#[test]
fn half_a_request_is_with_the_app_before_the_rest_is_sent() {
    run(async {
        let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        let client = server(move |mut stream, _| {
            let arrived = arrived.clone();
            async move {
                let head = read_to(&mut stream, "\r\n\r\n").await;
                let first = read_to(&mut stream, "abc").await;
                arrived.send(head + &first).expect("somebody waits");
                assert_eq!(read_to(&mut stream, "f").await, "def");
                write(
                    &mut stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                )
                .await;
            }
        })
        .await;
        let connection = client.connect(LONG).await.expect("a connection");
        let request = Request::post("/slow", "abcdef").within(LONG);
        let mut half = connection.half_sent(request, 3).await.expect("half of it");
        let came = arrivals
            .recv()
            .await
            .expect("the head and half of the body");
        assert!(came.contains("Content-Length: 6\r\n"), "{came}");
        assert!(came.ends_with("\r\n\r\nabc"), "{came}");
        assert_eq!(half.left(), 3);
        assert_eq!(half.early(Duration::from_millis(20)).await, None);
        assert_eq!(half.finish().await.expect("an answer").text(), "ok");
    });
}

#[test]
fn a_refusal_before_the_body_is_seen() {
    run(async {
        let client = server(|mut stream, number| async move {
            read_to(&mut stream, "\r\n\r\n").await;
            if number == 0 {
                write(
                    &mut stream,
                    "HTTP/1.1 503 Stopping\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                )
                .await;
            }
        })
        .await;
        let request = Request::post("/", "abcdef").within(LONG);
        let connection = client.connect(LONG).await.expect("a connection");
        let mut half = connection
            .half_sent(request.clone(), 0)
            .await
            .expect("a head");
        let early = half.early(LONG).await.expect("an answer");
        assert_eq!(early.expect("with a status").status, 503);
        assert_eq!(half.finish().await, Err(Miss::Closed));
        let connection = client.connect(LONG).await.expect("a connection");
        let early = match connection.half_sent(request, 0).await {
            Ok(mut half) => half.early(LONG).await,
            Err(miss) => Some(Err(miss)),
        };
        let miss = early.expect("an end").expect_err("without an answer");
        assert!(matches!(miss, Miss::Closed | Miss::Reset), "{miss}");
    });
}

#[test]
fn a_long_body_is_cut_and_an_endless_one_given_up() {
    run(async {
        let client = server(|mut stream, number| async move {
            read_to(&mut stream, "\r\n\r\n").await;
            write(&mut stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            let piece = vec![b'x'; 1 << 16];
            for _ in 0..48 {
                if stream.write_all(&piece).await.is_err() {
                    return;
                }
            }
            while number == 1 && stream.write_all(&piece).await.is_ok() {}
        })
        .await;
        let request = Request::get("/").within(LONG);
        for _ in 0..2 {
            let answer = client.send(&request).await.expect("an answer");
            assert_eq!(answer.body.len(), LONGEST_BODY);
            assert!(answer.truncated);
        }
    });
}

#[test]
fn cookies_are_kept_and_shared_by_clones() {
    run(async {
        let client = server(|mut stream, number| async move {
            let head = read_to(&mut stream, "\r\n\r\n").await;
            assert_eq!(head.contains("\r\nCookie: sid=7\r\n"), number > 0, "{head}");
            write(
                &mut stream,
                "HTTP/1.1 204 No\r\nSet-Cookie: sid=7; Path=/; Secure\r\n\r\n",
            )
            .await;
        })
        .await
        .keeping(Rc::default());
        client.send(&Request::get("/")).await.expect("an answer");
        client
            .clone()
            .send(&Request::get("/x"))
            .await
            .expect("an answer");
    });
}

#[test]
fn too_many_requests_are_waited_out_within_bounds() {
    run(async {
        let client = server(|mut stream, number| async move {
            read_to(&mut stream, "\r\n\r\n").await;
            let answer = match number {
                0 => "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
                1 => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                _ => "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n",
            };
            write(&mut stream, answer).await;
        })
        .await;
        let patience = Duration::from_secs(20);
        let request = Request::get("/");
        let answer = client.send_patiently(&request, patience).await;
        assert_eq!(answer.expect("an answer").status, 200);
        let answer = client.send_patiently(&request, patience).await;
        assert_eq!(answer.expect("an answer").status, 429);
    });
}

#[test]
fn a_flood_counts_every_request() {
    run(async {
        let client = server(|mut stream, number| async move {
            for turn in 0.. {
                if read_to(&mut stream, "\r\n\r\n").await.is_empty() {
                    return;
                }
                // The first connection breaks at its third request.
                if number == 0 && turn == 2 {
                    return;
                }
                let status = if turn % 2 == 0 { "200 OK" } else { "503 No" };
                write(
                    &mut stream,
                    &format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"),
                )
                .await;
            }
        })
        .await;
        let told = Rc::new(std::cell::Cell::new(0));
        let into = Rc::clone(&told);
        let client = client.telling(Rc::new(move |_| into.set(into.get() + 1)));
        let tally = flood(&client, &Request::get("/"), 4, Amount::Count(40)).await;
        assert_eq!(tally.sent(), 40);
        assert_eq!(tally.misses.get("closed"), Some(&1));
        assert_eq!(tally.good() + tally.answers[&503] + 1, 40);
        assert_eq!(tally.latencies.len(), 39);
        assert!(tally.quantile(0.5) <= tally.quantile(1.0));
        assert_eq!(told.get(), 0, "single requests of a flood are not told of");
        let tally = flood(&client, &Request::get("/"), 2, Amount::For(SOON)).await;
        assert!(tally.sent() > 0 && tally.took >= SOON);
    });
}

//! What an interposer does when it is told to interfere.

use std::io;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::workbench::*;

#[tokio::test]
async fn a_cut_resets_what_is_open_and_what_comes() {
    let resource = Resource::start().await;
    let (interposer, mut told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    let (mut idle, mut idle_there) = pair(&interposer, &resource).await;
    send(&mut app, b"half a quest").await;
    expect(&mut there, b"half a quest").await;

    interposer.cut();
    let counts = interposer.counts();
    assert_eq!((counts.opened, counts.open, counts.refused), (2, 0, 0));
    for end in [&mut app, &mut there, &mut idle, &mut idle_there] {
        expect_reset(end).await;
    }
    for _ in 0..3 {
        expect_new_reset(&interposer).await;
    }
    told.until("refused connection 5").await;
    let counts = interposer.counts();
    assert_eq!((counts.attempts, counts.opened, counts.refused), (5, 2, 3));
    assert_eq!(interposer.attempts().len(), 5);

    interposer.restore();
    let (mut app, mut there) = pair(&interposer, &resource).await;
    send(&mut app, b"again").await;
    expect(&mut there, b"again").await;
    let told = told.all();
    assert_eq!(
        told[2..7],
        [
            "cut: 2 connections reset, new ones are reset too",
            "refused connection 3",
            "refused connection 4",
            "refused connection 5",
            "restored",
        ]
    );
}

#[tokio::test]
async fn refused_means_that_nobody_listens_and_the_port_stays_taken() {
    let resource = Resource::start().await;
    let (interposer, told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    for _ in 0..3 {
        interposer.refuse();
        let error = connect(&interposer).await.expect_err("nobody listens");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let error = TcpListener::bind(interposer.address()).expect_err("the port is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        // What is open stays.
        send(&mut app, b"still").await;
        expect(&mut there, b"still").await;

        interposer.restore();
        let (mut new, mut new_there) = pair(&interposer, &resource).await;
        send(&mut new, b"new").await;
        expect(&mut new_there, b"new").await;
    }
    assert!(
        told.all()
            .contains(&"refuses new connections; 1 connection left open".to_owned())
    );
}

#[tokio::test]
async fn a_resource_that_dies_is_a_cut_and_a_refusal() {
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (mut app, _there) = pair(&interposer, &resource).await;
    interposer.cut();
    interposer.refuse();
    expect_reset(&mut app).await;
    let error = connect(&interposer).await.expect_err("nobody listens");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    // A cut says that connections are taken, so it listens again.
    interposer.cut();
    expect_new_reset(&interposer).await;
}

#[tokio::test]
async fn nothing_passes_a_stall_and_all_after_it() {
    let resource = Resource::start().await;
    let (interposer, mut told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    interposer.stall();
    send(&mut app, b"question").await;
    send(&mut there, b"event").await;
    let mut new = connect(&interposer).await.expect("it is taken");
    send(&mut new, b"hello").await;
    told.until("opened connection 2").await;
    // Each of these goes round the interposer's loop, which would have passed on what had come.
    for _ in 0..200 {
        drop(interposer.watch(b"x"));
    }
    let counts = interposer.counts();
    assert_eq!((counts.to_resource, counts.to_app, counts.open), (0, 0, 2));
    let nothing = |stream: &TcpStream| stream.try_read(&mut [0; 8]).map_err(|error| error.kind());
    assert_eq!(nothing(&app), Err(io::ErrorKind::WouldBlock));
    assert_eq!(nothing(&there), Err(io::ErrorKind::WouldBlock));

    interposer.restore();
    expect(&mut there, b"question").await;
    expect(&mut app, b"event").await;
    let mut new_there = resource.accept().await;
    expect(&mut new_there, b"hello").await;
}

#[tokio::test]
async fn a_delay_holds_back_each_way() {
    const DELAY: Duration = Duration::from_millis(40);
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    interposer.delay(DELAY);
    let sent = Instant::now();
    send(&mut app, b"question").await;
    expect(&mut there, b"question").await;
    assert!(sent.elapsed() >= DELAY);
    send(&mut there, b"answer").await;
    expect(&mut app, b"answer").await;
    assert!(sent.elapsed() >= 2 * DELAY);
    // An end waits its turn, behind what was sent before it.
    let sent = Instant::now();
    send(&mut app, b"bye").await;
    drop(app);
    expect(&mut there, b"bye").await;
    expect_end(&mut there).await;
    assert!(sent.elapsed() >= DELAY);
}

#[tokio::test]
async fn what_is_delayed_for_long_passes_when_restored() {
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    interposer.delay(Duration::from_secs(100_000));
    send(&mut app, b"question").await;
    interposer.restore();
    expect(&mut there, b"question").await;
}

#[tokio::test]
async fn a_throttle_holds_for_all_connections_together() {
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (mut one, mut one_there) = pair(&interposer, &resource).await;
    let (mut two, mut two_there) = pair(&interposer, &resource).await;
    interposer.throttle(20_000);
    let began = Instant::now();
    let bytes = vec![b'x'; 3000];
    send(&mut one, &bytes).await;
    send(&mut two, &bytes).await;
    tokio::join!(
        expect(&mut one_there, &bytes),
        expect(&mut two_there, &bytes)
    );
    // The last piece of 1000 bytes need not have been waited for.
    assert!(began.elapsed() >= Duration::from_millis(250));
    // The slowest rate there is passes something, and what waits for it passes when restored.
    interposer.throttle(0);
    send(&mut one, b"slow").await;
    interposer.restore();
    expect(&mut one_there, b"slow").await;
}

#[tokio::test]
async fn half_closed_means_that_the_resource_sends_no_more() {
    let resource = Resource::start().await;
    let (interposer, mut told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    interposer.half_close();
    expect_end(&mut app).await;
    send(&mut there, b"too late").await;
    send(&mut app, b"question").await;
    expect(&mut there, b"question").await;
    drop(app);
    expect_end(&mut there).await;
    drop(there);
    let how = told.until("closed connection 1 after").await;
    assert!(how.contains("8 bytes to it, 0 bytes back"), "{how}");

    let (mut new, mut new_there) = pair(&interposer, &resource).await;
    send(&mut new_there, b"welcome").await;
    expect(&mut new, b"welcome").await;
    assert!(
        told.all()
            .contains(&"half-closed: the app was told the end of 1 connection".to_owned())
    );
}

#[tokio::test]
async fn new_connections_go_where_it_was_swapped_to() {
    let resource = Resource::start().await;
    let other = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    interposer.swap(other.address());
    let (mut new, mut new_there) = pair(&interposer, &other).await;
    for (from, to) in [(&mut app, &mut there), (&mut new, &mut new_there)] {
        send(from, b"hello").await;
        expect(to, b"hello").await;
    }
}

#[tokio::test]
async fn what_is_dropped_leaves_nothing() {
    let resource = Resource::start().await;
    let (interposer, told) = interposer(resource.address()).await;
    let (mut app, mut there) = pair(&interposer, &resource).await;
    let address = interposer.address();
    drop(interposer);
    expect_reset(&mut app).await;
    expect_reset(&mut there).await;
    let error = TcpStream::connect(address)
        .await
        .expect_err("nobody listens");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(told.all(), ["opened connection 1 (1 open)"]);
}

#[tokio::test]
async fn an_app_that_hammers_is_summed_up() {
    let resource = Resource::start().await;
    let (interposer, told) = interposer(resource.address()).await;
    interposer.cut();
    for _ in 0..150 {
        expect_new_reset(&interposer).await;
    }
    interposer.restore();
    let counts = interposer.counts();
    assert_eq!((counts.attempts, counts.refused), (150, 150));
    assert_eq!(interposer.attempts().len(), 150);
    let told = told.all();
    assert_eq!(told.len(), 1 + 100 + 2);
    assert_eq!(
        told[101],
        "besides, opened 0 connections, closed 0, refused 50"
    );
}

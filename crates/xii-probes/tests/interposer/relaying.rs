//! What passes when nothing interferes.

use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::workbench::*;

/// Sends bytes in these chunks and reads them back from a resource that answers what it is sent.
async fn echoed(chunks: &[Vec<u8>], prepare: fn(&xii_probes::interposer::Interposer)) -> Vec<u8> {
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    prepare(&interposer);
    let (app, mut there) = pair(&interposer, &resource).await;
    let (mut answers, mut requests) = app.into_split();
    let echo = async {
        let (mut from, mut to) = there.split();
        tokio::io::copy(&mut from, &mut to)
            .await
            .expect("it passes");
        to.shutdown().await.expect("it can end");
    };
    let write = async {
        for chunk in chunks {
            requests.write_all(chunk).await.expect("it passes");
        }
        requests.shutdown().await.expect("it can end");
    };
    let mut back = Vec::new();
    let read = answers.read_to_end(&mut back);
    let (_, _, read) = soon(async { tokio::join!(echo, write, read) }).await;
    read.expect("it comes back");
    let sent: usize = chunks.iter().map(Vec::len).sum();
    assert_eq!(interposer.counts().to_resource, sent as u64);
    assert_eq!(interposer.counts().to_app, sent as u64);
    back
}

fn on_a_runtime<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(what)
}

fn chunks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let small = prop::collection::vec(any::<u8>(), 0..40);
    let large = (any::<u8>(), 0..200_000usize)
        .prop_map(|(byte, size)| (0..size).map(|at| (at as u8).wrapping_mul(byte)).collect());
    prop::collection::vec(prop_oneof![4 => small, 1 => large], 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_sent_arrives_unchanged(chunks in chunks()) {
        let back = on_a_runtime(echoed(&chunks, |_| {}));
        prop_assert!(back == chunks.concat());
    }

    #[test]
    fn what_is_delayed_arrives_unchanged(chunks in chunks()) {
        let back = on_a_runtime(echoed(&chunks, |interposer| {
            interposer.delay(Duration::from_millis(2));
            interposer.throttle(100_000_000);
        }));
        prop_assert!(back == chunks.concat());
    }
}

#[tokio::test]
async fn a_lot_passes_both_ways_at_once() {
    const SIZE: usize = 24 * 1024 * 1024;
    let pattern = |salt: usize| {
        (0..SIZE)
            .map(|at| (at / 7 + salt) as u8)
            .collect::<Vec<u8>>()
    };
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (app, there) = pair(&interposer, &resource).await;
    // Both send all before they read: the relay must neither hold it all nor block itself.
    async fn exchange(stream: TcpStream, bytes: Vec<u8>) -> Vec<u8> {
        let (mut from, mut to) = stream.into_split();
        let write = async {
            to.write_all(&bytes).await.expect("it passes");
            to.shutdown().await.expect("it can end");
        };
        let mut read = Vec::new();
        let (_, done) = tokio::join!(write, from.read_to_end(&mut read));
        done.expect("it comes");
        read
    }
    let (at_app, at_resource) =
        soon(async { tokio::join!(exchange(app, pattern(1)), exchange(there, pattern(2))) }).await;
    assert!(at_app == pattern(2) && at_resource == pattern(1));
}

#[tokio::test]
async fn each_side_may_end_alone() {
    let resource = Resource::start().await;
    let (interposer, mut told) = interposer(resource.address()).await;

    let (mut app, mut there) = pair(&interposer, &resource).await;
    send(&mut app, b"question").await;
    app.shutdown().await.expect("it can end");
    expect(&mut there, b"question").await;
    expect_end(&mut there).await;
    send(&mut there, b"answer").await;
    expect(&mut app, b"answer").await;
    drop(there);
    expect_end(&mut app).await;
    let how = told.until("closed connection 1 after").await;
    assert!(
        how.ends_with("8 bytes to it, 6 bytes back; the app ended it"),
        "{how}"
    );

    let (mut app, mut there) = pair(&interposer, &resource).await;
    there.shutdown().await.expect("it can end");
    expect_end(&mut app).await;
    send(&mut app, b"goodbye").await;
    drop(app);
    expect(&mut there, b"goodbye").await;
    expect_end(&mut there).await;
    drop(there);
    let how = told.until("closed connection 2 after").await;
    assert!(how.ends_with("; the resource ended it"), "{how}");
    assert_eq!(interposer.counts().open, 0);
}

#[tokio::test]
async fn a_reset_is_passed_on() {
    let resource = Resource::start().await;
    let (interposer, mut told) = interposer(resource.address()).await;

    let (mut app, mut there) = pair(&interposer, &resource).await;
    send(&mut app, b"hello").await;
    expect(&mut there, b"hello").await;
    there.set_zero_linger().expect("a socket");
    drop(there);
    expect_reset(&mut app).await;
    let how = told.until("reset connection 1").await;
    assert!(
        how.ends_with("5 bytes to it, 0 bytes back; the resource ended it"),
        "{how}"
    );

    let (mut app, mut there) = pair(&interposer, &resource).await;
    send(&mut there, b"hello").await;
    expect(&mut app, b"hello").await;
    app.set_zero_linger().expect("a socket");
    drop(app);
    expect_reset(&mut there).await;
    let how = told.until("reset connection 2").await;
    assert!(how.ends_with("; the app ended it"), "{how}");
}

#[tokio::test]
async fn connections_are_counted_and_told() {
    let resource = Resource::start().await;
    let (interposer, mut told) = interposer(resource.address()).await;
    let (first, first_there) = pair(&interposer, &resource).await;
    let (_second, _second_there) = pair(&interposer, &resource).await;
    let counts = interposer.counts();
    assert_eq!((counts.attempts, counts.opened, counts.open), (2, 2, 2));
    drop((first, first_there));
    told.until("closed connection 1 after").await;
    let counts = interposer.counts();
    assert_eq!((counts.attempts, counts.opened, counts.open), (2, 2, 1));
    let told = told.all();
    assert_eq!(told[0], "opened connection 1 (1 open)");
    assert_eq!(told[1], "opened connection 2 (2 open)");
    let attempts = interposer.attempts();
    assert_eq!(attempts.len(), 2);
    assert!(attempts[0] <= attempts[1]);
}

#[tokio::test]
async fn bytes_are_seen_across_pieces_and_not_across_connections() {
    let resource = Resource::start().await;
    let (interposer, _told) = interposer(resource.address()).await;
    let (mut one, mut one_there) = pair(&interposer, &resource).await;
    let (mut two, mut two_there) = pair(&interposer, &resource).await;
    let trace = interposer.watch(b"4bf92f3577b34da6");
    let other = interposer.watch(b"f3");
    send(&mut one, b"SELECT 1 /* 4bf92f35").await;
    expect(&mut one_there, b"SELECT 1 /* 4bf92f35").await;
    send(&mut two, b"77b34da6").await;
    expect(&mut two_there, b"77b34da6").await;
    assert_eq!(trace.seen(), 0);
    send(&mut one, b"77b34").await;
    expect(&mut one_there, b"77b34").await;
    assert_eq!(trace.seen(), 0);
    send(&mut one, b"da6 */").await;
    expect(&mut one_there, b"da6 */").await;
    // What comes back is not what goes to the resource.
    send(&mut one_there, b"4bf92f3577b34da6").await;
    expect(&mut one, b"4bf92f3577b34da6").await;
    assert_eq!((trace.seen(), other.seen()), (1, 1));
}

#[tokio::test]
async fn a_resource_that_is_not_there_resets() {
    let gone = Resource::start().await.address();
    let (interposer, mut told) = interposer(gone).await;
    expect_new_reset(&interposer).await;
    let how = told.until("reset connection 1: ").await;
    assert!(how.contains("could not be reached"), "{how}");
    let counts = interposer.counts();
    assert_eq!((counts.opened, counts.unreachable, counts.open), (1, 1, 0));
}

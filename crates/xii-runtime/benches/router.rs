//! What judging a request costs, apart from system calls.

use std::hint::black_box;
use std::mem::MaybeUninit;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xii_runtime::router::wire::{Body, Framing, MOST_FIELDS, RequestHead, Scan};

const SMALL: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost:5000\r\n\r\n";
const BROWSER: &[u8] = b"GET /search?q=twelve+factor HTTP/1.1\r\nHost: localhost:5000\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
Connection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\
Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\
Sec-Fetch-Site: none\r\nPriority: u=0, i\r\n\r\n";

fn heads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("head");
    for (name, head) in [("small", SMALL), ("browser", BROWSER)] {
        group.throughput(Throughput::Bytes(head.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let bytes = black_box(head);
                let end = Scan::default().end(bytes).expect("no bare line feed");
                let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
                let bytes = &bytes[..end.expect("a whole head")];
                let head = RequestHead::read(bytes, &mut room).expect("a request");
                black_box(head.framing)
            });
        });
    }
    group.finish();
}

fn chunks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chunks");
    for size in [16, 4096] {
        let mut body = Vec::new();
        while body.len() < 60_000 {
            body.extend_from_slice(format!("{size:x}\r\n").as_bytes());
            body.resize(body.len() + size, b'x');
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(format!("of {size}"), |bencher| {
            bencher.iter(|| {
                let mut framed = Body::new(Framing::Chunked);
                let taken = framed.take(black_box(&body)).expect("chunks");
                assert!(framed.is_whole());
                taken
            });
        });
    }
    group.finish();
}

criterion_group!(benches, heads, chunks);
criterion_main!(benches);

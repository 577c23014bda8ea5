#![no_main]

use std::mem::MaybeUninit;

use libfuzzer_sys::fuzz_target;
use xii_runtime::router::wire::{
    Body, Chunked, Framing, MOST_FIELDS, Piece, RequestHead, ResponseHead, Scan,
};

fuzz_target!(|bytes: &[u8]| {
    // However a head is cut, it ends at the same place.
    let whole = Scan::default().end(bytes);
    let mut scan = Scan::default();
    let middle = bytes.len() / 2;
    let cut = match scan.end(&bytes[..middle]) {
        Ok(None) => scan.end(bytes),
        other => other,
    };
    assert_eq!(cut, whole);

    if let Ok(Some(end)) = whole {
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        if let Ok(head) = RequestHead::read(&bytes[..end], &mut room) {
            assert_ne!(head.framing, Framing::UntilClose);
            assert!(head.old || head.host.is_some());
        }
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let _ = ResponseHead::read(&bytes[..end], false, &mut room);
    }

    // What may be passed on of a chunked body is what its pieces take up.
    let mut body = Body::new(Framing::Chunked);
    if let Ok(taken) = body.take(bytes) {
        let mut chunked = Chunked::default();
        let mut read = 0;
        loop {
            match chunked.next(&bytes[read..]).expect("it was read before") {
                Piece::More | Piece::End => break,
                Piece::Size(length) | Piece::Data(length) | Piece::Trailer(length) => {
                    assert!(length > 0);
                    read += length;
                }
            }
        }
        assert_eq!(read, taken);
        assert_eq!(body.is_whole(), chunked.is_done());
    }
});

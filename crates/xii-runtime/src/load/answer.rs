//! One answer, read to its end and not kept.

use std::mem::MaybeUninit;

use super::chunks::Chunks;

/// The longest head that is read.
const LONGEST_HEAD: usize = 64 * 1024;
/// The most header fields that a head may have.
const MOST_FIELDS: usize = 128;

/// The reading of one answer. Only a head that has not come whole is kept; bodies are counted and left.
#[derive(Debug, Default)]
pub(super) struct Answer {
    place: Place,
    head: Vec<u8>,
    without_body: bool,
    status: u16,
    keep: bool,
    begun: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    Head,
    /// So much of the body is left.
    Length(u64),
    Chunked(Chunks),
    UntilClose,
}

/// What came of reading on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The answer goes on.
    More,
    /// The answer is whole; so many of the bytes were its own.
    Whole(usize),
}

/// What the end of the connection means for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The body was to go on until then: the answer is whole.
    Whole,
    /// Nothing of the answer had come.
    Nothing,
    /// The answer had begun and was not at its end.
    Cut,
}

/// Bytes that are no answer of HTTP/1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Answer {
    /// Gets ready for the next answer. That to a HEAD has no body.
    pub(super) fn begin(&mut self, without_body: bool) {
        self.place = Place::Head;
        self.head.clear();
        // One long head is no reason to keep its room for every connection.
        self.head.shrink_to(4096);
        self.without_body = without_body;
        self.status = 0;
        self.keep = false;
        self.begun = false;
    }

    /// The status, once the head is whole.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// Whether the connection may be used again after it.
    pub(super) fn keeps(&self) -> bool {
        self.keep
    }

    /// Reads on.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Step, Malformed> {
        self.begun |= !bytes.is_empty();
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            match &mut self.place {
                Place::Head => match self.read_head(rest)? {
                    None => return Ok(Step::More),
                    Some(used) => {
                        at += used;
                        if self.status != 0 && self.ends_with_head() {
                            return Ok(Step::Whole(at));
                        }
                    }
                },
                Place::Length(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX);
                    if here <= rest.len() {
                        return Ok(Step::Whole(at + here));
                    }
                    *left -= rest.len() as u64;
                    return Ok(Step::More);
                }
                Place::Chunked(chunks) => {
                    let end = chunks.read(rest).map_err(|_| Malformed)?;
                    return Ok(end.map_or(Step::More, |used| Step::Whole(at + used)));
                }
                Place::UntilClose => return Ok(Step::More),
            }
        }
    }

    /// The connection has ended.
    pub(super) fn end(&self) -> End {
        match self.place {
            Place::UntilClose => End::Whole,
            _ if self.begun => End::Cut,
            _ => End::Nothing,
        }
    }

    fn ends_with_head(&self) -> bool {
        self.without_body
            || matches!(self.status, 101 | 204 | 304)
            || matches!(self.place, Place::Length(0))
    }

    /// Reads a head; `Some`: it is whole, and so many of the bytes were its own. After the head of an
    /// informational answer the status is 0 and the next head follows.
    fn read_head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let before = self.head.len();
        if before == 0 {
            let Some(head) = Head::read(bytes)? else {
                return self.keep_for_later(bytes);
            };
            self.take(head);
            return Ok(Some(head.length));
        }
        let room = LONGEST_HEAD.saturating_sub(before).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        match Head::read(&self.head)? {
            Some(head) => {
                self.take(head);
                self.head.clear();
                // What was kept before was no whole head, so the end lies in the new bytes.
                Ok(Some(head.length.saturating_sub(before)))
            }
            None if room < bytes.len() || self.head.len() >= LONGEST_HEAD => Err(Malformed),
            None => Ok(None),
        }
    }

    fn keep_for_later(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        if bytes.len() >= LONGEST_HEAD {
            return Err(Malformed);
        }
        self.head.extend_from_slice(bytes);
        Ok(None)
    }

    fn take(&mut self, head: Head) {
        // 101 would end HTTP on the connection; nobody asked for it, so it is taken for the answer.
        if (100..200).contains(&head.status) && head.status != 101 {
            self.status = 0;
            return;
        }
        self.status = head.status;
        self.keep = head.keep && head.status != 101;
        self.place = head.body;
        if matches!(self.place, Place::UntilClose) && !self.ends_with_head() {
            self.keep = false;
        }
    }
}

/// What a head says of the answer.
#[derive(Clone, Copy, Debug)]
struct Head {
    length: usize,
    status: u16,
    keep: bool,
    body: Place,
}

impl Head {
    /// Reads a head from the start of the bytes; `None` when its end is not there.
    fn read(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
        let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
        let mut response = httparse::Response::new(&mut []);
        let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            bytes,
            &mut room,
        );
        let length = match parsed {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(Malformed),
        };
        let status = response.code.unwrap_or(0);
        if !(100..=999).contains(&status) {
            return Err(Malformed);
        }
        let newer = response.version == Some(1);
        let mut keep = newer;
        let mut length_of_body = None;
        let mut coding: Option<bool> = None;
        for field in response.headers.iter() {
            let name = field.name;
            if name.eq_ignore_ascii_case("content-length") {
                let number = number(field.value)?;
                // Two that differ leave it open where the answer ends (RFC 9112, 6.3).
                if length_of_body.is_some_and(|known| known != number) {
                    return Err(Malformed);
                }
                length_of_body = Some(number);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                let last = field.value.rsplit(|byte| *byte == b',').next();
                let last = last.unwrap_or_default().trim_ascii();
                coding = Some(last.eq_ignore_ascii_case(b"chunked"));
            } else if name.eq_ignore_ascii_case("connection") {
                for option in field.value.split(|byte| *byte == b',') {
                    let option = option.trim_ascii();
                    if option.eq_ignore_ascii_case(b"close") {
                        keep = false;
                    } else if !newer && option.eq_ignore_ascii_case(b"keep-alive") {
                        keep = true;
                    }
                }
            }
        }
        let body = match (coding, length_of_body) {
            (Some(true), length) => {
                // Both lengths: the coding counts, and the connection is not to be trusted further.
                keep &= length.is_none() && newer;
                Place::Chunked(Chunks::default())
            }
            (Some(false), _) | (None, None) => Place::UntilClose,
            (None, Some(length)) => Place::Length(length),
        };
        Ok(Some(Head {
            length,
            status,
            keep,
            body,
        }))
    }
}

fn number(value: &[u8]) -> Result<u64, Malformed> {
    let value = value.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Malformed);
    }
    let text = std::str::from_utf8(value).map_err(|_| Malformed)?;
    text.parse().map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Status, whether the connection is kept, and bytes used; at every cut the same.
    fn whole(bytes: &[u8], without_body: bool) -> (u16, bool, usize) {
        let mut seen = Vec::new();
        for cut in 0..=bytes.len() {
            let mut answer = Answer::default();
            answer.begin(without_body);
            let used = match answer.read(&bytes[..cut]).expect("an answer") {
                Step::Whole(used) => used,
                Step::More => match answer.read(&bytes[cut..]).expect("an answer") {
                    Step::Whole(used) => cut + used,
                    Step::More => panic!("not whole, cut at {cut}"),
                },
            };
            seen.push((answer.status(), answer.keeps(), used));
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
        seen[0]
    }

    #[test]
    fn the_end_of_an_answer_is_found() {
        let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP";
        assert_eq!(whole(plain, false), (200, true, plain.len() - 4));
        let chunked = b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        assert_eq!(whole(chunked, false), (500, true, chunked.len()));
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(whole(head, true), (200, true, head.len()));
        let empty = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        assert_eq!(whole(empty, false), (204, false, empty.len()));
        let early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(whole(early, false), (404, true, early.len()));
        let old = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx";
        assert_eq!(whole(old, false), (200, true, old.len()));
        let old = b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx";
        assert_eq!(whole(old, false), (200, false, old.len()));
    }

    #[test]
    fn the_end_of_the_connection_ends_only_some_answers() {
        let mut answer = Answer::default();
        answer.begin(false);
        assert_eq!(answer.end(), End::Nothing);
        assert_eq!(answer.read(b"HTTP/1.1 200 OK\r\n"), Ok(Step::More));
        assert_eq!(answer.end(), End::Cut);
        assert_eq!(answer.read(b"\r\npart"), Ok(Step::More));
        assert_eq!(answer.end(), End::Whole);
        answer.begin(false);
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell";
        assert_eq!(answer.read(short), Ok(Step::More));
        assert_eq!(answer.end(), End::Cut);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let wrong: [&[u8]; 5] = [
            b"SSH-2.0-OpenSSH_9\r\n",
            b"HTTP/1.1 99 Low\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        ];
        for bytes in wrong {
            let mut answer = Answer::default();
            answer.begin(false);
            assert_eq!(answer.read(bytes), Err(Malformed), "{bytes:?}");
        }
        let mut answer = Answer::default();
        answer.begin(false);
        assert_eq!(answer.read(b"HTTP/1.1 200 OK\r\nA: "), Ok(Step::More));
        let mut last = Ok(Step::More);
        for _ in 0..70 {
            last = answer.read(&[b'x'; 1024]);
            if last.is_err() {
                break;
            }
        }
        assert_eq!(last, Err(Malformed), "a head without end");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(
            start in prop_oneof![Just(&b""[..]), Just(&b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"[..])],
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            cut in 0usize..250,
        ) {
            let all = [start, &bytes].concat();
            let mut answer = Answer::default();
            answer.begin(false);
            let cut = cut.min(all.len());
            if answer.read(&all[..cut]) == Ok(Step::More) {
                let _ = answer.read(&all[cut..]);
            }
        }
    }
}

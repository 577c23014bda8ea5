//! Names for a request: `X-Request-Id` and W3C trace context.

use std::time::{SystemTime, UNIX_EPOCH};

/// Random numbers that need not be secret: each thread has its own, seeded by the system.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new() -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};
        // The standard library's hashers are keyed by the system's random source.
        Dice(RandomState::new().build_hasher().finish())
    }

    /// The next number (SplitMix64).
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A new UUID of version 7 (RFC 9562): its bits are ordered by time and, from the 13th hexadecimal digit
/// on, random. It names the request, and its trace when it has none.
pub(super) fn uuid(dice: &mut Dice) -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = now.map_or(0, |now| now.as_millis()) & 0xffff_ffff_ffff;
    let random = (u128::from(dice.roll()) << 64) | u128::from(dice.roll());
    let version = 7 << 76;
    let variant = 0b10 << 62;
    (ms << 80) | version | (random & (0xfff << 64)) | variant | (random & 0x3fff_ffff_ffff_ffff)
}

/// Appends 32 hexadecimal digits.
pub(super) fn push_hex(out: &mut Vec<u8>, id: u128) {
    for byte in id.to_be_bytes() {
        push_byte(out, byte);
    }
}

/// Appends a UUID with its hyphens.
pub(super) fn push_uuid(out: &mut Vec<u8>, id: u128) {
    for (at, byte) in id.to_be_bytes().into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        push_byte(out, byte);
    }
}

/// Appends `00-<trace>-<span>-01`. Nobody has decided against sampling, and an app whose sampler follows
/// its parent would record nothing if the flag were not set.
pub(super) fn push_traceparent(out: &mut Vec<u8>, trace: u128, dice: &mut Dice) {
    out.extend_from_slice(b"00-");
    push_hex(out, trace);
    out.push(b'-');
    // A span of zeros is no span.
    for byte in dice.roll().max(1).to_be_bytes() {
        push_byte(out, byte);
    }
    out.extend_from_slice(b"-01");
}

fn push_byte(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let pair = [
        DIGITS[usize::from(byte >> 4)],
        DIGITS[usize::from(byte & 15)],
    ];
    out.extend_from_slice(&pair);
}

/// Whether a given request id is one to keep: short, and of characters that are harmless in a log.
pub(super) fn is_request_id(id: &[u8]) -> bool {
    (1..=200).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=@:".contains(byte))
}

/// Whether this is a `traceparent` (W3C Trace Context, 3.2.2).
pub(super) fn is_traceparent(value: &[u8]) -> bool {
    let hex = |part: &[u8]| {
        part.iter()
            .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    };
    let not_zero = |part: &[u8]| part.iter().any(|it| *it != b'0');
    let Some((head, rest)) = value.split_at_checked(55) else {
        return false;
    };
    let dashes = head[2] == b'-' && head[35] == b'-' && head[52] == b'-';
    let (version, trace, span) = (&head[..2], &head[3..35], &head[36..52]);
    // A later version may have more after a dash.
    let ends = rest.is_empty() || (version != b"00" && rest[0] == b'-');
    dashes
        && ends
        && [version, trace, span, &head[53..]].into_iter().all(hex)
        && version != b"ff"
        && not_zero(trace)
        && not_zero(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_its_time() {
        let mut dice = Dice::new();
        let (first, second) = (uuid(&mut dice), uuid(&mut dice));
        assert_ne!(first, second);
        let mut text = Vec::new();
        push_uuid(&mut text, first);
        let text = String::from_utf8(text).expect("digits");
        assert_eq!((text.len(), &text[14..15]), (36, "7"));
        assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"));
        assert!(is_request_id(text.as_bytes()));
    }

    #[test]
    fn a_made_traceparent_is_well_formed_and_others_are_judged() {
        let mut made = Vec::new();
        let mut dice = Dice::new();
        push_traceparent(&mut made, uuid(&mut dice), &mut dice);
        assert!(is_traceparent(&made));
        let right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(is_traceparent(right.as_bytes()));
        assert!(is_traceparent(format!("cc{}-more", &right[2..]).as_bytes()));
        for wrong in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
        ] {
            assert!(!is_traceparent(wrong.as_bytes()), "{wrong}");
        }
    }
}

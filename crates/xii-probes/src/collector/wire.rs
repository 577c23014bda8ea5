//! The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding), as far as OTLP uses it.
//!
//! Four of OTLP's messages matter here, and six of their fields. A reader of that size needs no code
//! generation, keeps nothing of what it skips, and cannot recurse.

use super::export::Unreadable;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// A number of fixed width: OTLP has times and values of metrics in it.
    Fixed,
}

impl<'a> Value<'a> {
    /// The bytes of a string, of bytes or of a message; nothing for another type.
    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Value::Bytes(bytes) => bytes,
            Value::Number(_) | Value::Fixed => &[],
        }
    }
}

/// The fields of a message, in order.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    whole: &'a [u8],
    at: usize,
}

/// The fields of this message.
pub(super) fn fields(message: &[u8]) -> Fields<'_> {
    Fields {
        whole: message,
        at: 0,
    }
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..70).step_by(7) {
            let byte = *self.whole.get(self.at)?;
            self.at += 1;
            // The tenth byte has one bit left to give; what is more is cut off, as protobuf does.
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        let taken = self.whole.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            // Groups (3 and 4) are of another age; OTLP has none.
            _ => return None,
        };
        (key >> 3 != 0).then_some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.whole.len() {
            return None;
        }
        let start = self.at;
        let field = self.field().ok_or(Unreadable::Protobuf(start));
        if field.is_err() {
            self.at = self.whole.len();
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Value<'_>)>, Unreadable> {
        fields(bytes).collect()
    }

    #[test]
    fn fields_of_every_type_are_read() {
        // The first is the example of the encoding guide.
        assert_eq!(all(&[0x08, 0x96, 0x01]), Ok(vec![(1, Value::Number(150))]));
        let bytes = b"\x12\x07testing\x19........\x25....\x80\x7d\x05";
        let expected = vec![
            (2, Value::Bytes(b"testing")),
            (3, Value::Fixed),
            (4, Value::Fixed),
            (2000, Value::Number(5)),
        ];
        assert_eq!(all(bytes), Ok(expected));
        let most = [&[0x08][..], &[0xff; 9], &[0x01]].concat();
        assert_eq!(all(&most), Ok(vec![(1, Value::Number(u64::MAX))]));
    }

    #[test]
    fn what_is_cut_or_unknown_is_an_error_with_its_place() {
        let wrong: [(&[u8], usize); 7] = [
            (b"\x08", 0),
            (b"\x08\x01\x12\x07test", 2),
            (b"\x19.......", 0),
            (b"\x0b", 0),
            (b"\x00\x01", 0),
            (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0),
        ];
        for (bytes, place) in wrong {
            assert_eq!(all(bytes), Err(Unreadable::Protobuf(place)), "{bytes:?}");
        }
    }
}

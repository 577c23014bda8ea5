//! Socket addresses as processes pass them: `struct sockaddr` and its kinds.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

// Families of `linux/socket.h`, the same on all processors.
const UNSPECIFIED: u16 = 0;
const UNIX: u16 = 1;
const INET: u16 = 2;
const INET6: u16 = 10;

/// Families that are named in words.
const OTHERS: [(u16, &str); 7] = [
    (3, "ax25"),
    (16, "netlink"),
    (17, "packet"),
    (29, "can"),
    (31, "bluetooth"),
    (38, "alg"),
    (40, "vsock"),
];

/// What an address says by itself; whether it is TCP or UDP is the socket's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// IPv4 or IPv6; IPv4 in IPv6's clothes is IPv4.
    Inet(SocketAddr),
    /// A path as it was written, which may be relative.
    Path(String),
    /// A Unix socket in no folder: `@` and its name, in which zero bytes are `@` too. Only `@`: the kernel
    /// chooses one.
    Abstract(String),
    /// No address: a connection is to be undone.
    Nothing,
    /// Another family, in words.
    Other(String),
}

/// Reads an address; none where it is too short for its family.
pub(crate) fn read_name(bytes: &[u8]) -> Option<Name> {
    let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let rest = bytes.get(2..)?;
    Some(match family {
        UNSPECIFIED => Name::Nothing,
        UNIX => unix(rest),
        INET => {
            let address: [u8; 4] = rest.get(2..6)?.try_into().ok()?;
            Name::Inet(SocketAddr::new(IpAddr::from(address), port(rest)?))
        }
        INET6 => {
            let address: [u8; 16] = rest.get(6..22)?.try_into().ok()?;
            let address = Ipv6Addr::from(address).to_canonical();
            Name::Inet(SocketAddr::new(address, port(rest)?))
        }
        other => match OTHERS.iter().find(|(known, _)| *known == other) {
            Some((_, word)) => Name::Other((*word).to_owned()),
            None => Name::Other(format!("family {other}")),
        },
    })
}

fn port(rest: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?))
}

/// A path ends at its first zero byte; a name without a folder begins with one and may hold others.
fn unix(rest: &[u8]) -> Name {
    match rest.first() {
        None => Name::Abstract("@".to_owned()),
        Some(0) => Name::Abstract(String::from_utf8_lossy(rest).replace('\0', "@")),
        Some(_) => {
            let path = rest.split(|byte| *byte == 0).next().unwrap_or_default();
            Name::Path(String::from_utf8_lossy(path).into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(family: u16, rest: &[u8]) -> Vec<u8> {
        [&family.to_ne_bytes(), rest].concat()
    }

    fn inet(text: &str) -> Name {
        Name::Inet(text.parse().expect("an address"))
    }

    #[test]
    fn addresses_of_the_internet_are_read() {
        let four = with(INET, &[0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(read_name(&four), Some(inet("127.0.0.1:8080")));
        let mut six = [0; 26];
        (six[0], six[1], six[21]) = (0x1f, 0x90, 1);
        assert_eq!(read_name(&with(INET6, &six)), Some(inet("[::1]:8080")));
        six[16..22].copy_from_slice(&[0xff, 0xff, 10, 0, 0, 1]);
        assert_eq!(read_name(&with(INET6, &six)), Some(inet("10.0.0.1:8080")));
    }

    #[test]
    fn unix_sockets_have_a_path_or_a_name_or_none() {
        let read = |rest: &[u8]| read_name(&with(UNIX, rest)).expect("long enough");
        assert_eq!(read(b"/run/a\0rest"), Name::Path("/run/a".into()));
        assert_eq!(read(b"notanumber"), Name::Path("notanumber".into()));
        assert_eq!(read(b"\0a\0b"), Name::Abstract("@a@b".into()));
        assert_eq!(read(b""), Name::Abstract("@".into()));
    }

    #[test]
    fn others_are_named_and_short_ones_are_none() {
        assert_eq!(
            read_name(&with(16, &[0; 10])),
            Some(Name::Other("netlink".into()))
        );
        assert_eq!(
            read_name(&with(77, &[])),
            Some(Name::Other("family 77".into()))
        );
        assert_eq!(read_name(&with(UNSPECIFIED, &[])), Some(Name::Nothing));
        assert_eq!(read_name(&with(INET, &[1, 2, 3])), None);
        assert_eq!(read_name(&with(INET6, &[0; 14])), None);
        assert_eq!(read_name(&[2]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_name(&bytes);
        }

        #[test]
        fn what_was_written_is_read(address in any::<[u8; 4]>(), port in any::<u16>()) {
            let mut rest = port.to_be_bytes().to_vec();
            rest.extend(address);
            let name = read_name(&with(INET, &rest));
            prop_assert_eq!(name, Some(Name::Inet(SocketAddr::new(address.into(), port))));
        }
    }
}

//! Real private keys, made by the `openssl` program where there is one.
//!
//! A key that is written down in this program would be the same in every run, so that finding it would
//! say nothing, and a library that makes RSA keys is a second of work and an advisory
//! (RUSTSEC-2023-0071). `openssl` comes with every system that has certificates.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::words::Words;

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// RSA of 2048 bits: `RS256`.
    Rsa,
    /// An elliptic curve, P-256: `ES256`.
    P256,
    /// Ed25519: `EdDSA`.
    Ed25519,
}

impl Key {
    /// The kind that a name speaks of; RSA if it says nothing, which most that take PEM take.
    pub(super) fn by_name(words: &Words) -> Self {
        if words.has_any(&["ed25519", "eddsa"]) {
            Key::Ed25519
        } else if words.has_any(&["ec", "ecdsa", "es256", "p256", "apns", "apple"]) {
            Key::P256
        } else {
            Key::Rsa
        }
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Key::Rsa => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Key::P256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Key::Ed25519 => &["-algorithm", "ED25519"],
        }
    }
}

/// A new private key as PKCS #8 in PEM (RFC 5958). `None` when `openssl` makes none.
pub(super) fn private_key(program: &Path, key: Key) -> Option<String> {
    let made = openssl(
        program,
        &[&["genpkey", "-quiet"], key.words()].concat(),
        b"",
    )
    // `-quiet` is of OpenSSL 3.
    .or_else(|| openssl(program, &[&["genpkey"], key.words()].concat(), b""));
    made.filter(|pem| pem.starts_with("-----BEGIN "))
}

/// The public key of a private one.
pub(super) fn public_key(program: &Path, private: &str) -> Option<String> {
    openssl(program, &["pkey", "-pubout"], private.as_bytes())
        .filter(|pem| pem.starts_with("-----BEGIN "))
}

/// A key and a certificate for `localhost` that nobody has signed, in two files of a folder.
pub(super) fn certificate(program: &Path, folder: &Path) -> bool {
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (key, certificate) = (file("server.key"), file("server.crt"));
    let words = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "30",
        "-subj",
        "/CN=localhost",
        "-keyout",
        &key,
        "-out",
        &certificate,
    ];
    openssl(program, &words, b"").is_some()
}

/// What openssl printed, if it ended well. It takes a tenth of a second.
fn openssl(program: &Path, words: &[&str], input: &[u8]) -> Option<String> {
    let mut child = Command::new(program)
        .env_clear()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // Short enough for the pipe; dropped after, so that it sees the end.
    let sent = child.stdin.take().map(|mut pipe| pipe.write_all(input));
    let output = child.wait_with_output().ok()?;
    (sent.is_some() && output.status.success()).then(|| String::from_utf8(output.stdout).ok())?
}

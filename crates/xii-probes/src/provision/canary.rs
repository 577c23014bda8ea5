//! Secrets that are recognised wherever they turn up, and that fit where they are put.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::form::Form;
use super::pem::{self, Key};
use super::words::Words;

/// Characters of a key that nothing else is said of: HMAC-SHA-512 wants 64 bytes (RFC 7518, 3.2).
const KEY: usize = 64;

/// Makes the canaries of one run: another value for each variable, and others in every run.
///
/// All of a canary but a prefix that its format demands is random, so that any eight characters of it tell
/// it from everything else an app may print.
#[derive(Clone)]
pub(super) struct Breeder {
    seed: [u8; 32],
    openssl: Option<PathBuf>,
}

impl Breeder {
    /// One that nobody can foretell: a private server's password is a canary too.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub(super) fn new(openssl: Option<PathBuf>) -> io::Result<Self> {
        let mut seed = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut seed)?;
        Ok(Breeder { seed, openssl })
    }

    /// The same values every time, for tests.
    #[cfg(test)]
    pub(super) fn with(seed: [u8; 32]) -> Self {
        Breeder {
            seed,
            openssl: None,
        }
    }

    /// Random bytes that belong to a name.
    pub(super) fn bytes(&self, name: &str, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length + 32);
        for block in 0_u32.. {
            if bytes.len() >= length {
                break;
            }
            let hash = Sha256::new()
                .chain_update(self.seed)
                .chain_update(block.to_le_bytes())
                .chain_update(name);
            bytes.extend_from_slice(&hash.finalize());
        }
        bytes.truncate(length);
        bytes
    }

    /// Characters of an alphabet of at most 256.
    fn of(&self, name: &str, alphabet: &[u8], length: usize) -> String {
        self.bytes(name, length)
            .iter()
            .filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len().max(1)))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// Letters and digits, a letter first, and one of each sort among the first four: some password rules
    /// want that.
    pub(super) fn word(&self, name: &str, length: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let lower = self.of(&format!("{name}/a"), &LETTERS[..26], 1);
        let upper = self.of(&format!("{name}/b"), &LETTERS[26..52], 1);
        let digit = self.of(&format!("{name}/c"), &LETTERS[52..], 1);
        let rest = self.of(name, LETTERS, length.saturating_sub(3));
        lower + &upper + &digit + &rest
    }

    fn hex(&self, name: &str, length: usize) -> String {
        self.of(name, b"0123456789abcdef", length)
    }

    fn digits(&self, name: &str, length: usize) -> String {
        self.of(name, b"123456789", length)
    }

    /// A password for a resource: no character that a URL would escape.
    pub(super) fn password(&self, name: &str) -> String {
        self.word(name, 40)
    }

    /// The secret for a variable; `seen` is a value that an example has for it, or nothing.
    pub(super) fn fitting(&self, name: &str, form: Form, seen: Option<&str>) -> String {
        let words = Words::of(name);
        let seen = seen.map(str::trim).filter(|seen| !seen.is_empty());
        if let Some(value) = self.of_provider(name, &words, seen) {
            return value;
        }
        if let Some(value) = seen.and_then(|seen| self.like(name, seen)) {
            return value;
        }
        let encoded = words.has_any(&["base64", "b64"]);
        if form == Form::Pem && !words.has_any(&["vapid", "wallet", "eth", "wireguard"]) {
            let key = match seen.is_some_and(|seen| seen.contains(" EC ")) {
                true => Key::P256,
                false => Key::by_name(&words),
            };
            let made = self.openssl.as_deref();
            if let Some(pem) = made.and_then(|openssl| pem::private_key(openssl, key)) {
                return match encoded {
                    true => base64(pem.as_bytes(), STANDARD),
                    false if seen.is_some_and(|seen| seen.contains("\\n")) => {
                        pem.replace('\n', "\\n")
                    }
                    false => pem,
                };
            }
        }
        if words.has("fernet") {
            return base64(&self.bytes(name, 32), URL);
        }
        if words.has("vapid") {
            return base64(&self.bytes(name, 32), URL)
                .trim_end_matches('=')
                .to_owned();
        }
        if encoded {
            return base64(&self.bytes(name, 64), STANDARD);
        }
        if words.has("hex") || words.has_any(&["wallet", "eth"]) {
            return self.hex(name, KEY);
        }
        // Of 32 characters is what AES-256 takes as it is; longer ones are refused.
        if words.has_any(&["encryption", "cipher", "aes", "crypto"]) {
            return self.word(name, 32);
        }
        match words.has_any(&["password", "passwd", "pwd", "pass", "passphrase"]) {
            true => self.password(name),
            false => self.word(name, KEY),
        }
    }

    /// Formats of providers whose libraries refuse others.
    fn of_provider(&self, name: &str, words: &Words, seen: Option<&str>) -> Option<String> {
        let keyed = words.has_any(&["key", "token", "secret", "sk"]);
        let word = |prefix: &str, length| format!("{prefix}{}", self.word(name, length));
        Some(if words.has("stripe") && words.has("webhook") {
            word("whsec_", 40)
        } else if words.has("stripe") && keyed && !words.has_any(&["publishable", "public"]) {
            word("sk_test_", 48)
        } else if words.has("sendgrid") && keyed {
            format!(
                "SG.{}.{}",
                self.word(name, 22),
                self.word(&format!("{name}/2"), 43)
            )
        } else if words.has("twilio") && words.has("sid") {
            format!("AC{}", self.hex(name, 32))
        } else if words.has("twilio") && keyed {
            self.hex(name, 32)
        } else if words.has("slack") && words.has("token") {
            let prefix = match words.has("app") {
                true => "xapp-1-",
                false => "xoxb-",
            };
            format!("{prefix}{}-{}", self.digits(name, 12), self.word(name, 32))
        } else if words.has("openai") && keyed {
            word("sk-proj-", 48)
        } else if words.has("github") && words.has("token") {
            word("ghp_", 36)
        } else if words.has("telegram") && words.has("token") {
            format!("{}:{}", self.digits(name, 10), self.word(name, 35))
        } else if words.has("aws") && words.pair("access", "key") && !words.ends_with("id") {
            self.word(name, 40)
        } else {
            let prefix = prefix_of(seen?)?;
            word(prefix, KEY)
        })
    }

    /// One that looks as the example does, where the example has a look of its own.
    fn like(&self, name: &str, seen: &str) -> Option<String> {
        let length = seen.len();
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if xii_model::is_uuid(seen) {
            let hex = self.hex(name, 32);
            let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
            // Version 4, variant 1 (RFC 9562).
            return Some(format!(
                "{}-{}-4{}-8{}-{}",
                part(0, 8),
                part(8, 12),
                part(12, 15),
                part(15, 18),
                part(18, 30)
            ));
        }
        if length >= 16 && hex(seen) && !seen.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(self.hex(name, length));
        }
        if (6..16).contains(&length) && seen.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(self.digits(name, length));
        }
        if length >= 24 && seen.ends_with('=') && length.is_multiple_of(4) {
            let padding = seen.bytes().rev().take_while(|byte| *byte == b'=').count();
            let alphabet = match seen.contains(['-', '_']) {
                true => URL,
                false => STANDARD,
            };
            let bytes = self.bytes(name, (length / 4 * 3).saturating_sub(padding));
            return Some(base64(&bytes, alphabet));
        }
        None
    }
}

/// `sk_test_` of `sk_test_51H…`: what the library that takes the key may look for.
fn prefix_of(seen: &str) -> Option<&'static str> {
    const PREFIXES: [&str; 12] = [
        "sk_test_", "sk_live_", "rk_test_", "whsec_", "sk-ant-", "sk-proj-", "sk-", "xoxb-",
        "ghp_", "glpat-", "key-", "re_",
    ];
    PREFIXES.into_iter().find(|prefix| seen.starts_with(prefix))
}

/// The alphabets of RFC 4648, sections 4 and 5.
const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 4];
        for (at, byte) in chunk.iter().enumerate() {
            group[at + 1] = *byte;
        }
        let bits = u32::from_be_bytes(group);
        for place in 0..4 {
            if place > chunk.len() {
                text.push('=');
                continue;
            }
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(alphabet[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn made(name: &str, seen: &str) -> String {
        let form = super::super::form::form_of(name, &[seen]);
        Breeder::with([7; 32]).fitting(name, form, Some(seen))
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes(), STANDARD), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff], URL), "-_8=");
    }

    #[test]
    fn canaries_fit_their_form() {
        assert!(made("JWT_SECRET", "").len() >= 64);
        assert!(made("STRIPE_SECRET_KEY", "").starts_with("sk_test_"));
        assert!(made("STRIPE_WEBHOOK_SECRET", "").starts_with("whsec_"));
        assert!(made("SLACK_BOT_TOKEN", "").starts_with("xoxb-"));
        assert!(made("PAY_KEY", "sk_live_abc").starts_with("sk_live_"));
        assert_eq!(made("FERNET_KEY", "").len(), 44);
        assert_eq!(made("ENCRYPTION_KEY", "").len(), 32);
        let hex = made("SECRET", "9f86d081884c7d659a2feaa0c55ad015");
        assert_eq!(hex.len(), 32);
        assert!(hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hex}");
        let uuid = made("API_TOKEN", "67e55044-10b1-426f-9247-bb680e5fe0c8");
        assert!(xii_model::is_uuid(&uuid), "{uuid}");
        let encoded = made("APP_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!((encoded.len(), encoded.ends_with('=')), (44, true));
        assert!(made("VAPID_PRIVATE_KEY", "").len() == 43);
    }

    proptest! {
        #[test]
        fn each_is_its_own_and_can_stand_in_an_environment(
            seed in any::<[u8; 32]>(),
            name in "[A-Z][A-Z0-9_]{0,20}_(KEY|SECRET|TOKEN|PASSWORD)",
            seen in "[ -~]{0,60}",
        ) {
            let breeder = Breeder::with(seed);
            let one = breeder.fitting(&name, Form::Text, Some(&seen));
            let other = breeder.fitting(&format!("{name}2"), Form::Text, Some(&seen));
            prop_assert!(one.len() >= 6 && !one.contains('\0'));
            prop_assert!(one != seen);
            if one.len() > 15 {
                prop_assert_ne!(&one, &other);
                prop_assert_ne!(one, Breeder::with([!seed[0]; 32]).fitting(&name, Form::Text, Some(&seen)));
            }
        }
    }
}

//! JSON Web Tokens (RFC 7519) in compact form (RFC 7515), with HS256 (RFC 7518, section 3.2).

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

/// The most tokens that are looked at in one text.
const MOST: usize = 8;
/// The longest token that is taken, in bytes.
const LONGEST: usize = 16 << 10;

/// The seconds since 1970, as `exp` and `nbf` count.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// Bytes as a token writes them.
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Claims, signed with HS256.
pub(crate) fn signed(claims: &Json, key: &[u8]) -> String {
    sealed(&json!({"alg": "HS256", "typ": "JWT"}), claims, key)
}

/// Header and claims, with the HMAC-SHA-256 of both behind them, whatever the header says.
pub(crate) fn sealed(header: &Json, claims: &Json, key: &[u8]) -> String {
    let both = format!(
        "{}.{}",
        base64(header.to_string().as_bytes()),
        base64(claims.to_string().as_bytes())
    );
    let signature = code(&both, key).map(|code| base64(&code));
    format!("{both}.{}", signature.unwrap_or_default())
}

/// The HMAC-SHA-256 of a text. It takes keys of any length.
fn code(text: &str, key: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// Header and claims of a token, unchecked.
pub(crate) fn read(token: &str) -> Option<(Json, Json)> {
    let mut parts = token.split('.');
    let (header, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    let json = |part: &str| -> Option<Json> {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()
    };
    let (header, claims) = (json(header)?, json(claims)?);
    (header.get("alg").is_some() && claims.is_object()).then_some((header, claims))
}

/// Whether a token was signed with this key by HS256.
pub(super) fn is_signed_by(token: &str, key: &[u8]) -> bool {
    let Some((both, signature)) = token.rsplit_once('.') else {
        return false;
    };
    code(both, key).is_some_and(|code| base64(&code) == signature)
}

/// The tokens in a text, such as the answer to a login.
pub(super) fn found(text: &str) -> Vec<String> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let words = text.split(|char: char| !is_part(char));
    words
        .filter(|word| word.starts_with("eyJ") && word.len() < LONGEST)
        .filter(|word| read(word).is_some())
        .take(MOST)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1.
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    #[test]
    fn the_token_of_the_standard_is_known_by_its_key() {
        let key = BASE64URL_NOPAD.decode(KEY.as_bytes()).expect("base64");
        assert!(is_signed_by(EXAMPLE, &key));
        assert!(!is_signed_by(EXAMPLE, b"another"));
        let (header, claims) = read(EXAMPLE).expect("a token");
        assert_eq!(header["alg"], "HS256");
        assert_eq!(claims["iss"], "joe");
    }

    #[test]
    fn what_is_signed_is_read_again() {
        let claims = json!({"sub": "ä", "exp": 1});
        let token = signed(&claims, b"key");
        assert!(is_signed_by(&token, b"key"));
        assert_eq!(read(&token).map(|(_, claims)| claims), Some(claims));
    }

    #[test]
    fn a_token_is_found_in_an_answer_and_nothing_else_is() {
        let answer = format!(r#"{{"user":{{"token":"{EXAMPLE}","id":"eyJh.b.c"}}}}"#);
        assert_eq!(found(&answer), [EXAMPLE]);
        assert_eq!(found("a.b.c eyJ.eyJ. ..."), [""; 0]);
    }
}

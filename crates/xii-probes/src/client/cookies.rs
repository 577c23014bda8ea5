//! The cookies of one user of the app (RFC 6265).

use std::fmt;

/// The most cookies that are kept.
const MOST: usize = 64;
/// The longest cookie that is kept, in bytes.
const LONGEST: usize = 8 * 1024;

/// The cookies of one user. They belong to the app, whichever instance set them, and one that is only for secure
/// connections is sent too: a platform's router would have ended TLS before the app.
#[derive(Clone, Default)]
pub struct Cookies(Vec<Cookie>);

#[derive(Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A session is a secret.
        f.debug_list().entries(self.names()).finish()
    }
}

impl Cookies {
    /// Takes what a `Set-Cookie` field says, of an answer to a request for `path`. One that has run out is
    /// removed.
    pub fn set(&mut self, field: &str, path: &str) {
        let mut parts = field.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || field.len() > LONGEST {
            return;
        }
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path: folder(path).to_owned(),
        };
        let mut expires = false;
        let mut max_age = None;
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            match key.trim().to_ascii_lowercase().as_str() {
                "path" if value.trim().starts_with('/') => {
                    value.trim().clone_into(&mut cookie.path)
                }
                // The order is that of RFC 6265, section 5.3: `Max-Age` outranks `Expires`.
                "max-age" => max_age = value.trim().parse::<i64>().ok(),
                "expires" => expires = is_past(value.trim()),
                _ => {}
            }
        }
        self.0
            .retain(|other| other.name != cookie.name || other.path != cookie.path);
        let over = max_age.map_or(expires, |seconds| seconds <= 0);
        if !over && self.0.len() < MOST {
            self.0.push(cookie);
        }
    }

    /// Puts a cookie for every path.
    pub fn put(&mut self, name: &str, value: &str) {
        self.set(&format!("{name}={value}; Path=/"), "/");
    }

    /// The value of a cookie, wherever it belongs.
    pub fn value(&self, name: &str) -> Option<&str> {
        let cookie = self.0.iter().find(|cookie| cookie.name == name);
        cookie.map(|cookie| cookie.value.as_str())
    }

    /// The names of the cookies.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|cookie| cookie.name.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The `Cookie` field for a request for `path`, longer paths first; none when no cookie belongs there.
    pub(crate) fn field(&self, path: &str) -> Option<String> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let mut fit: Vec<&Cookie> = self
            .0
            .iter()
            .filter(|cookie| belongs(path, &cookie.path))
            .collect();
        fit.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = fit
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// The path that a cookie belongs to when it names none (RFC 6265, section 5.1.4).
fn folder(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match path.rfind('/') {
        Some(at) if at > 0 => &path[..at],
        _ => "/",
    }
}

/// Whether a cookie of `of` is sent to `path` (RFC 6265, section 5.1.4).
fn belongs(path: &str, of: &str) -> bool {
    path.strip_prefix(of)
        .is_some_and(|rest| rest.is_empty() || of.ends_with('/') || rest.starts_with('/'))
}

fn is_past(date: &str) -> bool {
    // Cookies' dates are written with dashes too: `Thu, 01-Jan-1970 00:00:00 GMT`.
    let date: String = match date.split_once(' ') {
        Some((day, rest)) => {
            let (date, time) = rest.split_once(' ').unwrap_or((rest, ""));
            format!("{day} {} {time}", date.replace('-', " "))
        }
        None => return false,
    };
    let when = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&date);
    when.is_ok_and(|when| when < jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_where_they_belong() {
        let mut cookies = Cookies::default();
        cookies.set("sid=1; Path=/; HttpOnly; Secure", "/login");
        cookies.set("tab=2", "/app/list?x=/y/");
        cookies.set("deep=3; Path=/app", "/");
        assert_eq!(cookies.field("/"), Some("sid=1".to_owned()));
        assert_eq!(
            cookies.field("/app/list?q"),
            Some("tab=2; deep=3; sid=1".to_owned())
        );
        assert_eq!(cookies.field("/apple"), Some("sid=1".to_owned()));
        cookies.set("sid=4; Path=/", "/x");
        assert_eq!(cookies.value("sid"), Some("4"));
        assert_eq!(format!("{cookies:?}"), r#"["tab", "deep", "sid"]"#);
    }

    #[test]
    fn a_cookie_that_ran_out_is_gone() {
        let gone = [
            "a=; Max-Age=0; Path=/",
            "a=x; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=x; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
        ];
        for field in gone {
            let mut cookies = Cookies::default();
            cookies.put("a", "1");
            cookies.set(field, "/");
            assert!(cookies.is_empty(), "{field}");
        }
        let mut cookies = Cookies::default();
        cookies.set(
            "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "/",
        );
        assert_eq!(cookies.value("a"), Some("1"));
    }

    #[test]
    fn there_are_never_too_many() {
        let mut cookies = Cookies::default();
        for number in 0..1000 {
            cookies.put(&format!("c{number}"), "x");
        }
        cookies.put("long", &"x".repeat(LONGEST));
        assert_eq!(cookies.names().count(), MOST);
    }
}

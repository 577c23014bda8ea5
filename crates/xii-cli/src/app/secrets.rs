//! What the log is not to hold.

use xii_model::{ValueLook, is_secret_name, look_of_value};
use xii_runtime::environment::{Environment, Origin};

/// Values that no line may show: of variables whose name says that they are secret and whose value looks
/// as if a machine had made it, and passwords in URLs.
pub(crate) fn secrets(environment: &Environment) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, variable) in environment.iter() {
        let (Some(name), Some(value)) = (name.to_str(), variable.value.to_str()) else {
            continue;
        };
        if variable.origin == Origin::Runtime {
            continue;
        }
        if is_secret_name(name) && look_of_value(value) == ValueLook::Random {
            secrets.push(value.to_owned());
        }
        if let Some(password) = password_in(value) {
            secrets.push(password.to_owned());
        }
    }
    secrets
}

/// The password of a URL.
fn password_in(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_in_urls() {
        assert_eq!(password_in("postgres://a:s3cret@db/x"), Some("s3cret"));
        assert_eq!(password_in("postgres://a:p@ss@db/x"), Some("p@ss"));
        for none in [
            "postgres://a@db/x",
            "https://x.org/a:b@c",
            "a:b@c",
            "redis://:@x",
        ] {
            assert_eq!(password_in(none), None, "{none}");
        }
    }
}

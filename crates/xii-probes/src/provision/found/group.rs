//! Resources that several variables name together: `DB_HOST`, `DB_PORT`, `DB_PASSWORD`.

use std::collections::BTreeMap;

/// What a variable of a group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Host,
    Port,
    User,
    Password,
    Database,
    Tls,
    Engine,
}

/// Ends of names, the longer of two that fit first.
const ENDS: [(&str, Role); 32] = [
    ("_HOST_PASSWORD", Role::Password),
    ("_HOST_USER", Role::User),
    ("_DATABASE_NAME", Role::Database),
    ("_DB_NAME", Role::Database),
    ("_SSL_MODE", Role::Tls),
    ("_USE_TLS", Role::Tls),
    ("_USE_SSL", Role::Tls),
    ("_REQUIRE_TLS", Role::Tls),
    ("_HOSTNAME", Role::Host),
    ("_HOST", Role::Host),
    ("_SERVER", Role::Host),
    ("_PORT", Role::Port),
    ("_USERNAME", Role::User),
    ("_USER", Role::User),
    ("_LOGIN", Role::User),
    ("_PASSWORD", Role::Password),
    ("_PASS", Role::Password),
    ("_PWD", Role::Password),
    ("_DATABASE", Role::Database),
    ("_DBNAME", Role::Database),
    ("_NAME", Role::Database),
    ("_DB", Role::Database),
    ("_SSLMODE", Role::Tls),
    ("_SSL", Role::Tls),
    ("_TLS", Role::Tls),
    ("_SECURE", Role::Tls),
    ("_ENGINE", Role::Engine),
    ("_DIALECT", Role::Engine),
    ("_CONNECTION", Role::Engine),
    ("_DRIVER", Role::Engine),
    ("_CLIENT", Role::Engine),
    ("_TYPE", Role::Engine),
];

/// Ends of names that are written without an underscore: `PGHOST`, `REDISPORT`.
const JOINED: [(&str, Role); 7] = [
    ("HOST", Role::Host),
    ("PORT", Role::Port),
    ("USER", Role::User),
    ("PASSWORD", Role::Password),
    ("DATABASE", Role::Database),
    ("DB", Role::Database),
    ("SSLMODE", Role::Tls),
];

/// Prefixes that are written so.
const JOINING: [&str; 4] = ["PG", "MYSQL", "REDIS", "MONGO"];

/// The prefix and the role of a name, if it may belong to a group.
pub(super) fn split(name: &str) -> Option<(&str, Role)> {
    for prefix in JOINING {
        let rest = name.strip_prefix(prefix);
        if let Some((_, role)) = JOINED.iter().find(|(end, _)| rest == Some(end)) {
            return Some((prefix, *role));
        }
    }
    ENDS.iter().find_map(|(end, role)| {
        let prefix = name.strip_suffix(end)?;
        (!prefix.is_empty()).then_some((prefix, *role))
    })
}

/// The variables of a group by what they say; several may say the same.
pub(super) type Roles<'n> = BTreeMap<Role, Vec<&'n str>>;

/// The groups among names, by their prefix: those that name a host.
pub(super) fn groups<'n>(names: impl Iterator<Item = &'n str>) -> BTreeMap<&'n str, Roles<'n>> {
    let mut groups: BTreeMap<&str, Roles<'_>> = BTreeMap::new();
    for name in names {
        if let Some((prefix, role)) = split(name) {
            let roles = groups.entry(prefix).or_default();
            roles.entry(role).or_default().push(name);
        }
    }
    groups.retain(|_, roles| roles.contains_key(&Role::Host));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together_by_their_prefix() {
        let names = [
            "DB_HOST",
            "DB_PORT",
            "DB_NAME",
            "EMAIL_HOST",
            "EMAIL_HOST_USER",
            "EMAIL_USE_TLS",
            "EMAIL_USE_SSL",
            "PGHOST",
            "PGDATABASE",
            "APP_NAME",
            "SITE_PORT",
        ];
        let groups = groups(names.into_iter());
        let shown: Vec<String> = groups
            .iter()
            .map(|(prefix, roles)| {
                let names: Vec<&str> = roles.values().flatten().copied().collect();
                format!("{prefix}: {}", names.join(" "))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "DB: DB_HOST DB_PORT DB_NAME",
                "EMAIL: EMAIL_HOST EMAIL_HOST_USER EMAIL_USE_TLS EMAIL_USE_SSL",
                "PG: PGHOST PGDATABASE"
            ]
        );
    }
}

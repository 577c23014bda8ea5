//! References to the app's own modules, looked up once all files are read: where `config.port` in
//! one file comes from is written in another.

use std::collections::HashMap;
use std::sync::Arc;

use xii_model::{EnvValue, Facts, LogTarget, Origin};

use crate::languages::{self, Exports};

/// How many modules a value is followed through.
const STEPS: usize = 5;

/// Puts what was found in place of every reference that leads somewhere.
pub(crate) fn resolve(facts: &mut Facts, exports: &[(Arc<str>, Exports)]) {
    let modules: HashMap<&str, &Exports> = exports
        .iter()
        .map(|(path, found)| (&**path, found))
        .collect();
    let find = |from: &str, origin: &mut Origin| {
        if let Some(found) = look_up(&modules, from, origin) {
            *origin = found;
        }
    };
    for fact in &mut facts.env_reads {
        find(&fact.at.path, &mut fact.what.default);
    }
    for fact in &mut facts.listens {
        find(&fact.at.path, &mut fact.what.port);
        find(&fact.at.path, &mut fact.what.host);
    }
    for fact in &mut facts.resource_clients {
        find(&fact.at.path, &mut fact.what.locator);
    }
    for fact in &mut facts.file_writes {
        find(&fact.at.path, &mut fact.what.path);
    }
    for fact in &mut facts.log_sinks {
        if let LogTarget::File { path, .. } = &mut fact.what.to {
            find(&fact.at.path, path);
        }
    }
}

/// Follows a reference `module#member.member` from the file that holds it.
fn look_up(modules: &HashMap<&str, &Exports>, from: &str, origin: &Origin) -> Option<Origin> {
    let mut from = from.to_owned();
    let mut at = origin.clone();
    for _ in 0..STEPS {
        let Origin::Config(reference) = &at else {
            return Some(at);
        };
        let (module, member) = reference.split_once('#')?;
        let language = languages::of(&from)?;
        let files = (language.module_files)(&from, module);
        let (file, found) = files
            .into_iter()
            .find_map(|file| modules.get(file.as_str()).map(|exports| (file, *exports)))?;
        let value = value_of(found, member)?;
        if value == at {
            return None;
        }
        from = file;
        at = value;
    }
    None
}

/// The exported value at a member's path; its last part is enough when only one export ends in it,
/// because `settings.db.url` may be exported as `Settings.db.url`.
fn value_of(exports: &Exports, member: &str) -> Option<Origin> {
    if let Some(value) = exports.get(member) {
        return Some(value.clone());
    }
    // An object handed over as a whole: `createTransport(config.smtp)` goes where its host points.
    let inside = ["url", "uri", "connectionString", "host"]
        .iter()
        .find_map(|part| exports.get(&format!("{member}.{part}")));
    if let Some(value) = inside {
        return Some(value.clone());
    }
    let tail = member.rsplit('.').next().filter(|tail| !tail.is_empty())?;
    let mut ending = exports
        .iter()
        .filter(|(path, _)| path.rsplit('.').next() == Some(tail))
        .map(|(_, value)| value);
    let first = ending.next()?;
    // Several classes of settings may each name it: any that takes it from the environment says
    // that the environment can set it.
    let from_env = std::iter::once(first)
        .chain(ending)
        .find(|value| matches!(value, Origin::Env(EnvValue { .. })));
    Some(from_env.unwrap_or(first).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Origin {
        Origin::Env(EnvValue {
            name: name.to_owned(),
            default: None,
        })
    }

    #[test]
    fn a_member_is_found_by_its_path_or_by_its_unique_end() {
        let exports = Exports::from([
            ("db.url".to_owned(), env("DATABASE_URL")),
            ("port".to_owned(), Origin::Literal("1".to_owned())),
            ("Base.port".to_owned(), env("PORT")),
        ]);
        assert_eq!(value_of(&exports, "db.url"), Some(env("DATABASE_URL")));
        assert_eq!(
            value_of(&exports, "config.db.url"),
            Some(env("DATABASE_URL"))
        );
        assert_eq!(value_of(&exports, "settings.port"), Some(env("PORT")));
        assert_eq!(value_of(&exports, "db"), Some(env("DATABASE_URL")));
        assert_eq!(value_of(&exports, ""), None);
    }
}

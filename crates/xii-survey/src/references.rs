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
    // What a handler leaves to another file is followed there; what is not found stays as its name told.
    for fact in &mut facts.signal_handlers {
        let Some(own) = modules.get(&*fact.at.path) else {
            continue;
        };
        let start = languages::handler_key(fact.at.start);
        let closes = own
            .range(start.clone()..)
            .take_while(|(key, _)| key.starts_with(&start))
            .any(|(_, reference)| {
                matches!(
                    look_up(&modules, &fact.at.path, reference),
                    Some(Origin::Literal(what)) if what == languages::CLOSES_SERVER
                )
            });
        if closes {
            fact.what.does.closes_server = true;
            fact.what.does.exits_at_once = false;
        }
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
pub(crate) fn look_up(
    modules: &HashMap<&str, &Exports>,
    from: &str,
    origin: &Origin,
) -> Option<Origin> {
    look_up_within(modules, from, origin, STEPS)
}

fn look_up_within(
    modules: &HashMap<&str, &Exports>,
    from: &str,
    origin: &Origin,
    steps: usize,
) -> Option<Origin> {
    let Origin::Config(reference) = origin else {
        return Some(origin.clone());
    };
    let steps = steps.checked_sub(1)?;
    let (module, member) = reference.split_once('#')?;
    let language = languages::of(from)?;
    let place = (language.module_files)(from, module)
        .into_iter()
        .find_map(|file| modules.get(file.as_str()).map(|exports| (file, *exports)));
    let direct = place.and_then(|(file, found)| {
        let next: Vec<Origin> = match value_of(found, member) {
            Some(value) => vec![value],
            None => passed_on(found, member),
        };
        next.iter()
            .filter(|value| *value != origin)
            .find_map(|value| look_up_within(modules, &file, value, steps))
    });
    direct.or_else(|| {
        // What Python imports from a package may be a module in it.
        let python = language.extensions.contains(&"py");
        let (first, rest) = member.split_once('.').filter(|_| python)?;
        let dot = if module.ends_with('.') { "" } else { "." };
        let inner = Origin::Config(format!("{module}{dot}{first}#{rest}"));
        look_up_within(modules, from, &inner, steps)
    })
}

/// How many modules that pass everything on are asked for a member.
const PASSED_ON: usize = 8;

/// Where a member may be found that a module only passes on: `exports.config = require('./config')`
/// holds `config.port`, and `export * from './config'` (exported as `*`) holds anything.
fn passed_on(exports: &Exports, member: &str) -> Vec<Origin> {
    let mut found = Vec::new();
    let mut whole = member;
    while let Some((prefix, _)) = whole.rsplit_once('.') {
        if let Some(Origin::Config(reference)) = exports.get(prefix) {
            let rest = &member[prefix.len() + 1..];
            let dot = if reference.ends_with('#') { "" } else { "." };
            found.push(Origin::Config(format!("{reference}{dot}{rest}")));
        }
        whole = prefix;
    }
    let all = exports.iter().filter(|(path, _)| path.starts_with('*'));
    found.extend(all.take(PASSED_ON).filter_map(|(_, value)| match value {
        Origin::Config(reference) if reference.ends_with('#') => {
            Some(Origin::Config(format!("{reference}{member}")))
        }
        _ => None,
    }));
    found
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
        // What is said of routers is no value.
        .filter(|(path, _)| !path.starts_with('/') && path.rsplit('.').next() == Some(tail))
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
    fn a_package_hands_on_what_its_modules_define() {
        let config = |text: &str| Origin::Config(text.to_owned());
        let package = Exports::from([
            ("settings".to_owned(), config(".config#settings")),
            ("*.base".to_owned(), config(".base#")),
        ]);
        let settings = Exports::from([("settings.url".to_owned(), env("URL"))]);
        let base = Exports::from([("PORT".to_owned(), env("PORT"))]);
        let modules = HashMap::from([
            ("app/__init__.py", &package),
            ("app/config.py", &settings),
            ("app/base.py", &base),
        ]);
        for (reference, expected) in [
            ("app#settings.url", Some(env("URL"))),
            ("app#config.settings.url", Some(env("URL"))),
            ("app#PORT", Some(env("PORT"))),
            ("app#missing", None),
        ] {
            assert_eq!(
                look_up(&modules, "main.py", &config(reference)),
                expected,
                "{reference}"
            );
        }
    }

    #[test]
    fn a_handler_closes_what_it_leaves_to_another_file() {
        let closes = Origin::Literal(languages::CLOSES_SERVER.to_owned());
        let exports = |from: Vec<(&str, Origin)>| -> Exports {
            from.into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()
        };
        let all = [
            (
                Arc::from("src/main.js"),
                exports(vec![
                    ("@3:1/0", Origin::Config("./log#stop()".to_owned())),
                    ("@3:1/1", Origin::Config("./life#stop()".to_owned())),
                    ("@4:1/0", Origin::Config("./log#stop()".to_owned())),
                ]),
            ),
            (Arc::from("src/life.js"), exports(vec![("stop()", closes)])),
            (Arc::from("src/log.js"), exports(vec![("level", env("L"))])),
        ];
        let mut facts = Facts::default();
        for line in [3, 4] {
            let mut at = xii_model::Evidence::file("src/main.js");
            at.start.line = line;
            facts.signal_handlers.push(xii_model::Fact {
                at,
                scope: xii_model::Scope::default(),
                belongs: None,
                what: xii_model::SignalHandler {
                    signals: vec!["SIGTERM".to_owned()],
                    does: xii_model::HandlerEffect {
                        exits: true,
                        exits_at_once: true,
                        ..xii_model::HandlerEffect::default()
                    },
                    through: "process.on".to_owned(),
                },
            });
        }
        resolve(&mut facts, &all);
        let told: Vec<_> = facts
            .signal_handlers
            .iter()
            .map(|one| (one.what.does.closes_server, one.what.does.exits_at_once))
            .collect();
        assert_eq!(told, [(true, false), (false, true)]);
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

    #[test]
    fn what_a_module_passes_on_is_found_behind_it() {
        let config = Exports::from([("port".to_owned(), env("PORT"))]);
        let index = Exports::from([
            ("*1".to_owned(), Origin::Config("./other#".to_owned())),
            ("*2".to_owned(), Origin::Config("./config#".to_owned())),
            (
                "settings".to_owned(),
                Origin::Config("./config#".to_owned()),
            ),
            (
                "round".to_owned(),
                Origin::Config("./index#round".to_owned()),
            ),
        ]);
        let modules = HashMap::from([("src/config.ts", &config), ("src/index.ts", &index)]);
        let find = |reference: &str| {
            look_up(
                &modules,
                "src/main.ts",
                &Origin::Config(reference.to_owned()),
            )
        };
        assert_eq!(find("./index#port"), Some(env("PORT")));
        assert_eq!(find("./index#settings.port"), Some(env("PORT")));
        assert_eq!(find("./index#round"), None);
        assert_eq!(find("./index#nothing"), None);
    }
}

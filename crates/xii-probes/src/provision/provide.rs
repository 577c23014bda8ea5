//! From what is known of an app to the environment that it is given.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use xii_model::App;
use xii_model::grammar::Variable;

use super::attach::{Attached, attach};
use super::canary::Breeder;
use super::choose::{Said, choose};
use super::form::form_of;
use super::found::{Kinds, Search, find};
use super::given::{CameFrom, Given, Left, Needed};
use super::known::{Known, known};
use super::pem;
use super::provided::Provided;
use super::servers::{Ground, program};
use super::written::Written;
use crate::settings::Settings;

/// What the environment is made from.
pub struct Wanted<'a> {
    /// The app, with its facts.
    pub app: &'a App,
    /// `[prove]` of xii.toml.
    pub settings: &'a Settings,
    /// The files of `--env-file`, each with the name it is shown by; a later one outranks an earlier one.
    pub files: &'a [(String, Vec<Variable>)],
    /// Where private servers make their folders.
    pub scratch: &'a Path,
    /// Where what private servers start from may be kept for the next run; a folder that only its owner
    /// can write to.
    pub cache: Option<&'a Path>,
    /// The staged app.
    pub folder: &'a Path,
    /// Where programs are looked for: the caller's PATH. Servers are also found where systems keep them,
    /// unless it is empty.
    pub path: &'a OsStr,
    /// Variables of the staging, for commands that stand for a resource.
    pub variables: &'a [(String, String)],
    /// Is told what is being done, a line each.
    pub tell: &'a dyn Fn(String),
}

/// Gives every variable a value and puts something behind every resource, as far as can be.
///
/// It never fails as a whole: what could not be had is in what it returns, with the reason.
pub async fn provide(wanted: Wanted<'_>) -> Provided {
    let openssl = program("openssl", wanted.path);
    let breeder = match Breeder::new(openssl.clone()) {
        Ok(breeder) => breeder,
        Err(error) => return nothing(&wanted, &error),
    };
    let ground = Ground::new(wanted.scratch, wanted.cache, wanted.path, breeder.clone());
    let written = Written::new(wanted.app, wanted.folder);
    let all = known(wanted.app, &written);
    let said = Said {
        files: wanted.files,
        settings: &wanted.settings.env,
    };
    let kinds = Kinds::of(wanted.app, &written);
    let found = find(&Search {
        all: &all,
        said: &said,
        stands: &wanted.settings.resources,
        kinds: &kinds,
        breeder: &breeder,
    });
    let Attached {
        resources,
        servers,
        notes,
        mut given,
    } = attach(found, &all, &wanted, &ground).await;
    let mut left = Vec::new();
    let behind: Vec<&String> = resources.iter().flat_map(|one| &one.variables).collect();
    for one in all.values() {
        if behind.iter().any(|name| *name == one.name) {
            continue;
        }
        match choose(wanted.app, one, &said, &breeder) {
            Ok(chosen) => given.push(chosen),
            Err(unset) => left.push(unset),
        }
    }
    for name in said.names() {
        let known = all.contains_key(name) || behind.iter().any(|one| *one == name);
        if !known && name != "PORT" && !given.iter().any(|one| one.name == name) {
            given.extend(unknown(name, &said));
        }
    }
    platform(wanted.app, &all, &mut given);
    if let Some(openssl) = openssl {
        pairs(&openssl, &all, &mut given, &mut left);
    }
    given.sort_by(|a, b| a.name.cmp(&b.name));
    left.sort_by(|a, b| a.name.cmp(&b.name));
    Provided {
        given,
        resources,
        left,
        notes,
        servers,
        ground: Some(ground),
        folder: wanted.folder.to_owned(),
        variables: wanted.variables.to_vec(),
    }
}

/// Without randomness there are neither canaries nor passwords.
fn nothing(wanted: &Wanted<'_>, error: &std::io::Error) -> Provided {
    Provided {
        given: Vec::new(),
        resources: Vec::new(),
        left: Vec::new(),
        notes: vec![format!(
            "the environment could not be made: the system gives no random bytes ({error})"
        )],
        servers: Vec::new(),
        ground: None,
        folder: wanted.folder.to_owned(),
        variables: Vec::new(),
    }
}

/// A variable that was given although nothing in the app speaks of it.
fn unknown(name: &str, said: &Said<'_>) -> Option<Given> {
    let (value, from) = said.value(name)?;
    Some(Given {
        name: name.to_owned(),
        form: form_of(name, &[value]),
        value: value.to_owned(),
        from,
        secret: xii_model::is_secret_name(name),
        canary: None,
        required: Needed::Unknown,
    })
}

/// What a platform sets for a language, whether or not the app's own code reads it: frameworks do.
fn platform(app: &App, all: &BTreeMap<&str, Known<'_>>, given: &mut Vec<Given>) {
    let name = "NODE_ENV";
    // A Python app's scripts are a browser's, or a build's.
    if app.is_node()
        && !app.is_python()
        && !all.contains_key(name)
        && !given.iter().any(|one| one.name == name)
    {
        given.push(Given {
            name: name.to_owned(),
            value: "production".to_owned(),
            from: CameFrom::Platform,
            secret: false,
            canary: None,
            required: Needed::Unknown,
            form: super::form::Form::Text,
        });
    }
}

/// A public key is that of the private one beside it.
fn pairs(
    openssl: &Path,
    all: &BTreeMap<&str, Known<'_>>,
    given: &mut Vec<Given>,
    left: &mut Vec<Left>,
) {
    let keys: Vec<(String, String)> = given
        .iter()
        .filter(|one| one.name.contains("PRIVATE") && one.value.starts_with("-----BEGIN "))
        .filter(|one| one.canary.is_some())
        .map(|one| (one.name.replace("PRIVATE", "PUBLIC"), one.value.clone()))
        .collect();
    for (name, private) in keys {
        let Some(known) = all.get(name.as_str()) else {
            continue;
        };
        let said = given.iter().any(|one| {
            one.name == name && matches!(one.from, CameFrom::EnvFile(..) | CameFrom::XiiToml)
        });
        let escaped = private.contains("\\n");
        let Some(public) = pem::public_key(openssl, &private.replace("\\n", "\n")) else {
            continue;
        };
        if said {
            continue;
        }
        given.retain(|one| one.name != name);
        left.retain(|one| one.name != name);
        given.push(Given {
            name,
            value: match escaped {
                true => public.replace('\n', "\\n"),
                false => public,
            },
            from: CameFrom::Made,
            secret: false,
            canary: None,
            required: known.needed(),
            form: super::form::Form::Pem,
        });
    }
}

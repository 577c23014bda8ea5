//! The value of a variable, by the rank of who has one.

use std::collections::BTreeMap;

use xii_model::grammar::Variable;
use xii_model::{App, DeclarationSource};

use super::canary::Breeder;
use super::form::{Form, form_of};
use super::given::{CameFrom, Canary, Given, Left, Needed};
use super::known::{Example, Known};
use super::made::made;
use super::platform::{Ruling, ruling};
use super::words::Words;
use super::written::has_look;

/// Values that somebody gave for this run: files of `--env-file`, and `[prove.env]`.
pub(super) struct Said<'a> {
    pub(super) files: &'a [(String, Vec<Variable>)],
    pub(super) settings: &'a BTreeMap<String, String>,
}

impl<'a> Said<'a> {
    /// The value, and who gave it; of the files the last one that has it.
    pub(super) fn value(&self, name: &str) -> Option<(&'a str, CameFrom)> {
        let in_files = self.files.iter().rev().find_map(|(shown, variables)| {
            let variable = variables.iter().rev().find(|one| one.name == name)?;
            let from = CameFrom::EnvFile(shown.clone(), variable.line);
            Some((variable.value.as_str(), from))
        });
        in_files.or_else(|| {
            let value = self.settings.get(name)?;
            Some((value.as_str(), CameFrom::XiiToml))
        })
    }

    /// All names that have a value.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let in_files = self.files.iter().flat_map(|(_, variables)| variables);
        in_files
            .map(|one| one.name.as_str())
            .chain(self.settings.keys().map(String::as_str))
    }
}

/// What a variable is given, or why it is left unset.
pub(super) fn choose(
    app: &App,
    known: &Known<'_>,
    said: &Said<'_>,
    breeder: &Breeder,
) -> Result<Given, Left> {
    let secret = known.is_secret();
    let seen = known.seen();
    let form = form_of(known.name, &seen);
    let given = |value: String, from: CameFrom| Given {
        name: known.name.to_owned(),
        value,
        from,
        secret,
        canary: None,
        required: known.needed(),
        form,
    };
    let left = |why: &str| Left {
        name: known.name.to_owned(),
        why: why.to_owned(),
    };
    if let Some((value, from)) = said.value(known.name)
        && known.name != "PORT"
    {
        return Ok(given(value.to_owned(), from));
    }
    let ruling = ruling(app, known);
    if let Some(Ruling::Unset { why, needed: None }) = ruling {
        return Err(left(why));
    }
    if secret && is_opaque(known.name) {
        return Ok(canary(known, form, breeder));
    }
    match ruling {
        Some(Ruling::Set(value)) => return Ok(given(value, CameFrom::Platform)),
        Some(Ruling::Unset {
            needed: Some(value),
            ..
        }) if known.needed().is_yes() && !known.has_default() => {
            return Ok(given(value.to_owned(), CameFrom::Platform));
        }
        Some(Ruling::Unset { why, .. }) => return Err(left(why)),
        None => {}
    }
    if let Some(example) = known.declared_value().filter(|one| fits_here(known, one)) {
        let from = CameFrom::Declared(example.place.clone());
        return Ok(given(example.value.clone(), from));
    }
    if known.has_default() {
        return Err(left("the code has a default"));
    }
    let wanted = match known.needed() {
        Needed::Yes(_) => true,
        // What the app can do without may be switched on by a value that means nothing.
        Needed::No(_) => false,
        Needed::Unknown => known.is_asked_for() && is_safe_to_make(known.name, form),
    };
    match wanted {
        true => Ok(given(made(known.name, form), CameFrom::Made)),
        false => Err(left("nothing says that it is needed")),
    }
}

/// Whether a secret-like name can hold a secret: `ENABLE_TOKEN` and `TOKEN_COUNT` do not.
fn is_opaque(name: &str) -> bool {
    matches!(form_of(name, &[]), Form::Text | Form::Pem | Form::Url)
}

fn canary(known: &Known<'_>, form: Form, breeder: &Breeder) -> Given {
    let example = known
        .examples
        .iter()
        .map(|example| example.value.as_str())
        .find(|value| has_look(value) || value.contains(['_', '-']));
    let value = breeder.fitting(known.name, form, example);
    Given {
        name: known.name.to_owned(),
        canary: Some(Canary {
            variable: known.name.to_owned(),
            value: value.clone(),
        }),
        value,
        from: CameFrom::Canary,
        secret: true,
        required: known.needed(),
        form,
    }
}

/// Whether a declared value means here what it means where it stands: paths of an image do not.
fn fits_here(known: &Known<'_>, example: &Example) -> bool {
    let of_image = matches!(
        example.source,
        DeclarationSource::Dockerfile | DeclarationSource::Compose | DeclarationSource::Kubernetes
    );
    // It is for a terminal on a laptop, unless the image itself has it.
    if known.name == "PYTHONUNBUFFERED" && !of_image {
        return false;
    }
    let absolute = example.value.starts_with('/');
    // An image sets many variables for its own tools.
    let of_tools = Words::of(known.name).starts_with_any(&["pip", "poetry", "npm", "yarn", "uv"]);
    !(of_image && (absolute || of_tools))
}

/// Whether a made-up value of an empty declaration can do no harm: a name from a closed set could.
fn is_safe_to_make(name: &str, form: Form) -> bool {
    const CHOICES: [&str; 12] = [
        "level", "mode", "format", "type", "strategy", "driver", "backend", "engine", "provider",
        "dialect", "class", "module",
    ];
    !matches!(form, Form::Path | Form::Url) && !Words::of(name).ends_with_any(&CHOICES)
}

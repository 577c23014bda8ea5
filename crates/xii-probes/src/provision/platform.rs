//! Variables that a platform has an opinion on, whatever an example says.

use xii_model::App;

use super::form::{Form, form_of};
use super::known::Known;
use super::words::Words;

/// What a platform does with a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// Sets it so.
    Set(String),
    /// Leaves it unset, unless the app needs it; then it is this.
    Unset {
        why: &'static str,
        needed: Option<&'static str>,
    },
}

/// What a platform does with this variable; nothing for most.
pub(super) fn ruling(app: &App, known: &Known<'_>) -> Option<Ruling> {
    let words = Words::of(known.name);
    let unset = |why, needed| Some(Ruling::Unset { why, needed });
    match known.name {
        "PORT" => return unset("each run is given its own", None),
        "PATH" | "HOME" | "PWD" | "USER" | "SHELL" | "TMPDIR" | "TEMP" | "TMP" | "HOSTNAME"
        | "VIRTUAL_ENV" | "NODE_PATH" | "PYTHONPATH" | "PYTHONHOME" | "LD_LIBRARY_PATH"
        | "LD_PRELOAD" => return unset("it is the system's", None),
        // Flask answers nobody who asks for another host.
        "SERVER_NAME" => return unset("the probes ask for loopback", Some("localhost")),
        "GOOGLE_APPLICATION_CREDENTIALS" => {
            return unset("it names a file of the platform's", None);
        }
        "CI" | "NPM_TOKEN" | "NODE_AUTH_TOKEN" => return unset("it is the pipeline's", None),
        // Where telemetry goes is asked for by the probe that receives it.
        name if name.starts_with("OTEL_") => return unset("telemetry goes nowhere here", None),
        _ => {}
    }
    if is_environment_name(known.name) {
        if let Some(why) = is_production_unset(app, known) {
            return unset(why, None);
        }
        return (known.is_read() || known.is_asked_for())
            .then(|| Ruling::Set(environment_name(app, known.name)));
    }
    if is_debug(&words) {
        return match known.declared_value() {
            Some(example) => Some(Ruling::Set(off(&example.value))),
            None => unset("debugging is off in production", Some("false")),
        };
    }
    // `HOST=localhost` is right on a laptop; a platform names no interface.
    if is_bind_address(known.name) {
        return unset("a platform names no interface", Some("0.0.0.0"));
    }
    if words.pair("allowed", "hosts") {
        let example = known.declared_value().map(|one| one.value.trim());
        return Some(Ruling::Set(match example {
            Some(list) if list.starts_with('[') => "[\"*\"]".to_owned(),
            // The probes ask on loopback, and a platform sets what it serves.
            Some(list) if list.contains("127.0.0.1") || list == "*" => list.to_owned(),
            Some(list) if list.split(',').any(|host| host.trim() == "localhost") => {
                format!("{list},127.0.0.1")
            }
            Some(list) if !list.is_empty() => format!("{list},localhost,127.0.0.1"),
            _ if known.has_default() && !known.needed().is_yes() => return None,
            _ => "*".to_owned(),
        }));
    }
    None
}

/// Whether a variable names the environment.
fn is_environment_name(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "NODE_ENV",
        "RAILS_ENV",
        "RACK_ENV",
        "APP_ENV",
        "FLASK_ENV",
        "DJANGO_ENV",
        "GO_ENV",
        "MIX_ENV",
        "ENVIRONMENT",
        "ENV",
        "APP_ENVIRONMENT",
        "APPLICATION_ENV",
        "RUST_ENV",
        "PYTHON_ENV",
    ];
    NAMES.contains(&name)
}

/// Why an environment's name is better left unset: a runtime's own, such as NODE_ENV, may be anything, while an app
/// that lists the names of its environments dies of one that it does not know.
fn is_production_unset(app: &App, known: &Known<'_>) -> Option<&'static str> {
    if ["NODE_ENV", "RAILS_ENV", "RACK_ENV", "MIX_ENV", "FLASK_ENV"].contains(&known.name) {
        return None;
    }
    let branches = app.facts.environment_branches.iter();
    let is_known = branches
        .filter(|branch| branch.variable == known.name)
        .any(|branch| !branch.names.is_empty());
    match known.default() {
        Some(text) if text.to_ascii_lowercase().contains("prod") => {
            Some("the code's default is production")
        }
        // Such as a member of an enumeration.
        None if known.has_default() && !is_known => {
            Some("the code has a default, and which names it knows was not seen")
        }
        _ => None,
    }
}

/// `production`, or as the code calls it.
fn environment_name(app: &App, variable: &str) -> String {
    let names: Vec<&String> = app
        .facts
        .environment_branches
        .iter()
        .filter(|branch| branch.variable == variable && branch.scope.class == Default::default())
        .flat_map(|branch| &branch.names)
        .collect();
    let is = |wanted: &str| names.iter().any(|name| name.as_str() == wanted);
    match is("prod") && !is("production") {
        true => "prod".to_owned(),
        false => "production".to_owned(),
    }
}

fn is_debug(words: &Words) -> bool {
    words.ends_with("debug") && !words.has_any(&["log", "level"])
}

/// The same word for off as the example has for on.
fn off(example: &str) -> String {
    match example.trim() {
        "1" | "0" => "0",
        "True" | "False" => "False",
        "on" | "off" => "off",
        "yes" | "no" => "no",
        // `DEBUG=app:*` of Node's debug: a list of names.
        value if form_of("X", &[value]) != Form::Boolean => "",
        _ => "false",
    }
    .to_owned()
}

/// Whether a variable is the address that the app itself listens on.
pub(super) fn is_bind_address(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "HOST",
        "BIND",
        "BIND_HOST",
        "BIND_ADDR",
        "BIND_ADDRESS",
        "LISTEN_HOST",
        "LISTEN_ADDR",
        "LISTEN_ADDRESS",
        "SERVER_HOST",
        "APP_HOST",
        "WEB_HOST",
        "HTTP_HOST",
        "FLASK_RUN_HOST",
        "UVICORN_HOST",
    ];
    NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_is_said_as_on_was() {
        for (on, word) in [
            ("True", "False"),
            ("1", "0"),
            ("true", "false"),
            ("app:*", ""),
        ] {
            assert_eq!(off(on), word);
        }
    }
}

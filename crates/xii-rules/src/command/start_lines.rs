//! What starts the app outside a developer's machine, package scripts followed.

use xii_model::{App, Evidence};

use super::line::{Command, parse};
use crate::deploy_names::{self, Deploy};

/// How far scripts that call scripts are followed.
const MAX_DEPTH: usize = 4;
/// No more lines than this are looked at.
const MAX_LINES: usize = 100;

/// How sure it is that a command starts a deploy and not a developer's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// A compose file without a deploy in its name: used for both.
    Unclear,
    /// The `start` script of a package that says nothing else.
    Likely,
    /// A Procfile, an image, a manifest, a compose file for production.
    Production,
}

/// A line that runs when the app starts.
#[derive(Clone, Debug)]
pub(crate) struct Start<'a> {
    /// The process type.
    pub(crate) name: &'a str,
    /// The line: the declared command, or that of a script it runs.
    pub(crate) line: &'a str,
    /// Where the line stands.
    pub(crate) at: &'a Evidence,
    /// The declaration that leads here, when that is another place.
    pub(crate) from: Option<&'a Evidence>,
    /// How sure it is.
    pub(crate) standing: Standing,
}

impl Start<'_> {
    /// Its simple commands, without those that only run a script of the package.
    pub(crate) fn commands(&self) -> Vec<Command> {
        parse(self.line)
    }
}

/// The lines that run when the app starts, those of development left out.
pub(crate) fn of(app: &App) -> Vec<Start<'_>> {
    let mut declared: Vec<(Start<'_>, &str)> = app
        .facts
        .process_types
        .iter()
        .filter(|process| !deploy_names::is_for_developers(&process.at.path))
        // A release phase runs before the start.
        .filter(|process| process.what.name != "release" && !names_development(&process.what.name))
        .map(|process| {
            let source = process.what.source.to_ascii_lowercase();
            let standing = if source == "package.json" {
                Standing::Likely
            } else if source == "compose"
                && deploy_names::of_file(&process.at.path) < Some(Deploy::Staging)
            {
                Standing::Unclear
            } else {
                Standing::Production
            };
            let start = Start {
                name: &process.what.name,
                line: &process.what.command,
                at: &process.at,
                from: None,
                standing,
            };
            (start, process.what.source.as_str())
        })
        .collect();
    // A package's `start` is for developers when something stronger says how the app is run, or
    // when a sibling script is meant for production.
    let stronger = declared
        .iter()
        .any(|(start, _)| start.standing == Standing::Production);
    let for_production = ["start:prod", "start:production", "start-prod", "prod"]
        .into_iter()
        .find_map(|name| script(app, name));
    declared.retain(|(start, source)| {
        !source.eq_ignore_ascii_case("package.json")
            || (!stronger && (for_production.is_none() || start.name.contains("prod")))
    });
    let mut found: Vec<Start<'_>> = declared.into_iter().map(|(start, _)| start).collect();
    if let (false, Some((line, at))) = (stronger, for_production)
        && !found.iter().any(|start| start.at == at)
    {
        found.push(Start {
            name: "web",
            line,
            at,
            from: None,
            standing: Standing::Likely,
        });
    }
    follow(app, &mut found);
    found
}

/// Adds the lines of the package scripts that the lines run.
fn follow<'a>(app: &'a App, found: &mut Vec<Start<'a>>) {
    let mut from = 0;
    for _ in 0..MAX_DEPTH {
        let until = found.len();
        for index in from..until {
            let Some(start) = found.get(index).cloned() else {
                continue;
            };
            for command in start.commands() {
                let Some((_, name)) = command.package_script() else {
                    continue;
                };
                for called in [format!("pre{name}"), name.to_owned()] {
                    if let Some((line, at)) = script(app, &called)
                        && found.len() < MAX_LINES
                        && !found.iter().any(|known| known.at == at)
                    {
                        found.push(Start {
                            name: start.name,
                            line,
                            at,
                            from: Some(start.from.unwrap_or(start.at)),
                            standing: start.standing,
                        });
                    }
                }
            }
        }
        from = until;
    }
}

/// The command of a package script and where it stands.
pub(crate) fn script<'a>(app: &'a App, name: &str) -> Option<(&'a str, &'a Evidence)> {
    app.facts
        .scripts
        .iter()
        .find(|script| script.source == "package.json" && script.what.name == name)
        .map(|script| (script.what.command.as_str(), &script.at))
}

/// Whether a process type's name says that it is for developers.
fn names_development(name: &str) -> bool {
    matches!(
        deploy_names::of_text(name),
        Some(Deploy::Development | Deploy::Test)
    ) || name == "watch"
}

//! Watches which variables the app's code asks for, and compares them with what is declared.
//!
//! In Node and Python the environment can be wrapped before the app's code runs: a name counts when code of
//! the app itself asks for it, while it starts and answers the scenario. Names of the platform, of the
//! language and of well-known libraries need no declaration. In other languages an app that dies at its
//! start, names a variable that nothing declares, and starts when it is given one, shows the same.
//!
//! What is asked for only in other circumstances, and what a library reads for itself, is not seen.

use std::collections::BTreeSet;
use std::time::Duration;

use xii_model::Severity;

use crate::asked::{is_known, observer};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};
use crate::scenario::play_on;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "asked-variables",
    criteria: &["III.3"],
    phase: Phase::Start,
    needs: &[Need::Web, Need::Build],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(20);
/// The most names that are tried on an app that does not start.
const TRIED: usize = 3;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let declared: BTreeSet<String> = stage
            .app()
            .facts
            .declarations
            .iter()
            .map(|one| one.name.clone())
            .chain(stage.settings().env.keys().cloned())
            .collect();
        if let Err(why) = stage.healthy().await {
            return wanted_at_start(stage, &declared, why).await;
        }
        let staged = stage.staged()?;
        let (scratch, folder) = (staged.scratch.clone(), stage.folder()?);
        let variables = staged.variables_in(&folder);
        let watched = observer(stage, &folder, &variables, &scratch)
            .map_err(|error| CouldNotTell(format!("nothing can watch the variables: {error}")))?;
        let Some(watched) = watched else {
            stage.could_not_tell(
                "III.3",
                "the app starts with nothing but what is declared; which other variables it asks for its language does not let us see",
            );
            return Ok(());
        };
        let run = stage.serve(watched.setup.clone()).await?;
        let scenario = stage.scenario().await?;
        let client = stage.client(&run);
        play_on(&scenario, &client, SCENARIO).await;
        run.stop().await;
        let Some(mut names) = watched.names() else {
            return Err(CouldNotTell::because(
                "the code that watches the variables was not loaded by the app's processes",
            ));
        };
        // What a staged run is given besides its config is nobody's to declare.
        names.retain(|name| variables.iter().all(|(given, _)| given != name));
        let undeclared: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|one| !is_known(one) && !declared.contains(*one))
            .collect();
        // A branch that the run did not take, such as another platform's, is not refuted by it.
        let unasked = stage
            .app()
            .facts
            .env_reads
            .iter()
            .filter(|one| one.scope.is_deployed())
            .map(|one| one.name.clone())
            .find(|one| !is_known(one) && !declared.contains(one) && !names.contains(one));
        stage.note(format!(
            "its code asked for {}",
            names
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        ));
        match undeclared.as_slice() {
            [] if names.is_empty() => stage.could_not_tell(
                "III.3",
                "no variable was seen that the app's own code asks for",
            ),
            [] if unasked.is_some() => stage.could_not_tell(
                "III.3",
                format!(
                    "each of the {} variables that its code asked for is declared, or the platform's, and the run did not get to where it reads {}",
                    names.len(),
                    unasked.unwrap_or_default()
                ),
            ),
            [] => stage.holds(
                "III.3",
                format!("each of the {} variables that its code asked for is declared, or the platform's", names.len()),
            ),
            [one] => stage.broken("III.3", format!("its code asks for {one}, which nothing declares")),
            [first @ .., last] => stage.broken(
                "III.3",
                format!("its code asks for {} and {last}, which nothing declares", first.join(", ")),
            ),
        }
        Ok(())
    })
}

/// What an app that does not start says that it wants.
async fn wanted_at_start(
    stage: &mut Stage,
    declared: &BTreeSet<String>,
    why: CouldNotTell,
) -> Result<(), CouldNotTell> {
    let lines: Vec<String> = stage
        .history()
        .iter()
        .flat_map(|(_, record)| record.last_words(20))
        .collect();
    let given = |name: &str| stage.given(name).is_some();
    let names: Vec<String> = named(&lines)
        .into_iter()
        .filter(|name| !is_known(name) && !declared.contains(name) && !given(name))
        .take(TRIED)
        .collect();
    for name in names {
        stage.note(format!(
            "it named {name} and ended: starting it with a value for that"
        ));
        let run = stage.start(Setup::web().with(&name, "1")).await?;
        let ready = stage.ready(&run).await;
        run.kill().await;
        if ready.is_ok() {
            stage.broken(
                "III.3",
                format!("it wants {name}, which nothing declares: without it, it does not start, with it, it serves"),
            );
            return Ok(());
        }
    }
    Err(why)
}

/// Words that are written as variables are, in order.
fn named(lines: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        for word in line.split(|one: char| !(one.is_ascii_alphanumeric() || one == '_')) {
            let variable = word.len() > 2
                && word.starts_with(|one: char| one.is_ascii_uppercase())
                && word
                    .bytes()
                    .all(|one| one.is_ascii_uppercase() || one.is_ascii_digit() || one == b'_');
            if variable && !names.iter().any(|one| one == word) {
                names.push(word.to_owned());
            }
        }
    }
    // Words with an underscore are variables more often than abbreviations are.
    names.sort_by_key(|one| !one.contains('_'));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_in_what_an_app_says() {
        let lines = vec![
            r#"{"level":"error","msg":"GREETING is required"}"#.to_owned(),
            "HTTP: SESSION_KEY must be set".to_owned(),
        ];
        assert_eq!(named(&lines), ["SESSION_KEY", "GREETING", "HTTP"]);
    }
}

//! Hands the app a short-lived identity in a file, as a platform does, exchanges it, and looks which one it shows.
//!
//! Platforms put a token into a file and its path into a variable (`AWS_WEB_IDENTITY_TOKEN_FILE`,
//! `AZURE_FEDERATED_TOKEN_FILE`, `IDENTITY_TOKEN_FILE` and others that end so); before the token runs out, another one
//! takes its place. Here the first is good for a few seconds. The scenario is sent, and what goes to each resource is
//! searched for it; the file gets its second token; when the first has run out, the scenario is sent again.
//!
//! The criterion holds when both were shown in their time and the first not after it. It is broken when the first is
//! shown after it ran out, and when calls go to other services and the file is never opened. An app that reads the
//! file and shows something else, such as what it got in exchange, or speaks TLS, is not judged; neither is one that
//! names no such variable.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until};
use xii_model::{Deed, Mark, Purpose, ResourceKind, Severity, What};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::interposer::Watched;
use crate::scenario::{Scenario, play_on};
use crate::tokens::{now, signed};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "workload-identity",
    criteria: &["XV.4"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// How long the first token is good once the scenario was sent, at least. It is counted in whole seconds.
const GOOD_FOR: Duration = Duration::from_secs(3);
/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(30);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let Some(variable) = variable(stage) else {
            return no_variable(stage);
        };
        let scenario = stage.scenario().await?;
        let folder = tempfile::Builder::new()
            .prefix("identity-")
            .tempdir_in(&stage.staged()?.temporary)
            .map_err(|error| cannot(&error))?;
        let file = folder.path().join("token");
        let ready = stage.readiness().await?;
        let life = ready.after * 2 + GOOD_FOR;
        let runs_out = now() + i64::try_from(life.as_secs()).unwrap_or(60) + 1;
        let out =
            Instant::now() + Duration::from_secs(u64::try_from(runs_out - now()).unwrap_or(1));
        let first = token("first", runs_out);
        let second = token("second", now() + 3600);
        put(&file, &first).map_err(|error| cannot(&error))?;
        let run = stage
            .serve(
                Setup::web()
                    .with(&variable, file.display().to_string())
                    .telling_reads(),
            )
            .await?;
        let (old, new) = (watch(&run, &first), watch(&run, &second));
        stage.note(format!(
            "{variable} names a file with a token that is good for {} s; sending the scenario",
            runs_out - now()
        ));
        send(stage, &run, &scenario).await;
        let shown = count(&old);
        put(&file, &second).map_err(|error| cannot(&error))?;
        stage.note("put another token in its place");
        // Time itself is what is waited for: the token's.
        sleep_until(out + Duration::from_millis(50)).await;
        let at_the_end = count(&old);
        stage.note("the first token has run out; sending the scenario again");
        send(stage, &run, &scenario).await;
        let (late, fresh) = (count(&old) - at_the_end, count(&new));
        let opened = opened(stage, &run, &file);
        let calls = attempts(stage, &run);
        run.kill().await;
        judge(
            stage,
            &variable,
            &Counts {
                shown,
                late,
                fresh,
                opened,
                calls,
            },
        );
        Ok(())
    })
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// How many times the first token was shown before the second was there.
    shown: u64,
    /// How many times it was shown after it had run out.
    late: u64,
    /// How many times the second was shown.
    fresh: u64,
    /// Whether the file was opened; nothing where that cannot be seen.
    opened: Option<bool>,
    /// Connections to other services that speak HTTP.
    calls: u64,
}

fn judge(stage: &mut Stage, variable: &str, counts: &Counts) {
    let Counts {
        shown,
        late,
        fresh,
        opened,
        calls,
    } = *counts;
    if late > 0 {
        stage.broken(
            "XV.4",
            format!(
                "it shows the token of {variable} after that has run out, and another is there"
            ),
        );
    } else if shown > 0 && fresh > 0 {
        stage.holds(
            "XV.4",
            format!("it shows the token of {variable}, and the new one once it was exchanged"),
        );
    } else if shown > 0 {
        stage.could_not_tell(
            "XV.4",
            format!(
                "it shows the token of {variable}; after it was exchanged no call showed either"
            ),
        );
    } else if opened == Some(false) && calls > 0 && !is_of_cloud(variable) {
        stage.broken(
            "XV.4",
            format!("it calls other services and never opens the file that {variable} names"),
        );
    } else {
        let why = match opened {
            Some(true) => {
                "it opens the file that it names, and what it then shows is not to be seen"
            }
            Some(false) if is_of_cloud(variable) => {
                "nothing opened the file that it names, nor was its cloud seen to be called"
            }
            _ if calls == 0 => "no call to another service was seen",
            _ => "whether it opens the file that it names cannot be seen",
        };
        stage.could_not_tell("XV.4", format!("{variable} is declared; {why}"));
    }
}

/// The variable that names the file of an identity.
fn variable(stage: &Stage) -> Option<String> {
    let provided = stage.provided();
    let given = provided.given.iter().map(|one| one.name.as_str());
    let left = provided.left.iter().map(|one| one.name.as_str());
    let declared = stage
        .app()
        .facts
        .declarations
        .iter()
        .map(|fact| fact.name.as_str());
    let read = stage
        .app()
        .facts
        .env_reads
        .iter()
        .map(|fact| fact.name.as_str());
    let mut all: Vec<&str> = given.chain(left).chain(declared).chain(read).collect();
    all.sort_unstable();
    all.into_iter()
        .find(|name| is_identity(name))
        .map(str::to_owned)
}

/// Whether a variable names the file of an identity.
fn is_identity(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.ends_with("IDENTITY_TOKEN_FILE")
        || name.ends_with("FEDERATED_TOKEN_FILE")
        || name.ends_with("IDENTITY_TOKEN_PATH")
        || name.ends_with("SERVICE_ACCOUNT_TOKEN_FILE")
}

/// Whether the identity is for the services of one cloud, which the scenario need not have reached.
fn is_of_cloud(variable: &str) -> bool {
    let variable = variable.to_ascii_uppercase();
    ["AWS_", "AZURE_", "GOOGLE_", "GCP_"]
        .iter()
        .any(|one| variable.starts_with(one))
}

fn no_variable(stage: &mut Stage) -> Result<(), CouldNotTell> {
    let attached = !stage.provided().resources.is_empty() || stage.unnamed_resource().is_some();
    if attached {
        stage.could_not_tell(
            "XV.4",
            "it names no variable by which a platform could hand it the file of an identity",
        );
    } else {
        stage.not_applicable(
            "XV.4",
            "it connects to nothing that would ask for an identity",
        );
    }
    Ok(())
}

fn cannot(error: &std::io::Error) -> CouldNotTell {
    CouldNotTell(format!("the file of an identity cannot be made: {error}"))
}

fn token(name: &str, until: i64) -> String {
    let claims = json!({"iss": "https://platform.invalid", "sub": "web", "jti": format!("{name}-{until}"), "iat": now(), "exp": until});
    signed(&claims, b"a platform's own key, which nobody checks")
}

/// Puts a token where the file is, all at once, readable to every user.
fn put(file: &Path, token: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    let new: PathBuf = folder.join("token.new");
    fs::write(&new, token)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(&new, file)
}

fn watch(run: &Run, token: &str) -> Vec<Watched> {
    run.resources()
        .map(|(_, one)| one.watch(token.as_bytes()))
        .collect()
}

fn count(watched: &[Watched]) -> u64 {
    watched.iter().map(Watched::seen).sum()
}

/// The connections to what speaks HTTP: to those an identity would be shown.
fn attempts(stage: &Stage, run: &Run) -> u64 {
    let services = stage.resources();
    let services = services
        .iter()
        .filter(|(one, _)| one.kind == ResourceKind::Http);
    services
        .filter_map(|(one, _)| Some(run.resource(&one.name)?.counts().attempts))
        .sum()
}

async fn send(stage: &Stage, run: &Run, scenario: &Scenario) {
    let client = stage.client(run);
    // What comes of it is another probe's.
    drop(play_on(scenario, &client, SCENARIO).await);
}

/// Whether any process of the run opened the file, where the witness tells.
fn opened(stage: &Stage, run: &Run, file: &Path) -> Option<bool> {
    stage.witness().ok()?;
    let is_it = |path: &str| Path::new(path) == file;
    let event = run.record.first(|event| match &event.what {
        What::Act(act) => {
            matches!(&act.deed, Deed::Opened { path, purpose: Purpose::Read } if is_it(path))
        }
        _ => false,
    });
    if let Some(event) = &event {
        stage.cite(event, Mark::For);
    }
    Some(event.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_identities_are_known_by_name() {
        for name in [
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AZURE_FEDERATED_TOKEN_FILE",
            "IDENTITY_TOKEN_FILE",
        ] {
            assert!(is_identity(name), "{name}");
        }
        for name in ["JWT_TOKEN", "TOKEN_FILE", "IDENTITY_URL"] {
            assert!(!is_identity(name), "{name}");
        }
    }

    #[test]
    fn a_token_is_put_in_the_place_of_another_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("token");
        for name in ["one", "two"] {
            put(&file, name).expect("it is put");
            assert_eq!(fs::read_to_string(&file).expect("it is read"), name);
        }
        assert_ne!(token("one", 1), token("two", 1));
    }
}

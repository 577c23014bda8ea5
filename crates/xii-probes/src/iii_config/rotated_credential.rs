//! Replaces the file of a short-lived credential while the app runs, and looks which one goes to a resource next.
//!
//! A variable that names the file of a credential, such as `IDENTITY_TOKEN_FILE`, is given a file with a token that was
//! made for this. When that token goes to a resource, the file is replaced as platforms do it, by a rename; then the app
//! is asked again, and its connections are cut once, so that it opens new ones. The new token must go to the resource,
//! and the old one no more.
//!
//! A client that looks at its file only now and then counts as one that keeps the old token when it still shows it five
//! seconds later. What goes to a resource encrypted, compressed or encoded cannot be read, and a token that is handed to a cloud's own
//! service never passes here: then it could not be told.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use xii_model::Severity;

use crate::client::{Client, Request};
use crate::engine::{CouldNotTell, Need, Phase, Probe, Run, Setup, Stage, Steps};
use crate::interposer::Watched;
use crate::random::bits;
use crate::scenario::{Variables, play};
use crate::traffic::{SCENARIO, Visit, tour};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "rotated-credential",
    criteria: &["III.9"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(150),
    alone: false,
    run,
};

/// How names of variables end that hold the path of a short-lived credential.
const ENDINGS: [&str; 11] = [
    "PASSWORD_FILE",
    "SECRET_FILE",
    "PRIVATE_KEY_FILE",
    "TOKEN_FILE",
    "TOKEN_PATH",
    "TOKEN_FILE_PATH",
    "IDENTITY_FILE",
    "CREDENTIAL_FILE",
    "CREDENTIALS_FILE",
    "CREDENTIALS_PATH",
    "SVID_FILE",
];
/// How long an app may show the old credential after it was replaced: a watcher needs a moment.
const NOTICE: Duration = Duration::from_secs(5);
/// Between two askings.
const STEP: Duration = Duration::from_millis(100);
/// The most requests that are tried for the credential.
const MOST: usize = 3;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let names = names(stage);
        if names.is_empty() {
            stage.not_applicable(
                "III.9",
                "no variable is known that names the file of a credential",
            );
            return Ok(());
        }
        if stage.resources().is_empty() {
            return Err(CouldNotTell(format!(
                "{} names the file of a credential, and no resource stands to which it could be shown",
                names.join(" and ")
            )));
        }
        let folder = tempfile::Builder::new()
            .prefix("xii-identity-")
            .tempdir()
            .map_err(|error| no_file(&error))?;
        // The app may run as another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
            .map_err(|error| no_file(&error))?;
        let files: Vec<File> = names
            .iter()
            .map(|name| File::new(folder.path(), name))
            .collect();
        for file in &files {
            stage.leaks().look_for(&file.name, &file.old);
            stage.leaks().look_for(&file.name, &file.new);
            file.hold(&file.old).map_err(|error| no_file(&error))?;
        }
        let setup = files.iter().fold(Setup::web(), |setup, file| {
            setup.with(&file.name, file.path.to_string_lossy())
        });
        let run = stage.start(setup).await?;
        let watches: Vec<Watches> = files.iter().map(|file| Watches::new(&run, file)).collect();
        if let Err(why) = stage.ready(&run).await {
            return Err(CouldNotTell(format!(
                "with the file of a credential in {} it does not serve: {why}",
                names.join(" and ")
            )));
        }
        let visits = tour(stage, &run).await?.visits;
        let Some(at) = watches.iter().position(|one| one.old() > 0) else {
            return Err(CouldNotTell(format!(
                "nothing was seen of the credential in {} on its way to a resource: no request of the scenario needs it, \
                 or it goes there encrypted",
                names.join(" or ")
            )));
        };
        let (Some(file), Some(watch)) = (files.get(at), watches.get(at)) else {
            return Ok(());
        };
        let asked = Asking::found(stage, &run, watch, &visits).await;
        let (sent, whom) = (watch.old(), watch.whom());
        stage.note(format!(
            "the credential in the file of {} went to {whom} {sent} times",
            file.name
        ));
        file.hold(&file.new).map_err(|error| no_file(&error))?;
        stage.note(format!("replaced the file of {}", file.name));
        let seen = rotate(stage, &run, watch, &asked).await?;
        run.stop().await;
        match seen {
            Seen::New(after) => stage.holds(
                "III.9",
                format!(
                    "{whom} was shown the new credential in the file of {}, and no more the old one, {} ms after it was \
                     replaced",
                    file.name,
                    after.as_millis()
                ),
            ),
            Seen::Old(after, times) => stage.broken(
                "III.9",
                format!(
                    "{whom} was shown the old credential {times} times in the {:.0} s after the file of {} was replaced, \
                     and never the new one",
                    after.as_secs_f64(),
                    file.name
                ),
            ),
            Seen::Neither => stage.could_not_tell(
                "III.9",
                format!(
                    "{whom} was shown the credential in the file of {}, and neither the old nor the new one after the \
                     file was replaced",
                    file.name
                ),
            ),
        }
        Ok(())
    })
}

fn no_file(error: &io::Error) -> CouldNotTell {
    CouldNotTell(format!(
        "no file of a credential could be made for it: {error}"
    ))
}

/// A variable that names a file, and what stands in it.
struct File {
    name: String,
    path: PathBuf,
    old: String,
    new: String,
}

impl File {
    fn new(folder: &Path, name: &str) -> Self {
        let random = bits;
        let token = || format!("xiiT{:016x}{:016x}", random(), random());
        File {
            name: name.to_owned(),
            path: folder.join(name.to_ascii_lowercase()),
            old: token(),
            new: token(),
        }
    }

    /// Puts a credential there, at once: whoever reads meanwhile reads the one or the other.
    fn hold(&self, credential: &str) -> io::Result<()> {
        let beside = self.path.with_extension("next");
        fs::write(&beside, credential)?;
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o644))?;
        fs::rename(&beside, &self.path)
    }
}

/// Both credentials of a file, on their way to every resource.
struct Watches {
    resources: Vec<(String, Watched, Watched)>,
}

impl Watches {
    fn new(run: &Run, file: &File) -> Self {
        let watch = |(name, one): (&str, &crate::interposer::Interposer)| {
            let (old, new) = (
                one.watch(file.old.as_bytes()),
                one.watch(file.new.as_bytes()),
            );
            (name.to_owned(), old, new)
        };
        Watches {
            resources: run.resources().map(watch).collect(),
        }
    }

    fn old(&self) -> u64 {
        self.resources.iter().map(|(_, old, _)| old.seen()).sum()
    }

    fn new_one(&self) -> u64 {
        self.resources.iter().map(|(.., new)| new.seen()).sum()
    }

    /// The resource that it went to.
    fn whom(&self) -> &str {
        let found = self.resources.iter().find(|(_, old, _)| old.seen() > 0);
        found.map_or("a resource", |(name, ..)| name)
    }
}

/// What makes the app show the credential.
enum Asking {
    Paths(Vec<String>),
    Scenario,
}

impl Asking {
    /// Requests that can be asked again and show it; without any the whole scenario.
    async fn found(stage: &Stage, run: &Run, watch: &Watches, visits: &[Visit]) -> Self {
        let client = Client::new(stage.client(run).address());
        let mut paths = Vec::new();
        for visit in visits
            .iter()
            .filter(|one| one.method == "GET" && !one.used.is_empty())
        {
            let before = watch.old();
            let answer = client.send(&Request::get(&visit.path)).await;
            if answer.is_ok() && watch.old() > before {
                paths.push(visit.path.clone());
            }
            if paths.len() >= MOST {
                break;
            }
        }
        match paths.is_empty() {
            true => Asking::Scenario,
            false => Asking::Paths(paths),
        }
    }

    async fn again(&self, stage: &Stage, run: &Run) -> Result<(), CouldNotTell> {
        let client = Client::new(stage.client(run).address());
        match self {
            Asking::Paths(paths) => {
                for path in paths {
                    // Whatever it answers: what it sends is looked at.
                    let _ = client.send(&Request::get(path)).await;
                }
            }
            Asking::Scenario => {
                let scenario = stage.scenario().await?;
                let pick = |_| client.clone();
                play(&scenario, pick, &Variables::default(), SCENARIO).await;
            }
        }
        Ok(())
    }
}

/// What a resource was shown after the file was replaced.
enum Seen {
    New(Duration),
    Old(Duration, u64),
    Neither,
}

async fn rotate(
    stage: &Stage,
    run: &Run,
    watch: &Watches,
    asked: &Asking,
) -> Result<Seen, CouldNotTell> {
    let before = watch.old();
    let began = Instant::now();
    let mut cut = false;
    loop {
        let sent = watch.old();
        asked.again(stage, run).await?;
        let is_new = watch.new_one() > 0 && watch.old() == sent;
        if is_new {
            return Ok(Seen::New(began.elapsed()));
        }
        if began.elapsed() > NOTICE {
            break;
        }
        if !cut {
            // A connection that was opened with the old credential may live on: the next one is asked for.
            cut = true;
            stage.note("cut its connections to all resources, and let it connect again");
            for (_, one) in run.resources() {
                one.cut();
                one.restore();
            }
        }
        sleep(STEP).await;
    }
    let (old, new) = (watch.old() - before, watch.new_one());
    Ok(match (old, new) {
        (1.., 0) => Seen::Old(began.elapsed(), old),
        (_, 1..) => {
            return Err(CouldNotTell(format!(
                "{} was shown both the old and the new credential until {:.0} s after the file was replaced",
                watch.whom(),
                began.elapsed().as_secs_f64()
            )));
        }
        _ => Seen::Neither,
    })
}

/// Variables that name the file of a credential, those first that the code reads.
fn names(stage: &Stage) -> Vec<String> {
    let facts = &stage.app().facts;
    let files = facts
        .identity_files
        .iter()
        .filter(|one| one.scope.is_deployed())
        .filter_map(|one| one.variable.as_deref());
    let reads = facts
        .env_reads
        .iter()
        .filter(|one| one.scope.is_deployed())
        .map(|one| one.name.as_str());
    let provided = stage.provided();
    let others = provided
        .given
        .iter()
        .map(|one| one.name.as_str())
        .chain(provided.left.iter().map(|one| one.name.as_str()));
    let mut names: Vec<String> = Vec::new();
    for name in files.chain(reads.chain(others).filter(|name| names_file(name))) {
        // Google's file is a document with a key, which cannot be made up.
        let known = names.iter().any(|known| known == name);
        if !known && name != "GOOGLE_APPLICATION_CREDENTIALS" {
            names.push(name.to_owned());
        }
    }
    names.truncate(MOST);
    names
}

fn names_file(name: &str) -> bool {
    ENDINGS.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_of_credentials_are_told_from_others() {
        for name in [
            "IDENTITY_TOKEN_FILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "VAULT_TOKEN_PATH",
            "TOKEN_FILE",
        ] {
            assert!(names_file(name), "{name}");
        }
        for name in ["TOKEN", "LOG_FILE", "NOTOKEN_FILE", "TOKEN_FILE_MODE"] {
            assert!(!names_file(name), "{name}");
        }
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = File::new(folder.path(), "TOKEN_FILE");
        assert_ne!(file.old, file.new);
        file.hold(&file.old).expect("it is written");
        file.hold(&file.new).expect("it is replaced");
        let read = fs::read_to_string(&file.path).expect("it is there");
        assert_eq!(read, file.new);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}

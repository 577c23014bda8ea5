//! Starts the app under the name of an environment that it has never heard of, and compares what it answers.
//!
//! `NODE_ENV`, `RAILS_ENV`, `APP_ENV` and their like are set to `xii-unknown`, all of them at once: a variable that nobody
//! reads does no harm. The app should start, and answer the scenario with the same statuses. Where it does not, the names
//! are tried one by one, to say which it is, and an instance in the usual environment shows that it is the name's doing.
//!
//! Pages that are merely worded differently are told and held against nobody, and what a program would do only with
//! other data or at another hour is not seen. A name that selects another build, such as `MIX_ENV`, is left alone.

use std::time::Duration;

use xii_model::Severity;

use crate::client::Client;
use crate::engine::{CouldNotTell, Need, NotReady, Phase, Probe, Run, Setup, Stage, Steps};
use crate::scenario::{Learned, Played, compare, learn, play_on};
use crate::traffic::{SCENARIO, serve, warm};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "unknown-environment",
    criteria: &["III.7"],
    phase: Phase::Start,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(180),
    alone: false,
    run,
};

/// The name that no app knows.
const UNKNOWN: &str = "xii-unknown";
/// Variables that name an environment; those of libraries too, since they group config as well.
const NAMES: [&str; 18] = [
    "NODE_ENV",
    "APP_ENV",
    "ENVIRONMENT",
    "ENV",
    "FLASK_ENV",
    "DJANGO_ENV",
    "FASTAPI_ENV",
    "PYTHON_ENV",
    "RAILS_ENV",
    "RACK_ENV",
    "APP_ENVIRONMENT",
    "APPLICATION_ENV",
    "GO_ENV",
    "RUST_ENV",
    "ASPNETCORE_ENVIRONMENT",
    "DOTNET_ENVIRONMENT",
    "SPRING_PROFILES_ACTIVE",
    "NODE_CONFIG_ENV",
];
/// The most names that are tried one by one.
const ONE_BY_ONE: usize = 8;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let names = names(stage);
        let usual = stage.played().await?;
        stage.note(format!("starting it with {}", shown(stage, &names)));
        let refs: Vec<&str> = names.iter().map(String::as_str).collect();
        let all = under(stage, &refs).await?;
        let first = match &all {
            Under::Serves(played) => statuses(&usual, played, &Learned::default(), stage),
            Under::Dies(_) => Vec::new(),
        };
        let served = matches!(all, Under::Serves(_));
        if served && first.is_empty() {
            let asked = usual.outcomes.len();
            stage.holds("III.7", held(stage, &names, asked));
            return Ok(());
        }
        // Something is not as usual: what changes by itself is learned, and whether it serves as usual now.
        let one = serve(stage, Setup::web()).await?;
        let plays = [ask(stage, &one).await?, ask(stage, &one).await?];
        one.stop().await;
        let learned = learn(&[&plays[0], &plays[1]]);
        let [_, usual] = &plays;
        if let Under::Serves(played) = &all
            && statuses(usual, played, &learned, stage).is_empty()
        {
            stage.holds("III.7", held(stage, &names, usual.outcomes.len()));
            return Ok(());
        }
        for name in names.iter().take(ONE_BY_ONE) {
            let why = match under(stage, &[name]).await? {
                Under::Dies(why) => format!(
                    "with {name}={UNKNOWN}, a name that it does not know, it does not serve: {why}"
                ),
                Under::Serves(played) => {
                    match statuses(usual, &played, &learned, stage).into_iter().next() {
                        Some(why) => format!("with {name}={UNKNOWN} {why}"),
                        None => continue,
                    }
                }
            };
            stage.broken("III.7", why);
            return Ok(());
        }
        Err(CouldNotTell(match all {
            Under::Dies(why) => format!(
                "it does not serve when all names of environments are `{UNKNOWN}`, and does with each alone: {why}"
            ),
            Under::Serves(_) => format!(
                "{}, when all names of environments are `{UNKNOWN}`; and not with each alone",
                first.into_iter().next().unwrap_or_default()
            ),
        }))
    })
}

/// What came of a start under a name.
enum Under {
    Serves(Played),
    Dies(String),
}

async fn under(stage: &Stage, names: &[&str]) -> Result<Under, CouldNotTell> {
    let setup = names
        .iter()
        .fold(Setup::web(), |setup, name| setup.with(name, UNKNOWN));
    let run = stage.start(setup).await?;
    if let Err(why) = stage.ready(&run).await {
        run.kill().await;
        return Ok(Under::Dies(match why {
            // What it said before it ended is what its operator would read.
            NotReady::Ended(end, Some(line)) => format!("it {} and says `{line}`", end.words()),
            other => other.to_string(),
        }));
    }
    warm(stage, &run).await?;
    let played = ask(stage, &run).await?;
    let ended = run.end();
    let said = run.record.complaint();
    run.stop().await;
    Ok(match ended {
        Some(end) => Under::Dies(format!(
            "it {} while it was asked, and said {}",
            end.words(),
            said.map_or_else(|| "nothing".to_owned(), |line| format!("`{line}`"))
        )),
        None => Under::Serves(played),
    })
}

async fn ask(stage: &Stage, run: &Run) -> Result<Played, CouldNotTell> {
    let scenario = stage.scenario().await?;
    let client = Client::new(stage.client(run).address());
    Ok(play_on(&scenario, &client, SCENARIO).await)
}

/// Requests that are answered with another status, a sentence each; other differences are only told.
fn statuses(usual: &Played, other: &Played, learned: &Learned, stage: &Stage) -> Vec<String> {
    let (found, worded) = told_apart(usual, other, learned);
    if found.is_empty() {
        for one in worded {
            stage.note(one);
        }
    }
    found
}

/// What weighs, and what does not.
fn told_apart(usual: &Played, other: &Played, learned: &Learned) -> (Vec<String>, Vec<String>) {
    let unsteady = learned.unsteady();
    let (mut found, mut worded) = (Vec::new(), Vec::new());
    for one in compare(usual, other, learned) {
        if unsteady.contains(&one.step) {
            continue;
        }
        let weighs = one.what == "status" || one.what == "answer";
        // Whoever is told to come later was not refused for a name.
        if weighs && one.right != "429" && one.left != "429" {
            found.push(format!(
                "{} is answered with {}, and with {} as a platform starts it",
                one.name, one.right, one.left
            ));
        } else {
            worded.push(format!("{}: {} is not the same", one.name, one.what));
        }
    }
    worded.truncate(4);
    (found, worded)
}

/// The names, those first that the code or a declaration knows.
fn names(stage: &Stage) -> Vec<String> {
    let facts = &stage.app().facts;
    let branches = facts
        .environment_branches
        .iter()
        .filter(|one| one.scope.is_deployed() || one.scope.development)
        .map(|one| one.variable.as_str())
        // What is compared with a word need not name an environment.
        .filter(|name| NAMES.contains(name) || is_environment(name));
    let reads = facts
        .env_reads
        .iter()
        .filter(|one| one.scope.is_deployed())
        .map(|one| one.name.as_str())
        .filter(|name| NAMES.contains(name));
    let given = stage
        .provided()
        .given
        .iter()
        .map(|one| one.name.as_str())
        .filter(|name| NAMES.contains(name));
    let mut names: Vec<String> = Vec::new();
    for name in branches.chain(reads).chain(given).chain(NAMES) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// `SHOP_ENV`, `SERVICE_ENVIRONMENT`.
fn is_environment(name: &str) -> bool {
    name != "MIX_ENV" && (name.ends_with("_ENV") || name.ends_with("_ENVIRONMENT"))
}

/// Those of the names that somebody reads or declares; else how many there are.
fn shown(stage: &Stage, names: &[String]) -> String {
    match read(stage, names).as_slice() {
        [] => format!(
            "{}, {} and {} others set to `{UNKNOWN}`",
            NAMES[0],
            NAMES[1],
            names.len().saturating_sub(2)
        ),
        read => format!("{} and their like set to `{UNKNOWN}`", read.join(", ")),
    }
}

fn read<'n>(stage: &Stage, names: &'n [String]) -> Vec<&'n str> {
    let facts = &stage.app().facts;
    let is_read = |name: &str| {
        facts.env_reads.iter().any(|one| one.name == name)
            || facts
                .environment_branches
                .iter()
                .any(|one| one.variable == name)
            || stage.given(name).is_some()
    };
    names
        .iter()
        .map(String::as_str)
        .filter(|name| is_read(name))
        .take(4)
        .collect()
}

fn held(stage: &Stage, names: &[String], asked: usize) -> String {
    let read = read(stage, names);
    let names = match read.as_slice() {
        [] => format!("{} and {} other names", NAMES[0], names.len() - 1),
        read => read.join(" and "),
    };
    match asked {
        0 => format!("it serves with {names} set to `{UNKNOWN}`"),
        1 => format!("it serves with {names} set to `{UNKNOWN}`, and answers a request as usual"),
        _ => format!(
            "it serves with {names} set to `{UNKNOWN}`, and answers {asked} requests as usual"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Answer;
    use crate::scenario::Outcome;

    fn played(answers: &[(u16, &'static str)]) -> Played {
        let outcomes = answers.iter().enumerate().map(|(step, (status, body))| {
            let answer = Answer {
                status: *status,
                version: "HTTP/1.1",
                headers: hyper::HeaderMap::new(),
                body: (*body).into(),
                truncated: false,
                took: Duration::ZERO,
                first_byte: Duration::ZERO,
            };
            Outcome {
                step,
                name: format!("GET /{step}"),
                method: "GET".to_owned(),
                path: format!("/{step}"),
                answer: Ok(answer),
                failed: Vec::new(),
            }
        });
        Played {
            outcomes: outcomes.collect(),
            ..Played::default()
        }
    }

    #[test]
    fn only_another_status_weighs() {
        let usual = played(&[(200, "production"), (200, "a"), (201, "b")]);
        let other = played(&[(200, "xii-unknown"), (500, "a"), (429, "b")]);
        let (found, worded) = told_apart(&usual, &other, &Learned::default());
        assert_eq!(
            found,
            ["GET /1 is answered with 500, and with 200 as a platform starts it"]
        );
        assert_eq!(worded.len(), 2);
    }

    #[test]
    fn what_changes_by_itself_does_not_weigh() {
        let plays = [played(&[(201, "")]), played(&[(409, "")])];
        let learned = learn(&[&plays[0], &plays[1]]);
        let (found, _) = told_apart(&plays[0], &plays[1], &learned);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn names_of_environments_are_told_from_others() {
        assert!(is_environment("SHOP_ENV"));
        assert!(is_environment("SERVICE_ENVIRONMENT"));
        assert!(!is_environment("MIX_ENV"));
        assert!(!is_environment("VIRTUAL_ENV_NAME"));
    }
}

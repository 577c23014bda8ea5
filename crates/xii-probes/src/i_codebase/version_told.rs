//! Looks for the app's version where a running app tells it: a route, metrics, a header, a line at its start.
//!
//! The version that counts is the manifest's, the commit, or what stands in a field that is called so
//! (`version`, `commit`, `release`) of a route that is about the app. Versions of a framework, of the
//! language and of the contract do not count.
//!
//! Places behind authentication, on another port, or only in traces are not seen.

use std::time::Duration;

use regex::Regex;
use xii_model::{Mark, Severity};

use crate::client::Request;
use crate::engine::{Need, Phase, Probe, Stage, Steps, text_of};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "version-told",
    criteria: &["I.5"],
    phase: Phase::Serving,
    needs: &[Need::Healthy],
    severity: Severity::Note,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// Where apps tell what they are.
const PATHS: [&str; 16] = [
    "/version",
    "/health",
    "/healthz",
    "/health/live",
    "/health/ready",
    "/livez",
    "/readyz",
    "/status",
    "/info",
    "/about",
    "/metrics",
    "/api/version",
    "/api/health",
    "/actuator/info",
    "/__version__",
    "/",
];
/// Routes that are about the app, so that a field `version` of theirs is the app's.
const ABOUT: [&str; 6] = [
    "/version",
    "/info",
    "/about",
    "/api/version",
    "/actuator/info",
    "/__version__",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = stage.exercised().await?;
        let own = Own::of(stage);
        let nonsense = stage.nonsense().await.ok();
        let mut paths: Vec<String> = PATHS.iter().map(|one| (*one).to_owned()).collect();
        if let Some(health) = stage.health().await? {
            paths.push(health);
        }
        paths.sort();
        paths.dedup();
        let mut told = None;
        let mut limited: Option<&String> = None;
        for path in &paths {
            if told.is_some() {
                break;
            }
            let request = Request::get(path).within(Duration::from_secs(5));
            let Ok(answer) = stage.ask(&run, &request).await else {
                continue;
            };
            if answer.status == 429 {
                limited = limited.or(Some(path));
            }
            if let Some(header) = own.header(&answer) {
                told = Some(format!("the header {header} of {path}"));
            } else if answer.status < 400 || answer.status == 503 {
                let real = nonsense
                    .as_ref()
                    .is_none_or(|one| one.is_real(&answer, path));
                let about = ABOUT.contains(&path.as_str()) && answer.is_success() && real;
                if own.body(&answer.text(), about) {
                    told = Some(path.clone());
                }
            }
        }
        if told.is_none() {
            for (name, record) in stage.history() {
                let found = record.first(|event| {
                    text_of(event).is_some_and(|line| !is_banner(&line) && own.line(&line))
                });
                if let Some(event) = found {
                    stage.cite(&event, Mark::For);
                    told = Some(format!("a line of {name}"));
                    break;
                }
            }
        }
        // A page may tell it in passing; that it is what runs is not known.
        let page = stage.played().await?.outcomes.iter().find_map(|outcome| {
            let answer = outcome.answer.as_ref().ok()?;
            let path = &outcome.path;
            own.in_passing(&answer.text())
                .map(|words| format!("{path} says `{words}`"))
        });
        let coded = stage
            .app()
            .facts
            .version_reports
            .iter()
            .find(|one| one.scope.is_deployed() && one.place != "contract");
        match (told, coded) {
            (Some(place), _) => stage.holds("I.5", format!("{place} says which version runs")),
            (None, Some(report)) => {
                let why = format!(
                    "the code tells a version ({}:{}), and no route, metric, header or line showed it",
                    report.at.path, report.at.start.line
                );
                stage.could_not_tell("I.5", why);
            }
            (None, None) if page.is_some() => stage.could_not_tell(
                "I.5",
                format!("{}, and nothing shows that it is the version that runs", page.unwrap_or_default()),
            ),
            (None, None) => match limited {
                Some(path) => stage.could_not_tell(
                    "I.5",
                    format!("nothing told the version, and {path} was answered with 429: it may be what does"),
                ),
                None if own.versions.is_empty() && !stage.app().is_read() => stage.could_not_tell(
                    "I.5",
                    "no manifest that was read names the app's version, so that it could not be recognised",
                ),
                None => stage.broken(
                    "I.5",
                    "no route, metric, header or line of the run says which version of the app it is",
                ),
            },
        }
        Ok(())
    })
}

/// Whether npm, pnpm or yarn says in a line which script it runs: it is what tells the version then, to nobody who
/// asks the app.
fn is_banner(line: &str) -> bool {
    line.starts_with("> ") || line.starts_with("$ ")
}

/// What the app's own version looks like.
struct Own {
    name: String,
    /// Versions of its manifests, and its commit.
    versions: Vec<String>,
    commit: Option<String>,
}

impl Own {
    fn of(stage: &Stage) -> Self {
        let app = stage.app();
        let mut versions: Vec<String> = app
            .facts
            .manifests
            .iter()
            .filter_map(|one| one.version.clone())
            .filter(|one| one.len() > 2)
            .collect();
        versions.dedup();
        Own {
            name: app.name.clone(),
            versions,
            commit: app.git.as_ref().and_then(|git| git.commit.clone()),
        }
    }

    /// Whether a text holds the version or the commit behind a word that says so, or behind the app's name.
    fn line(&self, text: &str) -> bool {
        let commit = self
            .commit
            .as_deref()
            .and_then(|one| one.get(..7))
            .is_some_and(|short| text.contains(short));
        commit
            || self.versions.iter().any(|version| {
                let pattern = format!(
                    r#"(?i)(version|release|build|commit|rev|sha|\b{})["'\\]*\s*[@/:=\s"'\\-]{{1,4}}v?{}(["'\\\s,;)}}\]]|$)"#,
                    regex::escape(&self.name),
                    regex::escape(version)
                );
                Regex::new(&pattern).is_ok_and(|one| one.is_match(text))
            })
    }

    /// Its name with a number of a version, as a footer has it.
    fn in_passing(&self, text: &str) -> Option<String> {
        let pattern = format!(
            r"(?i)\b{}\s+v?[0-9]+\.[0-9]+[0-9A-Za-z.\-+]*",
            regex::escape(&self.name)
        );
        let found = Regex::new(&pattern).ok()?.find(text)?;
        (self.name.len() > 2).then(|| found.as_str().to_owned())
    }

    /// The header that tells it.
    fn header(&self, answer: &crate::client::Answer) -> Option<String> {
        const NAMES: [&str; 8] = [
            "x-version",
            "x-app-version",
            "x-release",
            "x-commit",
            "x-build",
            "x-revision",
            "x-git-sha",
            "app-version",
        ];
        if let Some(name) = NAMES
            .iter()
            .find(|name| answer.field(name).is_some_and(|one| one.len() > 1))
        {
            return Some((*name).to_owned());
        }
        // `Server: shop/1.2.3` is the app's when the name is.
        answer
            .field("server")
            .is_some_and(|value| {
                self.versions
                    .iter()
                    .any(|one| value.contains(&format!("{}/{one}", self.name)))
            })
            .then(|| "server".to_owned())
    }

    /// Whether an answer tells it; `about`: its route is about the app.
    fn body(&self, text: &str, about: bool) -> bool {
        // An answer of a contract has versions of its own.
        if text.contains("\"openapi\"") || text.contains("<html") {
            return false;
        }
        let metric = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .any(|line| {
                let name = line.split(['{', ' ']).next().unwrap_or_default();
                let of_language = [
                    "python_info",
                    "nodejs_version_info",
                    "go_info",
                    "jvm_info",
                    "process_",
                ]
                .iter()
                .any(|one| name.starts_with(one));
                !of_language
                    && name.ends_with("_info")
                    && line.contains("version=\"")
                    && !line.contains("version=\"\"")
                    && self.versions.iter().any(|one| {
                        line.contains(&format!("\"{one}\""))
                            || line.contains(&format!("\"v{one}\""))
                    })
            });
        if metric || self.line(text) {
            return true;
        }
        let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else {
            // A route that is only the version.
            let text = text.trim();
            return about
                && text.len() < 60
                && (self
                    .versions
                    .iter()
                    .any(|one| text.trim_start_matches('v') == one)
                    || is_commit(text));
        };
        fields(&json, 3).iter().any(|(name, value)| {
            let lower = name.to_ascii_lowercase().replace(['_', '-'], "");
            let commit = [
                "commit",
                "sha",
                "gitsha",
                "gitcommit",
                "revision",
                "commithash",
                "releaseid",
                "commitid",
            ]
            .contains(&lower.as_str());
            let version = [
                "version",
                "appversion",
                "release",
                "build",
                "tag",
                "buildversion",
            ]
            .contains(&lower.as_str());
            (commit && is_commit(value))
                || (about
                    && version
                    && !value.is_empty()
                    && !["unknown", "dev", "none", "null"].contains(&value.as_str()))
        })
    }
}

/// Whether a text is an id of a commit.
fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|one| one.is_ascii_hexdigit())
}

/// The fields of a value that are texts or numbers, as deep as this.
fn fields(value: &serde_json::Value, depth: u8) -> Vec<(String, String)> {
    let serde_json::Value::Object(map) = value else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (name, inner) in map.iter().take(200) {
        match inner {
            serde_json::Value::String(text) => all.push((name.clone(), text.clone())),
            serde_json::Value::Number(number) => all.push((name.clone(), number.to_string())),
            inner if depth > 0 => all.extend(fields(inner, depth - 1)),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_apps_version_is_told_from_others() {
        let own = Own {
            name: "shop".to_owned(),
            versions: vec!["1.4.2".to_owned()],
            commit: Some("94c8ae6d0c".to_owned()),
        };
        for (text, about, wanted) in [
            (r#"{"status":"up","version":"1.4.2"}"#, false, true),
            (r#"{"commit":"94c8ae6"}"#, false, true),
            (r#"{"version":"2024-11-01"}"#, true, true),
            (r#"{"version":"2024-11-01"}"#, false, false),
            (r#"{"version":"unknown"}"#, true, false),
            ("shop_build_info{version=\"1.4.2\"} 1", false, true),
            ("nodejs_version_info{version=\"v20.1.4\"} 1", false, false),
            ("hello 1.4.2 world", false, false),
            ("1.4.2", true, true),
            (
                r#"{"openapi":"3.1.0","info":{"version":"1.4.2"}}"#,
                false,
                false,
            ),
        ] {
            assert_eq!(own.body(text, about), wanted, "{text}");
        }
        assert!(own.line("> shop@1.4.2 start"));
        assert!(own.line(r#"{"msg":"starting","version":"1.4.2"}"#));
        assert!(!own.line("using express 1.4.2"));
    }
}

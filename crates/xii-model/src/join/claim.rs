//! The finding that a trial becomes when it breaks its criterion.

use crate::{
    AppReport, Confidence, Criterion, Evidence, Finding, Instance, Mark, Persona, Trial,
    fingerprint,
};

/// How many characters of the advice are enough.
const ADVICE: usize = 120;

/// Manifests, which stand for an app whose process types are declared nowhere.
const MANIFESTS: [&str; 10] = [
    "Procfile",
    "package.json",
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "Cargo.toml",
    "go.mod",
    "Gemfile",
    "composer.json",
    "Dockerfile",
];

/// The finding of a trial. `made` are those of the same run before it.
pub(super) fn finding(
    app: &AppReport,
    criterion: &'static Criterion,
    trial: &Trial,
    made: &[Finding],
) -> Finding {
    let evidence = declared(app, trial);
    let ordinal = made
        .iter()
        .filter(|one| {
            one.rule == trial.probe
                && one.criterion == criterion.id
                && one.evidence.path == evidence.path
        })
        .count();
    let anchor = evidence.excerpt.lines().next().unwrap_or_default();
    Finding {
        fingerprint: fingerprint(trial.probe, &evidence.path, criterion.id, anchor, ordinal),
        rule: trial.probe,
        criterion: criterion.id,
        factor: criterion.factor,
        app: app.root.clone(),
        severity: trial.severity,
        confidence: Confidence::High,
        persona: Persona::Regular,
        message: trial.reason.clone(),
        evidence,
        help: first_sentences(criterion.how),
        related: Vec::new(),
        fix: None,
        suppression: None,
    }
}

/// Where the process type is declared that the transcript speaks of: of those that it speaks against
/// first; else `web`, else the first that is declared, else a manifest.
fn declared(app: &AppReport, trial: &Trial) -> Evidence {
    let against = trial
        .transcript
        .iter()
        .filter(|moment| moment.mark == Mark::Against);
    let types = against
        .chain(&trial.transcript)
        .filter_map(|moment| Some(moment.source.parse::<Instance>().ok()?.process));
    let ran = app.run.iter().flat_map(|run| &run.processes);
    let names = types
        .chain(["web".to_owned()])
        .chain(ran.map(|(name, _)| name.clone()));
    let of_name = |name: String| app.process_types.iter().find(|one| one.name == name);
    names
        .filter_map(of_name)
        .chain(&app.process_types)
        .next()
        .map_or_else(|| manifest(app), |process| process.at.clone())
}

/// A manifest that the audit names, or the app's folder.
fn manifest(app: &AppReport) -> Evidence {
    let named: Vec<&str> = app
        .criteria
        .iter()
        .flat_map(|one| &one.evidence)
        .map(|at| &*at.path)
        .collect();
    let file_name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let found = MANIFESTS
        .iter()
        .find_map(|name| named.iter().find(|path| file_name(path) == **name));
    Evidence::file(*found.unwrap_or(&app.root.as_str()))
}

/// As many sentences of a text as say enough.
fn first_sentences(text: &str) -> String {
    let mut end = 0;
    while end < text.len().min(ADVICE) {
        let rest = text.get(end..).unwrap_or_default();
        let stop = rest.match_indices(". ").map(|(at, _)| at + 2).find(|at| {
            rest.get(*at..)
                .is_some_and(|next| next.starts_with(char::is_uppercase))
        });
        match stop {
            Some(at) => end += at,
            None => end = text.len(),
        }
    }
    text.get(..end).unwrap_or(text).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_whole_sentences() {
        for criterion in Criterion::all() {
            let advice = first_sentences(criterion.how);
            assert!(criterion.how.starts_with(&advice), "{}", criterion.id);
            assert!(advice.ends_with('.'), "{}: {advice}", criterion.id);
            assert!(advice.len() >= criterion.how.len().min(ADVICE));
        }
        assert_eq!(first_sentences(""), "");
    }
}

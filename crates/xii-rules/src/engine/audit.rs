//! Runs the rules over a survey and makes the report.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use xii_model::{
    App, AppReport, ConfigVariable, Criterion, Factor, Finding, GitHead, Persona, ProcessType,
    Profile, Report, ResourceUse, RuleInfo, Survey, fingerprint,
};

use crate::engine::claims::{Claims, Said};
use crate::engine::suppress::{Allow, Baseline, suppress};
use crate::engine::{applicability, verdict};
use crate::{Entry, RULES, deploy_names, places};

/// What to audit for.
#[derive(Debug, Default)]
pub struct Options {
    /// The edition of the methodology.
    pub profile: Profile,
    /// For whom.
    pub persona: Persona,
    /// Only these factors; all when empty.
    pub factors: Vec<Factor>,
    /// Only these criteria; all when empty.
    pub criteria: Vec<&'static Criterion>,
    /// Allowances of xii.toml.
    pub allow: Vec<Allow>,
    /// Known findings that do not fail.
    pub baseline: Option<Baseline>,
    /// The names of probes: what they are allowed is no rule's, but not for nothing.
    pub probes: Vec<&'static str>,
}

impl Options {
    /// Whether the report speaks of the criterion.
    fn selects(&self, criterion: &Criterion) -> bool {
        criterion.in_profile(self.profile)
            && (self.factors.is_empty() || self.factors.contains(&criterion.factor))
            && (self.criteria.is_empty() || self.criteria.iter().any(|one| one.id == criterion.id))
    }
}

/// Runs every rule over every app and says of each criterion what came of it.
pub fn audit(survey: &Survey, options: &Options) -> Report {
    let mut findings = Findings::default();
    let mut said = Vec::new();
    for app in &survey.apps {
        let (said_of_app, found) = ask_rules(app, options);
        let fingerprints = findings.take(found);
        said.push((said_of_app, fingerprints));
    }
    let mut findings = findings.list;
    let stale_suppressions = suppress(&mut findings, survey, options, &[]);
    let by_fingerprint: HashMap<&str, &Finding> = findings
        .iter()
        .map(|finding| (finding.fingerprint.as_str(), finding))
        .collect();
    let apps = survey
        .apps
        .iter()
        .zip(said)
        .map(|(app, (said, fingerprints))| {
            let own: Vec<&Finding> = fingerprints
                .iter()
                .filter_map(|fingerprint| by_fingerprint.get(fingerprint.as_str()).copied())
                .collect();
            let criteria = Criterion::all()
                .filter(|criterion| options.selects(criterion))
                .map(|criterion| verdict::of(app, criterion, &said, &own))
                .collect();
            app_report(app, criteria)
        })
        .collect();
    Report {
        profile: options.profile,
        apps,
        rules: rules_of(&findings),
        findings,
        notices: survey.notices.clone(),
        stale_suppressions,
        tally: survey.tally,
    }
}

/// The rules that have findings, by name.
fn rules_of(findings: &[Finding]) -> Vec<RuleInfo> {
    let names: BTreeSet<&str> = findings.iter().map(|finding| finding.rule).collect();
    names
        .into_iter()
        .filter_map(Entry::find)
        .map(rule_info)
        .collect()
}

/// What a report says of a rule; the first paragraph of its documentation is its summary.
fn rule_info(entry: &Entry) -> RuleInfo {
    let summary: Vec<&str> = entry
        .docs
        .trim_start()
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .map(str::trim)
        .collect();
    RuleInfo {
        name: entry.rule.name,
        summary: summary.join(" "),
        docs: entry.docs,
        severity: entry.rule.severity,
    }
}

/// Asks every rule about one app.
fn ask_rules(app: &App, options: &Options) -> (Said, Vec<Finding>) {
    let mut said = Said::default();
    for entry in RULES {
        let asked = entry
            .rule
            .criteria
            .iter()
            .any(|id| Criterion::find(id).is_some_and(|criterion| options.selects(criterion)));
        if asked {
            (entry.rule.check)(
                app,
                &mut Claims {
                    rule: entry.rule,
                    app: &app.root,
                    said: &mut said,
                },
            );
        }
    }
    let mut ordinals: HashMap<(&str, String, String, String), usize> = HashMap::new();
    let mut found = Vec::new();
    for draft in std::mem::take(&mut said.findings) {
        let mut finding = draft.finding;
        let wanted = Criterion::find(finding.criterion).is_some_and(|criterion| {
            options.selects(criterion) && applicability::not_applicable(app, criterion).is_none()
        });
        if !wanted || finding.persona > options.persona {
            continue;
        }
        let anchor = finding
            .evidence
            .excerpt
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let key = (
            finding.rule,
            finding.evidence.path.to_string(),
            draft.subject.clone(),
            anchor.clone(),
        );
        let ordinal = ordinals.entry(key).or_default();
        finding.fingerprint = fingerprint(
            finding.rule,
            &finding.evidence.path,
            &draft.subject,
            &anchor,
            *ordinal,
        );
        *ordinal += 1;
        found.push(finding);
    }
    (said, found)
}

/// The findings of all apps, each once: what stands in a file that apps share is found for each.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    seen: HashMap<String, usize>,
}

impl Findings {
    /// Takes in an app's findings and returns their fingerprints.
    fn take(&mut self, found: Vec<Finding>) -> Vec<String> {
        let mut fingerprints = Vec::with_capacity(found.len());
        for finding in found {
            fingerprints.push(finding.fingerprint.clone());
            if !self.seen.contains_key(&finding.fingerprint) {
                self.seen
                    .insert(finding.fingerprint.clone(), self.list.len());
                self.list.push(finding);
            }
        }
        self.list.sort_by(|a, b| {
            (
                &a.app,
                a.factor,
                std::cmp::Reverse(a.severity),
                &a.evidence.path,
                a.evidence.start,
                a.rule,
                &a.message,
            )
                .cmp(&(
                    &b.app,
                    b.factor,
                    std::cmp::Reverse(b.severity),
                    &b.evidence.path,
                    b.evidence.start,
                    b.rule,
                    &b.message,
                ))
        });
        fingerprints
    }
}

/// The header of an app's report.
fn app_report(app: &App, criteria: Vec<xii_model::CriterionReport>) -> AppReport {
    AppReport {
        name: app.name.clone(),
        root: app.root.clone(),
        languages: app.languages.clone(),
        frameworks: app
            .frameworks
            .iter()
            .map(|framework| framework.name().to_owned())
            .collect(),
        process_types: process_types(app),
        config: config(app),
        resources: resources(app),
        git: app.git.as_ref().and_then(|git| {
            Some(GitHead {
                branch: git.branch.clone(),
                commit: git.commit.as_ref()?.chars().take(10).collect(),
                dirty: git.dirty,
            })
        }),
        criteria,
        run: None,
    }
}

/// The app's process types, each once: what a Procfile declares outranks what an image or a script
/// does.
fn process_types(app: &App) -> Vec<ProcessType> {
    const RANK: [&str; 6] = [
        "xii.toml",
        "Procfile",
        "Dockerfile",
        "kubernetes",
        "compose",
        "package.json",
    ];
    let rank = |process: &ProcessType| {
        RANK.iter()
            .position(|one| *one == process.source)
            .unwrap_or(RANK.len())
    };
    let mut types: Vec<ProcessType> = app
        .facts
        .process_types
        .iter()
        .filter(|fact| !places::in_devcontainer(&fact.at.path))
        .map(|fact| fact.what.clone())
        .collect();
    // A file that only a developer's machine takes in tells of a process last.
    let local = |process: &ProcessType| deploy_names::named_for_development(&process.at.path);
    types.sort_by(|a, b| (&a.name, local(a), rank(a)).cmp(&(&b.name, local(b), rank(b))));
    types.dedup_by(|later, first| later.name == first.name);
    types.sort_by_key(rank);
    types
}

/// The variables that the app reads or declares, by name.
fn config(app: &App) -> Vec<ConfigVariable> {
    let mut variables: BTreeMap<&str, ConfigVariable> = BTreeMap::new();
    let blank = |name: &str| ConfigVariable {
        name: name.to_owned(),
        required: false,
        secret: xii_model::is_secret_name(name),
        declared: false,
    };
    for read in app
        .facts
        .env_reads
        .iter()
        .filter(|read| read.scope.is_deployed())
    {
        let variable = variables
            .entry(&read.name)
            .or_insert_with(|| blank(&read.name));
        variable.required |= read.required == Some(true);
    }
    for declaration in &app.facts.declarations {
        let variable = variables
            .entry(&declaration.name)
            .or_insert_with(|| blank(&declaration.name));
        variable.declared = true;
        variable.required |= declaration.required == Some(true);
    }
    variables.into_values().collect()
}

/// The resources that the app attaches, each kind and variable once.
fn resources(app: &App) -> Vec<ResourceUse> {
    let mut uses: Vec<ResourceUse> = Vec::new();
    for client in app
        .facts
        .resource_clients
        .iter()
        .filter(|client| client.scope.is_deployed())
    {
        let found = ResourceUse {
            kind: client.kind.to_string(),
            variable: client.locator.env().map(str::to_owned),
        };
        if !uses.contains(&found) {
            uses.push(found);
        }
    }
    for attached in &app.facts.attached_resources {
        let kind = attached.kind.to_string();
        if !uses.iter().any(|one| one.kind == kind) {
            uses.push(ResourceUse {
                kind,
                variable: None,
            });
        }
    }
    // A client without a variable says nothing beside one with it.
    let named: Vec<String> = uses
        .iter()
        .filter(|one| one.variable.is_some())
        .map(|one| one.kind.clone())
        .collect();
    uses.retain(|one| one.variable.is_some() || !named.contains(&one.kind));
    uses.sort_by(|a, b| (&a.kind, &a.variable).cmp(&(&b.kind, &b.variable)));
    uses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_sentence_for_the_report() {
        for entry in RULES {
            let info = rule_info(entry);
            assert!(
                info.summary.ends_with('.'),
                "{}: {}",
                info.name,
                info.summary
            );
            assert!(info.docs.contains(&info.summary[..10]), "{}", info.name);
        }
    }
}

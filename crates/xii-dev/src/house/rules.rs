//! Every rule has its documentation and its repositories, and every criterion that code can answer
//! has a rule.

use xii_model::{Criterion, Factor};
use xii_rules::{Entry, RULES};

use crate::work;

/// Sections of a rule's documentation.
const SECTIONS: [&str; 3] = [
    "## What it looks for",
    "## Why it matters",
    "## What to do instead",
];

/// The folder of a factor's rules.
pub(crate) fn folder_of(factor: Factor) -> &'static str {
    match factor {
        Factor::I => "i_codebase",
        Factor::II => "ii_dependencies",
        Factor::III => "iii_config",
        Factor::IV => "iv_backing_services",
        Factor::V => "v_build_release_run",
        Factor::VI => "vi_processes",
        Factor::VII => "vii_port_binding",
        Factor::VIII => "viii_concurrency",
        Factor::IX => "ix_disposability",
        Factor::X => "x_parity",
        Factor::XI => "xi_logs",
        Factor::XII => "xii_admin",
        Factor::XIII => "xiii_api_first",
        Factor::XIV => "xiv_telemetry",
        Factor::XV => "xv_auth",
    }
}

/// What the rules lack.
pub(crate) fn check() -> Vec<String> {
    let mut wrong = Vec::new();
    for entry in RULES {
        wrong.extend(faults(entry));
    }
    for criterion in Criterion::all().filter(|criterion| criterion.from_code.is_some()) {
        if Entry::answering(criterion.id).next().is_none() {
            wrong.push(format!(
                "{}: the code can answer it, and no rule does",
                criterion.id
            ));
        }
    }
    wrong
}

fn faults(entry: &Entry) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = entry.rule.name;
    if name.replace('-', "_") != entry.file {
        wrong.push(format!("{name}: its file is called {}.rs", entry.file));
    }
    if entry.factor().map(folder_of) != Some(entry.folder) {
        wrong.push(format!(
            "{name}: the folder {} is no factor's",
            entry.folder
        ));
    }
    for section in SECTIONS
        .iter()
        .filter(|section| !entry.docs.contains(**section))
    {
        wrong.push(format!("{name}: its documentation lacks `{section}`"));
    }
    for id in entry.rule.criteria {
        match Criterion::find(id) {
            None => wrong.push(format!("{name}: no criterion is called {id}")),
            Some(criterion) if criterion.from_code.is_none() => {
                wrong.push(format!("{name}: {id} cannot be answered from code"))
            }
            Some(_) => {}
        }
    }
    let folder = work::root().join("fixtures/repos").join(name);
    for kind in ["breaks", "keeps"] {
        let found = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .any(|item| {
                item.file_name().to_string_lossy().starts_with(kind) && item.path().is_dir()
            });
        if !found {
            wrong.push(format!("{name}: fixtures/repos/{name}/{kind} is missing"));
        }
    }
    wrong
}

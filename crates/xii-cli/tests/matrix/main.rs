//! The twin matrix: every probe holds on the good app and is broken on its twin; and, where the whole matrix
//! is asked for (`XII_MATRIX=whole`), no other criterion changes its verdict on that twin unless the page
//! fixtures/apps/twins/README.md says so.
//!
//! Each twin is a test of its own, found by reading the table. All of them are proved as a user would do
//! it, by the real binary with every probe.

#[path = "../workbench/mod.rs"]
mod workbench;

mod apps;
mod proof;
mod table;

use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};

use apps::Apps;
use proof::{Proof, Verdict};
use table::{Twin, Wanted};

/// The app that the twins of the matrix are of.
const GOOD: &str = "good";
/// A twin of the good app breaks it, but that the good app keeps it its language, Rust, does not let a run
/// see: which variables it asks for.
const NOT_SEEN: &str = "III.3";
/// Criteria that ask the app's own build.
const OF_THE_BUILD: [&str; 3] = ["II.1", "II.2", "II.4"];

/// What the good app's criteria came to, proved once for all twins.
type Good = Arc<OnceLock<Result<Proof, String>>>;

fn main() {
    let mut arguments = Arguments::from_args();
    // A proof mostly waits: for an app to start, to drain, to come back.
    arguments.test_threads = arguments.test_threads.or(Some(3));
    let twins = match table::read() {
        Ok(twins) => twins,
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(1);
        }
    };
    let apps = Arc::new(Apps::new());
    let good: Good = Arc::default();
    let mut trials = Vec::new();
    {
        let (apps, good, twins) = (Arc::clone(&apps), Arc::clone(&good), twins.clone());
        trials.push(Trial::test(
            "the_good_app_keeps_what_its_twins_break",
            move || holds(&apps, &good, &twins),
        ));
    }
    trials.push(Trial::test(
        "every_criterion_that_a_run_can_answer_has_a_twin",
        {
            let twins = twins.clone();
            move || complete(&twins)
        },
    ));
    for twin in twins.into_iter().filter(|twin| twin.of == GOOD) {
        let (apps, good) = (Arc::clone(&apps), Arc::clone(&good));
        let name = format!("twin::{}", twin.name);
        trials.push(Trial::test(name, move || differs(&apps, &good, &twin)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn proved<'a>(apps: &Apps, good: &'a Good) -> Result<&'a Proof, Failed> {
    let proof = good.get_or_init(|| apps.prove(None));
    proof.as_ref().map_err(|why| why.clone().into())
}

/// Every criterion that a twin breaks holds on the good app.
fn holds(apps: &Apps, good: &Good, twins: &[Twin]) -> Result<(), Failed> {
    if apps.cannot("the_good_app_keeps_what_its_twins_break") {
        return Ok(());
    }
    let proof = proved(apps, good)?;
    let broken_by_twin =
        |id: &str| id != NOT_SEEN && twins.iter().any(|twin| twin.of == GOOD && twin.breaks(id));
    let faults: Vec<String> = proof
        .verdicts
        .iter()
        .filter(|(id, (verdict, _))| {
            *verdict == Verdict::Broken || (broken_by_twin(id) && *verdict != Verdict::Holds)
        })
        .map(|(id, (verdict, reason))| format!("{id} {verdict:?}: {reason}"))
        .collect();
    said(&faults)
}

/// No criterion with a run's answer is without a twin, but for those that the page leaves out with a reason.
fn complete(twins: &[Twin]) -> Result<(), Failed> {
    let left_out = table::left_out();
    let missing: Vec<String> = xii_model::Criterion::all()
        .filter(|one| one.from_run.is_some())
        .map(|one| one.id)
        .filter(|id| !twins.iter().any(|twin| twin.breaks(id)))
        .filter(|id| !left_out.iter().any(|one| one == id))
        .map(|id| format!("no twin breaks {id}"))
        .collect();
    said(&missing)
}

/// The twin has the verdicts that the page says, and nothing else differs from the app itself.
fn differs(apps: &Apps, good: &Good, twin: &Twin) -> Result<(), Failed> {
    if apps.cannot(&format!("twin::{}", twin.name)) {
        return Ok(());
    }
    let good = proved(apps, good)?;
    let proof = apps.prove(Some(twin)).map_err(Failed::from)?;
    let mut faults: Vec<String> = twin
        .asks
        .iter()
        .filter(|id| !proof.verdicts.contains_key(*id))
        .map(|id| format!("{id} was not answered"))
        .collect();
    for (id, (verdict, reason)) in &proof.verdicts {
        // Twins take a program that was built before, so what is asked of the build cannot be told.
        if OF_THE_BUILD.contains(&id.as_str()) && !twin.asks.contains(id) {
            continue;
        }
        let of_good = good.verdicts.get(id).map(|(verdict, _)| *verdict);
        if let Some(Wanted::Verdict(wanted)) = twin.wants(id, of_good)
            && wanted != *verdict
        {
            faults.push(format!("{id} is {verdict:?} and not {wanted:?}: {reason}"));
        }
    }
    said(&faults)
}

fn said(faults: &[String]) -> Result<(), Failed> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

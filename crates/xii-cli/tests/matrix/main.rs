//! The twin matrix: every probe holds on the good app and is broken on its twin, and no other criterion
//! changes its verdict on that twin unless the table in fixtures/apps/twins/README.md says why.
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
use table::Twin;

/// What the good app's criteria came to, proved once for all twins.
type Good = Arc<OnceLock<Result<Proof, String>>>;

fn main() {
    let arguments = Arguments::from_args();
    let twins = table::read().expect("fixtures/apps/twins/README.md has the table of twins");
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
    for twin in twins {
        let (apps, good) = (Arc::clone(&apps), Arc::clone(&good));
        let name = format!("twin::{}", twin.name);
        trials.push(Trial::test(name, move || broken(&apps, &good, &twin)));
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
    let faults: Vec<String> = proof
        .verdicts
        .iter()
        .filter(|(id, (verdict, _))| {
            let wanted = twins.iter().any(|twin| twin.breaks(id));
            *verdict == Verdict::Broken || (wanted && *verdict != Verdict::Holds)
        })
        .map(|(id, (verdict, reason))| format!("{id} {verdict:?}: {reason}"))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

/// No criterion with a run's answer is without a twin, but for those that the table leaves out with a reason.
fn complete(twins: &[Twin]) -> Result<(), Failed> {
    let left_out = table::left_out();
    let missing: Vec<&str> = xii_model::Criterion::all()
        .filter(|one| one.from_run.is_some())
        .map(|one| one.id)
        .filter(|id| {
            !twins.iter().any(|twin| twin.breaks(id)) && !left_out.iter().any(|one| one == id)
        })
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("no twin breaks {}", missing.join(", ")).into())
    }
}

/// The twin breaks its criterion, and nothing else differs from the good app but what the table says.
fn broken(apps: &Apps, good: &Good, twin: &Twin) -> Result<(), Failed> {
    if apps.cannot(&format!("twin::{}", twin.name)) {
        return Ok(());
    }
    let good = proved(apps, good)?;
    let proof = apps.prove(Some(twin)).map_err(Failed::from)?;
    let mut faults = Vec::new();
    for criterion in &twin.criteria {
        match proof.verdicts.get(criterion) {
            Some((Verdict::Broken, _)) => {}
            Some((verdict, reason)) => {
                faults.push(format!(
                    "{criterion} is {verdict:?} and not broken: {reason}"
                ));
            }
            None => faults.push(format!("{criterion} was not answered")),
        }
    }
    for (id, (verdict, reason)) in &proof.verdicts {
        let of_good = good.verdicts.get(id).map(|(verdict, _)| *verdict);
        if of_good != Some(*verdict) && !twin.breaks(id) && !twin.also.contains(id) {
            faults.push(format!(
                "{id} is {verdict:?}, and {of_good:?} on the good app: {reason}"
            ));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("\n").into())
    }
}

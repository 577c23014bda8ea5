//! Playing the probes: phase by phase, side by side where they do not mind.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::timeout;
use xii_model::{Trial, Verdict};

use super::lab::Lab;
use super::probe::{CouldNotTell, Need, Phase, Probe};
use super::progress::Progress;
use super::prove::early;
use super::stage::Stage;

/// Why a criterion is open whose probe was not done when the proof was stopped.
const INTERRUPTED: &str = "the proof was interrupted before this was told";

/// Plays probes and collects what they showed. Once it is stopped, what is being played is broken off, and left open
/// like what was still to come.
pub(super) async fn execute(
    lab: &Rc<Lab>,
    probes: &[&'static Probe],
    jobs: usize,
    tell: &dyn Fn(Progress),
    stopped: &watch::Receiver<bool>,
) -> Vec<Trial> {
    let played = RefCell::new(Vec::new());
    tokio::select! {
        () = play_all(lab, probes, jobs, tell, &played) => {}
        () = early(stopped) => {}
    }
    let played = played.into_inner();
    let missing = |probe: &&&'static Probe| played.iter().all(|(name, _)| *name != probe.name);
    let open: Vec<Trial> = probes
        .iter()
        .filter(missing)
        .flat_map(|probe| without(probe, Verdict::CouldNotTell, INTERRUPTED))
        .collect();
    let told = played.into_iter().flat_map(|(_, told)| told);
    told.chain(open).collect()
}

async fn play_all(
    lab: &Rc<Lab>,
    probes: &[&'static Probe],
    jobs: usize,
    tell: &dyn Fn(Progress),
    played: &RefCell<Vec<(&'static str, Vec<Trial>)>>,
) {
    let total = probes.len();
    let mut done = 0;
    if probes.iter().any(|one| one.needs.contains(&Need::Healthy)) {
        tell(Progress::Starting);
        release(lab).await;
        // So that no probe's own time is spent on it. Why it failed is told by each.
        let _ = lab.healthy().await;
    }
    for phase in Phase::ALL {
        let of_phase = probes.iter().filter(|one| one.phase == phase);
        let (alone, together): (Vec<&Probe>, Vec<&Probe>) = of_phase.partition(|one| one.alone);
        // What one probe starts of an app with a fixed port would be in another's way.
        let side_by_side = match lab.fixed.get() {
            Some(_) => 1,
            None => jobs.max(1),
        };
        let mut playing = stream::iter(together)
            .map(|probe| async move {
                tell(Progress::Playing(probe.name));
                (probe, play(lab, probe).await)
            })
            .buffer_unordered(side_by_side);
        while let Some((probe, told)) = playing.next().await {
            done += 1;
            tell(Progress::Played {
                name: probe.name,
                done,
                total,
            });
            played.borrow_mut().push((probe.name, told));
        }
        drop(playing);
        for probe in alone {
            tell(Progress::Playing(probe.name));
            let told = play(lab, probe).await;
            played.borrow_mut().push((probe.name, told));
            done += 1;
            tell(Progress::Played {
                name: probe.name,
                done,
                total,
            });
        }
    }
}

/// What a platform does before it starts a release: the task that brings the schema to where the code wants
/// it. That it fails is told, and is nobody's verdict: the probe of tasks judges it.
async fn release(lab: &Rc<Lab>) {
    if lab.standing().next().is_none() {
        return;
    }
    let stage = Stage::new(lab, &RELEASE);
    let Some(task) = crate::tasks::migrations(&stage).into_iter().next() else {
        return;
    };
    let ended = match stage.start(task.setup(&stage)).await {
        Ok(run) => {
            let ended = run.ended(RELEASE.limit).await;
            let said = run.record.complaint().unwrap_or_default();
            run.kill().await;
            match ended {
                Some(end) if end.code == Some(0) => return,
                Some(end) => format!("it {}; it said: {said}", end.words()),
                None => format!("it was not done after {} s", RELEASE.limit.as_secs()),
            }
        }
        Err(why) => why.0,
    };
    let note = format!(
        "the task `{}` before the first start failed: {ended}",
        task.name
    );
    lab.notes.borrow_mut().push(lab.leaks.masked(&note));
}

/// Stands for the task before the first start where a probe is asked for.
static RELEASE: Probe = Probe {
    name: "release",
    criteria: &[],
    phase: Phase::Start,
    needs: &[],
    severity: xii_model::Severity::Note,
    limit: Duration::from_secs(120),
    alone: true,
    run: |_| Box::pin(async { Ok(()) }),
};

/// Plays one probe within its limit.
async fn play(lab: &Rc<Lab>, probe: &'static Probe) -> Vec<Trial> {
    if let Some((verdict, reason)) = unmet(lab, probe).await {
        return without(probe, verdict, &lab.leaks.masked(&reason));
    }
    let mut stage = Stage::new(lab, probe);
    let began = Instant::now();
    let failed = match timeout(probe.limit, (probe.run)(&mut stage)).await {
        Ok(Ok(())) => None,
        Ok(Err(why)) => Some(why),
        Err(_) => Some(CouldNotTell(format!(
            "the probe `{}` was not done after {} s",
            probe.name,
            probe.limit.as_secs()
        ))),
    };
    stage.trials(failed.as_ref(), began.elapsed())
}

/// What a probe cannot do without and is not there.
async fn unmet(lab: &Lab, probe: &Probe) -> Option<(Verdict, String)> {
    let untold = |reason: &str| Some((Verdict::CouldNotTell, reason.to_owned()));
    let none = |reason: &str| Some((Verdict::NotApplicable, reason.to_owned()));
    for need in probe.needs {
        let found = match need {
            Need::Build => lab
                .staged
                .as_ref()
                .err()
                .and_then(|why| untold(&why.to_string())),
            Need::Web if lab.web().is_none() => none("the app answers no HTTP requests"),
            Need::Healthy if lab.web().is_none() => none("the app answers no HTTP requests"),
            Need::Healthy => lab.known().await.err().and_then(|why| untold(&why.0)),
            Need::Worker if lab.workers().is_empty() => none("the app takes no work from a queue"),
            Need::Witness => lab
                .witness
                .as_ref()
                .err()
                .and_then(|why| untold(&format!("this needs the witness: {why}"))),
            Need::Resource => no_resource(lab),
            Need::Web | Need::Worker => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn no_resource(lab: &Lab) -> Option<(Verdict, String)> {
    if lab.standing().next().is_some() {
        return None;
    }
    let missing: Vec<String> = lab
        .provided
        .resources
        .iter()
        .filter_map(|one| Some(format!("{}: {}", one.name, one.target.as_ref().err()?)))
        .collect();
    Some(
        if let (true, Some(client)) = (missing.is_empty(), lab.unnamed()) {
            (Verdict::CouldNotTell, client)
        } else if missing.is_empty() {
            (
                Verdict::NotApplicable,
                "the app attaches no backing service over the network".to_owned(),
            )
        } else {
            (
                Verdict::CouldNotTell,
                format!("nothing stands for {}", missing.join("; ")),
            )
        },
    )
}

/// The same of all criteria of a probe that was not played.
fn without(probe: &'static Probe, verdict: Verdict, reason: &str) -> Vec<Trial> {
    let trial = |criterion: &&'static str| Trial {
        probe: probe.name,
        criterion,
        verdict,
        reason: reason.to_owned(),
        severity: probe.severity,
        transcript: Vec::new(),
        took_ms: 0,
    };
    probe.criteria.iter().map(trial).collect()
}

//! Looks whether the process that was started stays, and whether any writes a PID file.
//!
//! A process that forks away looks finished to whoever started it, and one that serves from a group or session of its
//! own is missed by whoever stops the group. So the process that listens is looked at: other children may leave their
//! group, as job runners and browsers do, and are only told of. A PID file is a file that holds the id of one of the instance's
//! own processes, or is named like one and holds a number; the witness tells which files were written.
//!
//! A PID file that is removed again before the look is not seen.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use xii_model::{Deed, Mark, Purpose, Severity, What};

use crate::engine::{Need, Phase, Probe, Run, Stage, Steps};
use crate::signals::{named, servers};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "foreground",
    criteria: &["VIII.2"],
    phase: Phase::Idle,
    needs: &[Need::Healthy],
    severity: Severity::Warning,
    limit: Duration::from_secs(30),
    alone: false,
    run,
};

/// The longest file that is read: a number and little else.
const LONGEST: u64 = 64;
/// The most files that are read.
const MOST: usize = 2000;

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let run = stage.healthy().await?;
        let leader = run.pid.as_raw_pid();
        let mut broken = false;
        if let Some(end) = run.end()
            && let Some(server) = servers(&run).first()
        {
            let server = named(server.pid);
            stage.broken(
                "VIII.2",
                format!(
                    "the process that was started {}, and {server} serves on in the background",
                    end.words()
                ),
            );
            broken = true;
        }
        let stray = servers(&run).into_iter().find(|one| one.group != leader);
        if let Some(stray) = stray.filter(|_| !broken) {
            let (server, leader) = (named(stray.pid), named(leader));
            stage.broken(
                "VIII.2",
                format!("{server}, which serves, left the process group of {leader}, which was started: who stops the group misses it"),
            );
            broken = true;
        }
        for event in run.record.all() {
            let What::Act(act) = &event.what else {
                continue;
            };
            if let Deed::Left { .. } = act.deed
                && act.pid != leader.cast_unsigned()
            {
                stage.cite(&event, Mark::Seen);
            }
        }
        if stage.witness().is_err() {
            if !broken {
                stage.witness()?;
            }
            return Ok(());
        }
        if let Some((path, holds)) = pid_file(&run) {
            let event = run.record.first(
                |event| matches!(&event.what, What::Act(act) if written(&act.deed) == Some(&path)),
            );
            if let Some(event) = event {
                stage.cite(&event, Mark::Against);
            }
            let shown = stage.shown(&run, &path);
            stage.broken("VIII.2", format!("{shown} is a PID file: it holds {holds}"));
            broken = true;
        }
        if !broken {
            let leader = named(leader);
            stage.holds(
                "VIII.2",
                format!("{leader} stays in the foreground, and no PID file was written"),
            );
        }
        Ok(())
    })
}

/// The file that a deed wrote.
fn written(deed: &Deed) -> Option<&String> {
    match deed {
        Deed::Opened { path, purpose } if *purpose != Purpose::Read => Some(path),
        Deed::Renamed { to, .. } => Some(to),
        _ => None,
    }
}

/// A PID file that an instance wrote, and what it holds in words.
fn pid_file(run: &Run) -> Option<(String, String)> {
    let acts = run.record.acts();
    let paths: BTreeSet<&String> = acts
        .iter()
        .filter_map(|(_, act)| written(&act.deed))
        .collect();
    let own: BTreeSet<u32> = run
        .processes()
        .iter()
        .map(|one| one.pid.cast_unsigned())
        .chain(acts.iter().map(|(_, act)| act.pid))
        .chain([run.pid.as_raw_pid().cast_unsigned()])
        .collect();
    paths
        .into_iter()
        .filter(|path| {
            !["/proc/", "/dev/", "/sys/"]
                .iter()
                .any(|folder| path.starts_with(folder))
        })
        .take(MOST)
        .find_map(|path| Some((path.clone(), tells(path, &number(path)?, &own)?)))
}

/// The number that a small file holds, and nothing else.
fn number(path: &str) -> Option<String> {
    let file = File::open(path).ok()?;
    let about = file.metadata().ok()?;
    if !about.is_file() || about.len() > LONGEST {
        return None;
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    // PostgreSQL's way: the number stands in the first line.
    let first = text.lines().next().unwrap_or_default().trim();
    let number =
        !first.is_empty() && first.len() <= 10 && first.chars().all(|one| one.is_ascii_digit());
    number.then(|| first.to_owned())
}

/// What makes it a PID file, in words.
fn tells(path: &str, number: &str, own: &BTreeSet<u32>) -> Option<String> {
    let name = Path::new(path).file_name()?.to_str()?.to_ascii_lowercase();
    let like = name.ends_with(".pid") || name.ends_with("pidfile") || name == "pid";
    let is_own = number
        .parse()
        .is_ok_and(|number: u32| number > 1 && own.contains(&number));
    match (is_own, like) {
        (true, _) => Some(format!("{number}, the id of one of its own processes")),
        (false, true) => Some(format!("the number {number}, and is named like one")),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_known_by_what_it_holds() {
        let own = BTreeSet::from([4711]);
        assert!(tells("/srv/tmp/state", "4711", &own).is_some());
        assert!(tells("/srv/tmp/server.pid", "99", &own).is_some());
        assert!(tells("/srv/tmp/counter", "99", &own).is_none());
    }

    #[test]
    fn only_a_number_is_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |text: &str| {
            let path = folder.path().join("file");
            std::fs::write(&path, text).expect("it is written");
            number(path.to_str().expect("a path in UTF-8"))
        };
        assert_eq!(read("4711\n").as_deref(), Some("4711"));
        assert_eq!(read("4711\n/data\n").as_deref(), Some("4711"));
        for text in ["", "a4711", "47 11", "{}", &"1".repeat(80)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

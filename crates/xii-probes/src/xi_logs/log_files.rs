//! Looks among the files that the app wrote for log files.
//!
//! Every run of the proof is looked at: a file that is opened to be appended to or made, and whose name or
//! folder is one of logs. Standard output and standard error by their names in `/dev` and `/proc` are none,
//! nor are journals of databases and of package managers.

use std::time::Duration;

use xii_model::{Deed, Mark, Purpose, Severity, What};

use crate::engine::{Need, Phase, Probe, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "written-log-file",
    criteria: &["XI.2"],
    phase: Phase::After,
    needs: &[Need::Healthy, Need::Witness],
    severity: Severity::Warning,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        stage.exercised().await?;
        let mut runs = 0;
        for (instance, record) in stage.history() {
            runs += 1;
            for event in record.all() {
                let What::Act(act) = &event.what else {
                    continue;
                };
                let Deed::Opened { path, purpose } = &act.deed else {
                    continue;
                };
                if matches!(purpose, Purpose::Append | Purpose::Create | Purpose::Write)
                    && is_log(path)
                {
                    stage.cite(&event, Mark::Against);
                    let name = path.rsplit('/').next().unwrap_or(path);
                    let how = if *purpose == Purpose::Append {
                        "appends to"
                    } else {
                        "writes"
                    };
                    stage.broken(
                        "XI.2",
                        format!("{instance} {how} the log file {name} ({path})"),
                    );
                    return Ok(());
                }
            }
        }
        let count = if runs == 1 {
            "one run".to_owned()
        } else {
            format!("{runs} runs")
        };
        stage.holds(
            "XI.2",
            format!("no log file was opened to be written in {count}"),
        );
        Ok(())
    })
}

/// Whether a path is that of a log file.
fn is_log(path: &str) -> bool {
    const NOT_THE_APPS: [&str; 6] = [
        "/dev/",
        "/proc/",
        "/.npm/",
        "/_logs/",
        "/node_modules/",
        "/.cache/",
    ];
    if NOT_THE_APPS.iter().any(|part| path.contains(part)) {
        return false;
    }
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    // `app.log`, `app.log.1`, `app-2026-11-20.log.gz`; not `dialog`, and not a database's `000003.log`.
    let by_name = name.split('.').skip(1).any(|part| part == "log")
        && !name
            .split('.')
            .next()
            .unwrap_or_default()
            .chars()
            .all(|one| one.is_ascii_digit());
    let folder = lower.rsplit_once('/').map_or("", |(folder, _)| folder);
    let in_folder =
        folder.ends_with("/log") || folder.ends_with("/logs") || folder.starts_with("/var/log");
    by_name || (in_folder && !name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::is_log;

    #[test]
    fn log_files_are_told_from_others() {
        for path in [
            "/app/logs/error",
            "/app/app.log",
            "/tmp/a.log.1",
            "/var/log/app/out.txt",
            "/app/log/production.log",
        ] {
            assert!(is_log(path), "{path}");
        }
        for path in [
            "/dev/stdout",
            "/proc/self/fd/1",
            "/app/dialog.js",
            "/app/db/000003.log",
            "/home/.npm/_logs/x.log",
            "/app/catalog",
        ] {
            assert!(!is_log(path), "{path}");
        }
    }
}

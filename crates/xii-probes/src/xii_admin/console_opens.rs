//! Opens the app's console with the config of its processes, types an empty line, and closes it.
//!
//! The console is the task that xii.toml, the Procfile or a manifest calls so (`console`, `shell`, `repl`),
//! or that the framework brings (`manage.py shell`). It runs as web does: from the same build, with the
//! same variables, before the same resources. It should end with 0 when its input ends.
//!
//! A console that wants a terminal cannot be told: there is none here.

use std::time::Duration;

use xii_model::{Mark, Severity, What};

use crate::engine::{Need, Phase, Probe, Stage, Steps};
use crate::tasks::consoles;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "console-opens",
    criteria: &["XII.5"],
    phase: Phase::After,
    needs: &[Need::Build],
    severity: Severity::Note,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// How long a console may take to open and to close.
const WITHIN: Duration = Duration::from_secs(30);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let Some(console) = consoles(stage).into_iter().next() else {
            stage.could_not_tell(
                "XII.5",
                "no console is declared: name its command in xii.toml ([tasks] console = \"…\")",
            );
            return Ok(());
        };
        stage.note(format!(
            "opening `{}` ({}), with an empty line as its input",
            console.command, console.origin
        ));
        let command = format!(
            "printf '\\n' | {{ {} ; }}",
            console.command.trim_end_matches(';')
        );
        let run = stage.start(console.setup(stage).running(command)).await?;
        let ended = run.ended(WITHIN).await;
        run.kill().await;
        if let Some(event) = run
            .record
            .first(|one| matches!(one.what, What::Exited { .. }))
        {
            let good = ended.is_some_and(|end| end.code == Some(0));
            stage.cite(&event, if good { Mark::For } else { Mark::Against });
        }
        let said = run.record.complaint();
        let wants_terminal = run.record.last_words(50).iter().any(|line| {
            let line = line.to_ascii_lowercase();
            [
                "not a tty",
                "not a terminal",
                "inappropriate ioctl",
                "requires a tty",
                "no tty",
            ]
            .iter()
            .any(|sign| line.contains(sign))
        });
        let said = said.map_or(String::new(), |line| format!("; it said: {line}"));
        match ended {
            None => stage.could_not_tell(
                "XII.5",
                format!(
                    "`{}` had not ended {} s after its input did",
                    console.command,
                    WITHIN.as_secs()
                ),
            ),
            Some(end) if end.code == Some(0) => stage.holds(
                "XII.5",
                format!(
                    "`{}` opens with web's config and ends well",
                    console.command
                ),
            ),
            Some(_) if wants_terminal => stage.could_not_tell(
                "XII.5",
                format!(
                    "`{}` wants a terminal, and there is none here",
                    console.command
                ),
            ),
            // What is not there is nobody's console: the machine, or the resources, may be at fault.
            Some(end)
                if end.code == Some(127)
                    || stage
                        .provided()
                        .resources
                        .iter()
                        .any(|one| one.target.is_err()) =>
            {
                stage.could_not_tell(
                    "XII.5",
                    format!("`{}` {}{said}", console.command, end.words()),
                );
            }
            Some(end) => stage.broken(
                "XII.5",
                format!("the console `{}` {}{said}", console.command, end.words()),
            ),
        }
        Ok(())
    })
}

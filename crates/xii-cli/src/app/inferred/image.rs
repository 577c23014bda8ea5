//! A process type from the image that is built of the app.

use xii_model::{App, CommandLine, Instruction};

use super::infer::{Found, without_shell};

/// What a container of the image starts. What lies in the image alone cannot be started here: an
/// entrypoint outside the app's folder.
pub(super) fn start(app: &App) -> Option<Found> {
    let image = app
        .facts
        .images
        .iter()
        .find(|image| image.scope.is_deployed() && image.variant.is_none())?;
    let (mut entry, mut command) = (None, None);
    for step in image.effective_steps() {
        match &step.does {
            Instruction::Entrypoint(line) => {
                entry = Some((line, &step.at));
                command = None;
            }
            Instruction::Cmd(line) => command = Some((line, &step.at)),
            _ => {}
        }
    }
    let (words, at) = match (entry, command) {
        (Some((entry, _)), Some((command, at))) if !entry.shell => {
            (format!("{} {}", shown(entry), shown(command)), at)
        }
        (Some((line, at)), _) | (None, Some((line, at))) => (shown(line), at),
        (None, None) => return None,
    };
    let command = words.trim().trim_start_matches("exec ");
    let program = command.split_whitespace().next()?;
    // `/app/entrypoint.sh` is somewhere else on this machine.
    let inside =
        program.starts_with('/') && !program.starts_with("/bin/") && !program.starts_with("/usr/");
    (!inside).then(|| Found {
        command: command.to_owned(),
        origin: format!(
            "{} {}",
            at.path,
            if entry.is_some() { "ENTRYPOINT" } else { "CMD" }
        ),
        remark: None,
    })
}

/// A command as a shell has to read it.
fn shown(line: &CommandLine) -> String {
    if line.shell {
        return line.line();
    }
    if let [shell, flag, script] = line.words.as_slice()
        && flag == "-c"
        && without_shell(&format!("{shell} -c {script}")) == script
    {
        return script.clone();
    }
    let words: Vec<String> = line.words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// A word as a shell has to read it to get it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@,+%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

use std::path::PathBuf;
use std::time::Duration;

use super::{Check, Faulty, Formation, How, Kind, Process, Restart};

/// Instances of this type are the commands of `xii run`.
const RESERVED: &str = "run";
/// The most process types: each has a block of a hundred ports.
const MOST_TYPES: usize = 500;

/// What xii.toml says of one process type. What it does not say is the Procfile's, or the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Where it is declared, such as `xii.toml:4`.
    pub origin: String,
    /// See [`Process::command`].
    pub command: Option<String>,
    /// See [`Process::kind`].
    pub kind: Option<Kind>,
    /// See [`Process::count`].
    pub count: Option<u32>,
    /// See [`Process::folder`].
    pub folder: Option<PathBuf>,
    /// See [`Process::environment`].
    pub environment: Vec<(String, String)>,
    /// See [`Process::ready`].
    pub ready: Option<Check>,
    /// See [`Process::live`].
    pub live: Option<Check>,
    /// See [`Process::depends_on`].
    pub depends_on: Vec<String>,
    /// See [`Process::restart`].
    pub restart: Option<Restart>,
    /// See [`Process::grace`].
    pub grace: Option<Duration>,
    /// See [`Process::listens`].
    pub listens: Option<bool>,
    /// See [`Process::watch`].
    pub watch: Vec<String>,
}

impl Formation {
    /// The formation of what a Procfile declares (or what was inferred) and of what xii.toml says: a
    /// type of the same name keeps its place and what xii.toml does not say of it, other types follow.
    ///
    /// # Errors
    /// Types without a command, and dependencies that can never be met.
    pub fn composed(base: Vec<Process>, declared: Vec<Declared>) -> Result<Formation, Faulty> {
        let mut formation = Formation { processes: base };
        let mut faults = Vec::new();
        for process in &mut formation.processes {
            process.listens = listens(process);
        }
        for one in declared {
            let known = formation
                .processes
                .iter_mut()
                .find(|process| process.name == one.name);
            match (known, &one.command) {
                (Some(process), _) => extend(process, one),
                (None, Some(command)) => {
                    let mut process = Process::new(one.name.clone(), command.clone());
                    extend(&mut process, one);
                    formation.processes.push(process);
                }
                (None, None) => faults.push(format!(
                    "{}: `{}` has no command: give it `command = \"…\"`, or declare it in a Procfile",
                    one.origin, one.name
                )),
            }
        }
        if formation.processes.len() > MOST_TYPES {
            faults.push(format!(
                "{} process types are declared: {MOST_TYPES} are the most that have ports",
                formation.processes.len()
            ));
            return Err(Faulty(faults));
        }
        let reserved = formation.process(RESERVED);
        faults.extend(reserved.map(|process| {
            format!(
                "{}: `{RESERVED}` is what one-off tasks are called: give the process type another name",
                process.origin
            )
        }));
        faults.extend(formation.unmet());
        Faulty::unless(faults, formation)
    }
}

fn extend(process: &mut Process, declared: Declared) {
    // Where the command is written is where a reader has to look.
    if let Some(command) = declared.command {
        process.command = command;
        process.origin = declared.origin;
    }
    if let Some(kind) = declared.kind {
        process.kind = kind;
    }
    if let Some(count) = declared.count {
        process.count = count;
    }
    if let Some(grace) = declared.grace {
        process.grace = grace;
    }
    process.folder = declared.folder.or(process.folder.take());
    process.ready = declared.ready.or(process.ready.take());
    process.live = declared.live.or(process.live.take());
    process.restart = declared.restart.or(process.restart);
    process.environment.extend(declared.environment);
    process.depends_on.extend(declared.depends_on);
    process.watch.extend(declared.watch);
    process.listens = declared.listens.unwrap_or_else(|| listens(process));
}

/// Whether a type listens by all signs: it is `web`, it is asked over the network whether it is ready,
/// or its command names its port.
fn listens(process: &Process) -> bool {
    let asked = [&process.ready, &process.live]
        .into_iter()
        .flatten()
        .any(|check| matches!(check.how, How::Http(_) | How::Tcp));
    process.name == "web" || asked || names_port(&process.command)
}

/// Whether a command line names `$PORT` or `${PORT…}`.
fn names_port(command: &str) -> bool {
    let goes_on =
        |rest: &str| rest.starts_with(|next: char| next == '_' || next.is_ascii_alphanumeric());
    ["$PORT", "${PORT"]
        .iter()
        .flat_map(|name| command.match_indices(name))
        .any(|(at, name)| !goes_on(command.get(at + name.len()..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(name: &str) -> Declared {
        Declared {
            name: name.to_owned(),
            origin: "xii.toml:3".to_owned(),
            ..Declared::default()
        }
    }

    #[test]
    fn xii_toml_extends_what_the_procfile_declares() {
        let base = vec![Process::new("web", "a"), Process::new("worker", "b")];
        let formation = Formation::composed(
            base,
            vec![
                Declared {
                    command: Some("clock".to_owned()),
                    kind: Some(Kind::Schedule("* * * * *".to_owned())),
                    ..declared("clock")
                },
                Declared {
                    count: Some(3),
                    depends_on: vec!["worker".to_owned()],
                    ..declared("web")
                },
                Declared {
                    command: Some("c".to_owned()),
                    ..declared("worker")
                },
            ],
        )
        .expect("a formation");
        let told: Vec<_> = formation
            .processes
            .iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.command.as_str(),
                    one.count,
                    one.origin.as_str(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("web", "a", 3, ""),
                ("worker", "c", 1, "xii.toml:3"),
                ("clock", "clock", 1, "xii.toml:3"),
            ]
        );
        assert_eq!(formation.processes[0].depends_on, ["worker"]);
    }

    #[test]
    fn a_type_without_a_command_is_told() {
        let error = Formation::composed(Vec::new(), vec![declared("api"), declared("jobs")])
            .expect_err("no command");
        assert_eq!(
            error.to_string(),
            "xii.toml:3: `api` has no command: give it `command = \"…\"`, or declare it in a Procfile\n\
             xii.toml:3: `jobs` has no command: give it `command = \"…\"`, or declare it in a Procfile"
        );
    }

    #[test]
    fn types_listen_by_every_sign() {
        let listens = |name: &str, command: &str, ready, said| {
            let declared = Declared {
                ready: Option::<How>::map(ready, Check::new),
                listens: said,
                ..declared(name)
            };
            let base = vec![Process::new(name, command)];
            let formation = Formation::composed(base, vec![declared]).expect("a formation");
            formation.processes[0].listens
        };
        assert!(listens("web", "a", None, None));
        assert!(!listens("web", "a", None, Some(false)));
        assert!(!listens("worker", "a", None, None));
        assert!(listens("worker", "a", None, Some(true)));
        assert!(listens("api", "a -p $PORT", None, None));
        assert!(listens("api", "a --bind 0.0.0.0:${PORT:-80}", None, None));
        assert!(!listens("api", "a $PORTAL ${PORTS}", None, None));
        assert!(listens("api", "a", Some(How::Tcp), None));
        assert!(!listens("api", "a", Some(How::Line("up".to_owned())), None));
    }
}

//! What of the build's folder reaches the image that runs, when a `COPY . .` takes all of it.
//!
//! A build in stages throws most of its stages away: what a `COPY` brought into one of them is in the
//! image only if the last stage starts from it or takes a folder of it with `COPY --from`.

use xii_model::{Image, Instruction, Stage, Step};

/// More folders than this are not followed: no image of a person's has as many.
const MOST: usize = 200;

/// A folder of the build's folder that lies in an image.
#[derive(Clone)]
pub(crate) struct Carried<'a> {
    /// The step that took it there from outside.
    pub(crate) step: &'a Step,
    /// Its path below the build's folder; empty for all of it.
    pub(crate) folder: String,
    /// Its path in the stage.
    at: String,
}

/// A stage after its last step.
#[derive(Clone, Default)]
struct State<'a> {
    folder: String,
    carried: Vec<Carried<'a>>,
}

/// Whether a copy takes the whole of the build's folder.
pub(crate) fn sweeps(does: &Instruction) -> bool {
    matches!(does, Instruction::Copy { sources, from: None, .. }
        if sources.iter().any(|source| is_all(source)))
}

fn is_all(source: &str) -> bool {
    matches!(source, "." | "./" | "*" | "./*" | "/")
}

/// What the stage that runs holds of what was swept along, in the order of the steps. Commands that
/// move files within a stage are not followed.
pub(crate) fn into_what_runs(image: &Image) -> Vec<Carried<'_>> {
    let mut states: Vec<State<'_>> = Vec::new();
    for stage in &image.stages {
        let state = after(image, stage, &states);
        states.push(state);
    }
    states.pop().unwrap_or_default().carried
}

fn after<'a>(image: &'a Image, stage: &'a Stage, before: &[State<'a>]) -> State<'a> {
    let mut state = stage
        .parent
        .and_then(|parent| before.get(parent))
        .cloned()
        .unwrap_or_else(|| State {
            folder: "/".to_owned(),
            carried: Vec::new(),
        });
    for step in &stage.steps {
        match &step.does {
            Instruction::WorkDir { path } => state.folder = joined(&state.folder, path),
            Instruction::Copy {
                sources,
                target,
                from,
                ..
            } => {
                let target = joined(&state.folder, target);
                match from {
                    None if sweeps(&step.does) => state.carried.push(Carried {
                        step,
                        folder: String::new(),
                        at: target,
                    }),
                    None => {}
                    Some(from) => {
                        let taken = numbered(image, from)
                            .and_then(|number| before.get(number))
                            .map(|other| taken(other, sources, &target))
                            .unwrap_or_default();
                        state.carried.extend(taken);
                    }
                }
                state.carried.truncate(MOST);
            }
            _ => {}
        }
    }
    state
}

/// What `COPY --from` takes of another stage.
fn taken<'a>(other: &State<'a>, sources: &[String], target: &str) -> Vec<Carried<'a>> {
    let mut taken = Vec::new();
    for source in sources {
        // A pattern at the end takes what the folder holds, but it names no folder of its own.
        let folder = source.strip_suffix("/*").unwrap_or(source);
        if folder.contains(['$', '*', '?', '[']) {
            continue;
        }
        // Sources in another stage are taken from its root.
        let folder = joined("/", folder);
        for one in &other.carried {
            if let Some(rest) = below(&one.at, &folder) {
                taken.push(Carried {
                    at: joined(target, rest),
                    ..one.clone()
                });
            } else if let Some(rest) = below(&folder, &one.at) {
                taken.push(Carried {
                    step: one.step,
                    folder: joined(&format!("/{}", one.folder), rest)
                        .trim_start_matches('/')
                        .to_owned(),
                    at: target.to_owned(),
                });
            }
        }
    }
    taken
}

/// The number of the stage that `--from` names, by its name or its number.
fn numbered(image: &Image, from: &str) -> Option<usize> {
    let named = image.stages.iter().rposition(|stage| {
        stage
            .name
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(from))
    });
    named.or_else(|| from.parse().ok())
}

/// What is left of a path below a folder, without a slash at its start.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() {
        return Some(path.trim_start_matches('/'));
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// A path as seen from a folder, without `.` and `..`.
fn joined(folder: &str, path: &str) -> String {
    let base = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use xii_model::ImageRef;

    use super::*;
    use crate::specimen::place;

    /// An image of stages, each with a name and its lines: `WORKDIR path`, `COPY [--from=x] source target`.
    fn image(stages: &[(&str, Option<usize>, &[&str])]) -> Image {
        let step = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let does = match words.as_slice() {
                ["WORKDIR", path] => Instruction::WorkDir {
                    path: (*path).to_owned(),
                },
                ["COPY", rest @ ..] => {
                    let from = rest.first().and_then(|word| word.strip_prefix("--from="));
                    let paths = rest.get(usize::from(from.is_some())..).unwrap_or_default();
                    let (target, sources) = paths.split_last().expect("a target");
                    Instruction::Copy {
                        sources: sources.iter().map(|&one| one.to_owned()).collect(),
                        target: (*target).to_owned(),
                        from: from.map(str::to_owned),
                        add: false,
                    }
                }
                other => panic!("{other:?}"),
            };
            Step {
                at: place("Dockerfile", 1),
                does,
            }
        };
        Image {
            variant: None,
            stages: stages
                .iter()
                .map(|(name, parent, lines)| Stage {
                    at: place("Dockerfile", 1),
                    name: (!name.is_empty()).then(|| (*name).to_owned()),
                    base: ImageRef::default(),
                    parent: *parent,
                    steps: lines.iter().map(step).collect(),
                })
                .collect(),
        }
    }

    fn folders(stages: &[(&str, Option<usize>, &[&str])]) -> Vec<String> {
        into_what_runs(&image(stages))
            .into_iter()
            .map(|one| format!("{}:{}", one.folder, one.at))
            .collect()
    }

    const BUILT: (&str, Option<usize>, &[&str]) = ("build", None, &["WORKDIR /app", "COPY . ."]);

    #[test]
    fn only_what_lands_in_the_last_stage_counts() {
        assert_eq!(folders(&[BUILT]), [":/app"]);
        for (takes, expected) in [
            ("COPY --from=build /app/build-out/web .", "build-out/web:/"),
            ("COPY --from=build /app /srv", ":/srv"),
            ("COPY --from=0 /app/ .", ":/"),
            ("COPY --from=BUILD /app/* ./", ":/"),
            ("COPY --from=build / /all", ":/all/app"),
        ] {
            assert_eq!(folders(&[BUILT, ("", None, &[takes])]), [expected]);
        }
        for takes in [
            "COPY --from=build /usr/local/bin /usr/local/bin",
            "COPY --from=build /application .",
            "COPY --from=nginx /app .",
            "COPY --from=7 /app .",
            "COPY package.json .",
        ] {
            assert_eq!(folders(&[BUILT, ("", None, &[takes])]), [""; 0], "{takes}");
        }
    }

    #[test]
    fn stages_are_followed_through_each_other() {
        let last = (
            "",
            None,
            &["WORKDIR /srv", "COPY --from=pruned /out/api api"][..],
        );
        let through = ("pruned", None, &["COPY --from=build /app /out"][..]);
        assert_eq!(folders(&[BUILT, through, last]), ["api:/srv/api"]);
        assert_eq!(folders(&[BUILT, ("", Some(0), &[][..])]), [":/app"]);
        let upward = ("", None, &["COPY --from=build /app/../app/x/.. ."][..]);
        assert_eq!(folders(&[BUILT, upward]), [":/"]);
    }
}

//! Finds images that take a developer's `.env` file along.
//!
//! ## What it looks for
//!
//! A `COPY` of an env file, and a `COPY . .` in an app that works with `.env` files while no
//! `.dockerignore` leaves them out. Of a build in stages only what lands in the last one counts: a
//! stage that is thrown away may hold anything.
//!
//! ## Why it matters
//!
//! `COPY . .` takes what lies in the folder, and git's ignore list has no say in it. The file with a
//! developer's passwords ends in the image, and the app may even read it in production, where it
//! hides that a variable was never set.
//!
//! ## What to do instead
//!
//! ```text
//! # .dockerignore
//! .env
//! .env.*
//! !.env.example
//! .git
//! node_modules
//! ```

use xii_model::{
    App, Confidence, ConfigFileKind, DeclarationSource, Edit, Evidence, Fact, IgnoreList, Image,
    Instruction, Severity, is_secret_name,
};

use crate::carried::{self, below};
use crate::deploy_names::{file_name, folder};
use crate::{Claims, Rule, images};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "env-file-in-image",
    criteria: &["V.5"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    // One ignore list serves all images, so what it lacks is said once.
    let mut said = false;
    for image in images::deployed(app) {
        if !named(app, image, claims) && !said {
            said = swept_along(app, image, claims);
        }
    }
}

/// A `COPY` that names an env file.
fn named(app: &App, image: &Fact<Image>, claims: &mut Claims<'_>) -> bool {
    let mut said = false;
    for step in image.effective_steps() {
        let Instruction::Copy {
            sources,
            target,
            from: None,
            ..
        } = &step.does
        else {
            continue;
        };
        for source in sources
            .iter()
            .filter(|source| is_env_file(file_name(source)))
        {
            let template = is_template(file_name(source));
            // An example that stays an example configures nothing.
            if template && (!is_env_file(file_name(target)) || is_template(file_name(target))) {
                continue;
            }
            said = true;
            let secrets = app.facts.config_files.iter().any(|file| {
                below(&file.at.path, folder(&image.at.path))
                    == Some(source.trim_start_matches("./"))
                    && holds_secrets(app, &file.at.path)
            });
            let included = if secrets {
                ", its secrets included,"
            } else {
                ""
            };
            claims
                .finding(
                    &step.at,
                    format!("{source} is copied into the image: the config of one deploy{included} becomes part of every build"),
                )
                .severity(Severity::Error)
                .confidence(if template { Confidence::Medium } else { Confidence::High })
                .subject(source.clone())
                .help("leave the file out, and give the variables when the release starts:\n    docker run --env-file production.env IMAGE");
        }
    }
    said
}

/// A `COPY .` that nothing keeps from taking env files along. Returns whether it was said.
fn swept_along(app: &App, image: &Fact<Image>, claims: &mut Claims<'_>) -> bool {
    let mut steps = image.stages.iter().flat_map(|stage| &stage.steps);
    if !steps.clone().any(|step| carried::sweeps(&step.does)) {
        let named = steps.find(|step| matches!(&step.does, Instruction::Copy { from: None, .. }));
        if let Some(step) = named {
            claims.holds(
                "V.5",
                "only named files are copied into the image, none of them with config",
                &step.at,
            );
        }
        return false;
    }
    let carried = carried::into_what_runs(image);
    // What a stage that is thrown away made of its env file does not show.
    let Some(first) = carried.first() else {
        return false;
    };
    let lists: Vec<&Fact<IgnoreList>> = app
        .facts
        .ignore_lists
        .iter()
        .filter(|list| list.name.ends_with(".dockerignore"))
        .collect();
    if let Some(list) = lists.iter().find(|list| leaves_out_env(&list.patterns)) {
        claims.holds(
            "V.5",
            "the build's ignore list leaves env files out",
            &list.at,
        );
        return false;
    }
    // A list that was seen and not read may leave them out.
    let unread = app
        .files
        .iter()
        .any(|file| file.path.ends_with(".dockerignore"));
    if lists.is_empty() && unread {
        return false;
    }
    let mut committed = None;
    for file in app.facts.config_files.iter().filter(|file| {
        file.kind == ConfigFileKind::Env
            && !file.template
            && file.keys > 0
            && file.tracked != Some(false)
    }) {
        let path = below(&file.at.path, folder(&image.at.path));
        let taken = path.and_then(|path| {
            carried
                .iter()
                .find(|one| below(path, &one.folder).is_some())
        });
        if let Some(one) = taken {
            committed = Some((file, one.step));
            break;
        }
    }
    // A file that is in no repository lies at the top, where the app is started.
    let whole = carried.iter().find(|one| one.folder.is_empty());
    if committed.is_none() && whole.is_none() {
        return false;
    }
    let step = committed.map_or(whole.unwrap_or(first).step, |(_, step)| step);
    let ignored_by_git = app.facts.ignore_lists.iter().find(|list| {
        list.name == ".gitignore"
            && list
                .patterns
                .iter()
                .any(|pattern| pattern.trim_matches('/') == ".env")
    });
    let template = app
        .facts
        .config_files
        .iter()
        .find(|file| file.kind == ConfigFileKind::Env && file.template);
    let loader = app.depends_on(&[
        "dotenv",
        "python-dotenv",
        "dotenv-safe",
        "dotenv-flow",
        "environs",
        "django-environ",
        "python-decouple",
    ]);
    let (sign, confidence): (Option<&Evidence>, Confidence) =
        match (committed, ignored_by_git, template) {
            (Some((file, _)), ..) => (Some(&file.at), Confidence::High),
            (None, Some(list), _) => (Some(&list.at), Confidence::Medium),
            (None, None, Some(file)) => (Some(&file.at), Confidence::Medium),
            (None, None, None) if loader => (None, Confidence::Low),
            _ => return false,
        };
    let what = match committed {
        Some((file, _)) => format!("this takes {} into the image", file.at.path),
        None => "a `.env` file that lies here when the image is built goes into it".to_owned(),
    };
    let list = match lists.first() {
        Some(list) => list.at.path.to_string(),
        None => match folder(&image.at.path) {
            "" => ".dockerignore".to_owned(),
            folder => format!("{folder}/.dockerignore"),
        },
    };
    let why = if lists.is_empty() {
        "there is no .dockerignore".to_owned()
    } else {
        format!("{list} does not leave it out")
    };
    let secrets = match committed {
        Some((file, _)) => holds_secrets(app, &file.at.path),
        None => names_secrets(app),
    };
    let held = if secrets {
        "its secrets end"
    } else {
        "what it sets ends"
    };
    let draft = claims.finding(
        &step.at,
        format!("{what}, since {why}: {held} wherever the image goes"),
    );
    draft
        .confidence(confidence)
        .help(format!(
            "leave env files out of the build, in {list}:\n    .env\n    .env.*\n    !.env.example"
        ))
        .unsafe_fix(
            "leave env files out of the build",
            vec![Edit::Append {
                path: list,
                text: ".env\n.env.*\n!.env.example\n".to_owned(),
            }],
        );
    if let Some(sign) = sign {
        draft.related(sign, "says that the app works with env files");
    }
    true
}

/// Whether a file's name is one of the `.env` family.
fn is_env_file(name: &str) -> bool {
    name == ".env" || name.starts_with(".env.") || (name.ends_with(".env") && !name.contains('*'))
}

fn is_template(name: &str) -> bool {
    [
        "example", "sample", "template", "dist", "default", "defaults",
    ]
    .iter()
    .any(|word| name.split(['.', '-', '_']).any(|part| part == *word))
}

/// Whether an env file gives a value to a variable whose name is that of a secret, or holds a credential.
fn holds_secrets(app: &App, path: &str) -> bool {
    let named = app.facts.declarations.iter().any(|one| {
        &*one.at.path == path
            && one.source == DeclarationSource::EnvFile
            && one.has_value
            && is_secret_name(&one.name)
    });
    let credential = app.facts.secrets.iter().any(|one| &*one.at.path == path);
    named || credential
}

/// Whether the file that developers keep for themselves would hold a secret: its template or the code
/// asks for one.
fn names_secrets(app: &App) -> bool {
    let declared = app.facts.declarations.iter().any(|one| {
        matches!(
            one.source,
            DeclarationSource::EnvTemplate | DeclarationSource::EnvFile
        ) && is_secret_name(&one.name)
    });
    let read = app.facts.env_reads.iter();
    declared || read.into_iter().any(|read| is_secret_name(&read.name))
}

/// Whether a list of `.dockerignore` patterns leaves `.env` out; the last pattern that matches counts.
fn leaves_out_env(patterns: &[String]) -> bool {
    let mut out = false;
    for pattern in patterns {
        let (keep, pattern) = match pattern.trim().strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, pattern.trim()),
        };
        let bare = pattern.trim_start_matches("./").trim_start_matches('/');
        let bare = bare.strip_prefix("**/").unwrap_or(bare);
        if globset::Glob::new(bare).is_ok_and(|glob| glob.compile_matcher().is_match(".env")) {
            out = !keep;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::leaves_out_env;

    fn of(patterns: &[&str]) -> bool {
        leaves_out_env(
            &patterns
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_last_matching_pattern_counts() {
        for list in [
            &[".env"][..],
            &["**/.env*"],
            &[".*"],
            &["*", "!src"],
            &["*.env"],
            &["/.env"],
        ] {
            assert!(of(list), "{list:?}");
        }
        for list in [&["node_modules"][..], &["*", "!.env"], &[".env.local"], &[]] {
            assert!(!of(list), "{list:?}");
        }
    }
}

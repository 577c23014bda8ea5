//! Searches the built app for secrets and for files of variables.
//!
//! A build is copied, cached and kept: what it holds, everybody has who may pull it. Searched are the text
//! files of the app and what its build made, not its dependencies, tests and documents: for keys of known
//! providers and private keys, told by their form, and for `.env` files with secrets or with locators of
//! other machines.
//!
//! What is compressed, encrypted or compiled into a program is not seen; nor are passwords without a form.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use xii_model::grammar::dotenv;
use xii_model::{
    FileClass, Locator, Severity, ToldBy, ValueLook, is_secret_name, look_of_value, secrets_by_form,
};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "secrets-in-build",
    criteria: &["V.5"],
    phase: Phase::Start,
    needs: &[Need::Build],
    severity: Severity::Error,
    limit: Duration::from_secs(60),
    alone: false,
    run,
};

/// The most files that are searched, and the most bytes of one and of all.
const MOST_FILES: usize = 20_000;
const LARGEST: u64 = 4 << 20;
const MOST_BYTES: u64 = 256 << 20;

/// Folders that hold what others wrote, or what is needed only while building.
const LEFT_OUT: [&str; 16] = [
    "node_modules",
    "bower_components",
    "site-packages",
    "__pycache__",
    ".git",
    ".pnpm-store",
    ".yarn",
    "deps",
    "incremental",
    ".fingerprint",
    "test",
    "tests",
    "__tests__",
    "spec",
    "fixtures",
    "docs",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let staged = stage.staged()?;
        if staged.in_place {
            return Err(CouldNotTell::because(
                "nothing was built: the folder was used as it is, with what its developer keeps there",
            ));
        }
        let folder = staged.folder.clone();
        let root = stage.app().root.clone();
        let known: Vec<(PathBuf, FileClass)> = stage
            .app()
            .files
            .iter()
            .map(|one| {
                let path = one
                    .path
                    .strip_prefix(&format!("{root}/"))
                    .unwrap_or(&one.path);
                (PathBuf::from(path), one.class)
            })
            .collect();
        let is_source = move |path: &Path| {
            known
                .iter()
                .find(|(known, _)| known == path)
                .is_none_or(|(_, class)| *class == FileClass::Source)
        };
        let searched = tokio::task::spawn_blocking(move || search(&folder, &is_source))
            .await
            .map_err(|_| CouldNotTell::because("the search of the build was broken off"))?
            .map_err(|error| CouldNotTell(format!("the build cannot be read: {error}")))?;
        stage.note(format!("searched {} files of the build", searched.files));
        match searched.found.as_slice() {
            [] if searched.cut => stage.could_not_tell(
                "V.5",
                format!("the build is too large to be searched whole: {} files were, and hold no secret", searched.files),
            ),
            [] => stage.holds(
                "V.5",
                format!("no secret and no file of variables is among the {} files of the build", searched.files),
            ),
            [one] => stage.broken("V.5", format!("the build holds {one}")),
            [one, rest @ ..] => stage.broken(
                "V.5",
                format!("the build holds {one}, and {} more of the like", rest.len()),
            ),
        }
        Ok(())
    })
}

#[derive(Default)]
struct Searched {
    files: usize,
    cut: bool,
    found: Vec<String>,
}

/// Searches the files of a folder.
fn search(folder: &Path, is_source: &dyn Fn(&Path) -> bool) -> std::io::Result<Searched> {
    let mut searched = Searched::default();
    let mut room = MOST_BYTES;
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&inside)?.filter_map(Result::ok).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let Ok(about) = fs::symlink_metadata(&path) else {
                continue;
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if about.is_dir() {
                if !LEFT_OUT.contains(&name.as_str()) && !path.join("pyvenv.cfg").exists() {
                    folders.push(path);
                }
                continue;
            }
            let below = path.strip_prefix(folder).unwrap_or(&path);
            if !about.is_file() || about.len() > LARGEST || !is_source(below) || is_template(&name)
            {
                continue;
            }
            if searched.files >= MOST_FILES || about.len() > room {
                searched.cut = true;
                return Ok(searched);
            }
            room -= about.len();
            searched.files += 1;
            let mut bytes = Vec::new();
            let opened = fs::File::open(&path);
            if opened
                .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
                .is_err()
            {
                continue;
            }
            // A program holds patterns of keys and headers of key files; what it really knows is not told apart.
            if bytes.contains(&0) {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Some(what) = secret_in(&name, &text) {
                searched
                    .found
                    .push(format!("{what} in {}", below.display()));
            }
        }
    }
    Ok(searched)
}

/// Whether a file is written to be copied and filled in.
fn is_template(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "example", "sample", "template", "dist", "defaults", "schema",
    ]
    .iter()
    .any(|word| name.split('.').any(|part| part == *word))
        || name.ends_with(".md")
}

/// What secret a text holds, in words.
fn secret_in(name: &str, text: &str) -> Option<String> {
    let by_form = secrets_by_form(text).into_iter().find(|one| {
        matches!(one.told_by, ToldBy::Format | ToldBy::PrivateKey)
            && !text
                .get(one.bytes.clone())
                .is_some_and(|value| value.to_ascii_uppercase().contains("EXAMPLE"))
    });
    if let Some(secret) = by_form {
        return Some(format!("a secret ({})", secret.kind));
    }
    let is_variables = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    if !is_variables {
        return None;
    }
    let file = dotenv(text);
    let bad = file.entries.iter().find(|one| {
        let value = one.value.as_str();
        let secret = is_secret_name(&one.key)
            && value.len() >= 8
            && matches!(look_of_value(value), ValueLook::Random);
        let locator = Locator::parse(value)
            .is_some_and(|one| !one.is_loopback() && !one.is_example() && one.host.contains('.'));
        secret || locator
    })?;
    Some(format!("the config of a deploy ({})", bad.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deploys_config_is_told_from_a_template() {
        let made = "k".repeat(3) + "9Qz7XvB2mN5rT8wL1pS4dF6gH0jK";
        let text = format!("# deploy\nAPI_SECRET={made}\n");
        assert!(secret_in("good.env", &text).is_some());
        assert!(secret_in(".env", "API_SECRET=changeme\nPORT=3000\n").is_none());
        assert!(secret_in("config.txt", &text).is_none());
        assert!(secret_in(".env", "DATABASE_URL=postgres://db.acme.com/x\n").is_some());
        assert!(secret_in(".env", "DATABASE_URL=postgres://localhost/x\n").is_none());
        let key = format!("PAYMENT_KEY=sk_live_{}\n", "a1b2c3d4".repeat(4));
        assert!(secret_in("whatever.js", &key).is_some());
        assert!(is_template(".env.example") && !is_template("good.env"));
    }
}

//! Starts the app and lists the files that it reads from outside of itself.
//!
//! An app reads its own folder, its dependencies, its language and the system's libraries and settings.
//! A file anywhere else (`/opt/…`, `/usr/local/lib/…`, another user's home), or a package of the system's or
//! the user's language (`/usr/lib/python3/dist-packages`, global `node_modules`), is something that this
//! machine happens to have. Files that a variable of the app's config names are attached, and not meant.
//!
//! A file that is looked for and is not there counts when it is data or code: elsewhere it may be there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use xii_model::{Deed, Mark, Purpose, Severity, What};

use crate::engine::{CouldNotTell, Need, Phase, Probe, Setup, Stage, Steps};
use crate::programs::is_managed;
use crate::scenario::play_on;

/// The probe.
pub const PROBE: Probe = Probe {
    name: "foreign-files",
    criteria: &["II.5"],
    phase: Phase::Idle,
    needs: &[Need::Healthy, Need::Witness],
    severity: Severity::Warning,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// How long the scenario may take.
const SCENARIO: Duration = Duration::from_secs(20);

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let staged = stage.staged()?;
        if staged.in_place {
            return Err(CouldNotTell::because(
                "the app's dependencies were not installed apart: the folder was used as it is",
            ));
        }
        let ground = Ground {
            scratch: staged.scratch.clone(),
            named: stage
                .provided()
                .given
                .iter()
                .flat_map(|one| one.value.split([':', ';']))
                .filter(|value| value.starts_with('/') && value.len() > 1)
                .map(PathBuf::from)
                .collect(),
        };
        let run = stage.serve(Setup::web().telling_reads()).await?;
        let scenario = stage.scenario().await?;
        let client = stage.client(&run);
        play_on(&scenario, &client, SCENARIO).await;
        run.stop().await;
        let mut reads = 0;
        let mut foreign: Vec<String> = Vec::new();
        for event in run.record.all() {
            let What::Act(act) = &event.what else {
                continue;
            };
            let Deed::Opened {
                path,
                purpose: Purpose::Read,
            } = &act.deed
            else {
                continue;
            };
            reads += 1;
            if !ground.is_foreign(Path::new(path), Path::new(path).is_file())
                || foreign.contains(path)
            {
                continue;
            }
            // What is a folder is looked through, and what is in it is told by itself.
            if !Path::new(path).is_dir() {
                if foreign.len() < 5 {
                    stage.cite(&event, Mark::Against);
                }
                foreign.push(path.clone());
            }
        }
        match foreign.as_slice() {
            [] if reads == 0 => stage.could_not_tell("II.5", "no file was seen to be read"),
            [] => stage.holds(
                "II.5",
                format!("of {reads} files that were opened to be read, each is the app's, its dependencies', the language's or the system's"),
            ),
            [one, rest @ ..] => {
                let more = match rest.len() {
                    0 => String::new(),
                    more => format!(", and {more} more files of the like"),
                };
                let there = if Path::new(one).exists() { "reads" } else { "looks for" };
                stage.broken(
                    "II.5",
                    format!("web {there} {one}, which is neither the app's nor a declared dependency's{more}"),
                );
            }
        }
        Ok(())
    })
}

/// Where an app may read.
struct Ground {
    scratch: PathBuf,
    /// What its config names.
    named: Vec<PathBuf>,
}

/// What belongs to the system: libraries, settings, what the kernel shows.
const SYSTEM: [&str; 19] = [
    "/proc",
    "/sys",
    "/dev",
    "/etc",
    "/run",
    "/var/run",
    "/var/cache",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share",
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
];

impl Ground {
    /// Whether a file that is read is none of the app's, its dependencies', the language's or the system's.
    fn is_foreign(&self, path: &Path, exists: bool) -> bool {
        let Some(text) = path.to_str() else {
            return false;
        };
        if path.starts_with(&self.scratch)
            || self.named.iter().any(|one| path.starts_with(one))
            || path.starts_with(std::env::temp_dir())
            || path.starts_with("/tmp")
        {
            return false;
        }
        // Packages for everybody, whoever installed them there.
        let global_package = text.contains("/site-packages/")
            || text.contains("/dist-packages/")
            || global_module(text).is_some();
        if global_package {
            // What starts an interpreter with other packages than the app's looks for them; only what is read counts.
            return exists && !text.ends_with(".pth") && !text.contains("/distutils-precedence");
        }
        if SYSTEM.iter().any(|one| path.starts_with(one)) {
            return false;
        }
        if self.is_language(text) {
            return false;
        }
        if exists {
            // The settings of a user are read by tools; the user of a platform has none.
            return true;
        }
        // A package is looked for in each folder above the app's.
        let above = path
            .parent()
            .is_some_and(|parent| self.scratch.starts_with(parent));
        let ending = path
            .extension()
            .and_then(|one| one.to_str())
            .unwrap_or_default();
        let data = [
            "json", "yaml", "yml", "toml", "csv", "txt", "db", "sqlite", "sqlite3", "py", "js",
            "mjs", "cjs", "rb", "html", "xml", "dat", "bin", "jar", "sql",
        ];
        !above
            && data.contains(&ending)
            && path.file_name().is_none_or(|name| name != "package.json")
            && !text.contains("/etc/")
            && !text.contains("/ssl/")
    }

    /// Whether a path belongs to an interpreter or a toolchain.
    fn is_language(&self, text: &str) -> bool {
        let local = [
            "/usr/local/bin/",
            "/usr/local/sbin/",
            "/usr/local/share/",
            "/usr/local/include/",
            "/usr/local/etc/",
        ];
        let library = text.strip_prefix("/usr/local/lib/").is_some_and(|rest| {
            rest.starts_with("python")
                || rest.starts_with("ruby")
                || rest.starts_with("node_modules/npm")
                || rest.contains(".so")
                || rest.starts_with("erlang")
                || rest.starts_with("php")
        });
        // Where package managers keep what they fetched for this build.
        let kept = text.contains("/.cache/xii/");
        // A toolchain of a person's own in a folder that programs were started from.
        let opt = text.starts_with("/opt/")
            && (text.contains("/lib/")
                || text.contains("/bin/")
                || text.contains("/hostedtoolcache/"));
        is_managed(text)
            || text.contains("/.nodenv/")
            || text.contains("/.cargo/")
            || local.iter().any(|one| text.starts_with(one))
            || library
            || kept
            || opt
            || text.contains(".so.")
            || text.ends_with(".so")
    }
}

/// The package of a global folder of Node's modules, unless it is a package manager.
fn global_module(text: &str) -> Option<&str> {
    let rest = ["/usr/lib/node_modules/", "/usr/local/lib/node_modules/"]
        .iter()
        .find_map(|folder| text.strip_prefix(folder))?;
    let name = rest.split('/').next()?;
    (!["npm", "corepack", "yarn", "pnpm"].contains(&name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_happens_to_have_is_told_from_what_is_everywhere() {
        let ground = Ground {
            scratch: "/var/x/xii-1".into(),
            named: vec!["/data/uploads".into()],
        };
        for (path, exists, foreign) in [
            ("/usr/local/lib/good/currencies.json", false, true),
            ("/usr/local/lib/good/currencies.json", true, true),
            ("/opt/acme/table", true, true),
            ("/home/me/notes.txt", true, true),
            (
                "/usr/lib/python3/dist-packages/yaml/__init__.py",
                true,
                true,
            ),
            (
                "/usr/lib/python3/dist-packages/yaml/__init__.py",
                false,
                false,
            ),
            ("/usr/lib/node_modules/pm2/index.js", true, true),
            ("/usr/lib/node_modules/npm/index.js", true, false),
            ("/var/x/xii-1/app/a.js", true, false),
            ("/var/x/package.json", false, false),
            ("/var/x/config.json", false, false),
            ("/data/uploads/a.json", true, false),
            ("/etc/ssl/openssl.cnf", true, false),
            ("/usr/local/ssl/openssl.cnf", false, false),
            (
                "/root/.pyenv/versions/3.12.1/lib/python3.12/os.py",
                true,
                false,
            ),
            (
                "/root/.pyenv/versions/3.12.1/lib/python3.12/site-packages/yaml/a.py",
                true,
                true,
            ),
            ("/usr/local/lib/python3.12/os.py", true, false),
            ("/usr/local/lib/libfoo.so.1", false, false),
        ] {
            assert_eq!(
                ground.is_foreign(Path::new(path), exists),
                foreign,
                "{path}"
            );
        }
    }
}

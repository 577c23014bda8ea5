//! `xii init`: write what is missing, from what was found.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use xii_model::{App, AppKind};

use crate::error::Failure;
use crate::start::{docker_ignore, env_example, procfile, settings_file};
use crate::{output, progress};

/// Write Procfile, .env.example, .dockerignore and xii.toml where they are missing
///
/// Everything comes from what the code and its manifests say. A file that exists is never changed.
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii init                 write what this folder lacks
  xii init api --dry-run   show what would be written")]
pub(crate) struct Arguments {
    /// The folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Show the files instead of writing them
    #[arg(long)]
    dry_run: bool,
}

/// A file that may be missing.
type Maker = fn(&App) -> Option<String>;

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let survey = progress::shown(|options| xii_survey::survey(&arguments.path, options))
        .map_err(Failure::usage)?;
    let mut said = String::new();
    let makers: [(&str, Maker); 4] = [
        ("Procfile", procfile),
        (".env.example", env_example),
        (".dockerignore", docker_ignore),
        ("xii.toml", settings_file),
    ];
    for app in survey
        .apps
        .iter()
        .filter(|app| app.kind != AppKind::Library || survey.apps.len() == 1)
    {
        for (name, make) in makers {
            let path = app.path(name);
            if exists(&arguments.path, app, name) {
                said.push_str(&format!("  kept   {path}: it is there already\n"));
            } else if let Some(text) = make(app) {
                if arguments.dry_run {
                    said.push_str(&format!("  would write {path}:\n{}\n", indented(&text)));
                } else {
                    output::write_file(&arguments.path.join(&path), &text)?;
                    said.push_str(&format!("  wrote  {path}\n"));
                }
            } else {
                said.push_str(&format!("  none   {path}: {}\n", without(name)));
            }
        }
    }
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the app has the file already, by whatever name its kind of file has.
fn exists(root: &Path, app: &App, name: &str) -> bool {
    let other_names: &[&str] = match name {
        ".env.example" => &[
            ".env.sample",
            ".env.template",
            ".env.dist",
            "env.example",
            ".env.defaults",
        ],
        _ => &[],
    };
    std::iter::once(&name)
        .chain(other_names)
        .any(|name| std::fs::symlink_metadata(root.join(app.path(name))).is_ok())
}

/// Why a file was not made.
fn without(name: &str) -> &'static str {
    match name {
        "Procfile" => "no start command could be told from the manifests and the code",
        ".env.example" => "the code reads no variable",
        ".dockerignore" => "nothing here builds an image",
        _ => "everything could be inferred",
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

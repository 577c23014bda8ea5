//! The folder of a PostgreSQL cluster that nothing was done to yet.
//!
//! Making one is the longest part of a private server's start: half a second on an idle machine, several
//! on a busy one. It is the same for every run, so that it is kept and copied.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::ground::{Ground, User};
use super::postgres::OWNER;
use super::start::refused;

/// How long making one may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Makes `data` a cluster that `user` owns: a copy of what is kept, or a new one that is kept from then on.
pub(super) async fn cluster(
    initdb: &Path,
    data: &Path,
    user: Option<User>,
    ground: &Ground,
) -> Result<(), String> {
    let kept = ground.cache.as_ref().and_then(|cache| place(cache, initdb));
    if let Some(kept) = &kept {
        match copy(kept, data, user) {
            Ok(()) => return Ok(()),
            // There is none, or only a part of one: the copy is not a cluster either.
            Err(_) => {
                let _ = fs::remove_dir_all(data);
            }
        }
    }
    init(initdb, data, user, ground).await?;
    if let Some(kept) = &kept {
        // A run that cannot keep it has it all the same.
        let _ = keep(data, kept);
    }
    Ok(())
}

/// Where the cluster is kept that this program makes: another version is another file.
fn place(cache: &Path, initdb: &Path) -> Option<PathBuf> {
    let about = fs::metadata(initdb).ok()?;
    let words = format!(
        "{} {} {} {OWNER}",
        initdb.display(),
        about.len(),
        about.mtime()
    );
    let digest = Sha256::digest(words);
    let name: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(cache.join(format!("postgres-{name}")))
}

/// Keeps a copy, under its name only when it is whole.
fn keep(data: &Path, kept: &Path) -> io::Result<()> {
    let cache = kept.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(cache)?;
    let new = tempfile::Builder::new().prefix("new-").tempdir_in(cache)?;
    let whole = new.path().join("data");
    copy(data, &whole, None)?;
    // Somebody else may have been quicker, which is as good.
    fs::rename(&whole, kept)
}

/// Copies a folder with its rights.
fn copy(from: &Path, to: &Path, user: Option<User>) -> io::Result<()> {
    let about = fs::symlink_metadata(from)?;
    if about.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()), user)?;
        }
        fs::set_permissions(to, about.permissions())?;
    } else if about.is_file() {
        // Rights are copied along.
        fs::copy(from, to)?;
    } else {
        return Err(io::ErrorKind::InvalidData.into());
    }
    match user {
        Some(user) => chown(to, Some(user.id), Some(user.group)),
        None => Ok(()),
    }
}

async fn init(
    initdb: &Path,
    data: &Path,
    user: Option<User>,
    ground: &Ground,
) -> Result<(), String> {
    let mut last = String::new();
    // The first is not everywhere.
    for locale in ["C.UTF-8", "C"] {
        let mut command = std::process::Command::new(initdb);
        command
            .arg("-D")
            .arg(data)
            .args(["-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"])
            // A sixteenth of what would be written otherwise.
            .arg("--wal-segsize=1")
            .arg(format!("--locale={locale}"))
            .env_clear()
            .env("PATH", &ground.path)
            .env("LC_ALL", "C")
            .current_dir(data.parent().unwrap_or(data))
            .stdin(Stdio::null());
        if let Some(user) = user {
            command.uid(user.id).gid(user.group);
        }
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true);
        let output = tokio::time::timeout(LIMIT, command.output())
            .await
            .map_err(|_| format!("initdb did not end within {} s", LIMIT.as_secs()))?
            .map_err(|error| refused(&error))?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        last = text
            .lines()
            .rfind(|line| line.contains("error") || line.contains("fatal"))
            .unwrap_or("initdb failed")
            .to_owned();
        if !last.contains("locale") {
            break;
        }
    }
    Err(last)
}

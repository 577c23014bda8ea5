//! The apps that the managers run: the same for all, in the form that each reads.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::peer::Form;
use crate::work::Outcome;

/// Bytes of a line, its end included.
pub(super) const LINE: usize = 100;

/// What each process of an app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Says that it runs, and idles.
    Idle,
    /// Writes so many lines, says that it has, and idles.
    Write(u64),
    /// Writes so many lines and ends at once.
    WriteAndEnd(u64),
    /// Has a child that ignores SIGTERM; itself it ends by it.
    Stubborn,
    /// Has a child as it is itself.
    Family,
}

impl Job {
    /// The script: `$1` is the process's name. It tells a pipe what it does, one line at a time.
    fn script(self, folder: &Path, lines: &Path) -> String {
        let marks = folder.join("marks");
        let say = |what: &str| format!("echo \"$1 {what}\" > {}\n", marks.display());
        let idle = "exec sleep 86400\n";
        let write = |count: u64| format!("cat {}/{count}.$1\n", lines.display());
        match self {
            Job::Idle => say("runs") + idle,
            Job::Write(count) => say("runs") + &write(count) + &say("wrote") + idle,
            Job::WriteAndEnd(count) => format!("exec {}", write(count)),
            Job::Stubborn => {
                // What a shell ignores stays ignored in what it starts.
                "(trap '' TERM; exec sleep 86400) &\n".to_owned() + &say("$! child") + "wait\n"
            }
            Job::Family => {
                "sleep 86400 &\n".to_owned() + &say("$! child") + &say("$$ leader") + "wait\n"
            }
        }
    }

    fn lines(self) -> Option<u64> {
        match self {
            Job::Write(count) | Job::WriteAndEnd(count) => Some(count),
            _ => None,
        }
    }
}

/// An app in a folder of its own.
#[derive(Debug)]
pub(super) struct App {
    pub(super) folder: PathBuf,
    pub(super) names: Vec<String>,
}

impl App {
    /// Writes an app of so many processes.
    pub(super) fn make(
        folder: &Path,
        lines: &Path,
        form: Form,
        processes: usize,
        job: Job,
    ) -> Outcome<App> {
        let cannot = |error: std::io::Error| format!("cannot write {}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(cannot)?;
        }
        fs::create_dir_all(folder).map_err(cannot)?;
        let names: Vec<String> = (1..=processes).map(|number| format!("p{number}")).collect();
        if let Some(count) = job.lines() {
            for name in &names {
                make_lines(lines, name, count)?;
            }
        }
        let script = folder.join("job.sh");
        fs::write(&script, job.script(folder, lines)).map_err(cannot)?;
        let (file, text) = declaration(form, folder, &script, &names);
        fs::write(folder.join(file), text).map_err(cannot)?;
        let app = App {
            folder: folder.to_path_buf(),
            names,
        };
        Ok(app)
    }

    /// The pipe that its processes write to.
    pub(super) fn marks(&self) -> PathBuf {
        self.folder.join("marks")
    }

    /// What a process of the app, or a shell around it, has in its command line.
    pub(super) fn owns(&self, words: &str) -> bool {
        words.starts_with("sleep 86400")
            || words.contains(&*self.folder.join("job.sh").to_string_lossy())
            || words.starts_with("cat ")
    }
}

/// The declaration of the processes, and its file's name.
fn declaration(
    form: Form,
    folder: &Path,
    script: &Path,
    names: &[String],
) -> (&'static str, String) {
    let (folder, script) = (folder.display(), script.display());
    let mut text = String::new();
    let file = match form {
        Form::Procfile => "Procfile",
        Form::Circus => {
            let _ = write!(
                text,
                "[circus]\nendpoint = ipc://{folder}/endpoint\npubsub_endpoint = ipc://{folder}/pubsub\n"
            );
            "circus.ini"
        }
        Form::Supervisor => {
            let _ = write!(
                text,
                "[supervisord]\nnodaemon=true\nlogfile={folder}/supervisord.log\npidfile={folder}/pid\nchildlogdir={folder}\n"
            );
            "supervisord.conf"
        }
        Form::Pm2 => {
            text.push_str("module.exports = { apps: [\n");
            "ecosystem.config.js"
        }
    };
    for name in names {
        let _ = match form {
            Form::Procfile => writeln!(text, "{name}: sh {script} {name}"),
            Form::Circus => writeln!(
                text,
                "[watcher:{name}]\ncmd = sh {script} {name}\ncopy_env = True\nrespawn = False\nstdout_stream.class = FileStream\nstdout_stream.filename = {folder}/out.{name}\nstdout_stream.time_format = %H:%M:%S"
            ),
            Form::Supervisor => writeln!(
                text,
                "[program:{name}]\ncommand=sh {script} {name}\nstdout_logfile={folder}/out.{name}\nstdout_logfile_maxbytes=0\nstartsecs=0\nautorestart=false"
            ),
            Form::Pm2 => writeln!(
                text,
                "{{ name: '{name}', script: '/bin/sh', args: ['{script}', '{name}'], interpreter: 'none', autorestart: false }},"
            ),
        };
    }
    if form == Form::Pm2 {
        text.push_str("] };\n");
    }
    (file, text)
}

/// A file of lines, each of which tells its number and whether it is whole. Made once.
fn make_lines(folder: &Path, name: &str, count: u64) -> Outcome {
    let path = folder.join(format!("{count}.{name}"));
    let cannot = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    let whole = count * LINE as u64;
    if fs::metadata(&path).is_ok_and(|file| file.len() == whole) {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(cannot)?;
    let mut text = String::with_capacity(count as usize * LINE);
    for number in 0..count {
        let head = format!("@{name} {number:010} ");
        let _ = writeln!(
            text,
            "{head}{:x<width$}$",
            "",
            width = LINE - 2 - head.len()
        );
    }
    fs::write(&path, text).map_err(cannot)
}

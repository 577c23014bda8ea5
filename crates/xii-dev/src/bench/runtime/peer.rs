//! The managers that are measured, and how each is used.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::work;

/// How a manager is told what to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Procfile,
    Circus,
    Supervisor,
    Pm2,
}

/// A manager of processes.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// Where its program is: below the folder of peers, or on PATH.
    places: &'static [&'static str],
    words: &'static [&'static str],
    /// What a reader of the figures must know of it.
    pub(super) note: &'static str,
}

/// Each as its own guide says to run it in the foreground, with colour off where it would be on.
const PEERS: [Peer; 10] = [
    Peer {
        name: "xii",
        form: Form::Procfile,
        places: &[],
        words: &["up", ".", "--no-router", "--on-exit", "stop"],
        note: "",
    },
    Peer {
        name: "honcho",
        form: Form::Procfile,
        places: &["python/bin/honcho"],
        words: &["start", "--no-colour"],
        note: "",
    },
    Peer {
        name: "circus",
        form: Form::Circus,
        places: &["python/bin/circusd"],
        words: &["circus.ini"],
        note: "to a file a process",
    },
    Peer {
        name: "supervisor",
        form: Form::Supervisor,
        places: &["python/bin/supervisord"],
        words: &["-c", "supervisord.conf"],
        note: "to a file a process, without a prefix",
    },
    Peer {
        name: "node-foreman",
        form: Form::Procfile,
        places: &["node/node_modules/.bin/nf"],
        words: &["start"],
        note: "",
    },
    Peer {
        name: "pm2",
        form: Form::Pm2,
        places: &["node/node_modules/.bin/pm2-runtime"],
        words: &["start", "ecosystem.config.js", "--no-auto-exit"],
        note: "also to its own files",
    },
    Peer {
        name: "ruby-foreman",
        form: Form::Procfile,
        places: &["/usr/bin/foreman"],
        words: &["start"],
        note: "",
    },
    Peer {
        name: "ultraman",
        form: Form::Procfile,
        places: &["bin/ultraman"],
        words: &["start"],
        note: "",
    },
    Peer {
        name: "hivemind",
        form: Form::Procfile,
        places: &["bin/hivemind", "hivemind"],
        words: &[],
        note: "",
    },
    Peer {
        name: "overmind",
        form: Form::Procfile,
        places: &["bin/overmind", "overmind"],
        words: &["start"],
        note: "",
    },
];

impl Peer {
    /// All that could be measured.
    pub(super) fn all() -> &'static [Peer] {
        &PEERS
    }

    /// Its program, if it is there.
    pub(super) fn program(&self, peers: &Path, xii: &Path) -> Option<PathBuf> {
        if self.name == "xii" {
            return xii.is_file().then(|| xii.to_path_buf());
        }
        self.places.iter().find_map(|place| {
            let below = peers.join(place);
            if below.is_file() {
                Some(below)
            } else if !place.contains('/') && work::has(place) {
                Some(PathBuf::from(place))
            } else {
                None
            }
        })
    }

    /// How it is started in an app's folder.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .args(self.words)
            .current_dir(folder)
            .env_remove("PORT")
            .env("NO_COLOR", "1")
            .env("PM2_HOME", folder.join(".pm2"))
            .env("HOME", folder)
            .env("XDG_STATE_HOME", folder.join(".state"));
        command
    }
}

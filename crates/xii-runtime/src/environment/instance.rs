use std::env::{join_paths, split_paths};
use std::path::PathBuf;

use xii_model::Instance;

use super::{Environment, Origin};
use crate::formation::Process;

/// Where programs are looked for when nobody says, as `getconf PATH` and then some.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What an instance has of its own.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// The process type.
    pub process: &'a Process,
    /// Which instance of it; a task is one too.
    pub instance: &'a Instance,
    /// The port that it is to listen on.
    pub port: Option<u16>,
    /// The other types that listen.
    pub siblings: &'a [Sibling],
    /// Folders that are put first on PATH: see [`tool_folders`](super::tool_folders).
    pub tools: &'a [PathBuf],
}

/// A process type that listens, as the others reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// The process type.
    pub process: String,
    /// Such as `http://127.0.0.1:5100`: of the router for what it routes, of the first instance for
    /// others.
    pub url: String,
}

impl Sibling {
    /// The type of this name, that listens on this port of the machine.
    pub fn on_port(process: impl Into<String>, port: u16) -> Self {
        Sibling {
            process: process.into(),
            url: format!("http://127.0.0.1:{port}"),
        }
    }
}

/// The variable that tells others where a type is: `MY_API_URL` of `my-api`.
pub fn sibling_name(process: &str) -> String {
    let name = process.to_ascii_uppercase().replace(['-', '.'], "_");
    format!("{name}_URL")
}

impl Environment {
    /// What an instance is given. Over the caller's variables and the file's come those of its process
    /// type in xii.toml, then what the runtime sets:
    ///
    /// | variable | value |
    /// |---|---|
    /// | `PORT` | the port that it is to listen on; without one, nobody's |
    /// | `XII_PROCESS`, `PS` | its name, such as `web.1` |
    /// | `<TYPE>_URL` | where another type listens, unless somebody said so: attached resources are config |
    /// | `PATH` | as it was, the app's own tools first |
    pub fn for_instance(&self, own: &Own<'_>) -> Environment {
        let mut environment = self.clone();
        for (name, value) in &own.process.environment {
            let origin = Origin::Process(own.process.name.clone());
            environment.set(name, value, origin);
        }
        for sibling in own.siblings {
            let name = sibling_name(&sibling.process);
            if sibling.process != own.process.name && environment.get(&name).is_none() {
                environment.set(name, &sibling.url, Origin::Runtime);
            }
        }
        match own.port {
            Some(port) => environment.set("PORT", port.to_string(), Origin::Runtime),
            // The port that somebody gave xii is not one that every process may bind.
            None => environment.remove("PORT"),
        }
        for name in ["XII_PROCESS", "PS"] {
            environment.set(name, own.instance.to_string(), Origin::Runtime);
        }
        environment.put_first_on_path(own.tools);
        environment
    }

    fn put_first_on_path(&mut self, folders: &[PathBuf]) {
        if folders.is_empty() {
            return;
        }
        let old = self.get("PATH").unwrap_or(USUAL_PATH.as_ref());
        let all = folders.iter().cloned().chain(split_paths(old));
        // A folder with a colon in its name cannot be on PATH: then PATH stays as it is.
        if let Ok(path) = join_paths(all) {
            self.set("PATH", path, Origin::Runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn text(environment: &Environment, name: &str) -> Option<String> {
        environment
            .get(name)
            .map(|value| value.to_string_lossy().into_owned())
    }

    #[test]
    fn the_runtime_is_over_the_process_over_the_file_over_the_caller() {
        let names = ["A", "B", "C", "PORT", "PS"];
        let caller = Environment::of_caller(names.map(|name| (name.into(), "caller".into())));
        let base = caller
            .with_file(".env", b"B=file\nC=file\nPORT=6000\n")
            .expect("a file");
        let mut process = Process::new("web", "true");
        process.environment = vec![("C".to_owned(), "own".to_owned())];
        let made = base.for_instance(&Own {
            process: &process,
            instance: &Instance::new("web", 2),
            port: Some(5001),
            siblings: &[],
            tools: &[],
        });
        let values: Vec<_> = names
            .map(|name| text(&made, name).unwrap_or_default())
            .into();
        assert_eq!(values, ["caller", "file", "own", "5001", "web.2"]);
        assert_eq!(text(&made, "XII_PROCESS").as_deref(), Some("web.2"));
        let origins: Vec<_> = names
            .iter()
            .filter_map(|name| made.variable(name).map(|one| one.origin.to_string()))
            .collect();
        assert_eq!(
            origins,
            [
                "the caller's environment",
                ".env:1",
                "xii.toml ([processes.web].env)",
                "the runtime",
                "the runtime"
            ]
        );
    }

    #[test]
    fn siblings_are_told_unless_somebody_said_where_they_are() {
        let base = Environment::of_caller([("DB_URL".into(), "postgres://db".into())]);
        let process = Process::new("web", "true");
        let siblings = [
            Sibling::on_port("web", 5000),
            Sibling::on_port("my-api", 5100),
            Sibling::on_port("db", 5200),
        ];
        let made = base.for_instance(&Own {
            process: &process,
            instance: &Instance::new("web", 1),
            port: None,
            siblings: &siblings,
            tools: &[],
        });
        assert_eq!(text(&made, "WEB_URL"), None);
        assert_eq!(
            text(&made, "MY_API_URL").as_deref(),
            Some("http://127.0.0.1:5100")
        );
        assert_eq!(text(&made, "DB_URL").as_deref(), Some("postgres://db"));
        assert_eq!(made.get("PORT"), None);
    }

    #[test]
    fn the_apps_own_tools_come_first_on_the_path() {
        let path = |caller: &[(&str, &str)], tools: &[&str]| {
            let pairs = caller
                .iter()
                .map(|(name, value)| (name.into(), value.into()));
            let tools: Vec<_> = tools.iter().map(PathBuf::from).collect();
            let made = Environment::of_caller(pairs).for_instance(&Own {
                process: &Process::new("web", "true"),
                instance: &Instance::new("web", 1),
                port: None,
                siblings: &[],
                tools: &tools,
            });
            made.get("PATH").map(OsStr::to_owned)
        };
        let caller = [("PATH", "/bin:/x")];
        assert_eq!(path(&caller, &["/a/bin"]), Some("/a/bin:/bin:/x".into()));
        assert_eq!(path(&caller, &[]), Some("/bin:/x".into()));
        assert_eq!(path(&caller, &["/a:b"]), Some("/bin:/x".into()));
        assert_eq!(path(&[], &["/a"]), Some(format!("/a:{USUAL_PATH}").into()));
    }
}

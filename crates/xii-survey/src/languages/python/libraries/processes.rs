//! Programs that are run, exits, daemons, admin tasks, version and idempotency.

use xii_model::{
    AdminTask, Daemonize, Idempotency, ProcessExit, RuntimeCompile, Spawn, VersionReport,
};

use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// Calls that run a program: whether a shell is between.
#[rustfmt::skip]
const SPAWNS: &[(&str, bool)] = &[
    ("subprocess.run", false),
    ("subprocess.call", false),
    ("subprocess.check_call", false),
    ("subprocess.check_output", false),
    ("subprocess.Popen", false),
    ("subprocess.getoutput", true),
    ("subprocess.getstatusoutput", true),
    ("os.system", true),
    ("os.popen", true),
    ("os.execvp", false),
    ("os.execv", false),
    ("os.execlp", false),
    ("os.spawnvp", false),
    ("asyncio.create_subprocess_exec", false),
    ("asyncio.create_subprocess_shell", true),
    ("sh.Command", false),
    ("pexpect.spawn", true),
    ("invoke.run", true),
    ("plumbum.local.__getitem__", false),
];

/// Adds the facts of this file's processes.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        spawn(reader, *id, path);
        exit(reader, *id, path);
        daemon(reader, *id, path);
        if matches!(
            path.as_str(),
            "importlib.metadata.version" | "pkg_resources.get_distribution"
        ) && reader.scope(*id).handler
        {
            reader.push(
                *id,
                VersionReport {
                    place: "route",
                    from: Some("package metadata".to_owned()),
                },
            );
        }
        if path == "sentry_sdk.init" && reader.tree.keyword(*id, "release").is_some() {
            version(reader, *id, "release", "error tracker");
        }
        if path == "fastapi.FastAPI" && reader.tree.keyword(*id, "version").is_some() {
            version(reader, *id, "version", "contract");
        }
        if matches!(
            path.as_str(),
            "django.db.transaction.atomic" | "peewee.atomic"
        ) || path.ends_with(".begin_nested")
        {
            reader.push(*id, Idempotency { how: "transaction" });
        }
        if path.ends_with(".on_conflict_do_update")
            || path.ends_with(".on_conflict_do_nothing")
            || path.ends_with(".objects.update_or_create")
            || path.ends_with(".objects.get_or_create")
        {
            reader.push(*id, Idempotency { how: "upsert" });
        }
        if path.ends_with("UniqueConstraint") {
            reader.push(
                *id,
                Idempotency {
                    how: "unique constraint",
                },
            );
        }
        if path == "flask_assets.Environment"
            || path == "sass.compile"
            || path == "webassets.Environment"
        {
            reader.push(
                *id,
                RuntimeCompile {
                    through: path.split('.').next().unwrap_or_default().replace('_', "-"),
                },
            );
        }
    }
    commands(reader);
    headers(reader);
}

/// Headers of a response that tell the build.
const VERSION_HEADERS: [&str; 6] = [
    "x-version",
    "x-app-version",
    "x-release",
    "x-commit",
    "x-git-sha",
    "x-build",
];

/// `response["X-Version"] = version`, `response.headers["X-Version"] = version`.
fn headers(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for id in tree.ids() {
        let Kind::Assign { target, value, .. } = tree.kind(id) else {
            continue;
        };
        let Kind::Member { property, .. } = tree.kind(*target) else {
            continue;
        };
        if VERSION_HEADERS.contains(&property.to_ascii_lowercase().as_str()) {
            let from = reader.origin(*value).env().map(str::to_owned);
            let place = "header";
            reader.push(id, VersionReport { place, from });
        }
    }
}

fn version(reader: &mut Reader<'_>, id: NodeId, keyword: &str, place: &'static str) {
    let from = reader
        .origin_of(reader.tree.keyword(id, keyword))
        .env()
        .map(str::to_owned);
    reader.push(id, VersionReport { place, from });
}

fn spawn(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let Some((_, shell)) = SPAWNS.iter().find(|(name, _)| *name == path) else {
        return;
    };
    let asked = tree
        .keyword(id, "shell")
        .is_some_and(|value| matches!(tree.kind(value), Kind::Bool(true)));
    let detached = ["start_new_session", "creationflags", "preexec_fn"]
        .iter()
        .any(|key| {
            tree.keyword(id, key)
                .is_some_and(|value| !matches!(tree.kind(value), Kind::Null | Kind::Bool(false)))
        });
    let fact = Spawn {
        program: tree
            .arg(id, 0)
            .or_else(|| tree.keyword(id, "args"))
            .and_then(|command| program(tree, command)),
        shell: *shell || asked,
        detached,
        through: path.to_owned(),
    };
    reader.push(id, fact);
}

/// The name of the program that a command runs.
fn program(tree: &Tree, command: NodeId) -> Option<String> {
    let command = tree.follow(command);
    let text = match tree.kind(command) {
        Kind::Text(text) => text.as_str(),
        Kind::List(items) => tree.as_text(tree.follow(*items.first()?))?,
        Kind::Template(parts) => {
            let text = tree.as_text(*parts.first()?)?;
            // The name is known only when a space ends it.
            text.contains(' ').then_some(text)?
        }
        Kind::Binary { left, .. } => return program(tree, *left),
        // `shlex.split("convert x")`, `"convert {}".format(x)`
        Kind::Call { callee, args, .. } => match tree.kind(*callee) {
            Kind::Member { object, property } if property == "format" => tree.as_text(*object)?,
            _ => tree.as_text(args.first()?.value)?,
        },
        _ => return None,
    };
    let word = text.split_whitespace().find(|word| {
        !word.contains('=') && !matches!(*word, "sudo" | "env" | "exec" | "nohup" | "cd")
    })?;
    let name = word.rsplit('/').next()?;
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    (plain && !name.is_empty()).then(|| name.to_owned())
}

fn exit(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    if !matches!(
        path,
        "sys.exit" | "os._exit" | "exit" | "quit" | "SystemExit"
    ) {
        return;
    }
    let tree = reader.tree;
    let code = match tree.arg(id, 0).map(|value| tree.kind(value)) {
        None => Some(0),
        Some(Kind::Number(text)) => text.parse().ok(),
        // A text is printed, and the code is 1.
        Some(Kind::Text(_) | Kind::Template(_)) => Some(1),
        Some(_) => None,
    };
    reader.push(id, ProcessExit { code });
}

fn daemon(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let text = |id: Option<NodeId>| {
        id.and_then(|id| tree.as_text(tree.follow(id)))
            .map(str::to_owned)
    };
    let (how, pid_file) = match path {
        "daemon.DaemonContext" => ("python-daemon", None),
        "daemonize.Daemonize" => ("daemonize", text(tree.keyword(id, "pid"))),
        "daemon.pidfile.PIDLockFile"
        | "daemon.pidfile.TimeoutPIDLockFile"
        | "lockfile.pidlockfile.PIDLockFile"
        | "pid.PidFile" => ("pid file", text(tree.arg(id, 0))),
        "os.setsid" | "os.fork" => (path, None),
        _ => return,
    };
    reader.push(
        id,
        Daemonize {
            how: how.to_owned(),
            pid_file,
        },
    );
}

/// `__name__ == "__main__"`.
pub(super) fn is_main(tree: &Tree, test: NodeId) -> bool {
    matches!(tree.kind(test), Kind::Binary { left, .. } if matches!(tree.kind(*left), Kind::Name(name) if name == "__name__"))
}

/// Commands of manage.py, Flask's CLI, click and typer.
fn commands(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let path = reader.file.source.path;
    if let Some((_, file)) = path.rsplit_once("management/commands/")
        && !file.contains('/')
        && !file.starts_with('_')
    {
        let name = file.trim_end_matches(".py");
        let at = tree.ids().find(|id| {
            tree.as_class(*id)
                .is_some_and(|class| class.name.as_deref() == Some("Command"))
        });
        if let Some(class) = at {
            let end = tree
                .as_class(class)
                .map_or(0, |one| tree.span(one.body).start);
            reader.push_span(
                class,
                tree.span(class).start..end,
                AdminTask {
                    name: name.to_owned(),
                    command: Some(format!("python manage.py {name}")),
                    kind: "management command",
                    source: "manage.py",
                },
            );
        }
    }
    if path.rsplit('/').next() == Some("manage.py") {
        let runs = reader
            .calls
            .iter()
            .find(|(_, path)| path.ends_with("execute_from_command_line"));
        if let Some((id, _)) = runs {
            for (name, kind) in [("migrate", "migration"), ("shell", "console")] {
                reader.push(
                    *id,
                    AdminTask {
                        name: name.to_owned(),
                        command: Some(format!("python manage.py {name}")),
                        kind,
                        source: "manage.py",
                    },
                );
            }
        }
    }
    for (id, path) in reader.calls {
        if path == "flask_migrate.Migrate" {
            reader.push(
                *id,
                AdminTask {
                    name: "db upgrade".to_owned(),
                    command: Some("flask db upgrade".to_owned()),
                    kind: "migration",
                    source: "flask cli",
                },
            );
        }
    }
    for id in tree.ids() {
        let Some(function) = tree.as_function(id) else {
            continue;
        };
        for decorator in &function.decorators {
            command(
                reader,
                *decorator,
                function.name.as_deref().unwrap_or_default(),
            );
        }
    }
}

/// A function that a decorator makes a command.
fn command(reader: &mut Reader<'_>, decorator: NodeId, function: &str) {
    let tree = reader.tree;
    let path = match tree.kind(decorator) {
        Kind::Call { callee, .. } => tree.path(*callee),
        _ => tree.path(decorator),
    };
    let Some(path) = path else {
        return;
    };
    let Some((object, "command")) = path.rsplit_once('.') else {
        return;
    };
    let group = flask_group(tree, decorator, object);
    let flask = group.is_some()
        || object.ends_with(".cli")
        || object.contains("AppGroup")
        || object.contains("ScriptInfo");
    let typer = object.contains("Typer");
    let click = object == "click" || object.contains("click.");
    let source = if flask {
        "flask cli"
    } else if typer {
        "typer"
    } else if click || reader.tree.imports.iter().any(|one| one.module == "click") {
        "click"
    } else {
        return;
    };
    let name = tree
        .arg(decorator, 0)
        .or_else(|| tree.keyword(decorator, "name"))
        .and_then(|name| tree.as_text(name))
        .map_or_else(|| function.replace('_', "-"), str::to_owned);
    let name = match group {
        Some(group) => format!("{group} {name}"),
        None => name,
    };
    let kind = match name.as_str() {
        name if name.contains("migrat") || name.contains("upgrade") => "migration",
        name if name.contains("seed") => "seed",
        name if name.contains("shell") => "console",
        _ => "script",
    };
    reader.push(
        decorator,
        AdminTask {
            command: flask.then(|| format!("flask {name}")),
            name,
            kind,
            source,
        },
    );
}

/// The name of the group of Flask's CLI that a command belongs to: a function of the file that
/// `@app.cli.group()` decorates.
fn flask_group(tree: &Tree, at: NodeId, object: &str) -> Option<String> {
    let name = object.strip_prefix('~')?;
    let declared = tree
        .lookup(name, at)
        .iter()
        .find_map(|binding| match binding {
            Binding::Declared(id) => tree.as_function(*id),
            _ => None,
        })?;
    let grouped = declared.decorators.iter().any(|decorator| {
        tree.called(*decorator)
            .is_some_and(|path| path.ends_with(".cli.group"))
    });
    grouped.then(|| name.replace('_', "-"))
}

//! Files that the code writes.

use xii_model::{Daemonize, Facts, FilePlace, FileWrite, IdentityFile, Origin, Written};

use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// A call that writes: its path, which argument names the file, and what is written.
const WRITERS: [(&str, usize, Written); 34] = [
    ("fs.writeFile", 0, Written::Other),
    ("fs.writeFileSync", 0, Written::Other),
    ("fs.promises.writeFile", 0, Written::Other),
    ("fs.appendFile", 0, Written::Other),
    ("fs.appendFileSync", 0, Written::Other),
    ("fs.promises.appendFile", 0, Written::Other),
    ("fs.createWriteStream", 0, Written::Other),
    ("fs.copyFile", 1, Written::Other),
    ("fs.copyFileSync", 1, Written::Other),
    ("fs.promises.copyFile", 1, Written::Other),
    ("fs.rename", 1, Written::Other),
    ("fs.renameSync", 1, Written::Other),
    ("fs.promises.rename", 1, Written::Other),
    ("fs.outputFile", 0, Written::Other),
    ("fs.outputFileSync", 0, Written::Other),
    ("fs.outputJson", 0, Written::Other),
    ("fs.outputJsonSync", 0, Written::Other),
    ("fs.writeJson", 0, Written::Other),
    ("fs.writeJsonSync", 0, Written::Other),
    ("fs.move", 1, Written::Other),
    ("fs.copy", 1, Written::Other),
    ("jsonfile.writeFile", 0, Written::Other),
    ("jsonfile.writeFileSync", 0, Written::Other),
    ("write-file-atomic", 0, Written::Other),
    ("sqlite3.Database", 0, Written::Database),
    ("better-sqlite3", 0, Written::Database),
    ("nedb", 0, Written::Database),
    ("@seald-io/nedb", 0, Written::Database),
    ("lowdb/node.JSONFile", 0, Written::Database),
    ("lowdb/node.JSONFilePreset", 0, Written::Database),
    ("lowdb/adapters/FileSync", 0, Written::Database),
    ("node-json-db.Config", 0, Written::Database),
    ("Bun.write", 0, Written::Other),
    ("node-persist.init", 0, Written::Database),
];

/// Reads every file that is written, and identity files that are read.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        let tree = seen.tree;
        if let Some((_, number, what)) = WRITERS.iter().find(|(path, _, _)| *path == call.path) {
            let target = tree
                .arg(call.id, *number)
                .filter(|target| !matches!(tree.kind(tree.follow(*target)), Kind::Map(_)));
            let named = seen.option(call.id, &["filename", "dir"]);
            if let Some(target) = target.or(named) {
                write(seen, call, target, *what, facts);
            }
            continue;
        }
        match call.path.as_str() {
            "multer" => upload(seen, call, &["dest"], facts),
            "multer.diskStorage" => upload(seen, call, &["destination"], facts),
            "formidable" | "formidable.IncomingForm" => upload(seen, call, &["uploadDir"], facts),
            "express-fileupload" if flagged(seen, call, "useTempFiles") => {
                upload(seen, call, &["tempFileDir"], facts);
            }
            "@nestjs/platform-express.FileInterceptor"
            | "@nestjs/platform-express.FilesInterceptor"
            | "@nestjs/platform-express.MulterModule.register" => {
                if let Some(target) = seen.option(call.id, &["dest"]) {
                    write(seen, call, target, Written::Upload, facts);
                }
            }
            path if path.starts_with("sharp()") && path.ends_with(".toFile") => {
                if let Some(target) = tree.arg(call.id, 0) {
                    write(seen, call, target, Written::Upload, facts);
                }
            }
            path if path.ends_with(".mv") && seen.has("fileupload") => {
                if let Some(target) = tree.arg(call.id, 0) {
                    write(seen, call, target, Written::Upload, facts);
                }
            }
            "sequelize.Sequelize"
            | "sequelize"
            | "typeorm.DataSource"
            | "typeorm.createConnection"
            | "@nestjs/typeorm.TypeOrmModule.forRoot"
            | "knex"
            | "knex.knex" => {
                embedded(seen, call, facts);
            }
            "fs.readFile" | "fs.readFileSync" | "fs.promises.readFile" => {
                identity(seen, call, facts)
            }
            _ => {}
        }
    }
}

fn flagged(seen: &Seen<'_>, call: &Called, key: &str) -> bool {
    seen.option(call.id, &[key])
        .is_some_and(|flag| seen.flag(flag) == Some(true))
}

/// An upload's folder: an option that is a path, or a function that calls back with one. Without it
/// the library uses the system's temporary folder, or memory.
fn upload(seen: &Seen<'_>, call: &Called, keys: &[&str], facts: &mut Facts) {
    let Some(target) = seen.option(call.id, keys) else {
        let in_temporary = matches!(
            call.path.as_str(),
            "multer.diskStorage" | "formidable" | "formidable.IncomingForm" | "express-fileupload"
        );
        if in_temporary {
            let fact = FileWrite {
                path: Origin::Absent,
                place: FilePlace::Temporary,
                what: Written::Upload,
                through: call.path.clone(),
            };
            facts.push(seen.fact(call.id, fact));
        }
        return;
    };
    let tree = seen.tree;
    let called_back = seen.function(target).and_then(|function| {
        tree.within(function).find_map(|id| {
            let path = tree.called(id)?;
            let own = path.starts_with('~') && !path.contains('.');
            own.then(|| tree.arg(id, 1)).flatten()
        })
    });
    write(
        seen,
        call,
        called_back.unwrap_or(target),
        Written::Upload,
        facts,
    );
}

/// SQLite under a layer over several databases.
fn embedded(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let dialect = seen
        .option(call.id, &["dialect", "type", "client"])
        .and_then(|name| seen.text(name));
    if !dialect.is_some_and(|name| name.contains("sqlite")) {
        return;
    }
    let connection = seen.option(call.id, &["connection"]);
    let target = seen
        .option(call.id, &["storage", "database"])
        .or_else(|| seen.entry(connection?, &["filename"]));
    if let Some(target) = target {
        write(seen, call, target, Written::Database, facts);
    }
}

fn write(seen: &Seen<'_>, call: &Called, target: NodeId, what: Written, facts: &mut Facts) {
    let path = path_origin(seen, target);
    let text = path.fallback().unwrap_or_default().to_owned();
    if text == ":memory:" || text.starts_with("/dev/") || text.starts_with("/proc/") {
        return;
    }
    let what = match what {
        Written::Other if text.ends_with(".pid") => {
            let daemon = Daemonize {
                how: "pid file".to_owned(),
                pid_file: Some(text.clone()),
            };
            facts.push(seen.fact(call.id, daemon));
            Written::PidFile
        }
        Written::Other if text.ends_with(".log") || text.contains("logs/") => Written::Log,
        Written::Other if text.contains("upload") => Written::Upload,
        Written::Other if text.contains("cache") => Written::Cache,
        what => what,
    };
    let fact = FileWrite {
        place: place(seen, target, &path),
        path,
        what,
        through: call.path.replace("()", ""),
    };
    facts.push(seen.fact(call.id, fact));
}

/// Where a path comes from. Parts that are joined to the app's own folder are shown joined.
pub(in crate::languages::javascript) fn path_origin(seen: &Seen<'_>, id: NodeId) -> Origin {
    let tree = seen.tree;
    let followed = tree.follow(id);
    let path = tree.called(followed).unwrap_or_default();
    if matches!(
        path.as_str(),
        "path.join" | "path.resolve" | "node:path.join" | "node:path.resolve"
    ) {
        let origins: Vec<Origin> = tree
            .args(followed)
            .iter()
            .map(|arg| seen.origin(arg.value))
            .collect();
        let named = origins
            .iter()
            .find(|one| matches!(one, Origin::Env(_) | Origin::Config(_)));
        if let Some(found) = named {
            return found.clone();
        }
        let fixed: Vec<&str> = origins.iter().filter_map(Origin::literal).collect();
        let rooted = tree
            .args(followed)
            .first()
            .is_some_and(|arg| is_root(seen, arg.value));
        let known = fixed.len() + usize::from(rooted) == origins.len();
        if known && !fixed.is_empty() {
            return Origin::Literal(fixed.join("/"));
        }
        return Origin::Computed;
    }
    if let Kind::Template(parts) | Kind::List(parts) = tree.kind(followed)
        && parts.first().is_some_and(|first| is_root(seen, *first))
        && let Some(text) = parts.get(1).and_then(|part| seen.text(*part))
        && parts.len() == 2
    {
        return Origin::Literal(text.trim_start_matches('/').to_owned());
    }
    if let Kind::Binary { left, right, .. } = tree.kind(followed)
        && is_root(seen, *left)
        && let Some(text) = seen.text(*right)
    {
        return Origin::Literal(text.trim_start_matches('/').to_owned());
    }
    seen.origin(id)
}

/// Whether an expression is the folder of the code or of the process.
fn is_root(seen: &Seen<'_>, id: NodeId) -> bool {
    seen.path(id).is_some_and(|path| {
        matches!(
            path.as_str(),
            "__dirname"
                | "process.cwd()"
                | "import.meta.dirname"
                | "app-root-path"
                | "app-root-path.path"
        )
    })
}

/// Where a written path lies.
fn place(seen: &Seen<'_>, target: NodeId, path: &Origin) -> FilePlace {
    let tree = seen.tree;
    let followed = tree.follow(target);
    let mut rooted = false;
    for id in tree.within(followed).take(60) {
        let named = match seen.path(id).or_else(|| seen.path(tree.follow(id))) {
            Some(named) => named,
            None => continue,
        };
        let temporary = [
            "os.tmpdir",
            "tmp.",
            "tmp-promise",
            "tempy",
            "temp-dir",
            "unique-temp-dir",
        ]
        .iter()
        .any(|start| named.starts_with(start));
        if temporary {
            return FilePlace::Temporary;
        }
        rooted |= is_root(seen, id);
    }
    match path {
        Origin::Env(_) | Origin::Config(_) => FilePlace::Configured,
        Origin::Literal(text) if text.starts_with("/tmp") || text.starts_with("/var/tmp") => {
            FilePlace::Temporary
        }
        Origin::Literal(text) if text.starts_with('/') && !rooted => FilePlace::Absolute,
        Origin::Literal(text) if text.starts_with('~') => FilePlace::Absolute,
        Origin::Literal(_) => FilePlace::AppRoot,
        _ if rooted => FilePlace::AppRoot,
        _ => match first_text(seen, followed) {
            Some(text) if text.starts_with("/tmp/") => FilePlace::Temporary,
            Some(text) if text.starts_with("./") => FilePlace::AppRoot,
            Some(text) if text.starts_with('/') => FilePlace::Absolute,
            Some(text) if text.contains('/') && !text.starts_with("http") => FilePlace::AppRoot,
            _ => FilePlace::Unknown,
        },
    }
}

/// The fixed start of a path that is put together.
fn first_text<'a>(seen: &Seen<'a>, id: NodeId) -> Option<&'a str> {
    let mut at = id;
    for _ in 0..8 {
        at = match seen.tree.kind(at) {
            Kind::Text(text) => return Some(text),
            Kind::Template(parts) => *parts.first()?,
            Kind::Binary { left, .. } => *left,
            _ => return None,
        };
    }
    None
}

/// A credential that a platform puts into a file.
fn identity(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let Some(target) = seen.tree.arg(call.id, 0) else {
        return;
    };
    let origin = seen.origin(target);
    let names = |name: &str| {
        name.ends_with("_TOKEN_FILE")
            || name.ends_with("_SECRET_FILE")
            || name.ends_with("PASSWORD_FILE")
            || name.ends_with("_CREDENTIALS_FILE")
    };
    let variable = origin.env().filter(|name| names(name)).map(str::to_owned);
    let path = origin
        .fallback()
        .filter(|path| path.starts_with("/var/run/secrets/") || path.starts_with("/run/secrets/"))
        .map(str::to_owned);
    if variable.is_none() && path.is_none() {
        return;
    }
    let fact = seen.fact(call.id, ());
    let read_once = fact.scope.top_level;
    facts.push(seen.fact(
        call.id,
        IdentityFile {
            variable,
            path,
            read_once,
        },
    ));
}

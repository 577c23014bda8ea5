//! Files that the program writes.

use xii_model::{FilePlace, FileWrite, Origin, Written};

use crate::languages::python::bounds::texts;
use crate::languages::python::reader::Reader;
use crate::languages::syntax::{Kind, NodeId};

/// Calls that write a file: the argument that is its path, and what is written.
#[rustfmt::skip]
const WRITERS: &[(&str, usize, Written)] = &[
    ("shutil.copy", 1, Written::Other),
    ("shutil.copyfile", 1, Written::Other),
    ("shutil.copyfileobj", 1, Written::Other),
    ("shutil.move", 1, Written::Other),
    ("urllib.request.urlretrieve", 1, Written::Other),
    ("django.core.files.storage.FileSystemStorage", 0, Written::Upload),
    ("diskcache.Cache", 0, Written::Cache),
    ("joblib.Memory", 0, Written::Cache),
    ("joblib.dump", 1, Written::Other),
    ("shelve.open", 0, Written::Database),
    ("dbm.open", 0, Written::Database),
    ("tinydb.TinyDB", 0, Written::Database),
    ("numpy.save", 0, Written::Other),
    ("socketserver.UnixStreamServer", 0, Written::Socket),
];

/// Calls whose file the system keeps in its temporary folder and forgets.
const TEMPORARY: &[&str] = &[
    "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryFile",
    "tempfile.TemporaryDirectory",
    "tempfile.mkstemp",
    "tempfile.mkdtemp",
    "tempfile.SpooledTemporaryFile",
    "aiofiles.tempfile.NamedTemporaryFile",
];

/// Adds a fact for each file that is written.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>) {
    for (id, path) in reader.calls {
        let tree = reader.tree;
        if let Some((name, number, what)) = WRITERS.iter().find(|(name, ..)| name == path) {
            let file = tree
                .arg(*id, *number)
                .or_else(|| tree.keyword(*id, "location"))
                .or_else(|| tree.keyword(*id, "directory"));
            if file.is_some() || *what == Written::Upload {
                write(reader, *id, file, *what, name);
            }
        } else if TEMPORARY.contains(&path.as_str()) {
            let file = tree.keyword(*id, "dir");
            if file.is_none() {
                reader.push(
                    *id,
                    FileWrite {
                        path: Origin::Absent,
                        place: FilePlace::Temporary,
                        what: Written::Other,
                        through: path.clone(),
                    },
                );
            } else {
                write(reader, *id, file, Written::Other, path);
            }
        } else if matches!(
            path.as_str(),
            "open" | "io.open" | "codecs.open" | "aiofiles.open" | "anyio.open_file" | "gzip.open"
        ) {
            opened(reader, *id, path);
        } else {
            method(reader, *id, path);
        }
    }
    written_by_expression(reader);
}

/// `(folder / name).write_text(…)`, a call without a path of names.
fn written_by_expression(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    for id in tree.ids() {
        let Kind::Call { callee, .. } = tree.kind(id) else {
            continue;
        };
        let Kind::Member { object, property } = tree.kind(*callee) else {
            continue;
        };
        if matches!(property.as_str(), "write_text" | "write_bytes") && tree.path(*callee).is_none()
        {
            write(reader, id, Some(*object), Written::Other, "pathlib");
        }
    }
}

/// `open(path, "w")`.
fn opened(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let mode = tree
        .arg(id, 1)
        .or_else(|| tree.keyword(id, "mode"))
        .and_then(|mode| tree.as_text(mode));
    let Some(mode) = mode else { return };
    if !mode.contains(['w', 'a', 'x', '+']) {
        return;
    }
    let file = tree.arg(id, 0).or_else(|| tree.keyword(id, "file"));
    let named = file.map(|file| last_text(reader, file)).unwrap_or_default();
    let what = if named.ends_with(".pid") {
        Written::PidFile
    } else if named.ends_with(".log") {
        Written::Log
    } else if holds_upload(reader, id) {
        Written::Upload
    } else {
        Written::Other
    };
    write(reader, id, file, what, path);
}

/// Whether the function around a write takes an uploaded file.
fn holds_upload(reader: &Reader<'_>, id: NodeId) -> bool {
    let tree = reader.tree;
    tree.function_around(id)
        .and_then(|function| tree.as_function(function))
        .is_some_and(|function| {
            function.parameters.iter().any(|one| {
                one.annotation
                    .as_deref()
                    .is_some_and(|annotation| annotation.contains("UploadFile"))
            })
        })
}

/// `file.save(path)` of an upload, `Path(x).write_text(…)`.
fn method(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let Some((object, method)) = path.rsplit_once('.') else {
        return;
    };
    match method {
        "write_text" | "write_bytes" => {
            let file = match tree.kind(id) {
                Kind::Call { callee, .. } => match tree.kind(*callee) {
                    Kind::Member { object, .. } => Some(*object),
                    _ => None,
                },
                _ => None,
            };
            write(reader, id, file, Written::Other, "pathlib");
        }
        "save" => {
            let lower = object.to_ascii_lowercase();
            let upload = object.contains("request.files") || {
                let last = lower.rsplit(['.', '~']).next().unwrap_or_default();
                let named = matches!(
                    last,
                    "file"
                        | "f"
                        | "upload"
                        | "uploaded_file"
                        | "image"
                        | "photo"
                        | "avatar"
                        | "data"
                );
                named && reader.file.source.text.contains("request.files")
                    || last == "data" && reader.file.source.text.contains("FileField")
            };
            if upload && !tree.args(id).is_empty() {
                write(reader, id, tree.arg(id, 0), Written::Upload, "file.save");
            }
        }
        _ => {}
    }
}

fn write(reader: &mut Reader<'_>, id: NodeId, file: Option<NodeId>, what: Written, through: &str) {
    let path = reader.origin_of(file);
    let place = file.map_or(FilePlace::Unknown, |file| place(reader, file, &path));
    // What is written to a device is not kept.
    if path
        .literal()
        .is_some_and(|path| path.starts_with("/dev/") || path.starts_with("/proc/"))
    {
        return;
    }
    reader.push(
        id,
        FileWrite {
            path,
            place,
            what,
            through: through.to_owned(),
        },
    );
}

/// Where a written path lies.
pub(in crate::languages::python) fn place(
    reader: &Reader<'_>,
    file: NodeId,
    path: &Origin,
) -> FilePlace {
    match path {
        Origin::Env(_) | Origin::Config(_) => FilePlace::Configured,
        Origin::Literal(text) => place_of_text(text),
        Origin::Absent => FilePlace::Unknown,
        Origin::Computed => place_of_parts(reader, file),
    }
}

fn place_of_text(text: &str) -> FilePlace {
    if text.starts_with("/tmp/") || text.starts_with("/var/tmp/") || text == "/tmp" {
        FilePlace::Temporary
    } else if text.starts_with('/') || text.starts_with("~/") || text.get(1..3) == Some(":\\") {
        FilePlace::Absolute
    } else {
        FilePlace::AppRoot
    }
}

/// The place of a path that is put together, by the first part that tells.
fn place_of_parts(reader: &Reader<'_>, file: NodeId) -> FilePlace {
    let tree = reader.tree;
    let mut open = vec![tree.follow(file)];
    let mut left = 24;
    while let Some(id) = open.pop() {
        left -= 1;
        if left == 0 {
            break;
        }
        match tree.kind(id) {
            Kind::Text(text) if text.len() > 1 => return place_of_text(text),
            Kind::Name(name) if name == "__file__" => return FilePlace::AppRoot,
            Kind::Name(_) | Kind::Member { .. } => {
                let name = super::super::surroundings::last_name(tree, id).unwrap_or_default();
                if let Kind::Member { object, .. } = tree.kind(id)
                    && tree
                        .path(*object)
                        .is_some_and(|path| path.ends_with(".config"))
                {
                    return FilePlace::Configured;
                }
                if matches!(
                    name,
                    "BASE_DIR"
                        | "PROJECT_ROOT"
                        | "APP_ROOT"
                        | "root_path"
                        | "basedir"
                        | "ROOT_DIR"
                        | "static_folder"
                        | "instance_path"
                        | "BASEDIR"
                        | "PROJECT_DIR"
                ) {
                    return FilePlace::AppRoot;
                }
                if matches!(reader.origin(id), Origin::Env(_) | Origin::Config(_)) {
                    return FilePlace::Configured;
                }
                if let Kind::Member { object, .. } = tree.kind(id) {
                    open.push(*object);
                } else {
                    let followed = tree.follow(id);
                    if followed == id {
                        return FilePlace::Unknown;
                    }
                    open.push(followed);
                }
            }
            Kind::Call { callee, args, .. } => {
                let path = tree.path(*callee).unwrap_or_default();
                if path.starts_with("tempfile.") {
                    return FilePlace::Temporary;
                }
                if path == "os.getcwd" || path == "pathlib.Path.cwd" {
                    return FilePlace::AppRoot;
                }
                if matches!(path.as_str(), "os.path.expanduser" | "pathlib.Path.home") {
                    return FilePlace::Absolute;
                }
                if path == "os.environ.get" || path == "os.getenv" {
                    return FilePlace::Configured;
                }
                // The first part of a path says where it lies.
                if let Some(first) = args.first() {
                    open.push(first.value);
                } else if let Kind::Member { object, .. } = tree.kind(*callee) {
                    open.push(*object);
                }
            }
            Kind::Binary { left, .. } => open.push(*left),
            Kind::Template(parts) => open.extend(parts.first()),
            _ => return FilePlace::Unknown,
        }
    }
    FilePlace::Unknown
}

/// The last fixed text of a path.
fn last_text(reader: &Reader<'_>, file: NodeId) -> String {
    let tree = reader.tree;
    texts(tree, file)
        .map(|(_, text)| text)
        .last()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

//! Facts of state: sessions, files, memory.

use crate::Origin;

/// Sessions are kept somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionStore {
    /// Where they are kept.
    pub store: SessionPlace,
    /// The library: `express-session`, `flask-session`, `django.contrib.sessions`.
    pub through: String,
    /// Whether no store was chosen, so that this is the library's default.
    pub by_default: bool,
}

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionPlace {
    /// In the process's memory.
    Memory,
    /// In files of the instance.
    File,
    /// In a signed cookie.
    Cookie,
    /// In a backing service.
    Service,
    /// Cannot be told.
    Unknown,
}

/// The code writes to a file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileWrite {
    /// Where the path comes from.
    pub path: Origin,
    /// Where the path lies.
    pub place: FilePlace,
    /// What is written.
    pub what: Written,
    /// What writes: `fs.writeFile`, `multer`, `open`, `FileSystemStorage`, `send`.
    pub through: String,
}

/// Where a written path lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// In the system's temporary folder.
    Temporary,
    /// Below the app's own root, or relative to the working folder.
    AppRoot,
    /// At another fixed absolute path.
    Absolute,
    /// In a folder that config names.
    Configured,
    /// Cannot be told.
    Unknown,
}

/// What is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Written {
    Upload,
    Database,
    Cache,
    Log,
    PidFile,
    /// A Unix socket.
    Socket,
    Other,
}

/// State of a module that outlives a request and is changed by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutableState {
    /// The variable.
    pub name: String,
    /// What it is: `map`, `list`, `counter`, `cache`, `object`.
    pub what: &'static str,
    /// Where it is changed, in words: the function's name.
    pub changed_in: Option<String>,
    /// It looks like a cache: it has a size or a time to live, or its name says so.
    pub cache_like: bool,
}

/// A cache that the app configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheStore {
    /// Where it is kept.
    pub store: SessionPlace,
    /// The library or backend.
    pub through: String,
}

//! Facts of code that fit no narrower family.

/// The program runs another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spawn {
    /// The program's name, when it can be read: `convert`, `git`, `ffmpeg`.
    pub program: Option<String>,
    /// Whether a shell is between.
    pub shell: bool,
    /// Whether it is meant to outlive its parent (`detached`, `setsid`, `start_new_session`).
    pub detached: bool,
    /// What runs it: `child_process.spawn`, `subprocess.run`.
    pub through: String,
}

/// The program ends itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessExit {
    /// The exit code, when it is a literal.
    pub code: Option<i64>,
}

/// Assets are compiled or code is transpiled while the app serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeCompile {
    /// What does it: `webpack-dev-middleware`, `django-compressor`, `ts-node`, `@babel/register`.
    pub through: String,
}

/// The app tells which version it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionReport {
    /// Where it is told: `health`, `metric`, `header`, `start line`, `route`, `contract`, `error tracker`.
    pub place: &'static str,
    /// The variable or file it is taken from, when that shows.
    pub from: Option<String>,
}

/// Something that makes work safe to repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// What: `idempotency key`, `unique constraint`, `transaction`, `upsert`, `job id`.
    pub how: &'static str,
}

//! What a proof tells while it goes on.

/// What a proof tells while it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The app is copied and built; such as `building: npm ci`.
    Staging(String),
    /// Resources are started; such as `starting a private redis`.
    Providing(String),
    /// The app is started for the first time.
    Starting,
    /// A signal ends it early: what was told so far is reported.
    Ending,
    /// A probe begins.
    Playing(&'static str),
    /// A probe is done.
    Played {
        /// Its name.
        name: &'static str,
        /// How many are done, this one included.
        done: usize,
        /// How many there are.
        total: usize,
    },
}

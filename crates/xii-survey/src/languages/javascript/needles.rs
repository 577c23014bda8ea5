//! The texts of which a file must hold one to be parsed.

/// Names of libraries and calls that some fact begins with.
pub(super) static NEEDLES: &[&str] = &[
    "process",
    "env",
    "Env",
    "ENV",
    "ConfigService",
    "export * from",
];

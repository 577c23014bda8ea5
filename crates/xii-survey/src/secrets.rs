//! Secrets in any text file: by their form, or by the name they are bound to.

use xii_model::Facts;

use crate::source::Source;

/// Whether files like this one are looked at although no reader and no language knows them.
pub(crate) fn looks_at(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name.rsplit_once('.').map_or("", |(_, extension)| extension),
        "json"
            | "yml"
            | "yaml"
            | "toml"
            | "ini"
            | "cfg"
            | "conf"
            | "properties"
            | "xml"
            | "pem"
            | "key"
            | "sh"
            | "tf"
            | "tfvars"
            | "env"
    )
}

/// Reads the secrets of a text.
pub(crate) fn read(_source: &Source<'_>, _facts: &mut Facts) {}

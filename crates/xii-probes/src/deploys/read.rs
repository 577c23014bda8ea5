//! Reading the files of variables that `[prove.deploys]` names.

use std::fs::File;
use std::io::Read;

use xii_model::Locator;
use xii_model::grammar::dotenv;

use crate::engine::{CouldNotTell, Stage};

/// The most bytes of a file that are read.
const LARGEST: u64 = 1 << 20;

/// A deploy of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deploy {
    /// Its name.
    pub name: String,
    /// The file, as xii.toml names it.
    pub file: String,
    /// Its variables with values.
    pub variables: Vec<(String, String)>,
}

/// The deploys that xii.toml names, in the order of their names.
///
/// # Errors
/// When a file cannot be read.
pub fn deploys(stage: &Stage) -> Result<Vec<Deploy>, CouldNotTell> {
    let mut all = Vec::new();
    for (name, path) in &stage.settings().deploys {
        let shown = path.display().to_string();
        let cannot = |error: std::io::Error| {
            CouldNotTell(format!(
                "{shown}, the variables of {name}, cannot be read: {error}"
            ))
        };
        let mut text = String::new();
        File::open(stage.source().join(path))
            .and_then(|file| file.take(LARGEST).read_to_string(&mut text))
            .map_err(cannot)?;
        all.push(Deploy {
            name: name.clone(),
            variables: dotenv(&text)
                .entries
                .into_iter()
                .filter(|one| !one.value.is_empty())
                .map(|one| (one.key, one.value))
                .collect(),
            file: shown,
        });
    }
    Ok(all)
}

/// Whether a variable says where something is: a run must not go there because a deploy does.
pub fn is_place(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let by_name = [
        "URL", "URI", "DSN", "HOST", "HOSTS", "ADDR", "ADDRESS", "ENDPOINT", "SERVER", "SERVERS",
        "BROKER", "BROKERS", "DOMAIN", "ORIGIN", "BUCKET", "PORT", "SOCKET",
    ];
    name.split('_').any(|part| by_name.contains(&part))
        || Locator::parse(value).is_some()
        || value
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

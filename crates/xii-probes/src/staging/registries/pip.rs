//! pip's settings.

use std::io;
use std::path::Path;

use super::carried::Registries;

/// What of pip's settings does.
const PIP: [&str; 10] = [
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "cert",
    "client-cert",
    "proxy",
    "timeout",
    "retries",
];

impl Registries {
    pub(super) fn pip(&mut self, files: &[String], to: &Path) -> io::Result<()> {
        let mut kept = String::new();
        // The first file outranks the others: pip takes the last that it reads.
        for text in files.iter().rev() {
            let mut keeps = false;
            for line in text.lines() {
                let bare = line.trim();
                if bare.starts_with('[') {
                    keeps = true;
                } else if !line.starts_with([' ', '\t']) {
                    let key = bare.split(['=', ':']).next().unwrap_or_default().trim();
                    keeps = PIP.contains(&key.replace('_', "-").as_str());
                }
                if keeps && !bare.is_empty() {
                    let value = bare.split_once(['=']).map_or(bare, |(_, value)| value);
                    self.note_secrets("", value);
                    kept.push_str(line);
                    kept.push('\n');
                }
            }
        }
        if let Some(index) = kept.lines().rev().find_map(|line| {
            line.split_once('=')
                .filter(|(key, _)| key.trim() == "index-url")
        }) {
            // uv does not read pip's settings, and would go past the mirror.
            self.set("UV_DEFAULT_INDEX", index.1.trim());
        }
        if let Some((_, index)) = self
            .variables
            .iter()
            .find(|(name, _)| name == "PIP_INDEX_URL")
        {
            let index = index.to_string_lossy().into_owned();
            self.set("UV_DEFAULT_INDEX", &index);
        }
        self.write(to, &merged(&kept))?;
        self.variables
            .push(("PIP_CONFIG_FILE".to_owned(), to.into()));
        Ok(())
    }
}

/// Sections that come twice are one: pip refuses a file in which they do, and a key that comes again replaces the first.
fn merged(text: &str) -> String {
    let mut sections: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
    for line in text.lines() {
        let bare = line.trim();
        if bare.starts_with('[') {
            if !sections.iter().any(|(name, _)| *name == bare) {
                sections.push((bare, Vec::new()));
            }
            // The section that the next keys go to is the last one.
            let at = sections.iter().position(|(name, _)| *name == bare);
            let last = sections.len() - 1;
            sections.swap(at.unwrap_or(last), last);
        } else if let Some((_, keys)) = sections.last_mut() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = keys.last_mut() {
                    value.push('\n');
                    value.push_str(line);
                }
                continue;
            }
            let key = bare.split(['=', ':']).next().unwrap_or_default().trim();
            keys.retain(|(one, _)| *one != key);
            keys.push((key, line.to_owned()));
        }
    }
    let mut text = String::new();
    for (name, keys) in sections {
        text.push_str(name);
        text.push('\n');
        for (_, value) in keys {
            text.push_str(&value);
            text.push('\n');
        }
    }
    text
}

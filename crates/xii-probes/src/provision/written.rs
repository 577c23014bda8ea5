//! Values as they are written in the staged folder.
//!
//! Facts hold neither credentials nor the query of a URL, which is right for a report and too little for a
//! run: `?schema=public` decides where a client looks. The line that a fact points to is read again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use xii_model::grammar::dotenv;
use xii_model::{
    App, ConfigDeclaration, DeclarationSource, Fact, FileClass, ValueLook, look_of_value,
};

use super::known::Example;

/// The most bytes of a file that are read.
const LARGEST: u64 = 1 << 20;

/// The staged folder, with what was read of it.
pub(super) struct Written<'a> {
    folder: &'a Path,
    /// What stands before a path of a fact that the folder does not have: the app's root.
    root: &'a str,
    read: RefCell<HashMap<String, Option<Rc<str>>>>,
}

impl<'a> Written<'a> {
    pub(super) fn new(app: &'a App, folder: &'a Path) -> Self {
        Written {
            folder,
            root: &app.root,
            read: RefCell::default(),
        }
    }

    /// The text of a file, by its path below the audited folder or below the app's.
    pub(super) fn text(&self, path: &str) -> Option<Rc<str>> {
        if let Some(text) = self.read.borrow().get(path) {
            return text.clone();
        }
        let below = match path.strip_prefix(self.root) {
            Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/'),
            _ => path,
        };
        let plain = !below.starts_with('/') && !below.split('/').any(|part| part == "..");
        let text = plain
            .then(|| bounded(&self.folder.join(below)))
            .flatten()
            .map(Rc::from);
        self.read.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The value that a declaration has, unless it has none.
    pub(super) fn example(&self, declaration: &Fact<ConfigDeclaration>) -> Option<Example> {
        let quoted = declaration.value.as_deref().filter(|one| !one.is_empty());
        let whole = quoted.is_some_and(|one| !one.contains("***") && !one.contains("://"));
        let raw = (!whole).then(|| self.raw(declaration)).flatten();
        let value = raw.or_else(|| quoted.map(str::to_owned))?;
        // Of a line that is commented out the value is an example, and nobody gave it.
        let offered = declaration.has_value || value.contains("://");
        Some(Example {
            placeholder: !offered || is_placeholder(&value) || value.contains("***"),
            value,
            place: format!("{}:{}", declaration.at.path, declaration.at.start.line),
            source: declaration.source,
        })
    }

    fn raw(&self, declaration: &Fact<ConfigDeclaration>) -> Option<String> {
        let text = self.text(&declaration.at.path)?;
        let first = declaration.at.start.line;
        match declaration.source {
            DeclarationSource::EnvTemplate | DeclarationSource::EnvFile => {
                let file = dotenv(&text);
                let entry = file
                    .entries
                    .iter()
                    .find(|entry| entry.key == declaration.name && !entry.interpolates);
                match entry {
                    Some(entry) => Some(entry.value.trim().to_owned()),
                    None => url_in(line(&text, first)?, &declaration.name),
                }
            }
            // The value of `[config.X] default` stands below its name.
            DeclarationSource::XiiToml => text
                .lines()
                .skip(first as usize)
                .take_while(|line| !line.trim_start().starts_with('['))
                .find(|line| line.trim_start().starts_with("default"))
                .and_then(|line| url_in(line, "default")),
            DeclarationSource::AppJson => text
                .lines()
                .skip(first.saturating_sub(1) as usize)
                .take(12)
                .find(|line| line.contains("\"value\""))
                .and_then(|line| url_in(line, "\"value\"")),
            _ => url_in(line(&text, first)?, &declaration.name),
        }
        .filter(|value| !value.is_empty())
    }
}

fn line(text: &str, number: u32) -> Option<&str> {
    text.lines().nth(number.checked_sub(1)? as usize)
}

/// The URL on a line, behind a name.
fn url_in(line: &str, name: &str) -> Option<String> {
    let rest = line.split_once(name)?.1;
    let at = rest.find("://")?;
    let start = rest
        .get(..at)?
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
        .map_or(0, |before| before + 1);
    let url = rest.get(start..)?;
    let end = url
        .find(|c: char| c.is_whitespace() || "\"'`,}".contains(c))
        .unwrap_or(url.len());
    let url = url.get(..end)?;
    (!url.contains("${") && !url.contains("{{")).then(|| url.to_owned())
}

fn bounded(path: &Path) -> Option<String> {
    // A link may lead out of the folder, and a pipe would never end.
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Whether a value stands for one that is still to be given: `changeme`, `<your key>`, `xxx`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    let marked = [
        "changeme",
        "change-me",
        "change_me",
        "change_this",
        "change-this",
        "your-",
        "your_",
        "<your",
        "yourdomain",
        "xxx",
        "placeholder",
        "replace",
        "todo",
    ]
    .iter()
    .any(|mark| lower.contains(mark));
    let bracketed = (value.starts_with('<') && value.ends_with('>'))
        || (value.starts_with('[') && value.ends_with(']') && !value.contains('"'));
    let templated = value.contains("${") || value.contains("{{") || value.contains("$(");
    value.is_empty() || value == "..." || marked || bracketed || templated
}

/// Whether a secret's value in an example says something of the form that is wanted.
pub(super) fn has_look(value: &str) -> bool {
    look_of_value(value) == ValueLook::Random || value.contains("-----BEGIN ")
}

/// Whether a path of the app is deployed source: for what is read of it besides the facts.
pub(super) fn is_source(app: &App, name: &str) -> Vec<String> {
    app.files
        .iter()
        .filter(|file| file.class == FileClass::Source && file.path.ends_with(name))
        .map(|file| file.path.to_string())
        .take(4)
        .collect()
}

//! What compose lets be written in several ways: commands, builds, ports, volumes, `extends`.

use xii_model::CommandLine;

use crate::document::Node;
use crate::readers::expand::expand;
use crate::readers::paths;
use crate::readers::yaml_file::{text, texts};
use crate::source::Source;

/// How many services deep `extends` is followed.
const MAX_EXTENDS: usize = 8;

/// A service with those of the same file that it extends, its own first.
pub(super) fn with_extended<'n>(services: &'n Node, service: &'n Node) -> Vec<&'n Node> {
    let mut chain = vec![service];
    while let Some(extends) = chain.last().and_then(|last| last.get("extends"))
        && chain.len() <= MAX_EXTENDS
    {
        let elsewhere = extends.get("file").is_some();
        let name = extends
            .as_str()
            .or_else(|| extends.get("service")?.as_str());
        match name.and_then(|name| services.get(name)) {
            Some(base) if !elsewhere && !std::ptr::eq(base, service) => chain.push(base),
            _ => break,
        }
    }
    chain
}

/// The value of a key in a service or what it extends; `None` when the nearest is null, which takes
/// away what would be inherited.
pub(super) fn field<'n>(chain: &[&'n Node], key: &str) -> Option<&'n Node> {
    let found = chain.iter().find_map(|service| service.get(key))?;
    (!found.is_null()).then_some(found)
}

/// A text in which variables have their defaults.
pub(super) fn with_defaults(value: &str) -> String {
    expand(value, &|_| None)
}

/// What a service is built from.
pub(super) struct Build {
    /// The folder below the audited one; `None` when it is not below it or not known.
    pub(super) context: Option<String>,
    /// The Dockerfile below the audited folder.
    pub(super) dockerfile: Option<String>,
    pub(super) target: Option<String>,
}

/// Reads `build: folder` and `build: {context, dockerfile, target}`.
pub(super) fn build(source: &Source<'_>, node: &Node) -> Build {
    let key = |key: &str| node.get(key).and_then(|value| text(source, value));
    let context = text(source, node).or_else(|| key("context"));
    let context = with_defaults(context.as_deref().unwrap_or("."));
    let context = paths::below(source.folder(), &context);
    let inline = node.get("dockerfile_inline").is_some();
    let dockerfile = context.as_deref().filter(|_| !inline).and_then(|context| {
        let name = key("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned());
        let folder = if context == "." { "" } else { context };
        paths::below(folder, &with_defaults(&name))
    });
    Build {
        context,
        dockerfile,
        target: key("target").map(|target| with_defaults(&target)),
    }
}

/// The command that replaces the image's. Compose splits a text into words without a shell.
pub(super) fn command(source: &Source<'_>, chain: &[&Node]) -> Option<CommandLine> {
    let entry = field(chain, "entrypoint").map(|node| words(source, node));
    let command = field(chain, "command").map(|node| words(source, node));
    let words: Vec<String> = entry.into_iter().chain(command).flatten().collect();
    let words: Vec<String> = words.iter().map(|word| source.redacted(word)).collect();
    (!words.is_empty()).then_some(CommandLine {
        words,
        shell: false,
    })
}

fn words(source: &Source<'_>, node: &Node) -> Vec<String> {
    match text(source, node) {
        Some(line) => split(&line),
        None => texts(source, Some(node)),
    }
}

/// The words of a line, split at white space outside quotes.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c == '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(next) => word.get_or_insert_default().push(next),
            },
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Ports as `published:target`, from the short and the long form.
pub(super) fn ports(source: &Source<'_>, node: Option<&Node>) -> Vec<String> {
    pairs(source, node, "published", "target")
}

/// Volumes as `source:target`, from the short and the long form.
pub(super) fn volumes(source: &Source<'_>, node: Option<&Node>) -> Vec<String> {
    pairs(source, node, "source", "target")
}

fn pairs(source: &Source<'_>, node: Option<&Node>, left: &str, right: &str) -> Vec<String> {
    let item = |item: &Node| {
        text(source, item).or_else(|| {
            let right = text(source, item.get(right)?)?;
            let left = item.get(left).and_then(|left| text(source, left));
            Some(left.map_or(right.clone(), |left| format!("{left}:{right}")))
        })
    };
    node.map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(item)
        .collect()
}

/// Names in a list, or the keys of a map.
pub(super) fn names(source: &Source<'_>, node: Option<&Node>) -> Vec<String> {
    let keys = node.map(Node::entries).unwrap_or_default().iter();
    let mut names: Vec<String> = keys.map(|entry| entry.key.clone()).collect();
    names.extend(texts(source, node));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_compose_does() {
        assert_eq!(
            split("sh -c \"python manage.py migrate && run\" a\\ b ''"),
            ["sh", "-c", "python manage.py migrate && run", "a b", ""]
        );
    }
}

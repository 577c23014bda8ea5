//! tsconfig.json and jsconfig.json: the names under which an app's own modules are imported.

use xii_model::{Facts, ModuleAlias};

use crate::document;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "tsconfig",
    recognises: |path| {
        let name = file_name(path);
        (name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json")
    },
    read,
};

/// `compilerOptions.paths`: `"@app/*": ["src/*"]`. What `extends` names is a file of its own.
fn read(source: &Source<'_>, facts: &mut Facts) {
    let root = match document::json(source.text) {
        Ok(root) => root,
        Err(error) => return source.unread(facts, error.offset, error.message),
    };
    let paths = root.at(&["compilerOptions", "paths"]);
    for entry in paths.map(document::Node::entries).unwrap_or_default() {
        let prefix = entry.key.trim_end_matches('*').to_owned();
        let target = entry.value.items().first().and_then(document::Node::as_str);
        // `*` alone would make every import the app's own.
        if !prefix.is_empty() {
            let alias = ModuleAlias {
                prefix,
                target: target.unwrap_or_default().to_owned(),
            };
            facts.push(source.fact(entry.key_span.clone(), alias));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::read_text;

    #[test]
    fn aliases_are_read_and_comments_are_no_fault() {
        let text = r#"{
  // shared
  "compilerOptions": { "baseUrl": ".", "paths": { "@app/*": ["src/*"], "config": ["src/config.ts"], "*": ["types/*"], }, }
}"#;
        let facts = read_text(&READER, "tsconfig.base.json", text);
        let aliases: Vec<_> = facts
            .module_aliases
            .iter()
            .map(|one| (one.prefix.as_str(), one.target.as_str()))
            .collect();
        assert_eq!(aliases, [("@app/", "src/*"), ("config", "src/config.ts")]);
        assert_eq!(read_text(&READER, "tsconfig.json", "{").unread.len(), 1);
    }
}

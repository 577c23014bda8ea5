//! Travis CI.

use xii_model::Facts;

use super::found::{Found, script};
use crate::document::Node;
use crate::readers::reader::{Reader, file_name};
use crate::readers::variables::mask_tree;
use crate::readers::yaml_file::{plain_documents, text, texts};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Travis CI",
    recognises: |path| file_name(path) == ".travis.yml",
    read,
};

fn read(source: &Source<'_>, facts: &mut Facts) {
    for document in plain_documents(source, facts) {
        mask_tree(source, &document);
        let mut found = Found::new("travis", "build", 0..0);
        found.job.triggers = vec!["push".to_owned(), "pull_request".to_owned()];
        found.job.branches = texts(source, document.at(&["branches", "only"]));
        if let Some(services) = document.get("services") {
            let one = std::slice::from_ref(services);
            let items = if services.items().is_empty() {
                one
            } else {
                services.items()
            };
            for item in items {
                // `docker` makes a daemon available; it is no service of the app's.
                if let Some(name) = text(source, item).filter(|name| name != "docker") {
                    found.service(item.span.clone(), &name, &name);
                }
            }
        }
        for key in [
            "before_install",
            "install",
            "before_script",
            "script",
            "after_success",
        ] {
            if let Some(node) = document.get(key) {
                let lines = script(source, node);
                if !lines.is_empty() {
                    found.run(source, node.span.clone(), &lines);
                }
            }
        }
        if let Some(deploy) = document.entry("deploy") {
            let one = std::slice::from_ref(&deploy.value);
            let list = deploy.value.items();
            for item in if list.is_empty() { one } else { list } {
                if let Some(provider) = item.get("provider").and_then(|one| text(source, one)) {
                    let span = deploy.key_span.clone();
                    // What is published to a registry of packages or as static pages runs nowhere.
                    found.job.deploys |= !matches!(
                        provider.as_str(),
                        "npm" | "pypi" | "rubygems" | "releases" | "cargo" | "pages"
                    );
                    found.uses(source, span, &provider, None);
                }
            }
        }
        found.span = first_key(&document);
        found.tell(source, facts);
    }
}

fn first_key(document: &Node) -> std::ops::Range<usize> {
    document
        .entry("script")
        .or_else(|| document.entries().first())
        .map_or(0..0, |entry| entry.key_span.clone())
}

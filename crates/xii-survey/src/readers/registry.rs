//! The readers, and the reading of a file by those that recognise it.

use xii_model::{Facts, FileClass};

use super::reader::Reader;
use crate::source::Source;

/// Every reader, one a line. A file may be recognised by several.
#[rustfmt::skip]
static READERS: &[&Reader] = &[
    &super::cargo::READER,
    &super::compose::READER,
    &super::config_data::READER,
    &super::contracts::ASYNCAPI,
    &super::contracts::GRAPHQL,
    &super::contracts::OPENAPI,
    &super::contracts::PROTOBUF,
    &super::crontab::READER,
    &super::dockerfile::READER,
    &super::env_file::READER,
    &super::ignore_list::READER,
    &super::kubernetes::HELM_VALUES,
    &super::kubernetes::KUSTOMIZE,
    &super::kubernetes::MANIFEST,
    &super::logrotate::READER,
    &super::makefile::READER,
    &super::npm::bun_lock::READER,
    &super::npm::npmrc::READER,
    &super::npm::package_json::READER,
    &super::npm::package_lock::READER,
    &super::npm::pnpm_lock::READER,
    &super::npm::pnpm_workspace::READER,
    &super::npm::tsconfig::READER,
    &super::npm::yarn_lock::READER,
    &super::pipelines::AZURE,
    &super::pipelines::BITBUCKET,
    &super::pipelines::CIRCLECI,
    &super::pipelines::GITHUB,
    &super::pipelines::GITLAB,
    &super::pipelines::JENKINS,
    &super::pipelines::TRAVIS,
    &super::platform::app_json::READER,
    &super::platform::fly::READER,
    &super::platform::heroku_yml::READER,
    &super::platform::render::READER,
    &super::prisma::READER,
    &super::procfile::READER,
    &super::proxies::CADDY,
    &super::proxies::HAPROXY,
    &super::proxies::NGINX,
    &super::proxies::SUPERVISOR,
    &super::proxies::UWSGI,
    &super::python::conda::READER,
    &super::python::locks::READER,
    &super::python::pipfile::READER,
    &super::python::pipfile_lock::READER,
    &super::python::pyproject::READER,
    &super::python::requirements::READER,
    &super::python::setup_cfg::READER,
    &super::python::setup_py::READER,
    &super::runtime_files::READER,
    &super::start_script::READER,
    &super::update_bots::READER,
    &super::xii_toml::READER,
];

/// Whether any reader recognises the file.
pub(crate) fn recognises(path: &str) -> bool {
    READERS.iter().any(|reader| (reader.recognises)(path))
}

/// Reads a file with every reader that recognises it.
///
/// A skeleton with template actions in it (`{{ name }}`, `{% if … %}`) is not meant to be valid in
/// its format, so that what cannot be read of one is no news.
pub(crate) fn read(source: &Source<'_>, facts: &mut Facts) {
    let known = facts.unread.len();
    for reader in READERS
        .iter()
        .filter(|reader| (reader.recognises)(source.path))
    {
        (reader.read)(source, facts);
    }
    let has_actions = source.text.contains("{{") || source.text.contains("{%");
    if source.class == FileClass::Template && has_actions {
        facts.unread.truncate(known);
    }
}

/// Reads a text as one reader would, for tests.
#[cfg(test)]
pub(crate) fn read_text(reader: &Reader, path: &str, text: &str) -> Facts {
    let path: std::sync::Arc<str> = path.into();
    assert!(
        (reader.recognises)(&path),
        "{} does not recognise {path}",
        reader.name
    );
    let mut facts = Facts::default();
    (reader.read)(
        &Source::new(&path, text, crate::classify::by_path(&path), None),
        &mut facts,
    );
    facts
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn unread(path: &str, text: &str) -> usize {
        let path: Arc<str> = path.into();
        let class = crate::classify::by_path(&path);
        let mut facts = Facts::default();
        read(&Source::new(&path, text, class, None), &mut facts);
        facts.unread.len()
    }

    #[test]
    fn template_actions_of_a_skeleton_are_no_news() {
        let text = "{%- if cookiecutter.redis %}\nREDIS_URL=redis://redis\n{%- endif %}\n";
        assert_eq!(unread("{{cookiecutter.slug}}/.env", text), 0);
        assert_eq!(unread("app/.env", text), 2);
        assert_eq!(unread(".env.example", "nonsense\n"), 1);
    }
}

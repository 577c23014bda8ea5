//! Python as the survey sees it.

use xii_model::Facts;

use super::config::{branches, checks, exports, reads, settings};
use super::libraries::{
    auth, clients, files, jobs, logging, migrations, processes, resilience, routes, servers,
    signals, state, telemetry,
};
use super::reader::Reader;
use super::values::Python;
use super::{frameworks, imports, literals, lower, needles};
use crate::languages::language::{File, Given, Language};
use crate::languages::routing::Routing;

pub(crate) static LANGUAGE: Language = Language {
    extensions: &["py", "pyi"],
    name: |_| "python",
    grammar: |_| tree_sitter_python::LANGUAGE.into(),
    may_hold_facts: needles::may_hold_facts,
    import_candidates: imports::candidates,
    package: imports::package,
    lower: lower::lower,
    read,
    module_files: imports::module_files,
};

/// Reads the facts of a file, each table looking at the same calls, and what it gives to others.
fn read(file: &File<'_>, facts: &mut Facts) -> Given {
    let values = Python::of(file.tree);
    let calls = file.tree.calls();
    let settings = settings::classes(file.tree);
    let mut routing = Routing::default();
    let mut reader = Reader {
        file,
        tree: file.tree,
        values: &values,
        calls: &calls,
        settings: &settings,
        facts,
        routing: &mut routing,
    };
    // Secrets come first: what they mask, no later evidence shows.
    let bindings = literals::bindings(&reader);
    literals::read_secrets(&mut reader, &bindings);
    literals::read_locators(&mut reader, &bindings);
    imports::read(file, reader.facts);
    let checked = checks::by_hand(file.tree, &values);
    reads::read(&mut reader, &checked);
    checks::read(&mut reader, &checked);
    branches::read(&mut reader);
    frameworks::read(&mut reader);
    clients::read(&mut reader);
    resilience::read(&mut reader);
    servers::read(&mut reader);
    jobs::read(&mut reader);
    processes::read(&mut reader);
    migrations::read(&mut reader);
    logging::read(&mut reader);
    telemetry::read(&mut reader);
    signals::read(&mut reader);
    routes::read(&mut reader);
    auth::read(&mut reader);
    files::read(&mut reader);
    state::read(&mut reader);
    Given {
        exports: exports::exports(file, &values),
        routing,
    }
}

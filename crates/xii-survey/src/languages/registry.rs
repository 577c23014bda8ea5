//! The languages, and the parsing of a file.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser};
use xii_model::{Facts, FileClass};

use super::language::{File, Given, Language};
use super::syntax::Tree;
use super::{javascript, python};
use crate::source::Source;

/// The languages that the survey reads.
static LANGUAGES: [&Language; 2] = [&javascript::LANGUAGE, &python::LANGUAGE];

/// The longest that one file may take to parse. A file that takes longer is not source that a person
/// wrote.
const PARSE_TIME: Duration = Duration::from_secs(5);

/// The language of a file, by the ending of its path.
pub(crate) fn of(path: &str) -> Option<&'static Language> {
    let extension = extension(path)?;
    LANGUAGES
        .into_iter()
        .find(|language| language.extensions.contains(&extension))
}

/// The ending that tells a file's language. Of what has none, `bin/www` is known: there the generators
/// of Express and Koa put the program that listens, and it is JavaScript.
pub(crate) fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    match name.rsplit_once('.') {
        Some((_, extension)) => Some(extension),
        None => (path == "bin/www" || path.ends_with("/bin/www")).then_some("js"),
    }
}

/// Reads one file of source: its facts and what it gives to others. `None` when nothing in it can be a
/// fact, so that it was not parsed, or when the parser gives up.
///
/// `known` are the packages whose import needs no second look.
pub(crate) fn read(
    source: &Source<'_>,
    known: &HashSet<String>,
    facts: &mut Facts,
) -> Option<Given> {
    let language = of(source.path)?;
    if !matches!(source.class, FileClass::Source | FileClass::Tooling)
        || !worth_parsing(language, source.text, known)
    {
        return None;
    }
    let extension = extension(source.path)?;
    let tree = parse(language, extension, source.text)?;
    let file = File {
        source,
        tree: &tree,
        extension,
    };
    Some((language.read)(&file, facts))
}

/// Whether a file may hold a fact, or imports a package that is not known.
fn worth_parsing(language: &Language, text: &str, known: &HashSet<String>) -> bool {
    if (language.may_hold_facts)(text) {
        return true;
    }
    let mut unknown = false;
    (language.import_candidates)(text, &mut |module| {
        unknown |= (language.package)(module).is_some_and(|package| {
            let scope = package.split('/').next().unwrap_or_default();
            !(known.contains(&package) || scope.starts_with('@') && known.contains(scope))
        });
    });
    unknown
}

thread_local! {
    /// A parser for each thread: what it holds to work with is worth keeping from file to file.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

/// Parses and lowers a file. `None` when the parser gives up.
pub(crate) fn parse(language: &Language, extension: &str, text: &str) -> Option<Tree> {
    let parsed = PARSER.with_borrow_mut(|parser| {
        parser.set_language(&(language.grammar)(extension)).ok()?;
        let deadline = Instant::now() + PARSE_TIME;
        let mut stop = |_: &ParseState| {
            if Instant::now() > deadline {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let options = ParseOptions::new().progress_callback(&mut stop);
        let bytes = text.as_bytes();
        let parsed = parser.parse_with_options(
            &mut |at, _| bytes.get(at..).unwrap_or_default(),
            None,
            Some(options),
        );
        if parsed.is_none() {
            // Or it would go on with this file when it is given the next one.
            parser.reset();
        }
        parsed
    })?;
    Some((language.lower)(parsed.root_node(), text))
}

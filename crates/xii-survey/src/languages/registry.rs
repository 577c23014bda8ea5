//! The languages, and the parsing of a file.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser};

use xii_model::Facts;

use super::language::{Exports, File, Language};
use super::syntax::Tree;
use super::{javascript, python};
use crate::source::Source;

/// The languages that the survey reads.
static LANGUAGES: [&Language; 2] = [&javascript::LANGUAGE, &python::LANGUAGE];

/// The longest that one file may take to parse. A file that takes longer is not source that a person
/// wrote.
const PARSE_TIME: Duration = Duration::from_secs(5);

/// The language of a file with this ending.
pub(crate) fn language_of(extension: &str) -> Option<&'static Language> {
    LANGUAGES
        .into_iter()
        .find(|language| language.extensions.contains(&extension))
}

/// Parses and lowers a file. `None` when the parser gives up.
pub(crate) fn parse(language: &Language, extension: &str, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
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
    )?;
    Some((language.lower)(parsed.root_node(), text))
}

/// Reads one file of source: its facts and what it exports.
pub(crate) fn read(source: &Source<'_>, facts: &mut Facts) -> Option<Exports> {
    let extension = source.name().rsplit_once('.')?.1;
    let language = language_of(extension)?;
    let tree = parse(language, extension, source.text)?;
    let file = File {
        source,
        tree: &tree,
        extension,
    };
    (language.read)(&file, facts);
    Some((language.exports)(&file))
}

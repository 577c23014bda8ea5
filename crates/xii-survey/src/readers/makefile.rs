//! Makefile: each target with its recipe is a script.

use xii_model::{Facts, Script};

use super::reader::{Reader, file_name};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: "Makefile",
    recognises: |path| {
        matches!(
            file_name(path).as_str(),
            "makefile" | "gnumakefile" | "makefile.local"
        )
    },
    read,
};

/// The most characters of a recipe that a fact quotes.
const MAX_RECIPE: usize = 4000;

/// A target whose recipe is being read.
struct Target<'a> {
    names: Vec<&'a str>,
    start: usize,
    end: usize,
    recipe: Vec<String>,
    length: usize,
    continues: bool,
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let mut open: Option<Target<'_>> = None;
    let mut offset = 0;
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        if line.starts_with('\t') {
            if let Some(target) = &mut open {
                target.add(line);
            }
            continue;
        }
        let text = line.trim_end();
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        if is_conditional(text) {
            continue;
        }
        if let Some(target) = open.take() {
            target.push(source, facts);
        }
        open = target_names(text).map(|(names, own)| {
            let mut target = Target {
                names,
                start,
                end: start + text.len(),
                recipe: Vec::new(),
                length: 0,
                continues: false,
            };
            if let Some(own) = own {
                target.add(own);
            }
            target
        });
    }
    if let Some(target) = open {
        target.push(source, facts);
    }
}

/// Lines of a condition may stand inside a recipe: both branches are taken.
fn is_conditional(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    matches!(
        word.trim_end_matches('('),
        "ifeq" | "ifneq" | "ifdef" | "ifndef" | "else" | "endif"
    )
}

/// The targets of a rule's line, and the recipe behind its `;`. `None` for assignments, patterns
/// and make's own targets (`.PHONY`).
fn target_names(line: &str) -> Option<(Vec<&str>, Option<&str>)> {
    let (names, rest) = line.split_once(':')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if rest.starts_with('=') || names.contains(['=', '$', '%', '(', '"']) {
        return None;
    }
    // `target: NAME = value` sets a variable for the target.
    let (prerequisites, own) = match rest.split_once(';') {
        Some((before, own)) => (before, Some(own)),
        None => (rest, None),
    };
    if prerequisites.contains('=') {
        return None;
    }
    let names: Vec<&str> = names
        .split_whitespace()
        .filter(|name| !name.starts_with('.'))
        .collect();
    (!names.is_empty() && names.len() <= 20).then_some((names, own))
}

impl Target<'_> {
    fn add(&mut self, line: &str) {
        let text = line.trim();
        let (body, more) = match text.strip_suffix('\\') {
            Some(body) => (body.trim_end(), true),
            None => (text, false),
        };
        let continued = std::mem::replace(&mut self.continues, more);
        let body = if continued {
            body
        } else {
            body.trim_start_matches(['@', '-', '+', ' '])
        };
        if body.is_empty() || (!continued && body.starts_with('#')) {
            return;
        }
        self.length += body.len();
        if self.length > MAX_RECIPE {
            return;
        }
        match self.recipe.last_mut().filter(|_| continued) {
            Some(last) => {
                last.push(' ');
                last.push_str(body);
            }
            None => self.recipe.push(body.to_owned()),
        }
    }

    fn push(self, source: &Source<'_>, facts: &mut Facts) {
        if self.recipe.is_empty() {
            return;
        }
        let command = source.redacted(&self.recipe.join(" && "));
        let at = source.evidence(self.start..self.end);
        for name in self.names {
            let script = Script {
                name: name.to_owned(),
                command: command.clone(),
                source: "Makefile",
            };
            facts.push(source.fact_at(at.clone(), script));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn targets_are_scripts() {
        let text = "IMAGE := shop\n.PHONY: run\n\nrun: build ## Run it\n\t@docker build -t $(IMAGE) . \\\n\t  --pull\n\t-docker run \\\n\t  $(IMAGE)\n\nifdef CI\ntest:\n\tpytest\nendif\nall: run test\nclean: ; rm -rf dist\n%.o: %.c\n\tcc $<\n";
        let facts = read_text(&READER, "Makefile", text);
        assert_eq!(
            facts.lines(),
            [
                r#"Makefile:11:1 Script { name: "test", command: "pytest", source: "Makefile" }"#,
                r#"Makefile:15:1 Script { name: "clean", command: "rm -rf dist", source: "Makefile" }"#,
                r#"Makefile:4:1 Script { name: "run", command: "docker build -t $(IMAGE) . --pull && docker run $(IMAGE)", source: "Makefile" }"#,
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r"(?s:.|[:;=\\#\n]|\n\t|a:){0,60}") {
            read_text(&READER, "Makefile", &text);
        }
    }
}

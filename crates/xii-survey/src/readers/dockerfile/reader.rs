//! Recognises Dockerfiles and reads them.

use parse_dockerfile::parse_iter;
use xii_model::{Facts, Image};

use super::instructions::Steps;
use super::repair::repaired;
use super::runs;
use super::stages::Stages;
use crate::readers::deploy_name;
use crate::readers::reader::{Reader, file_name};
use crate::source::Source;

pub(in crate::readers) static READER: Reader = Reader {
    name: "Dockerfile",
    recognises: |path| variant(&file_name(path)).is_some(),
    read,
};

/// More instructions than this are not a person's.
const MAX_INSTRUCTIONS: usize = 3000;

/// Ends of names that are no Dockerfiles although they start like one.
const OTHER: [&str; 13] = [
    "dockerignore",
    "md",
    "txt",
    "sh",
    "py",
    "js",
    "ts",
    "go",
    "rb",
    "rs",
    "yml",
    "yaml",
    "json",
];

/// The variant in a Dockerfile's name: `Some(None)` for `Dockerfile`, `Some(Some("dev"))` for
/// `Dockerfile.dev`, `dev.Dockerfile` and `Dockerfile-dev`; `None` for the name of another file.
fn variant(name: &str) -> Option<Option<String>> {
    for stem in ["dockerfile", "containerfile"] {
        if name == stem {
            return Some(None);
        }
        if let Some(before) = name
            .strip_suffix(stem)
            .and_then(|rest| rest.strip_suffix('.'))
        {
            return Some(Some(before.to_owned()));
        }
        if let Some(after) = name
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_prefix(['.', '-', '_']))
        {
            let end = after.rsplit('.').next().unwrap_or(after);
            return (!OTHER.contains(&end)).then(|| Some(after.to_owned()));
        }
    }
    None
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    let body = source.text.trim_start_matches('\u{feff}');
    let skipped = source.text.len() - body.len();
    let repaired = repaired(body);
    let mut own = Facts::default();
    for (offset, why) in &repaired.errors {
        source.unread(&mut own, offset + skipped, *why);
    }
    let mut instructions = Vec::new();
    let mut escape = '\\';
    if let Ok(parsed) = parse_iter(&repaired.text) {
        instructions.extend(parsed.map_while(Result::ok).take(MAX_INSTRUCTIONS));
    }
    if has_backtick_escape(&repaired.text) {
        escape = '`';
    }
    let mut stages = Stages::new(Steps {
        source,
        skipped,
        escape,
    });
    stages.mask(&instructions);
    for instruction in &instructions {
        stages.add(instruction);
    }
    let variables: Vec<_> = declared(&stages, &instructions);
    let image = Image {
        variant: variant(&file_name(source.path)).flatten(),
        stages: stages.finish(),
    };
    let deploy = deploy_name::of_file(image.variant.as_deref(), source.path);
    if let Some(last) = image.last() {
        runs::tell(source, &image, &mut own);
        let kept = in_last(&image);
        for (stage, pair) in variables {
            // Where programs are looked for is no config.
            if kept.contains(&stage) && pair.name != "PATH" {
                steps(source, skipped, escape)
                    .variable(&pair)
                    .declare(source, &mut own, None);
            }
        }
        own.push(source.fact_at(last.at.clone(), image));
    }
    deploy_name::scope(&mut own, deploy);
    facts.append(own);
}

fn steps<'s, 'a>(source: &'s Source<'a>, skipped: usize, escape: char) -> Steps<'s, 'a> {
    Steps {
        source,
        skipped,
        escape,
    }
}

/// Every variable that an ENV gives, with the stage it stands in.
fn declared(
    stages: &Stages<'_, '_>,
    instructions: &[parse_dockerfile::Instruction<'_>],
) -> Vec<(usize, super::words::Pair)> {
    let mut found = Vec::new();
    let mut stage = 0_usize;
    for instruction in instructions {
        match instruction {
            parse_dockerfile::Instruction::From(_) => stage += 1,
            parse_dockerfile::Instruction::Env(env) if stage > 0 => {
                let pairs = stages.steps.pairs(&env.arguments.span, true);
                found.extend(pairs.into_iter().map(|pair| (stage - 1, pair)));
            }
            _ => {}
        }
    }
    found
}

/// The last stage and those it starts from.
fn in_last(image: &Image) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut next = image.stages.len().checked_sub(1);
    while let Some(index) = next {
        kept.push(index);
        let parent = image.stages.get(index).and_then(|stage| stage.parent);
        next = parent.filter(|parent| *parent < index);
    }
    kept
}

/// Whether the parser directives at the head of the file choose the backtick.
fn has_backtick_escape(text: &str) -> bool {
    text.lines()
        .map_while(|line| line.trim().strip_prefix('#'))
        .filter_map(|directive| directive.split_once('='))
        .any(|(name, value)| name.trim().eq_ignore_ascii_case("escape") && value.trim() == "`")
}

use proptest::prelude::*;
use xii_model::{Facts, Instruction};

use super::READER;
use crate::readers::read_text;

fn lines(path: &str, text: &str) -> Vec<String> {
    read_text(&READER, path, text).lines()
}

fn commands(facts: &Facts) -> Vec<(String, String)> {
    let pair = |process: &xii_model::ProcessType| (process.name.clone(), process.command.clone());
    facts.process_types.iter().map(|fact| pair(fact)).collect()
}

const NODE: &str = "\
# syntax=docker/dockerfile:1
ARG NODE_VERSION=20.11.1
FROM node:${NODE_VERSION}-alpine AS build
WORKDIR /app
COPY package*.json ./
RUN --mount=type=secret,id=npm npm ci \\
    # development tools are needed here
    && npm run build

from build as runtime
env NODE_ENV=production PORT=3000 \\
    API_TOKEN=\"9f8a7b6c5d4e3f2a1b0c\"
COPY --from=build --chown=node /app/dist ./dist
USER node
EXPOSE ${PORT}
HEALTHCHECK --interval=5s CMD wget -qO- http://localhost:3000/health || exit 1
ENTRYPOINT [\"dumb-init\", \"--\"]
CMD [\"node\", \"dist/server.js\"]
";

#[test]
fn a_multi_stage_file_tells_image_process_runtime_and_config() {
    insta::assert_debug_snapshot!(lines("web/Dockerfile", NODE));
}

#[test]
fn secrets_are_kept_out_of_values_and_excerpts() {
    let facts = read_text(
        &READER,
        "Dockerfile",
        "FROM python:3.12\nARG TOKEN\nENV SECRET_KEY=hunter2hunter2\nENV A=1 SECRET_KEY dummy\nENV DATABASE_URL postgres://a:hunter2hunter2@db/x\nRUN PASSWORD=hunter2hunter2 make\n",
    );
    let all = format!("{:?} {:?}", facts.images, facts.declarations);
    assert!(!all.contains("hunter2"), "{all}");
    let excerpts: String = facts.images[0].stages[0]
        .steps
        .iter()
        .map(|step| step.at.excerpt.to_string())
        .collect();
    assert!(!excerpts.contains("hunter2"), "{excerpts}");
    let secrets: Vec<_> = facts.images[0].stages[0]
        .steps
        .iter()
        .filter_map(|step| match &step.does {
            Instruction::Env {
                name,
                value,
                secret,
            } => Some((name.as_str(), value.as_str(), *secret)),
            Instruction::Arg { name, secret, .. } => Some((name.as_str(), "", *secret)),
            _ => None,
        })
        .collect();
    assert_eq!(
        secrets,
        [
            ("TOKEN", "", true),
            ("SECRET_KEY", "***", true),
            ("A", "1", false),
            ("SECRET_KEY", "", true),
            ("dummy", "", false),
            ("DATABASE_URL", "postgres://a:**************@db/x", true),
        ]
    );
}

#[test]
fn the_command_is_what_docker_would_start() {
    for (text, expected) in [
        ("FROM a\nCMD python app.py", Some("python app.py")),
        (
            "FROM a\nENTRYPOINT [\"./e.sh\"]\nCMD [\"web\"]",
            Some("./e.sh web"),
        ),
        ("FROM a\nENTRYPOINT ./e.sh\nCMD [\"web\"]", Some("./e.sh")),
        (
            "FROM a AS b\nCMD [\"x\"]\nFROM b\nENTRYPOINT [\"y\"]",
            Some("y"),
        ),
        (
            "FROM a AS b\nENTRYPOINT [\"y\"]\nFROM b\nCMD [\"x\"]",
            Some("y x"),
        ),
        ("FROM a\nCMD [\"x\"]\nCMD [\"y\"]", Some("y")),
        ("FROM a\nRUN make\n", None),
    ] {
        let facts = read_text(&READER, "Dockerfile", text);
        let found = commands(&facts);
        let found = found.first().map(|(_, command)| command.as_str());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn variants_name_deploys_and_processes() {
    let facts = read_text(&READER, "Dockerfile.dev", "FROM node:20\nCMD npm run dev\n");
    assert_eq!(facts.images[0].variant.as_deref(), Some("dev"));
    assert!(facts.process_types[0].scope.development);
    let facts = read_text(
        &READER,
        "worker.Dockerfile",
        "FROM node:20\nCMD npm run jobs\n",
    );
    assert_eq!(commands(&facts)[0].0, "worker");
    assert!(!facts.process_types[0].scope.development);
    let facts = read_text(
        &READER,
        "worker/Dockerfile",
        "FROM node:20\nCMD node jobs.js\n",
    );
    assert_eq!(commands(&facts)[0].0, "worker");
    for other in [
        "Dockerfile.md",
        "Dockerfile.dockerignore",
        "mydockerfile",
        "dockerfile.py",
    ] {
        assert!(!(READER.recognises)(other), "{other}");
    }
}

#[test]
fn heredocs_escapes_and_onbuild_are_understood() {
    let text = "\u{feff}# escape=`\nFROM mcr.microsoft.com/dotnet/sdk:8.0\nONBUILD COPY . .\nRUN <<EOF\napt-get update\nEOF\nRUN dir `\n  c:\\app\nENV A=b `\n  C=d\n";
    insta::assert_debug_snapshot!(lines("Dockerfile", text));
}

#[test]
fn what_cannot_be_parsed_is_told_and_the_rest_is_read() {
    let text = "FROM node:20\nINSTALL everything\nCMD [\"node\", \"a.js\"]\n";
    let facts = read_text(&READER, "Dockerfile", text);
    assert_eq!(
        commands(&facts),
        [("web".to_owned(), "node a.js".to_owned())]
    );
    let unread: Vec<_> = facts
        .unread
        .iter()
        .map(|one| (one.at.start.line, one.why.as_str()))
        .collect();
    assert_eq!(
        unread,
        [(
            2,
            "this line starts with no Dockerfile instruction that is known, so it was passed over"
        )]
    );
    let facts = read_text(&READER, "Dockerfile", "");
    assert_eq!((facts.count(), facts.unread.len()), (1, 1));
}

#[test]
fn the_actions_of_a_skeleton_are_passed_over() {
    let text = "FROM node:20\n{% if cookiecutter.x %}\nRUN make\n{% endif %}\n";
    assert_eq!(read_text(&READER, "Dockerfile", text).unread.len(), 0);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        lines("Dockerfile", &text);
    }

    #[test]
    fn any_instructions_are_read_without_panic(
        text in "(FROM|from|ARG|ENV|RUN|CMD|COPY|ADD|HEALTHCHECK|ONBUILD|VOLUME|#|\\\\|<<E|\\[|\"|,|\\]|=|\\$\\{|\\}|:-| |\n|a|é|'|`|CMD){0,40}"
    ) {
        lines("Dockerfile", &format!("FROM a\n{text}"));
    }
}

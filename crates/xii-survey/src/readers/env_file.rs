//! The `.env` family: files of variables, and the templates they are copied from.

use xii_model::{
    ConfigDeclaration, ConfigFile, ConfigFileKind, DeclarationSource, Facts, FileClass,
};

use super::environment_name;
use super::reader::{Reader, file_name};
use super::value;
use crate::document::{DotEnvEntry, dotenv};
use crate::source::Source;

pub(super) static READER: Reader = Reader {
    name: ".env",
    recognises,
    read,
};

/// What follows `.env.` in names of files that are programs or data of another form.
const OTHER_FORMS: [&str; 18] = [
    "ts", "js", "mjs", "cjs", "tsx", "py", "rb", "php", "go", "json", "yml", "yaml", "toml",
    "vault", "enc", "gpg", "md", "sh",
];

fn recognises(path: &str) -> bool {
    let name = file_name(path);
    let extension = name.rsplit('.').next().unwrap_or_default();
    if OTHER_FORMS.contains(&extension) {
        return false;
    }
    name == ".env"
        || name == ".flaskenv"
        || [
            ".env.",
            ".env-",
            ".env_",
            "env.example",
            "env.sample",
            "env.template",
            "env.dist",
        ]
        .iter()
        .any(|start| name.starts_with(start))
        || [
            "env-example",
            "env-sample",
            "env_example",
            "env_sample",
            "env-template",
            "dotenv.",
        ]
        .iter()
        .any(|start| name.starts_with(start))
        || name.ends_with(".env")
        || is_conf_template(&name)
        || path
            .rsplit_once('/')
            .is_some_and(|(folders, _)| folders.split('/').any(|folder| folder == ".envs"))
}

/// `app.conf.example`: a file of variables to copy, unless it is a server's own.
fn is_conf_template(name: &str) -> bool {
    const SERVERS: [&str; 6] = ["nginx", "apache", "httpd", "supervisor", "haproxy", "redis"];
    [".conf.example", ".conf.sample", ".conf.dist"]
        .iter()
        .any(|end| name.ends_with(end))
        && !SERVERS.iter().any(|server| name.contains(server))
}

/// How many lines of a `.conf.example` have to be assignments before it is taken for variables.
const LEAST_ASSIGNMENTS: usize = 3;

/// Whether a file holds assignments and remarks, and nothing of another form.
fn holds_variables(text: &str) -> bool {
    let mut assignments = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let remark = line.strip_prefix('#');
        match assignment(remark.unwrap_or(line).trim_start()) {
            Some(_) => assignments += 1,
            None if remark.is_none() => return false,
            None => {}
        }
    }
    assignments >= LEAST_ASSIGNMENTS
}

fn is_template(source: &Source<'_>) -> bool {
    let name = file_name(source.path);
    let says_so = name.split(['.', '-', '_']).any(|word| {
        matches!(
            word,
            "example"
                | "examples"
                | "sample"
                | "template"
                | "tmpl"
                | "tpl"
                | "dist"
                | "default"
                | "defaults"
                | "skeleton"
        )
    });
    says_so || source.class == FileClass::Template
}

fn read(source: &Source<'_>, facts: &mut Facts) {
    if is_conf_template(&file_name(source.path)) && !holds_variables(source.text) {
        return;
    }
    let file = dotenv(source.text);
    let template = is_template(source);
    for entry in &file.entries {
        value::mask(source, &entry.key, &entry.value, entry.value_span.clone());
    }
    for error in file.errors {
        source.unread(facts, error.offset, error.message);
    }
    let literal = |entry: &&DotEnvEntry| !entry.value.trim().is_empty() && !entry.interpolates;
    let config = ConfigFile {
        environment: environment_name::of(source.path),
        kind: ConfigFileKind::Env,
        tracked: source.tracked,
        template,
        keys: file.entries.iter().filter(literal).count(),
        deploy_keys: file
            .entries
            .iter()
            .filter(literal)
            .filter(|entry| value::is_deploy_value(&entry.key, &entry.value))
            .map(|entry| entry.key.clone())
            .collect(),
    };
    facts.push(source.fact_of_file(config));
    for entry in &file.entries {
        declare(source, facts, entry, template);
        if !template && !entry.interpolates {
            let place = entry.key_span.start..entry.value_span.end;
            value::push_literals(source, facts, &entry.key, &entry.value, place);
        }
    }
    if template {
        commented_out(source, facts);
    }
}

fn declare(source: &Source<'_>, facts: &mut Facts, entry: &DotEnvEntry, template: bool) {
    let given = entry.value.trim();
    let has_value =
        !given.is_empty() && !value::is_placeholder(given) && !value::is_reference(given);
    let comment = entry
        .comment
        .as_deref()
        .map(prose)
        .filter(|text| !text.is_empty());
    let declaration = ConfigDeclaration {
        name: entry.key.clone(),
        source: if template {
            DeclarationSource::EnvTemplate
        } else {
            DeclarationSource::EnvFile
        },
        has_value,
        value: (!given.is_empty())
            .then(|| value::quotable(source, &entry.key, given))
            .flatten(),
        required: comment.as_deref().and_then(says_required),
        comment: comment.map(|text| source.redacted(&text)),
    };
    facts.push(source.fact(entry.key_span.start..entry.value_span.end, declaration));
}

/// The comment without rulers and without assignments that are commented out.
fn prose(comment: &str) -> String {
    comment
        .lines()
        .map(|line| line.trim_matches(|c: char| c.is_whitespace() || "#-=–*".contains(c)))
        .filter(|line| !line.is_empty() && assignment(line).is_none())
        .collect::<Vec<_>>()
        .join("\n")
}

fn says_required(comment: &str) -> Option<bool> {
    let lower = comment.to_ascii_lowercase();
    if lower.starts_with("optional") || lower.contains("(optional") {
        Some(false)
    } else if lower.starts_with("required") || lower.contains("(required") {
        Some(true)
    } else {
        None
    }
}

/// A template names optional variables by commenting them out: `# SMTP_HOST=mail`.
fn commented_out(source: &Source<'_>, facts: &mut Facts) {
    let mut offset = 0;
    let mut found = Vec::new();
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let Some(rest) = line.trim_end().strip_prefix('#') else {
            continue;
        };
        let text = rest.trim_start();
        if let Some((name, given)) = assignment(text) {
            let from = start + 1 + rest.len() - text.len();
            let value_start = from + text.len() - given.len();
            value::mask(source, name, given, value_start..from + text.len());
            found.push((from..from + text.len(), name, given));
        }
    }
    for (place, name, given) in found {
        let given = ['"', '\'']
            .iter()
            .find_map(|quote| given.strip_prefix(*quote)?.strip_suffix(*quote))
            .unwrap_or(given);
        let declaration = ConfigDeclaration {
            name: name.to_owned(),
            source: DeclarationSource::EnvTemplate,
            has_value: false,
            value: (!given.is_empty())
                .then(|| value::quotable(source, name, given))
                .flatten(),
            required: Some(false),
            comment: None,
        };
        facts.push(source.fact(place, declaration));
    }
}

/// `NAME=value` with a name in upper case, as a line that is commented out has it.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, given) = line.split_once('=')?;
    let valid = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    (valid && !given.starts_with([' ', '='])).then_some((name, given))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::read_text;

    #[test]
    fn a_template_declares_variables_with_their_comments() {
        let text = "# --- Server ---\n\n# Port to listen on\nPORT=3000\n# Required. Signs sessions\nSECRET_KEY=changeme\nDATABASE_URL=postgres://user:pass@localhost/app\n# SMTP_HOST=mail.acme.io\nEMPTY=\n";
        let facts = read_text(&READER, ".env.example", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        assert!(facts.secrets.is_empty() && facts.locators.is_empty());
    }

    #[test]
    fn a_file_with_values_gives_its_secrets_away_by_name_only() {
        let text = "NODE_ENV=production\nDATABASE_URL=\"postgres://app:hunter2@db.acme.io/app\"\nJWT_SECRET=n2127bOgmzao67RiW3umlVs16GL9fEj+JQRDaaN5E9G7yC\nAPI_TOKEN=${VAULT_TOKEN}\nFIRST_PASSWORD=changethis\n";
        let facts = read_text(&READER, "env/.env.production", text);
        insta::assert_snapshot!(facts.lines().join("\n"));
        let everything = format!("{:?}", facts.lines());
        assert!(!everything.contains("hunter2") && !everything.contains("n2127"));
        for fact in &facts.secrets {
            assert!(!fact.at.excerpt.contains("hunter2") && !fact.at.excerpt.contains("n2127"));
        }
    }

    #[test]
    fn names_of_the_family_are_recognised() {
        for path in [
            ".env",
            "api/.env.local",
            "docker-compose.env",
            "env.example",
            "env-example-relational",
            ".envs/.production/.django",
            ".flaskenv",
        ] {
            assert!(recognises(path), "{path}");
        }
        for path in [
            "env.ts",
            "src/env.py",
            ".env.ts",
            ".env.vault",
            "environment.yml",
            "env/a.js",
        ] {
            assert!(!recognises(path), "{path}");
        }
    }

    #[test]
    fn a_conf_template_is_read_when_it_holds_variables() {
        let names = |text: &str| {
            read_text(&READER, "shop.conf.example", text)
                .declarations
                .iter()
                .map(|one| one.name.clone())
                .collect::<Vec<_>>()
        };
        assert!(recognises("shop.conf.example") && !recognises("nginx.conf.example"));
        let text = "# Where the shop keeps orders\n#SHOP_DBHOST=localhost\nSHOP_PORT=8000\n#SHOP_REDIS=redis://localhost:6379\n";
        assert_eq!(names(text), ["SHOP_PORT", "SHOP_DBHOST", "SHOP_REDIS"]);
        assert!(names("listen 80;\n#A_KEY=1\n#B_KEY=1\n#C_KEY=1\n").is_empty());
        assert!(names("#A_KEY=1\n").is_empty());
    }

    #[test]
    fn a_line_that_is_no_assignment_is_told() {
        let facts = read_text(&READER, ".env", "A=1\nnonsense\nB=2\n");
        assert_eq!(facts.declarations.len(), 2);
        assert_eq!(facts.unread[0].at.start.line, 2);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in r#"(?s:.|[='"$#{}\n]|\n# ?A_KEY=|SECRET=){0,60}"#) {
            read_text(&READER, ".env.example", &text);
            read_text(&READER, ".env", &text);
        }
    }
}

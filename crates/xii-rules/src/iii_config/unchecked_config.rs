//! Variables that the app cannot work without are read, and nothing notices when they are missing.
//!
//! ## What it looks for
//!
//! Reads of database, cache and queue locators and of signing keys that have neither a default nor a
//! check: `process.env.DATABASE_URL` passed on as it is, `os.environ.get("SECRET_KEY")`. A read
//! that fails by itself (`os.environ["…"]`) is a check, and so is a schema (envalid, zod, Joi with
//! `@nestjs/config`, pydantic-settings) or an `if` that throws.
//!
//! ## Why it matters
//!
//! A deploy with a forgotten variable starts, is declared healthy and gets traffic. It fails later, on
//! the first request that needs the value, with an error that does not name the variable.
//!
//! ## What to do instead
//!
//! Check all of them in one place, first thing at start:
//!
//! ```js
//! import { cleanEnv, str, url } from 'envalid';
//! export const env = cleanEnv(process.env, { DATABASE_URL: url(), JWT_SECRET: str() });
//! ```
//!
//! ```python
//! class Settings(BaseSettings):
//!     database_url: PostgresDsn
//!     secret_key: SecretStr
//!
//! settings = Settings()
//! ```

use std::collections::BTreeSet;

use xii_model::{App, Confidence, ConfigCheck, EnvRead, Fact, Framework, Origin, Severity};

use crate::config_names::is_vital;
use crate::{Claims, Rule, places, wording};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "unchecked-config",
    criteria: &["III.4"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    let checks: Vec<_> = app
        .facts
        .config_checks
        .iter()
        .filter(|check| check.scope.is_deployed() && check.stops)
        .collect();
    // A check whose names do not show may cover any of them.
    let blind = checks.iter().find(|check| check.names.is_empty());
    let mut covered: BTreeSet<&str> = checks
        .iter()
        .flat_map(|check| check.names.iter().map(String::as_str))
        .collect();
    let reads: Vec<&Fact<EnvRead>> = app
        .facts
        .env_reads
        .iter()
        .filter(|read| read.scope.is_deployed())
        .collect();
    covered.extend(
        reads
            .iter()
            .filter(|read| read.required == Some(true))
            .map(|read| read.name.as_str()),
    );
    let mut seen = BTreeSet::new();
    let unchecked: Vec<&Fact<EnvRead>> = reads
        .iter()
        .copied()
        .filter(|read| {
            is_vital(&read.name)
                && !framework_checks(app, &read.name)
                && matches!(read.default, Origin::Absent)
                // Prisma names the variable itself, at the first query.
                && read.through != "prisma"
                && read.required != Some(true)
                && !covered.contains(read.name.as_str())
                && seen.insert(read.name.as_str())
        })
        .collect();
    if let (Some(first), None) = (unchecked.first(), blind) {
        let names: Vec<&str> = unchecked.iter().map(|read| read.name.as_str()).collect();
        let one = names.len() == 1;
        // A cache is often used only where there is one.
        let only_a_cache = names
            .iter()
            .all(|name| name.to_ascii_uppercase().contains("REDIS"));
        let draft = claims.finding(
            &first.at,
            format!(
                "nothing notices at start when {} {} missing: the app starts, gets traffic and fails later without naming {}",
                wording::list(&names, 4),
                if one { "is" } else { "are" },
                if one { "it" } else { "them" },
            ),
        );
        draft
            .confidence(if may_check_elsewhere(app) || only_a_cache {
                Confidence::Low
            } else {
                Confidence::Medium
            })
            .subject("unchecked")
            .help(help(app, &names));
        for read in unchecked.iter().skip(1).take(20) {
            draft.related(&read.at, format!("`{}` is read without a check", read.name));
        }
    } else if let Some(check) = checks.iter().find(|check| says_enough(check)) {
        let names: BTreeSet<&String> = checks
            .iter()
            .filter(|other| other.through == check.through)
            .flat_map(|other| &other.names)
            .collect();
        claims.holds(
            "III.4",
            format!(
                "{} checks {} at start and stops",
                check.through,
                wording::count(names.len(), "variable")
            ),
            &check.at,
        );
    } else if let Some(check) = blind {
        claims.could_not_tell(
            "III.4",
            format!(
                "{} checks config at start, but which variables it asks for does not show",
                check.through
            ),
        );
    } else if let Some(read) = reads
        .iter()
        .find(|read| read.required == Some(true) && is_vital(&read.name))
    {
        claims.holds(
            "III.4",
            format!("the read of {} fails when it is missing", read.name),
            &read.at,
        );
    }
}

/// Whether the framework itself refuses to start without it: Django does for its secret key.
fn framework_checks(app: &App, name: &str) -> bool {
    app.uses(Framework::Django) && name.to_ascii_uppercase().ends_with("SECRET_KEY")
}

/// Whether a library is there that checks config, though no check was seen: it may be one that the
/// survey does not follow.
fn may_check_elsewhere(app: &App) -> bool {
    app.depends_on(&[
        "envalid",
        "joi",
        "@hapi/joi",
        "env-var",
        "convict",
        "class-validator",
        "dotenv-safe",
        "@t3-oss/env-core",
        "@t3-oss/env-nextjs",
        "env-schema",
        "@fastify/env",
        "znv",
        "ts-dotenv",
        "pydantic-settings",
        "environs",
        "dynaconf",
        "python-decouple",
        "starlette-config",
    ])
}

/// Whether a check speaks for the config as a whole: a schema does, and one by hand does when it
/// asks for something that the app cannot work without.
fn says_enough(check: &ConfigCheck) -> bool {
    let by_hand = check.through.starts_with("an if");
    !check.names.is_empty() && (!by_hand || check.names.iter().any(|name| is_vital(name)))
}

fn help(app: &App, names: &[&str]) -> String {
    let shown = names.iter().take(6);
    if places::is_pythonic(app) {
        if app.uses(Framework::FastApi) {
            let fields: Vec<String> = shown
                .map(|name| format!("        {}: str", name.to_ascii_lowercase()))
                .collect();
            return format!(
                "declare them in a settings class without defaults, and make it when the module is loaded:\n    class Settings(BaseSettings):\n{}\n    settings = Settings()",
                fields.join("\n")
            );
        }
        let lines: Vec<String> = shown
            .map(|name| format!("    {name} = os.environ[\"{name}\"]"))
            .collect();
        return format!(
            "read them so that a missing one stops the start:\n{}",
            lines.join("\n")
        );
    }
    if app.uses(Framework::Nest) {
        let keys: Vec<String> = shown
            .map(|name| format!("        {name}: Joi.string().required(),"))
            .collect();
        return format!(
            "give ConfigModule a schema:\n    ConfigModule.forRoot({{\n      validationSchema: Joi.object({{\n{}\n      }}),\n    }})",
            keys.join("\n")
        );
    }
    let keys: Vec<String> = shown.map(|name| format!("      {name}: str(),")).collect();
    format!(
        "check them in one place before the server starts, for instance with envalid:\n    const env = cleanEnv(process.env, {{\n{}\n    }});",
        keys.join("\n")
    )
}

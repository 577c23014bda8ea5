//! Finds schema changes that cannot be taken back.
//!
//! ## What it looks for
//!
//! Migrations that come in pairs, of which one half is missing (`0007_add.up.sql` without its
//! `.down.sql`), and migration tools that have no way back at all.
//!
//! ## Why it matters
//!
//! A release is rolled back by starting the one before. When the schema has moved on and cannot be
//! moved back, the older code meets tables that it does not know, and the rollback fails at the moment
//! when it is needed.
//!
//! ## What to do instead
//!
//! Write the way back with each step, or keep every step compatible with the release before: first
//! add, then use, and remove one release later.
//!
//! ```sql
//! -- 0007_add_email.up.sql
//! ALTER TABLE users ADD COLUMN email text;
//! -- 0007_add_email.down.sql
//! ALTER TABLE users DROP COLUMN email;
//! ```

use std::collections::BTreeSet;

use xii_model::{App, Confidence, Evidence, FileClass, Severity};

use crate::deploy_names::{file_name, folder};
use crate::wording::count;
use crate::{Claims, Rule};

/// See the file's own comment.
pub(crate) const RULE: Rule = Rule {
    name: "irreversible-migration",
    criteria: &["V.7"],
    severity: Severity::Warning,
    check,
};

/// The words for a step and for its way back.
const PAIRS: [(&str, &str); 4] = [
    (".up.sql", ".down.sql"),
    ("-up.sql", "-down.sql"),
    ("_up.sql", "_down.sql"),
    ("/up.sql", "/down.sql"),
];

fn check(app: &App, claims: &mut Claims<'_>) {
    let paths: BTreeSet<&str> = app.files.iter().map(|file| &*file.path).collect();
    let mut lone = Vec::new();
    let mut paired = Vec::new();
    for path in &paths {
        for (up, down) in PAIRS {
            if let Some(stem) = path.strip_suffix(up) {
                match paths.contains(format!("{stem}{down}").as_str()) {
                    true => paired.push(*path),
                    false => lone.push((*path, format!("{stem}{down}"))),
                }
            }
        }
    }
    if let Some((first, wanted)) = lone.first() {
        let more = match lone.len() - 1 {
            0 => String::new(),
            more => format!(" ({more} more are like it)"),
        };
        claims
            .finding(
                &Evidence::file(*first),
                format!("{} has no way back{more}: a rollback meets a schema that the older code does not know", file_name(first)),
            )
            .confidence(if paired.is_empty() { Confidence::Medium } else { Confidence::High })
            .help(format!("write the way back in {wanted}, or keep the step compatible with the release before"));
        return;
    }
    if let Some(first) = paired.last() {
        claims.holds(
            "V.7",
            format!(
                "each of {} has a way back",
                count(paired.len(), "migration")
            ),
            &Evidence::file(*first),
        );
        return;
    }
    // Prisma's migrations go forward only.
    let prisma = app.files.iter().find(|file| {
        file.path.ends_with("/migration.sql") && folder(folder(&file.path)).ends_with("migrations")
    });
    if let Some(file) = prisma {
        claims
            .finding(
                &Evidence::file(file.path.clone()),
                "these migrations go forward only: a rollback works as long as each of them suits the code of the release before",
            )
            .severity(Severity::Note)
            .confidence(Confidence::Low)
            .help("add first, use in the next release, and remove one release later; `prisma migrate diff` can write a way back");
        return;
    }
    // Django and Alembic write the way back with the step, and a release task runs them apart.
    let generated = app.depends_on(&[
        "alembic",
        "flask-migrate",
        "django",
        "knex",
        "sequelize",
        "typeorm",
    ]);
    let task = app
        .facts
        .admin_tasks
        .iter()
        .find(|task| task.kind == "migration" && task.scope.class == FileClass::Source);
    if let (true, Some(task)) = (generated, task) {
        claims.could_not_tell(
            "V.7",
            format!(
                "migrations are run by `{}`; whether each can be taken back shows when it is tried",
                task.what.name
            ),
        );
    }
}

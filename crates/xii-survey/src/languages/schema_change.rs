//! SQL that changes a schema, written in source code.

use super::syntax::{Kind, NodeId, Tree};

/// How many nodes are followed from a call to the text it is given.
const STEPS: usize = 8;

/// The most of a text that is looked at, in bytes.
const MOST: usize = 4_000;

/// Begins of statements that change what a database keeps for good.
const STATEMENTS: [&str; 9] = [
    "create table",
    "create unlogged table",
    "create index",
    "create unique index",
    "create extension",
    "create schema",
    "create type",
    "alter table",
    "drop table",
];

/// The statement, in two words, if a text holds one that changes the schema.
pub(crate) fn statement(sql: &str) -> Option<&'static str> {
    let mut end = sql.len().min(MOST);
    while !sql.is_char_boundary(end) {
        end -= 1;
    }
    sql.get(..end)?.split(';').find_map(|part| {
        let words = part
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"))
            .flat_map(str::split_whitespace)
            .take(4)
            .map(str::to_ascii_lowercase)
            .collect::<Vec<_>>()
            .join(" ");
        STATEMENTS.into_iter().find(|known| {
            words
                .strip_prefix(known)
                .is_some_and(|rest| rest.starts_with(' '))
        })
    })
}

/// The text that an argument begins with: itself, the name it is bound to, the start of a template, or
/// what `text("…")` is given.
pub(crate) fn text(tree: &Tree, id: NodeId) -> Option<&str> {
    let mut at = id;
    for _ in 0..STEPS {
        at = tree.follow(at);
        at = match tree.kind(at) {
            Kind::Text(text) => return Some(text),
            Kind::Template(parts) => *parts.first()?,
            Kind::Binary { left, .. } => *left,
            Kind::Call { args, .. } => args.first()?.value,
            _ => return None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_change_a_schema_are_told_from_others() {
        let yes = |sql: &str| statement(sql).unwrap_or("none");
        assert_eq!(yes("CREATE TABLE IF NOT EXISTS a (id int)"), "create table");
        assert_eq!(
            yes("\n  -- orders\n  create  unique\nindex i on a (b)"),
            "create unique index"
        );
        assert_eq!(yes("begin; alter table a add b int; commit"), "alter table");
        assert_eq!(yes("create temporary table a (id int)"), "none");
        assert_eq!(yes("select 'create table a'"), "none");
        assert_eq!(yes("create table"), "none");
        assert_eq!(yes("drop tables"), "none");
    }
}

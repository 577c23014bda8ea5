//! Small pieces of prose that messages share.

use xii_model::ResourceKind;

/// Names as a phrase: `A`, `A and B`, `A, B and 3 more`. At most `most` are spelled out.
pub(crate) fn list<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown = names.len().min(most.max(1));
    let rest = names.len() - shown;
    let mut parts: Vec<String> = names
        .iter()
        .take(shown)
        .map(|name| name.as_ref().to_owned())
        .collect();
    if rest > 0 {
        parts.push(format!("{rest} more"));
    }
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

/// A number with its noun: `1 file`, `3 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A kind of resource as an adjective: `the database client`, `the redis client`.
pub(crate) fn kind(kind: &ResourceKind) -> String {
    match kind {
        ResourceKind::Sql => "database".to_owned(),
        ResourceKind::Http => "HTTP".to_owned(),
        ResourceKind::Amqp => "AMQP".to_owned(),
        ResourceKind::Postgres => "PostgreSQL".to_owned(),
        ResourceKind::MySql => "MySQL".to_owned(),
        ResourceKind::Mongo => "MongoDB".to_owned(),
        ResourceKind::Redis => "Redis".to_owned(),
        ResourceKind::ErrorTracker => "error tracker".to_owned(),
        ResourceKind::ObjectStore => "object store".to_owned(),
        other => other.to_string(),
    }
}

/// A resource of the kind as a noun: `the database`, `Redis`, `the mail server`.
pub(crate) fn resource(resource: &ResourceKind) -> String {
    match resource {
        ResourceKind::Sql => "the database".to_owned(),
        ResourceKind::Http => "the other service".to_owned(),
        ResourceKind::Mail => "the mail server".to_owned(),
        ResourceKind::Amqp => "the message broker".to_owned(),
        ResourceKind::Queue => "the queue".to_owned(),
        ResourceKind::Search => "the search engine".to_owned(),
        ResourceKind::ErrorTracker => "the error tracker".to_owned(),
        ResourceKind::ObjectStore => "the object store".to_owned(),
        other => kind(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(list::<&str>(&[], 3), "");
        assert_eq!(list(&["A"], 3), "A");
        assert_eq!(list(&["A", "B"], 3), "A and B");
        assert_eq!(list(&["A", "B", "C", "D"], 2), "A, B and 2 more");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
    }
}

//! Whether what an app writes speaks of a variable.

/// Whether a line names the variable: in its own letters, or as validators of settings write it.
pub fn names(line: &str, variable: &str) -> bool {
    let squeezed = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    let first = line.split_whitespace().next().unwrap_or_default();
    line.contains(variable)
        || (variable.contains('_') && squeezed(line).contains(&squeezed(variable)))
        // One word may be any: it counts where it is what the line begins with.
        || first.trim_end_matches(':').eq_ignore_ascii_case(variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_as_validators_write_it() {
        assert!(names("Error: DATABASE_URL is required", "DATABASE_URL"));
        assert!(names("  databaseUrl: Required", "DATABASE_URL"));
        assert!(names("database_url", "DATABASE_URL"));
        assert!(names("debug", "DEBUG"));
        assert!(!names("something to debug", "DEBUG"));
        assert!(!names("cannot reach the database", "DATABASE_URL"));
    }
}

//! Facts in, findings out: the audit's rules, one a file.

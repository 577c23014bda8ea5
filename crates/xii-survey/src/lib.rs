//! Reads a repository once and makes an app and its facts of it.

//! A clean copy of the app, built as its manifests say.

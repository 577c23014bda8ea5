//! What is asked of an app, in order, and what came of it.

//! The API that an app says it has, and whether its answers fit.

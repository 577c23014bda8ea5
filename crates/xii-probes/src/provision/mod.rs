//! The environment that an app is given: variables, canaries, and resources of its own.

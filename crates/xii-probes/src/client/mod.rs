//! Talking to an app over HTTP as a prober must: seeing how an answer fails, not only that it does.

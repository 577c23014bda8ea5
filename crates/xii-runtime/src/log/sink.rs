//! What takes the stream.

/// Where the stream goes: the terminal, the store, a drain. The pump calls it from its own thread.
pub trait Sink: Send {
    /// Takes a block of whole records. Must not wait for long: what it cannot take it counts as dropped.
    fn take(&mut self, block: &std::sync::Arc<Vec<u8>>, records: u64);
    /// Called when the stream has been quiet for a moment and at its end: writes what is held back.
    fn flush(&mut self);
    /// Called after the last block: delivers what waits, for a bounded time, so that what
    /// [`dropped`](Self::dropped) says then is all. Whoever holds nothing back has nothing to do.
    fn end(&mut self) {}
    /// Lines that it dropped, so far, and its name (`store`, `drain tcp://…`).
    fn dropped(&self) -> (String, u64);
}

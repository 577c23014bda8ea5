//! How probes are played: what a probe is and may do, the runs that it starts, its transcript, the order
//! of all.

mod copies;
mod execute;
mod lab;
mod leaks;
mod learn;
mod probe;
mod progress;
mod prove;
mod ready;
mod record;
mod run;
mod script;
mod setup;
mod stage;
mod stream;

pub use leaks::{Leak, Leaks};
pub use probe::{CouldNotTell, Entry, Need, Phase, Probe, Steps};
pub use progress::Progress;
pub use prove::{Options, Proof, Subject, probes_for, prove};
pub use ready::{NotReady, Ready};
pub use record::{Record, text_of};
pub use run::{Ended, Run, To};
pub use setup::Setup;
pub use stage::Stage;

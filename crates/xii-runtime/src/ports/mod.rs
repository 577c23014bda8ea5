//! Which port an instance gets, and who has it already.

mod holder;
mod private;
mod rule;

pub use holder::{Holder, listening_ports, who_holds};
pub use private::PrivatePorts;
pub use rule::{Base, PortError, base_port, check_free, port_of};

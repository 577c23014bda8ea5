//! The router over real sockets, in front of instances that answer what each test wants.

mod bodies;
mod drain;
mod fields;
mod http2;
mod load;
mod retries;
mod smuggling;
mod stop;
mod timeouts;
mod upgrade;
mod workbench;

//! Records what a process tree does to the system.

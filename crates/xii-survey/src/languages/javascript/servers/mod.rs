//! Servers, signals, jobs and other processes.

mod closing;
mod jobs;
mod listen;
mod migrations;
mod programs;
mod queues;
mod signals;

pub(super) use closing::{called as handlers_call, exported as closes_when_called};
pub(super) use jobs::read as jobs;
pub(super) use listen::read as listen;
pub(super) use migrations::read as migrations;
pub(super) use programs::read as programs;
pub(super) use queues::read as queues;
pub(super) use signals::{closes_resource, read as signals};

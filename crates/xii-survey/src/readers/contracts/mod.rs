//! Machine-readable contracts of APIs.

mod asyncapi;
mod document;
mod graphql;
mod openapi;
mod operations;
mod protobuf;

#[cfg(test)]
mod tests;

pub(super) use asyncapi::READER as ASYNCAPI;
pub(super) use graphql::READER as GRAPHQL;
pub(super) use openapi::READER as OPENAPI;
pub(super) use protobuf::READER as PROTOBUF;

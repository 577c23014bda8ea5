//! Pipelines of continuous integration and delivery.

mod azure;
mod bitbucket;
mod circleci;
mod deploys;
mod found;
mod github;
mod gitlab;
mod jenkins;
mod travis;

#[cfg(test)]
mod tests;

pub(super) use azure::READER as AZURE;
pub(super) use bitbucket::READER as BITBUCKET;
pub(super) use circleci::READER as CIRCLECI;
pub(super) use github::READER as GITHUB;
pub(super) use gitlab::READER as GITLAB;
pub(super) use jenkins::READER as JENKINS;
pub(super) use travis::READER as TRAVIS;

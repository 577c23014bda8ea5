//! The words of xii: factors, criteria, facts, findings, verdicts and reports. No I/O.

mod about;
mod app;
mod criteria;
mod criterion;
mod deed;
mod event;
mod evidence;
mod factor;
mod facts;
mod finding;
pub mod grammar;
mod join;
mod locator;
mod origin;
mod profile;
mod report;
mod secret;
mod severity;
mod trial;
mod verdict;

pub use app::{ANSWERS_NOTHING, Allowance, App, AppKind, Framework, Survey};
pub use criterion::Criterion;
pub use deed::{Act, Address, Asked, Deed, Purpose, Relayed};
pub use event::{Event, Instance, Level, Line, NoInstance, Request, Source, Stream, What};
pub use evidence::{Evidence, Position};
pub use factor::{Factor, UnknownFactor};
pub use facts::*;
pub use finding::{Edit, Finding, Fix, Related, Safety, SuppressedBy, Suppression, fingerprint};
pub use join::join;
pub use locator::{Locator, is_loopback_host};
pub use origin::{EnvValue, Origin};
pub use profile::Profile;
pub use report::{
    AppReport, Basis, ConfigVariable, Count, CriterionReport, FromCode, GitHead, Notice, Report,
    ResourceUse, RuleInfo, Tally,
};
pub use secret::{
    SecretByForm, ValueLook, is_secret_name, is_uuid, look_of_value, secret_spans, secrets_by_form,
};
pub use severity::{Confidence, Persona, Severity};
pub use trial::{BuildStep, Mark, Moment, RunSummary, StoodFor, Trial};
pub use verdict::Verdict;

//! Telling secrets from other text. Pure, so that the audit and the log pipeline agree.

mod form;
mod name;
mod value;

pub use form::{SecretByForm, secret_spans, secrets_by_form};
pub use name::is_secret_name;
pub use value::{ValueLook, is_uuid, look_of_value};

//! The shape of errors.

use serde_json::Value as Json;

use super::operation::Operation;
use super::read::Contract;
use crate::client::Answer;

/// The shape of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    /// `application/problem+json` as RFC 9457 has it.
    Problem,
    /// It fits the schema that the contract declares for it.
    Declared,
    /// Neither, and why, in words.
    Other(String),
}

impl ErrorShape {
    /// The shape of an error by itself.
    pub fn of(answer: &Answer) -> ErrorShape {
        match answer.media_type().as_deref() {
            Some("application/problem+json") => match fault_of_problem(answer) {
                None => ErrorShape::Problem,
                Some(why) => ErrorShape::Other(why),
            },
            Some(kind) => ErrorShape::Other(format!("its media type is {kind}")),
            None => ErrorShape::Other("it has no media type".to_owned()),
        }
    }
}

impl Contract {
    /// The shape of an error that an operation answered.
    ///
    /// # Errors
    ///
    /// Why it cannot be told.
    pub fn error_shape(
        &self,
        operation: &Operation,
        answer: &Answer,
    ) -> Result<ErrorShape, String> {
        let own = ErrorShape::of(answer);
        if own == ErrorShape::Problem {
            return Ok(own);
        }
        let response = operation.response(answer.status);
        let kind = answer.media_type().unwrap_or_default();
        let schema = response.and_then(|response| {
            let mut content = response.content.iter();
            content.find(|(other, _)| *other == kind)?.1.as_ref()
        });
        let Some(schema) = schema else {
            return Ok(own);
        };
        Ok(match self.body(schema, answer)?.first() {
            None => ErrorShape::Declared,
            Some(fault) => ErrorShape::Other(fault.to_string()),
        })
    }
}

/// What is wrong with a problem (RFC 9457, section 3.1): its members have fixed kinds.
fn fault_of_problem(answer: &Answer) -> Option<String> {
    let Some(Json::Object(problem)) = answer.json() else {
        return Some("the problem is no object of JSON".to_owned());
    };
    for name in ["type", "title", "detail", "instance"] {
        if problem.get(name).is_some_and(|value| !value.is_string()) {
            return Some(format!("the problem's `{name}` is no string"));
        }
    }
    match problem.get("status") {
        Some(status) if status.as_u64() != Some(answer.status.into()) => {
            Some("the problem's `status` is not that of the answer".to_owned())
        }
        _ if ["type", "title", "detail"]
            .iter()
            .all(|name| !problem.contains_key(*name)) =>
        {
            Some("the problem has neither `type` nor `title` nor `detail`".to_owned())
        }
        _ => None,
    }
}

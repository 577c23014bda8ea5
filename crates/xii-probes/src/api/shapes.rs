//! The shapes of errors that a contract documents anywhere.

use crate::client::Answer;
use crate::contract::{Contract, ErrorShape, Operation};

/// Whether an error has a shape that is documented, and how; or why not.
///
/// Where an operation declares the status, its schema decides. Where it does not, or no operation is meant, any schema
/// that the contract has for errors of this status will do.
pub(crate) fn shape(
    contract: &Contract,
    operation: Option<&Operation>,
    answer: &Answer,
) -> Result<ErrorShape, String> {
    let own = ErrorShape::of(answer);
    if own == ErrorShape::Problem {
        return Ok(own);
    }
    if let Some(operation) = operation
        && operation
            .response(answer.status)
            .is_some_and(|one| !one.content.is_empty())
    {
        return contract.error_shape(operation, answer);
    }
    for other in contract.operations() {
        if other
            .response(answer.status)
            .is_some_and(|one| !one.content.is_empty())
            && let Ok(ErrorShape::Declared) = contract.error_shape(other, answer)
        {
            return Ok(ErrorShape::Declared);
        }
    }
    Ok(own)
}

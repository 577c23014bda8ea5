/// What is wrong with what was declared: all of it, one sentence a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Faulty(pub Vec<String>);

impl Faulty {
    /// `made`, or what is wrong when anything is.
    pub(crate) fn unless<T>(faults: Vec<String>, made: T) -> Result<T, Faulty> {
        if faults.is_empty() {
            Ok(made)
        } else {
            Err(Faulty(faults))
        }
    }
}

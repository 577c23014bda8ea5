//! Lowering: from the grammar's tree to the survey's small one.

mod assignments;
mod definitions;
mod expressions;
mod imports;
mod lowering;
mod statements;
#[cfg(test)]
mod tests;
mod texts;

pub(super) use lowering::lower;

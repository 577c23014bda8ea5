//! What is said of a folder that holds nothing.

use xii_model::Report;

use super::closing;
use super::paint::Paint;
use super::wrap::wrap;
use crate::Look;
use crate::section::{EMPTY, EMPTY_ADVICE};

/// Says that there is nothing, and what to do.
pub(crate) fn render(report: &Report, look: &Look, paint: Paint) -> String {
    format!(
        "{}\n{}\n{}",
        paint.strong(wrap(EMPTY, look.width).join("\n")),
        wrap(EMPTY_ADVICE, look.width).join("\n"),
        closing::notices(report, look, paint),
    )
}

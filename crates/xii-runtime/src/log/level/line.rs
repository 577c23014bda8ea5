use xii_model::Level;

use super::{plain, structured};

/// The level that a line states in a form that is known; `None` when it states none.
///
/// Known are the level of a JSON object, `level=…` of logfmt, the level after the time in the usual
/// layouts, `<level>:` at the begin, and the letters of glog and of Ruby's logger. A word inside of a
/// sentence is no level.
pub fn level(line: &[u8]) -> Option<Level> {
    let line = line.trim_ascii_start();
    match line.first()? {
        b'{' => structured::level(line),
        _ => plain::level(line),
    }
}

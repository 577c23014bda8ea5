//! Names and places: no drawer for everything, `mod.rs` only re-exports, `unsafe` only where it may be.

use crate::work::{self, Outcome};

/// Names that say nothing of what is inside.
const DRAWERS: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "imp"];

/// What stands in the wrong place.
pub(crate) fn check(files: &[String]) -> Outcome<Vec<String>> {
    let mut wrong = Vec::new();
    for path in files
        .iter()
        .filter(|path| path.ends_with(".rs") && path.starts_with("crates/"))
    {
        let stem = path
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".rs"))
            .unwrap_or_default();
        if DRAWERS.contains(&stem) || path.split('/').any(|part| DRAWERS.contains(&part)) {
            wrong.push(format!("{path}: name it for what it does, not as a drawer"));
        }
        let text = work::read(&work::root().join(path))?;
        if stem == "mod" && !path.contains("/tests/") {
            wrong.extend(code_in_mod(path, &text));
        }
        let may_be_unsafe = path.starts_with("crates/xii-witness/")
            || path.starts_with("crates/xii-runtime/src/platform/");
        let keyword = text.lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            ["unsafe {", "unsafe fn", "unsafe impl"]
                .iter()
                .any(|use_of| {
                    code.find(use_of)
                        .is_some_and(|at| !code[..at].ends_with(['_', '"']))
                })
        });
        if keyword && !may_be_unsafe && !path.starts_with("crates/xii-dev/src/house/") {
            wrong.push(format!("{path}: unsafe has no place here"));
        }
    }
    Ok(wrong)
}

/// The first item of a `mod.rs` that is neither a module nor a re-export.
fn code_in_mod(path: &str, text: &str) -> Option<String> {
    let items = [
        "fn ",
        "struct ",
        "enum ",
        "impl ",
        "trait ",
        "const ",
        "static ",
        "macro_rules!",
        "type ",
    ];
    text.lines()
        .enumerate()
        .find(|(_, line)| {
            let line = line
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub ");
            items.iter().any(|item| line.starts_with(item))
        })
        .map(|(number, _)| {
            format!(
                "{path}:{}: mod.rs only re-exports: move this to a file of its own",
                number + 1
            )
        })
}

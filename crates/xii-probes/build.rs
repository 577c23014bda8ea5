//! Finds the probes: every file `src/<factor>/<probe>.rs` is one, so a new probe needs no entry anywhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let source =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src");
    let mut modules = String::new();
    let mut entries = String::new();
    for folder in sorted(&source)
        .into_iter()
        .filter(|path| path.is_dir() && is_factor(path))
    {
        println!("cargo::rerun-if-changed={}", folder.display());
        let factor = stem(&folder);
        let _ = writeln!(modules, "#[allow(unreachable_pub)]\nmod {factor} {{");
        for file in sorted(&folder)
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        {
            let probe = stem(&file);
            let _ = writeln!(
                modules,
                "    #[path = {file:?}]\n    pub(super) mod {probe};"
            );
            let text = fs::read_to_string(&file).expect("a probe's file is readable");
            let _ = writeln!(
                entries,
                "    Entry {{ probe: &{factor}::{probe}::PROBE, folder: {factor:?}, file: {probe:?}, docs: {:?} }},",
                docs(&text)
            );
        }
        let _ = writeln!(modules, "}}");
    }
    let registry = format!(
        "{modules}\n/// Every probe, by factor and name.\npub static PROBES: &[Entry] = &[\n{entries}];\n"
    );
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("registry.rs");
    fs::write(target, registry).expect("the build folder is writable");
    println!("cargo::rerun-if-changed={}", source.display());
}

/// Whether a folder holds the probes of a factor: its name starts with the factor's numeral.
fn is_factor(folder: &Path) -> bool {
    stem(folder)
        .split_once('_')
        .is_some_and(|(numeral, _)| numeral.chars().all(|c| "ivx".contains(c)))
}

/// The entries of a folder in order, so that two builds give the same registry.
fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the source folder is readable")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The file's own doc comment, which is what `xii explain` prints.
fn docs(text: &str) -> String {
    text.lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

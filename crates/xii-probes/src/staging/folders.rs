//! Folders that hold what was installed or compiled, and not what somebody wrote.

use std::path::Path;

/// Whether the folder holds installed dependencies or a compiler's output: what fills it is read a thousand times
/// and changed by nobody, so that it is linked and not copied, and told apart by size and time.
pub(super) fn holds_dependencies(folder: &Path) -> bool {
    let Some(name) = folder.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let has = |inner: &str| folder.join(inner).exists();
    match name {
        "node_modules" | "bower_components" | "__pypackages__" | "site-packages"
        | ".pnpm-store" => true,
        // Bundler, Composer, Go.
        "vendor" => has("bundle") || has("autoload.php") || has("modules.txt"),
        // Cargo's, and Maven's, which lies beside its manifest.
        "target" => {
            has("CACHEDIR.TAG")
                || has(".rustc_info.json")
                || folder.with_file_name("pom.xml").exists()
        }
        // Mix.
        "deps" | "_build" => folder.with_file_name("mix.exs").exists(),
        _ => has("pyvenv.cfg"),
    }
}

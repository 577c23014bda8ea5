//! Modules: which are imported, whose they are, and where they lie.

/// Modules of Node.js itself.
const BUILT_IN: [&str; 45] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "sea",
    "sqlite",
    "stream",
    "string_decoder",
    "sys",
    "test",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Endings that a module's file may have, the likeliest first.
const ENDINGS: [&str; 14] = [
    "",
    ".ts",
    ".js",
    ".tsx",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    "/index.ts",
    "/index.js",
    "/index.tsx",
    "/index.mjs",
    "/index.cjs",
];

/// Calls back with every text that stands where an import names its module.
pub(super) fn candidates(text: &str, found: &mut dyn FnMut(&str)) {
    let bytes = text.as_bytes();
    for word in ["from", "import", "require"] {
        for at in memchr::memmem::find_iter(bytes, word) {
            let rest = text.get(at + word.len()..).unwrap_or_default();
            let rest = rest.trim_start();
            let rest = rest.strip_prefix('(').map_or(rest, str::trim_start);
            let Some(quote) = rest
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\'' | '`'))
            else {
                continue;
            };
            let inside = rest.get(1..).unwrap_or_default();
            // A module's name is short and stays on its line.
            let window = inside.as_bytes().iter().take(300);
            let end = window
                .take_while(|byte| **byte != b'\n' && **byte != quote as u8)
                .count();
            if inside.as_bytes().get(end) == Some(&(quote as u8))
                && let Some(module) = inside.get(..end).filter(|module| !module.is_empty())
            {
                found(module);
            }
        }
    }
}

/// The package that a module belongs to.
pub(super) fn package(module: &str) -> Option<String> {
    let module = module.split('?').next().unwrap_or(module);
    if is_own(module) || module.contains([':', '!', ' ', '\\', '*', '$', '{']) {
        return None;
    }
    let mut parts = module.split('/');
    let first = parts.next().filter(|first| !first.is_empty())?;
    if first.starts_with('@') {
        let second = parts.next().filter(|second| !second.is_empty())?;
        return (first.len() > 1).then(|| format!("{first}/{second}"));
    }
    if BUILT_IN.contains(&first) || first.starts_with(['.', '_', '-']) {
        return None;
    }
    Some(first.to_owned())
}

/// Whether a module is the app's own: relative, absolute, or by an alias that only the app can mean.
pub(super) fn is_own(module: &str) -> bool {
    module.starts_with(['.', '/', '#', '~'])
        || module.starts_with("@/")
        || module.starts_with("@@/")
        || module.starts_with("src/")
        || module.starts_with("$")
        || module == "src"
}

/// Whether what a module gives is config of the app's: its own module, or a library that reads config.
/// Below a scope that may be an alias, the module's name must say so.
pub(super) fn is_config(module: &str) -> bool {
    let last = module
        .rsplit_once('/')
        .map(|(_, last)| last.split('.').next().unwrap_or(last).to_lowercase());
    is_own(module)
        || matches!(
            module,
            "config" | "convict" | "nconf" | "rc" | "@nestjs/config" | "runtimeconfig"
        )
        || last.is_some_and(|last| {
            matches!(
                last.as_str(),
                "env"
                    | "environment"
                    | "config"
                    | "configuration"
                    | "settings"
                    | "constants"
                    | "secrets"
            )
        })
}

/// The files that a module may mean, the likeliest first.
pub(super) fn files(from: &str, module: &str) -> Vec<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut bases = Vec::new();
    if module.starts_with('.') {
        bases.extend(joined(folder, module));
    } else if module.contains(':') || BUILT_IN.contains(&module) {
        return Vec::new();
    } else {
        // An alias points below a folder around the file: the folder itself or its `src`.
        let inner = ["@@/", "@/", "~/", "~", "#", "/"]
            .into_iter()
            .find_map(|start| module.strip_prefix(start))
            .unwrap_or(module);
        let aliased = inner.len() < module.len();
        let mut around = Some(folder);
        while let Some(folder) = around {
            let tops: &[&str] = match (aliased, module.starts_with("src/")) {
                (true, _) => &["src", "", "app", "lib", "server"],
                (false, true) => &[""],
                (false, false) => &["", "src"],
            };
            for top in tops {
                let base = [folder, top, inner]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("/");
                bases.push(base);
            }
            around = match folder {
                "" => None,
                _ => Some(folder.rsplit_once('/').map_or("", |(outer, _)| outer)),
            };
        }
    }
    let mut files = Vec::new();
    for base in bases {
        // TypeScript names the file that it will become.
        for (written, source) in [
            (".js", ".ts"),
            (".mjs", ".mts"),
            (".cjs", ".cts"),
            (".jsx", ".tsx"),
        ] {
            if let Some(stem) = base.strip_suffix(written) {
                files.push(base.clone());
                files.push(format!("{stem}{source}"));
            }
        }
        files.extend(ENDINGS.iter().map(|ending| format!("{base}{ending}")));
    }
    files
}

/// A relative module below the audited folder; `None` when it leads out of it.
fn joined(folder: &str, module: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in module.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        candidates(text, &mut |module| found.push(module.to_owned()));
        found
    }

    #[test]
    fn every_way_to_import_is_a_candidate() {
        assert_eq!(
            all(
                "import a from 'a'\nimport 'b'; const c = require(\"c\"); await import(`d`); export * from './e'"
            ),
            ["a", "./e", "b", "d", "c"]
        );
        assert_eq!(all("import x from 'open\n'"), Vec::<String>::new());
    }

    #[test]
    fn packages_are_named_as_a_manifest_names_them() {
        let known = [
            ("express", Some("express")),
            ("lodash/get", Some("lodash")),
            ("@nestjs/common", Some("@nestjs/common")),
            ("@aws-sdk/client-s3/dist", Some("@aws-sdk/client-s3")),
            ("node:fs", None),
            ("fs/promises", None),
            ("./x", None),
            ("../x", None),
            ("@/x", None),
            ("~/x", None),
            ("src/x", None),
            ("#internal", None),
            ("virtual:pwa", None),
            ("https://deno.land/x.ts", None),
            ("", None),
        ];
        for (module, expected) in known {
            assert_eq!(package(module).as_deref(), expected, "{module}");
        }
    }

    #[test]
    fn a_module_is_looked_for_where_it_may_lie() {
        let found = files("api/src/server.ts", "./config/index.js");
        assert_eq!(found[0], "api/src/config/index.js");
        assert_eq!(found[1], "api/src/config/index.ts");
        let found = files("api/src/http/server.ts", "@/config");
        assert!(found.contains(&"api/src/config.ts".to_owned()));
        let found = files("api/src/http/server.ts", "src/config");
        assert!(found.contains(&"api/src/config/index.ts".to_owned()));
        assert_eq!(files("a.js", "../out"), Vec::<String>::new());
    }
}

//! Programs that install, compile or bundle.

/// What a command line builds, in a few words; none when it builds nothing.
///
/// `words` are those of [`Program`](super::Program): the program first.
pub fn builds(words: &[String]) -> Option<&'static str> {
    let (name, arguments) = words.split_first()?;
    let first = arguments.iter().find(|one| !one.starts_with('-'));
    let verb = first.map_or("", String::as_str);
    let has = |word: &str| arguments.iter().any(|one| one == word);
    // Who only asks for a version builds nothing.
    if ["--version", "-version", "-V", "-v", "--help"]
        .iter()
        .any(|one| arguments.len() == 1 && has(one))
    {
        return None;
    }
    let second = arguments
        .iter()
        .filter(|one| !one.starts_with('-'))
        .nth(1)
        .map_or("", String::as_str);
    const INSTALLS: &str = "installs packages";
    const COMPILES: &str = "compiles";
    const BUNDLES: &str = "bundles";
    match name.as_str() {
        "npm" | "pnpm" | "bun" | "cnpm" => match verb {
            "install" | "i" | "ci" | "add" | "clean-install" | "install-clean" => Some(INSTALLS),
            "rebuild" => Some(COMPILES),
            "build" if name == "bun" => Some(BUNDLES),
            "run" | "run-script" if is_build(second) => Some("runs a build script"),
            _ => None,
        },
        "yarn" | "yarnpkg" => match verb {
            "" | "install" | "add" => Some(INSTALLS),
            "run" if is_build(second) => Some("runs a build script"),
            verb if is_build(verb) => Some("runs a build script"),
            _ => None,
        },
        "pip" => matches!(verb, "install" | "wheel").then_some(INSTALLS),
        "poetry" | "pdm" | "pipenv" => {
            matches!(verb, "install" | "sync" | "add" | "update").then_some(INSTALLS)
        }
        "uv" => match verb {
            "sync" | "add" => Some(INSTALLS),
            "pip" if second == "install" => Some(INSTALLS),
            _ => None,
        },
        "conda" | "mamba" => matches!(verb, "install" | "create").then_some(INSTALLS),
        "setup.py" => {
            matches!(verb, "install" | "develop" | "build" | "build_ext").then_some(COMPILES)
        }
        "manage.py" | "django-admin" => {
            matches!(verb, "collectstatic" | "compress" | "compilemessages")
                .then_some("collects assets")
        }
        "bundle" | "bundler" => matches!(verb, "install" | "update").then_some(INSTALLS),
        "gem" => (verb == "install").then_some(INSTALLS),
        "rake" | "rails" => (verb == "assets:precompile").then_some(BUNDLES),
        "composer" => matches!(verb, "install" | "update" | "require").then_some(INSTALLS),
        "cargo" => matches!(verb, "build" | "run" | "install" | "b" | "r").then_some(COMPILES),
        "go" => matches!(verb, "build" | "run" | "install" | "generate").then_some(COMPILES),
        "dotnet" => match verb {
            "build" | "publish" | "restore" => Some(COMPILES),
            "run" if !has("--no-build") => Some(COMPILES),
            _ => None,
        },
        "mvn" | "gradle" | "gradlew" | "mvnw" | "ant" | "sbt" => Some(COMPILES),
        "mix" => matches!(verb, "compile" | "deps.get" | "release").then_some(COMPILES),
        "apt" | "apt-get" | "apk" | "yum" | "dnf" => {
            matches!(verb, "install" | "add" | "update").then_some("installs system packages")
        }
        // Python looks for C libraries by asking the compiler and the linker where they are
        // (ctypes.util.find_library).
        "cc" | "gcc" | "g++" | "c++" | "clang" => {
            let asks = arguments.iter().any(|one| {
                one.starts_with("-Wl,-t")
                    || one.starts_with("-print-")
                    || one.starts_with("--print-")
            });
            (!asks && !arguments.is_empty()).then_some(COMPILES)
        }
        "rustc" => (!has("--print") && !has("-vV")).then_some(COMPILES),
        "cc1" | "cc1plus" | "javac" | "tsc" | "swc" | "babel" | "ghc" | "ocamlopt" | "nim"
        | "zig" | "make" | "gmake" | "cmake" | "ninja" | "node-gyp" => Some(COMPILES),
        "webpack" | "webpack-cli" | "rollup" | "esbuild" | "parcel" | "rspack" | "rsbuild"
        | "gulp" | "grunt" | "browserify" | "sass" | "node-sass" | "lessc" | "tailwindcss"
        | "postcss" => Some(BUNDLES),
        "vite" | "next" | "nuxt" | "nuxi" | "astro" | "remix" | "svelte-kit" | "ng" | "nest"
        | "react-scripts" | "vue-cli-service" | "gatsby" | "medusa" | "strapi" => {
            (verb == "build").then_some(BUNDLES)
        }
        "npx" | "pnpx" | "bunx" => {
            let rest: Vec<String> = arguments
                .iter()
                .skip_while(|one| one.starts_with('-'))
                .cloned()
                .collect();
            if rest.is_empty() { None } else { builds(&rest) }
        }
        _ => None,
    }
}

/// Whether a script's name says that it builds: `build`, `build:server`, `compile`.
fn is_build(script: &str) -> bool {
    let first = script.split([':', '-', '_']).next().unwrap_or(script);
    matches!(first, "build" | "compile" | "bundle" | "webpack" | "tsc")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(line: &str) -> bool {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        builds(&words).is_some()
    }

    #[test]
    fn what_builds_is_told_from_what_runs() {
        for line in [
            "npm ci",
            "npm run build",
            "npm run build:server",
            "yarn",
            "yarn build",
            "pip install -r requirements.txt",
            "webpack --mode production",
            "tsc -p .",
            "next build",
            "npx --yes tsc",
            "cargo run --release",
            "go run .",
            "rustc --crate-name warm -o /tmp/x -",
            "gcc -O2 x.c",
            "manage.py collectstatic --noinput",
            "bundle install",
            "make",
        ] {
            assert!(judged(line), "{line}");
        }
        for line in [
            "npm start",
            "npm run start",
            "yarn start",
            "next start",
            "vite preview",
            "npm --version",
            "npx next start",
            "bundle exec puma",
            "gcc -Wl,-t -o /tmp/x -lc",
            "rustc -vV",
            "go version",
            "manage.py runserver",
            "uv run app.py",
            "node server.js",
            "gunicorn app:app",
        ] {
            assert!(!judged(line), "{line}");
        }
    }
}

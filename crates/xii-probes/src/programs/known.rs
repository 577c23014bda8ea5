//! Programs that are there without being declared, and packages that hold others.

/// Programs of the packages that every Debian and every Alpine system has: the essential ones.
const SYSTEM: [&str; 151] = [
    "[",
    "arch",
    "awk",
    "b2sum",
    "base32",
    "base64",
    "basename",
    "basenc",
    "bash",
    "busybox",
    "cat",
    "chcon",
    "chgrp",
    "chmod",
    "chown",
    "chroot",
    "cksum",
    "clear",
    "cmp",
    "comm",
    "cp",
    "csplit",
    "cut",
    "dash",
    "date",
    "dd",
    "df",
    "diff",
    "diff3",
    "dir",
    "dircolors",
    "dirname",
    "dpkg",
    "du",
    "echo",
    "egrep",
    "env",
    "expand",
    "expr",
    "factor",
    "false",
    "fgrep",
    "find",
    "flock",
    "fmt",
    "fold",
    "getconf",
    "getent",
    "getopt",
    "grep",
    "groups",
    "gunzip",
    "gzip",
    "head",
    "hostid",
    "hostname",
    "id",
    "infocmp",
    "install",
    "ionice",
    "join",
    "kill",
    "ldconfig",
    "ldconfig.real",
    "ldd",
    "link",
    "ln",
    "locale",
    "logger",
    "logname",
    "ls",
    "lscpu",
    "mawk",
    "gawk",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "more",
    "mount",
    "mountpoint",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "pathchk",
    "perl",
    "pinky",
    "pr",
    "printenv",
    "printf",
    "ptx",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "run-parts",
    "sdiff",
    "sed",
    "seq",
    "setpriv",
    "setsid",
    "sh",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shred",
    "shuf",
    "sleep",
    "sort",
    "split",
    "stat",
    "stdbuf",
    "stty",
    "su",
    "sum",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "tempfile",
    "test",
    "timeout",
    "touch",
    "tput",
    "tr",
    "true",
    "truncate",
    "tsort",
    "tty",
    "tzselect",
    "uname",
    "unexpand",
    "uniq",
    "unlink",
    "vdir",
    "wc",
    "which",
    "which.debianutils",
    "whoami",
    "xargs",
];

/// Whether a program is on every Linux system that an app may run on.
pub fn is_system(name: &str) -> bool {
    SYSTEM.contains(&name)
        || matches!(
            name,
            "yes" | "zcat" | "users" | "who" | "lsb_release" | "xii"
        )
}

/// Whether a path lies in a folder of those who manage versions of languages.
pub fn is_managed(path: &str) -> bool {
    const MANAGERS: [&str; 8] = [
        "/.pyenv/",
        "/.nvm/",
        "/.rustup/",
        "/.rbenv/",
        "/.volta/",
        "/.asdf/",
        "/.sdkman/",
        "/mise/",
    ];
    MANAGERS.iter().any(|one| path.contains(one))
}

/// Whether a program belongs to the language that an app is written in, or is its package manager.
pub fn is_language(path: &str, name: &str) -> bool {
    const NAMES: [&str; 52] = [
        "node",
        "nodejs",
        "npm",
        "npx",
        "corepack",
        "yarn",
        "yarnpkg",
        "pnpm",
        "pnpx",
        "bun",
        "bunx",
        "deno",
        "uv",
        "uvx",
        "poetry",
        "pipenv",
        "pdm",
        "hatch",
        "conda",
        "mamba",
        "ruby",
        "bundle",
        "bundler",
        "gem",
        "rake",
        "irb",
        "java",
        "javac",
        "mvn",
        "gradle",
        "go",
        "gofmt",
        "cargo",
        "rustc",
        "rustup",
        "rustdoc",
        "php",
        "composer",
        "dotnet",
        "erl",
        "erlexec",
        "beam.smp",
        "elixir",
        "mix",
        "iex",
        "epmd",
        "inet_gethost",
        "erl_child_setup",
        "perl",
        "npm-cli.js",
        "npx-cli.js",
        "tini",
    ];
    let numbered = ["python", "pip", "pypy", "ruby", "php", "perl"]
        .iter()
        .any(|one| {
            name.strip_prefix(one)
                .is_some_and(|rest| rest.chars().all(|one| one.is_ascii_digit() || one == '.'))
        });
    numbered || NAMES.contains(&name) || is_managed(path) || path.contains("/.cargo/bin/")
}

/// The packages that hold a program: its own name first, then what distributions call it.
pub fn packages_with(name: &str) -> Vec<&str> {
    let mut all = vec![name];
    all.extend_from_slice(match name {
        "convert" | "magick" | "identify" | "mogrify" | "composite" => &["imagemagick"],
        "gm" => &["graphicsmagick"],
        "ffprobe" => &["ffmpeg"],
        "ps" | "top" | "pgrep" | "pkill" | "free" | "uptime" | "watch" => &["procps", "procps-ng"],
        "pg_dump" | "psql" | "pg_restore" | "pg_isready" | "createdb" => {
            &["postgresql", "postgresql-client", "libpq"]
        }
        "mysql" | "mysqldump" | "mariadb" => {
            &["default-mysql-client", "mysql-client", "mariadb-client"]
        }
        "redis-cli" => &["redis-tools", "redis"],
        "sqlite3" => &["sqlite", "sqlite3"],
        "dot" => &["graphviz"],
        "pdftotext" | "pdftoppm" | "pdfinfo" => &["poppler-utils", "poppler"],
        "soffice" | "libreoffice" => &["libreoffice"],
        "gs" => &["ghostscript"],
        "ping" => &["iputils-ping", "iputils"],
        "dig" | "nslookup" | "host" => &["dnsutils", "bind9-dnsutils", "bind-tools"],
        "ip" | "ss" => &["iproute2"],
        "netstat" | "ifconfig" => &["net-tools"],
        "nc" | "netcat" => &["netcat", "netcat-openbsd", "netcat-traditional"],
        "ssh" | "scp" | "ssh-keygen" | "sftp" => &["openssh-client", "openssh"],
        "gpg" => &["gnupg", "gnupg2"],
        "gcc" | "cc" | "g++" | "c++" | "make" | "ld" | "as" | "ar" => {
            &["build-essential", "build-base", "gcc"]
        }
        "chromium-browser" | "chromium" | "chrome" => &["chromium"],
        "unzip" | "zip" => &["unzip", "zip"],
        "7z" => &["p7zip", "p7zip-full"],
        "tesseract" => &["tesseract-ocr"],
        "exiftool" => &["libimage-exiftool-perl", "exiftool"],
        "wkhtmltoimage" => &["wkhtmltopdf"],
        "dumb-init" => &["dumb-init"],
        "envsubst" => &["gettext", "gettext-base"],
        "file" => &["libmagic1"],
        "xz" => &["xz-utils"],
        _ => &[],
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_everywhere_is_told_from_what_is_not() {
        for name in ["sh", "cat", "sed", "uname", "ldconfig"] {
            assert!(is_system(name), "{name}");
        }
        for name in ["curl", "git", "ps", "ffmpeg", "psql"] {
            assert!(
                !is_system(name) && !is_language("/usr/bin/x", name),
                "{name}"
            );
        }
        assert!(is_language("/usr/bin/python3.12", "python3.12"));
        assert!(is_language("/root/.pyenv/shims/flask", "flask"));
    }
}

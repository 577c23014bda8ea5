//! Variables that belong to the platform, the language or a library, and that no app declares.

/// Whether a variable is the system's, the platform's, the language's or a well-known library's own.
pub fn is_known(name: &str) -> bool {
    const NAMES: [&str; 46] = [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "TERM",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "TMPDIR",
        "TMP",
        "TEMP",
        "TZ",
        "LANG",
        "LANGUAGE",
        "HOSTNAME",
        "PORT",
        "HOST",
        "CI",
        "DEBUG",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLORTERM",
        "COLUMNS",
        "LINES",
        "EDITOR",
        "PAGER",
        "DISPLAY",
        "DYNO",
        "PS",
        "WEB_CONCURRENCY",
        "VIRTUAL_ENV",
        "NOTIFY_SOCKET",
        "LISTEN_FDS",
        "LISTEN_PID",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
        "CURL_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "SERVER_SOFTWARE",
        "INIT_CWD",
        "MANPATH",
        "APPDATA",
        "ENVIRONMENT",
    ];
    const PREFIXES: [&str; 36] = [
        "XII_",
        "NODE_",
        "NPM_",
        "YARN_",
        "PNPM_",
        "PYTHON",
        "PIP_",
        "LC_",
        "XDG_",
        "SSL_CERT_",
        "OTEL_",
        "AWS_",
        "GOOGLE_",
        "GCP_",
        "AZURE_",
        "KUBERNETES_",
        "VERCEL",
        "RENDER",
        "FLY_",
        "HEROKU_",
        "RAILWAY_",
        "NETLIFY",
        "GITHUB_",
        "GITLAB_",
        "FLASK_",
        "DJANGO_SETTINGS_",
        "UVICORN_",
        "GUNICORN_",
        "WERKZEUG_",
        "NEXT_",
        "NUXT_",
        "VITE_",
        "SENTRY_",
        "DD_",
        "JEST_",
        "PM2_",
    ];
    let upper = name.to_ascii_uppercase();
    NAMES.contains(&upper.as_str()) || PREFIXES.iter().any(|one| upper.starts_with(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_own_variables_are_told_from_the_platforms() {
        for name in ["PATH", "npm_config_x", "NODE_ENV", "PORT", "http_proxy"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["DATABASE_URL", "GREETING", "LOG_LEVEL", "APP_ENV"] {
            assert!(!is_known(name), "{name}");
        }
    }
}

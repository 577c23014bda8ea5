//! What is known of variables by their names alone.

/// Whether the platform, the shell or the language's own tools give the variable, so that an app
/// need not declare it.
pub(crate) fn is_given_by_platform(name: &str) -> bool {
    const NAMES: [&str; 59] = [
        "PORT",
        "NODE_ENV",
        "HOME",
        "OSTYPE",
        "PATH",
        "CI",
        "DYNO",
        "HOSTNAME",
        "TZ",
        "PWD",
        "USER",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TERM",
        "TMPDIR",
        "TEMP",
        "TMP",
        "LOGNAME",
        "EDITOR",
        "VISUAL",
        "DISPLAY",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLORTERM",
        "COLUMNS",
        "NODE_OPTIONS",
        "NODE_PATH",
        "NODE_APP_INSTANCE",
        "NODE_UNIQUE_ID",
        "VIRTUAL_ENV",
        "APPDATA",
        "LOCALAPPDATA",
        "USERPROFILE",
        "PROGRAMFILES",
        "SYSTEMROOT",
        "WINDIR",
        "COMSPEC",
        "DJANGO_SETTINGS_MODULE",
        "FLASK_ENV",
        "FLASK_DEBUG",
        "FLASK_APP",
        "WEB_CONCURRENCY",
        "K_SERVICE",
        "K_REVISION",
        "K_CONFIGURATION",
        "JEST_WORKER_ID",
        "VITEST",
        "GOOGLE_CLOUD_PROJECT",
        "INVOCATION_ID",
        "NOTIFY_SOCKET",
        "LISTEN_FDS",
        "LISTEN_PID",
        "SOURCE_VERSION",
        "APP_ENV",
        "BABEL_ENV",
        "PYTEST_CURRENT_TEST",
        "SSL_CERT_FILE",
        "PROMETHEUS_MULTIPROC_DIR",
    ];
    const STARTS: [&str; 22] = [
        "KUBERNETES_",
        "PYTHON",
        "LC_",
        "NPM_",
        "VERCEL",
        "RENDER_",
        "HEROKU_",
        "FLY_",
        "RAILWAY_",
        "GITHUB_",
        "GITLAB_",
        "CI_",
        "XDG_",
        "AWS_LAMBDA_",
        "AWS_EXECUTION_",
        "WEBSITE_",
        "GAE_",
        "ECS_",
        "NEXT_RUNTIME",
        "NEXT_PHASE",
        "PM2_",
        "CODESPACE",
    ];
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str()) || STARTS.iter().any(|start| name.starts_with(start))
}

/// Whether libraries read the variable by themselves, so that no read of it shows in the app's code.
pub(crate) fn is_read_by_libraries(name: &str) -> bool {
    const STARTS: [&str; 31] = [
        "AWS_",
        "AZURE_",
        "GOOGLE_",
        "GCP_",
        "OTEL_",
        "DD_",
        "SENTRY_",
        "NEW_RELIC_",
        "ELASTIC_APM_",
        "PG",
        "GUNICORN_",
        "UVICORN_",
        "FLASK_",
        "DJANGO_",
        "CELERY_",
        "NODE_",
        "NPM_",
        "NEXT_",
        "NUXT_",
        "VITE_",
        "REACT_APP_",
        "GATSBY_",
        "PRISMA_",
        "AUTH_",
        "NEXTAUTH_",
        "OPENAI_",
        "ANTHROPIC_",
        "HTTP_",
        "HTTPS_",
        "COMPOSE_",
        "DOCKER_",
    ];
    const NAMES: [&str; 10] = [
        "DATABASE_URL",
        "DEBUG",
        "NO_PROXY",
        "LOG_LEVEL",
        "WEB_CONCURRENCY",
        "FORWARDED_ALLOW_IPS",
        "DOMAIN",
        "TAG",
        "STACK_NAME",
        "UMASK",
    ];
    let name = name.to_ascii_uppercase();
    is_given_by_platform(&name)
        || NAMES.contains(&name.as_str())
        || STARTS.iter().any(|start| name.starts_with(start))
}

/// Whether an app can hardly work without it: the locator of its database, cache or queue, or a key
/// that signs. Locators of optional services (error tracking, telemetry, proxies) are not.
pub(crate) fn is_vital(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let has = |words: &[&str]| {
        words
            .iter()
            .any(|word| name.split('_').any(|part| part == *word))
    };
    let optional = has(&[
        "SENTRY",
        "OTEL",
        "PROXY",
        "WEBHOOK",
        "SLACK",
        "TEST",
        "TELEMETRY",
        "ANALYTICS",
        "CDN",
        "PUBLIC",
        "OAUTH",
        "GOOGLE",
        "GITHUB",
        "FACEBOOK",
        "TWITTER",
        "LINKEDIN",
        "RECAPTCHA",
        "CAPTCHA",
        "DEBUG",
        "REPLICA",
        "OBSERVABILITY",
        "MODE",
        "TIMEOUT",
        "SIZE",
        "LOG",
        "LOGGING",
        "ENABLED",
        "SSL",
        "PREFIX",
    ]);
    let locator = has(&[
        "DATABASE",
        "DB",
        "MONGO",
        "MONGODB",
        "POSTGRES",
        "POSTGRESQL",
        "MYSQL",
        "MARIADB",
        "REDIS",
        "AMQP",
        "RABBITMQ",
        "KAFKA",
        "BROKER",
        "SQLALCHEMY",
    ]) && has(&[
        "URL",
        "URI",
        "DSN",
        "HOST",
        "CONNECTION",
        "STRING",
        "PASSWORD",
    ]);
    let signing = (has(&["JWT", "SESSION", "COOKIE", "TOKEN", "APP", "AUTH"])
        && has(&["SECRET", "KEY"]))
        || matches!(name.as_str(), "SECRET" | "SECRET_KEY" | "SECRET_KEY_BASE");
    !optional && (locator || signing)
}

/// The name as a variable's: `jwtSecret` becomes `JWT_SECRET`.
pub(crate) fn variable_name(name: &str) -> String {
    let mut variable = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            variable.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        variable.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        });
    }
    variable.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_variables() {
        assert_eq!(variable_name("jwtSecret"), "JWT_SECRET");
        assert_eq!(variable_name("db.password"), "DB_PASSWORD");
        assert_eq!(variable_name("SECRET_KEY"), "SECRET_KEY");
    }

    #[test]
    fn names_are_told_apart() {
        assert!(is_given_by_platform("PORT") && is_given_by_platform("KUBERNETES_SERVICE_HOST"));
        assert!(!is_given_by_platform("DATABASE_URL") && !is_given_by_platform("REPORT"));
        for vital in [
            "DATABASE_URL",
            "MONGODB_URI",
            "JWT_SECRET",
            "SECRET_KEY",
            "REDIS_HOST",
        ] {
            assert!(is_vital(vital), "{vital}");
        }
        for other in [
            "SENTRY_DSN",
            "API_URL",
            "TEST_DATABASE_URL",
            "DB_POOL_SIZE",
            "GOOGLE_OAUTH_SECRET",
        ] {
            assert!(!is_vital(other), "{other}");
        }
    }
}

use super::reading::{lines, read};

#[test]
fn the_environment_is_read_in_the_usual_ways() {
    assert_eq!(
        lines("import os\nX = os.environ['A']\n"),
        [
            r#"2:5 EnvRead { name: "A", default: Absent, required: Some(true), checked: false, through: "os.environ" }"#
        ]
    );
    assert_eq!(
        lines(
            "from os import environ as e, getenv\nx = e.get('A', 'b')\nt = int(getenv('T') or 5)\n"
        ),
        [
            r#"2:5 EnvRead { name: "A", default: Literal("b"), required: Some(false), checked: false, through: "os.environ" }"#,
            r#"3:9 EnvRead { name: "T", default: Literal("5"), required: Some(false), checked: true, through: "os.environ" }"#,
        ]
    );
    assert_eq!(
        lines("import os\nif 'A' in os.environ: pass\n"),
        [
            r#"2:4 EnvRead { name: "A", default: Absent, required: Some(false), checked: false, through: "os.environ" }"#
        ]
    );
    for other in [
        "x = 'os.environ[A]'  # os.environ['A']\n",
        "import os\nos.environ['A'] = 'b'\n",
        "import os\ndel os.environ['A']\n",
        "def f(os): os.environ['A']\n",
        "environ = {}\nenviron.get('A')\n",
        "def getenv(x): return x\ngetenv('a')\n",
    ] {
        assert_eq!(lines(other), [""; 0], "{other}");
    }
}

#[test]
fn libraries_that_read_the_environment_are_known() {
    let text = "import environ\nenv = environ.Env(DEBUG=(bool, False))\nd = env('DEBUG')\ns = env.str('S', default='x')\nb = env.db()\nk = env('K')\n";
    assert_eq!(
        lines(text),
        [
            r#"3:5 EnvRead { name: "DEBUG", default: Literal("false"), required: Some(false), checked: true, through: "django-environ" }"#,
            r#"4:5 EnvRead { name: "S", default: Literal("x"), required: Some(false), checked: false, through: "django-environ" }"#,
            r#"5:5 EnvRead { name: "DATABASE_URL", default: Absent, required: Some(true), checked: true, through: "django-environ" }"#,
            r#"6:5 EnvRead { name: "K", default: Absent, required: Some(true), checked: false, through: "django-environ" }"#,
        ]
    );
    assert_eq!(
        lines("from decouple import config\nx = config('A', default=1, cast=int)\n"),
        [
            r#"2:5 EnvRead { name: "A", default: Literal("1"), required: Some(false), checked: true, through: "python-decouple" }"#
        ]
    );
    assert_eq!(
        lines(
            "from starlette.config import Config\nc = Config('.env')\nx = c('A', cast=bool, default=False)\n"
        ),
        [
            r#"3:5 EnvRead { name: "A", default: Literal("false"), required: Some(false), checked: true, through: "starlette" }"#
        ]
    );
    assert_eq!(
        lines("import dj_database_url as d\nx = d.config(default='sqlite:///a')\n"),
        [
            r#"2:22 LocatorLiteral { locator: Locator { scheme: "sqlite", user: None, has_password: false, host: "", port: None, path: "/a" }, name: Some("DATABASE_URL"), overridden: true, used_by: None }"#,
            r#"2:5 EnvRead { name: "DATABASE_URL", default: Literal("sqlite:///a"), required: Some(false), checked: true, through: "dj-database-url" }"#
        ]
    );
    assert_eq!(
        lines(
            "import click\n@click.option('--port', envvar='PORT', default=80)\ndef f(port): pass\n"
        ),
        [
            r#"2:2 EnvRead { name: "PORT", default: Literal("80"), required: None, checked: false, through: "click" }"#
        ]
    );
}

#[test]
fn fields_of_settings_classes_are_reads() {
    let text = "from pydantic import Field\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\nclass Settings(BaseSettings):\n  model_config = SettingsConfigDict(env_prefix='app_')\n  port: int = 80\n  url: str\n  key: str = Field(..., alias='THE_KEY')\n  maybe: str | None = None\n";
    let found = lines(text);
    assert_eq!(
        found,
        [
            r#"3:1 ConfigCheck { through: "pydantic-settings", names: ["APP_PORT", "APP_URL", "THE_KEY", "APP_MAYBE"], stops: true }"#,
            r#"5:3 EnvRead { name: "APP_PORT", default: Literal("80"), required: Some(false), checked: true, through: "pydantic-settings" }"#,
            r#"6:3 EnvRead { name: "APP_URL", default: Absent, required: Some(true), checked: true, through: "pydantic-settings" }"#,
            r#"7:3 EnvRead { name: "THE_KEY", default: Absent, required: Some(true), checked: true, through: "pydantic-settings" }"#,
            r#"8:3 EnvRead { name: "APP_MAYBE", default: Absent, required: Some(false), checked: true, through: "pydantic-settings" }"#,
        ]
    );
    assert_eq!(
        lines("from pydantic import SecretStr\nfrom .base import BaseAppSettings\nclass AppSettings(BaseAppSettings):\n  url: str\n")
            .into_iter()
            .filter(|line| line.contains("EnvRead"))
            .collect::<Vec<_>>(),
        [
            r#"4:3 EnvRead { name: "URL", default: Absent, required: Some(true), checked: true, through: "pydantic-settings" }"#
        ]
    );
    assert_eq!(
        lines("class BaseSettings: pass\nclass S(BaseSettings):\n  a: str\n"),
        [""; 0]
    );
}

#[test]
fn a_missing_variable_that_is_checked_is_required() {
    let text = "import os\nk = os.environ.get('K')\nif not k:\n  raise RuntimeError('K')\n";
    assert_eq!(
        lines(text),
        [
            r#"2:5 EnvRead { name: "K", default: Absent, required: Some(true), checked: true, through: "os.environ" }"#,
            r#"3:1 ConfigCheck { through: "an if that raises", names: ["K"], stops: true }"#,
        ]
    );
    let forgiven = "import os\ntry:\n  k = os.environ['K']\nexcept KeyError:\n  k = None\n";
    assert_eq!(
        lines(forgiven),
        [
            r#"3:7 EnvRead { name: "K", default: Absent, required: Some(false), checked: false, through: "os.environ" }"#
        ]
    );
}

#[test]
fn variables_that_a_loop_or_a_condition_asks_for_are_checked() {
    let checks = |text: &str| {
        lines(text)
            .into_iter()
            .filter(|line| line.contains("ConfigCheck"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        checks(
            "import os\nNEEDED = ['A', 'B']\nfor name in NEEDED:\n  if name not in os.environ:\n    raise KeyError(name)\n"
        ),
        [r#"4:3 ConfigCheck { through: "an if that raises", names: ["A", "B"], stops: true }"#]
    );
    assert_eq!(
        checks("import os\nif not (key := os.getenv('KEY')):\n  raise SystemExit\n"),
        [r#"2:1 ConfigCheck { through: "an if that raises", names: ["KEY"], stops: true }"#]
    );
    assert_eq!(
        checks("import os\nif os.getenv('KEY'):\n  raise SystemExit\n"),
        [""; 0]
    );
}

#[test]
fn a_file_database_is_told_although_its_path_is_computed() {
    for text in [
        "import os\nDB = os.environ.get('DB') or 'sqlite:///' + os.path.join(base, 'a.db')\n",
        "import os\nDB = os.environ.get('DB', 'sqlite:///{0}'.format(path))\n",
        "import os\nDB = os.environ.get('DB', f'sqlite:///{path}')\n",
    ] {
        let read = lines(text)
            .into_iter()
            .find(|line| line.contains("EnvRead"))
            .unwrap();
        assert!(read.contains("default: Literal(\"sqlite:///…\")"), "{read}");
    }
}

#[test]
fn prefixes_of_environs_are_part_of_the_name() {
    let text = "from environs import Env\nenv = Env()\nwith env.prefixed('APP_'):\n  with env.prefixed('DB_'):\n    x = env.int('PORT', 1)\n";
    assert_eq!(
        lines(text),
        [
            r#"5:9 EnvRead { name: "APP_DB_PORT", default: Literal("1"), required: Some(false), checked: true, through: "environs" }"#
        ]
    );
}

#[test]
fn functions_of_the_file_that_read_a_named_variable_are_followed() {
    let text = "import os\ndef need(name, default=None):\n  value = os.environ.get(name, default)\n  if value is None:\n    raise KeyError(name)\n  return value\nx = need('A')\ny = need('B', 'c')\n";
    assert_eq!(
        lines(text),
        [
            r#"3:11 EnvReadAll { how: "looked up by a computed name" }"#,
            r#"7:5 EnvRead { name: "A", default: Absent, required: Some(true), checked: false, through: "os.environ" }"#,
            r#"8:5 EnvRead { name: "B", default: Literal("c"), required: Some(false), checked: false, through: "os.environ" }"#,
        ]
    );
}

#[test]
fn a_function_that_hands_on_what_may_be_missing_requires_nothing() {
    let text = "import os\ndef secret(s, default=None):\n  if path := os.getenv(s + '_FILE'):\n    raise OSError(path)\n  return os.getenv(s, default)\nx = secret('A')\n";
    let found = lines(text);
    assert!(
        found
            .iter()
            .any(|line| line.contains(r#"name: "A""#) && !line.contains("Some(true)")),
        "{found:?}"
    );
}

#[test]
fn the_environment_as_a_whole_is_told() {
    assert_eq!(
        lines("import os\nprint(os.environ)\na = {**os.environ}\nb = os.environ.copy()\n")
            .into_iter()
            .filter(|line| line.contains("EnvReadAll"))
            .collect::<Vec<_>>(),
        [
            r#"2:1 EnvReadAll { how: "printed" }"#,
            r#"3:6 EnvReadAll { how: "copied" }"#,
            r#"4:5 EnvReadAll { how: "copied" }"#,
        ]
    );
}

#[test]
fn branches_on_the_environments_name_are_told_with_what_they_choose() {
    let branch = |text: &str| {
        lines(text)
            .into_iter()
            .filter(|line| line.contains("EnvironmentBranch"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        branch(
            "import os\nif os.environ.get('APP_ENV') == 'production':\n  URL = 'https://a.io'\n"
        ),
        [
            r#"2:4 EnvironmentBranch { variable: "APP_ENV", names: ["production"], chooses: Config }"#
        ]
    );
    assert_eq!(
        branch(
            "import os\nENV = os.getenv('FLASK_ENV', 'dev').lower()\nif ENV in ('dev', 'test'):\n  app.debug = True\n"
        ),
        [
            r#"3:4 EnvironmentBranch { variable: "FLASK_ENV", names: ["dev", "test"], chooses: Behaviour }"#
        ]
    );
    assert_eq!(
        branch(
            "import os\nconfig = {'development': A, 'production': B}\nc = config[os.environ['FLASK_ENV']]\n"
        ),
        [
            r#"3:5 EnvironmentBranch { variable: "FLASK_ENV", names: ["development", "production"], chooses: Config }"#
        ]
    );
    assert_eq!(
        branch("kind = 'x'\nif kind == 'production': pass\nif color == 'red': pass\n"),
        [""; 0]
    );
}

#[test]
fn other_modules_see_where_values_come_from() {
    let exports = |text: &str| {
        read("app/config.py", text)
            .1
            .into_iter()
            .map(|(path, origin)| format!("{path} {origin:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        exports(
            "import os\nPORT = int(os.environ['PORT'])\nDB = {'a': {'url': os.getenv('U', 'x')}}\nSECRET_KEY = 'abcdef'\n"
        ),
        [
            r#"DB.a.url Env(EnvValue { name: "U", default: Some("x") })"#,
            r#"PORT Env(EnvValue { name: "PORT", default: None })"#,
            r#"SECRET_KEY Literal("***")"#,
        ]
    );
    assert_eq!(
        exports(
            "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n  db_url: str = 'postgres://u:p4ss@h/d'\ndef get():\n  return S()\n"
        ),
        [
            r#"S.db_url Env(EnvValue { name: "DB_URL", default: Some("postgres://u:***@h/d") })"#,
            r#"get.db_url Env(EnvValue { name: "DB_URL", default: Some("postgres://u:***@h/d") })"#,
        ]
    );
    assert_eq!(
        exports(
            "import os\nclass Config:\n  KEY = os.environ.get('KEY') or 'x'\nclass DevelopmentConfig(Config):\n  KEY = 'dev'\n"
        ),
        [r#"Config.KEY Env(EnvValue { name: "KEY", default: Some("x") })"#]
    );
}

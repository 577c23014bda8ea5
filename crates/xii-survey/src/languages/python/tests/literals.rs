use super::reading::{facts, lines};

fn secrets(text: &str) -> Vec<String> {
    lines(text)
        .into_iter()
        .filter(|line| line.contains("SecretLiteral"))
        .collect()
}

fn locators(text: &str) -> Vec<String> {
    facts(text)
        .locators
        .into_iter()
        .map(|one| {
            format!(
                "{} {:?} overridden={} by={:?}",
                one.locator, one.name, one.overridden, one.used_by
            )
        })
        .collect()
}

#[test]
fn credentials_bound_to_names_are_told() {
    assert_eq!(
        secrets("SECRET_KEY = 'k3v9-Zq81_x7Lm20pQ4w'\n"),
        [
            r#"1:14 SecretLiteral { kind: "secret key", name: Some("SECRET_KEY"), told_by: Entropy, overridden: false, refused_in_production: false, placeholder: false }"#
        ]
    );
    assert_eq!(
        secrets(
            "import os\napp.config['SECRET_KEY'] = os.environ.get('K') or 'you-will-never-guess'\n"
        ),
        [
            r#"2:51 SecretLiteral { kind: "secret key", name: Some("SECRET_KEY"), told_by: Name, overridden: true, refused_in_production: false, placeholder: true }"#
        ]
    );
    assert_eq!(
        secrets("connect(user='a', password='tr0ub4dor')\n"),
        [
            r#"1:28 SecretLiteral { kind: "password", name: Some("password"), told_by: Name, overridden: false, refused_in_production: false, placeholder: false }"#
        ]
    );
    assert_eq!(
        secrets("import os\nx = os.getenv('API_TOKEN', 'abc123def')\n"),
        [
            r#"2:28 SecretLiteral { kind: "token", name: Some("API_TOKEN"), told_by: Name, overridden: true, refused_in_production: false, placeholder: false }"#
        ]
    );
    assert_eq!(
        secrets("URL = 'postgres://u:s3cr3tt@db/x'\n"),
        [
            r#"1:7 SecretLiteral { kind: "password in a URL", name: Some("URL"), told_by: UrlPassword, overridden: false, refused_in_production: false, placeholder: false }"#
        ]
    );
    assert_eq!(
        secrets("KEY = {'PASSWORD': 'qwertz99'}\nif x == 'qwertz99':\n  raise ValueError\n"),
        [
            r#"1:20 SecretLiteral { kind: "password", name: Some("PASSWORD"), told_by: Name, overridden: false, refused_in_production: true, placeholder: false }"#
        ]
    );
}

#[test]
fn what_only_speaks_of_a_secret_is_not_one() {
    for text in [
        "TOKEN_URL = '/auth/token'\n",
        "password_label = 'Passwort'\n",
        "PASSWORD = 'password'\n",
        "PASSWORD_RESET_TOKEN_GENERATOR = 'app.tokens.Generator'\n",
        "errors = {'password': 'This is too short'}\n",
        "token_type = 'bearer'\n",
        "x = Field(password='${DB_PASSWORD}')\n",
        "API_KEY_ENV = 'MY_API_KEY'\nAPI_KEY = 'MY_API_KEY'\n",
        "secret = ''\nkey = 'plain'\n# SECRET_KEY = 'k3v9-Zq81_x7Lm20pQ4w'\n",
        "PASSWORD_FLOW = '0b5d6c70-8a3b-4f4e-9b1c-2d3e4f5a6b7c'\ntoken = '0b5d6c70-8a3b-4f4e-9b1c-2d3e4f5a6b7c'\n",
        "URL = f'postgres://u:{password}@db/x'\n",
    ] {
        assert_eq!(secrets(text), [""; 0], "{text}");
    }
}

#[test]
fn no_evidence_shows_a_secret() {
    let text = "import os\nSTRIPE = {'SECRET': 'zx81zx81zx81', 'u': os.environ['U']}\n";
    let found = facts(text);
    let all = format!(
        "{:?} {:?}",
        found.env_reads[0].at.excerpt, found.secrets[0].at.excerpt
    );
    assert!(!all.contains("zx81"), "{all}");
    assert!(found.env_reads[0].at.excerpt.contains("************"));
}

#[test]
fn locators_bound_to_names_or_handed_over_are_told() {
    assert_eq!(
        locators("DATABASE_URL = 'postgres://db:5432/x'\n"),
        [r#"postgres://db:5432/x Some("DATABASE_URL") overridden=false by=None"#]
    );
    assert_eq!(
        locators("import os\nu = os.getenv('REDIS_URL', 'redis://localhost')\n"),
        [r#"redis://localhost Some("REDIS_URL") overridden=true by=None"#]
    );
    assert_eq!(
        locators(
            "from django.conf import settings\nurl = settings.SEARCH_URL or 'http://localhost:9200'\napi_url = thing.url or 'http://localhost:9201'\n"
        ),
        [
            r#"http://localhost:9200 Some("url") overridden=true by=None"#,
            r#"http://localhost:9201 Some("api_url") overridden=false by=None"#
        ]
    );
    assert_eq!(
        locators(
            "import click\n@click.option('--url', envvar='API_URL', default='http://localhost:8000')\ndef f(url): pass\n"
        ),
        [r#"http://localhost:8000 Some("API_URL") overridden=true by=None"#]
    );
    assert_eq!(
        locators("import redis\nr = redis.Redis(host='cache')\n"),
        [r#":// cache"#.replace(' ', "")
            + r#" Some("host") overridden=false by=Some("redis.Redis")"#]
    );
    assert_eq!(
        locators("import requests\nrequests.get('https://api.acme.io/v1')\n"),
        [r#"https://api.acme.io/v1 None overridden=false by=Some("requests.get")"#]
    );
    assert_eq!(
        locators(
            "x = 'http://www.w3.org/2000/svg'\nXMLNS_URL = 'http://www.w3.org/2000/svg'\nhelp = 'https://acme.io'\nprint('https://acme.io')\n"
        ),
        [""; 0]
    );
}

use proptest::prelude::*;

use super::READER;
use crate::readers::read_text;

fn lines(path: &str, text: &str) -> Vec<String> {
    read_text(&READER, path, text).lines()
}

const SHOP: &str = r#"
x-app: &app
  build:
    context: ./shop
    target: run
  image: shop:${TAG:-dev}
  environment: &env
    DATABASE_URL: postgres://shop:${DB_PASSWORD}@db/shop
    PAYMENT_API_KEY: 7f3a9c1e5b8d2f4a6c0e
    PORT: 8000
    LOG_LEVEL:
  restart: unless-stopped
services:
  web:
    <<: *app
    command: gunicorn shop.wsgi -b 0.0.0.0:8000
    ports: ["8000:8000", {target: 9000, published: 9001}]
    depends_on:
      db: {condition: service_healthy}
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]
    labels:
      - traefik.http.services.web.loadbalancer.sticky.cookie=true
      - traefik.enable=true
    deploy:
      replicas: 2
      resources: {limits: {memory: 256M}}
  worker:
    extends: web
    build: !reset null
    image: shop:${TAG:-dev}
    command: ["celery", "-A", "shop", "worker"]
    environment:
      - QUEUE=default
    profiles: [jobs]
  db:
    image: postgres:${PG:-16}-alpine
    environment:
      POSTGRES_PASSWORD: postgres
      POSTGRES_USER: shop
    volumes: [data:/var/lib/postgresql/data]
    healthcheck: {test: pg_isready}
  cache:
    image: redis
"#;

#[test]
fn services_tell_processes_resources_and_config() {
    insta::assert_debug_snapshot!(lines("docker-compose.yml", SHOP));
}

#[test]
fn variants_name_the_deploy() {
    let text = "services:\n  db:\n    image: postgres:15\n";
    for (path, deploy, development) in [
        ("docker-compose.prod.yml", Some("production"), false),
        ("compose.dev.yaml", Some("development"), true),
        ("docker-compose.override.yml", Some("development"), true),
        ("docker-compose-test.yml", Some("test"), true),
        ("compose.yml", None, false),
    ] {
        let facts = read_text(&READER, path, text);
        let attached = &facts.attached_resources[0];
        assert_eq!(attached.deploy.as_deref(), deploy, "{path}");
        assert_eq!(attached.version.as_deref(), Some("15"));
        assert_eq!(attached.scope.development, development, "{path}");
    }
}

#[test]
fn secrets_are_told_and_never_shown() {
    let text = "services:\n  web:\n    build: .\n    environment:\n      - SECRET_KEY=kT8#vQz!2mLp0xWd\n      - ADMIN_PASSWORD=${ADMIN_PASSWORD:-hunter2hunter2}\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: hunter2hunter2\n";
    let facts = read_text(&READER, "compose.yml", text);
    let told: Vec<_> = facts
        .secrets
        .iter()
        .map(|secret| {
            (
                secret.name.as_deref().unwrap_or_default(),
                secret.placeholder,
                secret.at.start.line,
            )
        })
        .collect();
    assert_eq!(
        told,
        [("SECRET_KEY", false, 5), ("POSTGRES_PASSWORD", false, 10)]
    );
    let excerpts: String = facts
        .secrets
        .iter()
        .map(|one| one.at.excerpt.to_string())
        .collect();
    assert!(
        !excerpts.contains("kT8") && !excerpts.contains("hunter2"),
        "{excerpts}"
    );
    assert!(!facts.lines().concat().contains("hunter2"));
}

#[test]
fn a_malformed_file_is_told_and_read_up_to_there() {
    let facts = read_text(&READER, "compose.yml", "services:\n  web:\n    build: [\n");
    assert_eq!(facts.unread.len(), 1);
    let facts = read_text(
        &READER,
        "compose.yml",
        "services:\n  web:\n    image: {{ cookiecutter.name }}\n{% if x %}\n  db: {image: postgres:15}\n{% endif %}\n",
    );
    assert_eq!((facts.unread.len(), facts.compose_services.len()), (0, 2));
    assert!(
        facts.compose_services[0]
            .image
            .as_ref()
            .is_some_and(|image| image.variable)
    );
}

#[test]
fn only_compose_files_are_recognised() {
    for (path, yes) in [
        ("docker-compose.yaml", true),
        ("deploy/prod.compose.yml", true),
        ("composer.yml", false),
        ("decompose.yml", false),
        ("docker-compose.md", false),
    ] {
        assert_eq!((READER.recognises)(path), yes, "{path}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        lines("compose.yml", &text);
    }

    #[test]
    fn any_services_are_read_without_panic(
        text in "(\n  |\n    |services|build|image|command|environment|- |: |[a-zé=]|\\$\\{|:-|\\}|\\{|\\[|\\]|\"|'|extends|postgres){0,30}"
    ) {
        lines("compose.yml", &format!("services:\n  a:\n    {text}"));
    }
}

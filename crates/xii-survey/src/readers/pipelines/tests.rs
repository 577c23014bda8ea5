use proptest::prelude::*;

use super::{AZURE, BITBUCKET, CIRCLECI, GITHUB, GITLAB, JENKINS, TRAVIS};
use crate::readers::read_text;

#[test]
fn github_workflows_are_read() {
    let text = "name: CI\non:\n  push: {branches: [main]}\n  pull_request:\nenv:\n  API_TOKEN: 7f3a9c1e5b8d2f4a6c0e\njobs:\n  test:\n    runs-on: ubuntu-latest\n    services:\n      db:\n        image: postgres:16\n        env: {POSTGRES_PASSWORD: postgres}\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          npm ci\n          DB_PASSWORD=hunter2hunter2 npm test\n  release:\n    environment: {name: production}\n    steps:\n      - uses: docker/build-push-action@v5\n        with: {push: true, tags: \"acme/shop:${{ github.sha }}\"}\n      - run: kubectl set image deploy/shop shop=acme/shop:$GITHUB_SHA\n";
    let facts = read_text(&GITHUB, ".github/workflows/ci.yml", text);
    insta::assert_debug_snapshot!(facts.lines());
    assert!(!facts.lines().concat().contains("hunter2"));
}

#[test]
fn gitlab_jobs_are_read_with_what_they_extend() {
    let text = "stages: [test, deploy]\n.base:\n  services: [\"redis:7\"]\n  before_script: [pip install poetry]\ntest:\n  extends: .base\n  script:\n    - poetry install\n    - [pytest, ruff check]\nship:\n  stage: deploy\n  script: helm upgrade shop ./chart\n  environment: staging\n  rules:\n    - if: '$CI_COMMIT_BRANCH == \"main\"'\n";
    insta::assert_debug_snapshot!(read_text(&GITLAB, ".gitlab-ci.yml", text).lines());
}

#[test]
fn the_other_systems_are_read() {
    let circle = "version: 2.1\njobs:\n  build:\n    docker:\n      - image: cimg/node:20.1\n      - image: cimg/postgres:15.2\n    steps:\n      - checkout\n      - run: npm ci\n      - run: {name: t, command: npm test}\n      - heroku/deploy-via-git: {app-name: shop}\nworkflows:\n  w:\n    jobs:\n      - build: {filters: {branches: {only: main}}}\n";
    insta::assert_debug_snapshot!(read_text(&CIRCLECI, ".circleci/config.yml", circle).lines());
    let azure = "trigger: [main]\nstages:\n  - stage: x\n    jobs:\n      - deployment: ship\n        environment: prod\n        strategy: {runOnce: {deploy: {steps: [{task: \"AzureWebApp@1\", inputs: {appName: shop}}]}}}\n";
    insta::assert_debug_snapshot!(read_text(&AZURE, "azure-pipelines.yml", azure).lines());
    let travis = "language: python\nservices:\n  - postgresql\n  - docker\nscript: pytest\ndeploy: {provider: heroku}\nbranches: {only: [main]}\n";
    insta::assert_debug_snapshot!(read_text(&TRAVIS, ".travis.yml", travis).lines());
    let bitbucket = "definitions: {services: {db: {image: \"mysql:8\"}}}\npipelines:\n  default:\n    - step: {name: Test, services: [db], script: [npm test]}\n  branches:\n    main:\n      - parallel:\n          - step: {name: Ship, deployment: production, script: [eb deploy]}\n";
    insta::assert_debug_snapshot!(
        read_text(&BITBUCKET, "bitbucket-pipelines.yml", bitbucket).lines()
    );
    let jenkins = "pipeline {\n  stages {\n    stage('Test') { steps { sh 'npm ci' // sh 'not this'\n      sh \"\"\"\n        npm test\n      \"\"\" } }\n    stage('Deploy to production') { steps { sh(script: 'ssh app@host ./deploy') } }\n  }\n}\n";
    insta::assert_debug_snapshot!(read_text(&JENKINS, "Jenkinsfile", jenkins).lines());
}

#[test]
fn tests_are_not_taken_for_deploys() {
    for (step, deploys) in [
        ("run: docker compose up -d && npm test", false),
        ("run: kubectl apply --dry-run=client -f k8s", false),
        ("uses: docker/build-push-action@v5", false),
        ("uses: bobheadxi/deployments@v1", false),
        ("uses: akhileshns/heroku-deploy@v3", true),
        ("uses: actions/upload-pages-artifact@v3", false),
        ("uses: actions/deploy-pages@v4", false),
        ("uses: peaceiris/actions-gh-pages@v4", false),
        ("uses: JamesIves/github-pages-deploy-action@v4", false),
        ("uses: cloudflare/wrangler-action@v3", true),
        ("run: echo helm upgrade", false),
        ("run: flyctl deploy --remote-only", true),
        ("run: git push https://git.heroku.com/app.git main", true),
    ] {
        let text = format!("on: push\njobs:\n  check:\n    steps:\n      - {step}\n");
        let facts = read_text(&GITHUB, ".github/workflows/ci.yml", &text);
        assert_eq!(facts.pipeline_jobs[0].deploys, deploys, "{step}");
    }
}

#[test]
fn malformed_files_are_told() {
    let facts = read_text(&GITHUB, ".github/workflows/ci.yml", "jobs:\n  a: [\n");
    assert_eq!(facts.unread.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read_text(&GITHUB, ".github/workflows/a.yml", &text);
        read_text(&GITLAB, ".gitlab-ci.yml", &text);
        read_text(&CIRCLECI, ".circleci/config.yml", &text);
        read_text(&AZURE, "azure-pipelines.yml", &text);
        read_text(&TRAVIS, ".travis.yml", &text);
        read_text(&BITBUCKET, "bitbucket-pipelines.yml", &text);
        read_text(&JENKINS, "Jenkinsfile", &text);
    }

    #[test]
    fn any_tree_is_read_without_panic(
        text in "(\n|  |jobs|steps|step|script|services|stages|deploy|pipelines|default|extends|run|uses|with|env|: |- |\\[|\\]|\\{|\\}|,|[a-zé]){0,40}"
    ) {
        read_text(&GITHUB, ".github/workflows/a.yml", &text);
        read_text(&GITLAB, ".gitlab-ci.yml", &text);
        read_text(&CIRCLECI, ".circleci/config.yml", &text);
        read_text(&AZURE, "azure-pipelines.yml", &text);
        read_text(&TRAVIS, ".travis.yml", &text);
        read_text(&BITBUCKET, "bitbucket-pipelines.yml", &text);
    }
}

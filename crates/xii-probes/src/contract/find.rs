//! Where an app serves its contract.

use std::time::Duration;

use super::read::Contract;
use crate::client::{Client, Request};

/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where frameworks serve it: FastAPI, NestJS, springdoc, drf-spectacular, drf-yasg, Fastify, Quarkus, ASP.NET, and
/// what people choose.
pub const PATHS: &[&str] = &[
    "/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
    "/openapi",
    "/swagger.json",
    "/swagger.yaml",
    "/api-docs",
    "/api-docs.json",
    "/api-docs/openapi.json",
    "/api-docs/swagger.json",
    "/api-json",
    "/api/openapi.json",
    "/api/openapi.yaml",
    "/api/swagger.json",
    "/api/schema/",
    "/api/docs-json",
    "/api/docs/json",
    "/api/v1/openapi.json",
    "/v1/openapi.json",
    "/v2/api-docs",
    "/v3/api-docs",
    "/docs/openapi.json",
    "/docs/json",
    "/docs-json",
    "/documentation/json",
    "/swagger/v1/swagger.json",
    "/swagger/doc.json",
    "/q/openapi",
    "/schema/openapi.json",
];

/// Asks an app for its contract: first where it is known to be, then where frameworks serve it. Gives the path and the
/// contract, and for a path that is `known` and serves none why it does not.
pub async fn find(client: &Client, known: &[String]) -> (Option<(String, Contract)>, Vec<String>) {
    let mut notes = Vec::new();
    let paths = known.iter().map(|path| (path.as_str(), true));
    let usual = PATHS.iter().map(|path| (*path, false));
    for (path, is_known) in
        paths.chain(usual.filter(|(path, _)| !known.iter().any(|known| known == path)))
    {
        let request = Request::get(path)
            .header(
                "Accept",
                "application/json, application/yaml;q=0.9, */*;q=0.5",
            )
            .within(Duration::from_secs(5));
        let read = match client.send_patiently(&request, PATIENCE).await {
            Err(miss) => Err(miss.to_string()),
            Ok(answer) if answer.status != 200 => Err(format!("status {}", answer.status)),
            Ok(answer) if answer.truncated => Err("the document is longer than 2 MiB".to_owned()),
            Ok(answer) if answer.media_type().as_deref() == Some("text/html") => {
                Err("the answer is a page".to_owned())
            }
            Ok(answer) => Contract::read(&answer.text()),
        };
        match read {
            Ok(contract) => return (Some((path.to_owned(), contract)), notes),
            Err(why) if is_known => notes.push(format!("{path}: {why}")),
            Err(_) => {}
        }
    }
    (None, notes)
}

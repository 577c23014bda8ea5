//! Shows the app a good token that lacks the role which an operation wants.
//!
//! The contract says which operations want a role or a scope: those whose security lists one. The token is made
//! with the secret that the app was given, with the claims of `[prove.auth]` in xii.toml but without the roles. 403
//! is what is meant (RFC 9110, section 15.5.4); 401 refuses, too, and is told. An answer of 200 or its like breaks
//! the criterion. As the control, an operation that is safe to ask is asked with the role as well, and must open.
//!
//! An app whose contract lists no roles, or whose tokens cannot be made, is not judged.

use std::time::Duration;

use serde_json::{Value as Json, json};
use xii_model::Severity;

use crate::api::Api;
use crate::client::Client;
use crate::contract::Operation;
use crate::engine::{CouldNotTell, Need, Phase, Probe, Stage, Steps};
use crate::tokens::{Bearer, signed};

/// The probe.
pub const PROBE: Probe = Probe {
    name: "missing-role",
    criteria: &["XV.3"],
    // Where nobody refuses, something may be changed that others look at.
    phase: Phase::After,
    needs: &[Need::Healthy],
    severity: Severity::Error,
    limit: Duration::from_secs(120),
    alone: false,
    run,
};

/// The most operations that are asked.
const MOST: usize = 50;
/// How long an app that says 429 is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Claims that say what one may do, besides the one that `[prove.auth]` names.
const CLAIMS: [&str; 8] = [
    "roles",
    "role",
    "scope",
    "scopes",
    "scp",
    "permissions",
    "groups",
    "is_admin",
];

fn run(stage: &mut Stage) -> Steps<'_> {
    Box::pin(async move {
        let Some(api) = Api::of(stage).await? else {
            return without_contract(stage);
        };
        let operations: Vec<(Operation, Vec<String>)> = api
            .contract
            .operations()
            .iter()
            .filter_map(|one| Some((one.clone(), roles_of(one)?)))
            .take(MOST)
            .collect();
        if operations.is_empty() {
            return without_roles(stage, &api);
        }
        let bearer = Bearer::find(stage, Some(&api)).await?;
        let (Some(key), Some(claims)) = (bearer.key.clone(), bearer.claims(stage, true)) else {
            return Err(CouldNotTell::because(
                "a token without the role cannot be made: its key is not known",
            ));
        };
        let name = stage
            .settings()
            .auth
            .as_ref()
            .and_then(|auth| auth.roles.clone());
        let lacking = signed(&without(&claims, name.as_deref()), &key);
        let run = stage.healthy().await?;
        let client = stage.client(&run);
        let (mut let_in, mut refused, mut oddly, mut untold) = (Vec::new(), 0, 0, Vec::new());
        let mut opened = false;
        for (operation, roles) in &operations {
            let role = roles.join(" ");
            stage.note(format!("asking {} without `{role}`", operation.name()));
            match status(&client, &bearer, operation, &lacking).await {
                Some(200..300) => let_in.push((operation.name(), role)),
                Some(403) => refused += 1,
                Some(401) => {
                    refused += 1;
                    oddly += 1;
                }
                Some(status) => untold.push(format!("{} answered {status}", operation.name())),
                None => {}
            }
            if operation.is_safe() && !opened {
                let with = with_roles(&claims, name.as_deref(), roles);
                let with = signed(&with, &key);
                stage.note(format!(
                    "asking {} with `{}`",
                    operation.name(),
                    roles.join(" ")
                ));
                opened = matches!(
                    status(&client, &bearer, operation, &with).await,
                    Some(200..300)
                );
            }
        }
        if let Some((operation, role)) = let_in.first() {
            stage.broken(
                "XV.3",
                format!(
                    "{operation} is open to a token that lacks `{role}`{}",
                    more(let_in.len() - 1)
                ),
            );
        } else if refused == 0 {
            let seen = untold.first().map_or_else(
                || "no operation that wants a role could be asked".to_owned(),
                Clone::clone,
            );
            stage.could_not_tell(
                "XV.3",
                format!("{seen}, which does not tell whether the role was missed"),
            );
        } else if !opened && oddly == refused {
            stage.could_not_tell(
                "XV.3",
                "a token without the role is refused with 401, and with the role none was seen to be accepted",
            );
        } else {
            let all = operations.len();
            let mut reason = format!(
                "{refused} of {all} operation{} that want{} a role refused a token that lacks it",
                if all == 1 { "" } else { "s" },
                if all == 1 { "s" } else { "" }
            );
            if opened {
                reason.push_str("; with it, one opens");
            }
            if oddly > 0 {
                reason.push_str(&format!("; {oddly} said 401 where 403 is meant"));
            }
            stage.holds("XV.3", reason);
        }
        Ok(())
    })
}

fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(", and {count} more"),
    }
}

/// The roles or scopes that an operation wants, whichever way one shows who one is.
fn roles_of(operation: &Operation) -> Option<Vec<String>> {
    if operation.is_public() {
        return None;
    }
    let mut all = Vec::new();
    for alternative in &operation.security {
        let roles: Vec<String> = alternative
            .iter()
            .flat_map(|(_, roles)| roles.clone())
            .collect();
        if roles.is_empty() {
            return None;
        }
        all.extend(roles);
    }
    all.sort();
    all.dedup();
    Some(all)
}

async fn status(
    client: &Client,
    bearer: &Bearer,
    operation: &Operation,
    token: &str,
) -> Option<u16> {
    let request = bearer.showing(operation.request()?, token);
    let answer = client.send_patiently(&request, PATIENCE).await.ok()?;
    Some(answer.status)
}

/// Claims that give no right.
fn without(claims: &Json, name: Option<&str>) -> Json {
    let mut claims = claims.clone();
    if let Some(members) = claims.as_object_mut() {
        members.retain(|key, _| Some(key.as_str()) != name && !CLAIMS.contains(&key.as_str()));
    }
    claims
}

/// Claims that give these rights, in the claim that is named or else in the usual ones.
fn with_roles(claims: &Json, name: Option<&str>, roles: &[String]) -> Json {
    let mut claims = without(claims, name);
    match name {
        Some(name) => claims[name] = json!(roles),
        None => {
            claims["roles"] = json!(roles);
            claims["scopes"] = json!(roles);
            claims["permissions"] = json!(roles);
            claims["scope"] = json!(roles.join(" "));
        }
    }
    claims
}

fn without_contract(stage: &mut Stage) -> Result<(), CouldNotTell> {
    if has_role_checks(stage) {
        stage.could_not_tell("XV.3", "no contract says which operations want a role");
    } else {
        stage.could_not_tell(
            "XV.3",
            "neither a contract nor the code says that an operation wants a role",
        );
    }
    Ok(())
}

fn without_roles(stage: &mut Stage, api: &Api) -> Result<(), CouldNotTell> {
    let name = api.name();
    // Few contracts of apps that ask who calls say what role that wants.
    let asks = api.contract.operations().iter().any(|one| !one.is_public());
    if asks || has_role_checks(stage) {
        stage.could_not_tell(
            "XV.3",
            format!("{name} does not say which operations want a role"),
        );
    } else {
        stage.not_applicable("XV.3", format!("{name} has no operation that wants a role"));
    }
    Ok(())
}

/// Whether the code checks roles anywhere.
fn has_role_checks(stage: &Stage) -> bool {
    let checks = &stage.app().facts.auth_checks;
    checks
        .iter()
        .any(|fact| fact.scope.is_deployed() && fact.roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(security: Vec<Vec<(&str, &[&str])>>) -> Operation {
        let own = |(name, roles): (&str, &[&str])| {
            (
                name.to_owned(),
                roles.iter().map(|role| (*role).to_owned()).collect(),
            )
        };
        Operation {
            method: "GET".to_owned(),
            path: "/admin".to_owned(),
            id: None,
            parameters: Vec::new(),
            body: None,
            security: security
                .into_iter()
                .map(|one| one.into_iter().map(own).collect())
                .collect(),
            responses: Vec::new(),
        }
    }

    #[test]
    fn a_role_is_wanted_only_where_every_way_in_wants_one() {
        let admin: &[&str] = &["admin"];
        assert_eq!(roles_of(&operation(vec![])), None);
        assert_eq!(roles_of(&operation(vec![vec![("bearer", &[])]])), None);
        assert_eq!(
            roles_of(&operation(vec![vec![("bearer", admin)], vec![]])),
            None
        );
        assert_eq!(
            roles_of(&operation(vec![
                vec![("bearer", admin)],
                vec![("key", &[])]
            ])),
            None
        );
        assert_eq!(
            roles_of(&operation(vec![vec![("bearer", admin)]])),
            Some(vec!["admin".to_owned()])
        );
    }

    #[test]
    fn rights_are_taken_from_claims_and_put_into_them() {
        let claims = json!({"sub": "1", "groups": ["a"], "scope": "x", "may": ["all"]});
        assert_eq!(without(&claims, Some("may")), json!({"sub": "1"}));
        let with = with_roles(&claims, Some("may"), &["admin".to_owned()]);
        assert_eq!(with, json!({"sub": "1", "may": ["admin"]}));
        assert_eq!(
            with_roles(&claims, None, &["a".to_owned(), "b".to_owned()])["scope"],
            "a b"
        );
    }
}

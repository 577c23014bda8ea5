//! The functions that answer requests or messages.

use std::collections::HashSet;

use super::seen::Called;
use crate::languages::language::File;
use crate::languages::syntax::{Kind, NodeId};

/// Names of the first two parameters of what answers a request.
const REQUESTS: [&str; 6] = ["req", "request", "_req", "_request", "rq", "httpRequest"];
const ANSWERS: [&str; 9] = [
    "res",
    "response",
    "reply",
    "_res",
    "_response",
    "h",
    "rep",
    "_reply",
    "next",
];

/// Decorators of methods that answer a request or a message.
const DECORATORS: [&str; 22] = [
    "Get",
    "Post",
    "Put",
    "Patch",
    "Delete",
    "All",
    "Head",
    "Options",
    "Query",
    "Mutation",
    "Subscription",
    "ResolveField",
    "MessagePattern",
    "EventPattern",
    "SubscribeMessage",
    "GrpcMethod",
    "Process",
    "Sse",
    "Route",
    "HttpGet",
    "HttpPost",
    "Authorized",
];

/// The functions that answer requests or messages.
pub(super) fn handlers(file: &File<'_>, calls: &[Called]) -> HashSet<NodeId> {
    let tree = file.tree;
    let mut found = HashSet::new();
    for id in tree.ids() {
        let Some(function) = tree.as_function(id) else {
            continue;
        };
        let names: Vec<&str> = function
            .parameters
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let typed = function.parameters.iter().any(|one| {
            one.annotation.as_deref().is_some_and(|annotation| {
                annotation.starts_with("NextApiRequest")
                    || annotation.starts_with("FastifyRequest")
                    || annotation.starts_with("NextRequest")
                    || annotation.starts_with("Request<")
                    || annotation == "Request"
                    || annotation == "Context"
                    || annotation == "Koa.Context"
            })
        });
        let named = match names.as_slice() {
            [first, second, ..] if REQUESTS.contains(first) => ANSWERS.contains(second),
            [_, first, second, ..] if REQUESTS.contains(first) => ANSWERS.contains(second),
            [first] if REQUESTS.contains(first) => file.source.name().starts_with("route."),
            ["ctx"] | ["ctx", "next"] | ["context", "next"] => true,
            _ => false,
        };
        let decorated = function.decorators.iter().any(|decorator| {
            tree.path(*decorator).is_some_and(|path| {
                let last = path.trim_end_matches("()").rsplit('.').next().unwrap_or("");
                DECORATORS.contains(&last)
            })
        });
        // A Next.js route exports functions named after methods.
        let exported = file.source.name().starts_with("route.")
            && function
                .name
                .as_deref()
                .is_some_and(|name| matches!(name, "GET" | "POST" | "PUT" | "PATCH" | "DELETE"));
        if typed || named || decorated || exported {
            found.insert(id);
        }
    }
    for call in calls {
        let Some((object, method)) = call.path.rsplit_once('.') else {
            continue;
        };
        let serves = match method {
            "get" | "post" | "put" | "patch" | "delete" | "all" | "head" | "use" | "options" => {
                [
                    "express",
                    "fastify()",
                    "koa",
                    "Router()",
                    "@hapi/",
                    "hono",
                    "restify",
                    "polka",
                    "~app",
                    "~router",
                    "~fastify",
                    "~server",
                    "this.app",
                    "this.router",
                ]
                .iter()
                .any(|one| object.contains(one))
                    && !object.contains("axios")
            }
            "on" | "addListener" => {
                let event = tree.arg(call.id, 0).and_then(|event| tree.as_text(event));
                let socket =
                    object.contains("socket") || object.contains("io") || object.contains("ws");
                match event {
                    Some("connection" | "request") => true,
                    Some("message" | "data" | "disconnect") => socket,
                    Some(event) => {
                        object.ends_with("socket") && !matches!(event, "error" | "close")
                    }
                    None => false,
                }
            }
            "process" | "consume" | "subscribe" => true,
            "createServer" => matches!(object, "http" | "https" | "http2"),
            _ => false,
        };
        if !serves {
            continue;
        }
        for arg in tree.args(call.id) {
            let followed = tree.follow(arg.value);
            if matches!(tree.kind(followed), Kind::Function(_)) {
                found.insert(followed);
            }
        }
    }
    for id in tree.ids() {
        // Resolvers of GraphQL: `{ Query: { … }, Mutation: { … } }`; hapi's `{ method, path, handler }`.
        let Kind::Map(pairs) = tree.kind(id) else {
            continue;
        };
        for pair in pairs {
            match pair.key.as_deref() {
                Some("Query" | "Mutation" | "Subscription") => {
                    if let Kind::Map(fields) = tree.kind(tree.follow(pair.value)) {
                        let functions = fields
                            .iter()
                            .map(|field| tree.follow(field.value))
                            .filter(|value| matches!(tree.kind(*value), Kind::Function(_)));
                        found.extend(functions);
                    }
                }
                Some("handler" | "resolve")
                    if pairs.iter().any(|one| {
                        matches!(one.key.as_deref(), Some("method" | "url" | "type" | "args"))
                    }) =>
                {
                    let followed = tree.follow(pair.value);
                    if matches!(tree.kind(followed), Kind::Function(_)) {
                        found.insert(followed);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

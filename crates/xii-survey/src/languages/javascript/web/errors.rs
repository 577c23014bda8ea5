//! Errors: the one place that gives them a shape, and handlers that answer them by themselves.

use xii_model::{ErrorAnswer, ErrorShape, Facts};

use crate::languages::javascript::seen::Seen;
use crate::languages::syntax::{Function, Kind, NodeId};

/// How many nodes of a function are looked at.
const NODES: usize = 2_000;
/// More answers than this in one file say nothing new.
const ANSWERS: usize = 100;
/// More keys than this are no error's.
const KEYS: usize = 20;

/// Names of constants that stand for a status of an error: `StatusCodes.NOT_FOUND`.
const STATUSES: [(&str, u16); 9] = [
    ("BAD_REQUEST", 400),
    ("UNAUTHORIZED", 401),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("CONFLICT", 409),
    ("UNPROCESSABLE_ENTITY", 422),
    ("TOO_MANY_REQUESTS", 429),
    ("INTERNAL_SERVER_ERROR", 500),
    ("BAD_GATEWAY", 502),
];

/// Reads error middleware and the errors that handlers answer.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    if seen.around.browser() {
        return;
    }
    let tree = seen.tree;
    for id in tree.ids() {
        if let Some(function) = tree.as_function(id)
            && is_middleware(function)
            && !shows_a_page(seen, function)
        {
            let keys = tree
                .within(function.body)
                .take(NODES)
                .find_map(|id| answered(seen, id))
                .unwrap_or_default();
            let fact = ErrorShape {
                problem_json: seen.has("application/problem+json"),
                through: "error middleware".to_owned(),
                keys,
            };
            facts.push(seen.fact(id, fact));
        } else if let Some(keys) = tree.as_function(id).and_then(|one| catches(seen, one)) {
            let fact = ErrorShape {
                problem_json: seen.has("application/problem+json"),
                through: "error middleware".to_owned(),
                keys,
            };
            facts.push(seen.fact(id, fact));
        }
    }
    let answers = tree.ids().filter_map(|id| {
        let status = status(seen, id)?;
        let keys = answered(seen, id)?;
        let central = tree
            .ancestors(id)
            .filter_map(|outer| tree.as_function(outer))
            .any(handles_errors);
        (!central).then_some((id, ErrorAnswer { status, keys }))
    });
    for (id, answer) in answers.take(ANSWERS) {
        facts.push(seen.fact(id, answer));
    }
}

/// Whether a function is Express' error middleware: four parameters, an error first.
fn is_middleware(function: &Function) -> bool {
    let names = || function.parameters.iter().map(|one| one.name.as_str());
    function.parameters.len() == 4
        && handles_errors(function)
        && names().nth(1).is_some_and(|name| name.contains("req"))
        && names().nth(2).is_some_and(|name| name.contains("res"))
}

/// Koa's error middleware, which waits for all that comes after it and answers for what that throws:
/// `try { await next() } catch (err) { ctx.body = { … } }`. Returns the keys of the answer, as far as
/// they show.
fn catches(seen: &Seen<'_>, function: &Function) -> Option<Vec<String>> {
    let tree = seen.tree;
    let [context, next] = function.parameters.as_slice() else {
        return None;
    };
    let named = |id: NodeId, name: &str| matches!(tree.kind(id), Kind::Name(one) if one == name);
    let calls_next = |body: NodeId| {
        tree.within(body).take(NODES).any(
            |id| matches!(tree.kind(id), Kind::Call { callee, .. } if named(*callee, &next.name)),
        )
    };
    let handlers = tree
        .within(function.body)
        .take(NODES)
        .find_map(|id| match tree.kind(id) {
            Kind::Try { body, handlers, .. } if calls_next(*body) => Some(handlers),
            _ => None,
        })?;
    let answers: Vec<NodeId> = handlers
        .iter()
        .flat_map(|handler| tree.within(*handler).take(NODES))
        .filter_map(|id| {
            let Kind::Assign { target, value, .. } = tree.kind(id) else {
                return None;
            };
            let Kind::Member { object, property } = tree.kind(*target) else {
                return None;
            };
            // `ctx.body`, `ctx.response.body`.
            let of_context = named(*object, &context.name)
                || matches!(tree.kind(*object), Kind::Member { object, .. } if named(*object, &context.name));
            (property == "body" && of_context).then_some(*value)
        })
        .collect();
    if answers.is_empty() {
        return None;
    }
    Some(
        answers
            .into_iter()
            .find_map(|value| keys_of(seen, value))
            .unwrap_or_default(),
    )
}

/// Whether a function is given errors to answer them: an error, and what answers.
fn handles_errors(function: &Function) -> bool {
    let mut names = function.parameters.iter().map(|one| one.name.as_str());
    let error = names.next().is_some_and(|name| {
        name.trim_start_matches('_').starts_with("err") || matches!(name, "e" | "ex" | "exception")
    });
    error
        && names.any(|name| {
            let name = name.trim_start_matches('_');
            name.starts_with("res") || matches!(name, "reply" | "ctx" | "c" | "h" | "host")
        })
}

/// A page for people is no shape that a program can read.
fn shows_a_page(seen: &Seen<'_>, function: &Function) -> bool {
    let tree = seen.tree;
    let calls = |method: &str| {
        tree.within(function.body).take(NODES).any(|id| {
            matches!(tree.kind(id), Kind::Call { callee, .. }
                if matches!(tree.kind(*callee), Kind::Member { property, .. } if property == method))
        })
    };
    calls("render") && !calls("json") && !calls("send")
}

/// The status of an error that the call's chain sets: `res.status(404).json(…)`, `reply.code(400).send(…)`.
/// 503 is what a health route answers.
fn status(seen: &Seen<'_>, call: NodeId) -> Option<u16> {
    let tree = seen.tree;
    let Kind::Call { callee, .. } = tree.kind(call) else {
        return None;
    };
    let Kind::Member { object, .. } = tree.kind(*callee) else {
        return None;
    };
    let mut at = *object;
    for _ in 0..6 {
        let Kind::Call { callee, .. } = tree.kind(at) else {
            return None;
        };
        let Kind::Member { object, property } = tree.kind(*callee) else {
            return None;
        };
        if matches!(property.as_str(), "status" | "code") {
            let argument = tree.arg(at, 0)?;
            let number = match tree.kind(tree.follow(argument)) {
                Kind::Number(text) => text.parse().ok()?,
                Kind::Member { property, .. } => {
                    STATUSES.iter().find(|(name, _)| name == property)?.1
                }
                _ => return None,
            };
            return (matches!(number, 400..=599) && number != 503).then_some(number);
        }
        at = *object;
    }
    None
}

/// The keys of the object that a call answers as JSON, sorted; `None` when they do not all show.
fn answered(seen: &Seen<'_>, call: NodeId) -> Option<Vec<String>> {
    let tree = seen.tree;
    let Kind::Call { callee, .. } = tree.kind(call) else {
        return None;
    };
    let Kind::Member { property, .. } = tree.kind(*callee) else {
        return None;
    };
    if !matches!(property.as_str(), "json" | "jsonp" | "send") {
        return None;
    }
    keys_of(seen, tree.arg(call, 0)?)
}

/// The keys of an object literal, sorted; `None` when they do not all show.
fn keys_of(seen: &Seen<'_>, map: NodeId) -> Option<Vec<String>> {
    let tree = seen.tree;
    let Kind::Map(pairs) = tree.kind(tree.follow(map)) else {
        return None;
    };
    let mut keys = Vec::new();
    for pair in pairs {
        keys.push(pair.key.clone()?);
    }
    keys.sort();
    keys.dedup();
    (!keys.is_empty() && keys.len() <= KEYS).then_some(keys)
}

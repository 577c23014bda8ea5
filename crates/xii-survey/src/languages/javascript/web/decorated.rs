//! What decorators of Nest declare: routes, guards, jobs' and consumers' classes aside.

use xii_model::{ErrorShape, Facts, Route};

use super::health::of_route;
use crate::languages::javascript::seen::Seen;
use crate::languages::javascript::trust::checks_identity;
use crate::languages::syntax::{Class, Kind, NodeId};

const METHODS: [(&str, &str); 9] = [
    ("Get", "GET"),
    ("Post", "POST"),
    ("Put", "PUT"),
    ("Patch", "PATCH"),
    ("Delete", "DELETE"),
    ("Head", "HEAD"),
    ("Options", "OPTIONS"),
    ("All", "*"),
    ("Sse", "GET"),
];

/// Reads the classes of a file.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for id in tree.ids() {
        let Some(class) = tree.as_class(id) else {
            continue;
        };
        for decorator in &class.decorators {
            match seen.path(*decorator).as_deref() {
                Some("@nestjs/common.Controller()") => {
                    controller(seen, class, *decorator, facts);
                }
                Some("@nestjs/common.Catch()") => {
                    let fact = ErrorShape {
                        problem_json: seen.has("application/problem+json"),
                        through: "@Catch".to_owned(),
                        keys: Vec::new(),
                    };
                    facts.push(seen.fact(*decorator, fact));
                }
                _ => {}
            }
        }
    }
}

/// The routes of a controller.
fn controller(seen: &Seen<'_>, class: &Class, decorator: NodeId, facts: &mut Facts) {
    let tree = seen.tree;
    let base = tree
        .arg(decorator, 0)
        .and_then(|first| {
            seen.text(first)
                .or_else(|| seen.text(seen.entry(first, &["path"])?))
        })
        .unwrap_or_default();
    let class_guards = guards(seen, &class.decorators);
    for item in tree.children(class.body) {
        let Some(method) = tree.as_function(item) else {
            continue;
        };
        let found = method.decorators.iter().find_map(|one| {
            let path = seen.path(*one)?;
            let name = path.strip_prefix("@nestjs/common.")?.trim_end_matches("()");
            let (_, verb) = METHODS.iter().find(|(known, _)| *known == name)?;
            Some((*one, *verb))
        });
        let Some((at, verb)) = found else {
            continue;
        };
        let below = tree
            .arg(at, 0)
            .and_then(|first| seen.text(first))
            .unwrap_or_default();
        let path = joined(base, below);
        let mut names = class_guards.clone();
        names.extend(guards(seen, &method.decorators));
        let public = method.decorators.iter().any(|one| {
            seen.path(*one).is_some_and(|path| {
                path.to_lowercase().contains("public") || path.contains("SkipAuth")
            })
        });
        let protected = !public
            && names
                .iter()
                .any(|name| checks_identity(name) || name.contains("Auth"));
        of_route(seen, at, &path, "nest", Some(item), facts);
        let fact = Route {
            method: verb.to_owned(),
            path,
            certain: true,
            through: "nest".to_owned(),
            protected,
            middleware: names,
        };
        facts.push(seen.fact(at, fact));
    }
}

/// Names of the guards among decorators: `UseGuards(JwtGuard)`, `Auth(Role.Admin)`.
fn guards(seen: &Seen<'_>, decorators: &[NodeId]) -> Vec<String> {
    let mut names = Vec::new();
    for decorator in decorators {
        let path = seen.path(*decorator).unwrap_or_default();
        let last = path
            .trim_end_matches("()")
            .rsplit(['.', '/'])
            .next()
            .unwrap_or_default();
        if last == "UseGuards" {
            for arg in seen.tree.args(*decorator) {
                if let Some(guard) = seen.path(arg.value) {
                    let plain = guard.trim_end_matches("()");
                    let name = plain.rsplit(['.', '/', '~']).next().unwrap_or(plain);
                    names.push(name.to_owned());
                }
            }
        } else if matches!(
            last,
            "Auth" | "Authorized" | "Roles" | "RequireAuth" | "JwtAuth"
        ) {
            names.push(last.to_owned());
        }
    }
    names
}

fn joined(base: &str, below: &str) -> String {
    let parts: Vec<&str> = [base, below]
        .into_iter()
        .map(|part| part.trim_matches('/'))
        .filter(|part| !part.is_empty())
        .collect();
    format!("/{}", parts.join("/"))
}

/// Whether a node is a decorated method: its decorators are the route.
pub(super) fn is_method(seen: &Seen<'_>, id: NodeId) -> bool {
    matches!(seen.tree.kind(id), Kind::Function(function) if !function.decorators.is_empty())
}

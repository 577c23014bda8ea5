//! Schemas over the environment: envalid, joi, zod, yup, convict, class-validator and their kin.

use super::environment::{Described, Environment, is_env_path};
use super::names::is_variable;
use super::seen::Called;
use crate::languages::syntax::{Kind, NodeId, Pair, Tree};

/// A library of schemas: the module that its values come from, and its name.
const LIBRARIES: [(&str, &str); 16] = [
    ("envalid", "envalid"),
    ("envsafe", "envsafe"),
    ("znv", "znv"),
    ("@t3-oss/", "t3-env"),
    ("joi", "joi"),
    ("@hapi/joi", "joi"),
    ("@hapi/", "joi"),
    ("zod", "zod"),
    ("yup", "yup"),
    ("valibot", "valibot"),
    ("@sinclair/typebox", "typebox"),
    ("typebox", "typebox"),
    ("superstruct", "superstruct"),
    ("runtypes", "runtypes"),
    ("effect", "effect"),
    ("arktype", "arktype"),
];

/// Calls that hand their schema to the environment themselves.
const OWN_SOURCE: [&str; 6] = [
    "envalid.",
    "envsafe.",
    "znv.",
    "@t3-oss/",
    "convict",
    "env-schema",
];

/// Describes the variables of every schema that the file checks the environment with.
pub(super) fn describe(tree: &Tree, calls: &[Called], environment: &mut Environment) {
    convict(tree, calls, environment);
    json_schema(tree, environment);
    if !checks_environment(tree, calls) {
        return;
    }
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Map(pairs) => from_map(tree, pairs, environment),
            Kind::Class(class) => from_class(tree, class.body, environment),
            _ => {}
        }
    }
    if calls.iter().any(|call| call.path.starts_with("@t3-oss/")) {
        environment.checker = environment.checker.map(|_| "t3-env");
    }
}

/// A JSON schema of the environment, as env-schema and Fastify's plugin around it take it: the
/// properties of an object that are named as variables are.
fn json_schema(tree: &Tree, environment: &mut Environment) {
    let takes = tree.imports.iter().any(|import| {
        matches!(
            import.module.as_str(),
            "env-schema" | "@fastify/env" | "fastify-env"
        )
    });
    if !takes {
        return;
    }
    for id in tree.ids() {
        let Some(properties) = tree.entry(id, "properties") else {
            continue;
        };
        let Kind::Map(pairs) = tree.kind(tree.follow(properties)) else {
            continue;
        };
        let required: Vec<&str> = match tree
            .entry(id, "required")
            .map(|list| tree.kind(tree.follow(list)))
        {
            Some(Kind::List(names)) => names
                .iter()
                .filter_map(|name| tree.as_text(*name))
                .collect(),
            _ => Vec::new(),
        };
        for pair in pairs {
            let Some(name) = pair.key.as_deref().filter(|key| is_variable(key)) else {
                continue;
            };
            let default = tree.entry(pair.value, "default");
            let described = Described {
                default,
                required: default.is_none() && required.contains(&name),
            };
            environment.checker = Some("env-schema");
            environment.described.insert(name.to_owned(), described);
        }
    }
}

/// Whether the file hands the environment to a check, or a schema to one that does.
fn checks_environment(tree: &Tree, calls: &[Called]) -> bool {
    calls.iter().any(|call| {
        OWN_SOURCE.iter().any(|own| call.path.starts_with(own))
            || (!call.path.starts_with("console")
                && tree.args(call.id).iter().any(|arg| {
                    is_env_path(tree, arg.value)
                        || matches!(tree.kind(arg.value), Kind::Spread(inner) if is_env_path(tree, *inner))
                }))
            || call.path.contains("registerAs")
            // `validate(this)` in a class whose fields are variables.
            || call.path.starts_with("class-validator.validate")
            || tree.args(call.id).iter().any(|arg| {
                ["validationSchema", "runtimeEnv"]
                    .iter()
                    .any(|key| tree.entry(arg.value, key).is_some())
            })
    }) || tree.ids().any(|id| match tree.kind(id) {
        // A validator that Nest's ConfigModule is given, or a schema in a file of its own.
        Kind::Function(function) => function
            .name
            .as_deref()
            .is_some_and(|name| matches!(name, "validate" | "validateEnv" | "validateConfig")),
        Kind::Assign { target, .. } => matches!(tree.kind(*target), Kind::Name(name) if {
            let name = name.to_lowercase();
            name.contains("env") && (name.contains("schema") || name.contains("valid"))
        }),
        _ => false,
    })
}

/// An object literal whose entries are variables described by a library's values.
fn from_map(tree: &Tree, pairs: &[Pair], environment: &mut Environment) {
    for pair in pairs {
        let Some(name) = pair.key.as_deref().filter(|key| is_variable(key)) else {
            continue;
        };
        let Some(path) = tree.path(pair.value) else {
            continue;
        };
        let Some((_, library)) = LIBRARIES
            .iter()
            .find(|(module, _)| path.starts_with(module))
        else {
            continue;
        };
        let described = chain(tree, pair.value, library);
        environment.checker = Some(library);
        environment.described.insert(name.to_owned(), described);
    }
}

/// What a chain such as `z.string().url().default('x')` says.
fn chain(tree: &Tree, value: NodeId, library: &str) -> Described {
    let mut described = Described {
        default: None,
        // Joi's keys are optional until they are required; those of the others are required.
        required: library != "joi" && library != "yup",
    };
    let mut optional = false;
    let mut at = value;
    for _ in 0..24 {
        let Kind::Call { callee, .. } = tree.kind(at) else {
            break;
        };
        if let Some(default) = ["default", "devDefault"]
            .iter()
            .find_map(|key| tree.entry(tree.arg(at, 0)?, key))
        {
            described.default.get_or_insert(default);
        }
        let Kind::Member { object, property } = tree.kind(*callee) else {
            break;
        };
        match property.as_str() {
            "default" | "catch" | "prefault" => {
                described.default = described.default.or(tree.arg(at, 0));
            }
            "optional" | "nullish" | "notRequired" | "allow" => optional = true,
            "required" | "exist" => described.required = true,
            _ => {}
        }
        at = *object;
    }
    if optional && library != "joi" || described.default.is_some() {
        described.required = false;
    }
    described
}

/// A class of class-validator's decorators whose fields are variables.
fn from_class(tree: &Tree, body: NodeId, environment: &mut Environment) {
    let Kind::Block(items) = tree.kind(body) else {
        return;
    };
    for item in items {
        let Kind::Field {
            name,
            value,
            decorators,
            ..
        } = tree.kind(*item)
        else {
            continue;
        };
        let paths: Vec<String> = decorators
            .iter()
            .filter_map(|decorator| tree.path(*decorator))
            .collect();
        if !is_variable(name)
            || !paths
                .iter()
                .any(|path| path.starts_with("class-validator."))
        {
            continue;
        }
        let optional = paths.iter().any(|path| path.contains("IsOptional"));
        environment.checker = Some("class-validator");
        environment.described.insert(
            name.clone(),
            Described {
                default: *value,
                required: !optional && value.is_none(),
            },
        );
    }
}

/// `convict({ port: { env: 'PORT', default: 3000 } })`, however deep.
fn convict(tree: &Tree, calls: &[Called], environment: &mut Environment) {
    for call in calls.iter().filter(|call| call.path == "convict") {
        let Some(schema) = tree.arg(call.id, 0) else {
            continue;
        };
        for id in tree.within(tree.follow(schema)) {
            let Some(name) = tree.entry(id, "env").and_then(|name| tree.as_text(name)) else {
                continue;
            };
            environment.checker = Some("convict");
            environment.described.insert(
                name.to_owned(),
                Described {
                    default: tree
                        .entry(id, "default")
                        .filter(|default| !matches!(tree.kind(*default), Kind::Null)),
                    required: false,
                },
            );
        }
    }
}

/// Whether a path starts at a library of schemas.
pub(super) fn is_library(path: &str) -> bool {
    LIBRARIES.iter().any(|(module, _)| path.starts_with(module))
}

//! Contracts that frameworks make of the code, and the shape of errors.

use xii_model::{Contract, ErrorShape};

use crate::languages::python::reader::Reader;
use crate::languages::python::surroundings::last_name;
use crate::languages::syntax::{Kind, NodeId};

/// Contracts that the framework makes of the code.
#[rustfmt::skip]
const CONTRACTS: &[(&str, &str, &str, bool)] = &[
    ("fastapi.FastAPI", "openapi", "fastapi", true),
    ("ninja.NinjaAPI", "openapi", "django-ninja", true),
    ("drf_spectacular.views.SpectacularAPIView.as_view", "openapi", "drf-spectacular", false),
    ("drf_yasg.views.get_schema_view", "swagger", "drf-yasg", false),
    ("rest_framework.schemas.get_schema_view", "openapi", "rest_framework", false),
    ("flask_smorest.Api", "openapi", "flask-smorest", true),
    ("flask_restx.Api", "swagger", "flask-restx", true),
    ("flasgger.Swagger", "swagger", "flasgger", false),
    ("apispec.APISpec", "openapi", "apispec", true),
    ("flask_apispec.FlaskApiSpec", "swagger", "flask-apispec", false),
    ("apiflask.APIFlask", "openapi", "apiflask", true),
    ("flask_openapi3.OpenAPI", "openapi", "flask-openapi3", true),
    ("litestar.Litestar", "openapi", "litestar", true),
    ("strawberry.Schema", "graphql", "strawberry", false),
    ("graphene.Schema", "graphql", "graphene", false),
    ("ariadne.make_executable_schema", "graphql", "ariadne", false),
];

/// Adds a fact for a contract that a call makes.
pub(super) fn contract(reader: &mut Reader<'_>, id: NodeId, path: &str) {
    let tree = reader.tree;
    let Some((_, format, through, described)) = CONTRACTS.iter().find(|(name, ..)| *name == path)
    else {
        return;
    };
    // `openapi_url=None` turns it off.
    if tree
        .keyword(id, "openapi_url")
        .is_some_and(|value| matches!(tree.kind(value), Kind::Null))
    {
        return;
    }
    let version = described
        .then(|| tree.keyword(id, "version"))
        .flatten()
        .and_then(|version| tree.as_text(tree.follow(version)))
        .map(str::to_owned);
    let operations = Vec::new();
    reader.push(
        id,
        Contract {
            format,
            format_version: None,
            version,
            generated: true,
            through: Some((*through).to_owned()),
            faults: Vec::new(),
            operations,
            // FastAPI documents the shape of validation errors by itself.
            error_schema: (*through == "fastapi").then(|| "HTTPValidationError".to_owned()),
            security_schemes: false,
        },
    );
}

/// Handlers that give errors a shape in one place.
pub(super) fn errors(reader: &mut Reader<'_>) {
    let tree = reader.tree;
    let problem = reader.file.source.text.contains("problem+json")
        || tree
            .imports
            .iter()
            .any(|one| one.module.contains("problem"));
    for id in tree.ids() {
        let Some(function) = tree.as_function(id) else {
            continue;
        };
        for decorator in &function.decorators {
            let name = last_name(tree, *decorator).unwrap_or_default();
            if matches!(
                name,
                "errorhandler" | "app_errorhandler" | "exception_handler"
            ) {
                reader.push(
                    *decorator,
                    ErrorShape {
                        problem_json: problem,
                        keys: Vec::new(),
                        through: name.to_owned(),
                    },
                );
            }
        }
    }
    for (id, path) in reader.calls {
        // `app.errorhandler(NotFound)(handler)`: the decorator, called by hand.
        let applied = path.ends_with(".errorhandler")
            && tree.parent(*id).is_some_and(
                |outer| matches!(tree.kind(outer), Kind::Call { callee, .. } if callee == id),
            );
        if applied
            || path.ends_with(".add_exception_handler")
            || path.ends_with(".register_error_handler")
            || path.starts_with("fastapi_problem.handler.add_exception_handler")
        {
            reader.push(
                *id,
                ErrorShape {
                    problem_json: problem,
                    keys: Vec::new(),
                    through: "exception handler".to_owned(),
                },
            );
        }
    }
}

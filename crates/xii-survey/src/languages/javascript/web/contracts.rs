//! Contracts that code makes or serves.

use xii_model::{Contract, Facts};

use crate::languages::javascript::seen::{Called, Seen};

/// What makes or serves a contract: the path of the call or plugin, its format, whether it is made
/// from the code.
const ROWS: [(&str, &str, bool); 22] = [
    (
        "@nestjs/swagger.SwaggerModule.createDocument",
        "openapi",
        true,
    ),
    ("swagger-jsdoc", "openapi", true),
    ("swagger-jsdoc.default", "openapi", true),
    ("@fastify/swagger", "openapi", true),
    ("fastify-swagger", "openapi", true),
    ("hapi-swagger", "openapi", true),
    ("hono-openapi.openAPISpecs", "openapi", true),
    ("@hono/zod-openapi.OpenAPIHono", "openapi", true),
    (
        "@asteasolutions/zod-to-openapi.OpenApiGeneratorV3",
        "openapi",
        true,
    ),
    (
        "@asteasolutions/zod-to-openapi.OpenApiGeneratorV31",
        "openapi",
        true,
    ),
    ("express-openapi-validator.middleware", "openapi", false),
    (
        "express-openapi-validator.OpenApiValidator",
        "openapi",
        false,
    ),
    ("swagger-ui-express.setup", "openapi", false),
    ("koa2-swagger-ui.koaSwagger", "openapi", false),
    ("openapi-backend.OpenAPIBackend", "openapi", false),
    ("express-openapi.initialize", "openapi", false),
    ("apollo-server.ApolloServer", "graphql", true),
    ("apollo-server-express.ApolloServer", "graphql", true),
    ("@apollo/server.ApolloServer", "graphql", true),
    ("graphql-yoga.createYoga", "graphql", true),
    ("express-graphql.graphqlHTTP", "graphql", true),
    ("@nestjs/graphql.GraphQLModule.forRoot", "graphql", true),
];

/// Reads contracts.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    for call in &seen.calls {
        let plugin = call
            .path
            .ends_with(".register")
            .then(|| seen.tree.arg(call.id, 0).and_then(|first| seen.path(first)))
            .flatten();
        let path = plugin.as_deref().unwrap_or(&call.path);
        let Some((_, format, generated)) = ROWS.iter().find(|(known, _, _)| *known == path) else {
            continue;
        };
        let fact = Contract {
            format,
            format_version: None,
            version: version(seen, call),
            generated: *generated,
            through: Some(package_of(path)),
            faults: Vec::new(),
            operations: Vec::new(),
            error_schema: None,
            security_schemes: seen.has("addBearerAuth")
                || seen.has("securitySchemes")
                || seen.has("addApiKey"),
        };
        facts.push(seen.fact(call.id, fact));
    }
}

/// The package that a path starts with.
fn package_of(path: &str) -> String {
    let scoped = path.starts_with('@');
    let end = path
        .match_indices('.')
        .map(|(at, _)| at)
        .find(|at| !scoped || path[..*at].contains('/'))
        .unwrap_or(path.len());
    path[..end].to_owned()
}

/// The version that the API is given: `setVersion('1.0')`, `info: { version }`.
fn version(seen: &Seen<'_>, call: &Called) -> Option<String> {
    let set = seen
        .calls
        .iter()
        .find(|call| call.path.ends_with(".setVersion"))
        .and_then(|call| seen.tree.arg(call.id, 0))
        .and_then(|version| seen.text(version));
    if set.is_some() {
        return set.map(str::to_owned);
    }
    let options = seen.options(call.id)?;
    seen.tree
        .within(seen.tree.follow(options))
        .take(200)
        .find_map(|id| {
            let info = seen.tree.entry(id, "info")?;
            seen.text(seen.entry(info, &["version"])?)
        })
        .map(str::to_owned)
}

//! One canonical path for what has several names.

use std::sync::LazyLock;

/// What stands at the start of a path, and what it is the same as.
const SAME: [(&str, &str); 36] = [
    ("node:", ""),
    ("fs/promises", "fs.promises"),
    ("fs-extra.", "fs."),
    ("graceful-fs.", "fs."),
    ("timers.set", "set"),
    ("globalThis.", ""),
    ("global.", ""),
    ("process/", "process"),
    ("express.Application()", "express()"),
    ("express.Express()", "express()"),
    ("express-serve-static-core.Express()", "express()"),
    ("express.application()", "express()"),
    ("fastify.fastify()", "fastify()"),
    ("fastify.Fastify()", "fastify()"),
    ("fastify.FastifyInstance()", "fastify()"),
    (
        "@nestjs/common.INestApplication()",
        "@nestjs/core.NestFactory.create()",
    ),
    (
        "@nestjs/platform-express.NestExpressApplication()",
        "@nestjs/core.NestFactory.create()",
    ),
    (
        "@nestjs/platform-fastify.NestFastifyApplication()",
        "@nestjs/core.NestFactory.create()",
    ),
    ("koa.default()", "koa()"),
    ("@hapi/hapi.Server()", "@hapi/hapi.server()"),
    ("hapi.server()", "@hapi/hapi.server()"),
    ("ioredis.Redis", "ioredis"),
    ("pino.pino", "pino"),
    ("axios.default", "axios"),
    ("got.got", "got"),
    ("mysql2/promise", "mysql2"),
    ("sqlite3.verbose()", "sqlite3"),
    ("sequelize-typescript.Sequelize", "sequelize.Sequelize"),
    ("mongoose.default", "mongoose"),
    ("bull.Queue", "bull"),
    ("openai.OpenAI", "openai"),
    ("@anthropic-ai/sdk.Anthropic", "@anthropic-ai/sdk"),
    ("prom-client.default", "prom-client"),
    ("log4js.default", "log4js"),
    ("@koa/router", "koa-router"),
    ("socket.io.default", "socket.io"),
];

/// The bytes that something of [`SAME`] starts with. Most paths start with none of them.
static FIRST: LazyLock<[bool; 256]> = LazyLock::new(|| {
    let mut first = [false; 256];
    for (start, _) in SAME {
        if let Some(byte) = start.bytes().next() {
            first[usize::from(byte)] = true;
        }
    }
    first
});

/// The canonical form of a path.
pub(super) fn canonical(path: String) -> String {
    if !path
        .bytes()
        .next()
        .is_some_and(|byte| FIRST[usize::from(byte)])
    {
        return path;
    }
    let mut path = path;
    for (start, same) in SAME {
        if let Some(rest) = path.strip_prefix(start) {
            path = format!("{same}{rest}");
        }
    }
    path
}

/// Whether a path fits a pattern: `*` at its start or end stands for anything.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => path.contains(pattern.trim_matches('*')),
        (Some(end), None) => path.ends_with(end),
        (None, Some(start)) => path.starts_with(start),
        (None, None) => path == pattern,
    }
}

/// Whether a name is written as variables of the environment are.
pub(super) fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_form() {
        let same = |path: &str| canonical(path.to_owned());
        assert_eq!(same("node:fs/promises.writeFile"), "fs.promises.writeFile");
        assert_eq!(same("express.Application().listen"), "express().listen");
        assert_eq!(same("express.Router().get"), "express.Router().get");
        assert!(fits("*.listen", "x.listen") && fits("pg.*", "pg.Pool") && !fits("pg", "pg.Pool"));
        assert!(is_variable("DB_URL2") && !is_variable("dbUrl") && !is_variable("A"));
    }
}

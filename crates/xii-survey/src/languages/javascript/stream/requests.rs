//! Ids that let a request be followed through the events.

use xii_model::{Facts, RequestId};

use crate::languages::javascript::seen::Seen;

/// What gives a request its id: the path of the call, the name, and whether events carry it.
const ROWS: [(&str, &str, bool); 16] = [
    ("pino-http", "pino-http", true),
    ("express-pino-logger", "pino-http", true),
    ("nestjs-pino.LoggerModule.forRoot", "nestjs-pino", true),
    ("nestjs-pino.LoggerModule.forRootAsync", "nestjs-pino", true),
    ("express-request-id", "express-request-id", false),
    ("express-requestid", "express-requestid", false),
    ("koa-requestid", "koa-requestid", false),
    ("koa-pino-logger", "koa-pino-logger", true),
    ("hapi-pino", "hapi-pino", true),
    ("cls-rtracer.expressMiddleware", "cls-rtracer", false),
    ("cls-rtracer.koaMiddleware", "cls-rtracer", false),
    ("cls-rtracer.fastifyPlugin", "cls-rtracer", false),
    ("nestjs-cls.ClsModule.forRoot", "nestjs-cls", false),
    ("cls-hooked.createNamespace", "cls-hooked", false),
    ("async_hooks.AsyncLocalStorage", "AsyncLocalStorage", false),
    ("express-correlation-id", "express-correlation-id", false),
];

/// Reads request ids.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let mut any = false;
    for call in &seen.calls {
        let known = ROWS.iter().find(|(path, _, _)| *path == call.path);
        if let Some((_, through, in_logs)) = known {
            any = true;
            let store = matches!(*through, "AsyncLocalStorage" | "cls-hooked");
            let mentions = seen.has("equestId")
                || seen.has("request_id")
                || seen.has("request-id")
                || seen.has("orrelation")
                || seen.has("traceId");
            if store && !mentions {
                continue;
            }
            let fact = RequestId {
                through: (*through).to_owned(),
                in_logs: *in_logs || seen.has("logger"),
            };
            facts.push(seen.fact(call.id, fact));
        } else if call.path == "fastify"
            && seen
                .option(call.id, &["logger"])
                .is_some_and(|logger| seen.flag(logger) != Some(false))
        {
            any = true;
            let fact = RequestId {
                through: "fastify".to_owned(),
                in_logs: true,
            };
            facts.push(seen.fact(call.id, fact));
        }
    }
    if any {
        return;
    }
    // By hand: the header's name in a handler.
    let header = seen.tree.ids().find(|id| {
        seen.tree.as_text(*id).is_some_and(|text| {
            text.len() < 30
                && matches!(
                    text.to_lowercase().as_str(),
                    "x-request-id" | "x-correlation-id" | "request-id" | "traceparent"
                )
        })
    });
    if let Some(at) = header
        && !seen.around.browser()
    {
        let fact = RequestId {
            through: "header".to_owned(),
            in_logs: seen.has("logger") || seen.has("log."),
        };
        facts.push(seen.fact(at, fact));
    }
}

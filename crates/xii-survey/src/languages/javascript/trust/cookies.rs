//! Cookies, other origins, protected transport.

use xii_model::{CertificateCheckOff, CookieFlags, CorsRule, Facts, TransportProtection};

use crate::languages::javascript::seen::{Called, Seen};
use crate::languages::syntax::{Kind, NodeId};

/// What protects transport: the path of the call or plugin, and what it brings.
const PROTECTIONS: [(&str, &str); 16] = [
    ("helmet", "security headers"),
    ("helmet.hsts", "hsts"),
    ("helmet.default", "security headers"),
    ("@fastify/helmet", "security headers"),
    ("fastify-helmet", "security headers"),
    ("koa-helmet", "security headers"),
    ("hsts", "hsts"),
    ("lusca", "security headers"),
    ("lusca.hsts", "hsts"),
    ("express-sslify.HTTPS", "https redirect"),
    ("express-enforces-ssl", "https redirect"),
    ("express-force-https", "https redirect"),
    ("express-force-ssl", "https redirect"),
    ("koa-sslify", "https redirect"),
    ("https.createServer", "tls"),
    ("http2.createSecureServer", "tls"),
];

/// Reads cookies, CORS and transport.
pub(in crate::languages::javascript) fn read(seen: &Seen<'_>, facts: &mut Facts) {
    let tree = seen.tree;
    for call in &seen.calls {
        let plugin = (call.path.ends_with(".register") || call.path.ends_with(".use"))
            .then(|| tree.arg(call.id, 0).and_then(|first| seen.path(first)))
            .flatten();
        let path = plugin.as_deref().unwrap_or(&call.path);
        if let Some((_, what)) = PROTECTIONS.iter().find(|(known, _)| *known == path) {
            let fact = TransportProtection {
                what,
                on: true,
                through: path.split('.').next().unwrap_or(path).to_owned(),
            };
            facts.push(seen.fact(call.id, fact));
        }
        cors(seen, call, path, facts);
        cookie(seen, call, facts);
        header(seen, call, facts);
    }
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Map(_) => {
                for key in ["rejectUnauthorized", "strictSSL"] {
                    let off = tree
                        .entry(id, key)
                        .filter(|flag| seen.flag(*flag) == Some(false));
                    if let Some(at) = off {
                        let fact = CertificateCheckOff {
                            through: key.to_owned(),
                        };
                        facts.push(seen.fact(at, fact));
                    }
                }
            }
            Kind::Assign { target, value, .. } => {
                let off = matches!(tree.kind(*value), Kind::Text(text) | Kind::Number(text) if text == "0");
                if off
                    && seen.path(*target).as_deref()
                        == Some("process.env.NODE_TLS_REJECT_UNAUTHORIZED")
                {
                    let fact = CertificateCheckOff {
                        through: "NODE_TLS_REJECT_UNAUTHORIZED".to_owned(),
                    };
                    facts.push(seen.fact(id, fact));
                }
            }
            _ => {}
        }
    }
}

fn cors(seen: &Seen<'_>, call: &Called, path: &str, facts: &mut Facts) {
    let plugin = matches!(path, "@fastify/cors" | "fastify-cors");
    let reflects_by_default = matches!(path, "@koa/cors" | "koa2-cors" | "kcors");
    let known =
        matches!(path, "cors") || plugin || reflects_by_default || path.ends_with(".enableCors");
    let nested = match path {
        "socket.io.Server" | "socket.io" | "@nestjs/core.NestFactory.create" => {
            seen.option(call.id, &["cors"])
        }
        _ => None,
    };
    if !known && nested.is_none() {
        return;
    }
    if nested.is_some_and(|nested| seen.flag(nested) == Some(false)) {
        return;
    }
    let origin = match nested {
        Some(nested) => seen.entry(nested, &["origin"]),
        None => seen.option(call.id, &["origin"]),
    };
    let credentials = match nested {
        Some(nested) => seen.entry(nested, &["credentials"]),
        None => seen.option(call.id, &["credentials"]),
    };
    let (any, reflects) = match origin {
        // Options that are made elsewhere: what they allow is not known.
        None if unread_options(seen, call, path) => return,
        None => (!reflects_by_default, reflects_by_default),
        Some(origin) => (
            seen.text(origin) == Some("*"),
            seen.flag(origin) == Some(true),
        ),
    };
    let fact = CorsRule {
        any_origin: any,
        reflects_origin: reflects,
        credentials: credentials.is_some_and(|flag| seen.flag(flag) == Some(true)),
        through: path
            .rsplit('.')
            .next()
            .filter(|last| *last == "enableCors")
            .unwrap_or(path)
            .to_owned(),
    };
    facts.push(seen.fact(call.id, fact));
}

fn unread_options(seen: &Seen<'_>, call: &Called, plugin: &str) -> bool {
    seen.tree.args(call.id).iter().any(|arg| {
        let followed = seen.tree.follow(arg.value);
        match seen.tree.kind(followed) {
            Kind::Map(pairs) => pairs.iter().any(|pair| pair.key.is_none()),
            Kind::Name(_) | Kind::Member { .. } => {
                // The plugin itself is no options.
                seen.path(arg.value).is_none_or(|path| path != plugin)
            }
            Kind::Function(_) | Kind::Call { .. } => true,
            _ => false,
        }
    })
}

/// `res.cookie('name', value, { secure: true })`.
fn cookie(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let receiver = call.path.rsplit_once('.').map_or("", |(object, _)| object);
    let receiver = receiver.trim_start_matches('~');
    let sets = call.path.ends_with(".cookie")
        && (receiver.starts_with("res") || receiver.starts_with("reply"))
        || call.path.ends_with(".setCookie")
        || call.path.ends_with("cookies.set");
    let Some(name) = seen.tree.arg(call.id, 0).filter(|_| sets) else {
        return;
    };
    let options = seen.tree.arg(call.id, 2);
    let known = options.is_none_or(|options| {
        matches!(seen.tree.kind(seen.tree.follow(options)), Kind::Map(pairs) if pairs.iter().all(|pair| pair.key.is_some()))
    });
    let flag = |key: &str| {
        let found = options.and_then(|options| seen.entry(options, &[key]));
        match found {
            Some(found) => seen.flag(found).or(Some(true)),
            None if known => None,
            // What is spread in may set it.
            None => Some(true),
        }
    };
    let fact = CookieFlags {
        name: seen.text(name).unwrap_or("cookie").to_owned(),
        secure: flag("secure"),
        // The cookies of Koa are HttpOnly unless they are told not to be.
        http_only: flag("httpOnly").or(call.path.ends_with("cookies.set").then_some(true)),
        through: call.path.trim_start_matches('~').to_owned(),
    };
    facts.push(seen.fact(call.id, fact));
}

/// Headers that are set by hand.
fn header(seen: &Seen<'_>, call: &Called, facts: &mut Facts) {
    let sets = ["setHeader", "header", "set", "append", "headers"]
        .iter()
        .any(|method| call.path.rsplit('.').next() == Some(method));
    let text = |number: usize| -> Option<&str> {
        let id: NodeId = seen.tree.arg(call.id, number)?;
        seen.text(id)
    };
    let Some(name) = text(0).filter(|_| sets) else {
        return;
    };
    if name.eq_ignore_ascii_case("Access-Control-Allow-Origin") && text(1) == Some("*") {
        let fact = CorsRule {
            any_origin: true,
            reflects_origin: false,
            credentials: false,
            through: "header".to_owned(),
        };
        facts.push(seen.fact(call.id, fact));
    } else if name.eq_ignore_ascii_case("Strict-Transport-Security") {
        let fact = TransportProtection {
            what: "hsts",
            on: true,
            through: "header".to_owned(),
        };
        facts.push(seen.fact(call.id, fact));
    }
}

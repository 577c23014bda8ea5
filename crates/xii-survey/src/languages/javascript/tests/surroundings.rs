//! The surroundings of facts: browsers, handlers, branches for development.

use super::seeing::{each, seen_in};

#[test]
fn branches_for_development_are_told() {
    let shown = each(&[
        "if (process.env.NODE_ENV !== 'production') { fetch('http://localhost:1') } else { fetch('http://b.acme.io') }",
        "const isProd = process.env.NODE_ENV === 'production'; isProd || fetch('http://x.acme.io'); !isProd && fetch('http://y.acme.io')",
        "if (config.isDevelopment) fetch('http://c.acme.io'); if (['development', 'test'].includes(process.env.NODE_ENV)) fetch('http://d.acme.io')",
        "if (process.env.NODE_ENV !== 'test') fetch('http://e.acme.io')",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn code_of_a_browser_is_told_from_code_of_a_server() {
    let known = [
        (
            "web/app.tsx",
            "import React from 'react'; fetch('/x')",
            true,
        ),
        (
            "src/page.tsx",
            "'use client'; import Link from 'next/link'; fetch('/x')",
            true,
        ),
        (
            "src/page.tsx",
            "import Link from 'next/link'; fetch(process.env.API_URL)",
            false,
        ),
        ("src/main.js", "document.title = 'x'; fetch('/x')", true),
        (
            "src/main.js",
            "const document = load(); document.title = 'x'; fetch('/x')",
            false,
        ),
        (
            "server/render.jsx",
            "import express from 'express'; import React from 'react'; fetch('http://x')",
            false,
        ),
        ("public/app.js", "fetch('/x')", true),
        (
            "data/static/fixes/start.ts",
            "export async function start () { await fetch(process.env.START_URL) }",
            true,
        ),
        (
            "src/static/start.ts",
            "import { url } from './url'; export const start = () => fetch(url, process.env.START_URL)",
            false,
        ),
        (
            "api/users.ts",
            "export async function users() { return fetch('http://x.acme.io') }",
            false,
        ),
    ];
    for (path, text, browser) in known {
        let lines = seen_in(path, text);
        let client = lines.iter().find(|line| line.contains("ResourceClient"));
        assert_eq!(
            client.map(|line| line.contains(" browser")),
            Some(browser),
            "{path} {text}"
        );
    }
}

#[test]
fn handlers_are_told() {
    let shown = each(&[
        "const app = require('express')(); app.get('/', () => { fetch('http://a.acme.io') })",
        "exports.list = async (req, res, next) => { await fetch('http://b.acme.io') }",
        "export const resolvers = { Query: { me: () => fetch('http://c.acme.io') } }",
        "import { Get } from '@nestjs/common'; class A { @Get() f() { return fetch('http://d.acme.io') } g() { return fetch('http://e.acme.io') } }",
        "io.on('connection', (socket) => { socket.on('chat', () => fetch('http://f.acme.io')) })",
        "function boot() { fetch('http://g.acme.io') }",
    ]);
    insta::assert_snapshot!(shown);
}

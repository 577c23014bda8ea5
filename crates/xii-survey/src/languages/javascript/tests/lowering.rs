//! Lowering and the resolution of names.

use proptest::prelude::*;

use super::seeing::{calls_of, facts_of, read_all, tree_of};

#[test]
fn a_call_is_known_by_what_was_imported() {
    let known = [
        (
            "import express from 'express'; const app = express(); app.listen(1)",
            vec!["express", "express().listen"],
        ),
        (
            "const { Pool: P } = require('pg'); new P()",
            vec!["pg.Pool"],
        ),
        ("const pg = require('pg'); new pg.Pool()", vec!["pg.Pool"]),
        ("require('dotenv').config()", vec!["dotenv.config"]),
        (
            "import * as fs from 'node:fs'; fs.promises.writeFile('x')",
            vec!["fs.promises.writeFile"],
        ),
        (
            "import fs from 'fs/promises'; fs.writeFile('x')",
            vec!["fs.promises.writeFile"],
        ),
        (
            "const x = (await import('got')).default; x('u')",
            vec!["got"],
        ),
        ("import Koa = require('koa'); new Koa()", vec!["koa"]),
        (
            "let server; function go() { server = require('http').createServer(); server.close() }",
            vec!["http.createServer", "http.createServer().close"],
        ),
        (
            "class A { app = express(); run() { this.app.listen(1) } }\nimport express from 'express'",
            vec!["express", "express().listen"],
        ),
        (
            "class A { constructor(private readonly c: ConfigService) {} m() { this.c.get('X') } }\nimport { ConfigService } from '@nestjs/config'",
            vec!["@nestjs/config.ConfigService().get"],
        ),
        (
            "function run(app: Express) { app.listen(3) }\nimport type { Express } from 'express'",
            vec!["express().listen"],
        ),
        ("function f(express) { express() }", vec!["~express"]),
        ("const express = () => 1; express()", vec!["~express"]),
        ("(app as any)!.listen(1)", vec!["app.listen"]),
    ];
    for (text, paths) in known {
        assert_eq!(calls_of(text), paths, "{text}");
    }
}

#[test]
fn imports_say_what_they_are_for() {
    let facts = facts_of(
        "a.ts",
        "import type { A } from 'a';\nimport { B } from 'b';\nlet x: B;\nimport { C } from 'c'; C();\nimport 'd';\n\
         export * from 'e';\ntry { require('f') } catch {}\nimport './own'; import '@/own'; import fs from 'fs'; fs.x;\nexport { type G } from '@g/h/i';",
    );
    insta::assert_debug_snapshot!(facts.imports);
}

#[test]
fn what_is_nested_too_deep_is_left_out_and_nothing_overflows() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("!", ""),
        ("a.b(() => ", ")"),
        ("`${", "}`"),
        ("if (x) ", ""),
        ("<a>", "</a>"),
    ] {
        let text = format!("{}x{}", open.repeat(100_000), close.repeat(100_000));
        let tree = tree_of("tsx", &text);
        assert!(tree.root.is_some(), "{open}");
    }
    let chain = format!("a{}", ".b()".repeat(50_000));
    assert!(tree_of("js", &chain).root.is_some());
    let sum = format!("x = 1{}", " + 1".repeat(50_000));
    assert!(tree_of("js", &sum).root.is_some());
}

#[test]
fn time_stays_linear_in_files_that_nobody_wrote() {
    let before = std::time::Instant::now();
    for line in [
        "app.listen(1)\n",
        "f(process.env[x]);\n",
        "if (!process.env.A_B) { throw 1 }\n",
        "const a = [];\n",
        "app.get('/a', (req, res) => { a.push(1) })\n",
        "new AsyncLocalStorage()\n",
    ] {
        let text = format!("function g(x) {{ {} }}", line.repeat(20_000));
        read_all("a.js", &text);
    }
    assert!(before.elapsed().as_secs() < 120, "{:?}", before.elapsed());
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,400}") {
        for path in ["a.js", "a.ts", "a.tsx"] {
            read_all(path, &text);
        }
    }

    #[test]
    fn any_mix_of_code_is_read_without_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "const ", "{", "}", "(", ")", "process.env", ".PORT", "app.listen", "'x'", "=>", "require('express')",
        "import ", " from 'pg'", "export default ", "class A ", "@Get() ", "`${", "}`", "switch", "case 1:", "new ",
        "async ", "...", "[", "]", "?", ":", "||", "??", "=", ",", ";", "\n", "enum E ", "this.", "a", "function ", "return ",
        "if ", "try ", "catch ", "/*", "*/", "//", "<T>", "!", "delete ", "throw ", "\\", "\"", "é",
    ]), 0..80)) {
        let text = parts.concat();
        for path in ["a.js", "a.ts", "a.tsx"] {
            read_all(path, &text);
        }
    }
}

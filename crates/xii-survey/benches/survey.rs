//! How long the survey takes: of a small tree, of one file of each language, and of documents.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xii_survey::{Options, survey};

/// A route as people write them, with what an audit looks for in it.
const SCRIPT: &str = r#"const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const app = express();

app.get('/rows/:id', async (req, res, next) => {
  try {
    const { rows } = await pool.query('select * from rows where id = $1', [req.params.id]);
    if (rows.length === 0) {
      return res.status(404).json({ error: 'no such row' });
    }
    console.log('row', rows[0].id);
    return res.json(rows.map((row) => ({ id: row.id, label: row.label.trim() })));
  } catch (error) {
    return next(error);
  }
});

const server = app.listen(process.env.PORT || 3000);
process.on('SIGTERM', () => server.close(() => pool.end()));
"#;

/// A module as people write them, with what an audit looks for in it.
const PYTHON: &str = r#"import logging
import os

import psycopg
from flask import Flask, jsonify, request

app = Flask(__name__)
log = logging.getLogger(__name__)


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5)


@app.route("/rows/<int:number>")
def row(number):
    with connect() as connection:
        found = connection.execute("select * from rows where id = %s", [number]).fetchone()
    if found is None:
        return jsonify(error="no such row"), 404
    log.info("row %s for %s", number, request.headers.get("User-Agent"))
    return jsonify(id=found[0], label=found[1].strip())


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", 8000)))
"#;

const COMPOSE: &str = "services:\n  web:\n    build: .\n    ports: ['3000:3000']\n    environment:\n      DATABASE_URL: postgres://db/app\n    depends_on: [db]\n  db:\n    image: postgres:17.2\n    volumes: ['data:/var/lib/postgresql/data']\nvolumes:\n  data: {}\n";

const WORKLOAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n        - name: web\n          image: example.org/web:1.4.2\n          env:\n            - name: PORT\n              value: '3000'\n          readinessProbe:\n            httpGet: {path: /ready, port: 3000}\n";

const DOCKERFILE: &str = "FROM node:22.12-slim AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nFROM node:22.12-slim\nWORKDIR /app\nCOPY --from=build /app .\nUSER node\nCMD [\"node\", \"server.js\"]\n";

const MANIFEST: &str = "{\"name\": \"app\", \"scripts\": {\"start\": \"node server.js\"}, \"dependencies\": {\"express\": \"5.1.0\", \"pg\": \"8.13.1\"}}\n";

/// Files of each kind in a folder that is made of one kind: enough that the walk counts little.
const COPIES: usize = 100;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a file has a folder"))
        .expect("the scratch folder can be used");
    std::fs::write(path, text).expect("the scratch folder can be used");
}

/// A folder of copies of one text. Names differ, and so do the texts, by a comment at their end.
fn copies(name: &str, extension: &str, comment: &str, text: &str) -> (tempfile::TempDir, u64) {
    let folder = tempfile::tempdir().expect("the scratch folder can be used");
    let mut bytes = 0;
    for number in 0..COPIES {
        let text = format!("{text}{comment} {number}\n");
        bytes += text.len() as u64;
        write(folder.path(), &format!("{number}/{name}{extension}"), &text);
    }
    (folder, bytes)
}

fn measure(criterion: &mut Criterion, name: &str, folder: &Path, bytes: u64) {
    let mut group = criterion.benchmark_group("survey");
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            survey(black_box(folder), &Options::default()).expect("the scratch folder can be used")
        });
    });
    group.finish();
}

fn one_kind(criterion: &mut Criterion) {
    for (name, extension, comment, text) in [
        ("server", ".js", "//", SCRIPT),
        ("app", ".py", "#", PYTHON),
        ("compose", ".yml", "#", COMPOSE),
        ("deployment", ".yaml", "#", WORKLOAD),
        ("Dockerfile", "", "#", DOCKERFILE),
    ] {
        let (folder, bytes) = copies(name, extension, comment, text);
        measure(
            criterion,
            &format!("{name}{extension}"),
            folder.path(),
            bytes,
        );
    }
}

/// A small repository: an app, its tests and what lies around it.
fn small_tree(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("the scratch folder can be used");
    let mut bytes = 0;
    let mut add = |path: &str, text: &str| {
        bytes += text.len() as u64;
        write(folder.path(), path, text);
    };
    add("package.json", MANIFEST);
    add("Dockerfile", DOCKERFILE);
    add("compose.yml", COMPOSE);
    add("deploy/web.yaml", WORKLOAD);
    add("server.js", SCRIPT);
    add("worker/app.py", PYTHON);
    for number in 0..200 {
        let plain = format!(
            "export const double{number} = (row) => ({{ ...row, total: row.total * 2 }});\n"
        );
        add(&format!("src/plain{number}.js"), &plain.repeat(20));
        add(&format!("test/plain{number}.test.js"), &plain.repeat(20));
        add(
            &format!("docs/plain{number}.md"),
            "What the module is for.\n",
        );
    }
    measure(criterion, "small tree", folder.path(), bytes);
}

criterion_group!(benches, one_kind, small_tree);
criterion_main!(benches);

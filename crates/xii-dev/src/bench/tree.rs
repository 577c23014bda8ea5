//! Trees made to be measured: services in two languages, with what such trees hold besides.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::work::{self, Outcome};

/// Files of one service.
const SERVICE: usize = 500;

/// Makes a tree of so many files, a git repository of its own, unless it was made before.
///
/// Of ten files two are source that holds facts, two are source that holds none, one is a test and
/// five are prose, data, styles, pages and pictures. In the repositories that the audit was tried on,
/// 15 to 25 files of a hundred hold facts, and a file of source has 5 to 7 kB on average; so it is here.
pub(crate) fn make(folder: &Path, files: usize) -> Outcome<PathBuf> {
    let done = folder.join(".git/made-for-bench");
    if done.is_file() {
        return Ok(folder.to_path_buf());
    }
    let cannot = |error: std::io::Error| format!("cannot make {}: {error}", folder.display());
    for number in 0..files {
        let package = folder.join(format!(
            "services/service-{}/src/part-{}",
            number / SERVICE,
            number % SERVICE / 25
        ));
        std::fs::create_dir_all(&package).map_err(cannot)?;
        let (name, text) = file(number);
        std::fs::write(package.join(name), text).map_err(cannot)?;
    }
    for service in 0..=(files.saturating_sub(1)) / SERVICE {
        let folder = folder.join(format!("services/service-{service}"));
        let manifest = format!(
            "{{\"name\": \"service-{service}\", \"scripts\": {{\"start\": \"node src/part-0/route0.js\"}}, \"dependencies\": {{\"express\": \"5.1.0\", \"lodash\": \"4.17.21\"}}}}\n"
        );
        std::fs::write(folder.join("package.json"), manifest).map_err(cannot)?;
    }
    commit(folder)?;
    std::fs::write(done, "").map_err(cannot)?;
    Ok(folder.to_path_buf())
}

/// Commits everything, so that what is tracked is compared as in any work tree.
fn commit(folder: &Path) -> Outcome {
    let steps: [&[&str]; 3] = [
        &["init", "--quiet"],
        &["add", "--all"],
        &[
            "-c",
            "user.name=bench",
            "-c",
            "user.email=bench@example.org",
            "commit",
            "--quiet",
            "--message",
            "Made to be measured",
        ],
    ];
    if !work::has("git") {
        return Err("git is not installed, and the trees are repositories".to_owned());
    }
    for step in steps {
        let done = Command::new("git").current_dir(folder).args(step).status();
        if !done.is_ok_and(|status| status.success()) {
            return Err(format!(
                "git {} failed in {}",
                step.join(" "),
                folder.display()
            ));
        }
    }
    Ok(())
}

/// The name and text of a file.
fn file(number: usize) -> (String, String) {
    match number % 10 {
        0 => (
            format!("route{number}.js"),
            format!(
                "const express = require('express');\nconst store = require('./store{number}');\n\nconst router = express.Router();\n\n{}router.get('/rows{number}', async (req, res) => {{\n  res.json(await store.rows(req.query.page));\n}});\n\nmodule.exports = router;\n",
                script(number, 16)
            ),
        ),
        1 => (
            format!("model{number}.py"),
            format!(
                "import logging\nimport os\n\nlog = logging.getLogger(__name__)\nURL_{number} = os.environ['DATABASE_URL']\n\n\n{}",
                python(number, 22)
            ),
        ),
        2 => (
            format!("view{number}.ts"),
            format!(
                "import {{ sortBy }} from 'lodash';\n\n{}",
                script(number, 16)
            ),
        ),
        3 => (
            format!("part{number}.test.js"),
            format!(
                "test('rows', () => {{\n  expect(total{number}([])).toBe(0);\n}});\n{}",
                script(number, 16)
            ),
        ),
        4 => (format!("notes{number}.md"), prose(number)),
        5 => (format!("data{number}.json"), data(number)),
        6 => (
            format!("style{number}.css"),
            (0..80).fold(String::new(), |mut all, row| {
                let _ = writeln!(
                    all,
                    ".row-{number}-{row} {{ display: flex; margin: {row}px; }}"
                );
                all
            }),
        ),
        7 => (
            format!("page{number}.html"),
            format!(
                "<!doctype html>\n<title>{number}</title>\n<p>{}</p>\n",
                prose(number)
            ),
        ),
        8 => (format!("pure{number}.py"), python(number, 22)),
        _ => (
            format!("image{number}.svg"),
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0h24v24H0z\"/></svg>\n"
                .to_owned(),
        ),
    }
}

/// Functions of a script, different in every file.
fn script(number: usize, functions: usize) -> String {
    (0..functions).fold(String::new(), |mut all, at| {
        let _ = writeln!(
            all,
            "// Sums up what the rows of part {at} come to.\nfunction total{number}_{at}(rows, rate = {at}) {{\n  const known = rows.filter((row) => row && row.count > {at});\n  if (known.length === 0) {{\n    return {{ sum: 0, label: `none of ${{rows.length}}` }};\n  }}\n  return known.reduce((all, row) => ({{ ...all, sum: all.sum + row.count * rate }}), {{ sum: 0 }});\n}}\n"
        );
        all
    })
}

/// Functions of a Python module, different in every file.
fn python(number: usize, functions: usize) -> String {
    (0..functions).fold(String::new(), |mut all, at| {
        let _ = writeln!(
            all,
            "def total_{number}_{at}(rows, rate={at}):\n    \"\"\"Sums up what the rows of part {at} come to.\"\"\"\n    known = [row for row in rows if row and row.count > {at}]\n    if not known:\n        return {{\"sum\": 0, \"label\": f\"none of {{len(rows)}}\"}}\n    return {{\"sum\": sum(row.count * rate for row in known)}}\n\n"
        );
        all
    })
}

fn prose(number: usize) -> String {
    (0..30).fold(format!("# Part {number}\n\n"), |mut all, at| {
        let _ = writeln!(
            all,
            "Paragraph {at} says what the module next to it is for, how it is used, and by whom."
        );
        all
    })
}

fn data(number: usize) -> String {
    let rows: Vec<String> = (0..40)
        .map(|at| {
            format!(
                "  {{\"id\": {}, \"label\": \"row {at} of {number}\", \"total\": {}}}",
                number + at,
                at * 3
            )
        })
        .collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

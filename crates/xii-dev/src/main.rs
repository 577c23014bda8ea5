//! The project's own chores: `cargo xtask`.

mod bench;
mod docs;
mod house;
mod new_rule;
mod setup;
mod test;
mod work;

use std::process::ExitCode;

use work::Outcome;

const USAGE: &str = "\
cargo xtask setup            install or ask for what the tests need
cargo xtask test [ARGS]      set up, then run every test; ARGS go to cargo test
cargo xtask ci               test, formatting, clippy, documentation, house
cargo xtask house            arrows, sizes, names, rules with their fixtures, generated docs
cargo xtask docs [--check]   write docs/rules.md, docs/probes.md and docs/criteria.md, or say that they are old
cargo xtask new-rule NAME    start a rule; the factor stands before it: iii/hard-coded-colour
cargo xtask bench check [PATH]
                             measure `xii check` against ripgrep and semgrep on the same trees
cargo xtask bench witness [--xii PATH] [--rounds N] [--milliseconds N]
                             measure what being recorded by `xii witness` costs small web apps and starts
cargo xtask bench runtime [ROW…] [--xii PATH] [--peer NAME]… [--rounds N] [--install]
                             measure `xii up` and its router against the peers that are present;
                             --install fetches them first, as does:
cargo xtask bench setup      install the peers below target/peers, and with apt when run by root";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["setup"] => setup::run(),
        ["test", rest @ ..] => test::run(rest).map(|count| println!("{count}")),
        ["ci"] => ci(),
        ["house"] => house::run(),
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        ["new-rule", factor, name] => new_rule::run(factor, name),
        ["new-rule", name] => new_rule::named(name),
        ["bench", "check", rest @ ..] => bench::check(rest),
        ["bench", "runtime", rest @ ..] => bench::runtime(rest),
        ["bench", "witness", rest @ ..] => bench::witness(rest),
        ["bench", "setup"] => bench::setup(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that a change is held to. The tests come first, their count last.
fn ci() -> Outcome {
    let count = test::run(&[]);
    let rest = [
        ("formatting", house::formatting()),
        (
            "clippy",
            work::cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--quiet",
                "--",
                "--deny",
                "warnings",
            ]),
        ),
        (
            "documentation",
            work::cargo_with(
                &["doc", "--workspace", "--no-deps", "--quiet"],
                &[("RUSTDOCFLAGS", "--deny warnings")],
            ),
        ),
        ("house", house::run()),
    ];
    let mut wrong: Vec<String> = rest
        .into_iter()
        .filter_map(|(name, outcome)| outcome.err().map(|why| format!("{name}: {why}")))
        .collect();
    let count = match count {
        Ok(count) => Some(count),
        Err(why) => {
            wrong.push(format!("tests: {why}"));
            None
        }
    };
    if wrong.is_empty() {
        println!("formatting, clippy, documentation and house are in order");
        if let Some(count) = count {
            println!("{count}");
        }
        Ok(())
    } else {
        Err(wrong.join("\nxtask: "))
    }
}

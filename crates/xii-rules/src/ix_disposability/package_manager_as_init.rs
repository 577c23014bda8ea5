//! A package manager is the process that the platform signals, in place of the app.
//!
//! ## What it looks for
//!
//! `npm start`, `npm run …`, `yarn …` and `pnpm …` as the command of an image, of a compose service or of
//! a Kubernetes container, and in a Procfile (where Heroku signals every process, so it matters less).
//!
//! ## Why it matters
//!
//! npm starts a shell and the shell starts Node. SIGTERM goes to npm, which passes it to the shell, and
//! the shell of Debian and Ubuntu ends without telling Node. Node never hears that it should stop: its
//! handler of SIGTERM is dead code, and requests in flight are cut when the container goes. npm also
//! costs memory and about half a second at each start.
//!
//! ## What to do instead
//!
//! Start Node itself, with what the script says:
//!
//! ```dockerfile
//! CMD ["node", "server.js"]
//! ```
//!
//! NestJS: `CMD ["node", "dist/main.js"]`. Next.js: `CMD ["node", "server.js"]` of the standalone output,
//! or `CMD ["node_modules/.bin/next", "start"]`.

use xii_model::{App, Confidence, Severity};

use crate::command::start::{self, Place};
use crate::{Claims, Rule, advice, command};

pub(crate) const RULE: Rule = Rule {
    name: "package-manager-as-init",
    criteria: &["IX.5"],
    severity: Severity::Warning,
    check,
};

fn check(app: &App, claims: &mut Claims<'_>) {
    for start in start::all(app) {
        if start.development || start.place == Place::Manifest {
            continue;
        }
        let commands = start.commands();
        let Some(last) = command::main(&commands) else {
            continue;
        };
        let Some((manager, script)) = last.package_script() else {
            continue;
        };
        if script.contains("dev") || script.contains("watch") || script.contains("test") {
            continue;
        }
        // dumb-init signals the whole group by default, tini with `-g`.
        let grouped =
            start.command.line().contains("dumb-init") || start.command.line().contains("tini -g");
        if grouped {
            continue;
        }
        let programs = start.programs(app);
        let direct = programs
            .last()
            .filter(|program| programs.len() == 1 && program.package_script().is_none())
            .map(|program| beside(program.words()));
        let direct = direct.as_deref();
        let called = if script == "start" {
            format!("{manager} start")
        } else {
            format!("{manager} run {script}")
        };
        let container = start.place.is_container();
        let draft = claims.finding(
            &start.at,
            if container && last.in_shell && !last.exec {
                format!("`{called}` runs below a shell, which is the process that gets SIGTERM: neither it nor {manager} passes the signal on, so Node cannot drain and its requests in flight fail")
            } else if container {
                format!("`{called}` makes {manager} the process that gets SIGTERM: the shell between it and Node does not pass the signal on, so Node cannot drain and its requests in flight fail")
            } else {
                format!("`{called}` puts {manager} and a shell in front of Node: on a platform that signals the first process only, SIGTERM does not reach Node")
            },
        );
        draft.subject(called).help(if container {
            format!(
                "start the program itself:\n\n    {}",
                advice::exec_form(app, start.place, direct)
            )
        } else {
            format!(
                "start the program itself:\n\n    {}: {}",
                start.name,
                direct.map_or_else(|| "node server.js".to_owned(), |words| words.join(" "))
            )
        });
        if !container {
            draft.severity(Severity::Note).confidence(Confidence::Low);
        } else if start.shell_stays() && manager == "npm" {
            draft.confidence(Confidence::High);
        }
    }
}

/// The words with the program's own path where a package manager would have looked for it.
fn beside(words: &[String]) -> Vec<String> {
    const ON_PATH: [&str; 8] = [
        "node", "bun", "deno", "python", "python3", "sh", "bash", "exec",
    ];
    let mut words = words.to_vec();
    if let Some(program) = words.first_mut()
        && !program.contains('/')
        && !ON_PATH.contains(&program.as_str())
    {
        *program = format!("node_modules/.bin/{program}");
    }
    words
}

#[cfg(test)]
mod tests {
    use xii_model::Script;

    use super::*;
    use crate::specimen::{fact, image, process, said};

    #[test]
    fn the_container_is_surer_than_the_procfile() {
        let mut app = App::default();
        app.facts
            .push(image("node:22", &["npm", "run", "start:prod"]));
        app.facts.push(process("web", "exec yarn start"));
        app.facts.push(fact(
            "package.json",
            4,
            Script {
                name: "start:prod".to_owned(),
                command: "node dist/main".to_owned(),
                source: "package.json",
            },
        ));
        let said: Vec<String> = said(&RULE, &app)
            .iter()
            .map(|line| {
                line.split_whitespace()
                    .take(3)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        assert_eq!(
            said,
            [
                "Dockerfile:5:1 IX.5 warning/high",
                "Procfile:1:1 IX.5 note/low"
            ]
        );
    }

    #[test]
    fn a_shell_in_front_is_told() {
        let mut app = App::default();
        app.facts.push(image(
            "node:22",
            &[
                "sh",
                "-c",
                "until nc -z db 5432; do sleep 1; done; npm start",
            ],
        ));
        let said = said(&RULE, &app);
        assert!(
            said[0].contains("`npm start` runs below a shell"),
            "{said:?}"
        );
    }

    #[test]
    fn what_signals_the_whole_group_and_what_serves_developers_is_left_alone() {
        for cmd in [
            &["dumb-init", "npm", "start"][..],
            &["npm", "run", "dev"],
            &["node", "server.js"],
        ] {
            let mut app = App::default();
            app.facts.push(image("node:22", cmd));
            assert_eq!(said(&RULE, &app), [""; 0], "{cmd:?}");
        }
    }
}

//! The app needs a web server beside it to answer HTTP.
//!
//! ## What it looks for
//!
//! Apps that are run inside Apache (mod_wsgi) or Tomcat (a WAR), that speak FastCGI or uwsgi's own
//! protocol instead of HTTP, that listen on a Unix socket only, and images that install nginx beside
//! the app and start both with a supervisor.
//!
//! ## Why it matters
//!
//! The app and the web server have to be installed, configured, updated and restarted in step, and
//! their versions are in no manifest. Two programs in one container hide each other's death: when the
//! app dies, nginx goes on answering with errors and the platform sees a healthy container.
//!
//! ## What to do instead
//!
//! Make the server a dependency of the app, let it speak HTTP on the port that the platform gives, and
//! leave routing and TLS to the platform:
//!
//! ```procfile
//! web: gunicorn project.wsgi --bind 0.0.0.0:$PORT
//! ```
//!
//! ```ini
//! [uwsgi]
//! http-socket = 0.0.0.0:$(PORT)
//! ```

use xii_model::{App, Confidence, Evidence, FileClass, Instruction, Severity};

use crate::command::server_starts;
use crate::{Claims, Rule, deploy_names, places};

/// See the file's own comment.
pub const RULE: Rule = Rule {
    name: "external-web-server",
    criteria: &["VII.3"],
    severity: Severity::Warning,
    check,
};

/// A sign, its words and how sure it is.
struct Sign<'a> {
    at: &'a Evidence,
    what: String,
    confidence: Confidence,
}

fn check(app: &App, claims: &mut Claims<'_>) {
    let mut signs: Vec<Sign<'_>> = Vec::new();
    commands(app, &mut signs);
    images(app, &mut signs);
    settings(app, &mut signs);
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.confidence));
    let Some((first, rest)) = signs.split_first() else {
        return;
    };
    let draft = claims.finding(
        &first.at.clone(),
        format!(
            "{}: the app cannot answer HTTP without a second program that no manifest names",
            first.what
        ),
    );
    draft
        .confidence(first.confidence)
        .subject("web server")
        .help(if places::is_pythonic(app) {
            "let a server that is a dependency of the app speak HTTP on the platform's port:\n    gunicorn project.wsgi --bind 0.0.0.0:$PORT"
        } else {
            "let the app serve HTTP itself on the platform's port, and leave routing and TLS to the platform; static files can be served by the app or a CDN"
        });
    for sign in rest.iter().take(10) {
        draft.related(sign.at, sign.what.clone());
    }
}

fn commands<'a>(app: &'a App, signs: &mut Vec<Sign<'a>>) {
    for one in server_starts::started(app) {
        if one.local || one.server.socket.is_none() {
            continue;
        }
        let what = match one.server.program {
            "uwsgi" => "uwsgi is started on a socket that speaks its own protocol",
            _ => "the server is started on a socket and not on a port",
        };
        signs.push(Sign {
            at: &one.fact.at,
            what: what.to_owned(),
            confidence: Confidence::Medium,
        });
    }
}

fn images<'a>(app: &'a App, signs: &mut Vec<Sign<'a>>) {
    let supervised = app
        .facts
        .proxy_settings
        .iter()
        .any(|setting| setting.program == "supervisor");
    for image in &app.facts.images {
        if image.scope.class != FileClass::Source
            || image
                .variant
                .as_deref()
                .is_some_and(deploy_names::is_development_name)
        {
            continue;
        }
        if let Some(base) = image.base() {
            let tag = base.base.tag.as_deref().unwrap_or_default();
            match base.base.short_name() {
                "php" if tag.contains("fpm") => signs.push(Sign {
                    at: &base.at,
                    what: "the image runs php-fpm, which speaks FastCGI and not HTTP".to_owned(),
                    confidence: Confidence::High,
                }),
                "tomcat" | "wildfly" | "jetty" | "payara" => signs.push(Sign {
                    at: &base.at,
                    what: format!("the app is put into {}", base.base.short_name()),
                    confidence: Confidence::Medium,
                }),
                _ => {}
            }
        }
        let starts_both = image.effective_steps().iter().any(|step| match &step.does {
            Instruction::Cmd(command) | Instruction::Entrypoint(command) => {
                command.line().contains("supervisord")
            }
            _ => false,
        });
        for step in image.effective_steps() {
            let Instruction::Run { command, .. } = &step.does else {
                continue;
            };
            if installs(command, "nginx") {
                signs.push(Sign {
                    at: &step.at,
                    what: "the image installs nginx beside the app".to_owned(),
                    confidence: if starts_both || supervised {
                        Confidence::High
                    } else {
                        Confidence::Medium
                    },
                });
            } else if command.contains("mod-wsgi") || command.contains("mod_wsgi") {
                signs.push(Sign {
                    at: &step.at,
                    what: "the app runs inside Apache (mod_wsgi)".to_owned(),
                    confidence: Confidence::High,
                });
            }
        }
    }
}

fn settings<'a>(app: &'a App, signs: &mut Vec<Sign<'a>>) {
    for setting in app
        .facts
        .proxy_settings
        .iter()
        .filter(|setting| setting.scope.class == FileClass::Source)
    {
        let path = places::file_name(&setting.at.path);
        let value = setting.value.to_ascii_lowercase();
        let sign = match (setting.program, setting.directive.as_str()) {
            ("nginx", "fastcgi_pass") => {
                Some(("nginx reaches the app by FastCGI", Confidence::Medium))
            }
            ("nginx", "uwsgi_pass") => Some((
                "nginx reaches the app by uwsgi's own protocol",
                Confidence::Medium,
            )),
            ("uwsgi", "socket" | "uwsgi-socket") if !path.contains("dev") => Some((
                "uwsgi listens on a socket that speaks its own protocol",
                Confidence::Medium,
            )),
            ("supervisor", "command") if value.contains("nginx") => {
                Some(("a supervisor starts nginx beside the app", Confidence::High))
            }
            _ => None,
        };
        if let Some((what, confidence)) = sign {
            signs.push(Sign {
                at: &setting.at,
                what: what.to_owned(),
                confidence,
            });
        }
    }
}

/// Whether a command installs the package with the image's package manager.
fn installs(command: &str, package: &str) -> bool {
    let manager = [
        "apt-get install",
        "apt install",
        "apk add",
        "yum install",
        "dnf install",
        "-y install",
    ]
    .iter()
    .any(|words| command.contains(words))
        || (command.contains("apt-get") && command.contains("install"));
    manager
        && command
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '\\'))
            .any(|word| word == package || word.starts_with(&format!("{package}=")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_package_is_a_word_of_its_own() {
        assert!(installs(
            "apt-get update && apt-get install -y nginx=1.24 supervisor",
            "nginx"
        ));
        assert!(installs("apk add --no-cache nginx", "nginx"));
        assert!(!installs(
            "apk add --no-cache nginx-mod-http-js-tools",
            "nginx"
        ));
        assert!(!installs("echo nginx", "nginx"));
    }
}

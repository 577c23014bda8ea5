//! Scenarios played against tiny apps.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::client::Miss;
use crate::client::tiny::{Seen, app, json, run};

const LONG: Duration = Duration::from_secs(60);

fn read(text: &str) -> Scenario {
    hurl::read("t.hurl", text).unwrap_or_else(|why| panic!("{why}"))
}

/// An app with sessions, which it keeps there.
async fn with_sessions(sessions: Rc<RefCell<Vec<String>>>) -> crate::client::Client {
    app(
        move |seen: &Seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", "/login")
                if seen.body == "user=bob+b&password=x%26y"
                    || seen.body == "user=bob%20b&password=x%26y" =>
            {
                let mut sessions = sessions.borrow_mut();
                let id = format!("s{}", sessions.len());
                sessions.push(id.clone());
                (
                    302,
                    format!("Location: /home\r\nSet-Cookie: sid={id}; Path=/"),
                    String::new(),
                )
            }
            ("GET", "/home") => match seen.cookie("sid") {
                Some(sid) if sessions.borrow().iter().any(|known| known == sid) => {
                    json(r#"{"user": {"id": 7, "name": "bob"}}"#)
                }
                _ => (401, String::new(), String::new()),
            },
            ("PUT", "/users/7") => json(seen.body.clone()),
            _ => (404, String::new(), String::new()),
        },
    )
    .await
}

const SESSION: &str = r#"
POST {{base}}/login
[Form]
user: bob b
password: x&y
HTTP 302
[Captures]
next: header "Location"

GET {{base}}{{next}}
HTTP 200
[Captures]
id: jsonpath "$.user.id"
name: jsonpath "$.user.name"
[Asserts]
jsonpath "$.user.name" == "bob"

PUT {{base}}/users/{{id}}
{"name": "{{name}} \"x\"", "id": {{id}}}
HTTP 200
{"id": 7, "name": "bob \"x\""}
"#;

#[test]
fn a_session_goes_through_one_instance() {
    run(async {
        let client = with_sessions(Rc::default()).await;
        let scenario = read(SESSION);
        let played = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        assert_eq!(played.failed(), Vec::<String>::new());
        let again = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        assert_eq!(compare(&played, &again, &Learned::default()), []);
    });
}

#[test]
fn a_session_in_memory_is_lost_between_two_instances() {
    run(async {
        let clients = [
            with_sessions(Rc::default()).await,
            with_sessions(Rc::default()).await,
        ];
        let scenario = read(SESSION);
        let one = play(&scenario, |_| clients[0].clone(), &Variables::new(), LONG).await;
        let two = play(
            &scenario,
            |step| clients[step % 2].clone(),
            &Variables::new(),
            LONG,
        )
        .await;
        assert!(one.is_good() && !two.is_good());
        let differences = compare(&one, &two, &Learned::default());
        assert_eq!(differences[0].name, "GET {{base}}{{next}}");
        assert_eq!(
            (differences[0].left.as_str(), differences[0].right.as_str()),
            ("200", "401")
        );
        // What could not be captured is missed later, by name.
        let why = "PUT {{base}}/users/{{id}}: could not be sent: the variable `name` is not set";
        let other = "PUT {{base}}/users/{{id}}: could not be sent: the variable `id` is not set";
        assert!(
            two.failed()
                .iter()
                .any(|failed| failed == why || failed == other),
            "{:?}",
            two.failed()
        );

        let shared = Rc::<RefCell<Vec<String>>>::default();
        let clients = [
            with_sessions(Rc::clone(&shared)).await,
            with_sessions(shared).await,
        ];
        let two = play(
            &scenario,
            |step| clients[step % 2].clone(),
            &Variables::new(),
            LONG,
        )
        .await;
        assert_eq!(compare(&one, &two, &Learned::default()), []);
    });
}

#[test]
fn requests_carry_all_that_the_file_says() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::<Seen>::new()));
        let into = Rc::clone(&seen);
        let client = app(move |seen| {
            into.borrow_mut().push(seen.clone());
            (200, "Set-Cookie: kept=1; Path=/".to_owned(), String::new())
        })
        .await;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.txt"), "file\n").expect("written");
        let mut scenario = read(
            r#"
POST http://somewhere.else:99/a?x=1
X-Own: yes
[Query]
q: a&b c
[BasicAuth]
bob: secret
[Multipart]
field: value "1"
upload: file,a.txt;
GET /b
[Cookies]
own: 2
POST /c
file,a.txt;
POST /d
hex,ff00;
POST /e
Content-Type: text/xml
<a>{{x}}</a>
GET /f
[Options]
repeat: 2
variable: x=3
POST /g
[Options]
skip: true
"#,
        );
        scenario.folder = Some(folder.path().to_owned());
        let variables = Variables::from([("x".to_owned(), Value::text("1"))]);
        let played = play(&scenario, |_| client.clone(), &variables, LONG).await;
        assert_eq!(played.failed(), Vec::<String>::new());
        let seen = seen.borrow();
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
        assert_eq!(
            paths,
            ["/a?x=1&q=a%26b%20c", "/b", "/c", "/d", "/e", "/f", "/f"]
        );
        assert_eq!(seen[0].field("x-own"), Some("yes"));
        assert_eq!(
            seen[0].field("authorization"),
            Some("Basic Ym9iOnNlY3JldA==")
        );
        let kind = seen[0].field("content-type").expect("a kind");
        let boundary = kind
            .strip_prefix("multipart/form-data; boundary=")
            .expect("a boundary");
        assert_eq!(
            seen[0].body,
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue \"1\"\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"upload\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nfile\n\r\n--{boundary}--\r\n"
            )
        );
        assert_eq!(seen[1].field("cookie"), Some("kept=1; own=2"));
        assert_eq!(seen[2].body, "file\n");
        assert_eq!(seen[3].field("content-length"), Some("2"));
        assert_eq!(
            (seen[4].body.as_str(), seen[4].field("content-type")),
            ("<a>1</a>", Some("text/xml"))
        );
        assert_eq!(played.variables.get("x"), Some(&Value::Json(3.into())));
    });
}

#[test]
fn files_outside_of_the_folder_are_not_read() {
    run(async {
        let client = app(|_| json("{}")).await;
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).expect("made");
        std::fs::write(folder.path().join("secret"), "s").expect("written");
        std::os::unix::fs::symlink(folder.path().join("secret"), inner.join("link"))
            .expect("linked");
        let mut scenario = read(
            "POST /\nfile,../secret;\nPOST /\nfile,link;\nPOST /\nfile,/etc/passwd;\nPOST /\nfile,none;\n",
        );
        scenario.folder = Some(inner);
        let played = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        let failed = played.failed();
        assert_eq!(failed.len(), 4);
        for failed in &failed[..3] {
            assert!(
                failed.contains("does not lie below the scenario's folder"),
                "{failed}"
            );
        }
        assert!(failed[3].contains("`none` cannot be read"), "{}", failed[3]);
    });
}

#[test]
fn redirections_are_followed_where_the_file_says_so() {
    run(async {
        let client = app(|seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("POST", "/a") => (
                303,
                "Location: http://localhost:1/b/c".to_owned(),
                String::new(),
            ),
            ("GET", "/b/c") => (302, "Location: d?x=1".to_owned(), String::new()),
            ("GET", "/b/d?x=1") => json("{}"),
            ("GET", "/round") => (302, "Location: /round".to_owned(), String::new()),
            _ => (404, String::new(), String::new()),
        })
        .await;
        let scenario = read(
            "POST /a\n[Options]\nlocation: true\n{}\nHTTP 200\n[Asserts]\nurl endsWith \"/b/d?x=1\"\n\nPOST /a\nHTTP 303\n\nGET /round\n[Options]\nlocation: true\nmax-redirs: 3\nHTTP 302\n",
        );
        let played = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        assert_eq!(played.failed(), Vec::<String>::new());
    });
}

#[test]
fn a_step_is_tried_again_until_it_is_as_expected() {
    run(async {
        let count = Rc::new(Cell::new(0));
        let counted = Rc::clone(&count);
        let client = app(move |_| {
            counted.set(counted.get() + 1);
            (
                if counted.get() < 3 { 503 } else { 200 },
                String::new(),
                String::new(),
            )
        })
        .await;
        let scenario = read("GET /\n[Options]\nretry: 5\nretry-interval: 1ms\nHTTP 200\n");
        let played = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        assert!(played.is_good());
        assert_eq!(count.get(), 3);
    });
}

#[test]
fn what_is_not_as_expected_is_said_without_end_of_the_scenario() {
    run(async {
        let client = app(|seen| match seen.path.as_str() {
            "/a" => (500, "X-Kind: b".to_owned(), "oops".to_owned()),
            _ => json("{}"),
        })
        .await;
        let scenario = read(
            "GET /a\nHTTP/1.0 200\nX-Kind: c\nX-None: d\n[Captures]\nx: jsonpath \"$.a\"\ny: header \"none\"\n[Asserts]\nbody == \"fine\"\n`good`\nGET /b\nHTTP 200\n",
        );
        let played = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        assert_eq!(
            played.failed(),
            [
                "GET /a: the status is 500 and not 200",
                "GET /a: the version is HTTP/1.1 and not HTTP/1.0",
                "GET /a: `X-Kind` is `b` and not as expected",
                "GET /a: there is no header field `X-None`",
                "GET /a: `x` cannot be captured: the body is no JSON",
                "GET /a: there is nothing to capture as `y`",
                "GET /a: `body == \"fine\"`: the value is \"oops\"",
                "GET /a: the body is not as expected",
            ]
        );
        assert!(played.outcomes[1].is_good());
    });
}

#[test]
fn a_scenario_ends_in_its_time() {
    run(async {
        let client = app(|_| json("{}")).await;
        let scenario =
            read("GET /\nHTTP 200\nGET /late\n[Options]\ndelay: 1h\nHTTP 200\nGET /never\n");
        let within = Duration::from_millis(300);
        let played = play(&scenario, |_| client.clone(), &Variables::new(), within).await;
        assert!(played.outcomes[0].is_good());
        assert_eq!(played.outcomes[1].answer, Err(Miss::TimedOut));
        assert_eq!(played.outcomes[2].answer, Err(Miss::TimedOut));
    });
}

#[test]
fn what_is_kept_has_bounds() {
    run(async {
        let client = app(|_| (200, String::new(), "x".repeat(1 << 20))).await;
        let scenario = read(
            "GET /\n[Options]\nrepeat: 70\nHTTP 200\n[Captures]\nall: body\n[Asserts]\nbytes count == 1048576\n",
        );
        let played = play(&scenario, |_| client.clone(), &Variables::new(), LONG).await;
        assert_eq!(played.outcomes.len(), 70);
        let kept = played
            .outcomes
            .iter()
            .filter_map(|outcome| outcome.answer.as_ref().ok());
        assert_eq!(
            kept.map(|answer| answer.body.len()).sum::<usize>(),
            64 << 20
        );
        for outcome in &played.outcomes {
            assert_eq!(
                outcome.failed,
                ["what is captured as `all` is longer than 256 KiB"]
            );
        }
    });
}

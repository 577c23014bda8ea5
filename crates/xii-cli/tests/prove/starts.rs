//! Apps that do not come to serve.

use crate::harness::App;

#[test]
fn an_app_that_does_not_build() {
    let settings = "[prove]\nbuild = [\"echo the compiler has no heart >&2; exit 7\"]\n";
    let proof = App::with("serve()", settings).proved(&["VII.1", "IX.1"]);
    assert_eq!(proof.run.code, Some(3), "{:?}", proof.run);
    proof.says("IX.1", "could_not_tell", "the compiler has no heart");
    proof.says("VII.1", "could_not_tell", "the compiler has no heart");
}

#[test]
fn an_app_that_does_not_start() {
    let proof = App::python("sys.exit('no licence found')").proved(&["VII.1", "IX.1"]);
    proof.says("VII.1", "could_not_tell", "no licence found");
    assert_eq!(proof.run.code, Some(3), "{:?}", proof.run);
    assert!(
        proof.run.err.contains("no licence found"),
        "{:?}",
        proof.run
    );
}

#[test]
fn a_command_that_is_not_there() {
    let app = App::python("serve()");
    app.folder
        .write("Procfile", b"web: exec nobody-has-this-program\n");
    app.folder.commit();
    let proof = app.proved(&["VII.1"]);
    proof.says("VII.1", "could_not_tell", "nobody-has-this-program");
}

#[test]
fn an_app_that_starts_and_dies() {
    let soon = "threading.Timer(1.0, lambda: os._exit(9)).start()\nserve()";
    let proof = App::python(soon).proved(&["XI.4", "VIII.2"]);
    for id in ["XI.4", "VIII.2"] {
        let (verdict, reason) = proof.told(id);
        assert!(
            !verdict.is_empty() && !reason.is_empty(),
            "{id} is {verdict}: {reason}"
        );
    }
}

#[test]
fn an_app_that_never_becomes_ready() {
    let proof = App::python("time.sleep(600)").proved(&["VII.1", "IX.1"]);
    for id in ["VII.1", "IX.1"] {
        proof.says(id, "could_not_tell", "it listens on nothing");
    }
    assert_eq!(proof.run.code, Some(3), "{:?}", proof.run);
}

#[test]
fn an_app_that_listens_on_another_port() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("it has one").port();
    drop(free);
    let proof = App::python(&format!("serve({port})")).proved(&["VII.1", "VII.4", "VIII.3"]);
    proof.says("VII.1", "broken", &port.to_string());
    proof.says("VII.4", "holds", &port.to_string());
    proof.says("VIII.3", "could_not_tell", &port.to_string());
    assert_eq!(proof.run.code, Some(1), "{:?}", proof.run);
}

#[test]
fn an_app_that_needs_a_terminal() {
    let lines = "sys.stdin.isatty() or sys.exit('stdin is no terminal')\nserve()";
    let proof = App::python(lines).proved(&["VII.1"]);
    proof.says("VII.1", "could_not_tell", "stdin is no terminal");
}

#[test]
fn an_app_that_forks_away() {
    let lines = "if os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\nserve()";
    App::python(lines)
        .proved(&["VIII.2"])
        .says("VIII.2", "broken", "");
}

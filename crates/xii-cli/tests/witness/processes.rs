//! Programs, processes, sessions and signals.

use std::path::Path;

use xii_model::Deed;

use crate::harness::{python, stage};

#[test]
fn a_program_is_seen_from_its_first_instruction_as_the_process_that_was_started() {
    let Some((watch, folder, path)) =
        stage("a_program_is_seen_from_its_first_instruction_as_the_process_that_was_started")
    else {
        return;
    };
    let ran = watch.run(
        folder.path(),
        &["sh", "-c", "echo a > b; exec sh -c 'exit 7'"],
    );
    assert_eq!(ran.status.code(), Some(7));
    let own = rustix::process::getpid().as_raw_pid();
    let first = &ran.seen[0];
    assert_eq!((first.act.pid, first.label.as_str()), (ran.pid, "web.1"));
    assert_eq!(first.act.deed.to_string(), format!("was made by {own}"));
    let words = ["sh", "-c", "echo a > b; exec sh -c 'exit 7'"].map(String::from);
    assert!(matches!(&ran.seen[1].act.deed, Deed::Executed { words: told, .. } if *told == words));
    ran.has(&format!("made or emptied {path}/b"));
    assert!(ran.acts().all(|act| act.pid == ran.pid), "{ran:?}");
    assert!(ran.seen.is_sorted_by_key(|seen| seen.at));
    assert_eq!(watch.witness.lost(), 0);
}

#[test]
fn a_program_that_is_not_there_is_not_told_while_it_is_looked_for() {
    let test = "a_program_that_is_not_there_is_not_told_while_it_is_looked_for";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    folder.write("bin/tool", b"#!/bin/sh\nexit 3\n");
    let script = format!(
        "import os, subprocess\n\
         os.chmod('bin/tool', 0o755)\n\
         os.environ['PATH'] = '/no/such:{path}/none:{path}/bin'\n\
         raise SystemExit(subprocess.call(['tool', 'a b']))"
    );
    let ran = watch.run(folder.path(), &[python, "-c", &script]);
    assert_eq!(ran.status.code(), Some(3));
    ran.has(&format!("ran {path}/bin/tool: tool a b"));
    ran.has_none("ran /no/such");
    ran.has_none("/none/tool:");
}

#[test]
fn a_forked_process_is_seen_though_it_does_nothing() {
    let test = "a_forked_process_is_seen_though_it_does_nothing";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import os\n\
        child = os.fork()\n\
        if child == 0:\n\
        \x20   grandchild = os.fork()\n\
        \x20   if grandchild: os.waitpid(grandchild, 0)\n\
        \x20   os._exit(0)\n\
        os.waitpid(child, 0)";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    let children = ran.children(ran.pid);
    assert_eq!(children.len(), 1, "{:?}", ran.deeds());
    assert_eq!(ran.children(children[0]).len(), 1, "{:?}", ran.deeds());
}

#[test]
fn many_short_processes_are_all_seen() {
    let Some((watch, folder, _)) = stage("many_short_processes_are_all_seen") else {
        return;
    };
    let script = "i=0; while [ $i -lt 300 ]; do /bin/true $i & i=$((i+1)); done; wait";
    let ran = watch.run(folder.path(), &["sh", "-c", script]);
    assert_eq!(ran.children(ran.pid).len(), 300);
    for number in [0, 1, 150, 299] {
        assert!(
            ran.deeds()
                .iter()
                .any(|deed| deed.ends_with(&format!("true: /bin/true {number}")))
        );
    }
    assert_eq!(watch.witness.lost(), 0);
}

#[test]
fn a_daemon_is_followed_out_of_its_session_and_waited_for() {
    let test = "a_daemon_is_followed_out_of_its_session_and_waited_for";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    // It waits until the one that the test started has ended: its standard input is closed then.
    let script = "import os\n\
        held, let_go = os.pipe()\n\
        if os.fork(): os._exit(0)\n\
        os.close(let_go)\n\
        os.setsid()\n\
        if os.fork(): os._exit(0)\n\
        os.read(held, 1)\n\
        os.chdir('/')\n\
        open('PATH/daemon.pid', 'w').write('x')";
    let ran = watch.run(
        folder.path(),
        &[python, "-c", &script.replace("PATH", &path)],
    );
    let middle = ran.children(ran.pid)[0];
    let daemon = ran.children(middle)[0];
    let of = |pid: u32| -> Vec<String> {
        let acts = ran.acts().filter(|act| act.pid == pid);
        acts.map(|act| act.deed.to_string()).collect()
    };
    assert!(of(middle).contains(&"left its session".to_owned()));
    assert!(of(daemon).contains(&format!("made or emptied {path}/daemon.pid")));
}

#[test]
fn a_process_that_is_moved_to_another_group_is_told_once() {
    let test = "a_process_that_is_moved_to_another_group_is_told_once";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    // The parent moves the child, as a shell does; the child then asks for what is so already.
    let script = "import os\n\
        wait, go = os.pipe()\n\
        child = os.fork()\n\
        if child == 0:\n\
        \x20   os.read(wait, 1)\n\
        \x20   os.setpgid(0, 0)\n\
        \x20   os._exit(0)\n\
        os.setpgid(child, 0)\n\
        os.write(go, b'x')\n\
        os.waitpid(child, 0)";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    let child = ran.children(ran.pid)[0];
    let left: Vec<u32> = ran
        .acts()
        .filter(|act| act.deed.to_string() == "left its group")
        .map(|act| act.pid)
        .collect();
    assert_eq!(left, [child]);
}

#[test]
fn signals_are_told_by_name_and_target() {
    let test = "signals_are_told_by_name_and_target";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import os, signal, threading\n\
        os.setpgid(0, 0)\n\
        signal.signal(signal.SIGUSR1, lambda *_: None)\n\
        signal.signal(signal.SIGUSR2, lambda *_: None)\n\
        signal.signal(signal.SIGHUP, lambda *_: None)\n\
        signal.signal(signal.SIGURG, lambda *_: None)\n\
        me = os.getpid()\n\
        os.kill(me, 0)\n\
        os.kill(me, signal.SIGUSR1)\n\
        os.kill(0, signal.SIGUSR2)\n\
        signal.pthread_kill(threading.get_ident(), signal.SIGHUP)\n\
        signal.pthread_kill(threading.get_ident(), signal.SIGURG)\n\
        if hasattr(os, 'pidfd_open'): signal.pidfd_send_signal(os.pidfd_open(me), signal.SIGWINCH)\n\
        else: os.kill(me, signal.SIGWINCH)\n\
        os.kill(me, signal.SIGTERM)";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    let sent: Vec<String> = ran
        .deeds()
        .into_iter()
        .filter(|deed| deed.starts_with("sent"))
        .collect();
    let pid = ran.pid;
    assert_eq!(
        sent,
        [
            format!("sent SIGUSR1 to {pid}"),
            format!("sent SIGUSR2 to the group {pid}"),
            format!("sent SIGHUP to {pid}"),
            format!("sent SIGWINCH to {pid}"),
            format!("sent SIGTERM to {pid}"),
        ]
    );
    assert_eq!(ran.status.code(), None);
}

#[test]
fn what_a_thread_does_its_process_does() {
    let test = "what_a_thread_does_its_process_does";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import threading\n\
        def write(name): open(name, 'w').close()\n\
        for at in range(20):\n\
        \x20   one = threading.Thread(target=write, args=(f'file{at}',))\n\
        \x20   one.start(); one.join()";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    for at in 0..20 {
        ran.has(&format!("made or emptied {path}/file{at}"));
    }
    assert!(ran.acts().all(|act| act.pid == ran.pid), "{ran:?}");
}

#[test]
fn a_timer_that_fires_all_the_time_does_not_hold_a_call_up() {
    let test = "a_timer_that_fires_all_the_time_does_not_hold_a_call_up";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import signal\n\
        signal.signal(signal.SIGALRM, lambda *_: None)\n\
        signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)\n\
        for at in range(2000): open('f', 'w').close()\n\
        signal.setitimer(signal.ITIMER_REAL, 0)";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    // Each once, none twice for having been interrupted.
    let opened = ran
        .deeds()
        .iter()
        .filter(|deed| deed.ends_with("/f"))
        .count();
    assert_eq!(opened, 2000);
}

#[test]
fn a_process_may_be_killed_at_any_moment() {
    let test = "a_process_may_be_killed_at_any_moment";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import os, signal\n\
        for at in range(100):\n\
        \x20   child = os.fork()\n\
        \x20   if child == 0:\n\
        \x20       while True: open('f', 'w').close()\n\
        \x20   for _ in range(at): os.getppid()\n\
        \x20   os.kill(child, signal.SIGKILL)\n\
        \x20   os.waitpid(child, 0)\n\
        open('end', 'w').close()";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    assert!(
        ran.deeds()
            .last()
            .is_some_and(|deed| deed.ends_with("/end"))
    );
    assert!(Path::new(&folder.join("end")).exists());
}

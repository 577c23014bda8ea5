//! What is told is bounded, and what is not told is counted.

use xii_model::Deed;

use crate::harness::{python, stage};

#[test]
fn a_flood_of_files_is_counted_and_hides_nothing_else() {
    let test = "a_flood_of_files_is_counted_and_hides_nothing_else";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import os, socket\n\
        for at in range(100_000): os.close(os.open('f', os.O_WRONLY | os.O_CREAT))\n\
        server = socket.socket()\n\
        server.bind(('127.0.0.1', 0))\n\
        server.listen()\n\
        if os.fork() == 0: os._exit(0)\n\
        os.wait()";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    let opened = |deed: &Deed| matches!(deed, Deed::Opened { path, .. } if path.ends_with("/f"));
    let told = ran.acts().filter(|act| opened(&act.deed)).count();
    assert!((10_000..100_000).contains(&told), "{told}");
    // Whatever else the interpreter wrote was before, and told.
    assert_eq!(watch.witness.lost(), (100_000 - told) as u64);
    assert_eq!(watch.witness.lost_of("web.1"), watch.witness.lost());
    assert_eq!(watch.witness.lost_of("web.2"), 0);
    assert!(
        ran.acts()
            .any(|act| matches!(act.deed, Deed::Listening { .. }))
    );
    assert_eq!(ran.children(ran.pid).len(), 1);
}

#[test]
fn one_tree_does_not_take_the_room_of_another() {
    let test = "one_tree_does_not_take_the_room_of_another";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let flood = "import os\n\
        for at in range(30_000): os.close(os.open('f', os.O_WRONLY | os.O_CREAT))";
    watch.run(folder.path(), &[python, "-c", flood]);
    assert!(watch.witness.lost() > 0);
    let ran = watch.run(folder.path(), &["sh", "-c", "echo > g"]);
    ran.has(&format!("made or emptied {path}/g"));
}

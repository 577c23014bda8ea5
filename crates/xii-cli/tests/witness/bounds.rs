//! What is told is bounded, and what is not told is counted.

use std::time::Instant;

use xii_model::Deed;
use xii_witness::Options;

use crate::harness::{LONG, end, python, stage};
use crate::workbench::skipped;

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
    let begun = Instant::now();
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    let seconds = usize::try_from(begun.elapsed().as_secs()).expect("not so long");
    assert!(ran.status.success());
    let opened = |deed: &Deed| matches!(deed, Deed::Opened { path, .. } if path.ends_with("/f"));
    let told = ran.acts().filter(|act| opened(&act.deed)).count();
    // As many at once, and as many a second, as the witness says; a slow machine has more seconds.
    assert!(told >= 10_000, "{told}");
    assert!(
        told <= 10_000 + 1_000 * (seconds + 1),
        "{told} in {seconds} s"
    );
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
    let flood = "import os\nwhile True: os.close(os.open('f', os.O_WRONLY | os.O_CREAT))";
    let mut command = watch.command("web.1", &Options::default(), &[python, "-c", flood]);
    let mut flood = command
        .current_dir(folder.path())
        .spawn()
        .expect("it starts");
    let limit = Instant::now() + LONG;
    while watch.witness.lost() == 0 && Instant::now() < limit {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let lost = watch.witness.lost();
    // While the first is over its bounds.
    let mut command = watch.command("web.2", &Options::default(), &["sh", "-c", "echo > g"]);
    let mut other = command
        .current_dir(folder.path())
        .spawn()
        .expect("it starts");
    let ended = end(&mut other);
    flood.kill().expect("it runs");
    end(&mut flood);
    if lost == 0 {
        skipped(test, "this machine is too slow to be flooded");
        return;
    }
    assert!(ended.success());
    let made = format!("made or emptied {path}/g");
    assert!(
        watch
            .seen()
            .iter()
            .any(|seen| seen.label == "web.2" && seen.act.deed.to_string() == made)
    );
    assert_eq!(watch.witness.lost_of("web.2"), 0);
}

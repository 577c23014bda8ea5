//! Programs, processes, sessions and signals.

use crate::harness::Watch;
use crate::workbench::Folder;

#[test]
fn a_program_is_seen_from_its_first_instruction_as_the_process_that_was_started() {
    let Some(watch) = Watch::start(
        "a_program_is_seen_from_its_first_instruction_as_the_process_that_was_started",
    ) else {
        return;
    };
    let folder = Folder::empty();
    let ran = watch.run(
        folder.path(),
        &["sh", "-c", "echo a > b; exec sh -c 'exit 7'"],
    );
    eprintln!("{:#?}", ran);
    assert_eq!(ran.status.code(), Some(7));
    let own = rustix::process::getpid().as_raw_pid();
    let first = &ran.seen[0].act;
    assert_eq!(first.pid, ran.pid);
    assert_eq!(first.deed.to_string(), format!("was made by {own}"));
    ran.has(&format!("made or emptied {}/b", folder.path().display()));
    assert_eq!(watch.witness.lost(), 0);
}

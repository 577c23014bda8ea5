//! Files and folders.

use xii_witness::Options;

use crate::harness::{python, stage};

#[test]
fn files_are_told_by_what_they_are_opened_for() {
    let test = "files_are_told_by_what_they_are_opened_for";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    folder.write("old", b"text");
    let script = "import os\n\
        open('old').close()\n\
        open('old', 'a').close()\n\
        open('old', 'r+').close()\n\
        os.close(os.open('old', os.O_RDWR | os.O_CREAT))\n\
        os.close(os.open('old', os.O_RDONLY | os.O_CREAT))\n\
        os.close(os.open('old', os.O_PATH | os.O_RDWR))\n\
        os.close(os.open('new', os.O_RDWR | os.O_CREAT))\n\
        open('other', 'w').close()\n\
        os.close(os.open('.', os.O_TMPFILE | os.O_RDWR))\n\
        os.truncate('old', 0)\n\
        os.mkfifo('fifo')\n\
        os.symlink('old', 'link')";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    let opened: Vec<String> = ran
        .deeds()
        .into_iter()
        .filter(|deed| deed.contains(&path) && !deed.starts_with("ran"))
        .collect();
    assert_eq!(
        opened,
        [
            format!("opened to append to {path}/old"),
            format!("opened to write {path}/old"),
            format!("opened to write {path}/old"),
            format!("made or emptied {path}/new"),
            format!("made or emptied {path}/other"),
            format!("made or emptied {path}/(unnamed)"),
            format!("opened to write {path}/old"),
            format!("made or emptied {path}/fifo"),
            format!("made or emptied {path}/link"),
        ]
    );
}

#[test]
fn reading_is_told_where_it_is_asked_for() {
    let Some((watch, folder, path)) = stage("reading_is_told_where_it_is_asked_for") else {
        return;
    };
    folder.write("config", b"text\n");
    let command = ["sh", "-c", "read line < config"];
    let without = watch.run(folder.path(), &command);
    without.has_none("/config");
    let reads = Options {
        reads: true,
        ..Options::default()
    };
    let with = watch.run_with(folder.path(), &reads, &command);
    with.has(&format!("opened to read {path}/config"));
}

#[test]
fn paths_are_resolved_against_the_folder_and_the_descriptor() {
    let test = "paths_are_resolved_against_the_folder_and_the_descriptor";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    folder.write("a/b/one", b"text");
    let script = "import os\n\
        a = os.open('a', os.O_RDONLY)\n\
        os.chdir('a/b')\n\
        os.mkdir('../../made/')\n\
        os.mkdir('c', dir_fd=a)\n\
        os.rename('b/one', 'c/./two', src_dir_fd=a, dst_dir_fd=a)\n\
        os.link('../c/two', 'three', dst_dir_fd=a)\n\
        os.unlink('three', dir_fd=a)\n\
        os.remove('../c/two')\n\
        os.rmdir('c', dir_fd=a)\n\
        os.rename('PATH/made', 'PATH/last')";
    let ran = watch.run(
        folder.path(),
        &[python, "-c", &script.replace("PATH", &path)],
    );
    assert!(ran.status.success());
    let done: Vec<String> = ran
        .deeds()
        .into_iter()
        .filter(|deed| deed.contains(&path) && !deed.starts_with("ran"))
        .collect();
    assert_eq!(
        done,
        [
            format!("made the folder {path}/made"),
            format!("made the folder {path}/a/c"),
            format!("renamed {path}/a/b/one to {path}/a/c/two"),
            format!("renamed {path}/a/c/two to {path}/a/three"),
            format!("removed {path}/a/three"),
            format!("removed {path}/a/c/two"),
            format!("removed {path}/a/c"),
            format!("renamed {path}/made to {path}/last"),
        ]
    );
}

#[test]
fn a_process_in_a_root_of_its_own_is_told_with_it() {
    let test = "a_process_in_a_root_of_its_own_is_told_with_it";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    if !rustix::process::geteuid().is_root() {
        crate::workbench::skipped(test, "only root may change its root");
        return;
    }
    let script = "import os\n\
        os.chroot('.')\n\
        os.chdir('/')\n\
        open('/absolute', 'w').close()\n\
        open('relative', 'w').close()";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    ran.has(&format!("made or emptied {path}/absolute"));
    ran.has(&format!("made or emptied {path}/relative"));
}

#[test]
fn a_call_with_a_wrong_address_is_told_with_what_is_known() {
    let test = "a_call_with_a_wrong_address_is_told_with_what_is_known";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import ctypes, os\n\
        libc = ctypes.CDLL(None, use_errno=True)\n\
        libc.mkdir(ctypes.c_void_p(16), 0o755)\n\
        libc.execve(ctypes.c_void_p(16), None, None)\n\
        libc.bind(0, ctypes.c_void_p(16), 16)\n\
        libc.connect(99, b'\\x02\\x00', 1 << 30)\n\
        libc.sendmsg(0, ctypes.c_void_p(16), 0)\n\
        os.mkdir('end')";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    ran.has("made the folder (unreadable)");
    ran.has(&format!("made the folder {path}/end"));
    assert_eq!(watch.witness.lost(), 0);
}

//! Programs without a C library's start, and 32-bit calls.

use std::process::Command;

use crate::harness::{Watch, stage};
use crate::workbench::{Folder, skipped};

/// Makes a folder by the call that is given and ends with 0.
const STATIC: &str = r#"
static long call(long number, long a, long b) {
    long done;
    __asm__ volatile("syscall" : "=a"(done) : "a"(number), "D"(a), "S"(b) : "rcx", "r11", "memory");
    return done;
}
void _start(void) {
    call(83, (long)"by-64-bits", 0755);
    call(231, 0, 0);
}
"#;

/// The same by the 32-bit interface, which a 64-bit program may use; and what lies behind `socketcall`.
const NARROW: &str = r#"
static long call(long number, long a, long b, long c) {
    long done;
    __asm__ volatile("int $0x80" : "=a"(done) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return done;
}
static const char path[] = "by-32-bits", program[] = "/bin/true", word[] = "narrow";
static unsigned char to[16] = {2, 0, 0x1f, 0x90, 127, 0, 0, 1};
static unsigned int list[3], words[3];
void _start(void) {
    if (call(39, (long)path, 0755, 0) != 0) call(1, 9, 0, 0);
    list[0] = 2; list[1] = 1; list[2] = 0;
    int one = call(102, 1, (long)list, 0);
    list[0] = one; list[1] = (unsigned int)(long)to; list[2] = 16;
    call(102, 3, (long)list, 0);
    words[0] = (unsigned int)(long)word; words[1] = (unsigned int)(long)path;
    call(11, (long)program, (long)words, 0);
    call(1, 8, 0, 0);
}
"#;

/// Builds a program that begins by itself; none where it cannot be built, which is told by the test's name.
fn built(test: &str, folder: &Folder, source: &str) -> Option<String> {
    if !cfg!(target_arch = "x86_64") {
        skipped(test, "the program is for x86-64");
        return None;
    }
    folder.write("program.c", source.as_bytes());
    let words = [
        "-O1",
        "-static",
        "-no-pie",
        "-nostdlib",
        "-fno-stack-protector",
        "-w",
    ];
    let made = Command::new("cc")
        .args(words)
        .args(["-o", "program", "program.c"])
        .current_dir(folder.path())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        skipped(test, "there is no C compiler that links static programs");
        return None;
    }
    Some(folder.join("program").to_str().expect("text").to_owned())
}

fn staged(test: &str, source: &str) -> Option<(Watch, Folder, String, String)> {
    let (watch, folder, path) = stage(test)?;
    let program = built(test, &folder, source)?;
    Some((watch, folder, path, program))
}

#[test]
fn a_static_program_is_seen() {
    let Some((watch, folder, path, program)) = staged("a_static_program_is_seen", STATIC) else {
        return;
    };
    let ran = watch.run(folder.path(), &[&program]);
    assert!(ran.status.success());
    ran.has(&format!("made the folder {path}/by-64-bits"));
}

#[test]
fn calls_of_the_32_bit_interface_are_seen() {
    let test = "calls_of_the_32_bit_interface_are_seen";
    let Some((watch, folder, path, program)) = staged(test, NARROW) else {
        return;
    };
    let ran = watch.run(folder.path(), &[&program]);
    if ran.status.code() == Some(9) || ran.status.code().is_none() {
        skipped(test, "this kernel runs no 32-bit calls");
        return;
    }
    assert!(ran.status.success(), "{:?}", ran.status);
    ran.has(&format!("made the folder {path}/by-32-bits"));
    ran.has("connected to tcp 127.0.0.1:8080");
    assert!(
        ran.deeds()
            .iter()
            .any(|deed| deed.ends_with("true: narrow by-32-bits")),
        "{:?}",
        ran.deeds()
    );
}

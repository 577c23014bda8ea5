//! The program that the kernel runs at each system call, in classic BPF (`seccomp(2)`): it lets all go on at
//! once but for what is to be told.
//!
//! The kernel finds out by itself for which numbers the answer is always to go on, and asks the program no
//! more about those (since Linux 5.11): reading, writing and waiting cost nothing.

use super::abi::{INTERFACES, Interface};
use super::call::When;

/// An instruction: `struct sock_filter`.
pub(super) type Instruction = libc::sock_filter;

// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const ARGUMENTS: u32 = 16;

// Instruction codes of `linux/bpf_common.h`.
const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
const GO: u16 = 0x05; // BPF_JMP | BPF_JA
const IS: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const HAS: u16 = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN: u16 = 0x06; // BPF_RET | BPF_K

/// What asks for more than reading in the flags of `open(2)`: write, both, make, empty. The same numbers in
/// all interfaces that are told.
const WRITING: u32 = 0o1103;

/// The filter, for all interfaces of this processor.
pub(super) fn program(reads: bool) -> Vec<Instruction> {
    assemble(INTERFACES, reads)
}

/// The filter for these interfaces.
pub(super) fn assemble(interfaces: &[&Interface], reads: bool) -> Vec<Instruction> {
    let mut program = Vec::new();
    for interface in interfaces {
        let section = section(interface, reads);
        program.push(load(ARCH));
        over(&mut program, section, |skip| (IS, interface.arch, skip));
    }
    program.push(end(libc::SECCOMP_RET_ALLOW));
    program
}

/// The part of one interface, which ends with a return.
fn section(interface: &Interface, reads: bool) -> Vec<Instruction> {
    let mut calls = vec![load(NUMBER)];
    for (number, call) in interface.calls {
        let told = told(call.when(reads));
        calls.push(jump(IS, number | interface.bit, 0, told.len()));
        calls.extend(told);
    }
    calls.push(end(libc::SECCOMP_RET_ALLOW));
    if interface.bit == 0 {
        return calls;
    }
    // Numbers without the bit are another interface's of the same name, which comes after.
    let mut section = vec![load(NUMBER)];
    over(&mut section, calls, |skip| (HAS, interface.bit, skip));
    section
}

/// Adds a block that is run only where a test holds. A test can skip 255 instructions; a jump any number.
fn over(
    program: &mut Vec<Instruction>,
    block: Vec<Instruction>,
    test: impl Fn(usize) -> (u16, u32, usize),
) {
    let (code, value, skip) = test(1);
    program.push(jump(code, value, skip, 0));
    program.push(Instruction {
        code: GO,
        jt: 0,
        jf: 0,
        k: u32::try_from(block.len()).unwrap_or(u32::MAX),
    });
    program.extend(block);
}

/// What decides about a call whose number was recognised; ends with a return.
fn told(when: When) -> Vec<Instruction> {
    let tell = end(libc::SECCOMP_RET_USER_NOTIF);
    let go_on = end(libc::SECCOMP_RET_ALLOW);
    match when {
        When::Always => vec![tell],
        When::Writing(argument) => {
            vec![load(low(argument)), jump(HAS, WRITING, 0, 1), tell, go_on]
        }
        When::Given(argument) => vec![
            load(low(argument)),
            jump(IS, 0, 0, 2),
            load(high(argument)),
            jump(IS, 0, 1, 0),
            tell,
            go_on,
        ],
        When::NoneOf(argument, values) => one_of(argument, values, go_on, tell),
        When::OneOf(argument, values) => one_of(argument, values, tell, go_on),
    }
}

fn one_of(
    argument: u8,
    values: &[u32],
    found: Instruction,
    otherwise: Instruction,
) -> Vec<Instruction> {
    let mut block = vec![load(low(argument))];
    for (at, value) in values.iter().enumerate() {
        // To `found`, which is the last.
        block.push(jump(IS, *value, values.len() - at, 0));
    }
    block.push(otherwise);
    block.push(found);
    block
}

fn low(argument: u8) -> u32 {
    let half = if cfg!(target_endian = "little") { 0 } else { 4 };
    ARGUMENTS + u32::from(argument) * 8 + half
}

fn high(argument: u8) -> u32 {
    low(argument) ^ 4
}

fn load(offset: u32) -> Instruction {
    Instruction {
        code: LOAD,
        jt: 0,
        jf: 0,
        k: offset,
    }
}

fn jump(code: u16, value: u32, then: usize, otherwise: usize) -> Instruction {
    // Blocks are a few instructions long; what did not fit would be refused by the kernel.
    let short = |skip| u8::try_from(skip).unwrap_or(u8::MAX);
    Instruction {
        code,
        jt: short(then),
        jf: short(otherwise),
        k: value,
    }
}

fn end(answer: u32) -> Instruction {
    Instruction {
        code: RETURN,
        jt: 0,
        jf: 0,
        k: answer,
    }
}

#[cfg(test)]
mod tests {
    use super::super::abi::{AARCH64, ARM, I386, X86_64, X86_64_X32};
    use super::super::call::Call;
    use super::*;

    /// Runs the program as the kernel would: whether the call is told.
    fn tells(program: &[Instruction], arch: u32, number: u32, arguments: [u64; 6]) -> bool {
        let mut data = Vec::new();
        data.extend(number.to_ne_bytes());
        data.extend(arch.to_ne_bytes());
        data.extend(0u64.to_ne_bytes());
        data.extend(arguments.iter().flat_map(|one| one.to_ne_bytes()));
        let (mut at, mut loaded) = (0, 0);
        loop {
            let one = program[at];
            at += 1;
            let by = |holds: bool| usize::from(if holds { one.jt } else { one.jf });
            match one.code {
                LOAD => {
                    let start = one.k as usize;
                    let bytes = data[start..start + 4].try_into().expect("four bytes");
                    loaded = u32::from_ne_bytes(bytes);
                }
                GO => at += one.k as usize,
                IS => at += by(loaded == one.k),
                HAS => at += by(loaded & one.k != 0),
                RETURN => return one.k == libc::SECCOMP_RET_USER_NOTIF,
                code => panic!("no such instruction: {code:#x}"),
            }
        }
    }

    const ALL: [&Interface; 5] = [&X86_64_X32, &X86_64, &I386, &AARCH64, &ARM];

    fn number(interface: &Interface, call: Call) -> Option<u32> {
        let mut calls = interface.calls.iter();
        let found = calls.find(|(_, known)| *known == call);
        found.map(|(number, _)| number | interface.bit)
    }

    #[test]
    fn each_call_of_each_interface_is_told() {
        let program = assemble(&ALL, false);
        assert!(program.len() < 4096, "{}", program.len());
        for interface in ALL {
            for (number, call) in interface.calls {
                // Flags that write, an address, a call and a signal at once.
                let arguments = [2, 0o1103, 0o1103, 15, 15, 15];
                let number = number | interface.bit;
                assert!(
                    tells(&program, interface.arch, number, arguments),
                    "{call:?} {number}"
                );
            }
        }
    }

    #[test]
    fn nothing_else_is_told() {
        let program = assemble(&ALL, false);
        for interface in ALL {
            let told: Vec<u32> = interface.calls.iter().map(|(number, _)| *number).collect();
            for number in (0..600).filter(|number| !told.contains(number)) {
                let number = number | interface.bit;
                assert!(
                    !tells(&program, interface.arch, number, [u64::MAX; 6]),
                    "{number}"
                );
            }
        }
        assert!(!tells(&program, 0x1234, 257, [u64::MAX; 6]));
    }

    #[test]
    fn reading_is_told_only_where_it_is_asked_for() {
        for interface in ALL {
            let openat = number(interface, Call::Openat).expect("every interface has it");
            for (flags, writes) in [
                (libc::O_RDONLY, false),
                (libc::O_RDONLY | libc::O_CLOEXEC | libc::O_DIRECTORY, false),
                (libc::O_WRONLY, true),
                (libc::O_RDWR, true),
                (libc::O_RDONLY | libc::O_CREAT, true),
                (libc::O_RDONLY | libc::O_TRUNC, true),
            ] {
                let arguments = [0, 0, u64::from(flags.cast_unsigned()), 0, 0, 0];
                let told = |reads| tells(&assemble(&ALL, reads), interface.arch, openat, arguments);
                assert_eq!(told(false), writes, "{flags:o}");
                assert!(told(true));
            }
        }
    }

    #[test]
    fn a_datagram_is_told_by_its_address_and_a_stream_is_not() {
        let program = assemble(&ALL, false);
        for interface in ALL {
            let sendto = number(interface, Call::Sendto).expect("every interface has it");
            let told = |address| {
                let arguments = [9, 9, 9, 9, address, 9];
                tells(&program, interface.arch, sendto, arguments)
            };
            assert!(!told(0));
            assert!(told(1));
            // All of the pointer counts.
            assert!(told(1 << 40));
        }
    }

    #[test]
    fn questions_and_signals_of_runtimes_are_not_told() {
        let program = assemble(&ALL, false);
        for interface in ALL {
            let told = |call, arguments| {
                let number = number(interface, call).expect("every interface has it");
                tells(&program, interface.arch, number, arguments)
            };
            assert!(!told(Call::Kill, [1, 0, 0, 0, 0, 0]));
            assert!(told(Call::Kill, [1, 15, 0, 0, 0, 0]));
            assert!(told(Call::Kill, [1, 23, 0, 0, 0, 0]));
            assert!(!told(Call::Tgkill, [1, 1, 23, 0, 0, 0]));
            assert!(told(Call::Tgkill, [1, 1, 6, 0, 0, 0]));
            assert!(!told(Call::Tkill, [1, 33, 0, 0, 0, 0]));
        }
    }
}

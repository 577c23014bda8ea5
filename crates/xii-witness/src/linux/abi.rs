//! System call interfaces and their numbers: `syscalls(2)`, and `arch/*/entry/syscalls/*.tbl` of the kernel.

use super::call::Call;

/// Which interface a process made its call through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abi {
    /// Bytes of a pointer and of a `long` in the structures that it passes.
    pub(super) pointer: usize,
}

/// All calls of one interface.
pub(super) struct Interface {
    /// `AUDIT_ARCH_*` of `linux/audit.h`.
    pub(super) arch: u32,
    /// What must be set in the number, and what is taken away from it then: x32 shares x86-64's interface.
    pub(super) bit: u32,
    /// Its structures.
    pub(super) abi: Abi,
    /// The calls by their numbers.
    pub(super) calls: &'static [(u32, Call)],
}

/// The bit of x32 in a number.
#[cfg(any(target_arch = "x86_64", test))]
const X32: u32 = 0x4000_0000;

/// The interfaces of the processor that this was built for.
#[cfg(target_arch = "x86_64")]
pub(super) const INTERFACES: &[&Interface] = &[&X86_64_X32, &X86_64, &I386];
/// The interfaces of the processor that this was built for.
#[cfg(target_arch = "aarch64")]
pub(super) const INTERFACES: &[&Interface] = &[&AARCH64, &ARM];
/// The interfaces of the processor that this was built for.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const INTERFACES: &[&Interface] = &[];

/// The call that this number is, and the interface that it came through.
pub(super) fn call(arch: u32, number: u32) -> Option<(Call, Abi)> {
    let interface = INTERFACES
        .iter()
        .find(|one| one.arch == arch && number & one.bit == one.bit)?;
    let number = number & !interface.bit;
    let found = interface.calls.iter().find(|(known, _)| *known == number);
    found.map(|(_, call)| (*call, interface.abi))
}

/// 64-bit x86.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const X86_64: Interface = Interface {
    arch: 0xc000_003e,
    bit: 0,
    abi: Abi { pointer: 8 },
    calls: &[
        (257, Call::Openat),
        (44, Call::Sendto),
        (46, Call::Sendmsg),
        (273, Call::Appear),
        (218, Call::Appear),
        (2, Call::Open),
        (437, Call::Openat2),
        (85, Call::Creat),
        (59, Call::Execve),
        (322, Call::Execveat),
        (82, Call::Rename),
        (264, Call::Renameat),
        (316, Call::Renameat),
        (86, Call::Link),
        (265, Call::Linkat),
        (88, Call::Symlink),
        (266, Call::Symlinkat),
        (87, Call::Unlink),
        (263, Call::Unlinkat),
        (84, Call::Rmdir),
        (83, Call::Mkdir),
        (258, Call::Mkdirat),
        (133, Call::Mknod),
        (259, Call::Mknodat),
        (76, Call::Truncate),
        (49, Call::Bind),
        (42, Call::Connect),
        (50, Call::Listen),
        (307, Call::Sendmmsg),
        (112, Call::Setsid),
        (109, Call::Setpgid),
        (62, Call::Kill),
        (129, Call::Kill),
        (200, Call::Tkill),
        (234, Call::Tgkill),
        (297, Call::Tgkill),
        (424, Call::PidfdSignal),
        (425, Call::Ring),
    ],
};

/// x86-64 with 32-bit pointers: the numbers of x86-64 but for the calls whose structures differ.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const X86_64_X32: Interface = Interface {
    arch: 0xc000_003e,
    bit: X32,
    abi: Abi { pointer: 4 },
    calls: &[
        (257, Call::Openat),
        (44, Call::Sendto),
        (518, Call::Sendmsg),
        (530, Call::Appear),
        (218, Call::Appear),
        (2, Call::Open),
        (437, Call::Openat2),
        (85, Call::Creat),
        (520, Call::Execve),
        (545, Call::Execveat),
        (82, Call::Rename),
        (264, Call::Renameat),
        (316, Call::Renameat),
        (86, Call::Link),
        (265, Call::Linkat),
        (88, Call::Symlink),
        (266, Call::Symlinkat),
        (87, Call::Unlink),
        (263, Call::Unlinkat),
        (84, Call::Rmdir),
        (83, Call::Mkdir),
        (258, Call::Mkdirat),
        (133, Call::Mknod),
        (259, Call::Mknodat),
        (76, Call::Truncate),
        (49, Call::Bind),
        (42, Call::Connect),
        (50, Call::Listen),
        (538, Call::Sendmmsg),
        (112, Call::Setsid),
        (109, Call::Setpgid),
        (62, Call::Kill),
        (524, Call::Kill),
        (200, Call::Tkill),
        (234, Call::Tgkill),
        (536, Call::Tgkill),
        (424, Call::PidfdSignal),
        (425, Call::Ring),
    ],
};

/// 32-bit x86.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const I386: Interface = Interface {
    arch: 0x4000_0003,
    bit: 0,
    abi: Abi { pointer: 4 },
    calls: &[
        (295, Call::Openat),
        (5, Call::Open),
        (369, Call::Sendto),
        (370, Call::Sendmsg),
        (102, Call::Socketcall),
        (311, Call::Appear),
        (258, Call::Appear),
        (437, Call::Openat2),
        (8, Call::Creat),
        (11, Call::Execve),
        (358, Call::Execveat),
        (38, Call::Rename),
        (302, Call::Renameat),
        (353, Call::Renameat),
        (9, Call::Link),
        (303, Call::Linkat),
        (83, Call::Symlink),
        (304, Call::Symlinkat),
        (10, Call::Unlink),
        (301, Call::Unlinkat),
        (40, Call::Rmdir),
        (39, Call::Mkdir),
        (296, Call::Mkdirat),
        (14, Call::Mknod),
        (297, Call::Mknodat),
        (92, Call::Truncate),
        (193, Call::Truncate),
        (361, Call::Bind),
        (362, Call::Connect),
        (363, Call::Listen),
        (345, Call::Sendmmsg),
        (66, Call::Setsid),
        (57, Call::Setpgid),
        (37, Call::Kill),
        (178, Call::Kill),
        (238, Call::Tkill),
        (270, Call::Tgkill),
        (335, Call::Tgkill),
        (424, Call::PidfdSignal),
        (425, Call::Ring),
    ],
};

/// 64-bit ARM.
#[cfg(any(target_arch = "aarch64", test))]
pub(super) const AARCH64: Interface = Interface {
    arch: 0xc000_00b7,
    bit: 0,
    abi: Abi { pointer: 8 },
    calls: &[
        (56, Call::Openat),
        (206, Call::Sendto),
        (211, Call::Sendmsg),
        (99, Call::Appear),
        (96, Call::Appear),
        (437, Call::Openat2),
        (221, Call::Execve),
        (281, Call::Execveat),
        (38, Call::Renameat),
        (276, Call::Renameat),
        (37, Call::Linkat),
        (36, Call::Symlinkat),
        (35, Call::Unlinkat),
        (34, Call::Mkdirat),
        (33, Call::Mknodat),
        (45, Call::Truncate),
        (200, Call::Bind),
        (203, Call::Connect),
        (201, Call::Listen),
        (269, Call::Sendmmsg),
        (157, Call::Setsid),
        (154, Call::Setpgid),
        (129, Call::Kill),
        (138, Call::Kill),
        (130, Call::Tkill),
        (131, Call::Tgkill),
        (240, Call::Tgkill),
        (424, Call::PidfdSignal),
        (425, Call::Ring),
    ],
};

/// 32-bit ARM (EABI).
#[cfg(any(target_arch = "aarch64", test))]
pub(super) const ARM: Interface = Interface {
    arch: 0x4000_0028,
    bit: 0,
    abi: Abi { pointer: 4 },
    calls: &[
        (322, Call::Openat),
        (5, Call::Open),
        (290, Call::Sendto),
        (296, Call::Sendmsg),
        (338, Call::Appear),
        (256, Call::Appear),
        (437, Call::Openat2),
        (8, Call::Creat),
        (11, Call::Execve),
        (387, Call::Execveat),
        (38, Call::Rename),
        (329, Call::Renameat),
        (382, Call::Renameat),
        (9, Call::Link),
        (330, Call::Linkat),
        (83, Call::Symlink),
        (331, Call::Symlinkat),
        (10, Call::Unlink),
        (328, Call::Unlinkat),
        (40, Call::Rmdir),
        (39, Call::Mkdir),
        (323, Call::Mkdirat),
        (14, Call::Mknod),
        (324, Call::Mknodat),
        (92, Call::Truncate),
        (193, Call::Truncate),
        (282, Call::Bind),
        (283, Call::Connect),
        (284, Call::Listen),
        (374, Call::Sendmmsg),
        (66, Call::Setsid),
        (57, Call::Setpgid),
        (37, Call::Kill),
        (178, Call::Kill),
        (238, Call::Tkill),
        (268, Call::Tgkill),
        (363, Call::Tgkill),
        (424, Call::PidfdSignal),
        (425, Call::Ring),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_there_twice() {
        for interface in [&X86_64, &X86_64_X32, &I386, &AARCH64, &ARM] {
            let mut numbers: Vec<u32> = interface.calls.iter().map(|(number, _)| *number).collect();
            numbers.sort_unstable();
            let all = numbers.len();
            numbers.dedup();
            assert_eq!(numbers.len(), all, "{:#x}", interface.arch);
        }
    }

    /// The other interfaces were compared with the tables of the libc crate by hand.
    #[test]
    fn the_numbers_of_this_processor_are_those_of_its_library() {
        let own = INTERFACES
            .iter()
            .find(|one| one.bit == 0)
            .expect("the native one");
        for (number, is) in [
            (libc::SYS_execve, Call::Execve),
            (libc::SYS_openat, Call::Openat),
            (libc::SYS_openat2, Call::Openat2),
            (libc::SYS_renameat2, Call::Renameat),
            (libc::SYS_linkat, Call::Linkat),
            (libc::SYS_symlinkat, Call::Symlinkat),
            (libc::SYS_unlinkat, Call::Unlinkat),
            (libc::SYS_mkdirat, Call::Mkdirat),
            (libc::SYS_mknodat, Call::Mknodat),
            (libc::SYS_bind, Call::Bind),
            (libc::SYS_connect, Call::Connect),
            (libc::SYS_listen, Call::Listen),
            (libc::SYS_sendto, Call::Sendto),
            (libc::SYS_sendmsg, Call::Sendmsg),
            (libc::SYS_sendmmsg, Call::Sendmmsg),
            (libc::SYS_setsid, Call::Setsid),
            (libc::SYS_setpgid, Call::Setpgid),
            (libc::SYS_kill, Call::Kill),
            (libc::SYS_tgkill, Call::Tgkill),
            (libc::SYS_set_robust_list, Call::Appear),
            (libc::SYS_set_tid_address, Call::Appear),
            (libc::SYS_io_uring_setup, Call::Ring),
        ] {
            let number = u32::try_from(number).expect("a number");
            assert_eq!(call(own.arch, number).map(|(call, _)| call), Some(is));
        }
    }
}

//! System calls that a server has no use for, refused with EPERM by seccomp. A list of what is refused and
//! not of what is allowed: a library that begins to use a harmless call does not stop the server. What the
//! unit of systemd refuses is refused here too, but for a few; a test names those and compares.
//!
//! The kernel knows which calls the filter always allows and does not run it for them (Linux 5.11).

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

use super::Grip;

macro_rules! calls {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

type Calls = &'static [(&'static str, libc::c_long)];

/// Other programs.
const PROGRAMS: Calls = calls!(SYS_execve SYS_execveat);

/// Other processes, the machine, the kernel, other users, and ways around the rest.
const NEVER: Calls = calls!(
    // Into other processes.
    SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_kcmp SYS_pidfd_getfd SYS_process_madvise
    // The kernel itself.
    SYS_init_module SYS_finit_module SYS_delete_module SYS_kexec_load SYS_bpf SYS_perf_event_open
    SYS_userfaultfd SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register SYS_syslog SYS_reboot
    SYS_swapon SYS_swapoff SYS_acct SYS_quotactl SYS_quotactl_fd SYS_lookup_dcookie SYS_nfsservctl
    // Other views of the file system, and files by other ways than their names.
    SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_open_tree SYS_fsopen SYS_fsconfig
    SYS_fsmount SYS_fspick SYS_mount_setattr SYS_setns SYS_unshare SYS_mknodat SYS_name_to_handle_at
    SYS_open_by_handle_at SYS_fanotify_init SYS_fanotify_mark SYS_memfd_create SYS_memfd_secret
    // Other users, keys of the kernel.
    SYS_setuid SYS_setgid SYS_setreuid SYS_setregid SYS_setresuid SYS_setresgid SYS_setgroups SYS_setfsuid
    SYS_setfsgid SYS_capset SYS_add_key SYS_request_key SYS_keyctl
    // The clock, the name and the shares of the machine.
    SYS_clock_settime SYS_settimeofday SYS_adjtimex SYS_clock_adjtime SYS_sethostname SYS_setdomainname
    SYS_personality SYS_vhangup SYS_sched_setaffinity SYS_sched_setscheduler SYS_sched_setparam
    SYS_sched_setattr SYS_setpriority SYS_ioprio_set SYS_setrlimit SYS_mbind SYS_set_mempolicy
    SYS_set_mempolicy_home_node SYS_migrate_pages SYS_move_pages SYS_process_mrelease SYS_pkey_alloc SYS_pkey_free
    SYS_pkey_mprotect
    // Memory and messages shared with others.
    SYS_shmget SYS_shmat SYS_shmctl SYS_shmdt SYS_semget SYS_semop SYS_semtimedop SYS_semctl SYS_msgget
    SYS_msgsnd SYS_msgrcv SYS_msgctl SYS_mq_open SYS_mq_unlink
);

/// What only the older numbering has, or every C library names only there.
#[cfg(target_arch = "x86_64")]
const OLD: Calls = calls!(
    SYS_kexec_file_load SYS_ioperm SYS_iopl SYS_modify_ldt SYS_mknod SYS_uselib SYS_ustat SYS_sysfs
    SYS__sysctl SYS_afs_syscall SYS_getpmsg SYS_putpmsg SYS_security SYS_tuxcall SYS_vserver
);
/// By the kernel's own number, which is one for all newer numberings: not every C library names it there.
#[cfg(not(target_arch = "x86_64"))]
const OLD: Calls = &[("SYS_kexec_file_load", 294)];

/// Kinds of sockets that are needed: the network, this machine, and what the C library asks about addresses.
const FAMILIES: [libc::c_int; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Every call that is refused, by name: with `programs`, those are not.
pub(super) fn refused(programs: bool) -> impl Iterator<Item = (&'static str, libc::c_long)> {
    let starting = if programs { &[] } else { PROGRAMS };
    let all = [starting, NEVER, OLD].into_iter().flatten();
    all.map(|(name, number)| (name.trim_start_matches("SYS_"), *number))
}

pub(super) fn hold(programs: bool) -> Grip {
    let count = refused(programs).count();
    match filter(programs).and_then(|filter| apply_filter(&filter)) {
        Ok(()) => Grip::Held(format!("{count} that a server never needs are refused")),
        Err(error) => Grip::Missing(format!("seccomp: {error}")),
    }
}

fn filter(programs: bool) -> Result<BpfProgram, Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = refused(programs)
        .map(|(_, number)| (number, Vec::new()))
        .collect();
    rules.insert(libc::SYS_socket, vec![other_families()?]);
    rules.insert(libc::SYS_mmap, vec![written_and_run()?]);
    rules.insert(libc::SYS_mprotect, vec![made_to_run()?]);
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?;
    Ok(BpfProgram::try_from(filter)?)
}

fn other_families() -> Result<SeccompRule, Error> {
    let other = FAMILIES.map(|family| {
        SeccompCondition::new(
            0,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Ne,
            u64::from(family.unsigned_abs()),
        )
    });
    let other: Result<Vec<_>, _> = other.into_iter().collect();
    Ok(SeccompRule::new(other?)?)
}

/// Memory that may be written and run: nothing here makes code.
fn written_and_run() -> Result<SeccompRule, Error> {
    protection(libc::PROT_WRITE | libc::PROT_EXEC)
}

/// Memory that is made runnable afterwards. Libraries are mapped so from the start.
fn made_to_run() -> Result<SeccompRule, Error> {
    protection(libc::PROT_EXEC)
}

fn protection(bits: libc::c_int) -> Result<SeccompRule, Error> {
    let bits = u64::from(bits.unsigned_abs());
    let set = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits), bits)?;
    Ok(SeccompRule::new(vec![set])?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_call_is_named_once_and_the_filter_compiles() {
        // T-97
        let names: Vec<&str> = refused(false).map(|(name, _)| name).collect();
        let distinct: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), distinct.len());
        for name in ["execve", "kexec_load", "kexec_file_load"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(refused(true).all(|(name, _)| !name.starts_with("exec")));
        assert!(filter(false).is_ok() && filter(true).is_ok());
    }
}

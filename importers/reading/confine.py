"""Take everything from this process that reading a file does not need. There is no way back.

Three layers, each of the kernel: resource limits (POSIX); a seccomp filter without sockets, programs and other
processes (Linux 3.17); a Landlock rule set with the source's own files and the libraries, and nothing else of the
disk (Linux 5.13). Numbers of system calls: arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h of the kernel.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

from importers.reading.limits import Limits

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_RETURN_ALLOW, _RETURN_ERRNO_EPERM, _RETURN_KILL = 0x7FFF0000, 0x00050001, 0x80000000
# BPF: load a word of seccomp_data, jump if equal, jump if greater or equal, return.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_X32 = 0x4000_0000

_DENIED = {
    # machine: (AUDIT_ARCH, numbers)
    "x86_64": (0xC000003E, {
        "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53, "accept4": 288,
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62, "tkill": 200, "ptrace": 101,
        "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_open": 434, "pidfd_getfd": 438,
        "io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250,
        "unshare": 272, "setns": 308, "mount": 165}),
    "aarch64": (0xC00000B7, {
        "socket": 198, "connect": 203, "accept": 202, "bind": 200, "listen": 201, "socketpair": 199, "accept4": 242,
        "execve": 221, "execveat": 281, "kill": 129, "tkill": 130, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_open": 434, "pidfd_getfd": 438,
        "io_uring_setup": 425, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219,
        "unshare": 97, "setns": 268, "mount": 40}),
}

# Landlock's numbers are the same on every machine.
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH, _VERSION = 1, 1
# Rights by the version of the interface that brought them; the sum of a version is all that it knows.
_RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_OF_FILES = _EXECUTE | _WRITE | _READ | (1 << 14) | (1 << 15)

LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache",
             "/etc/localtime", "/dev/urandom", "/dev/null", "/sys/devices/system/cpu")
"""What libraries open on their own, beside what is on Python's path."""

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends. Does nothing where there is no Linux."""
    if sys.platform == "linux":
        parent = os.getppid()
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def confine(limits: Limits, readable: list[Path], writable: Path | None) -> list[str]:
    """Confine this process.

    Args:
        limits: how much it may use.
        readable: files and folders that it may read.
        writable: folder that it may write into; None where it writes nothing.

    Returns:
        What this system cannot deny it, one sentence each; empty where nothing is left.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The soft limit says SIGXCPU, by which the parent knows the cause; the hard one would say SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu, limits.cpu + 5))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    # A write beyond the limit is to be an error that can be reported, not the end.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    open_ends = []
    if not _alone_with_files(readable, writable):
        open_ends.append("This system cannot keep the reading process away from other files (Linux 5.13 can).")
    if not _without_calls():
        open_ends.append("This system cannot keep the reading process away from the network "
                         "(Linux on x86_64 and aarch64 can).")
    return open_ends


def _without_calls() -> bool:
    known = _DENIED.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return False
    architecture, numbers = known
    program = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_IF_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _RETURN_KILL),
               (_LOAD, 0, 0, _NUMBER_AT)]
    denied = sorted(numbers.values())
    # A jump is counted from the next instruction; the last two are "allow" and "refuse".
    program.append((_IF_AT_LEAST, len(denied) + 1, 0, _X32))
    program += [(_IF_EQUAL, len(denied) - at, 0, number) for at, number in enumerate(denied)]
    program += [(_RETURN, 0, 0, _RETURN_ALLOW), (_RETURN, 0, 0, _RETURN_ERRNO_EPERM)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(header), 0, 0) == 0


def _alone_with_files(readable: list[Path], writable: Path | None) -> bool:
    if sys.platform != "linux":
        return False
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, _VERSION)
    if version < 1:
        return False
    rights = _RIGHTS_OF_VERSION[min(version, max(_RIGHTS_OF_VERSION))]
    rules = _libc.syscall(_LANDLOCK_CREATE, ctypes.byref(ctypes.c_uint64(rights)), 8, 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow(rules, path, (_READ | _LIST) & rights)
        if writable is not None:
            _allow(rules, writable, rights & ~_EXECUTE)
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return _libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _OF_FILES
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place))
        _libc.syscall(_LANDLOCK_ADD, rules, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)

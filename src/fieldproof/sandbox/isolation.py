"""Taking the network and other powers away from a process and all its children, where Linux allows.

Two independent means: a network namespace with nothing in it (as root, or through a user namespace),
and a seccomp filter that refuses internet sockets and a few calls no parser needs.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import shutil
import struct
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9

_ALLOW, _ERRNO_EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_AF_UNIX = 1
# audit architecture, then the numbers of: socket, and the calls refused outright
# (ptrace, process_vm_readv, process_vm_writev, mount, bpf, keyctl, io_uring_setup, perf_event_open, userfaultfd)
_CALLS = {
    "x86_64": (0xC000003E, 41, (101, 310, 311, 165, 321, 250, 425, 298, 323)),
    "aarch64": (0xC00000B7, 198, (117, 270, 271, 40, 280, 219, 425, 241, 282)),
}
# Landlock: its three calls (the same number everywhere), and which rights change anything.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _ASK_VERSION, _PATH_BENEATH = 444, 445, 446, 1, 1
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_CHANGES = _WRITE_FILE | sum(
    1 << bit for bit in range(4, 13)
)  # remove and make: files, folders, links, sockets, devices
_OF_A_FILE = _WRITE_FILE | _TRUNCATE
_SOCKETS = 1 << 9 | 1 << 5  # to make them, and to remove files


def isolate() -> str:
    """Shuts this process and its children off; says by what: "namespace+seccomp", …, or "none"."""
    means = [name for name, attempt in (("namespace", _leave_network), ("seccomp", _filter_calls)) if attempt()]
    if means and _landlock(_CREATE_RULESET, None, 0, _ASK_VERSION) >= 1:
        means.append("landlock")  # put on by each child, for its own directory
    return "+".join(means) or "none"


def keep_to(directory: str) -> None:
    """From now on this process writes, makes and removes files below ``directory`` only, where the kernel has Landlock.

    Where LibreOffice is installed, it can still make sockets and remove its own user's files in /tmp.
    """
    version = _landlock(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return
    handled = _CHANGES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    attributes = ctypes.create_string_buffer(struct.pack("Q", handled), 8)
    ruleset = _landlock(_CREATE_RULESET, ctypes.addressof(attributes), 8, 0)
    if ruleset < 0:
        return
    try:
        _allow(ruleset, directory, handled)
        _allow(ruleset, os.devnull, handled & _OF_A_FILE)
        if shutil.which("soffice", path=os.defpath):
            _allow(ruleset, "/tmp", _SOCKETS)  # noqa: S108 (LibreOffice insists on its socket there)
        _landlock(_RESTRICT_SELF, ruleset, 0, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place), 12)
        _landlock(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.addressof(rule), 0)
    finally:
        os.close(place)


def _landlock(number: int, *arguments: int | None) -> int:
    if platform.machine() not in _CALLS:
        return -1
    given = [None if a is None else ctypes.c_ulong(a) for a in arguments]
    try:
        return _libc().syscall(ctypes.c_long(number), *given)
    except (OSError, AttributeError):
        return -1


def die_with_parent() -> None:
    """The kernel kills this process when the thread that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, *values: int) -> bool:
    arguments = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    try:
        return _libc().prctl(option, *arguments) == 0
    except (OSError, AttributeError):
        return False


def _leave_network() -> bool:
    try:
        unshare = _libc().unshare
    except (OSError, AttributeError):
        return False
    if unshare(CLONE_NEWNET) == 0:
        return True
    user, group = os.geteuid(), os.getegid()
    if unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with contextlib.suppress(OSError):  # without the maps we are "nobody", which is enough
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def _filter_calls() -> bool:
    known = _CALLS.get(platform.machine())
    if known is None or not _prctl(_PR_SET_NO_NEW_PRIVS, 1):
        return False
    program = _program(*known)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    holder = ctypes.create_string_buffer(header, len(header))
    return _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(holder))


def _program(architecture: int, socket: int, refused: tuple[int, ...]) -> bytes:
    """Berkeley packet filter code: foreign architectures die, internet sockets and ``refused`` get EPERM."""
    load_number, load_architecture, load_domain = 0, 4, 16
    lines = [
        _load_word(load_architecture),
        _jump_if_equal(architecture, 1, 0),
        _return(_KILL),
        _load_word(load_number),
    ]
    for number in refused:
        lines += [_jump_if_equal(number, 0, 1), _return(_ERRNO_EPERM)]
    lines += [
        _jump_if_equal(socket, 0, 3),
        _load_word(load_domain),
        _jump_if_equal(_AF_UNIX, 1, 0),
        _return(_ERRNO_EPERM),
        _return(_ALLOW),
    ]
    return b"".join(lines)


def _load_word(offset: int) -> bytes:
    return struct.pack("HBBI", 0x20, 0, 0, offset)


def _jump_if_equal(value: int, then: int, otherwise: int) -> bytes:
    return struct.pack("HBBI", 0x15, then, otherwise, value)


def _return(value: int) -> bytes:
    return struct.pack("HBBI", 0x06, 0, 0, value)

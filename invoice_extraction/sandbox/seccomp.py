"""A filter on system calls: no network, no new process, no signal to others, no file to write.

Threads are allowed, because the decoder of HEIC pictures starts one.

Numbers are those of linux/unistd for x86-64 and arm64; on other machines, and where the kernel or the
container takes no filter, the limits of `limits.py` stand alone.
"""

import ctypes
import errno
import os
import platform
import struct
from typing import NamedTuple

_SET_MODE_FILTER, _EVERY_THREAD = 1, 1  # linux/seccomp.h
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_X32 = 0x40000000  # the bit of x86-64's second table of calls
_THREAD = 0x00010000  # CLONE_THREAD in linux/sched.h


class _Machine(NamedTuple):
    """AUDIT_ARCH_* and the numbers of calls of one kind of machine.

    `opening` are those that open a file, with the place of their flags. `tgkill` is allowed towards
    this process itself, because abort() needs it; `clone` for a thread. `clone3` keeps its flags where
    no filter can look, so it is told to be unknown, and the C library takes `clone`.
    """

    architecture: int
    refused: tuple[int, ...]
    opening: dict[int, int]
    seccomp: int
    tgkill: int
    clone: int
    clone3: int = 435


# The refused calls are, line by line:
#   socket connect accept sendto sendmsg bind listen socketpair accept4 sendmmsg
#   [fork vfork] execve execveat setsid setpgid
#   kill tkill ptrace process_vm_readv process_vm_writev pidfd_open pidfd_send_signal
#   [rename mkdir rmdir creat link unlink symlink chmod chown mknod] truncate
#   mkdirat mknodat unlinkat renameat linkat symlinkat fchmodat fchownat renameat2 openat2
#   mount bpf userfaultfd memfd_create io_uring_setup keyctl unshare setns
# fmt: off
_MACHINES = {
    "x86_64": _Machine(0xC000003E, (
        41, 42, 43, 44, 46, 49, 50, 53, 288, 307,
        57, 58, 59, 322, 112, 109,
        62, 200, 101, 310, 311, 434, 424,
        82, 83, 84, 85, 86, 87, 88, 90, 92, 133, 76,
        258, 259, 263, 264, 265, 266, 268, 260, 316, 437,
        165, 321, 323, 319, 425, 250, 272, 308,
    ), {2: 1, 257: 2}, seccomp=317, tgkill=234, clone=56),
    "aarch64": _Machine(0xC00000B7, (
        198, 203, 202, 206, 211, 200, 201, 199, 242, 269,
        221, 281, 157, 154,
        129, 130, 117, 270, 271, 434, 424,
        45,
        34, 33, 35, 38, 37, 36, 53, 54, 276, 437,
        40, 280, 282, 279, 425, 219, 97, 268,
    ), {56: 2}, seccomp=277, tgkill=131, clone=220),
}
# fmt: on


def install() -> bool:
    """Refuse the calls to all threads from now on; return whether the kernel took the filter.

    The process must have set no_new_privs before.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = _program(machine)
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.syscall(machine.seccomp, _SET_MODE_FILTER, _EVERY_THREAD, header) == 0)


def _program(machine: _Machine) -> bytes:
    """Return the filter in BPF; every jump goes a few instructions ahead."""
    code = [
        _instruction(_LOAD, _MACHINE),
        _instruction(_EQUAL, machine.architecture, 1, 0),
        _instruction(_RETURN, _REFUSE),
        _instruction(_LOAD, _NUMBER),
        _instruction(_AT_LEAST, _X32, 0, 1),
        _instruction(_RETURN, _REFUSE),
    ]
    for number in machine.refused:
        code += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _REFUSE)]
    for number, flags in machine.opening.items():
        code += [
            _instruction(_EQUAL, number, 0, 4),
            _instruction(_LOAD, _ARGUMENTS + 8 * flags),
            _instruction(_ANY_BIT, _WRITING, 0, 1),
            _instruction(_RETURN, _REFUSE),
            _instruction(_RETURN, _ALLOW),
        ]
    code += [
        _instruction(_EQUAL, machine.clone3, 0, 1),
        _instruction(_RETURN, _UNKNOWN),
        _instruction(_EQUAL, machine.clone, 0, 4),
        _instruction(_LOAD, _ARGUMENTS),
        _instruction(_ANY_BIT, _THREAD, 1, 0),
        _instruction(_RETURN, _REFUSE),
        _instruction(_RETURN, _ALLOW),
        _instruction(_EQUAL, machine.tgkill, 0, 3),
        _instruction(_LOAD, _ARGUMENTS),
        _instruction(_EQUAL, os.getpid(), 1, 0),
        _instruction(_RETURN, _REFUSE),
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(code)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)

"""A rule on files: only the interpreter's own and the system's programs and fonts can be read.

What a file's reader was made to do by the file, it cannot read a key or another document. Landlock is
in Linux since 5.13, for every user; where the kernel has none, or an old one, the other limits stand
without it. Structures and numbers are those of linux/landlock.h, the same on all machines.
"""

import contextlib
import ctypes
import os
import struct
import sys
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls
_TELL_VERSION = 1
_BENEATH = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# Rights of files that each version knows; what is not named to the kernel stays allowed.
_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK = 0b11  # to bind and to connect, since version 4
_SCOPE = 0b11  # abstract sockets and signals of others, since version 6
_SYSTEM = ("/usr", "/lib", "/lib64")


def version() -> int:
    """Return the version of Landlock that the kernel has; less than 1 where it has none."""
    if sys.platform != "linux":
        return 0
    number: int = ctypes.CDLL(None).syscall(_CREATE, None, ctypes.c_size_t(0), _TELL_VERSION)
    return number


def install() -> bool:
    """Keep this process from all other files from now on; return whether the kernel took the rule.

    The process must have set no_new_privs before.
    """
    known = version()
    if known < 1:
        return False
    files = max(rights for number, rights in _FILES.items() if number <= known)
    attributes = struct.pack(
        "=QQQ", files, _NETWORK if known >= 4 else 0, _SCOPE if known >= 6 else 0
    )
    attributes = attributes[: 8 if known < 4 else 16 if known < 6 else 24]
    libc = ctypes.CDLL(None)
    rules: int = libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for folder in _readable():
            with contextlib.suppress(FileNotFoundError):
                opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
                rule = struct.pack("=Qi", _READ_FILE | _READ_FOLDER, opened)
                libc.syscall(_ADD, rules, _BENEATH, rule, 0)
                os.close(opened)
        return bool(libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _readable() -> set[str]:
    """Return the folders that modules, shared libraries and fonts are loaded from, even late."""
    return {*_SYSTEM, sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[1])}

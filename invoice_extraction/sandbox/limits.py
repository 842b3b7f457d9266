"""The limits of a child, set by itself before it looks at the file."""

import ctypes
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable

from invoice_extraction.errors import ReaderCrashed
from invoice_extraction.sandbox import landlock, seccomp
from invoice_extraction.sandbox.wire import (
    ADDRESS_SPACE,
    CPU_SECONDS,
    CPU_SECONDS_A_PAGE,
    Isolation,
)

_OCR_ADDRESS_SPACE = 2_048 * 1024 * 1024  # bytes; half of it is memory
_WRITABLE = 1_024 * 1024 * 1024  # bytes, of a process that reserves far more addresses than it uses
_FILE_SIZE = 64_000_000  # bytes
_OPEN_FILES = 64
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38  # linux/prctl.h


def confine(cpu: int, cpu_max: int, parent: int) -> None:
    """Take from this process what reading a file does not need; for a child just forked.

    Address space and privileges are limited on Linux only; what the platform refuses there ends the
    child. `parent` is the process whose end ends this one.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu_max + 1))
    _limit_files()
    if sys.platform != "linux":
        return
    _limit_memory(ADDRESS_SPACE)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ReaderCrashed("The process that reads files was stopped.")
    _give_up_rights()


def confine_for_long(*, reserves: bool = False) -> None:
    """Take from this process what its work does not need; for one that lives on and has all it opens.

    With `reserves` the memory it writes to is limited instead of its addresses. The end of its client
    is told by the socket: a signal would come at the end of the thread that started it.
    """
    _limit_files()
    if sys.platform == "linux":
        if reserves:
            resource.setrlimit(resource.RLIMIT_DATA, (_WRITABLE, _WRITABLE))
        else:
            _limit_memory(_OCR_ADDRESS_SPACE)
        _give_up_rights()


def allow_cpu(seconds: int) -> None:
    """Let this process compute for so many seconds more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, most))


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_SIZE, _FILE_SIZE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def _limit_memory(address_space: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))


def _give_up_rights() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)
    landlock.install()
    if not seccomp.install():
        # It counts threads too, so HEIC pictures cannot be decoded where there is no filter.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def isolation() -> Isolation:
    """Return what holds this process: tried, because a kernel's word may be of a container's filter."""
    most = {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: _FILE_SIZE,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
    }
    return Isolation(
        landlock=_is_refused(lambda: os.scandir("/")),
        seccomp=_is_refused(socket.socketpair),
        rlimits=all(0 <= resource.getrlimit(one)[0] <= limit for one, limit in most.items()),
    )


def _is_refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except PermissionError:
        return True
    return False


def allow_pages(count: int) -> None:
    """Raise this process's limit of CPU time for a document of `count` pages."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = round(CPU_SECONDS + CPU_SECONDS_A_PAGE * count)
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most - 1)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

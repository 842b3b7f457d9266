"""What becomes of memory that a worker no longer needs."""

import ctypes
import gc

NEW_OBJECTS = 50_000
"""After how many new objects the youngest are looked through; Python's own 700 are made by each page."""

LARGE = 128 * 1024
"""Bytes from which a block gets pages of its own: glibc's default, which it raises to 32 MB by itself."""

_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
"""Numbers of glibc's malloc.h, for mallopt(3)."""


def return_at_once() -> None:
    """Give large blocks back to the system when they are freed, in the whole process.

    Files, pictures and answers of many sizes come and go on dozens of threads. glibc learns from the first
    of them to keep such blocks in its heaps, where small ones then hold them: a worker grew from 316 to
    391 MB over 1,000 documents of 1 MB, and stays at 165 MB so. A C library without mallopt has other ways.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        # setting a threshold ends its being learned
        mallopt(_MMAP_THRESHOLD, LARGE)
        mallopt(_TRIM_THRESHOLD, LARGE)


def collect_seldom() -> None:
    """Leave out what is loaded by now, and look through the rest less often, in the whole process.

    A large e-invoice makes hundreds of thousands of objects that all stay until it is written: looking
    through them again and again took a fifth of its time, and found nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)

"""Garbage: what a worker leaves to the collector, and gives back."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SAYS = """
import gc
import weakref
from worker.garbage import NEW_OBJECTS, collect_seldom

class Node:
    pass

collect_seldom()
assert gc.get_freeze_count() > 0
made = Node()
made.itself = made
gone = weakref.ref(made)
del made
kept = [[] for _ in range(NEW_OBJECTS + 1)]
assert gone() is None
"""


def runs(program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_a_worker_leaves_out_what_is_loaded_and_still_finds_what_is_lost() -> None:
    runs(SAYS)


GROWS = """
import resource
from pathlib import Path
from worker.garbage import return_at_once

def held() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

return_at_once()
small = []
for size in range(1, 101):
    large = [b"x" * (200_000 + size * 10_000) for _ in range(20)]
    small += [b"x" * (900 + i) for i in range(20)]
    del large
begun = held()
large = [b"x" * (1_000_000 + i) for i in range(100)]
assert held() > begun + 90_000_000
del large
assert held() < begun + 10_000_000
"""


def test_large_blocks_go_back_to_the_system_when_they_are_freed() -> None:
    runs(GROWS)

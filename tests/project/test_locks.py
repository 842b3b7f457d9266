"""The requirements files are what pyproject.toml asks for."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked(*extras: str, groups: tuple[str, ...] = ()) -> list[Requirement]:
    """Return what pyproject.toml names directly, extras of its own followed."""
    project = PROJECT["project"]
    texts = list(project["dependencies"])
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    for group in groups:
        texts += PROJECT["dependency-groups"][group]
    found: list[Requirement] = []
    for requirement in map(Requirement, texts):
        if requirement.name == project["name"]:
            found += asked(*requirement.extras)
        else:
            found.append(requirement)
    return found


def locked(name: str) -> dict[str, list[str]]:
    """Return the versions of each package that a lock holds; more than one where Python decides."""
    found: dict[str, list[str]] = {}
    for match in re.finditer(
        r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", (ROOT / name).read_text(), re.M
    ):
        found.setdefault(canonicalize_name(match[1]), []).append(match[2])
    return found


LOCKS = {
    "requirements.txt": asked("worker"),
    "requirements-app.txt": asked("app"),
    "requirements-dev.txt": asked("worker", "validate", groups=("dev",)),
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_the_project_asks_for(name):
    versions = locked(name)
    for requirement in LOCKS[name]:
        found = versions[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in found), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_of_a_lock_has_hashes(name):
    text = (ROOT / name).read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())
    assert "://" not in text


def test_the_locks_agree_with_one_another():
    everything = locked("requirements-dev.txt")
    for name in ("requirements.txt", "requirements-app.txt"):
        assert {k: v for k, v in everything.items() if k in locked(name)} == locked(name)


def test_the_api_installs_no_engine_of_the_worker():
    assert not {"pydantic-ai-slim", "google-genai", "onnxruntime"} & set(
        locked("requirements-app.txt")
    )

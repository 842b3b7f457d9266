"""The rings hold, and each contract would notice a break: it is broken on purpose in a copy."""

import shutil
import subprocess
import sys
import tomllib

import pytest

from tests.servers import ROOT

PACKAGES = ["invoice_extraction", "service", "app", "worker", "config", "training"]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

VIOLATIONS = {
    "rings": ("invoice_extraction/errors.py", "import service.errors"),
    "library-inside": (
        "invoice_extraction/model/document.py",
        "import invoice_extraction.normalise",
    ),
    "engines-apart": (
        "invoice_extraction/engines/llm/prompt.py",
        "import invoice_extraction.engines.layout.lines",
    ),
    "library-pure": ("invoice_extraction/errors.py", "import sqlalchemy"),
    "service-pure": ("service/errors.py", "import fastapi"),
    "settings-at-the-edge": ("service/jobs.py", "import config.config"),
    "no-cycles": (
        "service/storage/base.py",
        "import service.jobs",
    ),
}


def lint(folder) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path):
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy):
    result = lint(copy)
    assert result.returncode == 0, result.stdout


def test_each_contract_has_its_violation():
    assert {contract["id"] for contract in CONTRACTS} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_a_contract_notices_its_violation(copy, contract):
    path, line = VIOLATIONS[contract["id"]]
    with (copy / path).open("a") as file:
        file.write(f"\n{line}\n")
    result = lint(copy)
    assert result.returncode == 1
    assert f"{contract['name']} BROKEN" in result.stdout

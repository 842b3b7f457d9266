import csv
import importlib
import json
import subprocess
import sys

import pytest

from invoice_extraction import errors
from invoice_extraction.cli import EXIT_CODES, main
from invoice_extraction.sandbox.client import Readers
from tests.servers import ROOT

FILES = ROOT / "samples" / "files"


@pytest.fixture(autouse=True)
def no_model(monkeypatch):
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)


def test_one_file_is_answered_on_standard_output(capfdbinary):
    assert main([str(FILES / "invoice-ubl.xml")]) == 0
    told = json.loads(capfdbinary.readouterr().out)
    truth = json.loads((FILES / "truth.json").read_text())["invoice-ubl.xml"]
    assert told["invoices"][0]["result"]["invoice_number"] == truth["invoice_number"]


def test_several_files_are_written_to_a_folder_with_progress(tmp_path, capfd):
    files = [str(FILES / "invoice-ubl.xml"), str(FILES / "factur-x-de.pdf")]
    assert main([*files, "-o", str(tmp_path)]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {"invoice-ubl.xml.json", "factur-x-de.pdf.json"}
    assert "[2/2]" in capfd.readouterr().err


def test_a_table_of_several_files_is_one_file(tmp_path, capfd):
    out = tmp_path / "all.csv"
    files = [str(FILES / "invoice-ubl.xml"), str(FILES / "factur-x-de.pdf")]
    assert main([*files, "--format", "csv", "-o", str(out)]) == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8-sig", newline="")))
    assert [row["filename"] for row in rows] == ["invoice-ubl.xml", "factur-x-de.pdf"]
    truth = json.loads((FILES / "truth.json").read_text())
    for row in rows:
        assert row["invoice_number"] == truth[row["filename"]]["invoice_number"]


def test_a_bad_file_does_not_sink_the_others(tmp_path, capfd):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"\x00\x01")
    out = tmp_path / "out"
    out.mkdir()
    assert main([str(bad), str(FILES / "invoice-ubl.xml"), "-o", str(out)]) == 1
    assert [p.name for p in out.iterdir()] == ["invoice-ubl.xml.json"]
    assert "[unsupported_type]" in capfd.readouterr().err


def test_pictures_are_combined_into_one_document(tmp_path, capfdbinary):
    photo = FILES / "receipt-photo-de.jpg"
    assert main(["--combine", str(photo), str(photo), "--pages", "2"]) == 0
    told = json.loads(capfdbinary.readouterr().out)
    assert [page["number"] for page in told["pages"]] == [2]
    assert main(["--combine", str(photo), str(photo), "-o", str(tmp_path)]) == 0
    assert [p.name for p in tmp_path.iterdir()] == [f"{photo.name}.json"]


def test_what_cannot_be_combined_is_named(capfd):
    assert main(["--combine", str(FILES / "invoice-en.pdf")]) == 2
    assert "invoice-en.pdf is none" in capfd.readouterr().err


def test_a_missing_file_is_told(capfd):
    assert main(["not-there.pdf"]) == 1
    assert "No such file" in capfd.readouterr().err


def test_a_process_that_does_not_start_is_told_and_the_other_files_are_read(
    tmp_path, capfd, monkeypatch
):
    with Readers(1, ocr_slots=1, ocr_command=[sys.executable, "-c", ""]) as readers:
        pipeline = importlib.import_module("invoice_extraction.extract")
        monkeypatch.setattr(pipeline, "shared_readers", lambda: readers)
        files = [str(FILES / "receipt-photo-de.jpg"), str(FILES / "invoice-en.pdf")]
        assert main([*files, "-o", str(tmp_path)]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["invoice-en.pdf.json"]
    told = capfd.readouterr().err
    assert "does not start" in told
    assert "pip install --force-reinstall" in told
    assert "Traceback" not in told


def test_every_route_can_be_chosen(capfdbinary):
    assert main([str(FILES / "invoice-ubl.xml"), "--engine", "consensus"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["engine"] == "einvoice"


def test_an_engine_that_is_not_set_up_is_told(capfd):
    assert main([str(FILES / "invoice-en.pdf"), "--engine", "llm"]) == 3
    assert "GEMINI_API_KEY" in capfd.readouterr().err


def test_a_wrong_option_is_exit_code_2():
    with pytest.raises(SystemExit) as stop:
        main(["x.pdf", "--engine", "none"])
    assert stop.value.code == 2


def test_every_error_of_the_library_has_an_exit_code():
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert kinds
    assert all(any(base in EXIT_CODES for base in kind.__mro__) for kind in kinds)


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "invoice_extraction", "--help"],
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    assert b"invoice-extract" in done.stdout

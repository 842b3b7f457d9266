"""The recogniser's network, cut: the same answers over fewer characters, and no file that is taken on trust."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from invoice_extraction.ocr import latin
from invoice_extraction.ocr.latin import UnknownNetwork
from tests.ocr.scans import a_scan


@pytest.fixture(scope="module")
def whole() -> bytes:
    package = find_spec("rapidocr")
    assert package is not None
    assert package.origin is not None
    return (Path(package.origin).parent / "models" / "PP-OCRv6_rec_small.onnx").read_bytes()


def test_the_cut_network_says_what_the_whole_one_says_of_latin_characters(whole: bytes) -> None:
    network = latin.cut(whole)
    line = np.asarray(a_scan(dpi=110).crop((60, 60, 700, 108)), np.float32) / 127.5 - 1
    given = {"x": np.broadcast_to(line, (1, 3, 48, 640)).copy()}
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(whole, providers=providers)
    (scores,) = session.run(None, given)
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    every = ["", *characters, " "]
    best, confidence = onnxruntime.InferenceSession(network.onnx, providers=providers).run(
        None, given
    )
    kept = [every.index(c) for c in network.characters[:-1]] + [len(every) - 1]
    assert best[0].tolist() == scores[0][:, kept].argmax(1).tolist()
    assert (confidence[0] >= scores[0].max(1) - 1e-4).all()  # its rivals are fewer


def test_the_characters_are_those_of_european_invoices(whole: bytes) -> None:
    network = latin.cut(whole)
    assert set("AZaz09äöüßéèêçñáíóúłřžščćńśęąůďťőűøåæœ€£$%°²–’“«»™‰ ") <= set(network.characters)
    assert not set("中国あア한Жψ") & set(network.characters)
    assert network.characters[0] == ""


def test_the_cut_network_is_a_sound_onnx_file(whole: bytes) -> None:
    onnx.checker.check_model(onnx.load_model_from_string(latin.cut(whole).onnx))


@pytest.mark.parametrize("kept", [0, 1, 1_000, 5_000_000])
def test_a_file_that_is_cut_off_is_refused(whole: bytes, kept: int) -> None:
    with pytest.raises(UnknownNetwork):
        latin.cut(whole[:kept])


def test_a_network_that_is_no_recogniser_is_refused(whole: bytes) -> None:
    model = onnx.load_model_from_string(whole)
    del model.metadata_props[:]
    with pytest.raises(UnknownNetwork):
        latin.cut(model.SerializeToString())
    other = onnx.load_model_from_string(whole)
    other.metadata_props[0].value += "\nx"  # no layer has one class more
    with pytest.raises(UnknownNetwork):
        latin.cut(other.SerializeToString())

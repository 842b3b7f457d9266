"""OCR by the networks and the loop of "rapid", run by OpenVINO (the extra "openvino")."""

import sys
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from invoice_extraction.model.document import Raster
from invoice_extraction.ocr import rapid
from invoice_extraction.ocr.base import Recognised

_SETTINGS = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}


def recognise(raster: Raster) -> Recognised:
    """Return the words of a page, as the backend "rapid" does."""
    return rapid.read(_networks(), raster)


@cache
def _networks() -> rapid.Networks:
    """Return the networks, loaded once in a process."""
    # It tells its maker of each import, by this package, which is therefore not to be found.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    core = openvino.Core()

    def prepare(onnx: bytes) -> rapid.Network:
        request = core.compile_model(core.read_model(onnx), "CPU", _SETTINGS).create_infer_request()

        def run(picture: NDArray[np.float32]) -> list[NDArray[Any]]:
            found = request.infer([picture], share_inputs=True)
            return [output.copy() for output in found.values()]  # the next run writes there

        return run

    return rapid.load(prepare)

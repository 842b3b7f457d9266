"""A recogniser's network with its last layer cut down to the characters of Latin scripts.

The network tells 18,000 Chinese characters apart, and its last layer is then a third of its size and
half of its time. The columns of all others are taken out of the file's bytes, and the best class and
its probability are computed inside the network, so that no large array leaves it. The file is ONNX,
which is Protocol Buffers; only the few messages that change are taken apart (onnx.proto3).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_NODE, _INITIALIZER, _OUTPUT, _VALUE_INFO = 1, 5, 12, 13  # GraphProto
_GRAPH, _METADATA = 7, 14  # ModelProto
_DIMS, _DATA_TYPE, _NAME, _RAW_DATA = 1, 2, 8, 9  # TensorProto
_FLOAT, _INT64 = 1, 7  # TensorProto.DataType
_INT, _INTS = 2, 7  # AttributeProto.AttributeType
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types

_LATIN = (
    (0x20, 0x250),
    (0x1E00, 0x1F00),
    (0x2000, 0x2070),  # dashes, quotation marks, bullets
    (0x20A0, 0x20D0),  # currencies
    (0x2100, 0x2200),  # №, ™
)


class UnknownNetwork(ValueError):
    """The file is not built as a recogniser's network is."""


@dataclass(frozen=True, slots=True)
class Network:
    """The network as ONNX with input `x` and outputs `best` and `confidence`, one for each step.

    `characters` are the classes; the first, an empty one, is "no character here".
    """

    onnx: bytes
    characters: tuple[str, ...]


def cut(model: bytes) -> Network:
    """Return the network with the characters of Latin scripts alone.

    Raises:
        UnknownNetwork: It has no list of characters, or no last layer that fits the list.
    """
    parts = list(_fields(memoryview(model)))
    characters = _characters(parts)
    kept = [n for n, c in enumerate(characters) if _is_latin(c)]
    graph = b"".join(
        _field(number, _smaller(value, len(characters), kept)) if number == _GRAPH else raw
        for number, value, raw in parts
    )
    return Network(graph, tuple(characters[n] for n in kept))


def _characters(parts: "list[_Part]") -> list[str]:
    for number, value, _ in parts:
        if number != _METADATA:
            continue
        entry = {key: bytes(text) for key, text, _ in _fields(value)}
        if entry.get(1) == b"character":
            # The first class is "none", the last the space: neither stands in the list.
            return ["", *entry[2].decode().splitlines(), " "]
    raise UnknownNetwork("The network holds no list of characters.")


def _is_latin(character: str) -> bool:
    if len(character) != 1:
        return not character
    return any(first <= ord(character) < end for first, end in _LATIN)


def _smaller(graph: memoryview, classes: int, kept: list[int]) -> bytes:
    """Return the graph with the kept classes, and the best one for each step as its outputs."""
    pieces: list[bytes | memoryview] = []
    nodes: list[bytes | memoryview] = []
    scores = ""
    cuts = 0
    for number, value, raw in _fields(graph):
        if number == _NODE:
            nodes.append(raw)
        elif number == _OUTPUT:
            scores = _name(value, 1)
        elif number == _INITIALIZER:
            tensor = _cut_tensor(value, classes, kept)
            cuts += tensor is not None
            pieces.append(raw if tensor is None else _field(_INITIALIZER, tensor))
        elif number != _VALUE_INFO:  # told shapes would contradict the new ones
            pieces.append(raw)
    if cuts != 2 or not scores:  # the layer's weights and its offsets
        raise UnknownNetwork("The network's last layer does not fit its list of characters.")
    last_axis = (_attribute("keepdims", 0),)
    nodes += [
        _field(_NODE, _node("ArgMax", scores, "best", _attribute("axis", 2), *last_axis)),
        _field(
            _NODE, _node("ReduceMax", scores, "confidence", _attribute("axes", [2]), *last_axis)
        ),
    ]
    outputs = [_field(_OUTPUT, _tensor_info("best", _INT64))]
    outputs.append(_field(_OUTPUT, _tensor_info("confidence", _FLOAT)))
    return b"".join([*nodes, *pieces, *outputs])


def _cut_tensor(tensor: memoryview, classes: int, kept: list[int]) -> bytes | None:
    """Return a tensor whose last axis is the classes, cut; None for any other."""
    parts = list(_fields(tensor))
    shape = [_integer(value) for number, value, _ in parts if number == _DIMS]
    if not shape or shape[-1] != classes:
        return None
    data = next((value for number, value, _ in parts if number == _RAW_DATA), None)
    if data is None or len(data) != 4 * int(np.prod(shape)):
        return None
    columns = np.frombuffer(data, "<f4").reshape(-1, classes)[:, kept]
    rest = b"".join(raw for number, _, raw in parts if number not in (_DIMS, _RAW_DATA))
    dims = b"".join(_number(_DIMS, size) for size in [*shape[:-1], len(kept)])
    return dims + rest + _field(_RAW_DATA, columns.tobytes())


def _node(kind: str, source: str, target: str, *attributes: bytes) -> bytes:
    return b"".join(
        [
            _field(1, source.encode()),
            _field(2, target.encode()),
            _field(4, kind.encode()),
            *(_field(5, attribute) for attribute in attributes),
        ]
    )


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name.encode()) + _number(3, value) + _number(20, _INT)
    many = b"".join(_number(8, one) for one in value)
    return _field(1, name.encode()) + many + _number(20, _INTS)


def _tensor_info(name: str, kind: int) -> bytes:
    """Return the description of an output of two axes, lines and steps, of any length."""
    shape = _field(1, b"") + _field(1, b"")
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))


_Part = tuple[int, memoryview, memoryview]
"""A field's number, its value (a number as its varint's bytes), and the whole field as it stood."""


def _fields(message: memoryview) -> Iterator[_Part]:
    at = 0
    while at < len(message):
        begin = at
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _BYTES:
            length, at = _varint(message, at)
            end = at + length
        elif wire == _VARINT:
            _, end = _varint(message, at)
        elif wire in (_FIXED64, _FIXED32):
            end = at + (8 if wire == _FIXED64 else 4)
        else:
            raise UnknownNetwork("The file is no ONNX file.")
        if end > len(message):
            raise UnknownNetwork("The file is cut off.")
        yield key >> 3, message[at:end], message[begin:end]
        at = end


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return the number that begins at `at`, and where it ends."""
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise UnknownNetwork("The file is cut off.")


def _integer(value: memoryview) -> int:
    return _varint(value, 0)[0]


def _name(message: memoryview, wanted: int) -> str:
    return next((str(v, "utf-8") for number, v, _ in _fields(message) if number == wanted), "")


def _number(number: int, value: int) -> bytes:
    return _encoded(number << 3 | _VARINT) + _encoded(value)


def _field(number: int, value: bytes) -> bytes:
    return _encoded(number << 3 | _BYTES) + _encoded(len(value)) + value


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)

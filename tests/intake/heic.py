"""A HEIC picture, written without an encoder: HEVC whose every block holds its pixels as they are.

Numbers in brackets are clauses of ITU-T H.265 (08/2021); boxes are those of ISO/IEC 23008-12.
"""

import struct

from PIL import Image

_BLOCK = 16
# Column 3 of rangeTabLps [table 9-52], by state.
_LESS = (
    240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110, 104, 99, 94, 89,
    85, 80, 76, 72, 69, 65, 62, 59, 56, 53, 50, 48, 45, 43, 41, 39, 37, 35, 33, 31, 30, 28, 27, 25,
    24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 14, 13, 12, 12, 11, 11, 10, 9,
)  # fmt: skip


def heic(picture: Image.Image, *, quarter_turns: int = 0) -> bytes:
    """Return the picture as HEIC, to be shown turned anti-clockwise; its sides are multiples of 16."""
    sets = [_unit(32, _video_set()), _unit(33, _sequence_set(picture)), _unit(34, _picture_set())]
    slice_ = _unit(20, _slice(picture))
    item = struct.pack(">I", len(slice_)) + slice_
    properties = _box("hvcC", _configuration(sets)) + _full(
        "ispe", struct.pack(">II", *picture.size)
    )
    associated = [0x81, 2]
    if quarter_turns:
        properties += _box("irot", bytes([quarter_turns]))
        associated.append(0x83)
    kind = _box("ftyp", b"heic\0\0\0\0mif1heic")
    places = [0, 0]
    for _ in range(2):  # the second time with the place that the first one showed
        meta = _full(
            "meta",
            _full("hdlr", b"\0\0\0\0pict" + bytes(13)),
            _full("pitm", struct.pack(">H", 1)),
            _full("iloc", struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, *places)),
            _full("iinf", struct.pack(">H", 1), _full("infe", b"\0\1\0\0hvc1\0", version=2)),
            _box(
                "iprp",
                _box("ipco", properties)
                + _full("ipma", struct.pack(">IHB", 1, 1, len(associated)), bytes(associated)),
            ),
        )
        places = [len(kind) + len(meta) + 8, len(item)]
    return kind + meta + _box("mdat", item)


class _Bits:
    def __init__(self) -> None:
        self._text = ""

    def u(self, *fields: tuple[int, int]) -> "_Bits":
        """Add (value, bits) each [9.2: u(n)]."""
        self._text += "".join(f"{value:0{bits}b}" for value, bits in fields)
        return self

    def ue(self, *values: int) -> "_Bits":
        """Add Exp-Golomb codes [9.2]; a signed 0 is the same."""
        for value in values:
            code = f"{value + 1:b}"
            self._text += "0" * (len(code) - 1) + code
        return self

    def ended(self) -> bytes:
        """Return the bytes, with stop bit and alignment [7.3.2.11]."""
        text = self._text + "1"
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")


def _profile(bits: _Bits) -> _Bits:
    """Add profile Main, level 4 [7.3.3]."""
    return bits.u((0, 3), (1, 5), (0x60000000, 32), (0b1001, 4), (0, 44), (120, 8))


def _video_set() -> bytes:
    bits = _Bits().u((0, 4), (3, 2), (0, 6), (0, 3), (1, 1), (0xFFFF, 16))  # [7.3.2.1]
    return _profile(bits).u((1, 1)).ue(0, 0, 0).u((0, 6)).ue(0).u((0, 2)).ended()


def _sequence_set(picture: Image.Image) -> bytes:
    bits = _profile(_Bits().u((0, 4), (0, 3), (1, 1)))  # [7.3.2.2]
    bits.ue(0, 1, *picture.size).u((0, 1)).ue(0, 0, 0).u((1, 1)).ue(0, 0, 0)
    bits.ue(0, 1, 0, 2, 0, 0)  # blocks of 8 to 16, transforms of 4 to 16
    bits.u((0, 3), (1, 1), (7, 4), (7, 4)).ue(0, 1).u((1, 1))  # pixels as they are, of 8 bits
    return bits.ue(0).u((0, 5)).ended()


def _picture_set() -> bytes:
    bits = _Bits().ue(0, 0).u((0, 7)).ue(0, 0, 0).u((0, 3)).ue(0, 0).u((0, 7))  # [7.3.2.3]
    return bits.u((0b101, 3), (0, 2)).ue(0).u((0, 2)).ended()


def _slice(picture: Image.Image) -> bytes:
    """Return the slice: its header [7.3.6.1], then each block's flags and pixels [7.3.8]."""
    out = bytearray(_Bits().u((0b10, 2)).ue(0, 2, 0).ended())
    luma, blue, red = picture.convert("YCbCr").split()
    half = (picture.width // 2, picture.height // 2)
    planes = [luma.point(lambda v: 16 + v * 219 // 255), blue.resize(half), red.resize(half)]
    width, height = picture.size
    index = 0
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            # One regular bin "not split" and the last bin "as they are", in 9 bits [9.3.4.3].
            range_ = (508 if index else 510) - _LESS[min(index, 62)] - 2
            out += ((range_ | 1) << 7).to_bytes(2, "big")
            for plane, part in zip(planes, (1, 2, 2), strict=True):
                box = (left, top, left + _BLOCK, top + _BLOCK)
                out += plane.crop(tuple(side // part for side in box)).tobytes()  # type: ignore[arg-type]
            index += 1
    return bytes(out) + b"\xfe\x80"


def _unit(kind: int, payload: bytes) -> bytes:
    """Return a NAL unit [7.3.1], with its emulation prevention."""
    out = bytearray([kind << 1, 1])
    zeros = 0
    for byte in payload:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        zeros = zeros + 1 if byte == 0 else 0
        out.append(byte)
    return bytes(out)


def _configuration(sets: list[bytes]) -> bytes:
    """Return the decoder's configuration (ISO/IEC 14496-15, 8.3.3.1)."""
    out = b"\1\1" + struct.pack(">I", 0x60000000) + b"\x90\0\0\0\0\0" + bytes([120])
    out += b"\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f" + bytes([len(sets)])
    for kind, unit in zip((32, 33, 34), sets, strict=True):
        out += struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit
    return out


def _box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind.encode() + body


def _full(kind: str, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, bytes([version, 0, 0, 0]), *parts)

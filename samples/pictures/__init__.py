"""Picture files by name: what a document becomes once it is only seen. One file and one line make a new one."""

from samples.pictures import jpeg, pdf, png, tiff, webp
from samples.pictures.base import Picture

PICTURES: dict[str, Picture] = {
    "scan-jpeg": jpeg.PICTURE,
    "scan-pdf": pdf.PICTURE,
    "scan-png": png.PICTURE,
    "scan-tiff": tiff.PICTURE,
    "scan-webp": webp.PICTURE,
}

__all__ = ["PICTURES", "Picture"]

"""Where people say that values stand: what a correction tells of it beside the values."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    TypeAdapter,
    ValidationError,
)

from invoice_extraction.model.extraction import Evidence, RelativeBox
from invoice_extraction.validate.corrected import PERSON

MEMBER = "evidence"
"""The member of a correction that tells places; no field of an invoice has this name."""

MOST_BOXES = 50


def _with_area(box: RelativeBox) -> RelativeBox:
    left, top, right, bottom = box
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError("a box is left, top, right, bottom, each 0 to 1 of the page")
    return box


class _Place(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page: StrictInt
    boxes: Annotated[
        tuple[Annotated[RelativeBox, AfterValidator(_with_area)], ...],
        Field(min_length=1, max_length=MOST_BOXES),
    ]


_places = TypeAdapter(dict[str, _Place | None])


def read(
    told: Any, values: Collection[str], pages: Collection[int]
) -> tuple[dict[str, Evidence | None], list[tuple[str, str]]]:
    """Return the places that a correction tells, and pointers to what is wrong there and why.

    By a value's pointer it is a person's evidence, None where what a person said before is taken back.
    `values` are the pointers of what the invoice says, `pages` the numbers of the file's.
    """
    try:
        places = _places.validate_python(told)
    except ValidationError as error:
        return {}, [(_pointer(one["loc"]), one["msg"]) for one in error.errors()]
    wrong = []
    for at, place in places.items():
        if place and at not in values:
            wrong.append((_pointer((at,)), "There is no such value"))
        elif place and place.page not in pages:
            wrong.append((_pointer((at, "page")), f"There is no page {place.page}"))
    return {
        at: None if place is None else replace(PERSON, page=place.page, boxes=place.boxes)
        for at, place in places.items()
    }, wrong


def known(places: Mapping[str, Evidence]) -> dict[str, Any]:
    """Return places as a correction tells them."""
    return {
        at: {"page": one.page, "boxes": [list(box) for box in one.boxes]}
        for at, one in places.items()
    }


def _pointer(way: Collection[str | int]) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in way)
    return "".join(f"/{step}" for step in (MEMBER, *steps))

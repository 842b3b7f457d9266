"""Layouts by name: how a document is set on paper. One file and one line make a new one."""

from samples.layouts import letter, modern, ruled, till
from samples.layouts.base import Layout

LAYOUTS: dict[str, Layout] = {
    "letter": letter.LAYOUT,
    "modern": modern.LAYOUT,
    "ruled": ruled.LAYOUT,
    "till": till.LAYOUT,
}

__all__ = ["LAYOUTS", "Layout"]

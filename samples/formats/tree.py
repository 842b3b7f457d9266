"""XML being written that remembers which values of the invoice it states."""

from datetime import date
from decimal import Decimal

from lxml import etree

Scalar = str | Decimal | date


class Tree:
    """An XML document under one root; `pointers` collects the JSON Pointers of the values written."""

    def __init__(self, root: str, namespaces: dict[str | None, str]) -> None:
        self._namespaces = namespaces
        self.root = etree.Element(self._name(root), nsmap=namespaces)  # type: ignore[arg-type]  # None is the default namespace
        self.pointers: set[str] = set()

    def under(self, parent: etree._Element, path: str) -> etree._Element:
        """Return a new element at the path ("a:B/a:C") below the parent; every step is new."""
        for step in path.split("/"):
            parent = etree.SubElement(parent, self._name(step))
        return parent

    def put(
        self,
        parent: etree._Element,
        path: str,
        value: Scalar | None,
        pointer: str | None = None,
        **attributes: str,
    ) -> None:
        """Write the value at the path and note its pointer; a value of None writes nothing."""
        if value is None:
            return
        element = self.under(parent, path)
        element.text = format(value, "f") if isinstance(value, Decimal) else str(value)
        for name, text in attributes.items():
            element.set(name, text)
        if pointer:
            self.pointers.add(pointer)

    def finish(self) -> bytes:
        """Return the document, indented, in UTF-8."""
        etree.indent(self.root)
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8") + b"\n"

    def _name(self, prefixed: str) -> str:
        prefix, _, local = prefixed.rpartition(":")
        return f"{{{self._namespaces[prefix or None]}}}{local}"

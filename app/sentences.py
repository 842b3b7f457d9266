"""What the library and the service say in English, as forms with {places}: the page tells it in its language."""

SENTENCES: tuple[str, ...] = ()

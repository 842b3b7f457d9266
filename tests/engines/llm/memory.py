"""A memory that keeps answers in a dict."""


class Kept:
    """What is kept, by key."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}

    def recall(self, key: str) -> bytes | None:
        return self.answers.get(key)

    def keep(self, key: str, answer: bytes) -> None:
        self.answers[key] = answer

"""A memory that keeps answers in a dict."""

from invoice_extraction.model import calls


class Kept:
    """What is kept, by key; `own` is whether who asks again is who asked first."""

    def __init__(self, *, own: bool = False) -> None:
        self.answers: dict[str, bytes] = {}
        self.own = own

    def recall(self, key: str, *, only_own: bool = False) -> calls.Kept | None:
        answer = None if only_own and not self.own else self.answers.get(key)
        return calls.Kept(answer, own=self.own) if answer is not None else None

    def keep(self, key: str, answer: bytes) -> bool:
        self.answers[key] = answer
        return True

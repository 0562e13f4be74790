"""A PIN, a key or a code on its way through the program: nothing that prints or stores values can show it."""

from __future__ import annotations

import hmac


class Secret:
    """A text that only `reveal` gives out.

    Its `repr` hides it, and it cannot be encoded: it never reaches the log, the journal or the outbox.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return "Secret(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not kept in files")

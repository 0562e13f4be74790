"""An order that is collected in a sale: which one, and which of its copies lie on the counter.

A value only; how it comes into a sale and what it costs there is `shop.collecting`.
"""

from __future__ import annotations

import msgspec


class Collected(msgspec.Struct, frozen=True):
    """An order in the sale of the customer who collects it.

    `copies` are (line id, copies) scanned out; `seen` is by what the customer was known. `due_cents` is what
    was to be collected for it when it came into the sale: 0 for one that is paid. One that went out unpaid
    has no copies any more.
    """

    order: str
    number: str
    customer: str
    copies: tuple[tuple[str, int], ...]
    seen: str = ""
    due_cents: int = 0

    @property
    def books(self) -> int:
        """Return how many copies are handed over."""
        return sum(copies for _line, copies in self.copies)

    @property
    def sentence(self) -> str:
        """Return what the receipt says of it; no name stands there, because the journal keeps it for ever."""
        if not self.copies:
            return f"Paid later: order {self.number}"
        return f"Collected: order {self.number}, {count_of(self.books)}"


def count_of(copies: int) -> str:
    """Return a number of copies in words."""
    return "1 book" if copies == 1 else f"{copies} books"

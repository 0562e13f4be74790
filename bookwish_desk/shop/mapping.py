"""How the columns of a list were mapped by a person: for this list, and for earlier ones."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from bookwish_desk.shop.headings import FIELDS, recognise
from bookwish_desk.shop.text import clean

Mapped = tuple[tuple[str, str], ...]
"""Headings and the field (of `headings.FIELDS`) that each is mapped to; "" is left out."""

MOST_KEPT = 200
"""So many headings are remembered; the oldest go first."""


class Mapping(msgspec.Struct, frozen=True):
    """The columns of one list. Columns of the same heading go together.

    `kept` is what was mapped for earlier lists, by `heading_key`; `chosen` what a person mapped for this
    one, by the heading as it stands.
    """

    headings: tuple[str, ...]
    kept: Mapped = ()
    chosen: Mapped = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the field of each column: as it was mapped, else as its heading says."""
        return recognise(self.headings, dict(self.said))

    @property
    def said(self) -> Mapped:
        """Return the headings of this list that were mapped, now or before."""
        before, now = dict(self.kept), dict(self.chosen)
        known = {h: before[heading_key(h)] for h in self.headings if before.get(heading_key(h)) in _USABLE}
        return tuple((known | {h: now[h] for h in self.headings if h in now}).items())

    @property
    def learned(self) -> Mapped:
        """Return what is worth keeping for the next list, with what was kept before."""
        known = dict(self.kept)
        usual = dict(zip(self.headings, recognise(self.headings, {}), strict=True))
        for heading, field in self.chosen:
            if heading in usual and (key := heading_key(heading)):
                known.pop(key, None)
                if field != usual[heading]:
                    known[key] = field
        return tuple(known.items())[-MOST_KEPT:]

    def choose(self, heading: str, field: str) -> Mapping:
        """Return the mapping with a heading mapped by a person."""
        return replace(self, chosen=tuple({**dict(self.chosen), heading: field}.items()))


_USABLE = frozenset(("", *FIELDS))  # a newer program may have kept others


def heading_key(heading: str) -> str:
    """Return what tells headings of different lists apart: capitals and blanks at the ends do not."""
    return clean(heading, 60).casefold()

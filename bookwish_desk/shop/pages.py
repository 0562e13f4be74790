"""Pages for a document printer, as a value: a PDF that the desk made itself."""

from __future__ import annotations

import msgspec


class Pages(msgspec.Struct, frozen=True):
    """One job for a document printer; `title` is what a person finds it by in the printer's queue."""

    pdf: bytes
    title: str

"""Tables as CSV that no spreadsheet takes for formulas. Text only; who writes it where is not known here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate (OWASP ASVS 1.2.10)."""


def guarded(cell: str) -> str:
    """Return a cell as every spreadsheet shows it: one that looks like a formula behind an apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV with lines that end in CR LF (RFC 4180), every cell guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return out.getvalue()

"""Writes figures as a file that a spreadsheet opens, whole or not at all; on a lane."""

from __future__ import annotations

import os
from pathlib import Path

from bookwish_desk.shop.csv_text import csv_text
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.figure_csv import rows
from bookwish_desk.shop.figures import Figures
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.money import Currency


def write(target: str, found: Figures, money: Currency, captured: tuple[int, int]) -> str:
    """Write the figures to a path, in place of what is there, and return the path.

    UTF-8 with the mark by which spreadsheets know it. Raises StorageError when it cannot be written.
    """
    path = Path(target)
    part = path.with_name(f".{new_id()}.part")
    try:
        with part.open("xb") as file:
            file.write(csv_text(rows(found, money, captured)).encode("utf-8-sig"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise StorageError(
            "csv", f"The figures could not be saved as {path.name}. Choose another place, or make room."
        ) from fault
    return target

"""The floors: the least that each thing takes with the same driver, disk and toolkit, and none of our code.

What is written here is what the desk writes, row for row, as plain SQL with everything worked out before.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookwish_desk.db import engine

_CHILDREN = ("sale_lines", "sale_taxes", "tenders")
_NOTED = ("stock_moves", "till_entries", "journal")
_TITLE = (
    "SELECT ean, title, authors, publisher, year, price_cents, tax_class FROM catalogue.titles WHERE ean = ?"
)
_FOUND = """
SELECT t.ean, t.title, t.authors, t.publisher, t.year, t.price_cents
FROM (SELECT rowid AS place FROM catalogue.title_search WHERE title_search MATCH ? ORDER BY rowid LIMIT 20)
CROSS JOIN catalogue.titles AS t ON t.id = place
"""


class Driver:
    """A shop of its own beside the measured one, read and written through the bare driver.

    The catalogue is only read: it may be that of the measured shop.
    """

    def __init__(self, folder: Path, catalogue: Path) -> None:
        self.reader = engine.connect(folder / engine.SHOP_FILE, catalogue=catalogue, writes=False)
        self.writer = engine.connect(folder / engine.SHOP_FILE)
        self.writer.execute("PRAGMA wal_autocheckpoint = 0")
        self._sale: dict[str, list[dict[str, Any]]] = {}
        self._inserts: dict[str, str] = {}

    def title(self, ean: int) -> Any:
        """Look one title up."""
        return self.reader.execute(_TITLE, (ean,)).fetchone()

    def search(self, match: str) -> Any:
        """Find the twenty most popular titles that match."""
        return self.reader.execute(_FOUND, (match,)).fetchall()

    def put_draft(self, draft_id: str, body: str) -> None:
        """Keep a draft in the place of the one that is open; not measured."""
        self.writer.execute("DELETE FROM drafts")
        self.writer.execute("INSERT INTO drafts VALUES (?, 1, 'open', NULL, 0, ?)", (draft_id, body))

    def save_draft(self, draft_id: str, body: str, at: int) -> None:
        """Commit a changed draft; `at` must differ from before, or nothing is written at all."""
        self.writer.execute("BEGIN IMMEDIATE")
        self.writer.execute("UPDATE drafts SET body = ?, updated_at = ? WHERE id = ?", (body, at, draft_id))
        self.writer.execute("COMMIT")

    def learn_sale(self, sale_id: str) -> None:
        """Take the rows of a sale that the desk made here as the pattern of those that `sell` writes."""
        receipt = self._rows("sales", "id", sale_id)[0]["receipt"]
        self._sale = {"sales": self._rows("sales", "id", sale_id)}
        self._sale |= {table: self._rows(table, "sale", sale_id) for table in _CHILDREN}
        self._sale |= {table: self._rows(table, "ref", receipt) for table in (*_NOTED, "outbox")}
        for table, rows in self._sale.items():
            for row in rows:
                if table in ("stock_moves", "till_entries"):
                    del row["id"]
            names = list(rows[0])
            marks = ", ".join(f":{name}" for name in names)
            self._inserts[table] = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"

    def _rows(self, table: str, column: str, value: str) -> list[dict[str, Any]]:
        found = self.writer.execute(f"SELECT * FROM {table} WHERE {column} = ?", (value,))
        names = [part[0] for part in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def sell(self, number: int, draft_id: str, skus: Sequence[str]) -> None:
        """Commit a sale like the learnt one, but of `skus`: its rows, the stock, the counter, the draft."""
        raw, fresh = self.writer, f"{number:032d}"
        each: dict[str, dict[str, Any]] = {
            "sales": {"id": fresh, "number": number, "receipt": fresh},
            **{table: {"sale": fresh} for table in _CHILDREN},
            **{table: {"ref": fresh} for table in (*_NOTED, "outbox")},
        }
        each["journal"] = {"ref": fresh, "seq": number}
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("UPDATE counters SET value = value + 1 WHERE name = 'sale-1'")
        for table, learnt in self._sale.items():
            rows = [{**row, **each[table]} for row in learnt]
            for place, row in enumerate(rows):
                if "sku" in row:
                    row["sku"] = skus[place]
                elif table == "outbox":
                    row["id"] = f"{place}{fresh}"
            raw.executemany(self._inserts[table], rows)
        raw.executemany("UPDATE items SET on_hand = on_hand - 1 WHERE sku = ?", [(sku,) for sku in skus])
        raw.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))
        raw.execute("COMMIT")

    def checkpoint(self) -> None:
        """Move the log into the file, as the desk does when nobody sells."""
        self.writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close both connections."""
        self.reader.close()
        self.writer.close()


class Disk:
    """A file that is written and synced in place: what no durable commit can go below."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "sync", os.O_RDWR | os.O_CREAT, 0o600)
        os.write(self._file, bytes(4096))
        os.fsync(self._file)

    def sync(self) -> None:
        """Write a page and wait until it is on the disk."""
        os.pwrite(self._file, bytes(4096), 0)
        getattr(os, "fdatasync", os.fsync)(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

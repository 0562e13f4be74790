"""What must be true of the books after a crash: the doctor's checks, and SQL of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bookwish_desk.actions.checking import BOOKS, Finding
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import open_store
from tests.crash.nest import Ack

MUST_BE_EMPTY = {
    "lines and total": "SELECT s.receipt FROM sales s WHERE s.total_cents IS NOT "
    "(SELECT sum(total_cents) FROM sale_lines WHERE sale = s.id)",
    "payments and total": "SELECT s.receipt FROM sales s WHERE s.total_cents + s.rounding_cents IS NOT "
    "(SELECT coalesce(sum(amount_cents), 0) FROM tenders WHERE sale = s.id)",
    "a journal entry for each sale": "SELECT s.receipt FROM sales s WHERE 1 <> (SELECT count(*) FROM journal "
    "WHERE ref = s.receipt AND kind = s.kind || '.completed')",
    "a till entry for each sale": "SELECT s.receipt FROM sales s WHERE 1 <> "
    "(SELECT count(*) FROM till_entries WHERE ref = s.receipt AND till = s.till)",
    "a receipt to print for each sale": "SELECT s.receipt FROM sales s WHERE 1 <> "
    "(SELECT count(*) FROM outbox WHERE ref = s.receipt AND kind = 'receipt')",
    "stock and lines": "SELECT x.sku FROM (SELECT sku, sum(quantity) AS sold FROM sale_lines WHERE stocked "
    "GROUP BY sku) x LEFT JOIN items i ON i.sku = x.sku WHERE i.on_hand IS NOT -x.sold",
    "one open sale a register": "SELECT register FROM drafts WHERE state = 'open' "
    "GROUP BY register HAVING count(*) > 1",
    "a sale that is still a draft": "SELECT d.id FROM drafts d JOIN sales s ON s.id = d.id",
    "rows of no sale": "SELECT sale FROM (SELECT sale FROM sale_lines UNION SELECT sale FROM tenders UNION "
    "SELECT sale FROM sale_taxes) WHERE sale NOT IN (SELECT id FROM sales)",
}


def after_a_crash(folder: Path, acks: Iterable[Ack], key: str | None = None) -> dict[str, Any]:
    """Open the books as a restart does and assert that nothing that was said is missing or there twice.

    Returns some numbers about them.
    """
    store = open_store(folder, key=key)
    with store.read() as conn:
        findings = [check(store, conn) for _, check in BOOKS]
    store.close()
    faults = [(name, f.sentence, *f.details) for name, f in _named(findings) if f.state == "fault"]
    assert not faults, faults
    raw = engines.connect(folder / engines.SHOP_FILE, key, writes=False)
    try:
        return _by_sql(raw, list(acks))
    finally:
        raw.close()


def _named(findings: list[Finding]) -> list[tuple[str, Finding]]:
    return [(name, finding) for (name, _), finding in zip(BOOKS, findings, strict=True)]


def _by_sql(raw: Any, acks: list[Ack]) -> dict[str, Any]:
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    for what, sql in MUST_BE_EMPTY.items():
        assert raw.execute(sql).fetchall() == [], what
    numbers = [row[0] for row in raw.execute("SELECT number FROM sales ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))
    seqs = [row[0] for row in raw.execute("SELECT seq FROM journal ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    sales = {row[0]: row[1:] for row in raw.execute("SELECT id, receipt, total_cents FROM sales")}
    drafts = {row[0]: json.loads(row[1]) for row in raw.execute("SELECT id, body FROM drafts")}
    tills = {row[0] for row in raw.execute("SELECT id FROM tills")}
    closed = {row[0]: row[1] for row in raw.execute("SELECT till, z_number FROM till_closings")}
    for word, *said in acks:
        _kept(word, said, sales, drafts, tills, closed)
    return {"sales": len(sales), "drafts": len(drafts), "closed": len(closed)}


def _kept(
    word: str,
    said: list[Any],
    sales: dict[str, Any],
    drafts: dict[str, Any],
    tills: set[str],
    closed: dict[str, int],
) -> None:
    """Assert that one thing that was said after its commit is in the books."""
    if word == "sale":
        assert sales.get(said[0]) == tuple(said[1:]), f"lost or changed: {said}"
    elif word == "opened":
        assert said[0] in tills, f"lost till {said}"
    elif word == "closed":
        assert closed.get(said[0]) == said[1], f"lost day close {said}"
    elif said[0] not in sales:
        # Rung up, held or being paid: it must be there as it was said, or further on.
        draft = drafts.get(said[0])
        assert draft is not None, f"lost {word} {said}"
        if word == "draft":
            assert sum(x["quantity"] for x in draft["lines"]) >= said[1], f"lost lines of {said}"
        elif word == "tender":
            assert said[1] in {t["id"] for t in draft["tenders"]}, f"lost payment {said}"

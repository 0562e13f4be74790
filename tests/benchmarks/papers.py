"""The row of paper: many packing slips in one PDF, beside the same words on a bare ReportLab canvas.

The bare canvas writes each word where it is told, in a font that every reader has: it wraps nothing,
measures nothing, embeds nothing and knows no glyph beyond Latin.
"""

from __future__ import annotations

import random
import re
from io import BytesIO
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select

from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import tables
from bookwish_desk.paper.packing_slip import packing_slips
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.bars import code128
from bookwish_desk.shop.packing import PackedLine, PackingSlip
from tests.benchmarks.measure import Limit, Row, in_turn, row
from tests.benchmarks.rows import Bench

_SLIPS = 500
_LINES = 5
_INSERT = "Thank you for buying your books from the shop around the corner.\nCome and read with us on Friday."


def slips(bench: Bench) -> Row:
    """Write packing slips of five lines, with a logo and the order's barcode, into one PDF."""
    made = _made(bench)

    def ours() -> bytes:
        return packing_slips(made, "letter")

    def floor() -> bytes:
        return _bare(made)

    mine, bare = len(ours()), len(floor())
    pairs = [(ours, floor)] * (2 if bench.quick else 5)
    timed = in_turn([pairs] * bench.rounds)
    size = f"{mine // 1000} kB, the floor's {bare // 1000} kB"
    name = f"{_SLIPS} packing slips in one PDF"
    return row("slips", name, timed, gate=Limit("ratio", 2), aim=Limit("ratio", 1.3), note=size)


def _made(bench: Bench) -> list[PackingSlip]:
    """Return slips of titles of the trade, in the shop's letterhead."""
    t = tables.titles.c
    with bench.store.read() as conn:
        titles = conn.execute(select(t.title, t.authors, t.ean).limit(10_000)).all()
    rnd = random.Random(10)
    head = replace(letterhead(bench.store.settings), logo=resource_path("demo", "logo.png").read_bytes())
    return [
        PackingSlip(
            head,
            f"BW-20261122-{number:04d}",
            f"Customer {number}\n{number} Long Street\nSpringfield, IL 62701\nUnited States",
            tuple(
                PackedLine(1, book.title, book.authors, str(book.ean), "$12.95")
                for book in rnd.sample(titles, _LINES)
            ),
            placed_at=bench.store.clock(),
            source="BookWish",
            insert=_INSERT,
        )
        for number in range(_SLIPS)
    ]


def _bare(made: list[PackingSlip]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file, pagesize=(612, 792), invariant=1, pageCompression=1)
    logo = str(resource_path("demo", "logo.png"))
    for slip in made:
        canvas.drawImage(logo, 65, 700, 110, 46)
        _bare_words(canvas, slip)
        for bar in re.finditer("1+", code128(slip.order)):
            canvas.rect(390 + bar.start() * 0.84, 702, len(bar[0]) * 0.84, 30, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _bare_words(canvas: Any, slip: PackingSlip) -> None:
    head = slip.head
    facts = ("Order", slip.order, "Placed", "Nov 22, 2026, 9:02 AM", "From", slip.source)
    columns = (*facts, "Copies", "Title", "Price", f"{slip.copies} copies of {len(slip.lines)} titles")
    foot = (f"{head.name} · {slip.order}", "Page 1 of 1", *slip.insert.splitlines())
    shop = (head.name, *head.address.splitlines(), *head.contact.splitlines(), slip.heading)
    y = 760.0
    for size, words in ((9, shop), (11, slip.to.splitlines()), (9, columns), (8, foot)):
        canvas.setFont("Helvetica", size)
        for text in words:
            canvas.drawString(65, y, text)
            y -= 14
    for line in slip.lines:
        canvas.rect(65, y, 9, 9)
        canvas.line(65, y, 564, y)
        for points, x, text in (
            (11.5, 90, str(line.quantity)),
            (10.5, 111, line.title),
            (9, 111, f"{line.author} · {line.code}"),
            (10.5, 530, line.price),
        ):
            canvas.setFont("Helvetica", points)
            canvas.drawString(x, y, text)
            y -= 5

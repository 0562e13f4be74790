"""The rows of paper: many packing slips in one PDF, and labels with slips as jobs, each beside its floor.

The bare canvas writes each word where it is told, in a font that every reader has: it wraps nothing,
measures nothing, embeds nothing and knows no glyph beyond Latin.
"""

from __future__ import annotations

import random
import re
import time
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zlib import compress

from msgspec.structs import replace
from PIL import Image, ImageChops, ImageDraw
from sqlalchemy import select

from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import tables
from bookwish_desk.hardware.labels import make
from bookwish_desk.paper.packing_slip import packing_slips
from bookwish_desk.resource import resource_path
from bookwish_desk.shop.bars import code128
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.label import LabelJob, ShippingLabel
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
    other = _seconds(ours) / _seconds(lambda: _fpdf(made))
    pairs = [(ours, floor)] * (2 if bench.quick else 5)
    timed = in_turn([pairs] * bench.rounds)
    size = f"{mine // 1000} kB, the floor's {bare // 1000} kB; {other:.2f}x of fpdf2 with one face embedded"
    name = f"{_SLIPS} packing slips in one PDF"
    return row("slips", name, timed, gate=Limit("ratio", 2), aim=Limit("ratio", 1.3), note=size)


def labels(bench: Bench) -> Row:
    """Make print-ready jobs of carriers' labels with their packing slips, for a Zebra of 203 dpi.

    The floor does what no program can leave out: it reads the label's picture, scales and cuts it, draws
    the slip's finished page, and packs both into ZPL.
    """
    made, picture = _made(bench), carrier_label(300)
    setup = LabelPrinterSetup(dpi=203, width_mm=101.6, height_mm=152.4)
    few = made[: 40 if bench.quick else _SLIPS]
    bare = packing_slips(few[:1], "4x6")

    def ours(slip: PackingSlip) -> bytes:
        papers = packing_slips([slip], "4x6")
        return make(LabelJob(ShippingLabel(picture, "png", slip.order, slip.order, papers)), setup)

    pairs = [((lambda slip=slip: ours(slip)), lambda: _bare_job(picture, bare)) for slip in few]
    name = f"{len(few)} labels with slips to jobs"
    size = f"{len(ours(few[0])) // 1000} kB a job"
    return row("labels", name, in_turn([pairs] * bench.rounds), aim=Limit("ratio", 2), note=size)


def carrier_label(dpi: int) -> bytes:
    """Return a picture of 4 by 6 inches with about as much ink as a carrier's label."""
    image = Image.new("L", (4 * dpi, 6 * dpi), 255)
    draw, rnd = ImageDraw.Draw(image), random.Random(4)
    for place in range(60):
        at = dpi // 4 + place * dpi // 18
        draw.rectangle((at, 3 * dpi, at + rnd.randint(2, dpi // 60), 4 * dpi), fill=0)
    for line in range(24):
        for word in range(16):
            left, top = dpi // 4 + word * dpi // 5, dpi // 4 + line * dpi // 10
            draw.rectangle(
                (left, top, left + rnd.randint(9, dpi // 6), top + dpi // 20), fill=rnd.choice((0, 255))
            )
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _bare_job(picture: bytes, slip: bytes) -> bytes:
    import pypdfium2

    label = Image.open(BytesIO(picture)).resize((812, 1218), Image.Resampling.HAMMING)
    page = pypdfium2.PdfDocument(slip)[0].render(scale=203 / 72, grayscale=True).to_pil()
    job = b""
    for image in (label, page):
        dots = ImageChops.invert(image.point(lambda grey: 255 if grey > 127 else 0)).convert("1").tobytes()
        job += b"^XA^FO0,0^GFA,:Z64:" + b64encode(compress(dots, 9)) + b"^FS^XZ"
    return job


def _seconds(call: Callable[[], object]) -> float:
    """Return what a call takes of the processor, the better of two."""
    took = []
    for _ in range(2):
        began = time.thread_time()
        call()
        took.append(time.thread_time() - began)
    return min(took)


def _fpdf(made: list[PackingSlip]) -> bytes:
    """Write the words of slips with fpdf2, in a face with their glyphs that is read once."""
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="letter")
    pdf.set_auto_page_break(False)
    pdf.add_font("words", fname=str(resource_path("fonts", "IBMPlexSans-Regular.ttf")))
    for slip in made:
        pdf.add_page()
        pdf.image(str(resource_path("demo", "logo.png")), 65, 46, 110, 46)
        pdf.set_font("words", size=10)
        y = 110.0
        head = (slip.head.name, *slip.to.splitlines(), slip.order, slip.heading, *slip.insert.splitlines())
        for text in (
            *head,
            *(x for line in slip.lines for x in (line.title, line.author, line.code, line.price)),
        ):
            pdf.text(65, y, text)
            y += 14
        for bar in re.finditer("1+", code128(slip.order)):
            pdf.rect(390 + bar.start() * 0.84, 60, len(bar[0]) * 0.84, 30, style="F")
    return bytes(pdf.output())


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

"""The page that a document printer prints as its test: a frame, letters and figures, a ruler."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Literal

from bookwish_desk.paper.lettering import Lettering, save
from bookwish_desk.paper.z_report import A4, LETTER
from bookwish_desk.shop.text import clean

_MARGIN = 36.0
_MM = 72 / 25.4
_RULER_MM = 100
_LETTERS = "Accents: Łódź, Ærø, café, naïve, Straße, 東京"


def device_page(shop: str, printer: str, *, paper: Literal["letter", "a4"]) -> bytes:
    """Return a PDF of one page that shows at a glance whether a printer is set up right.

    Imports ReportLab: call it on a lane.
    """
    from reportlab.pdfgen.canvas import Canvas

    width, height = LETTER if paper == "letter" else A4
    file = BytesIO()
    canvas = Canvas(file, pagesize=(width, height), invariant=1, pageCompression=1)
    canvas.setTitle(f"Printer test, {clean(printer)}")
    canvas.setAuthor(clean(shop))
    canvas.rect(_MARGIN, _MARGIN, width - 2 * _MARGIN, height - 2 * _MARGIN)
    letters = Lettering()
    lines: tuple[tuple[str, float, Literal["regular", "bold"]], ...] = (
        (shop, 20, "bold"),
        ("Printer test", 14, "bold"),
        (printer, 12, "regular"),
        (_LETTERS, 12, "regular"),
        ("The frame stands half an inch from each edge, and the ruler below is 100 mm long.", 12, "regular"),
        (
            "If they do not, print at 100 % or actual size, and choose the paper that is in the tray.",
            12,
            "regular",
        ),
    )
    top = height - 2 * _MARGIN
    room = width - 4 * _MARGIN
    for text, size, weight in lines:
        for line in letters.wrap(text, size, room, weight):
            top -= size * 1.6
            letters.draw(canvas, line, 2 * _MARGIN, top, size, weight=weight)
    _ruler(canvas, letters, 2 * _MARGIN, top - 60)
    save(canvas)
    return file.getvalue()


def _ruler(canvas: Any, letters: Lettering, left: float, base: float) -> None:
    canvas.line(left, base, left + _RULER_MM * _MM, base)
    for mm in range(0, _RULER_MM + 1, 10):
        x = left + mm * _MM
        canvas.line(x, base, x, base + (12 if mm % 50 == 0 else 7))
        letters.draw(canvas, str(mm), x, base - 14, 9, align="center")

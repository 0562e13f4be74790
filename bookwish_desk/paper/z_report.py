"""The X or Z report of a till as a PDF for the books: a clear page, more only where there is more to say."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bookwish_desk.paper.lettering import Align, Lettering, Weight, save
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.till import TillReport
from bookwish_desk.shop.till_words import (
    ReportRow,
    Section,
    identity,
    over_short,
    sections,
    subtitle,
    title,
)

LETTER, A4 = (612.0, 792.0), (595.28, 841.89)
_INK, _SOFT, _LINE, _GROUND = "#1c1b18", "#5c594f", "#dcd8ce", "#f5f3ee"
_OK, _WARN, _DANGER = "#205b4d", "#7d5200", "#a4201f"
_MARGIN, _GUTTER, _FOOT = 48.0, 28.0, 58.0
_SIZE, _STEP, _MOST_WORDS = 9.0, 14.0, 120.0
_LEFT, _RIGHT, _SHORTER = ("Sales", "Tax", "Payments"), ("Cash in the drawer", "Count"), ("Activity",)
"""Sections that stand in a column of half the page; all others run over the whole of it."""


def write_z_report(report: TillReport, path: Path, *, copy: bool = False) -> Path:
    """Write an X or Z report to `path`, whole or not at all, readable by its owner only; return `path`.

    `copy` marks one that was made again later. Letter paper where dollars of the US or Canada are
    taken, else A4. Imports ReportLab: call it on a lane. Raises StorageError when it cannot be written.
    """
    from reportlab.pdfgen.canvas import Canvas

    pages = _Pages(LETTER if report.currency in ("USD", "CAD") else A4)
    _Layout(pages, Lettering(), report, copy).lay_out()
    part = path.with_name(f".{path.name}.{new_id()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        canvas = Canvas(str(part), pagesize=pages.size, invariant=1, pageCompression=1)
        canvas.setTitle(f"{title(report)}, {report.till.business_date}")
        canvas.setAuthor(report.shop)
        canvas.setSubject(report.name)
        pages.emit(canvas)
        save(canvas)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise StorageError(
            "report", "The report could not be saved as PDF. It is safe in the shop's books; try again."
        ) from fault
    return path


class _Pages:
    """What is to be drawn on each page, kept until the number of pages is known."""

    def __init__(self, size: tuple[float, float]) -> None:
        self.size = size
        self.drawings: list[list[Callable[[Any], None]]] = [[]]

    def put(self, page: int, drawing: Callable[[Any], None]) -> None:
        """Draw on a page, beginning it when it is new."""
        while len(self.drawings) <= page:
            self.drawings.append([])
        self.drawings[page].append(drawing)

    def emit(self, canvas: Any) -> None:
        """Draw everything."""
        for drawings in self.drawings:
            for drawing in drawings:
                drawing(canvas)
            canvas.showPage()


class _Column:
    """A strip of the page that fills from the top and goes on at the top of the next page."""

    def __init__(self, pages: _Pages, letters: Lettering, left: float, width: float) -> None:
        self.pages, self.letters = pages, letters
        self.left, self.width = left, width
        self.page, self.y = 0, pages.size[1] - _MARGIN

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.left + self.width

    def room(self, height: float) -> bool:
        """Go on at the next page unless `height` still fits here; say whether it did."""
        if self.y - height >= _FOOT:
            return False
        self.page, self.y = self.page + 1, self.pages.size[1] - _MARGIN
        return True

    def text(
        self,
        words: str,
        x: float,
        size: float = _SIZE,
        *,
        weight: Weight = "regular",
        colour: str = _INK,
        align: Align = "left",
        rise: float = 0,
    ) -> None:
        """Set words with their baseline at the present height, or `rise` above it."""
        y, letters = self.y + rise, self.letters
        self.pages.put(
            self.page,
            lambda c: letters.draw(c, words, x, y, size, weight=weight, colour=colour, align=align),
        )

    def rule(self, colour: str = _LINE, thickness: float = 0.5, rise: float = 0) -> None:
        """Draw a line across."""
        y, left, right = self.y + rise, self.left, self.right

        def draw(canvas: Any) -> None:
            from reportlab.lib.colors import HexColor

            canvas.setStrokeColor(HexColor(colour))
            canvas.setLineWidth(thickness)
            canvas.line(left, y, right, y)

        self.pages.put(self.page, draw)

    def box(self, height: float, colour: str) -> None:
        """Fill a ground of this height below the present height."""
        y, left, width = self.y - height, self.left, self.width

        def draw(canvas: Any) -> None:
            from reportlab.lib.colors import HexColor

            canvas.setFillColor(HexColor(colour))
            canvas.roundRect(left, y, width, height, 5, stroke=0, fill=1)

        self.pages.put(self.page, draw)


class _Layout:
    """Puts a report onto pages."""

    def __init__(self, pages: _Pages, letters: Lettering, report: TillReport, copy: bool) -> None:
        self.pages, self.letters, self.report, self.copy = pages, letters, report, copy
        self.show = Currency(report.currency, report.locale).show
        self.whole = self._column(_MARGIN, pages.size[0] - 2 * _MARGIN)

    def _column(self, left: float, width: float) -> _Column:
        return _Column(self.pages, self.letters, left, width)

    def lay_out(self) -> None:
        """Lay everything out, from the head to the foot of each page."""
        self._head()
        self._figures()
        made = sections(self.report)
        half = (self.whole.width - _GUTTER) / 2
        columns = [self._column(_MARGIN, half), self._column(_MARGIN + half + _GUTTER, half)]
        for column in columns:
            column.page, column.y = self.whole.page, self.whole.y
        for section in sorted(made, key=lambda s: s.title in _SHORTER):
            if section.title in _LEFT + _RIGHT + _SHORTER:
                shorter = min(columns, key=lambda c: (c.page, -c.y))
                column = shorter if section.title in _SHORTER else columns[section.title in _RIGHT]
                self._section(column, section)
        lowest = max(columns, key=lambda c: (c.page, -c.y))
        self.whole.page, self.whole.y = lowest.page, lowest.y
        for section in made:
            if section.title not in _LEFT + _RIGHT + _SHORTER:
                self._section(self.whole, section)
        if self.report.kind == "Z":
            self._signature()
        self._feet()

    # The head

    def _head(self) -> None:
        col, report = self.whole, self.report
        col.y -= 14
        col.text(title(report), col.right, 20, weight="bold", align="right")
        names = self.letters.wrap(report.shop, 15, col.width * 0.6, "bold")
        for line in names[:2]:
            col.text(line, col.left, 15, weight="bold")
            col.y -= 18
        beside = col.y
        col.y += 18 * len(names[:2]) - 16
        for line in (subtitle(report), *(["COPY"] if self.copy else [])):
            strong = line == "COPY"
            colour = _DANGER if strong else _SOFT
            col.text(line, col.right, 9, weight="bold" if strong else "regular", colour=colour, align="right")
            col.y -= 13
        right_end, col.y = col.y, beside + 3
        for line in report.address.splitlines()[:4]:
            col.text(self.letters.elide(line, 9, col.width * 0.6), col.left, 9, colour=_SOFT)
            col.y -= 12
        col.y = min(col.y, right_end) - 4
        col.rule(_INK, 1)
        self._identity()

    def _identity(self) -> None:
        """Set whose report it is in two columns of label and text."""
        col = self.whole
        half = (col.width - _GUTTER) / 2
        pairs = identity(self.report)
        rows = -(-len(pairs) // 2)
        col.y -= 4
        top = col.y
        for place, (label, text) in enumerate(pairs):
            left = col.left if place < rows else col.left + half + _GUTTER
            col.y = top - 13 * (place % rows + 1)
            col.text(label, left, colour=_SOFT)
            col.text(self.letters.elide(text, _SIZE, half - 84), left + 84)
        col.y = top - 13 * rows - 12

    def _figures(self) -> None:
        """Set the three figures that a bookkeeper looks for first."""
        col, t = self.whole, self.report.takings
        over = self.report.over_cents
        shown = [
            ("Sales after returns", self.show(t.net_cents - t.refund_cents), _INK),
            ("Tax", self.show(sum(x.tax_cents for x in t.taxes)), _INK),
            ("Total paid", self.show(t.total_cents + t.rounding_cents), _INK),
        ]
        if over is None:
            shown.append(("Should be in the drawer", self.show(self.report.expected_cents), _INK))
        else:
            word = "Drawer" if over == 0 else "Drawer over" if over > 0 else "Drawer short"
            colour = _OK if over == 0 else _WARN if over > 0 else _DANGER
            shown.append((word, "Right to the cent" if over == 0 else self.show(over), colour))
        col.box(50, _GROUND)
        top, each = col.y, col.width / len(shown)
        for place, (label, figure, colour) in enumerate(shown):
            left = col.left + 12 + place * each
            col.y = top - 18
            col.text(label, left, 8, colour=_SOFT)
            col.y = top - 37
            size = 15.0
            while size > 8 and self.letters.width(figure, size, "strong") > each - 16:
                size -= 0.5
            col.text(figure, left, size, weight="strong", colour=colour)
        col.y = top - 50 - 6

    # Sections

    def _section(self, col: _Column, section: Section) -> None:
        widths = self._widths(section)
        col.room(22 + 2 * _STEP)
        self._section_head(col, section, widths, section.title)
        for row in section.rows:
            self._row(col, section, widths, row)
        if section.note:
            for line in self.letters.wrap(section.note, 8, col.width):
                col.room(12)
                col.y -= 12
                col.text(line, col.left, 8, colour=_SOFT)

    def _section_head(self, col: _Column, section: Section, widths: list[float], words: str) -> None:
        col.y -= 22
        col.text(words, col.left, 10.5, weight="strong")
        self._cells(col, section, widths, ("", *section.columns[1:]), colour=_SOFT, size=8)
        col.rule(_INK, 0.75, rise=-5)
        col.y -= 6

    def _widths(self, section: Section) -> list[float]:
        """Return the width of each column but the first, which takes the rest; words get at most a part."""
        cells = [(section.columns, False), *((r.cells, r.strong) for r in section.rows)]

        def widest(place: int) -> float:
            return max(self.letters.width(c[place], _SIZE, "strong" if s else "regular") for c, s in cells)

        places = range(1, len(section.columns))
        return [min(widest(i), _MOST_WORDS if i in section.texts else 999) + 12 for i in places]

    def _row(self, col: _Column, section: Section, widths: list[float], row: ReportRow) -> None:
        weight: Weight = "strong" if row.strong else "regular"
        lines = self.letters.wrap(row.cells[0], _SIZE, max(60.0, col.width - sum(widths)), weight)
        if col.room(_STEP + 11 * (len(lines) - 1)):
            self._section_head(col, section, widths, f"{section.title}, continued")
        col.y -= _STEP - 3
        self._cells(col, section, widths, row.cells, weight=weight, size=_SIZE, colour=_INK)
        for place, line in enumerate(lines):
            if place:
                col.y -= 11
            col.text(line, col.left, weight=weight)
        col.rule(rise=-4)
        col.y -= 3

    def _cells(
        self,
        col: _Column,
        section: Section,
        widths: list[float],
        cells: tuple[str, ...],
        *,
        weight: Weight = "regular",
        size: float,
        colour: str,
    ) -> None:
        """Set all cells but the first at the present height: figures at the right of theirs, words left."""
        edge = col.right
        for place in range(len(cells) - 1, 0, -1):
            wide = widths[place - 1]
            if place in section.texts:
                words = self.letters.elide(cells[place], size, wide - 12, weight)
                col.text(words, edge - wide + 12, size, weight=weight, colour=colour)
            else:
                col.text(cells[place], edge, size, weight=weight, colour=colour, align="right")
            edge -= wide

    # The end

    def _signature(self) -> None:
        col, over = self.whole, self.report.over_cents
        col.room(76)
        col.y -= 30
        if over is not None:
            col.text(over_short(over, self.show), col.left, weight="strong")
        col.y -= 34
        col.text("Counted by", col.left, 8, colour=_SOFT, rise=-11)
        col.text("Checked by", col.left + col.width / 2 + _GUTTER / 2, 8, colour=_SOFT, rise=-11)
        half = (col.width - _GUTTER) / 2
        for left in (col.left, col.left + half + _GUTTER):
            line = self._column(left, half)
            line.page, line.y = col.page, col.y
            line.rule(_INK, 0.5)

    def _feet(self) -> None:
        report, many = self.report, len(self.pages.drawings)
        name = f"{report.shop} · {report.register_name} · {report.name}{' · COPY' if self.copy else ''}"
        for page in range(many):
            foot = self._column(_MARGIN, self.whole.width)
            foot.page, foot.y = page, 32
            foot.rule(rise=12)
            foot.text(self.letters.elide(name, 8, foot.width - 80), foot.left, 8, colour=_SOFT)
            foot.text(f"Page {page + 1} of {many}", foot.right, 8, colour=_SOFT, align="right")

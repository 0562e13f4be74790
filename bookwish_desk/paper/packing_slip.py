"""Packing slips as PDF: what lies in a parcel or waits to be picked up, one slip after another.

On letter paper or A4 the address stands where a window envelope shows it (a No. 10 folded in three; DIN
5008 form B). 4 x 6 inches is for the label printer that makes the shipping labels: black only, larger
letters, and long slips go on to a second label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from bookwish_desk.paper.lettering import Lettering, Weight
from bookwish_desk.paper.sheets import BLACK, GROUND, Page, Picture, picture_of, written
from bookwish_desk.paper.slip_head import LOOKS, Look, label_head, letterhead, order_number, parcel
from bookwish_desk.shop.packing import PackedLine, PackingSlip
from bookwish_desk.shop.text import clean, clean_lines

SlipSize = Literal["letter", "a4", "4x6"]

_MOST_TITLE_LINES, _MOST_NOTE_LINES = 3, 3
_MOST_INSERT_LINES = 6
_MOST_WORDS, _MOST_PRICE = 2_000, 84.0
_TITLE_AT = 46.0


def packing_slips(slips: Iterable[PackingSlip], size: SlipSize) -> bytes:
    """Return one PDF of at least one slip, each on pages of its own; the same slips make the same bytes.

    Slips are taken one at a time and none is kept. Imports ReportLab: call it on a lane.
    """
    look, letters = LOOKS[size], Lettering()
    logos: dict[bytes, Picture | None] = {}

    def pages() -> Iterator[Page]:
        for slip in slips:
            logo = slip.head.logo
            if logo not in logos:
                logos[logo] = picture_of(logo, grey=size != "4x6")
            yield from _Layout(letters, look, slip, logos[logo]).pages()

    return written(pages(), look.size, title="Packing slips")


class _Layout:
    """Puts one slip onto pages."""

    def __init__(self, letters: Lettering, look: Look, slip: PackingSlip, logo: Picture | None) -> None:
        self.letters, self.look, self.slip, self.logo = letters, look, slip, logo
        self.is_label = not look.address
        self.made = [Page(letters, look.ink)]
        self.y = look.top

    @property
    def page(self) -> Page:
        """Return the page that fills."""
        return self.made[-1]

    def pages(self) -> list[Page]:
        """Return all pages of the slip."""
        head = label_head if self.is_label else letterhead
        self.y = head(self.page, self.look, self.slip, self.logo)
        self._message()
        self._instructions()
        self._lines()
        self._sums()
        self._insert()
        for number in range(1, len(self.made) + 1):
            self._foot(number)
        return self.made

    def _need(self, height: float) -> bool:
        """Go on at the next page unless `height` still fits here; say whether it did."""
        if self.y - height >= self.look.foot:
            return False
        look, slip = self.look, self.slip
        self.made.append(Page(self.letters, look.ink))
        self.y = look.top - 11
        number = self.letters.elide(f"{order_number(self.slip)}, continued", look.small, look.width, "strong")
        self.page.text(look.right, self.y, number, look.small, "strong", align="right")
        room = look.width - self.letters.width(number, look.small, "strong") - 12
        name = self.letters.elide(slip.head.name, look.small, max(room, 0))
        self.page.text(look.left, self.y, name, look.small, colour=look.soft)
        self.y -= 4
        return True

    # What is said before the lines

    def _message(self) -> None:
        """Set a gift's message apart: on a ground of its own, or beside a bar where there is only black."""
        look, size = self.look, self.look.words + 0.5
        step, inside = size + 4, look.left + 14
        waiting = self._paragraphs(self.slip.message, size, look.width - 28)
        while waiting:
            self._need(22 + 2 * step)
            fits = max(1, int((self.y - look.foot - 22) / step))
            now, waiting = waiting[:fits], waiting[fits:]
            height = len(now) * step + 14
            wide, colour = (3, BLACK) if self.is_label else (look.width, GROUND)
            self.page.ground(look.left, self.y - height, wide, height, colour)
            y = self.y - 8 - size
            for line in now:
                self.page.text(inside, y, line, size)
                y -= step
            self.y -= height + 8

    def _instructions(self) -> None:
        look, size = self.look, self.look.small + 0.5
        words = self._paragraphs(self.slip.instructions, size, look.width)
        if not words:
            return
        self._need(20 + 2 * (size + 3))
        self.y -= size + 6
        self.page.text(look.left, self.y, "Instructions", look.small, colour=look.soft)
        for line in words:
            self._need(size + 4)
            self.y -= size + 3
            self.page.text(look.left, self.y, line, size)
        self.y -= 10

    def _paragraphs(self, text: str, size: float, room: float) -> list[str]:
        """Return the lines of a text that keeps its own line breaks, no two of them empty in a row."""
        lines: list[str] = []
        for paragraph in clean_lines(text).splitlines():
            if paragraph or (lines and lines[-1]):
                lines += self.letters.wrap(paragraph, size, room, longest=_MOST_WORDS)
        return lines

    # The lines and what follows them

    def _lines(self) -> None:
        self._columns()
        for line in self.slip.lines:
            self._line(line)

    def _columns(self) -> None:
        """Name the columns; a label has no room for that."""
        look = self.look
        self._need(70)
        if not self.is_label:
            self.y -= 14
            self.page.text(look.left + _TITLE_AT - 10, self.y, "Copies", 8, "regular", look.soft, "right")
            self.page.text(look.left + _TITLE_AT, self.y, "Title", 8, colour=look.soft)
            if any(line.price for line in self.slip.lines) and not self.slip.gift:
                self.page.text(look.right, self.y, "Price", 8, "regular", look.soft, "right")
        self.y -= 6
        self.page.rule(look.left, look.right, self.y, 1, look.ink)

    def _line(self, line: PackedLine) -> None:
        look, letters, size = self.look, self.letters, self.look.words
        left = look.left + _TITLE_AT
        price = "" if self.slip.gift else letters.elide(line.price, size, _MOST_PRICE)
        room = look.right - left - (letters.width(price, size) + 14 if price else 0)
        title = letters.wrap_at_most(_MOST_TITLE_LINES, line.title, size, room, "strong")
        below = self._below(line, look.right - left)
        height = 8 + len(title) * (size + 3) + len(below) * (look.small + 3)
        if self._need(height):
            self._columns()
        page = self.page
        self.y -= size + 5
        page.tick(look.left + 0.5, self.y - 1, size - 1.5)
        page.text(left - 10, self.y, str(line.quantity), size + 1, "bold", align="right")
        if price:
            page.text(look.right, self.y, price, size, align="right")
        for words in title:
            page.text(left, self.y, words, size, "strong")
            self.y -= size + 3
        self.y += size + 3
        for words in below:
            self.y -= look.small + 3
            page.text(left, self.y, words, look.small, colour=look.soft)
        self.y -= 7
        page.rule(look.left, look.right, self.y, 0.5, look.line)

    def _below(self, line: PackedLine, room: float) -> list[str]:
        """Return what stands under a title: who wrote it and its code, the code never cut; then the note."""
        size, code = self.look.small, clean(line.code, 48)
        author, lines = clean(line.author), []
        if author and code:
            rest = room - self.letters.width(f" · {code}", size)
            lines = [f"{self.letters.elide(author, size, max(rest, room / 4))} · {code}"]
        elif author or code:
            lines = [author or code]
        lines = [self.letters.elide(words, size, room) for words in lines]
        if clean(line.note):
            lines += self.letters.wrap_at_most(_MOST_NOTE_LINES, line.note, size, room)
        return lines

    def _sums(self) -> None:
        """Say how many copies there are, to count once more before the parcel is closed; then the figures."""
        look, slip = self.look, self.slip
        copies, titles = slip.copies, len(slip.lines)
        counted = f"{copies} {'copy' if copies == 1 else 'copies'}"
        if titles > 1:
            counted += f" of {titles} titles"
        self._need(20)
        self.y -= look.words + 6
        self.page.text(look.left, self.y, counted, look.small + 0.5, "strong")
        edge = look.right - _MOST_PRICE - 8
        for place, entry in enumerate(() if slip.gift else slip.sums):
            if place or self.is_label:  # a label is too narrow for words and figures side by side
                self._need(look.words + 10)
                self.y -= look.words + 4
            weight: Weight = "bold" if entry.strong else "regular"
            room = edge - look.left - (0 if self.is_label else 140)
            self.page.text(edge, self.y, entry.label, look.words, weight, align="right", room=room)
            figure, most = entry.figure, _MOST_PRICE
            self.page.text(look.right, self.y, figure, look.words, weight, align="right", room=most)
        self.y -= 8

    def _insert(self) -> None:
        """Set thanks and the shop's own word at the foot of the last page, or of one more.

        Thanks give way where there is no room for both, and are worth no page.
        """
        look, size = self.look, self.look.small + 0.5
        own = self._paragraphs(self.slip.insert, size, look.width)[:_MOST_INSERT_LINES]
        words = [*self._paragraphs(self.slip.thanks, size, look.width)[:2], *own]
        room = int((self.y - look.foot - 4) / (size + 3.5))
        if len(words) > room and len(own) <= room:
            words = own
        height = len(words) * (size + 3.5) + 4
        if words:
            self._need(height)
        y = look.foot + height - size
        for line in words:
            self.page.text(look.left + look.width / 2, y, line, size, align="center")
            y -= size + 3.5

    def _foot(self, number: int) -> None:
        look, page = self.look, self.made[number - 1]
        size = 8.0
        y = look.foot - (16 if self.is_label else 26)
        if not self.is_label:
            page.rule(look.left, look.right, y + 12, 0.5, look.line)
        count = f"Page {number} of {len(self.made)}"
        page.text(look.right, y, count, size, "regular", look.soft, "right")
        shop = "" if self.is_label else self.slip.head.name
        names = (shop, order_number(self.slip), parcel(self.slip))
        name = self.letters.elide(" · ".join(x for x in names if x), size, look.width - 70)
        page.text(look.left, y, name, size, colour=look.soft)

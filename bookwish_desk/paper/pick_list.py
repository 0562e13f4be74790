"""The pick list as PDF: what to fetch for many orders in one walk along the shelves, with boxes to tick."""

from __future__ import annotations

from typing import Literal

from bookwish_desk.paper.lettering import Lettering, Weight
from bookwish_desk.paper.sheets import INK, SOFT, Page, written
from bookwish_desk.paper.z_report import A4, LETTER
from bookwish_desk.shop.packing import Pick, PickList
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.text import clean

PickListSize = Literal["letter", "a4"]

_MARGIN, _FOOT = 48.0, 58.0
_WORDS, _SMALL = 10.5, 9.0
_SHELF_AT, _TITLE_AT, _GAP = 20.0, 104.0, 10.0
_MOST_TITLE_LINES, _MOST_SHELF_LINES = 2, 3
_STEP = _SMALL + 3


def pick_list(picks: PickList, size: PickListSize) -> bytes:
    """Return a PDF with one row for each title and all orders at its end; the same list, the same bytes.

    Imports ReportLab: call it on a lane.
    """
    paper = LETTER if size == "letter" else A4
    pages = _Layout(Lettering(), paper, picks).pages()
    return written(pages, paper, title="Pick list", author=picks.head.name)


class _Layout:
    """Puts one list onto pages."""

    def __init__(self, letters: Lettering, size: tuple[float, float], picks: PickList) -> None:
        self.letters, self.picks = letters, picks
        self.left, self.right, self.top = _MARGIN, size[0] - _MARGIN, size[1] - _MARGIN
        self.made = [Page(letters)]
        self.y = self.top
        head = picks.head
        self.made_at = moment(picks.made_at, head.zone, head.currency.locale)

    @property
    def page(self) -> Page:
        """Return the page that fills."""
        return self.made[-1]

    def pages(self) -> list[Page]:
        """Return all pages of the list."""
        self._head()
        self._columns()
        for pick in self.picks.picks:
            self._pick(pick)
        self._orders()
        for number, page in enumerate(self.made, 1):
            self._foot(page, number)
        return self.made

    def _need(self, height: float) -> bool:
        """Go on at the next page unless `height` still fits here; say whether it did."""
        if self.y - height >= _FOOT:
            return False
        self.made.append(Page(self.letters))
        self.y = self.top - 4
        return True

    def _head(self) -> None:
        page, picks, top = self.page, self.picks, self.top
        half = (self.right - self.left) / 2
        page.text(self.left, top - 15, "Pick list", 20, "bold")
        page.text(self.left, top - 32, self._in_all(), _WORDS, "strong")
        page.text(
            self.right,
            top - 13,
            self.letters.elide(picks.head.name, 12, half, "bold"),
            12,
            "bold",
            INK,
            "right",
        )
        by = f"{self.made_at} · {clean(picks.made_by)}" if clean(picks.made_by) else self.made_at
        page.text(
            self.right, top - 32, self.letters.elide(by, _SMALL, half), _SMALL, "regular", SOFT, "right"
        )
        self.y = top - 46

    def _in_all(self) -> str:
        picks = self.picks
        parts = ((picks.copies, "copy", "copies"), (len(picks.picks), "title", "titles"))
        fetched = " of ".join(f"{many} {one if many == 1 else more}" for many, one, more in parts)
        orders = len(picks.orders)
        return f"{fetched} for {orders} {'order' if orders == 1 else 'orders'}"

    def _columns(self) -> None:
        self.y -= 14
        self.page.text(self.left + _SHELF_AT, self.y, "Shelf", 8, colour=SOFT)
        self.page.text(self.left + _TITLE_AT, self.y, "Title", 8, colour=SOFT)
        self.page.text(self.right, self.y, "Copies", 8, "regular", SOFT, "right")
        self.y -= 6
        self.page.rule(self.left, self.right, self.y, 1, INK)

    def _pick(self, pick: Pick) -> None:
        letters, left = self.letters, self.left + _TITLE_AT
        room = self.right - left - 52
        title = letters.wrap_at_most(_MOST_TITLE_LINES, pick.title, _WORDS, room, "strong")
        shelf = self._shelf(pick)
        by = " · ".join(x for x in (clean(pick.author, 80), clean(pick.code, 48)) if x)
        first, *others = self._for_orders(pick, room)
        height = 8 + len(title) * (_WORDS + 3) + (2 if by else 1) * _STEP
        if self._need(max(height, 8 + len(shelf) * (_WORDS + 3))):
            self._columns()
        page = self.page
        self.y -= _WORDS + 5
        page.tick(self.left + 0.5, self.y - 1, 10)
        page.text(self.right, self.y, str(pick.copies), _WORDS + 3, "bold", INK, "right")
        weight: Weight = "bold" if clean(pick.shelf) else "regular"
        colour = INK if weight == "bold" else SOFT
        lowest = self.y - (len(shelf) - 1) * (_WORDS + 2)
        for place, line in enumerate(shelf):
            page.text(self.left + _SHELF_AT, self.y - place * (_WORDS + 2), line, _WORDS, weight, colour)
        for line in title:
            page.text(left, self.y, line, _WORDS, "strong")
            self.y -= _WORDS + 3
        self.y += _WORDS + 3
        if by:
            self.y -= _STEP
            page.text(left, self.y, letters.elide(by, _SMALL, room), _SMALL, colour=SOFT)
        self.y -= _STEP
        page.text(left, self.y, first, _SMALL)
        self.y = min(self.y, lowest)
        for line in others:
            if self._need(_STEP + 7):
                self._columns()
                self.y -= 3
            self.y -= _STEP
            self.page.text(left, self.y, line, _SMALL)
        self.y -= 7
        self.page.rule(self.left, self.right, self.y)

    def _shelf(self, pick: Pick) -> list[str]:
        room = _TITLE_AT - _SHELF_AT - _GAP
        if not clean(pick.shelf):
            return ["No shelf"]
        return self.letters.wrap_at_most(_MOST_SHELF_LINES, pick.shelf, _WORDS, room, "bold")

    def _for_orders(self, pick: Pick, room: float) -> list[str]:
        """Return the orders that a title is for, how many copies behind those that get several."""
        lines = [""]
        for order, copies in pick.orders:
            part = clean(order, 48) + (f" × {copies}" if copies > 1 else "")
            joined = f"{lines[-1]},  {part}" if lines[-1] else part
            if lines[-1] and self.letters.width(joined, _SMALL) > room:
                lines[-1] += ","
                lines.append(part)
            else:
                lines[-1] = joined
        return [self.letters.elide(line, _SMALL, room + 6) for line in lines]

    def _orders(self) -> None:
        """Set the numbers of all orders at the end, each with a box: all of its books are here."""
        numbers = [clean(number, 48) for number in self.picks.orders]
        if not numbers:
            return
        widest = max(self.letters.width(number, _SMALL) for number in numbers)
        across = max(1, int((self.right - self.left) / (min(widest, 240) + 34)))
        each = (self.right - self.left) / across
        self._need(64)
        self.y -= 30
        self.page.text(self.left, self.y, "Orders", _WORDS, "strong")
        self.page.rule(self.left, self.right, self.y - 6, 0.75, INK)
        self.y -= 8
        for place in range(0, len(numbers), across):
            self._need(18)
            self.y -= 16
            for column, number in enumerate(numbers[place : place + across]):
                x = self.left + column * each
                self.page.tick(x + 0.5, self.y - 1, 9)
                self.page.text(x + 16, self.y, self.letters.elide(number, _SMALL, each - 20), _SMALL)

    def _foot(self, page: Page, number: int) -> None:
        name = f"{clean(self.picks.head.name)} · Pick list · {self.made_at}"
        page.rule(self.left, self.right, 44)
        room = self.right - self.left - 80
        page.text(self.left, 32, self.letters.elide(name, 8, room), 8, colour=SOFT)
        page.text(self.right, 32, f"Page {number} of {len(self.made)}", 8, "regular", SOFT, "right")

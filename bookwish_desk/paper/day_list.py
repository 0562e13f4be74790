"""The list of a day's parcels as PDF: carrier by carrier, each with a box to tick and room to sign."""

from __future__ import annotations

from typing import Literal

from bookwish_desk.paper.lettering import Lettering
from bookwish_desk.paper.sheets import INK, SOFT, Page, written
from bookwish_desk.paper.z_report import A4, LETTER
from bookwish_desk.shop.day_list_words import TITLE, carrier_sums, numbers, service, sums
from bookwish_desk.shop.handover import CarrierDay, DayList, DayRow
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.receipt import Letterhead, moment
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean

_MARGIN, _FOOT = 48.0, 58.0
_WORDS, _SMALL = 10.0, 8.5
_NUMBER_AT, _WEIGHT, _COST = 20.0, 110.0, 52.0
_ROW = 30.0


def day_list(day: DayList, head: Letterhead, size: Literal["letter", "a4"], made_at: int) -> bytes:
    """Return a PDF of the parcels of a day; the same list, the same bytes.

    Imports ReportLab: call it on a lane.
    """
    paper = LETTER if size == "letter" else A4
    pages = _Layout(Lettering(), paper, day, head, made_at).pages()
    return written(pages, paper, title=f"{TITLE} {day.day}", author=head.name)


class _Layout:
    """Puts one list onto pages."""

    def __init__(
        self, letters: Lettering, size: tuple[float, float], day: DayList, head: Letterhead, made_at: int
    ) -> None:
        self.letters, self.day, self.head = letters, day, head
        self.left, self.right, self.top = _MARGIN, size[0] - _MARGIN, size[1] - _MARGIN
        self.made = [Page(letters)]
        self.y = self.top
        self.made_at = moment(made_at, head.zone, head.currency.locale)

    @property
    def page(self) -> Page:
        """Return the page that fills."""
        return self.made[-1]

    def pages(self) -> list[Page]:
        """Return all pages of the list."""
        self._title()
        for carrier in self.day.carriers:
            self._carrier(carrier)
        for number, page in enumerate(self.made, 1):
            self._foot(page, number)
        return self.made

    def _need(self, height: float) -> bool:
        """Go on at the next page unless `height` still fits here; say whether it did."""
        if self.y - height >= _FOOT:
            return False
        self.made.append(Page(self.letters))
        self.y = self.top
        return True

    def _title(self) -> None:
        page, day, top = self.page, self.day, self.top
        half = (self.right - self.left) / 2
        when = short_day(day.day, self.head.currency.locale)
        page.text(self.left, top - 15, f"{TITLE}, {when}", 18, "bold", room=half * 1.3)
        page.text(
            self.left, top - 32, sums(day.parcels, day.weight_grams, day.cents, self.head), _WORDS, "strong"
        )
        name = clean(self.head.name)
        page.text(
            self.right, top - 13, self.letters.elide(name, 12, half * 0.7, "bold"), 12, "bold", INK, "right"
        )
        page.text(self.right, top - 32, self.made_at, _SMALL, "regular", SOFT, "right")
        self.y = top - 44

    def _carrier(self, carrier: CarrierDay) -> None:
        self._need(_ROW * 3)
        self._heading(carrier, "")
        for row in carrier.rows:
            if self._need(_ROW):
                self._heading(carrier, ", continued")
            self._row(row, carrier.carrier)
        self._need(60)
        self.y -= 30
        self.page.text(self.left, self.y, "Taken by", _SMALL, colour=SOFT)
        self.page.rule(self.left + 50, self.left + 290, self.y - 2, 0.75, INK)
        self.y -= 14

    def _heading(self, carrier: CarrierDay, more: str) -> None:
        self.y -= 24
        name = f"{carrier_words(carrier.carrier)}{more}"
        self.page.text(self.left, self.y, name, 13, "bold", room=(self.right - self.left) / 2)
        said = carrier_sums(carrier, self.head)
        self.page.text(self.right, self.y, said, _WORDS, "strong", INK, "right")
        self.y -= 7
        self.page.rule(self.left, self.right, self.y, 1, INK)

    def _row(self, row: DayRow, carrier: str) -> None:
        page, locale = self.page, self.head.currency.locale
        self.y -= 13
        page.tick(self.left + 0.5, self.y - 2, 10)
        room = self.right - self.left - _NUMBER_AT - _WEIGHT - 12
        page.text(self.left + _NUMBER_AT, self.y, numbers(row), _WORDS, "strong", room=room)
        weight = weight_words(row.weight_grams, locale)
        page.text(self.right - _COST - 8, self.y, weight, _WORDS, "regular", INK, "right")
        page.text(self.right, self.y, self.head.currency.show(row.cents), _WORDS, "regular", INK, "right")
        self.y -= 11
        parts = (clean(row.to, 80), service(row, carrier), clean(row.tracking, 64))
        page.text(
            self.left + _NUMBER_AT, self.y, " · ".join(x for x in parts if x), _SMALL, colour=SOFT,
            room=self.right - self.left - _NUMBER_AT,
        )  # fmt: skip
        self.y -= 6
        page.rule(self.left, self.right, self.y)

    def _foot(self, page: Page, number: int) -> None:
        name = f"{clean(self.head.name)} · {TITLE} {self.day.day} · {self.made_at}"
        page.rule(self.left, self.right, 44)
        page.text(self.left, 32, name, 8, colour=SOFT, room=self.right - self.left - 80)
        page.text(self.right, 32, f"Page {number} of {len(self.made)}", 8, "regular", SOFT, "right")

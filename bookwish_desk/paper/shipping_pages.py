"""Pages for parcels: a carrier's label on a page of paper, and an address label of the shop's own.

A carrier's label is always 4 x 6 inches, at 100 %: scanners read it at no other size. It is drawn from its
picture only, black and white, and nothing of it is changed.
"""

from __future__ import annotations

from typing import Literal

from bookwish_desk.paper.lettering import Lettering
from bookwish_desk.paper.sheets import BLACK, Bars, Page, picture_of, written
from bookwish_desk.paper.z_report import A4, LETTER
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.text import clean, clean_lines

_LABEL = (288.0, 432.0)
_TOP, _SMALL = 36.0, 9.0
_MOST_ADDRESS_LINES, _MOST_SENDER_LINES = 7, 5


def label_page(png: bytes, size: Literal["letter", "a4"], *, mark: str = "") -> bytes:
    """Return a PDF of one page with a carrier's label on it, 4 x 6 inches, with lines to cut along.

    Raises Refused for a picture that cannot be read. Imports ReportLab: call it on a lane.
    """
    picture = picture_of(png, grey=False)
    if picture is None:
        raise Refused("label.unreadable", "The label's picture is damaged or is no PNG.")
    width, height = LETTER if size == "letter" else A4
    page = Page(Lettering(), BLACK)
    wide, high = _LABEL if picture.height >= picture.width else _LABEL[::-1]
    left, bottom = (width - wide) / 2, height - _TOP - high
    page.picture(picture, left, bottom, wide, high)
    for y in (bottom - 4, bottom + high + 4):
        page.rule(left, left + wide, y)
    words = " · ".join(x for x in (clean(mark, 60), "Print at 100 % and cut along the lines.") if x)
    page.text(width / 2, bottom - 20, words, _SMALL, align="center", room=width - 80)
    return written([page], (width, height), title="Shipping label")


def address_label(to: str, sender: str, *, number: str, service: str = "") -> bytes:
    """Return a PDF of a 4 x 6 label with an address in large letters, for a parcel without a carrier's label.

    `to` and `sender` are addresses in lines; `number` is the order's, also as bars. Raises Refused without
    an address. Imports ReportLab: call it on a lane.
    """
    lines = clean_lines(to).splitlines()[:_MOST_ADDRESS_LINES]
    if not lines:
        raise Refused("address", "The order has no address to send it to.")
    letters = Lettering()
    page = Page(letters, BLACK)
    left, right, y = 18.0, _LABEL[0] - 18, _LABEL[1] - 18
    for line in clean_lines(sender).splitlines()[:_MOST_SENDER_LINES]:
        y -= 11
        page.text(left, y, line, _SMALL, room=right - left)
    y -= 12
    page.rule(left, right, y, 1, BLACK)
    if clean(service):
        y -= 16
        page.text(left, y, service, 11, "strong", room=right - left)
    y -= 22
    page.text(left, y, "To", _SMALL)
    size = _largest(letters, lines, right - left)
    for place, line in enumerate(lines):
        y -= size + 5
        page.text(left, y, line, size, "regular" if place else "bold", room=right - left)
    _foot(page, clean(number, 40), left, right)
    return written([page], _LABEL, title="Address label")


def _largest(letters: Lettering, lines: list[str], room: float) -> float:
    """Return the largest size at which every line stands whole, at least 11 points."""
    return next((s for s in (20.0, 18.0, 16.0, 14.0, 12.0) if _fit(letters, lines, s, room)), 11.0)


def _fit(letters: Lettering, lines: list[str], size: float, room: float) -> bool:
    return all(letters.width(line, size, "bold") <= room for line in lines)


def _foot(page: Page, number: str, left: float, right: float) -> None:
    if not number:
        return
    page.rule(left, right, 84, 1, BLACK)
    bars = Bars(number, right - left, 1.5, dpi=203)
    if bars.modules:
        page.bars(bars, (left + right - bars.width) / 2, 40, 34)
    page.text((left + right) / 2, 22, number, 12, "bold", align="center", room=right - left)

"""The head of a packing slip, on paper and on a label: whose it is, for whom, what it is known by."""

from __future__ import annotations

import msgspec

from bookwish_desk.paper.lettering import Weight
from bookwish_desk.paper.sheets import BLACK, INK, LINE, SOFT, Bars, Colour, Page, Picture
from bookwish_desk.paper.z_report import A4, LETTER
from bookwish_desk.shop.packing import PackingSlip
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.text import clean, clean_lines

_MOST_ADDRESS_LINES, _MOST_SHOP_LINES = 7, 5
_LOGO, _LABEL_LOGO = (112.0, 46.0), (70.0, 30.0)
_RIGHT = 172.0
"""How wide the column with the heading, the barcode and what the order is known by stands at the right."""


class Look(msgspec.Struct, frozen=True):
    """Sizes in points and colours for one paper; `address` is how far down the address begins."""

    size: tuple[float, float]
    left: float
    margin: float
    foot: float
    address: float
    words: float
    small: float
    soft: Colour = SOFT
    ink: Colour = INK
    line: Colour = LINE

    @property
    def right(self) -> float:
        """Return where the right margin begins."""
        return self.size[0] - self.margin

    @property
    def width(self) -> float:
        """Return how wide what is written may be."""
        return self.right - self.left

    @property
    def top(self) -> float:
        """Return how high the top margin ends."""
        return self.size[1] - self.margin


LOOKS = {
    "letter": Look(LETTER, 64.8, 48, 58, 166, 10.5, 9),
    "a4": Look(A4, 70.9, 48, 58, 186, 10.5, 9),
    "4x6": Look((288, 432), 16, 16, 30, 0, 12, 9.5, BLACK, BLACK, BLACK),
}


def order_number(slip: PackingSlip) -> str:
    """Return the number of the order as it is drawn."""
    return clean(slip.order)


def parcel(slip: PackingSlip) -> str:
    """Return which of several parcels or bags it is: Parcel 1 of 2."""
    what = "Bag" if slip.pickup else "Parcel"
    return f"{what} {slip.parcel} of {slip.parcels}" if slip.parcels > 1 else ""


def letterhead(page: Page, look: Look, slip: PackingSlip, logo: Picture | None) -> float:
    """Draw the head of a page of letter paper or A4; return how low it reaches."""
    left, top = look.left, look.top
    if logo:
        wide, high = _fitted(logo, _LOGO)
        page.picture(logo, left, top - high, wide, high)
        left += wide + 14
    room = look.right - _RIGHT - 24 - left
    y = top - 13
    for line in page.letters.wrap_at_most(2, slip.head.name, 15, room, "bold"):
        page.text(left, y, line, 15, "bold")
        y -= 17
    y += 3
    for line in _shop_lines(slip)[:_MOST_SHOP_LINES]:
        page.text(left, y, line, look.small, colour=look.soft, room=room)
        y -= 11.5
    page.text(look.right, top - 15, slip.heading, 20, "bold", align="right", room=_RIGHT)
    bars = Bars(order_number(slip), _RIGHT + 24, 0.9, dpi=600)
    if bars.modules:
        page.bars(bars, look.right - bars.width, top - 60, 30)
    return min(_addressee(page, look, slip), _known_by(page, look, slip))


def _addressee(page: Page, look: Look, slip: PackingSlip) -> float:
    """Draw whom it goes to at the left, where the window of an envelope is."""
    top = look.size[1] - look.address
    room = look.width - _RIGHT - 24
    if slip.pickup:
        page.text(look.left, top + 13, "For pickup by", look.small, colour=look.soft)
    else:
        sender = " · ".join([slip.head.name, *slip.head.address.splitlines()])
        page.text(look.left, top + 13, sender, 7, colour=look.soft, room=room)
    y = top - 3
    for place, line in enumerate(_address_lines(slip)):
        page.text(look.left, y, line, 11, "regular" if place else "strong", room=room)
        y -= 13
    return min(y, top - 68) - 8


def _known_by(page: Page, look: Look, slip: PackingSlip) -> float:
    """Draw what the order is known by at the right."""
    edge, size = look.right - _RIGHT, look.small + 0.5
    which, _, number = parcel(slip).partition(" ")
    known = (("Order", slip.order), ("Placed", _placed(slip)), ("From", slip.source), (which, number))
    y = look.size[1] - look.address - 3
    for label, text in known:
        if text:
            weight: Weight = "strong" if label == "Order" else "regular"
            page.text(edge, y, label, look.small, colour=look.soft)
            page.text(edge + 42, y, text, size, weight, room=_RIGHT - 42)
            y -= 14.5
    return y - 8


def label_head(page: Page, look: Look, slip: PackingSlip, logo: Picture | None) -> float:
    """Draw the head of a label; return how low it reaches."""
    left, middle = look.left, look.size[0] / 2
    if logo:
        wide, high = _fitted(logo, _LABEL_LOGO)
        page.picture(logo, left, look.top - high, wide, high)
        left += wide + 8
    room = look.right - left
    page.text(left, look.top - 12, slip.head.name, 13, "bold", room=room)
    under = " · ".join(x for x in (slip.heading, parcel(slip)) if x)
    page.text(left, look.top - 26, under, 10, room=room)
    y = look.top - 40
    page.rule(look.left, look.right, y, 1, look.ink)
    bars = Bars(order_number(slip), look.size[0], 1.5, dpi=203)
    if bars.modules:
        y -= 44
        page.bars(bars, middle - bars.width / 2, y, 36)
    y -= 15
    page.text(middle, y, slip.order, 13, "bold", align="center", room=look.width)
    if origin := " · ".join(x for x in (_placed(slip), slip.source) if x):
        y -= 13
        page.text(middle, y, origin, look.small, align="center", room=look.width)
    y -= 20
    page.text(look.left, y, "For pickup by" if slip.pickup else "To", look.small)
    for place, line in enumerate(_address_lines(slip)):
        y -= 14 if place else 15
        page.text(look.left, y, line, 12, "regular" if place else "strong", room=look.width)
    return y - 8


def _placed(slip: PackingSlip) -> str:
    return moment(slip.placed_at, slip.head.zone, slip.head.currency.locale) if slip.placed_at else ""


def _fitted(picture: Picture, box: tuple[float, float]) -> tuple[float, float]:
    scale = min(box[0] / picture.width, box[1] / picture.height)
    return picture.width * scale, picture.height * scale


def _address_lines(slip: PackingSlip) -> list[str]:
    return [line for line in clean_lines(slip.to).splitlines() if line][:_MOST_ADDRESS_LINES]


def _shop_lines(slip: PackingSlip) -> list[str]:
    lines = (*slip.head.address.splitlines(), *slip.head.contact.splitlines())
    return [line for line in lines if line]

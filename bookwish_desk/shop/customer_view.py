"""What the customer may see of a sale: its lines and what they come to, in words.

Names and notes of customers, names of staff, certificates and numbers of cards have no place in it, so no
display can show them by mistake. Pure: who shows it and where is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from bookwish_desk.shop.money import Currency, round_cash
from bookwish_desk.shop.sale import Draft, PricedLine, Totals
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.text import clean

Phase = Literal["idle", "ringing", "paying", "done"]

MOST_SHOWN = 40
"""Lines kept in a view, the newest among them: more fit on no screen, and a scan pays for each."""
LINE_COLUMNS = 20
THANKS = "Thank you!"
WELCOME = "Welcome"

_TITLE_LENGTH = 120


class CustomerLine(msgspec.Struct, frozen=True):
    """One line: what it is, how many, and what they cost after the line's own discount.

    What comes back has a negative quantity and price.
    """

    title: str
    quantity: int
    price: str


class CustomerView(msgspec.Struct, frozen=True):
    """The sale as the customer may see it. Amounts are written as the shop writes them, empty for none.

    `newest` is the place in `lines` of the one added or changed last, -1 for none; `hidden` lines stand
    before the first of `lines`. `discount` is on the whole sale, `tax` is added to the lines unless
    `tax_inside`. `to_pay` is what is left to pay (to give back in a `refund`), `in_cash` the same rounded
    for cash where that is another amount; `paid` is what was handed over.
    """

    phase: Phase = "idle"
    shop: str = ""
    thanks: str = THANKS
    lines: tuple[CustomerLine, ...] = ()
    newest: int = -1
    hidden: int = 0
    units: int = 0
    discount: str = ""
    tax: str = ""
    tax_inside: bool = False
    total: str = ""
    to_pay: str = ""
    in_cash: str = ""
    paid: str = ""
    change: str = ""
    refund: bool = False

    @property
    def newest_line(self) -> CustomerLine | None:
        """Return the line added or changed last."""
        return self.lines[self.newest] if 0 <= self.newest < len(self.lines) else None

    @property
    def headline(self) -> tuple[str, str]:
        """Return the one amount that matters now, and what it is: ("Change due", "$0.43")."""
        if self.phase == "idle":
            return WELCOME, ""
        if self.phase == "ringing":
            return "Total", self.total
        if self.phase == "paying":
            return ("To refund" if self.refund else "To pay"), self.to_pay
        if self.refund:
            return "Refunded", self.paid
        return ("Change due", self.change) if self.change else ("Paid", self.paid)


def idle_view(shop: str, thanks: str = THANKS) -> CustomerView:
    """Return what is shown while nothing is sold."""
    return CustomerView(shop=clean(shop, _TITLE_LENGTH), thanks=clean(thanks, _TITLE_LENGTH))


def sample_view(name: str, money: Currency) -> CustomerView:
    """Return what shows that a display is set up right: letters that not every display has, and an amount."""
    line = CustomerLine("Test: Café, Łódź", 1, money.show(1_234))
    return msgspec.structs.replace(
        idle_view(name), phase="ringing", lines=(line,), newest=0, units=1, total=money.show(123_456)
    )


def view_of(
    draft: Draft | None,
    priced: Totals | None,
    money: Currency,
    *,
    shop: str,
    line: str = "",
    due_cents: int | None = None,
    paying: bool = False,
    cash_step: int = 1,
    tax_inside: bool = False,
    thanks: str = THANKS,
) -> CustomerView:
    """Return what the customer sees of a draft that comes to `priced`.

    `line` is the id of the line added or changed last, `due_cents` what is left to pay where it is not
    what `priced` says, `cash_step` what cash is rounded to (cents).
    """
    idle = idle_view(shop, thanks)
    if draft is None or priced is None or draft.empty:
        return idle
    ids = [p.line.id for p in priced.lines] + [r.id for r in draft.returns]
    place = ids.index(line) if line in ids else -1
    first = _first_shown(len(ids), place)
    show = money.show
    due = priced.due_cents if due_cents is None else due_cents
    cash = round_cash(due, cash_step)
    tax = priced.tax_cents
    return msgspec.structs.replace(
        idle,
        phase="paying" if paying else "ringing",
        lines=_lines(draft, priced, show, first),
        newest=place - first if place >= 0 else -1,
        hidden=first,
        units=priced.units,
        discount=show(-_whole_discount(priced)) if _whole_discount(priced) else "",
        tax=show(tax) if tax else "",
        tax_inside=tax_inside,
        total=show(priced.total_cents),
        to_pay=show(abs(due)),
        in_cash=show(abs(cash)) if cash != due else "",
        paid=show(priced.taken_cents) if priced.taken_cents else "",
        refund=due < 0,
    )


def sold_view(sale: Sale, money: Currency, *, shop: str, thanks: str = THANKS) -> CustomerView:
    """Return what the customer sees of a sale just completed: what was paid, and the change."""
    handed_over = sum(t.amount_cents for t in sale.tenders if not t.change)
    return msgspec.structs.replace(
        idle_view(shop, thanks),
        phase="done",
        units=sum(x.quantity for x in sale.lines if x.quantity > 0),
        total=money.show(abs(sale.paid_cents)),
        paid=money.show(abs(handed_over)),
        change=money.show(sale.change_cents) if sale.change_cents else "",
        refund=sale.paid_cents < 0,
    )


def two_lines(
    view: CustomerView, columns: int = LINE_COLUMNS, plain: Callable[[str], str] = clean
) -> tuple[str, str]:
    """Return a view on two lines of `columns` characters each, filled up with blanks.

    An amount that fits is never cut: words give way to it. `plain` makes each text fit for the display before
    it is measured; a display puts one character in one cell, whatever its width on paper.
    """

    def row(words: str, amount: str = "") -> str:
        return _row(plain(words), plain(amount), columns)

    if view.phase == "idle":
        return plain(view.shop)[:columns].center(columns), plain(WELCOME)[:columns].center(columns)
    what, amount = view.headline
    lower = row("Change" if what == "Change due" else what, amount)
    if view.phase == "done":
        upper = row("Paid", view.paid) if view.change else plain(view.thanks)[:columns].ljust(columns)
    elif view.phase == "paying" and view.paid:
        upper = row("Paid", view.paid)
    elif view.phase == "paying" and view.in_cash:
        upper = row("In cash", view.in_cash)
    elif view.phase == "ringing" and view.newest_line is not None:
        newest = view.newest_line
        times = f"{newest.quantity} x " if newest.quantity not in (1, -1) else ""
        upper = row(times + newest.title, newest.price)
    else:
        upper = row("1 item" if view.units == 1 else f"{view.units} items" if view.units else "Return")
    return upper, lower


def _row(words: str, amount: str, columns: int) -> str:
    """Return words at the left and an amount at the right with a blank between; the words are shortened."""
    if not amount:
        return words[:columns].ljust(columns)
    room = max(0, columns - len(amount) - 1)
    return f"{words[:room].rstrip():<{room}} {amount}"[-columns:]


def _first_shown(count: int, newest: int) -> int:
    """Return where the lines shown begin: the last ones, or earlier where the newest is not among them."""
    last = max(0, count - MOST_SHOWN)
    return min(last, newest) if newest >= 0 else last


def _lines(draft: Draft, priced: Totals, show: Callable[[int], str], first: int) -> tuple[CustomerLine, ...]:
    wanted = slice(first, first + MOST_SHOWN)
    every: list[PricedLine | int] = [*priced.lines, *range(len(draft.returns))]
    out = []
    for one in every[wanted]:
        if isinstance(one, int):
            back = draft.returns[one]
            out.append(_line(back.title, -back.quantity, show(-back.total_cents)))
        else:
            out.append(_line(one.line.title, one.line.quantity, show(one.gross_cents - _own_discount(one))))
    return tuple(out)


def _line(title: str, quantity: int, price: str) -> CustomerLine:
    return CustomerLine(clean(title, _TITLE_LENGTH), quantity, price)


def _own_discount(priced: PricedLine) -> int:
    return priced.line.discount.off(priced.gross_cents) if priced.line.discount else 0


def _whole_discount(priced: Totals) -> int:
    return priced.discount_cents - sum(_own_discount(p) for p in priced.lines)

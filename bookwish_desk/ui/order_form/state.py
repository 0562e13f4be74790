"""What the form for a new or a changed order shows, as one frozen value. No Qt here."""

from __future__ import annotations

import msgspec

from bookwish_desk.ui.order_steps.state import Asked, Finding, Tone


class LineRow(msgspec.Struct, frozen=True):
    """One line in words. `gone` is crossed out: cancelled, or to be removed. `note` stands in its badge."""

    key: str
    title: str
    details: str
    copies: str
    price: str
    total: str
    note: str = ""
    gone: bool = False


class ChosenLine(msgspec.Struct, frozen=True):
    """The line that the fields beneath the list change; `fixed` says that it cannot be."""

    key: str
    copies: int | None
    price: str
    copies_error: str = ""
    price_error: str = ""
    fixed: bool = False


class OrderFormState(msgspec.Struct, frozen=True):
    """Everything in the form. `sums` are label and amount, the last one is the total.

    `swapping` names the line that the next title takes the place of. `typed` says that there is something
    to lose. `can_swap` is for orders that exist already.
    """

    asked: Asked = Asked()
    rows: tuple[LineRow, ...] = ()
    chosen: ChosenLine | None = None
    finding: Finding = Finding()
    offer_typed: str = ""
    sums: tuple[tuple[str, str], ...] = ()
    swapping: str = ""
    can_swap: bool = False
    typed: bool = False
    notice: str = ""
    tone: Tone = "error"
    wrong: int = 0
    busy: bool = False
    done: bool = False

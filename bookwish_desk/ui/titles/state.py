"""What the title screen shows, as frozen values in words; nothing here reads or decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from bookwish_desk.shop.item import Kind
from bookwish_desk.ui.found import FoundRow
from bookwish_desk.ui.misprints.state import Misprint
from bookwish_desk.ui.stock.state import CopyForm, ItemForm, ItemForms

Page = Literal["copies", "history", "sales"]
Tone = Literal["ok", "warn", "error"]

EVERY = "every"
"""The choice that leaves nothing out: every cause, every copy."""


class Fact(msgspec.Struct, frozen=True):
    """One thing that is known of a title: what it is, and the words."""

    name: str
    words: str


class Head(msgspec.Struct, frozen=True):
    """What stands at the top: the title, and how many there are of it."""

    title: str
    subtitle: str = ""
    authors: str = ""
    series: str = ""
    on_hand: str = ""
    beside: str = ""


class CopyRow(msgspec.Struct, frozen=True):
    """One kind of copy, with its own SKU and price."""

    sku: str
    what: str
    details: str
    on_hand: str
    on_order: str
    price: str


class WaitingRow(msgspec.Struct, frozen=True):
    """Copies that are promised to somebody, or are to come."""

    key: str
    what: str
    details: str
    copies: str


class MovementRow(msgspec.Struct, frozen=True):
    """One movement of stock. `receipt` is that of a sale; else empty."""

    key: str
    what: str
    details: str
    by: str
    on_hand: str
    receipt: str = ""


class HistoryView(msgspec.Struct, frozen=True):
    """Movements: those that were asked for, and what all of them came to by cause."""

    rows: tuple[MovementRow, ...] = ()
    causes: tuple[tuple[str, str], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    sums: str = ""
    cut: str = ""


class PeriodView(msgspec.Struct, frozen=True):
    """What was sold in a time: its name, the copies, the money."""

    name: str
    copies: str
    amount: str


class MonthBar(msgspec.Struct, frozen=True):
    """What was sold in a month: its short name, the copies, and the sentence for a screen reader."""

    name: str
    copies: int
    spoken: str


class SoldRow(msgspec.Struct, frozen=True):
    """One line of a receipt."""

    key: str
    receipt: str
    when: str
    details: str
    copies: str
    amount: str
    back: bool = False


class SalesView(msgspec.Struct, frozen=True):
    """What was sold of the title."""

    periods: tuple[PeriodView, ...] = ()
    months: tuple[MonthBar, ...] = ()
    rows: tuple[SoldRow, ...] = ()


class TitleView(msgspec.Struct, frozen=True):
    """A title: its facts, marks that nobody may overlook, its copies and what happened to them.

    `history` and `sales` are None until their page is looked at.
    """

    head: Head
    marks: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    copies: tuple[CopyRow, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()
    history: HistoryView | None = None
    sales: SalesView | None = None


class Chosen(msgspec.Struct, frozen=True):
    """The copy that the verbs work on.

    `proposed` are the SKUs that used and signed copies beside it would get; of an article that is no title
    there are none.
    """

    sku: str
    name: str
    title: str
    stocked: bool
    on_hand: int
    on_order: int
    form: ItemForm
    proposed: tuple[tuple[Kind, str], ...] = ()


class TitleForms(ItemForms, Protocol):
    """What the sheets hand whole forms to; `sku` names the copy that a form was opened for.

    `refused` gets the field that is wrong ("" for none) and why.
    """

    def adjust(self, sku: str, by: int, reason: str) -> None:
        """Move the stock of a copy."""

    def count(self, sku: str, counted: int, reason: str) -> None:
        """Set a copy to a count."""

    def order(self, sku: str, copies: int) -> None:
        """Say how many are on order."""

    def receive(self, sku: str, copies: int) -> None:
        """Take delivered copies into the stock."""

    def add_copy(
        self, sku: str, form: CopyForm, saved: Callable[[], None], refused: Callable[[str, str], None]
    ) -> None:
        """Add used or signed copies beside this one."""


class TitleState(msgspec.Struct, frozen=True):
    """Everything on the title screen.

    `unknown` is a scanned code that nothing is known about, `misprint` one that may be another book's.
    """

    view: TitleView | None = None
    chosen: Chosen | None = None
    page: Page = "copies"
    cause: str = EVERY
    of_copy: str = EVERY
    words: str = ""
    found: tuple[FoundRow, ...] = ()
    searching: bool = False
    classes: tuple[tuple[str, str], ...] = ()
    unknown: str = ""
    misprint: Misprint | None = None
    notice: str = ""
    tone: Tone = "warn"

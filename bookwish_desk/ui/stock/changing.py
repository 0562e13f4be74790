"""What is done to one item from a form: adjusted, counted, ordered, received, edited, added, copied.

The forms of the stock screen and of the title screen end here. What is shown afterwards is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bookwish_desk.actions import stocking
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.stocking import ItemEdit
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.stock.state import CopyForm, ItemForm

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

Saved = Callable[[], None]
Wrong = Callable[[str, str], None]

_FIELDS = {
    "title": "title",
    "amount": "price",
    "low_at": "low_at",
    "tax_class": "tax_class",
    "bad_code": "code",
    "known": "code",
    "quantity": "copies",
    "street_date": "street_date",
}
"""Which field of a form a refusal is about."""


class Changing:
    """Changes items that are on the screen: `find` gives one by its SKU, or None when it is gone.

    `tell` gets what was refused, `opened` the SKU of an item or a copy that was added, `received` what came
    and how many.
    """

    def __init__(
        self,
        station: Station,
        find: Callable[[str], Item | None],
        tell: Callable[[ShopError], None],
        opened: Callable[[str], None],
        received: Callable[[str, int], None] = lambda _sku, _copies: None,
    ) -> None:
        self._station = station
        self._find = find
        self._tell = tell
        self._opened = opened
        self._received = received

    def _act(
        self,
        sku: str,
        act: Callable[[Store, Actor, Item], Outcome[Any]],
        then: Callable[[Any], None] | None = None,
    ) -> None:
        item = self._find(sku)
        if item is not None:
            chosen = item
            self._station.act(lambda store, actor: act(store, actor, chosen), then=then, failed=self._tell)

    def adjust(self, sku: str, by: int, reason: str) -> None:
        """Move the stock of an item."""
        self._act(sku, lambda store, actor, item: stocking.adjust(store, actor, item, by, reason))

    def count(self, sku: str, counted: int, reason: str) -> None:
        """Set an item to a count."""
        self._act(sku, lambda store, actor, item: stocking.count(store, actor, item, counted, reason))

    def order(self, sku: str, copies: int) -> None:
        """Say how many copies of an item are on order."""
        self._act(sku, lambda store, actor, item: stocking.order(store, actor, item, copies))

    def receive(self, sku: str, copies: int) -> None:
        """Take delivered copies of an item into the stock."""
        self._act(
            sku,
            lambda store, actor, item: stocking.receive(store, actor, item, copies),
            then=lambda _on_hand: self._received(sku, copies),
        )

    def add_copy(self, sku: str, form: CopyForm, saved: Saved, refused: Wrong) -> None:
        """Add used or signed copies beside an item; `refused` gets the field that is wrong and why."""
        try:
            price = self._station.settings.money.read(form.price)
        except Refused as error:
            refused("price", error.message)
            return
        item = self._find(sku)
        if item is None:
            refused("", "This title is no longer shown. Find it again.")
            return
        of = item

        def added(made: str) -> None:
            saved()
            self._opened(made)
            if form.copies:
                self._received(made, form.copies)

        self._station.act(
            lambda store, actor: stocking.add_copy(
                store, actor, of, form.kind, form.sku, price, form.condition, form.copies
            ),
            then=added,
            failed=lambda error: refused(_FIELDS.get(error.code, ""), error.message),
        )

    def save_item(self, form: ItemForm, saved: Saved, refused: Wrong) -> None:
        """Write the item of a form, or add a new one; `refused` gets the field that is wrong and why."""

        def say(error: ShopError) -> None:
            refused(_FIELDS.get(error.code, ""), error.message)

        try:
            edit = self._edit(form)
        except Refused as error:
            say(error)
            return

        item = self._find(form.sku) if form.sku else None
        if form.sku and item is None:
            refused("", "This item is no longer in the list. Find it again.")
            return

        def written(sku: str) -> None:
            saved()
            if item is None:
                self._opened(sku)

        def write(store: Store, actor: Actor) -> Outcome[str]:
            if item is None:
                return stocking.new_item(store, actor, form.code, edit)
            return Outcome(item.sku, stocking.edit_item(store, actor, item, edit).changes)

        self._station.act(write, then=written, failed=say)

    def _edit(self, form: ItemForm) -> ItemEdit:
        money, low = self._station.settings.money, form.low_at.strip()
        if low and not (low.isascii() and low.isdigit()):
            raise Refused("low_at", "Type a number of copies, or nothing.")
        return ItemEdit(
            title=form.title,
            authors=form.authors,
            publisher=form.publisher,
            price_cents=money.read(form.price) if form.price.strip() else None,
            tax_class=form.tax_class,
            shelf=form.shelf,
            low_at=int(low) if low else None,
            stocked=form.stocked,
            street_date=form.street_date,
            condition=form.condition,
        )

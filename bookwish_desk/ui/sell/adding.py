"""Adding to the sale: what scans, results, tiles and forms sell, and the questions that come before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from bookwish_desk.actions import selling
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import lookup
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.item import KIND_NAMES, Item
from bookwish_desk.shop.sale import Line
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.misprints.presenter import Misprints
from bookwish_desk.ui.misprints.state import Misprint
from bookwish_desk.ui.sell.state import NOTHING_ASKED, SellState, TooEarly, Unknown, promise_of

if TYPE_CHECKING:
    from bookwish_desk.actions.rerouting import Promised
    from bookwish_desk.shop.order import Order
    from bookwish_desk.shop.sale import Draft
    from bookwish_desk.ui.station import Failed, Station

Sell = Callable[[Store, Actor, bool], Outcome[Ringing]]
"""Sells something; the last argument says whether also before its street date."""


_ORDER = "is_order"


def _go_to_order(store: Store, code: str) -> None:
    """Raise Refused with the order whose number or slip this is, where there is one.

    It is looked for where the scan was refused: what is scanned next comes after the answer, not between.
    """
    # Imported here: it brings what orders need, which no scan of a book does.
    from bookwish_desk.actions import pickup

    if found := pickup.find(store, code):
        raise Refused(_ORDER, f"{code} is an order.", order=found[0].id)


class Shows(Protocol):
    """Whoever shows the sale and what is asked."""

    state: SellState
    ringing: Ringing

    def show(self, **changes: object) -> None:
        """Show the state with these changes."""

    def rung(self, ringing: Ringing) -> None:
        """Show the sale after an action changed it."""

    def on_order(self, order: str) -> None:
        """Go to an order that is to be collected."""

    def in_front(self) -> bool:
        """Say whether a form may open: the register may be locked, or another screen be shown."""


class Adding:
    """Puts things into the sale of this register's screen."""

    def __init__(self, station: Station, screen: Shows) -> None:
        self._station = station
        self._screen = screen
        self._misprints = Misprints(station)
        self._early: dict[str, Sell] = {}

    # What sells

    def scan(self, code: str) -> None:
        """Sell what a code names; one that only an order has leads to that order."""

        def sell(store: Store, actor: Actor, early: bool) -> Outcome[Ringing]:
            try:
                return selling.scan(store, actor, code, before_street=early)
            except Refused as refused:
                if refused.code == "unknown":
                    _go_to_order(store, code)
                raise

        self._sell(sell, self._unsold)
        self.compare_cover(barcode.parse(code))

    def _unsold(self, error: ShopError) -> None:
        if error.code != _ORDER:
            self.refused(error)
        elif self._screen.in_front():
            self._screen.show(**NOTHING_ASKED, notice="", words="", found=())
            self._screen.on_order(str(error.facts["order"]))

    def add(self, item: Item | None) -> None:
        """Sell an item; one without a price asks for it first."""
        if item is not None:
            chosen = item
            self._sell(lambda store, actor, early: selling.add(store, actor, chosen, before_street=early))

    def at_price(self, code: str, title: str, price: str, tax_class: str) -> None:
        """Sell what nobody knows, or what has no price, at a typed price. Raises Refused for no amount."""
        cents = self._station.settings.money.read(price)
        self._sell(
            lambda store, actor, early: selling.add_at_price(
                store, actor, code, title, cents, tax_class, early
            )
        )

    def _sell(self, sell: Sell, unsold: Failed | None = None) -> None:
        def refused(error: ShopError) -> None:
            if error.code == "street_date":
                self._early[str(error.facts["sku"])] = sell
            (unsold or self.refused)(error)

        self._station.act(lambda store, actor: sell(store, actor, False), then=self._added, failed=refused)

    def _added(self, ringing: Ringing) -> None:
        self._screen.rung(ringing)
        lines = ringing.draft.lines if ringing.draft else ()
        line = next((x for x in lines if x.id == ringing.line), None)
        if line is None or line.ean is None or line.on_hand is None:
            return
        if line.on_hand < line.quantity:
            self._tell_of_copies(line, line.ean)

    def _tell_of_copies(self, line: Line, ean: int) -> None:
        """Say which other copies are there where no new one is left; which to sell is for the clerk."""

        def reading(store: Store) -> tuple[Item, ...]:
            with store.read() as conn:
                return lookup.copies(conn, ean)

        def tell(copies: tuple[Item, ...]) -> None:
            draft = self._screen.ringing.draft
            if draft is None or all(x.id != line.id for x in draft.lines):
                return
            words = copies_on_hand(copies)
            if words:
                said = self._screen.state.notice
                self._screen.show(notice=f"{said} {words}".strip(), tone="warn")

        self._station.lanes.read(reading, then=tell, latest="copies")

    def warn_of_promises(self, draft: Draft | None) -> None:
        """Say which order counts on copies in the cart: a word, behind the scan, and never a block."""
        if draft is None or not any(line.stocked and not line.of_order for line in draft.lines):
            self._warn(())
            return
        sale = draft

        def reading(store: Store) -> tuple[Promised, ...]:
            # Imported here: the first scan of a day need not wait for it.
            from bookwish_desk.actions import rerouting

            return rerouting.warning(store, sale)

        def warn(found: tuple[Promised, ...]) -> None:
            if self._screen.ringing.draft == sale:
                self._warn(found)

        self._station.lanes.read(reading, then=warn, latest="promises")

    def _warn(self, found: tuple[Promised, ...]) -> None:
        promise = promise_of(found[0]) if found else None
        if promise != self._screen.state.promise:
            self._screen.show(promise=promise)

    def reroute(self) -> None:
        """Take the promised copies away from their order: it gets others, or is a problem to be solved."""
        promise = self._screen.state.promise
        if promise is None:
            return
        wanted = promise

        def act(store: Store, actor: Actor) -> Outcome[Order]:
            from bookwish_desk.actions import rerouting

            return rerouting.reroute(store, actor, wanted.order, wanted.sku, wanted.copies)

        def rerouted(order: Order) -> None:
            lacks = any(x.short for x in order.lines if x.sku == wanted.sku)
            left = "It lacks a book now: see Problems." if lacks else "It gets another copy."
            self._screen.show(promise=None)
            self._station.say(f"Taken from order {wanted.number}. {left}", "warn" if lacks else "ok")
            self.warn_of_promises(self._screen.ringing.draft)

        self._station.act(act, then=rerouted, failed=self.refused)

    def addon(self, scan: barcode.Scan) -> None:
        """Take the small barcode beside the one that was scanned last: it shows the cover's price."""

        def take(item: Item | None) -> None:
            unknown = self._screen.state.unknown
            if unknown is not None and scan.price_hint_cents is not None:
                price = self._station.settings.money.plain(scan.price_hint_cents)
                self._screen.show(unknown=replace(unknown, price=price))
            self._compare(item, scan)

        self._after_sale(scan, take)

    def compare_cover(self, scan: barcode.Scan) -> None:
        """Say when the cover shows another price than the catalogue; the add-on is only ever a hint."""
        if scan.price_hint_cents is not None:
            self._after_sale(scan, lambda item: self._compare(item, scan))

    def _after_sale(self, scan: barcode.Scan, then: Callable[[Item | None], None]) -> None:
        """Look up an article behind the sale of it: what is said before the sale arrives, it wipes off."""
        lanes = self._station.lanes
        lanes.work(lambda: selling.find(lanes.store, scan.code, scan.ean), then=then, lane="shop")

    def _compare(self, item: Item | None, scan: barcode.Scan) -> None:
        hint, settings = scan.price_hint_cents, self._station.settings
        if hint is None or scan.price_hint_currency != settings.currency:
            return
        if item is not None and item.price_cents is not None and item.price_cents != hint:
            show = settings.money.show
            self._screen.show(
                notice=f"The cover says {show(hint)}; the catalogue says {show(item.price_cents)}.",
                tone="warn",
            )

    # What is asked first

    def refused(self, error: ShopError) -> None:
        """Ask for what is lacking, or say why it is not done."""
        if not self._screen.in_front():
            self._station.say(error.message, "warn")
            return
        asked = self._question(error)
        if asked:
            self._screen.show(**{**NOTHING_ASKED, **asked}, notice="", words="", found=())
        else:
            self._screen.show(notice=error.message, tone="error")

    def _question(self, error: ShopError) -> dict[str, object]:
        facts = error.facts
        if error.code == "unknown":
            hint = facts.get("price_hint_cents")
            price = self._station.settings.money.plain(hint) if isinstance(hint, int) else ""
            return {"unknown": Unknown(str(facts["scanned"]), price)}
        if error.code == "no_price":
            return {"unknown": Unknown(str(facts["sku"]), title=str(facts["title"]))}
        if error.code == "street_date":
            return {"too_early": TooEarly(str(facts["sku"]), error.message)}
        return {}

    def sell_early(self, sku: str) -> None:
        """Sell before its street date what was asked about; needs a permission, or a manager."""
        sell = self._early.pop(sku, None)
        self._screen.show(**NOTHING_ASKED)
        if sell is not None:
            wanted = sell
            self._station.act(
                lambda store, actor: wanted(store, actor, True), then=self._added, failed=self.refused
            )

    def misread(self, scan: barcode.Scan) -> None:
        """Say that a code does not fit, and offer the books that one other digit would make of it.

        Ten digits may also be the number of an order.
        """

        def looking(store: Store) -> None:
            _go_to_order(store, scan.code)

        def misread(_found: None) -> None:
            self._screen.show(notice=scan.reason, tone="error")
            self._misprints.look_up(scan, self._offer)

        self._station.lanes.read(looking, then=misread, failed=self._unsold)

    def _offer(self, misprint: Misprint) -> None:
        if self._screen.in_front():
            self._screen.show(misprint=misprint)

    def sell_corrected(self, sku: str) -> None:
        """Sell the book that a person chose for a misprinted code."""
        self._screen.show(**NOTHING_ASKED)
        self.add(self._misprints.item(sku))


def copies_on_hand(copies: tuple[Item, ...]) -> str:
    """Return how many used and signed copies there are in words, nothing for none."""
    told = []
    for kind in ("used", "signed"):
        count = sum(max(0, copy.on_hand) for copy in copies if copy.kind == kind)
        if count:
            told.append(f"{KIND_NAMES[kind]} copies on hand: {count}.")
    return " ".join(told)

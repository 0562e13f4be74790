"""Runs the sell screen: scans, search and the sale being rung up, from intents to actions and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import selling
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.money import read_percent
from bookwish_desk.shop.sale import Discount, Draft, Exemption, Totals, totals
from bookwish_desk.shop.sold import Sale
from bookwish_desk.ui.facing import facing
from bookwish_desk.ui.sell.adding import Adding
from bookwish_desk.ui.sell.finding import Finder
from bookwish_desk.ui.sell.state import (
    NOTHING_ASKED,
    HeldRow,
    SellState,
    cart_rows,
    held_row,
    sum_rows,
)

if TYPE_CHECKING:
    from bookwish_desk.ui.station import ScanOwner, Station


class SellPresenter:
    """Owns the sale on this register's screen.

    `render` gets each new state; `on_receipt` a scanned receipt's code; `on_badge` a scanned badge;
    `on_pay` the sale to be paid, `on_title` the SKU of what is to be shown, `on_order` an order to be
    collected, or nothing to ask which. While a sale is being paid,
    `payer` takes the scans.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = SellState()
        self.render: Callable[[SellState], None] = lambda _state: None
        self.on_receipt: Callable[[str], None] = lambda _code: None
        self.on_badge: Callable[[str], None] = lambda _code: None
        self.on_pay: Callable[[Ringing], None] = lambda _ringing: None
        self.on_title: Callable[[str], None] = lambda _sku: None
        self.on_order: Callable[[str], None] = lambda _order: None
        self.payer: ScanOwner = self
        self.ringing = Ringing(None)
        self.finder = Finder(station, self)
        self.adding = Adding(station, self)
        self._in_front = False
        station.on_change(self._changed)

    def shown(self) -> None:
        """Take scans, and show the sale as it was left (also by a crash)."""
        self._in_front = True
        self.station.own_scans(self if self.state.mode == "sell" else self.payer)
        self._reload()

    def hidden(self) -> None:
        """Stop taking scans, and open no more forms: the register may be locked."""
        self._in_front = False
        self.station.release_scans(self)
        self.station.release_scans(self.payer)

    def in_front(self) -> bool:
        """Say whether a form may open: the register may be locked, or another screen be shown."""
        return self._in_front

    def _changed(self, nouns: frozenset[str]) -> None:
        if nouns & {"settings", "items"}:
            self.finder.load_tiles()
        if nouns & {"till", "draft"}:
            self._load_surroundings()

    def _reload(self) -> None:
        register, before = self.station.register, self.ringing

        def show(ringing: Ringing) -> None:
            # What was rung up since the question is newer than the answer.
            if self.ringing is before:
                self._show_sale(ringing)

        self.station.lanes.read(lambda store: selling.current(store, register), then=show)
        self._load_surroundings()
        self.finder.load_tiles()

    def _load_surroundings(self) -> None:
        register = self.station.register

        def reading(store: Store) -> tuple[int, bool]:
            return len(selling.held(store)), selling.till_is_open(store, register)

        self.station.lanes.read(reading, then=self._show_surroundings, latest="sell-around")

    def _show_surroundings(self, around: tuple[int, bool]) -> None:
        if around != (self.state.held, self.state.till_open):
            self.show(held=around[0], till_open=around[1])

    def show(self, **changes: object) -> None:
        """Show the state with these changes."""
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # The sale

    @property
    def draft(self) -> Draft | None:
        """Return the sale being rung up."""
        return self.ringing.draft

    def _show_sale(self, ringing: Ringing, **also: object) -> None:
        changed, self.ringing = ringing != self.ringing, ringing
        if self.state.mode == "sell":
            self._face_customer()
        draft, priced = ringing.draft, ringing.totals
        if draft is None or priced is None:
            fresh = SellState(tiles=self.state.tiles, held=self.state.held, till_open=self.state.till_open)
            kept = {} if changed else {"words": self.state.words, "found": self.state.found}
            self.state = replace(fresh, total=self.station.settings.money.show(0), **kept)
            self.render(self.state)
            return
        self._show_draft(draft, priced, ringing.line, **also)
        if changed and self.state.mode == "pay":
            self.on_pay(ringing)

    def _show_draft(self, draft: Draft, priced: Totals, line: str, **also: object) -> None:
        show = self.station.settings.money.show
        added = (
            [x.id for x in draft.lines] + [c.order for c in draft.collects] + [r.id for r in draft.returns]
        )
        ids, last = set(added), next(reversed(added), "")
        kept = self.state.selected if self.state.selected in ids else last
        due = self.ringing.due_cents
        verb = "Refund" if due < 0 else "Pay" if due > 0 or draft.empty else "Complete"
        self.show(
            heading=f"{'Return' if draft.returns and not draft.lines else 'Sale'} {draft.number}",
            cart=cart_rows(priced, draft, show),
            selected=line or kept,
            sums=sum_rows(priced, draft, show, inclusive=self.station.settings.tax.mode == "inclusive"),
            total=show(priced.total_cents),
            pay=f"{verb} {show(abs(due))}" if due else verb,
            can_pay=draft.payable,
            has_lines=not draft.empty,
            customer=draft.customer.name if draft.customer else "",
            exempt=draft.exempt.certificate if draft.exempt else "",
            note=draft.note,
            **also,
        )

    def _face_customer(self) -> None:
        ringing = self.ringing
        self.station.show_customer(lambda: facing(ringing, self.station.settings))

    def rung(self, ringing: Ringing) -> None:
        """Show the sale after an action changed it."""
        self._show_sale(ringing, words="", found=(), notice="", searching=False, **NOTHING_ASKED)
        self.adding.warn_of_promises(ringing.draft)

    def dismiss(self) -> None:
        """Take the notice and the question away."""
        self.show(notice="", **NOTHING_ASKED)

    # Scans and search

    def scanned(self, code: str) -> None:
        """Do what a scanned code asks for: sell, recall, open a receipt, switch clerk."""
        scan = barcode.parse(code)
        if scan.kind == "card":
            self.show(notice=scan.reason, tone="error")
        elif scan.kind == "invalid":
            self.adding.misread(scan)
        elif scan.kind == "receipt":
            self.on_receipt(scan.code)
        elif scan.kind == "badge":
            self.on_badge(scan.code)
        elif scan.kind == "held":
            self._recall_code(scan.code)
        else:
            self.adding.scan(code)

    def addon(self, article: barcode.Scan) -> None:
        """Take the small barcode beside the one that was scanned last: it shows the cover's price."""
        self.adding.addon(article)

    def _recall_code(self, code: str) -> None:
        self.station.act(
            lambda store, actor: selling.recall_code(store, actor, code),
            then=self.rung,
            failed=self.adding.refused,
        )

    def entered(self, words: str) -> None:
        """Enter in the search line: sell a typed code, or the first result. It never pays."""
        if not words.strip():
            return
        first = self.finder.first(words)
        if barcode.parse(words).kind != "other":
            self.scanned(words.strip())
        elif first is not None:
            self.adding.add(first)
        elif " " not in words.strip():
            self.scanned(words.strip())

    def choose(self, sku: str) -> None:
        """Sell a search result."""
        self.adding.add(self.finder.result(sku))

    def press_tile(self, sku: str) -> None:
        """Sell the item of a quick tile."""
        self.adding.add(self.finder.tile(sku))

    def bring(self, item: Item) -> None:
        """Sell what was chosen on another screen, as a scan does while this sale or the last is paid."""
        if self.state.mode == "sell":
            self.adding.add(item)
        else:
            self.payer.scanned(item.sku)

    def show_title(self, sku: str = "") -> None:
        """Show all that is known of a search result, else of the chosen line."""
        draft, line = self.draft, self.state.selected
        sold = {x.id: x.sku for x in draft.lines} if draft else {}
        back = {r.id: r.sku for r in draft.returns} if draft else {}
        wanted = sku or sold.get(line) or back.get(line)
        if wanted:
            self.on_title(wanted)

    def sell_unknown(self, code: str, title: str, price: str, tax_class: str) -> None:
        """Sell what nobody knows, or what has no price, at a typed price. Raises Refused for no amount."""
        self.adding.at_price(code, title, price, tax_class)

    def sell_early(self, sku: str) -> None:
        """Sell before its street date what was asked about."""
        self.adding.sell_early(sku)

    def sell_corrected(self, sku: str) -> None:
        """Sell the book that was chosen for a misprinted code."""
        self.adding.sell_corrected(sku)

    def reroute(self) -> None:
        """Give the promised copies to the customer at the counter."""
        self.adding.reroute()

    # Changes to the sale

    def select(self, line: str) -> None:
        """Choose the line that the line keys work on."""
        if line != self.state.selected:
            self.state = replace(self.state, selected=line)

    def change_quantity(self, by: int) -> None:
        """Sell more or fewer copies of the chosen line."""
        lines = self.draft.lines if self.draft else ()
        line = next((x for x in lines if x.id == self.state.selected), None)
        if line is not None:
            self.set_quantity(line.quantity + by)

    def set_quantity(self, quantity: int, line: str = "") -> None:
        """Sell this many copies of a line, else of the chosen one; 0 removes it."""
        line = line or self.state.selected
        self._edit(lambda store, actor, draft: selling.set_quantity(store, actor, draft, line, quantity))

    def remove(self) -> None:
        """Take the chosen line out."""
        line = self.state.selected
        self._edit(lambda store, actor, draft: selling.remove_line(store, actor, draft, line))

    def set_price(self, price: str, reason: str, line: str = "") -> None:
        """Sell a line, else the chosen one, at another price. Raises Refused when the amount is none."""
        line, cents = line or self.state.selected, self.station.settings.money.read(price)
        if not reason.strip():
            raise Refused("reason", "Give a reason for the new price.")
        self._edit(lambda store, actor, draft: selling.set_price(store, actor, draft, line, cents, reason))

    def set_discount(self, kind: str, value: str, reason: str, *, whole: bool, line: str = "") -> None:
        """Discount a line (else the chosen one) or the sale; an empty value takes it back. Raises Refused."""
        discount = self._discount(kind, value, reason)
        line = "" if whole else line or self.state.selected
        if whole:
            self._edit(lambda store, actor, draft: selling.discount_sale(store, actor, draft, discount))
        else:
            self._edit(lambda store, actor, draft: selling.discount_line(store, actor, draft, line, discount))

    def _discount(self, kind: str, value: str, reason: str) -> Discount | None:
        if not value.strip():
            return None
        if kind == "percent":
            return Discount("percent", read_percent(value), reason)
        return Discount("amount", self.station.settings.money.read(value), reason)

    def set_note(self, text: str, *, whole: bool, line: str = "") -> None:
        """Write a note on a line, else the chosen one, or on the sale."""
        line = "" if whole else line or self.state.selected
        self._edit(lambda store, actor, draft: selling.note(store, actor, draft, line, text))

    def gift_wrap(self) -> None:
        """Have the chosen line gift-wrapped, or no longer."""
        line = self.state.selected
        self._edit(lambda store, actor, draft: selling.gift_wrap(store, actor, draft, line))

    def set_exempt(self, certificate: str, holder: str) -> None:
        """Sell without tax; an empty certificate charges tax again."""
        exempt = Exemption(certificate, holder) if certificate.strip() else None
        self._edit(lambda store, actor, draft: selling.set_exempt(store, actor, draft, exempt))

    def set_customer(self, customer: Customer | None) -> None:
        """Attach a customer, or none; also before the first line."""
        draft = self.draft.id if self.draft else ""
        self.station.act(
            lambda store, actor: selling.set_customer(store, actor, draft, customer),
            then=self.rung,
            failed=self.adding.refused,
        )

    def find_customers(self, words: str, then: Callable[[tuple[Customer, ...]], None]) -> None:
        """Look customers up as it is typed."""
        # Imported here, because it brings SQLAlchemy in, which no scan needs: see `db.link`.
        from bookwish_desk.actions import customers

        def reading(store: Store) -> tuple[Customer, ...]:
            with store.read() as conn:
                return customers.search(conn, words)

        self.station.lanes.read(reading, then=then, latest="customers")

    def add_customer(
        self,
        name: str,
        email: str,
        phone: str,
        done: Callable[[], None],
        refused: Callable[[str, str], None],
    ) -> None:
        """Keep a new customer and attach them to the sale."""
        from bookwish_desk.actions import customers

        def added(customer: Customer) -> None:
            done()
            self.set_customer(customer)

        self.station.act(
            lambda store, actor: customers.add(store, actor, name, email, phone),
            then=added,
            failed=lambda error: refused(error.code, error.message),
        )

    def _edit(self, change: Callable[..., object]) -> None:
        if self.draft is None:
            return
        draft = self.draft.id
        self.station.act(
            lambda store, actor: change(store, actor, draft),  # type: ignore[arg-type,return-value]
            then=self.rung,
            failed=self.adding.refused,
        )

    # Hold, recall, void

    def hold(self, note: str = "") -> None:
        """Put the sale aside and print its slip."""
        if self.draft is None or self.draft.empty:
            self.show(notice="There is nothing to hold yet.", tone="warn")
            return
        draft = self.draft.id

        def held(aside: Draft) -> None:
            self._show_sale(Ringing(None))
            self.show(notice=f"Held as {aside.held_as}.", tone="ok")

        self.station.act(
            lambda store, actor: selling.hold(store, actor, draft, note),
            then=held,
            failed=self.adding.refused,
        )

    def load_held(self, then: Callable[[tuple[HeldRow, ...]], None]) -> None:
        """Read the held sales for the recall list."""
        settings = self.station.settings

        def show(held: tuple[Draft, ...]) -> None:
            if self._in_front:
                then(tuple(held_row(d, totals(d, settings.tax), settings.money, settings.zone) for d in held))

        self.station.lanes.read(selling.held, then=show)

    def recall(self, draft: str) -> None:
        """Take a held sale up again."""
        self.station.act(
            lambda store, actor: selling.recall(store, actor, draft),
            then=self.rung,
            failed=self.adding.refused,
        )

    def void(self, reason: str) -> None:
        """Give the sale up."""
        if self.draft is None:
            return
        draft = self.draft.id
        self.station.act(
            lambda store, actor: selling.void(store, actor, draft, reason),
            then=lambda _none: self._show_sale(Ringing(None)),
            failed=self.adding.refused,
        )

    # Paying

    def pay(self) -> None:
        """Go on to the payment of what is in the cart."""
        if not self.state.can_pay:
            self.show(notice="Scan something first.", tone="warn")
        elif self.state.till_open:
            self._go_to_payment()
        else:
            # It may have been opened a moment ago: what is shown here is not refused by.
            register = self.station.register
            self.station.lanes.read(
                lambda store: selling.till_is_open(store, register), then=self._pay_from, latest="sell-till"
            )

    def _pay_from(self, till_open: bool) -> None:
        if not self._in_front or self.state.mode != "sell" or not self.state.can_pay:
            return
        self.show(till_open=till_open)
        if till_open:
            self._go_to_payment()
        else:
            self.show(notice="Open the till before taking money.", tone="warn")

    def _go_to_payment(self) -> None:
        self.show(mode="pay", notice="", words="", found=())
        self.on_pay(self.ringing)

    def back(self, ringing: Ringing) -> None:
        """Come back from paying to the sale."""
        self.next_sale()
        self._show_sale(ringing)

    def completed(self, _sale: Sale) -> None:
        """Show what was just sold until the next sale begins."""
        self._show_sale(Ringing(None))
        self.show(mode="done")

    def next_sale(self) -> None:
        """Take scans for the sale again, the next one or this one."""
        self.station.own_scans(self)
        self.show(mode="sell")
        self._face_customer()

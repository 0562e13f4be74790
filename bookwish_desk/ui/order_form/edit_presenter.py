"""Runs the form that changes an order: what was typed is tried at once, and saved edit by edit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import order_editing
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop import order_edit as pure
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Kind, Order, PostalAddress
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.sale import MOST_QUANTITY
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.order_form.edits import Edit, preview, retaxed, shipping_tax, taxed_line
from bookwish_desk.ui.order_form.form import ADDRESS, OrderForm, Wanted
from bookwish_desk.ui.order_form.state import ChosenLine, LineRow
from bookwish_desk.ui.order_steps.asking import Wrong
from bookwish_desk.ui.order_steps.state import Asked
from bookwish_desk.ui.order_steps.words import change_words, left_to_do, payment_words

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

CLAIMS = (("", "Leave it"), ("holds", "It holds"), ("not", "It does not hold: put the tax back"))
_SILENT = Telling("silent")


class EditPresenter(OrderForm):
    """Changes an order. Nothing is saved before somebody says so; then each change has its own history."""

    title = "Change order"

    def __init__(self, station: Station, order: Order) -> None:
        super().__init__(station, "order-edit")
        self.order = self.opened = order
        self.copies: dict[str, int | None] = {}
        self.prices: dict[str, str] = {}
        self.removed: set[str] = set()
        self.swaps: dict[str, Wanted] = {}
        self.swapping = ""
        self._classes: dict[str, str] = {}

    def open(self) -> None:
        """Take scans, and show the order as the books have it now."""
        super().open()
        self._reload()

    def _reload(self) -> None:
        def reading(store: Store) -> tuple[Order, dict[str, str]]:
            from bookwish_desk.db import lookup

            with store.read() as conn:
                order = orders.load(conn, self.order.id)
                found = ((x.sku, lookup.find(conn, x.sku, x.ean)) for x in order.lines)
                return order, {sku: item.tax_class for sku, item in found if item is not None}

        def read(answer: tuple[Order, dict[str, str]]) -> None:
            self.order, self._classes = answer
            self.opened = self.order
            if self._open:
                self.show()

        self.station.lanes.read(reading, then=read, failed=self._refused, latest="order-edit-order")

    # What it starts with

    def initial(self) -> dict[str, str]:
        """Return what stands in the fields of the order as it is."""
        order, money = self.order, self.station.settings.money
        who, where = order.customer, order.address or PostalAddress(country=self.shop_country)
        parts = (
            where.name,
            where.line1,
            where.line2,
            where.city,
            where.state,
            where.postal_code,
            where.country,
        )
        return {
            "name": who.name if who else "",
            "email": who.email if who else "",
            "phone": who.phone if who else "",
            "kind": order.kind,
            "method": order.method,
            "shipping_cents": money.plain(order.shipping_cents) if order.shipping_cents else "",
            "shipping_right": "",
            "discount_cents": money.plain(order.discount_cents) if order.discount_cents else "",
            "gift": YES if order.gift else "",
            "gift_message": order.gift_message,
            "expected_on": order.expected_on,
            "claim": "",
            "certificate": order.exempt,
            **dict(zip(ADDRESS, parts, strict=True)),
        }

    def text(self, key: str, default: str = "") -> str:
        """Return what stands in a field: typed, or as the order has it."""
        return super().text(key, self.initial().get(key, default) or default)

    def on(self, key: str, default: bool = False) -> bool:
        """Say whether a toggle is on."""
        return super().on(key, default or self.initial().get(key) == YES)

    def _touched(self, *keys: str) -> bool:
        initial = self.initial()
        return any(key in self.texts and self.texts[key].strip() != initial[key].strip() for key in keys)

    @property
    def kind(self) -> Kind:
        """Return whether it is to be picked up or shipped."""
        return "ship" if self.text("kind") == "ship" else "pickup"

    # What is asked

    def ask(self) -> Asked:
        """Ask everything that can be changed, filled with what the order has."""
        settings = self.station.settings
        about = payment_words(self.order, self.at, settings.money, settings.opening)
        if why := pure.why_fixed(self.order):
            return Asked((why.message,))
        initial = self.initial()
        inputs = [
            replace(one, value=initial.get(one.key) or one.value) if one.key in initial else one
            for one in self._inputs()
        ]
        edits, outcome = self._tried()
        return Asked(
            about, tuple(inputs), outcome, "warn" if edits else "info", "Save the changes" if edits else ""
        )

    def _inputs(self) -> list[Input]:
        kinds = (("pickup", "Picked up"), ("ship", "Shipped"))
        inputs = [
            *self.customer_inputs(),
            Input("kind", "How it gets there", "choice", options=kinds, half=True),
        ]
        if self.kind == "ship":
            inputs.append(Input("shipping_cents", "Shipping cost", "amount", half=True))
            if self.order.requote:
                words = "The copies have changed. The shipping cost is right all the same"
                inputs.append(Input("shipping_right", words, "toggle"))
            inputs += [Input("method", "Way of shipping", limit=60), *self.address_inputs()]
        inputs += [
            Input("discount_cents", "Discount", "amount", hint="On all of it", half=True),
            Input("expected_on", "Day told to the customer", hint="Such as 2026-11-24", limit=10, half=True),
            *self._tax_inputs(),
            Input("gift", "It is a gift", "toggle"),
        ]
        if self.on("gift"):
            inputs.append(Input("gift_message", "Gift message", "lines", lines=3, limit=500))
        if self.wanted or self.swaps:
            inputs.append(Input("waits", "Order what is not on the shelf, and wait for it", "toggle"))
        return [*inputs, *self.telling_inputs()]

    def _tax_inputs(self) -> list[Input]:
        claim = self.order.exempt
        label = f"Claims that no tax is due: {claim}" if claim else "Exemption from tax"
        options = CLAIMS if claim else (CLAIMS[0], ("holds", "No tax is due"))
        inputs = [Input("claim", label, "choice", options=options)]
        if self.text("claim") == "holds":
            inputs.append(Input("certificate", "Number of the certificate", limit=60))
        return inputs

    # Lines

    def rows(self) -> tuple[LineRow, ...]:
        """Return the lines of the order with what is to become of them, and those to be added."""
        rows = []
        for line in self.order.lines:
            rows.append(self._row(line))
            if line.id in self.swaps:
                rows.append(self.wanted_row(self.swaps[line.id], "Instead"))
        return (*rows, *(self.wanted_row(x, "New") for x in self.wanted))

    def _row(self, line: OrderLine) -> LineRow:
        note = ""
        if not line.live:
            note = "Cancelled"
        elif line.id in self.removed:
            note = "To be removed"
        elif line.id in self.swaps:
            note = "To be swapped"
        elif line.id == self.swapping:
            note = "Find what takes its place"
        elif line.id in self.copies or line.id in self.prices:
            note = "Changed"
        copies = self.copies.get(line.id, line.live)
        cents = self._price(line)
        show = self.show_money
        gone = not line.live or line.id in self.removed or line.id in self.swaps
        details = (line.detail, f"{line.gone} with the customer" if line.gone else "", line.sku)
        return LineRow(
            line.id,
            line.title,
            " · ".join(fact for fact in details if fact),
            "" if copies is None else str(copies),
            show(cents) if cents is not None else "Price?",
            show(cents * copies) if cents is not None and copies is not None else "",
            note,
            gone,
        )

    def _price(self, line: OrderLine) -> int | None:
        try:
            return self.station.settings.money.read(self.prices[line.id])
        except KeyError:
            return line.price_cents
        except Refused:
            return None

    def chosen_line(self) -> ChosenLine | None:
        """Return the chosen line with what was typed of it."""
        line = self.order.line(self.chosen)
        if line is None:
            return super().chosen_line()
        errors = self.line_errors.get(line.id, ("", ""))
        price = self.prices.get(line.id, self.station.settings.money.plain(line.price_cents))
        fixed = not line.live
        return ChosenLine(line.id, self.copies.get(line.id, line.live), price, *errors, fixed=fixed)

    def wanted_line(self, line_id: str) -> Wanted | None:
        """Return a line to be added, or one that takes the place of another."""
        swap = next((x for x in self.swaps.values() if x.id == line_id), None)
        return swap or super().wanted_line(line_id)

    def change(self, line: Wanted) -> None:
        """Put a changed line in the place of the one before."""
        self.swaps = {key: line if x.id == line.id else x for key, x in self.swaps.items()}
        super().change(line)

    def set_copies(self, copies: int | None) -> None:
        """Let the customer get so many copies of the chosen line."""
        line = self.order.line(self.chosen)
        if line is None:
            super().set_copies(copies)
            return
        self.copies[line.id] = copies
        if copies == line.live:
            del self.copies[line.id]
        self.line_errors.pop(line.id, None)
        self.show(notice="")

    def set_price(self, price: str) -> None:
        """Sell the chosen line at another price."""
        line = self.order.line(self.chosen)
        if line is None:
            super().set_price(price)
            return
        self.prices[line.id] = price
        if self._price(line) == line.price_cents:
            del self.prices[line.id]
        self.line_errors.pop(line.id, None)
        self.show(notice="")

    def remove(self) -> None:
        """Take the chosen line out, or leave it in after all."""
        line = self.order.line(self.chosen)
        if line is None:
            self.swaps = {key: x for key, x in self.swaps.items() if x.id != self.chosen}
            super().remove()
            return
        if line.live:
            self.swaps.pop(line.id, None)
            self.removed ^= {line.id}
        self.show(notice="")

    def swap(self) -> None:
        """Let the next title that is found or scanned take the place of the chosen line."""
        line = self.order.line(self.chosen)
        if self.swapping:
            self.swapping = ""
        elif line is not None and line.live:
            self.swapping = line.id
        self.show(swapping=self.swapping, notice="")

    def take(self, item: Item) -> None:
        """Add what was found; where a line is being swapped, in its place."""
        old = self.order.line(self.swapping) if self.swapping else None
        if old is not None:
            money = self.station.settings.money
            price = money.plain(item.price_cents) if item.price_cents is not None else ""
            self.swaps[old.id] = Wanted(new_id(), item, max(1, old.open), price)
            self.removed.discard(old.id)
            self.chosen, self.swapping = self.swaps[old.id].id, ""
            self.search.clear()
            self.show(swapping="", notice="")
            return
        there = next((x for x in self.order.lines if x.sku == item.sku and x.live and item.sku), None)
        if there is None or there.id in self.removed or there.id in self.swaps:
            super().take(item)
            return
        self.chosen = there.id
        self.search.clear()
        self.set_copies(min(MOST_QUANTITY, (self.copies.get(there.id, there.live) or 0) + 1))

    # What it comes to

    def sums(self) -> tuple[tuple[str, str], ...]:
        """Return what the order comes to with everything that was typed."""
        try:
            order = self._after(self.edits())
        except (Wrong, Refused):
            order = self.order
        show = self.show_money
        rows = [("Books", show(order.subtotal_cents))]
        rows += [("Discount", show(-order.discount_cents))] if order.discount_cents else []
        rows += [("Shipping", show(order.shipping_cents))] if order.shipping_cents else []
        rows += [("Tax in it" if order.tax_included else "Tax", show(order.tax_cents))]
        return (*rows, ("Total", show(order.worth_cents)))

    def _after(self, edits: tuple[Edit, ...]) -> Order:
        classes = dict(self._classes)
        for line in (*self.wanted, *self.swaps.values()):
            classes.setdefault(line.item.sku, line.item.tax_class)
        return preview(self.order, edits, classes, self.station.settings.tax, self.at)

    def _tried(self) -> tuple[bool, tuple[str, ...]]:
        """Return whether there is something to save, and what it means for the money."""
        try:
            edits = self.edits()
        except (Wrong, Refused):
            return True, ()
        if not edits:
            return False, ()
        try:
            after = self._after(edits)
        except Refused as refused:
            return True, (refused.message,)
        said = [change_words(self.order, after, self.show_money) or "What it comes to stays as it is."]
        if after.worth_cents != self.order.worth_cents:
            said.append("No charge is changed by this.")
        if after.requote and not self.order.requote:
            said.append("The shipping cost may be another one now.")
        return True, tuple(said)

    # What is to be saved

    def edits(self) -> tuple[Edit, ...]:
        """Return what was typed and is not saved, in an order that can be done. Raises Wrong."""
        way = self._way()
        if self.kind == "pickup":
            return (*self._people(), *way, *self._places(), *self._lines(), *self._others())
        return (*self._people(), *self._places(), *way, *self._lines(), *self._others())

    def _people(self) -> list[Edit]:
        if not self._touched("name", "email", "phone"):
            return []
        who, order_id = self.customer(), self.order.id
        return [
            Edit(
                "name",
                lambda o: pure.attach_customer(o, who),
                lambda s, a, t: order_editing.attach_customer(s, a, order_id, who, t),
                texts=("name", "email", "phone"),
            )
        ]

    def _places(self) -> list[Edit]:
        if self.kind != "ship" or not (self._touched(*ADDRESS) or self.order.address is None):
            return []
        where, order_id = self.address(), self.order.id
        return [
            Edit(
                "line1",
                lambda o: pure.set_address(o, where),
                lambda s, a, t: order_editing.set_address(s, a, order_id, where, t),
                texts=ADDRESS,
            )
        ]

    def _way(self) -> list[Edit]:
        if not (self._touched("kind", "method", "shipping_cents") or self.on("shipping_right")):
            return []
        kind, method, order_id = self.kind, self.text("method"), self.order.id
        cents = self.cents("shipping_cents", 0) if self.text("shipping_cents") and kind == "ship" else 0
        tax = shipping_tax(self.order, cents, self.station.settings.tax)
        return [
            Edit(
                "shipping_cents",
                lambda o: pure.set_shipping(o, kind, method, cents, tax),
                lambda s, a, t: order_editing.set_shipping(s, a, order_id, kind, method, cents, t),
                texts=("kind", "method", "shipping_cents", "shipping_right"),
            )
        ]

    def _lines(self) -> list[Edit]:
        edits = [self._added(x) for x in self.wanted]
        edits += [self._swapped(old, x) for old, x in self.swaps.items()]
        for line in self.order.lines:
            if line.id in self.removed or line.id in self.swaps:
                continue
            if line.id in self.prices:
                edits.append(self._repriced(line))
            if line.id in self.copies:
                edits.append(self._counted(line))
        return [*edits, *(self._removed(x) for x in sorted(self.removed))]

    def _added(self, wanted: Wanted) -> Edit:
        line, order_id, waits = self.new_line(wanted), self.order.id, self.on("waits")

        def done() -> None:
            self.wanted = tuple(x for x in self.wanted if x.id != wanted.id)

        return Edit(
            "",
            lambda o: pure.add_line(o, taxed_line(o, line, self.station.settings.tax)),
            lambda s, a, t: order_editing.add_line(s, a, order_id, line, waits, t),
            done,
            wanted.id,
        )

    def _swapped(self, old: str, wanted: Wanted) -> Edit:
        line, order_id = self.new_line(wanted), self.order.id
        return Edit(
            "",
            lambda o: pure.swap_line(o, old, taxed_line(o, line, self.station.settings.tax)),
            lambda s, a, t: order_editing.swap_line(s, a, order_id, old, line, t),
            lambda: self._forget(self.swaps, old),
            wanted.id,
        )

    def _repriced(self, line: OrderLine) -> Edit:
        cents, order_id = self._price(line), self.order.id
        if cents is None:
            self.line_wrong(line.id, price=f"Type the price of {line.title}.")
            raise Wrong("", f"Type the price of {line.title}.")
        return Edit(
            "",
            lambda o: pure.set_price(o, line.id, cents),
            lambda s, a, t: order_editing.set_price(s, a, order_id, line.id, cents, t),
            lambda: self._forget(self.prices, line.id),
            line.id,
        )

    def _counted(self, line: OrderLine) -> Edit:
        copies, order_id = self.copies[line.id], self.order.id
        if not copies:
            self.line_wrong(line.id, copies=f"Type how many copies of {line.title}.")
            raise Wrong("", f"Type how many copies of {line.title}.")
        return Edit(
            "",
            lambda o: pure.set_quantity(o, line.id, copies),
            lambda s, a, t: order_editing.set_quantity(s, a, order_id, line.id, copies, t),
            lambda: self._forget(self.copies, line.id),
            line.id,
        )

    def _removed(self, line_id: str) -> Edit:
        order_id = self.order.id
        return Edit(
            "",
            lambda o: pure.remove_line(o, line_id),
            lambda s, a, t: order_editing.remove_line(s, a, order_id, line_id, t),
            lambda: self.removed.discard(line_id),
            line_id,
        )

    @staticmethod
    def _forget(staged: dict, key: str) -> None:
        staged.pop(key, None)

    def _others(self) -> list[Edit]:
        order_id, edits = self.order.id, []
        if self._touched("discount_cents"):
            cents = self.cents("discount_cents", 0) if self.text("discount_cents") else 0
            edits.append(
                Edit(
                    "discount_cents",
                    lambda o: pure.set_discount(o, cents),
                    lambda s, a, t: order_editing.set_discount(s, a, order_id, cents, t),
                    texts=("discount_cents",),
                )
            )
        if self._touched("gift", "gift_message"):
            gift, words = self.on("gift"), self.text("gift_message")
            edits.append(
                Edit(
                    "gift_message",
                    lambda o: pure.set_gift(o, gift, words),
                    lambda s, a, t: order_editing.set_gift(s, a, order_id, gift, words, t),
                    texts=("gift", "gift_message"),
                )
            )
        if self._touched("expected_on"):
            day = self.text("expected_on")
            edits.append(
                Edit(
                    "expected_on",
                    lambda o: pure.promise_day(o, day),
                    lambda s, a, t: order_editing.promise_day(s, a, order_id, day, t),
                    texts=("expected_on",),
                )
            )
        return [*edits, *self._claim()]

    def _claim(self) -> list[Edit]:
        claim, order_id = self.text("claim"), self.order.id
        if claim not in ("holds", "not"):
            return []
        holds, certificate = claim == "holds", self.text("certificate")
        if holds and not certificate:
            raise Wrong("certificate", "Type the number of the exemption certificate.")

        def change(order: Order) -> Order:
            if holds:
                return pure.set_taxes(order, {}, 0, certificate)
            return retaxed(order, self._classes, self.station.settings.tax)

        return [
            Edit(
                "certificate" if holds else "claim",
                change,
                lambda s, a, t: order_editing.verify_exemption(s, a, order_id, holds, certificate, t),
                texts=("claim", "certificate"),
            )
        ]

    # Saving

    def submit(self, values: Values) -> None:
        """Save everything, one change after the other; the first that is refused stays, with its reason."""
        if self.state.busy:
            return
        self.changed(values)
        if self._errors:
            self.show(wrong=self.state.wrong + 1)
            return
        try:
            edits = self.edits()
        except Wrong as wrong:
            self.refuse(wrong.key, wrong.sentence)
            return
        except Refused as refused:
            self._refused(refused)
            return
        if edits:
            self.show(busy=True, notice="")
            self._save(edits)

    def _save(self, edits: tuple[Edit, ...]) -> None:
        one, *rest = edits
        telling = _SILENT if rest else self.telling

        def saved(order: Order) -> None:
            self.order = order
            one.done()
            for key in one.texts:
                self.texts.pop(key, None)
            if rest:
                self._save(tuple(rest))
            else:
                self._saved(order)

        self.station.act(
            self.freed(lambda store, actor: one.run(store, actor, telling)),
            then=saved,
            failed=partial(self._not_saved, one),
        )

    def _saved(self, order: Order) -> None:
        said = (f"{order.number} is changed.", change_words(self.opened, order, self.show_money))
        left = left_to_do(order, self.at, self.show_money)
        self.station.say(" ".join(filter(None, (*said, f"Still to do: {left}" if left else ""))))
        if self._open:
            self.state = replace(self.state, busy=False, done=True)
            self.render(self.state)

    def _not_saved(self, one: Edit, error: ShopError) -> None:
        """Say what was refused; what was saved before it is saved, and what is left stays as it was typed."""
        field = str(error.facts.get("field", ""))
        if one.line:
            price = error.code in ("amount", "discount", "tax_class")
            self.line_wrong(one.line, "" if price else error.message, error.message if price else "")
        if error.code == "address" and field == "name":
            field = "to_name"
        key = field if any(i.key == field for i in self.state.asked.inputs) else one.key
        self.refuse(key, error.message)

    def _refused(self, error: ShopError) -> None:
        self.refuse(str(error.facts.get("field", "")), error.message)

    def show(self, **changes: object) -> None:
        """Show the state, with what only an order that exists already has."""
        super().show(can_swap=bool(self.order.lines), **changes)

    def typed_texts(self) -> tuple[str, ...]:
        """Return what would be lost: whatever was changed and not saved."""
        if pure.why_fixed(self.order):
            return ()
        staged = self.copies or self.prices or self.removed or self.swaps
        touched = self._touched(*self.initial())
        return ("typed",) if staged or touched else ()

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
from bookwish_desk.shop.new_order import checked_address
from bookwish_desk.shop.order import Kind, Order, PostalAddress
from bookwish_desk.shop.order_retax import exempted, priced_anew, sent_at, taxed_again
from bookwish_desk.ui.forms.inputs import YES, Input, Values
from bookwish_desk.ui.order_form.edit_lines import ChangedLines
from bookwish_desk.ui.order_form.edits import Edit, preview
from bookwish_desk.ui.order_form.form import ADDRESS
from bookwish_desk.ui.order_steps.asking import Wrong
from bookwish_desk.ui.order_steps.state import Asked
from bookwish_desk.ui.order_steps.words import change_words, left_to_do, payment_words

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

CLAIMS = (("", "Leave it"), ("holds", "It holds"), ("not", "It does not hold: put the tax back"))
_SILENT = Telling("silent")


class EditPresenter(ChangedLines):
    """Changes an order. Nothing is saved before somebody says so; then each change has its own history."""

    title = "Change order"

    def __init__(self, station: Station, order: Order) -> None:
        super().__init__(station, order)
        self.opened = order

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
            self.order, self.classes = answer
            self.opened = self.order
            self.customer_id = self.order.customer.id if self.order.customer else ""
            if not (self.chosen or pure.why_fixed(self.order)):
                self.chosen = next((x.id for x in self.order.lines if x.live), "")
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
        return preview(self.order, edits, self.taxation, self.at)

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
            return (*self._people(), *way, *self._places(), *self.line_edits(), *self._others())
        return (*self._people(), *self._places(), *way, *self.line_edits(), *self._others())

    def _people(self) -> list[Edit]:
        known = self.order.customer.id if self.order.customer else ""
        if not self._touched("name", "email", "phone") and self.customer_id == known:
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
        if self.kind != "ship" or not (self._touched(*ADDRESS) or self.order.kind != "ship"):
            return []
        # Also where it was to be picked up until now: what is shipped needs a whole address.
        where, order_id = checked_address(self.address(), "ship"), self.order.id
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
        return [
            Edit(
                "shipping_cents",
                lambda o: sent_at(o, self.taxation, kind, method, cents),
                lambda s, a, t: order_editing.set_shipping(s, a, order_id, kind, method, cents, t),
                texts=("kind", "method", "shipping_cents", "shipping_right"),
            )
        ]

    def _others(self) -> list[Edit]:
        order_id, edits = self.order.id, []
        if self._touched("discount_cents"):
            cents = self.cents("discount_cents", 0) if self.text("discount_cents") else 0
            edits.append(
                Edit(
                    "discount_cents",
                    lambda o: priced_anew(o, self.taxation, lambda x: pure.set_discount(x, cents)),
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
            return exempted(order, self.taxation, certificate) if holds else taxed_again(order, self.taxation)

        return [
            Edit(
                "certificate" if holds else "claim",
                change,
                lambda s, a, t: order_editing.verify_exemption(s, a, order_id, holds, certificate, t),
                texts=("claim", "certificate"),
                retax=False,
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
        field = _field_of(error)
        if one.line:
            price = error.code in ("amount", "discount", "tax_class")
            self.line_wrong(one.line, "" if price else error.message, error.message if price else "")
        key = field if any(i.key == field for i in self.state.asked.inputs) else one.key
        self.refuse(key, error.message)

    def _refused(self, error: ShopError) -> None:
        self.refuse(_field_of(error), error.message)

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


def _field_of(error: ShopError) -> str:
    """Return the field that a refusal is about; the name in an address is another one than the customer's."""
    field = str(error.facts.get("field", ""))
    return "to_name" if error.code == "address" and field == "name" else field

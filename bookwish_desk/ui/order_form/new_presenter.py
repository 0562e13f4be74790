"""Runs the form for a new order: typed in at the counter, from a call, an e-mail or another system."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from bookwish_desk.actions import placing
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.new_order import OWN_SOURCES, NewOrder, Paid
from bookwish_desk.shop.opening_hours import end_of, local
from bookwish_desk.shop.order import SOURCES, Kind, Order
from bookwish_desk.shop.order_payment import DAY, SHORTEST_AUTHORISATION_DAYS
from bookwish_desk.shop.order_tax import Goods, Reckoned, reckon
from bookwish_desk.shop.street import checked_day
from bookwish_desk.ui.forms.inputs import Input, Values
from bookwish_desk.ui.order_form.form import OrderForm
from bookwish_desk.ui.order_form.state import LineRow
from bookwish_desk.ui.order_steps.asking import Wrong
from bookwish_desk.ui.order_steps.state import Asked
from bookwish_desk.ui.order_steps.words import left_to_do

if TYPE_CHECKING:
    from bookwish_desk.shop.item import Item
    from bookwish_desk.ui.station import Station

TENDERS = ("Cash", "Card", "Cheque", "Bank transfer", "PayPal", "In the other system")
_PAID: dict[Paid, str] = {
    "at_pickup": "At pickup",
    "captured": "Paid already",
    "authorised": "A card is authorised",
    "outside": "Waits at PayPal or the like",
    "no": "Later",
}


class NewOrderPresenter(OrderForm):
    """Types an order in. `items` are what it begins with, each with its number of copies."""

    title = "New order"

    def __init__(self, station: Station, items: tuple[tuple[Item, int], ...] = ()) -> None:
        super().__init__(station, "order-new")
        for item, copies in items:
            self.take_quietly(item, copies)

    def take_quietly(self, item: Item, copies: int) -> None:
        """Add copies before anything is shown."""
        self.take(item)
        line = self.wanted_line(self.chosen)
        if line is not None:
            self.change(replace(line, copies=copies))

    # What is asked

    @property
    def kind(self) -> Kind:
        """Return whether it is picked up or shipped."""
        return "ship" if self.text("kind") == "ship" else "pickup"

    @property
    def paid(self) -> Paid:
        """Return how it is paid: at first at pickup where it can be, or already where the store wants it."""
        chosen = self.text("paid", "at_pickup")
        can = self._ways()
        return next((p for p in can if p == chosen), "captured" if self._prepaid else "no")

    @property
    def _prepaid(self) -> bool:
        """Say whether nothing is ever collected at the counter for orders of this source."""
        return SOURCES[self.text("source", "counter")].prepaid

    def _ways(self) -> tuple[Paid, ...]:
        at_pickup = self.kind == "pickup" and not self._prepaid
        return tuple(p for p in get_args(Paid) if p != "at_pickup" or at_pickup)

    def ask(self) -> Asked:
        """Ask where it comes from, for whom it is, how it gets there and how it is paid."""
        others = (*OWN_SOURCES, *(key for key in SOURCES if key not in OWN_SOURCES))
        sources = tuple((key, SOURCES[key].name) for key in others)
        own = self.text("source", "counter") in OWN_SOURCES
        number = "Empty: the desk gives one" if own else "As the other system writes it"
        kinds = (("pickup", "Picked up"), ("ship", "Shipped"))
        inputs = [
            Input("source", "Where it comes from", "choice", "counter", options=sources, half=True),
            Input("number", "Its number", hint=number, limit=40, half=True),
            *self.customer_inputs(),
            Input("kind", "How it gets there", "choice", "pickup", options=kinds, half=True),
        ]
        if self.kind == "ship":
            inputs += [
                Input("shipping_cents", "Shipping cost", "amount", half=True),
                Input("method", "Way of shipping", hint="Such as Media Mail or Priority", limit=60),
                *self.address_inputs(),
            ]
        inputs += self._payment_inputs()
        inputs += [
            Input("discount_cents", "Discount", "amount", hint="On all of it", half=True),
            Input(
                "exempt",
                "No tax is due because",
                hint="Certificate; empty where tax is due",
                half=True,
                limit=120,
            ),
            Input("waits", "Order what is not on the shelf, and wait for it", "toggle"),
            Input("gift", "It is a gift", "toggle"),
        ]
        if self.on("gift"):
            inputs.append(Input("gift_message", "Gift message", "lines", lines=3, limit=500))
        inputs += [
            Input("instructions", "What the customer asks for", "lines", lines=2, limit=1_000),
            Input("memo", "Memo for the shop", limit=180),
            *self.telling_inputs(),
        ]
        return Asked((), tuple(inputs), verb="Place the order")

    def _payment_inputs(self) -> list[Input]:
        ways = tuple((p, _PAID[p]) for p in _PAID if p in self._ways())
        inputs = [Input("paid", "Payment", "choice", self.paid, options=ways, half=True)]
        if self.paid == "captured":
            tenders = (("", "Choose how"), *((t, t) for t in TENDERS))
            inputs.append(Input("tender", "Paid by", "choice", options=tenders, half=True))
        elif self.paid == "authorised":
            hint = "As the bank says; at most four weeks"
            inputs.append(
                Input("until", "Valid until", value=self._usual_day(), hint=hint, half=True, limit=10)
            )
        return inputs

    def _usual_day(self) -> str:
        hours = self.station.settings.opening
        return local(hours, self.at + SHORTEST_AUTHORISATION_DAYS * DAY).date().isoformat()

    # What it comes to

    def rows(self) -> tuple[LineRow, ...]:
        """Return the lines in words."""
        return tuple(self.wanted_row(line) for line in self.wanted)

    def sums(self) -> tuple[tuple[str, str], ...]:
        """Return what it comes to by the shop's tax rules, as far as it is typed."""
        settings, goods = self.station.settings, []
        for line in self.wanted:
            try:
                cents = settings.money.read(line.price)
            except Refused:
                continue
            if line.copies:
                goods.append(Goods(line.item.sku, line.item.title, line.item.tax_class, line.copies, cents))
        gross = sum(x.copies * x.price_cents for x in goods)
        discount = min(gross, self._amount("discount_cents"))
        shipping = self._amount("shipping_cents") if self.kind == "ship" else 0
        sums = reckon(
            goods,
            settings.tax,
            discount_cents=discount,
            shipping_cents=shipping,
            shipping_class=settings.shipping_tax,
            exempt=bool(self.text("exempt")),
        )
        return self._in_words(gross, sums)

    def _in_words(self, gross: int, sums: Reckoned) -> tuple[tuple[str, str], ...]:
        show, inclusive = self.show_money, self.station.settings.tax.mode == "inclusive"
        off, tax = sum(sums.discounts), sum(sums.taxes) + sums.shipping_tax_cents
        total = gross - off + sums.shipping_cents + (0 if inclusive else tax)
        rows = [("Books", show(gross))]
        rows += [("Discount", show(-off))] if off else []
        rows += [("Shipping", show(sums.shipping_cents))] if sums.shipping_cents else []
        rows += [("Tax in it" if inclusive else "Tax", show(tax))]
        return (*rows, ("Total", show(total)))

    def _amount(self, key: str) -> int:
        try:
            return self.station.settings.money.read(self.text(key)) if self.text(key) else 0
        except Refused:
            return 0

    # Placing it

    def new_order(self) -> NewOrder:
        """Return the order as it is typed. Raises Wrong or Refused for what is not right."""
        if not self.wanted:
            raise Wrong("", "Add a book first: scan it, or type what it is.")
        tender = self.text("tender") if self.paid == "captured" else ""
        if self.paid == "captured" and not tender:
            raise Wrong("tender", "Choose how it was paid.")
        memo = "; ".join(filter(None, (f"Paid: {tender}" if tender else "", self.text("memo"))))
        return NewOrder(
            lines=tuple(self.new_line(line) for line in self.wanted),
            source=self.text("source", "counter"),
            number=self.text("number"),
            kind=self.kind,
            customer=self.customer(),
            address=self.address() if self.kind == "ship" else None,
            method=self.text("method"),
            instructions=self.texts.get("instructions", ""),
            gift=self.on("gift"),
            gift_message=self.texts.get("gift_message", ""),
            memo=memo,
            shipping_cents=self._read("shipping_cents") if self.kind == "ship" else 0,
            discount_cents=self._read("discount_cents"),
            exempt=self.text("exempt"),
            paid=self.paid,
            until=self._until() if self.paid == "authorised" else 0,
            waits=self.on("waits"),
        )

    def _read(self, key: str) -> int:
        return self.cents(key, 0) if self.text(key) else 0

    def _until(self) -> int:
        try:
            day = checked_day(self.text("until", self._usual_day()))
        except Refused as refused:
            raise Wrong("until", refused.message) from None
        return end_of(self.station.settings.opening, day) if day else 0

    def submit(self, values: Values) -> None:
        """Place the order, unless something is wrong: then say so beside it."""
        if self.state.busy:
            return
        self.changed(values)
        if self._errors:
            self.show(wrong=self.state.wrong + 1)
            return
        try:
            new = self.new_order()
        except Wrong as wrong:
            self.refuse(wrong.key, wrong.sentence)
            return
        except Refused as refused:
            self._refused(refused)
            return
        telling = self.telling
        self.show(busy=True, notice="")
        self.station.act(
            self.freed(lambda store, actor: placing.enter(store, actor, new, telling)),
            then=self._placed,
            failed=self._refused,
        )

    def _refused(self, error: ShopError) -> None:
        field, line = str(error.facts.get("field", "")), error.facts.get("line")
        if isinstance(line, int) and line < len(self.wanted):
            price = field in ("price_cents", "discount_cents")
            self.line_wrong(
                self.wanted[line].id, "" if price else error.message, error.message if price else ""
            )
        if error.code == "address" and field == "name":
            field = "to_name"
        self.refuse(field, error.message)

    def _placed(self, order: Order) -> None:
        left = left_to_do(order, self.at, self.show_money)
        todo = f" Still to do: {left}" if left else ""
        self.station.say(f"{order.number} is placed: {self.show_money(order.total_cents)}.{todo}")
        if self._open:
            self.state = replace(self.state, busy=False, done=True)
            self.render(self.state)

"""What a new and a changed order have in common: lines found by scan or words, a customer, and the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.countries import COUNTRIES
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Customer, Item
from bookwish_desk.shop.new_order import NewLine
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.sale import MOST_QUANTITY, plain
from bookwish_desk.ui.forms.inputs import Input, Values
from bookwish_desk.ui.order_form.state import ChosenLine, LineRow, OrderFormState
from bookwish_desk.ui.order_steps.asking import Asking, Wrong
from bookwish_desk.ui.order_steps.finding import TitleSearch

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

ADDRESS = ("to_name", "line1", "line2", "city", "state", "postal_code", "country")

_LOST = (
    "number", "name", "email", "phone", "shipping_cents", "method", *ADDRESS[1:-1],
    "discount_cents", "exempt", "gift_message", "instructions", "memo", "comment",
)  # fmt: skip


class Wanted(msgspec.Struct, frozen=True):
    """A title to be ordered as it is typed: `price` as text, `copies` None while there is no number."""

    id: str
    item: Item
    copies: int | None
    price: str


class OrderForm(Asking):
    """Lines, customer and address of an order that is being typed in."""

    state: OrderFormState

    def __init__(self, station: Station, latest: str) -> None:
        super().__init__(station)
        self.state = OrderFormState()
        self.wanted: tuple[Wanted, ...] = ()
        self.chosen = ""
        self.search = TitleSearch(station, self.found, self.take, latest)
        self.line_errors: dict[str, tuple[str, str]] = {}
        self.customer_id = ""

    # The sheet

    def open(self) -> None:
        """Take scans and show the form."""
        self._open = True
        self.station.own_scans(self)
        self.show()
        self._refresh()

    def _refresh(self) -> None:
        """Read anew how many copies there are of what the form begins with."""
        skus = tuple(x.item.sku for x in self.wanted if x.item.sku)
        if not skus:
            return

        def reading(store: Store) -> tuple[Item, ...]:
            from bookwish_desk.db import lookup

            with store.read() as conn:
                return lookup.by_skus(conn, skus)

        def read(items: tuple[Item, ...]) -> None:
            now = {item.sku: item for item in items}
            self.wanted = tuple(replace(x, item=now.get(x.item.sku, x.item)) for x in self.wanted)
            if self._open:
                self.show()

        self.station.lanes.read(reading, then=read, latest="order-form-stock")

    def close(self) -> None:
        """Give scans back."""
        self._open = False
        self.station.release_scans(self)
        self.search.clear()

    def scanned(self, code: str) -> None:
        """Add the title of a scanned code."""
        self.search.scanned(code, lambda sentence: self.show(notice=sentence, tone="warn"))

    def found(self) -> None:
        """Show what was found."""
        if self._open:
            self.show()

    def show(self, **changes: object) -> None:
        """Show the state with these changes, everything worked out anew."""
        finding = self.search.state
        nothing = bool(finding.words.strip()) and not finding.rows and not finding.searching
        super().show(
            rows=self.rows(),
            chosen=self.chosen_line(),
            sums=self.sums(),
            finding=finding,
            offer_typed=finding.words.strip() if nothing else "",
            typed=bool(self.wanted) or any(t.strip() for t in self.typed_texts()),
            **changes,
        )

    def typed_texts(self) -> tuple[str, ...]:
        """Return what a person has typed that would be lost."""
        return tuple(self.texts.get(key, "") for key in _LOST)

    def rows(self) -> tuple[LineRow, ...]:
        """Return the lines in words."""
        raise NotImplementedError

    def sums(self) -> tuple[tuple[str, str], ...]:
        """Return what it comes to, as labels and amounts; the last one is the total."""
        raise NotImplementedError

    def chosen_line(self) -> ChosenLine | None:
        """Return the line that is chosen, to be changed."""
        line = self.wanted_line(self.chosen)
        if line is None:
            return None
        errors = self.line_errors.get(line.id, ("", ""))
        return ChosenLine(line.id, line.copies, line.price, *errors)

    # Lines

    def wanted_line(self, line_id: str) -> Wanted | None:
        """Return one of the lines typed in."""
        return next((x for x in self.wanted if x.id == line_id), None)

    def take(self, item: Item) -> None:
        """Add a copy of what was found or scanned; one that is there already gets another copy."""
        same = next((x for x in self.wanted if x.item.sku == item.sku and item.sku), None)
        if same is not None:
            self.chosen = same.id
            self.change(replace(same, copies=min(MOST_QUANTITY, (same.copies or 0) + 1)))
        else:
            money = self.station.settings.money
            price = money.plain(item.price_cents) if item.price_cents is not None else ""
            self.wanted = (*self.wanted, Wanted(new_id(), item, 1, price))
            self.chosen = self.wanted[-1].id
        self.search.clear()
        self.show(notice="")

    def typed(self, words: str) -> None:
        """Look for a title as it is typed."""
        self.look_for(self.search, words)

    def changed(self, values: Values) -> None:
        """Take what is typed; a customer whose name is typed over is somebody else."""
        before = self.text("name")
        super().changed(values)
        if self.customer_id and self.text("name") != before:
            self.customer_id = ""
            self.show()

    def take_first(self, words: str) -> None:
        """Take a typed code, or the first of what was found for the words."""
        item = self.search.first(words)
        if item is not None:
            self.take(item)
        else:
            self.search.entered(words)

    def take_typed(self) -> None:
        """Add what nobody knows, by the words that were typed: its price must be typed.

        By its ISBN it is an article of its own: the copies that come in under it go to the order.
        """
        words = self.state.offer_typed
        scan = barcode.parse(words)
        if scan.ean is not None and scan.kind != "in_shop":
            self.take(Item(scan.code, scan.code, ean=scan.ean))
        elif words:
            self.take(Item("", words, stocked=False))

    def change(self, line: Wanted) -> None:
        """Put a changed line in the place of the one before."""
        self.wanted = tuple(line if x.id == line.id else x for x in self.wanted)
        self.line_errors.pop(line.id, None)

    def choose(self, line_id: str) -> None:
        """Choose the line that is changed."""
        if line_id != self.chosen:
            self.chosen = line_id
            self.show()

    def set_copies(self, copies: int | None) -> None:
        """Order so many copies of the chosen line."""
        line = self.wanted_line(self.chosen)
        if line is not None:
            self.change(replace(line, copies=copies))
            self.show(notice="")

    def set_price(self, price: str) -> None:
        """Sell the chosen line at a typed price."""
        line = self.wanted_line(self.chosen)
        if line is not None:
            self.change(replace(line, price=price))
            self.show(notice="")

    def remove(self) -> None:
        """Take the chosen line out."""
        self.wanted = tuple(x for x in self.wanted if x.id != self.chosen)
        self.chosen = self.wanted[-1].id if self.wanted else ""
        self.show(notice="")

    def swap(self) -> None:
        """Do nothing: only what was ordered already can be swapped."""

    def submit(self, values: Values) -> None:
        """Save what was typed."""
        raise NotImplementedError

    def wanted_row(self, line: Wanted, note: str = "") -> LineRow:
        """Return a line typed in as it is shown."""
        item, show = line.item, self.show_money
        try:
            cents: int | None = self.station.settings.money.read(line.price)
        except Refused:
            cents = None
        here = f"{item.on_hand} on hand" if item.stocked else "Not in the catalogue" if not item.sku else ""
        details = (item.copy_words, item.authors, here, f"shelf {item.shelf}" if item.shelf else "")
        lacking = item.stocked and item.on_hand < (line.copies or 1)
        return LineRow(
            line.id,
            item.title or item.sku,
            " · ".join(fact for fact in details if fact),
            "" if line.copies is None else str(line.copies),
            show(cents) if cents is not None else "Price?",
            show(cents * line.copies) if cents is not None and line.copies else "",
            note or ("Not on the shelf" if lacking else ""),
        )

    def new_line(self, line: Wanted) -> NewLine:
        """Return a line as it is to be ordered. Raises Wrong, having said so beside the line's field."""
        item = line.item
        try:
            cents = self.station.settings.money.read(line.price)
        except Refused:
            why = f"Type the price of {item.title}."
            self.line_wrong(line.id, price=why)
            raise Wrong("", why) from None
        if not line.copies:
            why = f"Type how many copies, at most {MOST_QUANTITY}."
            self.line_wrong(line.id, copies=why)
            raise Wrong("", why)
        return NewLine(
            title=item.title or item.sku,
            sku=item.sku,
            ean=item.ean,
            detail=item.copy_words or item.authors,
            quantity=line.copies,
            price_cents=cents,
            tax_class=item.tax_class,
            street_date=item.street_date,
        )

    def refuse(self, key: str, sentence: str) -> None:
        """Say what is wrong; where it is about a line, go to its field."""
        super().refuse(key, sentence)
        if self._open and self.chosen in self.line_errors:
            self.show(wrong=self.state.wrong + 1)

    def line_wrong(self, line_id: str, copies: str = "", price: str = "") -> None:
        """Say beside the fields of a line what is wrong with it."""
        self.chosen = line_id
        self.line_errors[line_id] = (copies, price)

    # Customer and address

    def customer_inputs(self) -> list[Input]:
        """Return the questions for the customer; one who is known is found with the button."""
        return [
            Input("name", "Customer", limit=80),
            Input("email", "E-mail", half=True, limit=120),
            Input("phone", "Telephone", half=True, limit=40),
        ]

    @property
    def shop_country(self) -> str:
        """Return the country of the shop, by its time zone."""
        return next((c.code for c in COUNTRIES if self.station.settings.zone in c.zones), "US")

    def address_inputs(self) -> list[Input]:
        """Return the questions for an address."""
        countries = tuple((c.code, c.name) for c in COUNTRIES)
        here = self.text("country", self.shop_country)
        if here not in dict(countries):
            countries = ((here, here), *countries)
        return [
            Input("to_name", "Send to", value=self.text("name"), limit=80),
            Input("line1", "Street and number", limit=100),
            Input("line2", "Second line", limit=100),
            Input("postal_code", "Postal code", half=True, limit=20),
            Input("city", "City", half=True, limit=80),
            Input("state", "State", half=True, limit=40),
            Input("country", "Country", "choice", here, options=countries, half=True),
        ]

    def address(self) -> PostalAddress:
        """Return the address as it is typed."""
        name, *rest = (self.text(key) for key in ADDRESS)
        line1, line2, city, state, postal_code, country = rest
        shop = self.shop_country
        return PostalAddress(
            name or self.text("name"),
            line1,
            line2,
            city,
            state,
            postal_code,
            country or shop,
            self.text("phone"),
        )

    def customer(self) -> Customer | None:
        """Return the customer as typed or chosen; None where nothing was typed."""
        texts = [plain(self.text(key)) for key in ("name", "email", "phone")]
        return Customer(self.customer_id, texts[0], texts[1], texts[2]) if any(texts) else None

    def find_customers(self, words: str, then: Callable[[tuple[Customer, ...]], None]) -> None:
        """Look customers up as it is typed."""
        from bookwish_desk.actions import customers

        def reading(store: Store) -> tuple[Customer, ...]:
            with store.read() as conn:
                return customers.search(conn, words)

        self.station.lanes.read(reading, then=then, latest="order-customers")

    def set_customer(self, customer: Customer | None) -> None:
        """Take a customer of the books, or none."""
        made = customer or Customer("", "")
        self.customer_id = made.id
        self.texts.update(name=made.name, email=made.email, phone=made.phone)
        self.show(notice="")

    def add_customer(
        self,
        name: str,
        email: str,
        phone: str,
        done: Callable[[], None],
        refused: Callable[[str, str], None],
    ) -> None:
        """Keep a new customer and take them."""
        from bookwish_desk.actions import customers

        def added(customer: Customer) -> None:
            done()
            self.set_customer(customer)

        self.station.act(
            lambda store, actor: customers.add(store, actor, name, email, phone),
            then=added,
            failed=lambda error: refused(error.code, error.message),
        )

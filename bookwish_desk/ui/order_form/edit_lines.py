"""The lines of an order that is being changed: other copies and prices, removed, swapped and added ones.

Nothing here is saved: `edits` are what it comes to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bookwish_desk.actions import order_editing
from bookwish_desk.shop import order_edit as pure
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_retax import Taxation, priced_anew, taxed_line
from bookwish_desk.shop.sale import MOST_QUANTITY
from bookwish_desk.ui.order_form.edits import Edit
from bookwish_desk.ui.order_form.form import OrderForm, Wanted
from bookwish_desk.ui.order_form.state import ChosenLine, LineRow
from bookwish_desk.ui.order_steps.asking import Wrong

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station


class ChangedLines(OrderForm):
    """A form whose lines are those of an order, with what is to become of them, and those to be added."""

    def __init__(self, station: Station, order: Order) -> None:
        super().__init__(station, "order-edit")
        self.order = order
        self.copies: dict[str, int | None] = {}
        self.prices: dict[str, str] = {}
        self.removed: set[str] = set()
        self.swaps: dict[str, Wanted] = {}
        self.swapping = ""
        self.classes: dict[str, str] = {}

    @property
    def taxation(self) -> Taxation:
        """Return how the shop taxes what is in the order and what is to be added."""
        settings, classes = self.station.settings, dict(self.classes)
        for line in (*self.wanted, *self.swaps.values()):
            classes.setdefault(line.item.sku, line.item.tax_class)
        return Taxation(settings.tax, settings.shipping_tax, classes)

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

    # What is to be saved

    def line_edits(self) -> list[Edit]:
        """Return what was changed of the lines, what is added first. Raises Wrong."""
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
        line, order_id, waits = self.new_line(wanted), self.order.id, self.on("waits")
        return Edit(
            "",
            lambda o: pure.swap_line(o, old, taxed_line(o, line, self.station.settings.tax)),
            lambda s, a, t: order_editing.swap_line(s, a, order_id, old, line, waits, t),
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
            lambda o: priced_anew(o, self.taxation, lambda x: pure.set_price(x, line.id, cents)),
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

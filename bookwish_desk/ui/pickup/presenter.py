"""Runs the pickup screen: who collects, which books lie ready, each scanned out, and the hand-over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from bookwish_desk.actions import collecting, pickup
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.collecting import seen_of
from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.db import drafts, orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.collecting import Copies, left_unscanned, went_unpaid
from bookwish_desk.shop.errors import NeedsApproval, Refused, ShopError
from bookwish_desk.shop.order import Order, source_of
from bookwish_desk.shop.order_rules import RULES, STATE_WORDS
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.pickup import scanning
from bookwish_desk.ui.pickup.scanning import Heard
from bookwish_desk.ui.pickup.state import PickupState, row, view

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Failed, Station

T = TypeVar("T")

_SHOWN = frozenset({"orders", "draft", "settings"})


class PickupPresenter:
    """Hands orders over, one at a time. `render` gets each state.

    `on_alarm` is called with every scan that must not pass, `on_unpaid` with an order that only a manager
    lets pass, what of it was scanned out and by what the customer was known; `on_sale` after an order was
    put into the sale.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = PickupState()
        self.render: Callable[[PickupState], None] = lambda _state: None
        self.on_alarm: Callable[[], object] = lambda: None
        self.on_unpaid: Callable[[Order, str], object] = lambda _order, _sentence: None
        self.on_ready: Callable[[Order], object] = lambda _order: None
        self.on_sale: Callable[[Ringing], object] = lambda _ringing: None
        self.order: Order | None = None
        self.taken: dict[str, int] = {}
        self._wanted = ""
        self._from = "sell"
        self._from_list = False
        self._entering = ""
        self._shown = False
        self._partly = False
        station.on_change(self._changed)

    # ---- coming and going ----

    def open(self, order_id: str = "", came_from: str = "sell") -> None:
        """Show an order to be collected, or the whole list of them; Back then leads to `came_from`."""
        self._from, self._from_list, self._entering = came_from, False, ""
        if not order_id:
            self._show(words="")  # left over from whoever was not finished
        self._choose(order_id)

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        self._load()

    def hidden(self) -> None:
        """Stop taking scans."""
        self._shown = False
        self.station.release_scans(self)

    def back(self) -> None:
        """Go back to the list, or from there to where it was opened."""
        from_list = self._from_list and bool(self._wanted)
        self._choose("")
        if not from_list:
            self._show(words="")
            self.station.show_screen(self._from)

    def _choose(self, order_id: str) -> None:
        self._wanted, self.order, self.taken = order_id, None, {}
        self._show(view=None, seen="", taken=0, left=0, busy=False, notice="")
        if self._shown:
            self._load()

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & _SHOWN:
            self._load()

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- the list ----

    def typed(self, words: str) -> None:
        """List the orders that words lead to, as they are typed."""
        self._entering = ""
        self._wanted, self.order, self.taken = "", None, {}
        self._show(words=words, view=None, seen="", notice="")
        self._load()

    def entered(self, words: str) -> None:
        """Enter in the search line: open the order of a number, or the only one that is found."""
        if not words.strip():
            return
        if words != self.state.listed:
            # What is listed is still for other words: never open another's order by being quick.
            self._entering = words
        elif len(self.state.rows) == 1:
            self.pick(self.state.rows[0].id)
        else:
            self.scanned(words.strip())

    def pick(self, order_id: str) -> None:
        """Open one of the orders."""
        if order_id:
            self._from_list = True
            self._choose(order_id)

    def _load(self) -> None:
        if self._wanted:
            self._load_order()
            return
        words, lanes = self.state.words, self.station.lanes
        at, money = lanes.store.clock(), self.station.settings.money

        def listed(found: tuple[Order, ...]) -> None:
            if not self._wanted and words == self.state.words:
                self._show(rows=tuple(row(o, at, money) for o in found), listed=words)
                if self._entering == words:
                    self._entering = ""
                    self.entered(words)

        lanes.read(lambda store: pickup.waiting(store, words), then=listed, latest="pickups")

    # ---- the order ----

    def _load_order(self) -> None:
        wanted = self._wanted

        def reading(store: Store) -> tuple[Order, bool]:
            with store.read() as conn:
                return orders.load(conn, wanted), drafts.collecting(conn, wanted) is not None

        def there(found: tuple[Order, bool]) -> None:
            if wanted == self._wanted:
                self._show_order(*found)

        self.station.lanes.read(reading, then=there, failed=self._refused, latest="pickup")

    def _show_order(self, order: Order, in_sale: bool | None = None, **also: object) -> None:
        before, self.order = self.order, order
        ready = {x.id: x.set_aside for x in order.lines}
        self.taken = {x: min(n, ready.get(x, 0)) for x, n in self.taken.items() if ready.get(x, 0)}
        if in_sale is None:
            in_sale = self.state.view is not None and self.state.view.in_sale
        at, why = self.station.lanes.store.clock(), why_not(order)
        if in_sale:
            why = "This order is in a sale already. Complete that sale, or take the order out of it."
        shown = view(order, self.taken, at, self.station.settings.money, why_not=why, in_sale=in_sale)
        if before is None and not why:
            also = {"notice": _greeting(order), "tone": "ok", **also}
        self._show(
            view=shown, taken=sum(self.taken.values()), left=left_unscanned(order, self.copies), **also
        )

    @property
    def copies(self) -> Copies:
        """Return what was scanned out, by line."""
        return tuple((line, n) for line, n in self.taken.items() if n)

    def scanned(self, code: str) -> None:
        """Check a book off, open the order of a slip, or say what is wrong."""
        if self.state.busy:
            return
        order = self.order

        def heard(found: Heard) -> None:
            if order is self.order or (order and self.order and order.id == self.order.id):
                self._heard(found, code)

        self.station.lanes.read(
            # As it stands when its turn comes: two quick scans of one book are two copies.
            lambda store: scanning.hear(store, order, dict(self.taken), code),
            then=heard,
            failed=self._refused,
        )

    def _heard(self, found: Heard, code: str) -> None:
        order = self.order
        if found.meaning == "book" and order is not None:
            self._take(order, found.line)
        elif found.meaning == "same":
            self._show(notice="This is the slip of this order. Now scan each book out.", tone="ok")
        elif found.meaning == "order" and not self.taken:
            self._choose(found.order)
        elif found.meaning == "order":
            self._alarm(f"{code} is the slip of another order. Hand this one over first, or start over.")
        else:
            self._alarm(found.sentence)

    def _take(self, order: Order, line_id: str) -> None:
        line = order.line(line_id)
        if line is None:
            return
        if why_not(order) or (self.state.view is not None and self.state.view.in_sale):
            self._alarm(self.state.view.why_not if self.state.view else why_not(order))
            return
        if self.taken.get(line_id, 0) >= line.set_aside:
            # Two quick scans: the second meant another line with the same book.
            same = [x for x in order.lines if x.sku == line.sku and self.taken.get(x.id, 0) < x.set_aside]
            line, line_id = (same[0], same[0].id) if same else (line, line_id)
        if self.taken.get(line_id, 0) >= line.set_aside:
            self._alarm(f"One too many: {line.title} is checked already. Put this one back.")
            return
        self.taken[line_id] = self.taken.get(line_id, 0) + 1
        left = left_unscanned(order, self.copies)
        said = f"{line.title} is checked." if left else f"{line.title} is checked. That is every book."
        self._show_order(order, notice=said, tone="ok")

    def check_by_hand(self, line_id: str) -> None:
        """Check a copy whose code cannot be scanned: somebody held it against the order by eye."""
        if self.order is not None:
            self._take(self.order, line_id)

    def start_over(self) -> None:
        """Take every check mark back."""
        if self.order is not None:
            self.taken = {}
            self._show_order(self.order, notice="", seen=self.state.seen)

    def _alarm(self, sentence: str) -> None:
        self.on_alarm()
        self._show(notice=sentence, tone="error")

    def know(self, seen: str) -> None:
        """Note by what the customer is known."""
        self._show(seen=seen, notice="")

    # ---- what is done with it ----

    def make_ready(self) -> None:
        """Ask for its place on the hold shelf."""
        if self.order is not None:
            self.on_ready(self.order)

    def print_slip(self) -> None:
        """Print its slip again."""
        if self.order is not None:
            order = self.order.id
            self.station.act(
                lambda store, actor: pickup.print_slip(store, actor, order),
                then=lambda _job: self._show(notice="The slip is being printed.", tone="ok"),
                failed=self._refused,
            )

    def hand_over(self, *, partly: bool = False, override: str = "") -> None:
        """Give what was scanned out to the customer: all that lies ready, or on purpose a part."""
        order, copies, seen = self.order, self.copies, self.state.seen
        if order is None or self.state.busy or not self._complete(order, partly):
            return
        self._partly = partly

        def refused(error: ShopError) -> None:
            if error.code == "unpaid" and not override:
                self._show(busy=False)
                self.on_unpaid(order, error.message)
            self._refused(error)

        self._act(
            lambda store, actor: pickup.hand_over(
                store, actor, order.id, copies, seen, partly=partly, override=override
            ),
            self._handed,
            refused,
        )

    def _act(
        self, act: Callable[[Store, Actor], Outcome[T]], then: Callable[[T], None], failed: Failed
    ) -> None:
        """Do it once, and be free again where a manager is asked: perhaps nobody approves it."""

        def freed(store: Store, actor: Actor) -> Outcome[T]:
            try:
                return act(store, actor)
            except NeedsApproval:
                self.station.lanes.home(lambda: self._show(busy=False))
                raise

        self._show(busy=True, notice="")
        self.station.act(freed, then=then, failed=failed)

    def part(self) -> None:
        """Hand a part over on purpose: in a sale that pays for all of it, where it is paid at the counter."""
        if self.state.view is not None and self.state.view.to_sale:
            self.add_to_sale(partly=True)
        else:
            self.hand_over(partly=True)

    def let_pass(self, reason: str) -> None:
        """Hand the unpaid order over for a reason; a manager has to approve it."""
        self.hand_over(partly=self._partly, override=reason)

    def _complete(self, order: Order, partly: bool) -> bool:
        """Say whether everything is there for a hand-over; else what is lacking stands on the screen."""
        left = left_unscanned(order, self.copies)
        if why_not(order):
            self._alarm(why_not(order))
        elif not self.copies:
            self._alarm("Scan each book out first.")
        elif left and not partly:
            self._alarm(pickup.unscanned(left))
        else:
            try:
                seen_of(self.state.seen)
            except Refused as refused:
                self._alarm(refused.message)
            else:
                return True
        return False

    def _handed(self, order: Order) -> None:
        who = order.customer.name if order.customer else "the customer"
        left = f" {order.open} still to come." if order.open else ""
        self.station.say(f"Order {order.number} was handed over to {who}.{left}")
        from_list = self._from_list
        self._show(words="")
        self._choose("")
        if not from_list:
            # A slip scanned at the register, or the order screen: there the work goes on.
            self.station.show_screen(self._from)

    def add_to_sale(self, *, partly: bool = False) -> None:
        """Put the order into the sale on this register: extra books and what is to pay are one receipt."""
        order, copies, seen = self.order, self.copies, self.state.seen
        if order is None or self.state.busy or not (self._owes or self._complete(order, partly)):
            return

        def added(ringing: Ringing) -> None:
            self._choose("")
            self._show(words="")
            self.station.show_screen("sell")
            self.on_sale(ringing)

        self._act(
            lambda store, actor: collecting.add_order(store, actor, order.id, copies, seen),
            added,
            self._refused,
        )

    @property
    def _owes(self) -> bool:
        return self.state.view is not None and self.state.view.owes

    def _refused(self, error: ShopError) -> None:
        self._show(busy=False, notice=error.message, tone="error")


def why_not(order: Order) -> str:
    """Return why an order cannot be collected now, or nothing; that it is not paid is no such reason."""
    rule = RULES["hand_over"]
    if order.owner.name != "store":
        return "The wholesaler fills this order."
    if order.kind != "pickup":
        return "This order is to be shipped. It is not collected."
    if order.state == "completed":
        return "This order was handed over already."
    if order.state not in rule.states and order.state not in ("pending", "confirmed"):
        return f"This order is {STATE_WORDS[order.state]}."
    if order.hold:
        return f"The order is on hold: {order.hold}. Release it first."
    if went_unpaid(order):
        return "Its books were handed over unpaid. Add the order to the sale to be paid."
    if not order.ready_at:
        picked = any(x.set_aside for x in order.lines)
        return "The order is not ready yet." + (
            " Make it ready first." if picked else " Pick its books first."
        )
    return ""


def _greeting(order: Order) -> str:
    """Return what is to be done first, once an order is shown."""
    if order.to_collect_cents and not source_of(order).prepaid:
        return "Scan each book out, check who collects, and add the order to the sale to be paid."
    return "Scan each book out and check who collects. There is nothing to pay."

"""Works on many orders at once: one step for each, one transaction for each, with progress and a way to stop.

A failure leaves its order as it was, marked and with the reason; the others go on.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import ordering, pickup
from bookwish_desk.actions.action import Outcome
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.hold_slip import place_for
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step, Verb
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.arrivals import LANE
from bookwish_desk.ui.orders import reading
from bookwish_desk.ui.orders.many_state import ManyOffer, ManyState
from bookwish_desk.ui.pacing import Pump

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

log = logging.getLogger(__name__)

MANY: tuple[tuple[Verb, str, str], ...] = (
    ("confirm", "Confirm", "confirmed"),
    ("start", "Start", "started"),
    ("allocate", "Allocate", "allocated"),
    ("ready", "Make ready", "made ready"),
    ("remind", "Remind", "reminded"),
    ("deliver", "Delivered", "marked delivered"),
    ("complete", "Complete", "completed"),
    ("hold", "Hold", "held"),
    ("release_hold", "Release", "released"),
)
"""The steps that are taken for many orders: what stands on the button, and what is said afterwards."""

GOES: tuple[tuple[str, str, Verb | None], ...] = (
    ("pick", "Pick", "pick"),
    ("pack", "Pack", "pack"),
    ("labels", "Ship with labels", "ship"),
    ("print", "Print", None),
)
"""What is done with many orders elsewhere, with the step that makes it possible."""

_MOST_REASONS = 3
BATCH = 50
"""After so many orders the list is told how far it is."""


class ManyPresenter:
    """Takes one step with each of the marked orders. `render` gets each state.

    `on_running(bool)` frames the run, `on_batch(failures)` comes now and then, `on_end(left, failures)` last:
    those not tried and those that failed, each with why. `goes` do what is done elsewhere.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ManyState()
        self.goes: dict[str, Callable[[tuple[str, ...]], object]] = {}
        self.render: Callable[[ManyState], None] = lambda _state: None
        self.on_running: Callable[[bool], None] = lambda _running: None
        self.on_batch: Callable[[dict[str, str]], None] = lambda _failures: None
        self.on_end: Callable[[frozenset[str], dict[str, str]], None] = lambda _left, _failures: None
        self._ids: tuple[str, ...] = ()
        self._waiting: deque[str] = deque()
        self._failures: dict[str, str] = {}
        self._take: Callable[[Store, str], Outcome[Order]] | None = None
        self._pump = Pump(self._begin)
        self._stopped = self._ended = False

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def choose(self, ids: Sequence[str]) -> None:
        """Work on these orders, in this order; what is possible with them is looked up."""
        if self.state.running or tuple(ids) == self._ids:
            return
        self._ids = tuple(ids)
        self._show(count=len(self._ids), notice=self.state.notice if self._ended else "")
        self._ended = False
        if self._ids:
            self.refresh()

    def refresh(self) -> None:
        """Look again what is possible with the orders."""
        wanted = self._ids
        self.station.lanes.search(
            lambda store, stale: reading.possible(store, wanted, stale),
            then=lambda found: self._offered(wanted, found),
            latest="orders-many",
            lane=LANE,
        )

    def _offered(self, ids: tuple[str, ...], found: dict[Verb, int]) -> None:
        if ids != self._ids:
            return
        offers = [ManyOffer(verb, words, found.get(verb, 0)) for verb, words, _ in MANY]
        offers += [
            ManyOffer(go, words, found.get(verb, 0) if verb else len(ids), elsewhere=True)
            for go, words, verb in GOES
            if go in self.goes
        ]
        self._show(offers=tuple(offers))

    # ---- the run ----

    def go(self, where: str) -> None:
        """Do with the orders what is done elsewhere: pick, pack, print."""
        if not self.state.running and self._ids and where in self.goes:
            self.goes[where](self._ids)

    def run(self, verb: Verb, reason: str = "", told: bool = True) -> None:
        """Take a step with each order; `reason` where it needs one, `told` if customers hear as usual."""
        if self.state.running or not self._ids:
            return
        actor, step = self.station.actor, Step(verb, reason=reason)
        telling = Telling("usual" if told else "silent")
        self._take = lambda store, order_id: _taken(store, actor, order_id, step, telling)
        self._waiting, self._failures, self._stopped = deque(self._ids), {}, False
        words = next(done for which, _, done in MANY if which == verb)
        self._show(running=words, done=0, failed=0, notice="")
        self.on_running(True)
        self._pump.go()

    def stop(self) -> None:
        """Try no further order; those done stay done."""
        self._stopped = True

    def _begin(self) -> bool:
        if self._stopped or not self._waiting or self._take is None:
            self._end()
            return False
        order_id, take = self._waiting.popleft(), self._take
        self.station.lanes.act(
            lambda store: take(store, order_id),
            then=lambda _order: self._did(order_id, ""),
            failed=lambda error: self._did(order_id, error.message),
        )
        return True

    def _did(self, order_id: str, why: str) -> None:
        if why:
            self._failures[order_id] = why
        done = len(self._ids) - len(self._waiting)
        self._show(done=done, failed=len(self._failures))
        if done % BATCH == 0:
            self.on_batch(dict(self._failures))
        self._pump.go()

    def _end(self) -> None:
        left, failures = frozenset(self._waiting), dict(self._failures)
        good = len(self._ids) - len(left) - len(failures)
        words = self.state.running
        said = [f"{good} {words}."]
        if failures:
            said.append(f"{len(failures)} not {words}: each stays selected, with the reason on its row.")
            said += _reasons(failures)
        if left:
            said.append(f"{len(left)} not tried.")
        self._show(running="", notice="\n".join(said), tone="warn" if failures or left else "ok")
        self._waiting.clear()
        self._ids, self._failures, self._ended = (), {}, True
        self.on_end(left, failures)
        self.on_running(False)
        short = f", {len(failures)} not" if failures else ""
        self.station.say(f"{good} {words}{short}.", "warn" if failures or left else "ok")


def _place(store: Store, order_id: str) -> str:
    """Return where an order goes on the hold shelf: where it was, or the place that the name suggests."""
    order = reading.whole(store, order_id).order
    return order.shelf or place_for(order.customer.name if order.customer else "")


def _reasons(failures: dict[str, str]) -> list[str]:
    """Return the reasons with how often each was given, the most frequent first."""
    counted = Counter(failures.values()).most_common()
    said = [f"{count} {'order' if count == 1 else 'orders'}: {why}" for why, count in counted[:_MOST_REASONS]]
    return (
        [*said, f"and {len(counted) - _MOST_REASONS} other reasons"] if len(counted) > _MOST_REASONS else said
    )


def _taken(store: Store, actor: Actor, order_id: str, step: Step, telling: Telling) -> Outcome[Order]:
    """Take the step with one order; a fault of the program is this order's failure and not that of all."""
    try:
        if step.verb == "ready":
            return pickup.make_ready(store, actor, order_id, _place(store, order_id), telling=telling)
        return ordering.take(store, actor, order_id, step, telling)
    except ShopError:
        raise
    except Exception as fault:
        log.error("event=bug many=%s order=%s", step.verb, order_id, exc_info=fault)
        raise Refused("bug", "Something went wrong with this order. Nothing was changed.") from fault

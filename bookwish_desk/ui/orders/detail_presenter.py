"""Runs what stands beside the list of orders: shows one order whole, takes its steps, notices other hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from bookwish_desk.actions import ordering
from bookwish_desk.actions.mailing import TOLD
from bookwish_desk.actions.telling import Telling
from bookwish_desk.shop.conflict import Choice, Conflict
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_queue import tasks
from bookwish_desk.shop.order_rules import CHECKOUT, RULES
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.text import clean_lines
from bookwish_desk.ui.orders import (
    acts,
    at_store,
    events,
    facts,
    labels_told,
    notices_told,
    reading,
    sending,
    words,
)
from bookwish_desk.ui.orders.acts import ACTS
from bookwish_desk.ui.orders.at_store import AtStore
from bookwish_desk.ui.orders.detail_state import DetailState, DetailView, HistoryRow, Offer, Section
from bookwish_desk.ui.orders.reading import Whole
from bookwish_desk.ui.orders.state import Page
from bookwish_desk.ui.titles.words import wrapped

if TYPE_CHECKING:
    from bookwish_desk.db.orders import Event
    from bookwish_desk.ui.station import Station

Asker = Callable[[Order], object]

_ASKED_WITH = frozenset(
    {"ready", "ship", "ship_by_hand", "deliver", "retrack", "problem", "payment", "cancel"}
)
"""Acts whose sheets ask what the customer hears: the choice made before goes over to them."""

_PATIENCE_MS = 1_500
_CONCERN = frozenset({"orders", "stock", "items", "settings", "mail", "net", "conflicts", "postage"})


class DetailPresenter:
    """Shows the chosen order; `render` gets each state. `askers` do the acts that need to be asked for.

    An act with no asker and no step of its own is not offered. `on_differs` decides a difference from the
    online store.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = DetailState()
        self.order: Order | None = None
        self.askers: dict[str, Asker] = {}
        self.render: Callable[[DetailState], None] = lambda _state: None
        self.on_differs: Callable[[Conflict, Choice], None] = lambda _conflict, _choice: None
        self._there = AtStore()
        self._chosen = ""
        self._shown = False
        self._last = 0
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def set_shown(self, shown: bool) -> None:
        """Follow changes only while the screen is in front."""
        self._shown = shown
        if shown and self._chosen:
            self._load()

    def show(self, order_id: str) -> None:
        """Show another order, or none; what was typed for the one before goes with it."""
        if order_id == self._chosen:
            return
        self._chosen, self.order, self._last = order_id, None, 0
        self.state = DetailState(page=self.state.page)
        if order_id:
            self._load()
        else:
            self.render(self.state)

    def show_page(self, page: Page) -> None:
        """Show the books, the facts or the history of the order."""
        self._show(page=page)

    # ---- reading ----

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and self._chosen and nouns & _CONCERN:
            self._load()

    def _load(self) -> None:
        order_id = self._chosen
        self.station.lanes.read(
            lambda store: self._view(reading.whole(store, order_id)),
            then=lambda read: self._loaded(order_id, *read),
            failed=self._gone,
            latest="order-detail",
        )

    def _gone(self, error: ShopError) -> None:
        self.order = None
        self._show(view=None, notice=error.message, tone="warn")

    def _loaded(self, order_id: str, whole: Whole, view: DetailView) -> None:
        if order_id != self._chosen:
            return
        before, self.order, self._there = self.order, whole.order, whole.there
        newest = whole.events[-1].id if whole.events else 0
        notice, tone = self.state.notice, self.state.tone
        if before is not None and newest > self._last and (said := self._by_others(whole)):
            notice, tone = said, "info"
        self._last = newest
        self._show(view=view, notice=notice, tone=tone)

    def _by_others(self, whole: Whole) -> str:
        """Return what somebody else did to the order since it was read, or nothing."""
        me = self.station.actor
        new = [e for e in whole.events if e.id > self._last and e.kind != TOLD]
        other = [e for e in new if (e.staff, e.register) != (me.staff, me.register)]
        if not other:
            return ""
        last = other[-1]
        what = ": ".join(x for x in self._what(whole, last) if x)
        return f"This order was changed meanwhile. {self._who(whole, last.staff)}: {what}."

    def _who(self, whole: Whole, staff: str) -> str:
        return whole.names.get(staff, "Somebody") if staff else "By itself"

    def _what(self, whole: Whole, event: Event) -> tuple[str, str]:
        show = self.station.settings.money.show
        return events.said(event.kind, event.body, whole.order, show)

    def _view(self, whole: Whole) -> tuple[Whole, DetailView]:
        """Return the order in words; on the lane where it was read."""
        order, at, settings = whole.order, whole.at, self.station.settings
        known = {**self._known(), "own_status": any(s.state == order.state for s in settings.own_statuses)}
        known["label"] = known["label"] and bool(labels_told.counting(whole.labels))
        offered = acts.offers(order, at, known)
        coming, verb = acts.next_act(order, at)
        following = next((o for o in offered if o.act == coming), None)
        here = {x.sku: whole.here.get(x.sku, facts.Here()) for x in order.lines}
        notices = notices_told.facts(whole.events, whole.mails, settings)
        told = (Section("Notices", facts.breakable(notices)),) if notices else ()
        there = at_store.line(whole.there, at, settings)
        known_facts = facts.sections(order, at, settings)
        return whole, DetailView(
            id=order.id,
            number=order.number,
            customer=words.customer(order),
            about="\n".join(x for x in (facts.about(order, at, settings), there) if x),
            status=words.status(order, settings),
            status_tone="warn" if order.hold or any(t.blocking for t in tasks(order, at)) else "off",
            standing=facts.standing(order, settings),
            todo=(
                *at_store.to_do(whole.there, settings),
                *acts.to_do(order, at, facts.tasks_said(order, at, settings), known),
            ),
            lines=tuple(facts.line_row(x, here[x.sku], order, settings) for x in order.lines),
            facts=(
                *known_facts[:1],
                *sending.sections(order, whole.known, whole.same_way, settings),
                *known_facts[1:],
                *labels_told.sections(order, whole.labels, settings),
                *told,
                *at_store.sections(whole.there, at, settings),
            ),
            history=tuple(
                HistoryRow(
                    e.id, *self._what(whole, e), self._who(whole, e.staff),
                    moment(e.at, settings.zone, settings.locale),
                )
                for e in reversed(whole.events)
            ),
            photos=whole.photos,
            next=Offer(coming, verb, wrapped(following.why_not)) if following else None,
            offers=tuple(o for o in offered if o.act != coming),
        )  # fmt: skip

    def _known(self) -> dict[str, bool]:
        known = {act.id: act.way == "step" or act.id in self.askers for act in ACTS.values()}
        # Without an account of carriers to ship is to type a number by hand: there is no other way beside it.
        known["ship_by_hand"] = known["ship_by_hand"] and self.station.settings.shipping.connected
        return known

    # ---- doing ----

    def do(self, act_id: str) -> None:
        """Do an act: take its step, or let it be asked for what it needs."""
        order = self.order
        if order is None or self.state.busy:
            return
        if act_id.startswith(at_store.DIFFERS):
            self._decide(act_id)
        elif act_id in self.askers:
            self._show(notice="")
            self.askers[act_id](order)
            if act_id in _ASKED_WITH:
                self._show(how="usual", comment="")
        elif ACTS[act_id].way == "step":
            self._take(act_id, Step(ACTS[act_id].verbs[0]))

    def press(self, act_id: str) -> None:
        """Do the act of a key; where it is not possible now, say why."""
        view, order = self.state.view, self.order
        if view is None or order is None:
            return
        every = (*view.offers, view.next) if view.next else view.offers
        offer = next((o for o in every if o.act == act_id), None)
        if offer is not None and not offer.why_not:
            self.do(act_id)
        elif offer is not None:
            self._show(notice=wrapped(f"{offer.words}: {offer.why_not}"), tone="warn")
        elif order.state in CHECKOUT:
            words = ACTS[act_id].words
            self._show(notice=f"{words}: not possible, as this order was never placed.", tone="warn")

    def do_next(self) -> None:
        """Do what comes next."""
        if self.state.view is not None and self.state.view.next is not None:
            self.do(self.state.view.next.act)

    def let_pass(self, reason: str) -> None:
        """Do what was refused because the order is not paid; a manager is asked by the station."""
        act = self.state.unpaid
        if act and reason.strip():
            self._take(act, Step(ACTS[act].verbs[0], override=reason.strip()))

    def _decide(self, act_id: str) -> None:
        """Decide a difference from the online store in the chosen way."""
        conflict_id, _, choice = act_id.removeprefix(at_store.DIFFERS).partition(":")
        found = next((c for c in self._there.conflicts if c.id == conflict_id), None)
        if found is not None:
            self._show(notice="")
            self.on_differs(found, cast("Choice", choice))

    def keep_unpaid(self) -> None:
        """Leave what was refused."""
        self._show(unpaid="", why="")

    def tell(self, how: str, comment: str) -> None:
        """Say what the customer hears of the next step (WSM-15, WSM-16)."""
        self._show(how=how, comment=clean_lines(comment, 5_000) if how == "send" else "")

    @property
    def telling(self) -> Telling:
        """Return what the customer hears of the next step; sheets that ask for it begin with it."""
        return Telling(self.state.how, self.state.comment)

    def _take(self, act_id: str, step: Step) -> None:
        order = self.order
        if order is None:
            return
        telling = self.telling
        self._show(busy=True, notice="", unpaid="", why="")

        def taken(after: Order) -> None:
            self._show(busy=False, how="usual", comment="")
            self.station.say(f"{after.number}: {RULES[step.verb].done}.")

        def refused(error: ShopError) -> None:
            if error.code == "unpaid" and not step.override:
                self._show(busy=False, unpaid=act_id, why=error.message)
            else:
                self._show(busy=False, notice=error.message, tone="warn")
                self._load()

        order_id = order.id
        self.station.act(
            lambda store, actor: ordering.take(store, actor, order_id, step, telling),
            then=taken,
            failed=refused,
        )
        # A manager who is asked may never answer: only a second press at once is one too many.
        self.station.lanes.later(_PATIENCE_MS, self._go_on)

    def _go_on(self) -> None:
        if self.state.busy:
            self._show(busy=False)

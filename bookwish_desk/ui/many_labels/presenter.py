"""Runs the screen for labels of many parcels: prices for all, what each is sent as, buying them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused, ShopError
from bookwish_desk.shop.measures import read_weight
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.arrivals import LANE
from bookwish_desk.ui.many_labels import doing, reading, words
from bookwish_desk.ui.many_labels import entries as standing
from bookwish_desk.ui.many_labels.buying_run import BuyingRun
from bookwish_desk.ui.many_labels.entries import Entry
from bookwish_desk.ui.many_labels.pricing import Pricing
from bookwish_desk.ui.many_labels.state import ManyLabelsState, OpenBatch
from bookwish_desk.ui.many_labels.table import Table, begun, refreshed
from bookwish_desk.ui.pacing import Rests
from bookwish_desk.ui.shipping import draft as drafts
from bookwish_desk.ui.shipping.draft import Draft
from bookwish_desk.ui.shipping.state import ToShip

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

REST_MS = 300
"""While many labels are worked on, they are read anew no oftener than this."""

BUSY = "Labels are being bought. Others can be when they are done."
NOT_PACKED = "Nothing of these orders is packed and waits to be shipped. Pack them first."
_CONCERN = frozenset({"orders", "settings", "items"})


class ManyLabelsPresenter:
    """Shows the parcels with what each costs, until their labels are bought. `render` gets each state.

    `on_label` opens the label of a parcel by its id, `on_order` an order.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ManyLabelsState()
        self.render: Callable[[ManyLabelsState], None] = lambda _state: None
        self.on_label: Callable[[str], object] = lambda _postage: None
        self.on_order: Callable[[str], object] = lambda _order: None
        self.table = Table(station)
        self._loads = Rests(station.lanes.later, REST_MS, self._load)
        self._pricing = Pricing(station, self.table, self._show, self._loads.soon)
        self._buying = BuyingRun(station, self._take, self._refused, self._bought)
        self._came_from = "shipping"
        self._shown = False
        self._unwatch: Callable[[], None] | None = None
        station.on_change(self._changed)

    # ---- coming and going ----

    def open(self, parcels: Sequence[ToShip], came_from: str = "shipping") -> None:
        """Work on these parcels, in this order; what was chosen for those still here is kept."""
        self._came_from = came_from
        if self.state.running:
            self.station.say(BUSY, "warn")
            return
        settings, known = self.station.settings, self.table.entries
        self.station.lanes.search(
            lambda _store, _stale: begun(parcels, known, settings),
            then=self._opened,
            latest="many-labels-orders",
            lane=LANE,
        )

    def _opened(self, entries: tuple[Entry, ...], wanted: Sequence[str] = ()) -> None:
        """Show these parcels; `wanted` are the orders that were asked for."""
        if self.state.running:
            return
        self.table.entries = entries
        here = {order.id for entry in entries for order in entry.parcel.orders}
        missing = sum(order_id not in here for order_id in wanted)
        notice = NOT_PACKED if not entries else words.left_behind(missing)
        self._show(selected="", marked=frozenset(), notice=notice, tone="warn", wrong_weight="")

    def open_orders(self, order_ids: Sequence[str], came_from: str = "orders") -> None:
        """Work on the parcels of these orders, in the order of the orders."""
        wanted, settings = tuple(dict.fromkeys(order_ids)), self.station.settings
        self._came_from = came_from
        if self.state.running:
            self.station.say(BUSY, "warn")
            return
        known = self.table.entries
        self.station.lanes.search(
            lambda store, stale: begun(reading.parcels_of(store, settings, wanted, stale), known, settings),
            then=lambda entries: self._opened(entries, wanted),
            latest="many-labels-orders",
            lane=LANE,
        )

    def shown(self) -> None:
        """Take scans, follow the work with carriers, and look for labels that were left half done."""
        self._shown = True
        self.station.own_scans(self)
        work = self.station.shipping
        if work is not None and self._unwatch is None:
            self._unwatch = work.watch(lambda _state: self._show())
        self._show()
        self._refresh()
        self.station.lanes.read(reading.open_batch, then=self._found_open, latest="many-labels-batch")

    def hidden(self) -> None:
        """Stop taking scans; what is under way goes on."""
        self._shown = False
        self.station.release_scans(self)
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None

    def back(self) -> None:
        """Go back to where it was opened."""
        self.station.show_screen(self._came_from)

    def scanned(self, code: str) -> None:
        """Choose the parcel of a scanned order, packing slip or tracking number."""
        scan = barcode.parse(code)
        asked = code.strip().casefold()
        for entry in self.table.entries:
            numbers = {order.number.casefold() for order in entry.parcel.orders}
            if asked in numbers or (entry.label is not None and asked == entry.label.tracking.casefold()):
                self.choose(entry.key)
                return
        self._show(notice=f"No parcel here belongs to {clean(scan.code, 60)}.", tone="warn")

    # ---- showing ----

    def _show(self, **changes: object) -> None:
        """Show what is known, with these changes."""
        settings, seen = self.station.settings, self.table.seen()
        entries = self.table.entries
        self.state = replace(self.state, **changes)
        keys = set(self.table.keys)
        first = entries[0].key if entries else ""
        selected = self.state.selected if self.state.selected in keys else first
        marked = self.state.marked & keys
        meant = [s for s in seen if s.entry.key in (marked or {selected})]
        buys = tuple(s.entry for s in seen if s.stage == "priced")
        done = tuple(e for e in entries if e.label is not None and e.label.state == "bought")
        sums, cents = words.sums(buys or done, settings)
        self.state = replace(
            self.state,
            rows=tuple(s.row for s in seen),
            selected=selected,
            marked=marked,
            chosen=words.chosen([s.entry for s in meant], [s.stage for s in meant], settings),
            presets=tuple((p.id, clean(p.name, 40)) for p in settings.shipping.presets),
            packages=tuple((p.id, clean(p.name, 40)) for p in settings.shipping.packages),
            sums=sums,
            total=settings.money.show(cents) if sums else "",
            total_words="Together" if buys else "Bought",
            to_ask=sum(standing.is_to_ask(s.entry, s.stage) for s in seen),
            to_buy=len(buys),
            **doing.progress(self._buying, self._pricing),
            **doing.lacks(self.station),
        )
        self.render(self.state)

    # ---- choosing ----

    def choose(self, key: str) -> None:
        """Show one of the parcels beside the list."""
        if key and key != self.state.selected:
            self._show(selected=key, wrong_weight="")

    def mark(self, keys: frozenset[str]) -> None:
        """Choose parcels to be changed together."""
        self._show(marked=keys, wrong_weight="")

    def mark_all(self) -> None:
        """Choose every parcel; once all are, none."""
        every = frozenset(self.table.keys)
        self.mark(frozenset() if self.state.marked == every else every)

    def set_slip(self, on: bool) -> None:
        """Say whether a packing slip is printed with each label."""
        self._show(with_slip=on)

    def pick_preset(self, preset: str) -> None:
        """Send the chosen parcels by a preset: its package, options and service."""
        settings = self.station.settings
        if preset:
            self._choose(lambda e: lambda d: drafts.with_preset(e.parcel, _by_hand(d), preset, settings))

    def pick_package(self, package: str) -> None:
        """Send the chosen parcels in a package."""
        if package:
            self._choose(lambda _e: lambda d: replace(d, package=package, rate=""))

    def pick_rate(self, rate: str) -> None:
        """Send the chosen parcel at a price; one that was refused is tried again at it."""
        if rate:
            self._choose(lambda _e: lambda d: replace(d, rate=rate))

    def pick_spelling(self, spelling: str) -> None:
        """Put the customer's spelling of the address onto the label ("written"), or the carriers' own."""
        if spelling in ("written", "suggested"):
            self._choose(lambda _e: lambda d: replace(d, spelling=spelling))

    def type_weight(self, typed: str) -> None:
        """Take a weight as it was typed, such as 1 lb 4 oz."""
        try:
            read_weight(typed, self.station.settings.locale)
        except Refused as refused:
            self._show(wrong_weight=refused.message)
        else:
            self.state = replace(self.state, wrong_weight="")
            self._choose(lambda _e: lambda d: replace(d, weight=typed, source="typed", rate=""))

    def _choose(self, change: Callable[[Entry], Callable[[Draft], Draft]]) -> None:
        settings = self.station.settings
        if not (self.state.running or self.state.chosen.fixed):
            self._change(lambda e: standing.chosen(e, settings, change(e)))

    def leave_out(self) -> None:
        """Leave the chosen parcels out, put them back, or try again what was refused."""
        chosen, settings = self.state.chosen, self.station.settings
        if self.state.running or chosen.fixed:
            return
        if chosen.again:
            self._change(lambda e: standing.again(e, settings))
        else:
            self._change(lambda e: replace(e, out=not chosen.turned))

    def _change(self, changed: Callable[[Entry], Entry]) -> None:
        self.table.change(self.state.marked or {self.state.selected}, changed)
        self._show(notice="")

    def see_label(self) -> None:
        """Open the label of the chosen parcel."""
        entry = self.table.find(self.state.selected)
        if entry is not None and entry.label is not None:
            self.on_label(entry.label.id)

    def see_order(self) -> None:
        """Open the order of the chosen parcel."""
        entry = self.table.find(self.state.selected)
        if entry is not None:
            self.on_order(entry.parcel.orders[0].id)

    # ---- prices and labels ----

    def get_prices(self) -> None:
        """Ask for the prices of every parcel that has none which hold, and for nothing else."""
        if not (self.state.running or self.state.barred):
            self.state = replace(self.state, notice="")
            self._pricing.begin()

    def buy(self) -> None:
        """Buy and print a label for every parcel that has its price, in the order of the list."""
        if self.state.running or self.state.barred:
            return
        agreed = []
        for entry in self.table.buyable():
            rate = standing.rate_of(entry)
            if entry.label is not None and rate is not None:
                agreed.append((entry.label.id, rate.id))
        if agreed:
            self._show(notice="")
            self._buying.begin(agreed, with_slip=self.state.with_slip)

    def stop(self) -> None:
        """Ask for no further price, or buy no further label; what is under way is finished."""
        if self._buying.running:
            self._buying.stop()
        elif self._pricing.running:
            self._pricing.stop()
            self._show(notice="Stopped. Nothing was bought.", tone="info")

    def _refused(self, error: ShopError) -> None:
        self._show(notice=error.message, tone="error")

    def _bought(self, said: str, whole: bool) -> None:
        """Say what became of the batch."""
        self._show(notice=said, tone="ok" if whole else "warn", open_batch=None)
        if not self._shown:  # who looks elsewhere hears of it all the same
            self.station.say(said, "ok" if whole else "warn")
        self._refresh()

    # ---- a batch that was interrupted ----

    def _found_open(self, found: tuple[Postage, ...]) -> None:
        batch = OpenBatch(found[0].batch, words.open_batch(found)) if found else None
        self._show(open_batch=batch)

    def go_on(self) -> None:
        """Go on with the labels that the desk stopped before: at what was agreed to, none a second time."""
        batch, settings = self.state.open_batch, self.station.settings
        if batch is None or self.state.running or self.state.barred:
            return

        known = self.table.entries

        def read(entries: tuple[Entry, ...]) -> None:
            self._opened(entries)
            self._buying.resume(batch.id)

        self.station.lanes.search(
            lambda store, stale: begun(
                reading.parcels_of_batch(store, settings, batch.id, stale), known, settings
            ),
            then=read,
            latest="many-labels-orders",
            lane=LANE,
        )

    def leave(self) -> None:
        """Leave the labels of the interrupted batch that were not bought: they can be priced anew."""
        batch = self.state.open_batch
        if batch is not None and not self.state.running:
            self._show(open_batch=None)
            self.station.lanes.read(
                lambda store: reading.left_of_batch(store, batch.id),
                then=self._pricing.leave,
                latest="many-labels-leave",
            )

    # ---- what becomes of the labels ----

    def _changed(self, nouns: frozenset[str]) -> None:
        if "postage" in nouns and (self._shown or self.state.running):
            self._loads.soon()
        if nouns & _CONCERN and self._shown and not self.state.running:
            self._refresh()

    def rested(self) -> None:
        """Read again what changed meanwhile: a moment has passed since the last time."""
        self._loads.rested()

    def _load(self) -> None:
        wanted = tuple(dict.fromkeys((*self.table.label_ids, *self._buying.ids)))
        self.station.lanes.read(
            lambda store: reading.labels(store, wanted), then=self._take, latest="many-labels"
        )

    def _take(self, labels: tuple[Postage, ...]) -> None:
        """Show what became of labels; what is under way ends once nothing more happens."""
        self.table.take(labels)
        self._pricing.ended()
        self._buying.take(labels)
        self._show()

    def _refresh(self) -> None:
        """Read the parcels again: orders may have been changed, packed otherwise, shipped."""
        settings, known = self.station.settings, self.table.entries

        def read(entries: tuple[Entry, ...]) -> None:
            if known is self.table.entries:
                self.table.entries = entries
                self._show()
            elif not self.state.running:
                self._refresh()  # something was chosen meanwhile

        if known:
            self.station.lanes.search(
                lambda store, stale: refreshed(reading.still_here(store, settings, stale), known, settings),
                then=read,
                latest="many-labels-all",
                lane=LANE,
            )


def _by_hand(draft: Draft) -> Draft:
    return replace(draft, by_rule=False)

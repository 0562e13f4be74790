"""Runs the list of the shipping screen: which parcels are shown, scans, and which of them are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order_copies import scanned_tracking
from bookwish_desk.ui.arrivals import LANE
from bookwish_desk.ui.shipping import reading
from bookwish_desk.ui.shipping.headline import headline
from bookwish_desk.ui.shipping.reading import Listing
from bookwish_desk.ui.shipping.rows import editable, phase_of
from bookwish_desk.ui.shipping.state import ShippingView, Shown, ToShip
from bookwish_desk.ui.shipping_work import ShippingState
from bookwish_desk.ui.titles.words import wrapped

if TYPE_CHECKING:
    from bookwish_desk.ui.shipping.parcel_presenter import ParcelPresenter
    from bookwish_desk.ui.station import Station

_LED_TO = frozenset({"many_labels", "day_end", "packing", "settings"})
_CONCERN = frozenset({"orders", "postage", "settings", "items"})


class ShippingPresenter:
    """Shows the parcels that are packed and not shipped. `render` gets each state.

    `on_chosen` gets the parcel to be shown beside the list, None for none, each time anything of it is new.
    `on_many` gets the marked ones, in the order of the list, to buy labels for all at once.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ShippingView()
        self.render: Callable[[ShippingView], None] = lambda _state: None
        self.on_chosen: Callable[[ToShip | None], None] = lambda _parcel: None
        self.on_shown: Callable[[bool], None] = lambda _shown: None
        self.on_set_up: Callable[[], object] = lambda: None
        self.detail: ParcelPresenter
        self.on_many: Callable[[tuple[ToShip, ...]], object] = lambda _parcels: None
        self._parcels: tuple[ToShip, ...] = ()
        self._wanted: tuple[str, ...] = ()
        self._came_from = "orders"
        self._unwatch: Callable[[], None] | None = None
        self._kept: frozenset[str] = frozenset()
        self._shown = False
        station.on_change(self._changed)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    # ---- coming and going ----

    def open(self, order_ids: Sequence[str], came_from: str = "orders") -> None:
        """Choose the parcel of these orders, and mark where there are several; Back leads to `came_from`."""
        self._came_from = came_from
        self._wanted, self._kept = tuple(dict.fromkeys(order_ids)), frozenset()
        self.state = replace(self.state, shown="to_ship", selected="", marked=frozenset(), notice="")
        if self._shown:
            self._load()

    def come_from(self, came_from: str) -> None:
        """Remember the screen that Back leads to; what this one led to itself is none."""
        if came_from not in _LED_TO:
            self._came_from = came_from

    def shown(self) -> None:
        """Take scans and load what is new."""
        self._shown = True
        self.station.own_scans(self)
        work = self.station.shipping
        if work is not None and self._unwatch is None:
            self._unwatch = work.watch(self._told)
            work.prepare()
        self._told(work.state if work is not None else ShippingState())
        self._load()
        self.on_shown(True)

    def hidden(self) -> None:
        """Stop taking scans; what was shipped meanwhile is not kept in sight any more."""
        self._shown, self._kept = False, frozenset()
        self.station.release_scans(self)
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        self._show(notice="")
        self.on_shown(False)

    def back(self) -> None:
        """Go back to where it was opened."""
        self.station.show_screen(self._came_from)

    def _changed(self, nouns: frozenset[str]) -> None:
        if self._shown and nouns & _CONCERN:
            self._load()

    # ---- the list ----

    def show_list(self, shown: Shown) -> None:
        """List what is to ship, what went wrong, or what went out today; what was marked goes."""
        if shown != self.state.shown:
            self._kept = frozenset()
            self.state = replace(self.state, shown=shown, selected="", marked=frozenset(), notice="")
            self._load()

    def refresh(self) -> None:
        """Read the list again."""
        self._load()

    def _load(self) -> None:
        shown, settings, kept = self.state.shown, self.station.settings, self._kept
        self.station.lanes.search(
            lambda store, stale: reading.listing(store, settings, shown, stale, kept),
            then=lambda found: self._loaded(shown, found),
            latest="shipping",
            lane=LANE,
        )

    def _loaded(self, shown: Shown, found: Listing) -> None:
        if shown != self.state.shown:
            return
        self._parcels = found.parcels
        # What was just bought leaves what is to ship: it stays in sight until another list is shown.
        self._kept = frozenset(p.key for p in found.parcels) if shown == "to_ship" else frozenset()
        settings = self.station.settings
        rows = found.rows
        here = {row.key for row in rows}
        marked = self.state.marked & here
        selected = self.state.selected
        if self._wanted:
            ours = [p.key for p in found.parcels if any(o.id in self._wanted for o in p.orders)]
            missing = len(self._wanted) == 1 and not ours
            if missing:
                self.state = replace(self.state, notice="No parcel of this order waits to be shipped.")
            selected = ours[0] if ours else selected
            marked = frozenset(ours) if len(ours) > 1 else marked
            self._wanted = ()
        if selected not in here:
            selected = rows[0].key if rows else ""
        self._show(
            connected=settings.shipping.connected,
            rows=rows,
            counts=found.counts,
            selected=selected,
            marked=marked,
        )
        self._tell_chosen()

    # ---- choosing ----

    def choose(self, key: str) -> None:
        """Show one of the listed parcels beside the list."""
        if key and key != self.state.selected:
            self._show(selected=key, notice="")
            self._tell_chosen()

    def _tell_chosen(self) -> None:
        self.on_chosen(next((p for p in self._parcels if p.key == self.state.selected), None))

    def mark(self, keys: frozenset[str]) -> None:
        """Choose parcels for work on many."""
        if keys != self.state.marked:
            self._show(marked=keys)

    def mark_all(self) -> None:
        """Choose every parcel in the list; once all are, none."""
        every = frozenset(row.key for row in self.state.rows)
        self.mark(frozenset() if self.state.marked == every else every)

    @property
    def marked(self) -> tuple[ToShip, ...]:
        """Return the marked parcels, in the order of the list."""
        return tuple(p for p in self._parcels if p.key in self.state.marked)

    def many(self) -> None:
        """Buy labels for all marked parcels at once; for all of the list where none is marked."""
        if self._parcels and self.state.connected:
            self.on_many(self.marked or self._parcels)

    def next(self) -> None:
        """Choose the next parcel that waits, beneath the chosen one first; what left goes out of the list."""
        keys = [p.key for p in self._parcels]
        place = keys.index(self.state.selected) + 1 if self.state.selected in keys else 0
        waits = [p for p in (*self._parcels[place:], *self._parcels[:place]) if _waits(p)]
        if not waits:
            self._show(notice="No other parcel in this list waits for its label.", tone="info")
            return
        self._kept = frozenset(p.key for p in self._parcels if not p.shipped)
        self.choose(waits[0].key)
        self._load()

    def set_up(self) -> None:
        """Go to where an account of carriers is connected."""
        self.on_set_up()

    # ---- what is told ----

    def _told(self, work: ShippingState) -> None:
        """Say how the work with carriers stands."""
        stands = headline(work)
        self._show(light=stands.word, headline=stands.sentence, headline_tone=stands.tone)

    def scanned(self, code: str) -> None:
        """Choose the parcel of a scanned order's number, packing slip or tracking number."""
        scan = barcode.parse(code)
        if scan.kind in ("card", "badge", "receipt", "held"):
            words = scan.reason or f"{wrapped(scan.code)} is not the code of an order."
            self._show(notice=words, tone="warn")
            return
        try:
            tracking = scanned_tracking(code)
        except Refused as refused:
            self._show(notice=refused.message, tone="warn")
            return
        for parcel in self._parcels:
            numbers = {order.number.casefold() for order in parcel.orders}
            label = parcel.postage.tracking if parcel.postage is not None else ""
            if code.strip().casefold() in numbers or (tracking and tracking == label):
                self.choose(parcel.key)
                return
        self._show(notice=f"No parcel in this list belongs to {wrapped(scan.code)}.", tone="warn")


def _waits(parcel: ToShip) -> bool:
    """Say whether a parcel still wants a label, or its number typed by hand."""
    return editable(phase_of(parcel)) and not parcel.shipped

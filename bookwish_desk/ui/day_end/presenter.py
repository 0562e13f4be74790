"""Runs the screen of the day's end: what waits for which carrier, lists, visits, and handing over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import day_papers, handing_over
from bookwish_desk.actions.handing_over import HandedOver
from bookwish_desk.db.store import Store
from bookwish_desk.shop import barcode
from bookwish_desk.shop.day_list_words import one_carrier, parcels
from bookwish_desk.shop.errors import ShopError
from bookwish_desk.shop.handover import CarrierDay, DayList, DayManifest, Visit
from bookwish_desk.shop.measures import weight_words
from bookwish_desk.shop.rate_table import carrier_words
from bookwish_desk.shop.street import short_day
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.day_end import words
from bookwish_desk.ui.day_end.state import CarrierRow, DayEndState, DayParcel, NoticeKind
from bookwish_desk.ui.day_end.visits import AskVisitStep, BookVisitStep, VisitStep
from bookwish_desk.ui.pacing import Rests

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

REST_MS = 300
"""While many labels are bought, the list is read anew no oftener than this."""
NO_CARRIERS = "No carriers' account is connected: lists of our own and handing over still work."
_CONCERN = frozenset({"postage", "orders", "settings"})


class DayEndPresenter:
    """Shows the parcels of today, carrier by carrier. `render` gets each state.

    `on_step` opens the sheet of a step, `on_label` a label by its id, `on_sure` asks whether something is
    to be done (title, text, verb) and calls back.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = DayEndState()
        self.render: Callable[[DayEndState], None] = lambda _state: None
        self.on_step: Callable[[VisitStep], object] = lambda _step: None
        self.on_label: Callable[[str], object] = lambda _postage: None
        self.on_sure: Callable[[str, str, str, Callable[[], None]], object] = lambda *_asked: None
        self._day = DayList("", ())
        self._coming: frozenset[str] = frozenset()
        self._came_from = "shipping"
        self._shown = False
        self._loads = Rests(station.lanes.later, REST_MS, self._load, lambda: self._shown)
        station.on_change(self._changed)

    # ---- coming and going ----

    def come_from(self, came_from: str) -> None:
        """Remember the screen that Back leads to."""
        self._came_from = came_from

    def shown(self) -> None:
        """Take scans and read what there is."""
        self._shown = True
        self.station.own_scans(self)
        self._load()

    def hidden(self) -> None:
        """Stop taking scans; what was said last is forgotten."""
        self._shown = False
        self.station.release_scans(self)
        self.state = replace(self.state, notice="", busy=False)

    def back(self) -> None:
        """Go back to where it was opened."""
        self.station.show_screen(self._came_from)

    def scanned(self, code: str) -> None:
        """Choose the parcel of a scanned order or tracking number."""
        scan, asked = barcode.parse(code), code.strip().casefold()
        for carrier in self._day.carriers:
            for row in carrier.rows:
                if asked in {row.tracking.casefold(), *(n.casefold() for n in row.numbers)}:
                    self._show(selected=carrier.carrier, parcel=row.postage, notice="")
                    return
        self._show(notice=f"{clean(scan.code, 60)} is not among the parcels of today.", tone="warn")

    # ---- reading and showing ----

    def _changed(self, nouns: frozenset[str]) -> None:
        if nouns & _CONCERN:
            self._loads.soon()

    def rested(self) -> None:
        """Read again what changed meanwhile: a moment has passed since the last time."""
        self._loads.rested()

    def _load(self) -> None:
        settings = self.station.settings

        def reading(store: Store) -> tuple[DayList, frozenset[str]]:
            from bookwish_desk.db import handovers

            with store.read() as conn:
                day = handing_over.day_list(conn, settings, handing_over.today(settings, store.clock()))
                return day, frozenset(m.id for m in handovers.manifests_to_fetch(conn, most=200))

        self.station.lanes.read(reading, then=self._loaded, latest="day-end")

    def _loaded(self, found: tuple[DayList, frozenset[str]]) -> None:
        self._day, self._coming = found
        self._show()

    def _show(self, **changes: object) -> None:
        """Show what is known, with these changes."""
        settings, day = self.station.settings, self._day
        self.state = replace(self.state, **changes)
        carriers = tuple(words.carrier_row(c, day, self._coming, settings) for c in day.carriers)
        keys = [c.key for c in carriers]
        selected = self.state.selected if self.state.selected in keys else (keys[0] if keys else "")
        rows = self._rows(selected)
        ids = [r.key for r in rows]
        parcel = self.state.parcel if self.state.parcel in ids else (ids[0] if ids else "")
        when = short_day(day.day, settings.locale) if day.day else ""
        weight = weight_words(day.weight_grams, settings.locale) if day.parcels else ""
        cost = settings.money.show(day.cents) if day.parcels else ""
        self.state = replace(
            self.state,
            heading=f"End of day, {when}" if when else "End of day",
            sums=", ".join(x for x in (parcels(day.parcels), weight, cost) if x),
            carriers=carriers,
            selected=selected,
            parcels=rows,
            parcel=parcel,
            ships=settings.shipping.shipped_with == "handover",
            barred="" if settings.shipping.connected else NO_CARRIERS,
            simulated=self._simulated(),
        )
        self.render(self.state)

    def _rows(self, carrier: str) -> tuple[DayParcel, ...]:
        found = self._found(carrier)
        settings = self.station.settings
        return tuple(words.parcel_row(r, settings) for r in found.rows) if found is not None else ()

    def _simulated(self) -> str:
        work = self.station.shipping
        return work.state.unreal if work is not None else ""

    def _found(self, carrier: str) -> CarrierDay | None:
        return next((c for c in self._day.carriers if c.carrier == carrier), None)

    @property
    def _carrier(self) -> CarrierRow | None:
        return self.state.carrier

    def choose(self, carrier: str) -> None:
        """List the parcels of a carrier."""
        if carrier and carrier != self.state.selected:
            self._show(selected=carrier, parcel="", notice="")

    def choose_parcel(self, postage: str) -> None:
        """Choose a parcel."""
        if postage and postage != self.state.parcel:
            self._show(parcel=postage)

    def see_label(self) -> None:
        """Open the label of the chosen parcel."""
        if self.state.parcel:
            self.on_label(self.state.parcel)

    def _say(self, sentence: str, tone: NoticeKind = "ok") -> None:
        self._show(notice=sentence, tone=tone, busy=False)

    def _refused(self, error: ShopError) -> None:
        self._say(error.message, "error")

    # ---- lists ----

    def make_lists(self) -> None:
        """Have everything listed that stands in no list, also what a carrier made no form of."""
        if self.state.busy or not any(c.asks for c in self.state.carriers):
            return
        self._show(busy=True, notice="")
        self.station.act(handing_over.make_manifests, then=self._listed, failed=self._refused)

    def _listed(self, made: tuple[DayManifest, ...]) -> None:
        by_hand = [m for m in made if m.state == "by_hand"]
        asked = [m for m in made if m.state != "by_hand"]
        said = []
        if asked:
            names = ", ".join(dict.fromkeys(carrier_words(m.carrier) for m in asked))
            said.append(
                f"{names}: one form for {parcels(sum(len(m.postages) for m in asked))} is being made."
            )
        if by_hand:
            names = ", ".join(dict.fromkeys(carrier_words(m.carrier) for m in by_hand))
            said.append(f"{names}: a list of our own is ready to be printed.")
        self._say(" ".join(said))

    def print_list(self) -> None:
        """Print the chosen carrier's forms, or the shop's own list where it scans none."""
        carrier = self._carrier
        if carrier is None or not carrier.prints or self.state.busy:
            return
        lists = words.printable(self._day, carrier.key, self._coming)
        forms = [m.id for m in lists if m.state == "created"]
        self._show(busy=True, notice="")
        if forms:
            self._print_forms(forms, carrier.name)
        else:
            self._print_day(one_carrier(self._day, carrier.key), f"The list of {carrier.name}")

    def _print_forms(self, forms: Sequence[str], name: str) -> None:
        from bookwish_desk.db import handovers

        register, (first, *others) = self.station.register, forms

        def drawing() -> bytes:
            store = self.station.lanes.store
            with store.read() as conn:
                file = handovers.form(conn, first)
            from bookwish_desk import parcel_papers

            return parcel_papers.form_pages(store, register, file) if file is not None else b""

        def printed(_job: str) -> None:
            if others:
                self._print_forms(others, name)
            else:
                self._say(f"The form of {name} is printed.")

        def drawn(pdf: bytes) -> None:
            self.station.act(
                lambda store, actor: day_papers.print_form(store, actor, first, pdf),
                then=printed,
                failed=self._refused,
            )

        self.station.lanes.work(drawing, then=drawn, failed=self._refused)

    def print_day(self) -> None:
        """Print the list of the whole day."""
        if self._day.parcels and not self.state.busy:
            self._show(busy=True, notice="")
            self._print_day(self._day, "The list of the day")

    def _print_day(self, day: DayList, what: str) -> None:
        register = self.station.register

        def drawing() -> bytes:
            store = self.station.lanes.store
            from bookwish_desk import parcel_papers

            return parcel_papers.draw_day_list(store, day) if day_papers.wants_pages(store, register) else b""

        def drawn(pdf: bytes) -> None:
            self.station.act(
                lambda store, actor: day_papers.print_day_list(store, actor, day, pdf),
                then=lambda _job: self._say(f"{what} is printed."),
                failed=self._refused,
            )

        self.station.lanes.work(drawing, then=drawn, failed=self._refused)

    # ---- visits ----

    @property
    def _visit(self) -> Visit | None:
        return words.visit_of(self._day, self.state.selected)

    def ask_visit(self) -> None:
        """Ask the chosen carrier for a visit, or book the one that it has priced."""
        carrier, found, visit = self._carrier, self._found(self.state.selected), self._visit
        if carrier is None or found is None or not carrier.visits:
            return
        if visit is not None and visit.state in ("quoted", "refused") and visit.collection is not None:
            self.on_step(BookVisitStep(self.station, visit))
        else:
            ids = [r.postage for r in found.rows if not r.handed_over_at]
            self.on_step(AskVisitStep(self.station, carrier.key, ids))

    def cancel_visit(self) -> None:
        """Call the chosen carrier's visit off, once somebody is sure."""
        carrier, visit = self._carrier, self._visit
        if carrier is None or visit is None or not carrier.cancels:
            return
        text = words.visit_words(visit, self.station.settings)
        self.on_sure(
            f"Call the visit of {carrier.name} off?", text, "Call it off", lambda: self._cancel(visit.id)
        )

    def _cancel(self, visit_id: str) -> None:
        self.station.act(
            lambda store, actor: handing_over.cancel_visit(store, actor, visit_id),
            then=lambda visit: self._say(
                "The visit is called off." if visit.state == "cancelled" else "The visit is being called off."
            ),
            failed=self._refused,
        )

    # ---- handing over ----

    def hand_over(self) -> None:
        """Note that the chosen carrier took its parcels, once somebody is sure."""
        carrier, found = self._carrier, self._found(self.state.selected)
        if carrier is None or found is None or not carrier.hands or self.state.busy:
            return
        ids = tuple(r.postage for r in found.rows if not r.handed_over_at)
        ships = "Their orders become shipped, and the customers hear of it." if self.state.ships else ""
        text = f"{carrier.name} took them. {ships}".strip()
        title = f"Hand over {parcels(len(ids))}?"
        self.on_sure(title, text, "Hand over", lambda: self._hand(ids))

    def _hand(self, ids: tuple[str, ...]) -> None:
        self._show(busy=True, notice="")
        self.station.act(
            lambda store, actor: handing_over.hand_over(store, actor, ids),
            then=self._handed,
            failed=self._refused,
        )

    def _handed(self, done: HandedOver) -> None:
        shipped = f" {len(done.orders)} orders shipped." if done.orders else ""
        said = f"{parcels(done.parcels)} handed over.{shipped}"
        if done.failed:
            why = " ".join(f"{clean(n, 60)}: {clean(w, 200)}" for n, w in done.failed[:3])
            said = f"{said} {len(done.failed)} not: {why}"
        self._say(said, "warn" if done.failed else "ok")

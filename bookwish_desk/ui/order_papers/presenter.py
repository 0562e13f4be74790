"""Runs the sheet for papers: makes them by stretches on lanes, prints or saves them, says what had none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from bookwish_desk.actions import order_papers, pickup
from bookwish_desk.actions.order_papers import PAPERS, Paper, Walk
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store
from bookwish_desk.shop.device import Purpose
from bookwish_desk.shop.errors import ShopError, Stopped
from bookwish_desk.shop.packing import PackingSlip, PickList
from bookwish_desk.ui.order_papers import filing
from bookwish_desk.ui.order_papers.state import Failed, PapersState, Size
from bookwish_desk.ui.order_papers.words import LACKING, file_name, purpose_of, said, sizes

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

STRETCH = 50
"""So many orders are read, drawn and sent at a time: between two stretches one can stop."""

Made = tuple[str, str, tuple[PackingSlip, ...]]
"""An order's id, its number, and its slips."""


class PapersPresenter:
    """Asks which papers until they are made or the sheet is closed. `render` gets each state."""

    def __init__(self, station: Station, order_ids: Sequence[str], paper: Paper = "packing_slip") -> None:
        self.station = station
        self._ids = tuple(dict.fromkeys(order_ids))
        self.render: Callable[[PapersState], None] = lambda _state: None
        self.state = PapersState(paper=paper, total=len(self._ids))
        self._number = ""
        self._made: list[Made] = []
        self._open = False
        self._stop = False
        self._path = ""
        self._pickups = False

    @property
    def title(self) -> str:
        """Return what stands over the sheet."""
        count = len(self._ids)
        return "Papers for 1 order" if count == 1 else f"Papers for {count} orders"

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        if self._open:
            self.render(self.state)

    # ---- choosing ----

    def open(self) -> None:
        """Offer what can be made of these orders, and take scans from the screen behind."""
        self._open = True
        self.station.own_scans(self)
        self._offer()

        def reading(store: Store) -> tuple[str, bool]:
            with store.read() as conn:
                found = orders.by_ids(conn, self._ids)
            number = found[0].number if len(found) == 1 else ""
            return number, any(x.kind == "pickup" for x in found)

        def read(found: tuple[str, bool]) -> None:
            self._number = found[0]
            self._offer(pickups=found[1])

        self.station.lanes.read(reading, then=read)

    def close(self) -> None:
        """Give scans back, and stop after the stretch that is under way."""
        self._open = False
        self._stop = True
        self.station.release_scans(self)

    def scanned(self, _code: str) -> None:
        """Say that a scan does nothing here."""
        self._show(notice="Close this first, then scan again.", tone="warn")

    def choose_paper(self, paper: str) -> None:
        """Make this paper."""
        if paper in get_args(Paper) and not self.state.busy:
            self.state = replace(self.state, paper=paper, notice="")
            self._offer()

    def choose_size(self, size: str) -> None:
        """Make packing slips of this size."""
        if size in get_args(Size) and not self.state.busy:
            self.state = replace(self.state, size=size, notice="")
            self._offer()

    def _offer(self, *, pickups: bool | None = None) -> None:
        settings, state = self.station.settings, self.state
        self._pickups = self._pickups if pickups is None else pickups
        purpose = self._purpose()
        printer = settings.device_for(purpose, self.station.register)
        self._show(
            papers=tuple((k, words) for k, words in PAPERS.items() if k != "hold_slip" or self._pickups),
            sizes=sizes(settings.page_size) if state.paper == "packing_slip" else (),
            printer=f"Prints on {printer.name}." if printer is not None else "",
            lacking="" if printer is not None else LACKING[purpose],
            file_name=file_name(state.paper, self._number, len(self._ids)),
        )

    def _purpose(self) -> Purpose:
        settings, register = self.station.settings, self.station.register
        pages = settings.device_for("documents", register)
        slips = settings.device_for("receipts", register)
        return purpose_of(self.state.paper, self.state.size, pages=pages is not None, slips=slips is not None)

    # ---- doing ----

    def print_papers(self) -> None:
        """Send the papers to their printer."""
        if self.state.busy or self.state.lacking:
            return
        self._path = ""
        self._begin()
        if self.state.paper == "pick_list":
            self._with_pick_list(self._print_pick_list)
        elif self.state.paper == "hold_slip":
            self._print_hold_slip(0)
        else:
            self._stretch(0, self._print_stretch)

    def save(self, path: str) -> None:
        """Save the papers as one PDF; asks before a file would be overwritten."""
        if self.state.busy or not path:
            return
        self._path = path
        self.station.lanes.work(
            lambda: filing.exists(path),
            then=lambda there: self._ask_or_save(path, there),
            failed=self._refused,
        )

    def _ask_or_save(self, path: str, there: bool) -> None:
        if there:
            self._show(replacing=path)
        else:
            self._save()

    def replace(self, yes: bool) -> None:
        """Overwrite the file, or leave it."""
        self._show(replacing="")
        if yes:
            self._save()
        else:
            self._path = ""

    def stop(self) -> None:
        """Stop after the stretch that is under way: what is printed stays printed."""
        if self.state.busy:
            self._stop = True
            self._show(stopping=True)

    def _begin(self) -> None:
        self._stop = False
        self._made = []
        self._show(busy=True, stopping=False, done=0, failed=(), notice="", over=False)

    def _save(self) -> None:
        self._begin()
        if self.state.paper == "pick_list":
            self._with_pick_list(
                lambda walk: self._write(lambda: self._drawn_list(walk.picks), walk.order_ids)
            )
        else:
            self._stretch(0, self._keep_stretch)

    # ---- packing slips, by stretches ----

    def _stretch(self, start: int, then: Callable[[int, list[Made]], None]) -> None:
        ids = self._ids[start : start + STRETCH]
        if self._stop or not ids:
            self._end_of_slips(start)
            return

        def made(found: list[tuple[str, tuple[PackingSlip, ...], str]]) -> None:
            bad = tuple(Failed(number, why) for number, _slips, why in found if why)
            self._show(failed=(*self.state.failed, *bad))
            good = [(i, n, slips) for i, (n, slips, why) in zip(ids, found, strict=True) if not why]
            then(start, good)

        self.station.lanes.read(
            lambda store: order_papers.slips_for(store, ids), then=made, failed=self._refused
        )

    def _print_stretch(self, start: int, made: list[Made]) -> None:
        following = start + STRETCH

        def posted(_jobs: object) -> None:
            self._made += made
            self._show(done=min(following, len(self._ids)))
            self._stretch(following, self._print_stretch)

        if not made:
            posted(None)
        elif self.state.size == "4x6":
            self._print_labels(made, posted)
        else:
            self._print_pages(made, posted)

    def _print_pages(self, made: list[Made], posted: Callable[[object], None]) -> None:
        size = self.station.settings.page_size
        ids = [order_id for order_id, _, _ in made]
        number = f" {made[0][1]}" if len(made) == 1 else f"s {made[0][1]} to {made[-1][1]}"

        def drawing() -> bytes:
            from bookwish_desk.paper.packing_slip import packing_slips

            return packing_slips((slip for _, _, slips in made for slip in slips), size)

        def drawn(pdf: bytes) -> None:
            self.station.act(
                lambda store, actor: order_papers.print_pages(
                    store, actor, pdf, f"Packing slip{number}", ids, "packing_slip"
                ),
                then=posted,
                failed=self._refused,
            )

        self.station.lanes.work(drawing, then=drawn, failed=self._refused, lane="drawing")

    def _print_labels(self, made: list[Made], posted: Callable[[object], None]) -> None:
        def drawing() -> list[tuple[str, str, bytes]]:
            from bookwish_desk.paper.packing_slip import packing_slips

            return [(order_id, number, packing_slips(slips, "4x6")) for order_id, number, slips in made]

        def drawn(slips: list[tuple[str, str, bytes]]) -> None:
            self.station.act(
                lambda store, actor: order_papers.print_labels(store, actor, slips),
                then=posted,
                failed=self._refused,
            )

        self.station.lanes.work(drawing, then=drawn, failed=self._refused, lane="drawing")

    def _keep_stretch(self, start: int, made: list[Made]) -> None:
        self._made += made
        self._stretch(start + STRETCH, self._keep_stretch)

    def _end_of_slips(self, reached: int) -> None:
        if not self._path:
            self._end(min(reached, len(self._ids)))
        elif self._stop:
            self._end(0)
        elif not self._made:
            self._end(len(self._ids))
        else:
            self._write(self._drawn_slips, [order_id for order_id, _, _ in self._made])

    def _drawn_slips(self) -> bytes:
        """Draw all slips, telling how far it is; on a lane. Raises Stopped when nobody waits any more."""
        from bookwish_desk.paper.packing_slip import packing_slips

        size = "4x6" if self.state.size == "4x6" else self.station.settings.page_size

        def each() -> Iterator[PackingSlip]:
            for place, (_id, _number, slips) in enumerate(self._made):
                if self._stop:
                    raise Stopped
                if place % STRETCH == STRETCH - 1:
                    self.station.lanes.home(lambda place=place: self._show(done=place + 1))  # type: ignore[misc]
                yield from slips

        return packing_slips(each(), size)

    # ---- pick lists ----

    def _with_pick_list(self, then: Callable[[Walk], None]) -> None:
        who = self.station.person.name if self.station.person is not None else ""
        at = self.station.lanes.store.clock()

        def made(walk: Walk) -> None:
            self._show(failed=tuple(Failed(number, why) for number, why in walk.left_out))
            then(walk)

        self.station.lanes.read(
            lambda store: order_papers.pick_list_for(store, self._ids, who, at),
            then=made,
            failed=self._refused,
        )

    def _drawn_list(self, picks: PickList) -> bytes:
        from bookwish_desk.paper.pick_list import pick_list

        return pick_list(picks, self.station.settings.page_size)

    def _print_pick_list(self, walk: Walk) -> None:
        picks, ids = walk.picks, walk.order_ids

        def posted(_job: object) -> None:
            self._end(len(self._ids))

        if self._purpose() == "receipts":
            self.station.act(
                lambda store, actor: order_papers.print_pick_slip(store, actor, picks, ids),
                then=posted,
                failed=self._refused,
            )
            return

        def drawn(pdf: bytes) -> None:
            self.station.act(
                lambda store, actor: order_papers.print_pages(
                    store, actor, pdf, "Pick list", ids, "pick_list"
                ),
                then=posted,
                failed=self._refused,
            )

        self.station.lanes.work(
            lambda: self._drawn_list(picks), then=drawn, failed=self._refused, lane="drawing"
        )

    # ---- slips for the hold shelf ----

    def _print_hold_slip(self, place: int) -> None:
        if self._stop or place == len(self._ids):
            self._end(place)
            return
        order_id = self._ids[place]

        def through(_job: object = None) -> None:
            self._show(done=place + 1)
            self._print_hold_slip(place + 1)

        def refused(error: ShopError) -> None:
            self._name_failed(order_id, error.message, through)

        self.station.act(
            lambda store, actor: pickup.print_slip(store, actor, order_id), then=through, failed=refused
        )

    def _name_failed(self, order_id: str, why: str, then: Callable[[], None]) -> None:
        def reading(store: Store) -> str:
            with store.read() as conn:
                return next((x.number for x in orders.by_ids(conn, (order_id,))), order_id)

        def read(number: str) -> None:
            self._show(failed=(*self.state.failed, Failed(number, why)))
            then()

        self.station.lanes.read(reading, then=read)

    # ---- files, and the end ----

    def _write(self, draw: Callable[[], bytes], ids: Sequence[str]) -> None:
        path, paper = self._path, self.state.paper

        def writing() -> str:
            try:
                return filing.write(path, draw())
            except Stopped:
                return ""

        def written(saved: str) -> None:
            if not saved:
                self._end(0)
                return
            self.station.act(
                lambda store, actor: order_papers.note_saved(store, actor, ids, paper),  # type: ignore[arg-type]
                then=lambda _none: self._end(len(self._ids)),
                failed=self._refused,
            )

        self.station.lanes.work(writing, then=written, failed=self._refused, lane="drawing")

    def _refused(self, error: ShopError) -> None:
        if not self._open:
            self.station.say(error.message, "error")
        self._path = ""
        self._show(busy=False, stopping=False, notice=error.message, tone="error")

    def _end(self, reached: int) -> None:
        path, self._path = self._path, ""
        stopped = self._stop and reached < len(self._ids)
        failed = self.state.failed
        through = reached - len(failed)
        words = said(self.state.paper, through, path, stopped=stopped)
        tone = "warn" if failed or stopped else "ok"
        over = not failed and not stopped
        if over or not self._open:
            why = "" if self._open else "".join(f" {f.order}: {f.reason}" for f in failed[:1])
            self.station.say(f"{words}{why}", "ok" if over else "warn")
        self._show(busy=False, stopping=False, done=reached, notice=words, tone=tone, over=over)

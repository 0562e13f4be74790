"""Runs the import screen: looks at a list, maps its columns, imports it, says how it went."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions import configuring, importing
from bookwish_desk.actions.importing import Look, Plan
from bookwish_desk.shop.errors import NeedsApproval, ShopError
from bookwish_desk.shop.import_words import CANCELLED
from bookwish_desk.shop.mapping import Mapping
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tabular import ENCODINGS
from bookwish_desk.shop.text import clean
from bookwish_desk.shop.title import ImportReport
from bookwish_desk.ui.importing.run import ImportRun
from bookwish_desk.ui.importing.state import (
    MOST_COLUMNS,
    ImportState,
    Running,
    columns_of,
    done_words,
    problem_of,
    result_of,
    size_words,
    table_words,
)

if TYPE_CHECKING:
    from bookwish_desk.ui.station import Station

BUSY = "An import is running. Wait until it is done, or cancel it."


class ImportPresenter:
    """Imports one list at a time. `render` gets each state.

    `on_words` gets a word or two on the import that is running, for the header; "" when none is.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.state = ImportState()
        self.render: Callable[[ImportState], None] = lambda _state: None
        self.on_words: Callable[[str], None] = lambda _words: None
        self._shown = False
        self._plan: Plan | None = None
        self._mapping: Mapping | None = None
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._by_itself = False
        self._run: ImportRun | None = None

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)
        self.render(self.state)

    def shown(self) -> None:
        """Show what is; scans do nothing here."""
        self._shown = True
        self.station.own_scans(self)
        self.render(self.state)

    def hidden(self) -> None:
        """Give scans back; an import goes on behind other screens."""
        self._shown = False
        self.station.release_scans(self)

    def scanned(self, code: str) -> None:
        """Say that a scan does nothing here."""
        self.station.say("Nothing is scanned here. Go to the Sell screen to sell.", "warn")

    def back(self) -> None:
        """Go back to the stock."""
        self.station.show_screen("stock")

    def _fail(self, sentence: str) -> None:
        """Say what went wrong, here and to whoever works on another screen."""
        self._show(notice=sentence, tone="error")
        if not self._shown:
            self.station.say(sentence, "error")

    # ---- the list ----

    def open(self, path: str) -> None:
        """Look into a file, and show what it is."""
        self._open(path, counts=False, by_itself=False)

    def import_opening_stock(self, path: Path) -> None:
        """Import the count of a first start: at once where its columns explain themselves, else when mapped.

        Nobody is asked for permission: whoever founded the shop chose the file.
        """
        self._open(str(path), counts=True, by_itself=True)

    def _open(self, path: str, *, counts: bool, by_itself: bool) -> None:
        wanted = path.strip().strip('"').strip()
        if self._run is not None:
            self.station.say(BUSY, "warn")
        elif not wanted:
            self._show(notice="Type where the file is, or choose one.", tone="error")
        else:
            file = Path(wanted).expanduser()
            self._mapping, self._by_itself = None, by_itself
            self._show(path=wanted, name=clean(file.name, 60), counts=counts, result=None)
            self._look_into(Plan(path=file, counts=counts))

    def choose_encoding(self, encoding: str) -> None:
        """Read the beginning again in another encoding; "" finds it out."""
        if self._plan is not None and encoding != self._plan.encoding:
            self._look_into(replace(self._plan, encoding=encoding))

    def _look_into(self, plan: Plan) -> None:
        self._plan = plan
        self._show(stage="looking", encoding=plan.encoding, notice="")
        # On a lane of its own: the catalogue's may be busy with an index for minutes.
        self.station.lanes.work(
            lambda: importing.look(plan),
            then=lambda look: self._looked(plan, look),
            failed=lambda error: self._not_looked(plan, error),
            lane="look",
        )

    def _looked(self, plan: Plan, look: Look) -> None:
        if plan is not self._plan:
            return
        chosen = self._mapping.chosen if self._mapping is not None else ()
        self._mapping = Mapping(look.headings, self.station.settings.list_columns, chosen)
        self._rows = look.rows
        table = look.kind == "table"
        beyond = len(look.headings) - MOST_COLUMNS
        self.state = replace(
            self.state,
            stage="ready",
            about=f"{_kind_words(look)}, {size_words(look.size)}",
            table=table,
            counts=self.state.counts and table,
            beyond=f"{beyond:,} more columns are taken as their headings say." if beyond > 0 else "",
        )
        self._show_columns()
        if self._by_itself and not self.state.problem:
            self._begin(None)

    def _not_looked(self, plan: Plan, error: ShopError) -> None:
        if plan is not self._plan:
            return
        if self._mapping is None:
            self._plan = None
            self._show(stage="choose")
        else:
            # Only another encoding was tried: what was seen before is still there.
            self._plan = replace(plan, encoding="")
            self._show(stage="ready", encoding="")
        self._fail(error.message)

    # ---- its columns ----

    def map_column(self, place: int, field: str) -> None:
        """Say what a column is; "" leaves it out. Columns of the same heading go together."""
        if self._mapping is not None and place < len(self._mapping.headings):
            self._mapping = self._mapping.choose(self._mapping.headings[place], field)
            self._show_columns()

    def count_shelves(self, on: bool) -> None:
        """Say whether the list counts what stands on the shelves now."""
        self.state = replace(self.state, counts=on)
        self._show_columns()

    def _show_columns(self) -> None:
        if self._mapping is None:
            return
        headings, fields = self._mapping.headings, self._mapping.fields
        problem, wrong = "", frozenset[int]()
        if self.state.table:
            problem, wrong = problem_of(headings, fields, self.state.counts)
        most = slice(MOST_COLUMNS)
        columns = columns_of(headings[most], fields[most], self._rows, wrong)
        self._show(columns=columns, problem=problem, notice="")

    # ---- the import ----

    def run(self) -> None:
        """Import the list."""
        if self.state.stage == "ready" and not self.state.problem:
            self._begin(self.station.actor)

    def _begin(self, actor: Actor | None) -> None:
        if self._plan is None or self._mapping is None:
            return
        self._by_itself = False
        plan = replace(self._plan, columns=self._mapping.said, counts=self.state.counts)
        run = self._run = ImportRun(self.station, plan, actor)
        run.shown, run.done = self._show_running, self._done
        run.failed = lambda error: self._failed(run, error)
        run.start()

    def _show_running(self, running: Running) -> None:
        self._show(stage="running", running=running, notice="")
        self.on_words(f"Importing {running.per_cent} %" if running.step == 1 else "Importing")

    def cancel(self) -> None:
        """Give the import up, while the catalogue has not been changed."""
        if self._run is not None:
            self._run.cancel()

    def open_end(self) -> str:
        """Return what closing the desk now would give up, as a sentence; empty when nothing."""
        if self._run is None or not self.state.running.can_cancel:
            return ""
        return f"{self.state.name} is being imported. That is given up then: nothing is changed."

    def close(self) -> None:
        """Give up whatever is running: the desk is closed."""
        if self._run is not None:
            self._run.close()

    def _ended(self, **changes: object) -> None:
        self._run = None
        self._show(**changes)
        self.on_words("")

    def _failed(self, run: ImportRun, error: ShopError | None) -> None:
        self._ended(stage="ready")
        front, actor = self.station.front, run.actor
        if isinstance(error, NeedsApproval) and front and actor is not None and not actor.approval:
            # Whoever asked may have locked the register meanwhile: nothing opens over the cover.
            if self.station.actor == actor:
                front.ask_approval(error, lambda given: self._begin(replace(actor, approval=given)))
        elif error is not None:
            self._fail(error.message)

    def _done(self, report: ImportReport) -> None:
        actor = self._run.actor if self._run is not None else None
        if not report.complete:
            self._ended(stage="ready", notice=CANCELLED, tone="info")
            return
        self._ended(stage="done", result=result_of(self.state.name, report))
        if not self._shown:
            self.station.say(done_words(self.state.name, report), "warn" if report.rejected else "ok")
        if actor is not None and self._mapping is not None and self._mapping.chosen:
            keep = self._mapping.learned
            self.station.lanes.act(lambda store: configuring.remember_columns(store, actor, keep))

    def again(self) -> None:
        """Begin anew with another list."""
        if self._run is None:
            self._plan, self._mapping = None, None
            self.state = ImportState()
            self.render(self.state)


def _kind_words(look: Look) -> str:
    if look.kind == "table":
        return table_words(len(look.headings), look.delimiter, ENCODINGS.get(look.encoding, look.encoding))
    return "Ingram StockV2" if look.kind == "stockv2" else f"ONIX {look.release}"

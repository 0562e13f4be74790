"""The till's reports as PDF: files in the data folder, copies where a person wants one, pages on paper."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bookwish_desk.actions import outgoing, tilling
from bookwish_desk.shop.errors import ShopError, StorageError
from bookwish_desk.shop.till import TillReport
from bookwish_desk.shop.till_words import title
from bookwish_desk.ui.till.state import TillState

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.ui.station import Station


class Filing:
    """Saves the report of the state and prints its pages; `show` gets what changes in the state by it."""

    def __init__(self, station: Station, state: Callable[[], TillState], show: Callable[..., None]) -> None:
        self._station = station
        self._state = state
        self._show = show

    def save(self) -> None:
        """Save the report that is shown in the data folder; a Z report of the past is marked as a copy."""
        report = self._state().report
        if report is None or self._state().saving:
            return
        copy = report.kind == "Z" and not self._state().fresh
        self._show(saving=True)
        self._station.lanes.read(
            lambda store: store.folder / "reports" / pdf_name(report, copy=copy),
            then=lambda path: self._station.lanes.work(
                lambda: _write(report, path, copy=copy),
                then=lambda saved: self._saved(report, saved),
                failed=self._failed,
            ),
        )

    def _saved(self, report: TillReport, path: Path) -> None:
        if self._state().report == report:
            self._show(pdf=str(path), saving=False)

    def print_pages(self) -> None:
        """Print the report that is shown on the document printer: a Z report again is marked as a copy."""
        report = self._state().report
        if report is None or self._state().saving:
            return
        past = report.kind == "Z" and not self._state().fresh
        self._show(saving=True)

        def reading(store: Store) -> tuple[Path, bool]:
            copy = past or (report.kind == "Z" and outgoing.latest(store, report.name, "pages") is not None)
            return store.folder / "reports" / pdf_name(report, copy=copy), copy

        def read(found: tuple[Path, bool]) -> None:
            path, copy = found
            self._station.lanes.work(
                lambda: _write(report, path, copy=copy).read_bytes(),
                then=lambda pdf: self._post(report, pdf, copy),
                failed=self._failed,
            )

        self._station.lanes.read(reading, then=read, failed=self._failed)

    def _post(self, report: TillReport, pdf: bytes, copy: bool) -> None:
        def posted(_job: str) -> None:
            self._show(saving=False)
            self._station.say(f"{title(report)} goes to the document printer.")

        self._station.act(
            lambda store, actor: tilling.print_pages(store, actor, report, pdf, copy),
            then=posted,
            failed=self._failed,
        )

    def _failed(self, error: ShopError) -> None:
        self._show(saving=False)
        self._station.say(error.message, "error")

    def save_copy(self, target: str) -> None:
        """Copy the saved PDF to where a person wants it."""
        source = self._state().pdf
        if source and target:
            self._station.lanes.work(
                lambda: _copy(source, target),
                then=lambda path: self._station.say(f"Saved as {path}"),
                failed=self._failed,
            )


def pdf_name(report: TillReport, *, copy: bool) -> str:
    """Return the name of a report's file: Z-1-12.pdf; Z-1-12-copy.pdf; X-1-13-1790000000.pdf."""
    if report.kind == "X":
        return f"{report.name}-{report.made_at // 1000}.pdf"
    return f"{report.name}-copy.pdf" if copy else f"{report.name}.pdf"


def _write(report: TillReport, path: Path, *, copy: bool) -> Path:
    from bookwish_desk.paper.z_report import write_z_report

    return write_z_report(report, path, copy=copy)


def _copy(source: str, target: str) -> str:
    try:
        shutil.copyfile(source, target)
    except OSError as fault:
        raise StorageError("copy", f"The file could not be saved as {target}.") from fault
    return target

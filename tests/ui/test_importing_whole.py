"""Importing for real, on real lanes: a mapped list, who may, a cancel, closing the desk, the first start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui.importing.presenter import ImportPresenter
from bookwish_desk.ui.importing.state import ImportState
from bookwish_desk.ui.station import Station
from tests.support.shops import FakeFront, found_shop, hire

FOREIGN = "ISBN;Werk;Bestand;Regal\n9780156701600;Orlando;3;F\n9780393635522;Łódź;1;F\n12345;Nichts;1;\n"


class Desk:
    """A shop, its lanes, and the import screen's presenter; `seen` are all states that were shown."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder = folder
        self.qtbot = qtbot
        self.store, self.actor = found_shop(folder / "shop")
        self.lanes = Lanes(self.store)
        self.station = Station(self.lanes, 1, self.store.settings)
        self.station.person = Person(self.actor.staff, "Olive Owner", "owner")
        self.front = FakeFront()
        self.station.front = self.front
        self.presenter = ImportPresenter(self.station)
        self.seen: list[ImportState] = []
        self.presenter.render = self.seen.append
        self.presenter.shown()

    @property
    def state(self) -> ImportState:
        return self.presenter.state

    def open(self, text: str, encoding: str = "utf-8") -> None:
        """Write a list and wait until it was looked at."""
        path = self.folder / "list.csv"
        path.write_bytes(text.encode(encoding))
        self.presenter.open(str(path))
        self.until("ready")

    def until(self, stage: str) -> None:
        self.qtbot.waitUntil(lambda: self.state.stage == stage, timeout=30_000)

    def titles(self) -> dict[int, str]:
        with self.store.read() as conn:
            return dict(conn.exec_driver_sql("SELECT ean, title FROM catalogue.titles").fetchall())

    def on_hand(self) -> dict[str, int]:
        with self.store.read() as conn:
            return dict(conn.exec_driver_sql("SELECT sku, on_hand FROM items").fetchall())


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(tmp_path, qtbot)
    yield made
    made.lanes.close()
    made.store.close()


def a_long_list(rows: int) -> str:
    def ean(number: int) -> str:
        digits = f"978{number:09d}"
        total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
        return f"{digits}{-total % 10}"

    return "isbn,title\n" + "".join(f"{ean(n)},Title {n}\n" for n in range(rows))


@pytest.mark.capability("BW+06")
def test_a_list_is_mapped_and_imported(desk: Desk) -> None:
    desk.open(FOREIGN, "windows-1250")
    desk.presenter.choose_encoding("windows-1250")
    desk.until("ready")
    for place, field in ((1, "title"), (2, "stock"), (3, "shelf")):
        desk.presenter.map_column(place, field)
    desk.presenter.run()
    desk.until("done")
    result = desk.state.result
    assert result is not None
    assert dict(result.counts) == {
        "read": "3", "added": "2", "updated": "0", "unchanged": "0", "rejected": "1"
    }  # fmt: skip
    ((line, reason),) = result.rejected
    assert line == "4"
    assert reason.startswith("12345 is no good ISBN")
    assert Path(result.report).is_file()
    assert desk.titles() == {9780156701600: "Orlando", 9780393635522: "Łódź"}
    assert desk.on_hand() == {"9780156701600": 3, "9780393635522": 1}
    phases = [s.running.phase for s in desk.seen if s.stage == "running"]
    assert phases[0] == "Reading the list"
    desk.qtbot.waitUntil(lambda: desk.store.settings.list_columns != ())


@pytest.mark.capability("BW+06")
def test_a_cancel_in_the_middle_changes_nothing(desk: Desk) -> None:
    desk.open("isbn,title\n9780156701600,Orlando\n")
    desk.presenter.run()
    desk.until("done")
    desk.open(a_long_list(150_000))

    def show(state: ImportState) -> None:
        if state.stage == "running" and state.running.figures:
            desk.presenter.cancel()

    desk.presenter.render = show
    desk.presenter.run()
    desk.until("ready")
    assert desk.state.notice == "The import was cancelled. Nothing was changed."
    assert desk.titles() == {9780156701600: "Orlando"}


def test_closing_the_desk_ends_an_import(desk: Desk) -> None:
    desk.open(a_long_list(150_000))

    def show(state: ImportState) -> None:
        if state.stage == "running" and state.running.figures:
            desk.presenter.close()

    desk.presenter.render = show
    desk.presenter.run()
    desk.until("ready")
    assert desk.titles() == {}


def test_whoever_may_not_import_is_asked_for_a_manager(desk: Desk) -> None:
    clerk = hire(desk.store, "staff")
    with desk.store.write() as tx:
        tx.conn.exec_driver_sql("DELETE FROM role_permissions")
    desk.station.person = Person(clerk.staff, "Sam Staff", "staff")
    desk.open("isbn,title\n9780156701600,Orlando\n")
    desk.presenter.run()
    desk.qtbot.waitUntil(lambda: bool(desk.front.asked))
    assert desk.front.asked[0][0].facts["permission"] == "items.edit"
    assert desk.state.stage == "ready"
    assert desk.titles() == {}


def test_the_opening_stock_of_a_first_start_counts_the_shelves(desk: Desk) -> None:
    path = desk.folder / "stock.csv"
    path.write_text("isbn,count,shelf,price,title\n9781400044160,2,FIC-01,17.00,Half of a Yellow Sun\n")
    desk.station.person = None
    desk.presenter.import_opening_stock(path)
    desk.until("done")
    assert desk.on_hand() == {"9781400044160": 2}
    assert desk.front.asked == []

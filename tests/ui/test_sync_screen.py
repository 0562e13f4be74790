"""The Sync screen through its widgets: keys, sheets, words from outside; and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.db import netbox
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.online import OnlineSettings
from bookwish_desk.shop.sync_state import Pass, Progress, RateBudget
from bookwish_desk.shop.upload import StockUpload
from bookwish_desk.ui import sync
from bookwish_desk.ui.keys import KEYS, keys_under
from bookwish_desk.ui.sync.sheets import DecisionSheet, SignInSheet
from tests.support import looking
from tests.support.online_desk import CONNECTED, FakeDemo, OnlineCounter
from tests.support.orders import made, received

W = TypeVar("W", bound=QWidget)
_SEEN = ("differences", "refused", "store")
LONG = "<b>422</b> The item of this line does not belong to this store. " * 160


class Desk(OnlineCounter):
    """A counter with the Sync screen in a window."""

    def __init__(self, folder: Path, qtbot: QtBot, **more: Any) -> None:
        super().__init__(folder, **more)
        self.screen, self.presenter = sync.build(self.station)
        self.window = looking.window_with("sync", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.opened: list[str] = []
        self.presenter.on_order = self.opened.append
        self.presenter.on_receipt = self.opened.append
        self.presenter.on_set_up = lambda: self.opened.append("set up")

    def sheet(self, kind: type[W], qtbot: QtBot) -> W:
        """Return the sheet in front, once it is active."""
        found = next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())
        qtbot.waitUntil(found.isActiveWindow)
        return found

    def fill(self) -> None:
        """Let everything that is shown be there."""
        order = received(self.store, self.actor, made("BW-20260921-AB12", source="bookwish"))
        for _ in range(6):
            self.sell()
        jobs = self.waiting()
        self.end(jobs[0], "uncertain", "The connection broke while the answer was awaited.")
        self.end(jobs[1], "refused", LONG)
        self.differ(
            "status", order.id, order_id=order.id, ours="Shipped", theirs="Cancelled",
            sentence="Order BW-20260921-AB12 is shipped here, and cancelled in the store.",
            rule="A carrier's scan beats a cancellation.",
        )  # fmt: skip
        self.differ(
            "cancel_there", "o2", choices=("send", "done_there"), ours="Cancelled", theirs="Processing",
            sentence="Order BW-20260921-CD34 was cancelled here. The store still has it.",
        )  # fmt: skip
        self.differ("stock", *(f"sku-{n}" for n in range(212)))
        now = self.clock.at
        self.online.become(
            waiting=4, uncertain=1, refused=1, conflicts=214, clock_off_ms=-200_000,
            budget=RateBudget(100, 12, now + 30_000),
            passes=(
                Pass(kind="orders", began_at=now - 15_000, ended_at=now, complete=True, seen=12, changed=2),
                Pass(kind="stock", began_at=now - 99_000, ended_at=now, seen=400, words=LONG),
            ),
        )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot)


def words_of(widget: QWidget) -> str:
    return "\n".join(x.text() for x in widget.findChildren(QLabel) if x.isVisible())


def test_every_key_of_the_screen_is_worked_by_it(tmp_path: Path, dressed: Any, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, qtbot, demo=FakeDemo())
    owned = {key.id for key in keys_under(desk.screen)}
    assert owned == {key.id for key in KEYS if key.scope == "sync"}


def test_differences_are_decided_by_one_key_each(desk: Desk, qtbot: QtBot) -> None:
    desk.differ("variance", "one", "two")
    desk.presenter.shown()
    assert desk.screen.rows.hasFocus(), "the list is where one works"
    assert len(desk.screen.rows.rows()) == 2
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert len(desk.screen.rows.rows()) == 1
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert desk.screen.rows.rows() == ()
    assert "you decide" in words_of(desk.screen.card)
    assert desk.screen.parts.rows()[0].cells == ("Differences", "0")


def test_parts_and_rows_are_reached_and_left_without_a_mouse(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.presenter.shown()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F2)
    assert desk.screen.parts.hasFocus()
    qtbot.keyClick(desk.screen.parts, Qt.Key.Key_Down)
    assert desk.presenter.state.part == "uncertain"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F3)
    assert desk.screen.rows.hasFocus()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert [name for name, *_ in desk.online.asked] == ["look"]
    qtbot.keyClick(desk.screen, Qt.Key.Key_F4)
    assert desk.opened == ["R1-000001"]
    desk.presenter.show_part("differences")
    desk.presenter.choose("enter:stock")
    qtbot.keyClick(desk.screen.rows, Qt.Key.Key_Return)
    assert desk.presenter.state.inside == "212 counts differ"
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.presenter.state.inside == ""
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.front.screen == "orders"


@pytest.mark.capability("BW+11")
def test_enter_never_sends_a_cancellation(desk: Desk, qtbot: QtBot) -> None:
    order = received(desk.store, desk.actor, made("BW-20260921-CD34", source="bookwish"))
    desk.differ("cancel_there", order.id, order_id=order.id, choices=("send", "done_there"))
    desk.presenter.shown()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    sheet = desk.sheet(DecisionSheet, qtbot)
    assert "gives the customer the money back by itself" in words_of(sheet)
    qtbot.keyClicks(sheet.reason.edit, "Changed their mind")
    qtbot.keyClick(sheet.reason.edit, Qt.Key.Key_Return)
    assert sheet.isVisible()
    assert desk.waiting() == []
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert desk.waiting() == []
    qtbot.waitUntil(desk.window.isActiveWindow)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    sheet = desk.sheet(DecisionSheet, qtbot)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert [job.kind for job in desk.waiting()] == ["cancel"]


def test_a_row_is_discarded_with_a_reason_only(desk: Desk, qtbot: QtBot) -> None:
    desk.sell()
    desk.end(desk.waiting()[0], "refused", "No.")
    desk.presenter.shown()
    desk.presenter.show_part("refused")
    qtbot.keyClick(desk.screen, Qt.Key.Key_F7)
    sheet = desk.sheet(DecisionSheet, qtbot)
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.reason.error() == "Say why."
    qtbot.keyClicks(sheet.reason.edit, "Typed in by hand")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert desk.waiting() == []


def test_all_alike_need_a_choice_first(desk: Desk, qtbot: QtBot) -> None:
    desk.differ("stock", *(f"sku-{n}" for n in range(7)))
    desk.presenter.shown()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F8)
    sheet = desk.sheet(DecisionSheet, qtbot)
    assert not sheet.verb.isEnabled()
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.isVisible()
    qtbot.keyClick(sheet.choices["noted"], Qt.Key.Key_Space)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert desk.presenter.state.counts[0] == ("differences", 0)


def test_a_servers_words_are_plain_and_quoted_however_long(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.presenter.shown()
    desk.presenter.show_part("refused")
    shown = words_of(desk.screen.card)
    assert "The store said:" in shown
    assert "“<b>422</b> The item" in shown
    assert len(shown) < 1_000
    assert looking.rich(desk.window) == []


def test_signing_in_again_keeps_what_waits(desk: Desk, qtbot: QtBot) -> None:
    desk.sell()
    desk.online.state = desk.online.state.__class__(way="signed_out", waiting=1)
    desk.presenter.shown()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F11)
    sheet = desk.sheet(SignInSheet, qtbot)
    assert sheet.email.text() == "shop@example.com"
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.password.error() == "Type its password."
    desk.online.refuse = Refused("login", "The store does not know this password.", field="password")
    qtbot.keyClicks(sheet.password.edit, "wrong")
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.password.error() == "The store does not know this password."
    desk.online.refuse = None
    sheet.password.set_text("right")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet.password.edit, Qt.Key.Key_Return)
    assert desk.online.asked[-1] == ("sign_in", CONNECTED.address, "shop@example.com", "right")
    assert [job.state for job in desk.waiting()] == ["new"]
    assert desk.front.said[-1][0].startswith("Signed in.")


def test_a_sheet_that_was_closed_is_not_told_how_it_ended(desk: Desk, qtbot: QtBot) -> None:
    desk.online.hold = True
    sheet = sync.ask_sign_in(desk.screen, desk.station)
    assert sheet is not None
    qtbot.waitUntil(sheet.isActiveWindow)
    sheet.password.set_text("right")
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    with qtbot.waitSignal(sheet.destroyed):
        sheet.reject()
    desk.online.held()
    assert desk.front.said[-1][0].startswith("Signed in.")
    desk.station.online = None
    assert sync.ask_sign_in(desk.screen, desk.station) is None


def test_without_a_store_the_screen_leads_to_where_one_is_connected(
    tmp_path: Path, dressed: Any, qtbot: QtBot, pictures: Path
) -> None:
    desk = Desk(tmp_path, qtbot, online=OnlineSettings())
    desk.presenter.shown()
    looking.photograph_all(dressed, desk.window, pictures, "sync-none")
    assert "Orders from your online store come here by themselves" in words_of(desk.screen)
    assert not desk.screen.rows.isVisible()
    assert desk.screen.nothing.set_up.hasFocus()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12)
    assert desk.opened == ["set up"]


def test_the_store_of_a_demonstration_has_its_strip(
    tmp_path: Path, dressed: Any, qtbot: QtBot, pictures: Path
) -> None:
    demo = FakeDemo()
    desk = Desk(tmp_path, qtbot, demo=demo)
    desk.presenter.shown()
    looking.photograph_all(dressed, desk.window, pictures, "sync-demo")
    assert looking.cut_off(desk.window) == []
    qtbot.keyClick(desk.screen, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    assert not demo.running
    assert desk.screen.demo.run.text() == "Start the store"
    assert not desk.screen.demo.order.isEnabled()
    desk.screen.demo.run.click()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert demo.ordered == 1


def test_forty_thousand_waiting_rows_are_a_few_lines(desk: Desk) -> None:
    with desk.store.write() as tx:
        sent = StockUpload("sku", 1, "count")
        netbox.post(tx, [(f"sku-{n}", sent) for n in range(4_000)])
    desk.presenter.shown()
    desk.presenter.show_part("waiting")
    assert [r.cells for r in desk.screen.rows.rows()] == [("Stock changes", "4,000")]


def test_pictures_names_and_plain_text(desk: Desk, dressed: Any, pictures: Path) -> None:
    desk.fill()
    desk.presenter.shown()
    for part in ("differences", "uncertain", "refused", "waiting", "kept", "passes", "store"):
        desk.presenter.show_part(part)
        if part in _SEEN:
            looking.photograph_all(dressed, desk.window, pictures, f"sync-{part}")
        assert looking.cut_off(desk.window) == []
        assert looking.nameless(desk.screen) == []
        assert looking.rich(desk.window) == []
    desk.presenter.show_part("differences")
    desk.online.become(
        way="away", away_since=desk.clock.at, words=LONG, first=Progress(12, 99, "orders"),
        no_orders="The store shows only your own purchases.", keeps_sign_in=False,
    )  # fmt: skip
    desk.presenter.rested()
    looking.photograph_all(dressed, desk.window, pictures, "sync-worst")
    assert looking.nameless(desk.screen) == []

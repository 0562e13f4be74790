"""A manager's PIN lets one action through, once, and the sheet in which it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import selling
from bookwish_desk.shop.errors import NeedsApproval
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.secret import Secret
from bookwish_desk.ui import approval
from bookwish_desk.ui.approval.presenter import ApprovalPresenter
from bookwish_desk.ui.approval.screen import ApprovalSheet
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import THEMES
from bookwish_desk.ui.widgets import Tile
from bookwish_desk.ui.window import MainWindow
from tests.support.shops import hire
from tests.support.staffed import CLERK_PIN, MANAGER_PIN, OWNER_PIN, StaffedShop, hash_cheaply

NEEDS = NeedsApproval(
    "needs_approval", "A manager must approve this: change a price.", permission="sale.price", ref="sale 1"
)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffedShop]:
    made = StaffedShop(tmp_path / "shop")
    yield made
    made.store.close()


class Asking:
    """A presenter that is shown to the clerk, and the approvals it gave."""

    def __init__(self, shop: StaffedShop) -> None:
        self.station, _ = shop.station(shop.clerk)
        self.given: list[str] = []
        self.presenter = ApprovalPresenter(self.station, NEEDS, self.given.append)
        self.presenter.shown()


@pytest.fixture
def asking(shop: StaffedShop) -> Asking:
    return Asking(shop)


def test_who_may_do_it_is_asked(asking: Asking) -> None:
    assert [a.name for a in asking.presenter.state.approvers] == ["Olive Owner", "Mo <b>Manager</b>"]
    assert asking.presenter.state.chosen == ""
    asking.presenter.submit(Secret(MANAGER_PIN))
    assert asking.presenter.state.notice == "Choose who approves it."


@pytest.mark.capability("BW+12")
def test_the_right_pin_approves_and_both_are_journalled(shop: StaffedShop, asking: Asking) -> None:
    asking.presenter.choose(shop.manager.staff)
    asking.presenter.submit(Secret(MANAGER_PIN))
    assert len(asking.given) == 1
    kind, staff, body = shop.journal()[-1]
    assert (kind, staff, body["for"]) == ("approval.given", shop.manager.staff, "Sam Staff")


def test_a_wrong_pin_approves_nothing_and_five_make_one_wait(shop: StaffedShop, asking: Asking) -> None:
    asking.presenter.choose(shop.manager.staff)
    for _ in range(5):
        asking.presenter.submit(Secret(CLERK_PIN))
    assert asking.given == []
    assert asking.presenter.state.wait == 30
    asking.presenter.tick()
    assert asking.presenter.state.wait == 29


def test_a_scan_behind_the_sheet_sells_nothing(asking: Asking) -> None:
    asking.station.scanned("9780156701600")
    assert asking.presenter.state.notice == "Approve or cancel first, then scan again."
    asking.presenter.hidden()
    asking.presenter.state = type(asking.presenter.state)()
    asking.station.scanned("9780156701600")
    assert asking.presenter.state.notice == ""


def test_what_was_cancelled_is_not_approved_afterwards(shop: StaffedShop, asking: Asking) -> None:
    asking.presenter.choose(shop.manager.staff)
    asking.presenter.hidden()
    asking.presenter.submit(Secret(MANAGER_PIN))
    assert asking.given == []
    assert all(kind != "approval.given" for kind, _, _ in shop.journal())


# ---- in front of the window ----


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow("Register 1")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class WindowFront:
    """Opens the sheet for what needs approval."""

    sheet: ApprovalSheet

    def __init__(self, window, station) -> None:
        self.window, self.station = window, station

    def ask_approval(self, needs, given) -> None:
        self.sheet = approval.ask(self.window, self.station, needs, given)


@pytest.mark.capability("BW+12")
def test_a_price_is_changed_through_the_sheet(shop: StaffedShop, window: MainWindow, qtbot: QtBot) -> None:
    station, _ = shop.station(shop.clerk)
    front = WindowFront(window, station)
    station.front = front  # type: ignore[assignment]
    rung = selling.add(shop.store, shop.clerk, Item("A", "Orlando", price_cents=1699)).value
    assert rung.draft is not None
    draft, line = rung.draft.id, rung.draft.lines[0].id
    done: list[Any] = []
    station.act(lambda s, a: selling.set_price(s, a, draft, line, 999, "Damaged"), then=done.append)
    sheet = front.sheet
    qtbot.waitUntil(sheet.isActiveWindow)
    assert sheet.windowTitle() == "A manager must approve this: change a price"
    assert done == []
    tile = next(t for t in sheet.findChildren(Tile) if t.text() == "Olive Owner")
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert tile.isChecked()
    qtbot.keyClicks(QApplication.focusWidget(), CLERK_PIN)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert sheet._notice.text() == "That is not the right PIN."
    qtbot.keyClicks(QApplication.focusWidget(), OWNER_PIN)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert done[0].draft.lines[0].price_cents == 999
    assert station.actor.staff == shop.clerk.staff  # the owner is not signed in by it


def test_many_who_may_approve_it_are_a_list(shop: StaffedShop, window: MainWindow, qtbot: QtBot) -> None:
    for name in ("Ana", "Bo", "Cy"):
        hire(shop.store, "manager", name)
    station, _ = shop.station(shop.clerk)
    sheet = approval.ask(window, station, NEEDS, lambda _id: None)
    qtbot.waitUntil(sheet.isActiveWindow)
    assert sheet.findChildren(Tile) == []
    assert not sheet.entry.isEnabled()
    sheet._choice.choose(shop.manager.staff)
    sheet._choice.picked.emit(sheet._choice.chosen())
    assert sheet.entry.isEnabled()
    sheet.reject()


def test_esc_gives_it_up(shop: StaffedShop, window: MainWindow, qtbot: QtBot) -> None:
    station, _ = shop.station(shop.clerk)
    given: list[str] = []
    sheet = approval.ask(window, station, NEEDS, given.append)
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.isActiveWindow)
    assert given == []
    assert station._owners == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_pictures(
    shop: StaffedShop,
    window: MainWindow,
    dressed: QApplication,
    qtbot: QtBot,
    pictures: Path,
    theme: str,
    size: tuple[int, int],
) -> None:
    apply_theme(dressed, theme)
    window.resize(*size)
    station, _ = shop.station(shop.clerk)
    sheet = approval.ask(window, station, NEEDS, lambda _id: None)
    qtbot.waitUntil(sheet.isActiveWindow)
    sheet.chosen.emit(shop.manager.staff)
    sheet.show_notice("That is not the right PIN.")
    dressed.sendPostedEvents()
    assert sheet.height() <= size[1] - 16
    assert sheet.grab().save(str(pictures / f"approval-{theme}-{size[0]}.png"))
    sheet.reject()

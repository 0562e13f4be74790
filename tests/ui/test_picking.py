"""The picking screen: one walk for many orders, ticked by scans and keys, wrong books refused; pictures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from bookwish_desk.actions import stocking
from bookwish_desk.db import items
from bookwish_desk.db.store import Store
from bookwish_desk.shop.item import Customer
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui import picking
from tests.support import looking
from tests.support.orders import EMMA, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, found_shop, shelve, station_for

PERSUASION = replace(EMMA, sku="9780141439686", ean=9780141439686, title="Persuasion")
CHARLES = Customer("", "Charles Babbage-Longname of Threadneedle Street", "charles@example.com")


class Desk:
    """A shop with orders to pick, and the picking screen in a window."""

    def __init__(self, folder, qtbot):
        self.store, self.actor = found_shop(folder)
        self.shop: tuple[Store, Actor] = (self.store, self.actor)
        for item, copies, shelf in ((ORLANDO, 4, "Fiction W"), (EMMA, 3, "Fiction A"), (PERSUASION, 1, "")):
            shelved(*self.shop, item, copies)
            shelve(*self.shop, item, shelf)
        with self.store.read() as conn:
            (known,) = items.by_skus(conn, [ORLANDO.sku])
        stocking.add_copy(*self.shop, known, "signed", "", 4000, "Signed on the title page", 1)
        self.ship = self.order("BW-20260921-SHIP", line(copies=2), line(EMMA), kind="ship")
        self.pickup = self.order("BW-20260921-PICK", line(), at=5, customer=CHARLES)
        self.both = self.order("R-000042", line(PERSUASION), line(EMMA, 2), at=9, kind="ship")
        self.station, self.front = station_for(*self.shop)
        self.screen, self.presenter = picking.build(self.station)
        self.window = looking.window_with("stock", self.screen, (1366, 768))
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.open([o.id for o in (self.ship, self.pickup, self.both)], "orders")
        self.presenter.shown()

    def order(self, number, *lines, at=0, **more):
        order = received(*self.shop, made(number, *lines, placed_at=NOON + at, **more))
        return stepped(*self.shop, order, "confirm")

    def rows(self):
        return [(r.cells[0], r.cells[1], r.cells[3], r.badge) for r in self.screen.rows.rows()]

    def notice(self):
        return self.screen._notice.text()


@pytest.fixture
def desk(tmp_path, dressed, qtbot):
    return Desk(tmp_path, qtbot)


@pytest.mark.capability("BW-06", "BB-02")
def test_the_walk_goes_along_the_shelves_and_tells_where_each_title_is(desk):
    assert desk.rows() == [
        ("Fiction A", "Emma", "0 of 3", ""),
        ("Fiction W", "Orlando", "0 of 3", ""),
        ("No shelf", "Persuasion", "0 of 1", ""),
    ]
    assert desk.screen._progress.text() == "0 of 7 copies picked, for 3 orders"
    desk.presenter.choose(ORLANDO.sku)
    assert desk.screen._shelf.text() == "Shelf Fiction W"
    assert desk.screen._on_hand.text() == "4 on hand in the books"
    assert [r.cells for r in desk.screen.orders.rows()] == [
        ("BW-20260921-SHIP", "Pack table", "0 of 2"),
        ("BW-20260921-PICK", "Hold shelf", "0 of 1"),
    ]
    assert [r.cells[0] for r in desk.screen.copies.rows()] == ["Signed: Signed on the title page"]


def test_scans_are_ticked_for_the_oldest_order_and_a_full_order_says_where_it_goes(desk):
    desk.presenter.scanned(ORLANDO.sku)
    assert desk.notice() == "Orlando is for BW-20260921-SHIP."
    desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.scanned(ORLANDO.sku)
    assert desk.notice() == (
        "BW-20260921-PICK has all its copies. To the hold shelf, for Charles Babbage-Longname of "
        "Threadneedle Street."
    )
    desk.presenter.scanned(EMMA.sku)
    assert desk.notice() == (
        "BW-20260921-SHIP has all its copies. To the pack table, with the number BW-20260921-SHIP."
    )
    assert desk.rows()[1] == ("Fiction W", "Orlando", "3 of 3", "Picked")
    assert desk.screen._progress.text() == "4 of 7 copies picked, for 3 orders"
    assert desk.presenter.state.to_pack == (desk.ship.id,)
    assert desk.presenter.state.to_shelve == (desk.pickup.id,)


def test_a_wrong_book_says_so_and_sounds(desk, monkeypatch):
    beeps = []
    monkeypatch.setattr("bookwish_desk.ui.picking.screen.QApplication.beep", lambda: beeps.append(1))
    desk.presenter.scanned("9780000000019")
    assert "is not on this list" in desk.notice() and beeps == [1]
    assert desk.screen._notice.kind() == "error"
    for _ in range(3):
        desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.scanned(ORLANDO.sku)
    assert "one is too many" in desk.notice() and beeps == [1, 1]
    assert desk.presenter.state.picked == 3


def test_copies_are_ticked_and_put_back_by_keys(desk, qtbot):
    assert desk.presenter.state.selected == EMMA.sku
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    assert desk.rows()[0][2] == "1 of 3"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F7)
    assert desk.rows()[0][2] == "0 of 3"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    assert desk.rows()[0][2] == "3 of 3"
    # The eye goes on to the next title by itself.
    assert desk.presenter.state.selected == ORLANDO.sku
    assert now(desk.store, desk.both).lines[1].picked == 2


def test_when_all_is_picked_one_key_leads_on(desk, qtbot):
    went = []
    desk.presenter.on_pack = lambda ids: went.append(("pack", ids))
    desk.presenter.on_title = lambda sku: went.append(("title", sku))
    for _ in range(3):
        qtbot.keyClick(desk.screen, Qt.Key.Key_F6)
    assert desk.screen._progress.text() == "7 of 7 copies picked, for 3 orders"
    assert desk.screen._pack.text() == "Pack 2 orders"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert [what for what, _ in went] == ["pack", "title"] and desk.front.screen == "orders"
    assert went[0][1] == (desk.ship.id, desk.both.id)
    qtbot.keyClick(desk.screen, Qt.Key.Key_F11)
    assert desk.presenter.to_shelve().id == desk.pickup.id
    assert looking_sheet().windowTitle() == "Make ready for pickup"


def test_the_order_placed_last_goes_without_what_is_not_there(desk):
    desk.presenter.choose(EMMA.sku)
    assert desk.presenter.missing() == (now(desk.store, desk.both), desk.both.lines[1].id)
    desk.presenter.pick_all()
    desk.presenter.choose(EMMA.sku)
    assert desk.presenter.missing() is None


def test_a_copy_that_is_not_there_is_reported_in_a_guided_step(desk, qtbot):
    qtbot.keyClick(desk.screen, Qt.Key.Key_F8)
    sheet = looking_sheet()
    assert sheet.form.control("kind").chosen() == "out_of_stock", "what happened is known"
    line_id = desk.presenter.missing()[1]
    assert sheet.form.control(f"copies_{line_id}").value() == 1


def test_orders_on_hold_are_left_out_and_named(desk):
    stepped(*desk.shop, desk.pickup, Step("hold", reason="Cheque clearing"))
    desk.presenter.load()
    assert desk.screen._left_out.text() == "On hold, not picked: BW-20260921-PICK."
    assert desk.presenter.state.orders == 2


def test_of_many_that_are_left_out_a_few_are_named(desk):
    held = [desk.order(f"H{n}", line(), at=20 + n) for n in range(40)]
    for order in held:
        stepped(desk.store, desk.actor, order, Step("hold", reason="Wait"))
    desk.presenter.open([o.id for o in (*held, desk.both)], "orders")
    assert desk.screen._left_out.text() == "On hold, not picked: H0, H1, H2, H3, H4 and 35 more."
    assert desk.screen._progress.text() == "0 of 3 copies picked, for 1 order"


def test_the_pick_list_is_printed_from_here(desk, qtbot):
    qtbot.keyClick(desk.screen, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    sheet = looking_sheet()
    assert sheet.paper.chosen() == "pick_list"
    assert sheet._printer.text() == "Prints on Receipt printer."
    sheet.print_asked.emit()
    with desk.store.read() as conn:
        from bookwish_desk.db import outbox

        (job,) = outbox.unfinished(conn, 1)
    assert "Pick list" in job.payload.decode()


def looking_sheet():
    from PySide6.QtWidgets import QApplication

    from bookwish_desk.ui.widgets import Sheet

    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def test_pictures(desk, qapp, pictures, monkeypatch):
    monkeypatch.setattr(looking, "SIZES", ((1366, 768), (1024, 768)))
    desk.presenter.scanned(EMMA.sku)
    desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.scanned("9780000000019")
    desk.presenter.choose(ORLANDO.sku)
    looking.photograph_all(qapp, desk.window, pictures, "picking")
    assert not looking.nameless(desk.screen) and not looking.rich(desk.screen)
    for size in looking.SIZES:
        desk.window.resize(*size)
        qapp.processEvents()
        assert not looking.cut_off(desk.screen)

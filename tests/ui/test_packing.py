"""The packing screen: every copy held against its order, boxes, orders packed together, shipped; pictures."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from bookwish_desk.db import orders, outbox
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_queue import queue
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui import packing
from bookwish_desk.ui.packing.confirming import points_of
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support.orders import EMMA, HOME, ORLANDO, line, made, now, received, shelved, stepped
from tests.support.shops import NOON, document_printer, found_shop, label_printer, printer, station_for

ELSEWHERE = replace(HOME, line1="1 Other Road")
GIFT = {
    "gift": True,
    "gift_message": "Happy birthday, dear Charles!\nMay there be many more books.",
    "instructions": "Leave it with the neighbour at number 14.",
    "memo": "Asked twice where it is",
    "method": "Media Mail",
}


class Desk:
    """A shop with picked orders, and the packing screen in a window."""

    def __init__(self, folder, qtbot):
        devices = (printer(), document_printer(), label_printer(width_mm=101.6, height_mm=152.4))
        self.store, self.actor = found_shop(folder, Settings(shop_name="Test Books", devices=devices))
        self.shop: tuple[Store, Actor] = (self.store, self.actor)
        shelved(*self.shop, ORLANDO, 9)
        shelved(*self.shop, EMMA, 9)
        self.one = self.order("BW-20260921-AA11", line(copies=2), line(EMMA), **GIFT)
        self.two = self.order("BW-20260921-BB22", line(EMMA), at=5)
        self.away = self.order("R-000042", line(), at=1, address=ELSEWHERE)
        self.station, self.front = station_for(*self.shop)
        self.screen, self.presenter = packing.build(self.station)
        self.window = looking.window_with("stock", self.screen, (1366, 768))
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.bot = qtbot

    def order(self, number, *lines, at=0, picked=True, **more):
        order = received(*self.shop, made(number, *lines, placed_at=NOON + at, kind="ship", **more))
        return stepped(*self.shop, order, "confirm", *(["pick"] if picked else []))

    def open(self, *wanted):
        self.presenter.open([o.id for o in wanted], "orders")
        self.presenter.shown()

    def rows(self):
        return [(r.cells[0], r.cells[1], r.cells[2]) for r in self.screen.rows.rows()]

    def notice(self):
        return self.screen._notice.text()

    def key(self, key, held=Qt.KeyboardModifier.NoModifier, on=None):
        self.bot.waitUntil((on or self.window).isActiveWindow)
        self.bot.keyClick(on or self.screen, key, held)

    def confirm(self, *wanted, grams=""):
        """Say in the sheet that the copies of these orders are right, and pack them."""
        sheet = sheet_of()
        for order in wanted:
            control(sheet, f"right_{order.id}").click()
        if grams:
            box = self.presenter.state.boxes[0].id
            control(sheet, f"grams_{box}").edit.setText(grams)
        self.key(Qt.Key.Key_F12, on=sheet)

    def jobs(self):
        with self.store.read() as conn:
            return outbox.unfinished(conn, 1)

    def kinds(self, order):
        with self.store.read() as conn:
            return [e.kind for e in orders.history(conn, order.id)]


@pytest.fixture
def desk(tmp_path, dressed, qtbot):
    return Desk(tmp_path, qtbot)


def sheet_of():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def sheets():
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible()]


@pytest.mark.capability("OMG-29", "OMG-16")
def test_each_copy_is_scanned_before_the_parcel_can_be_closed(desk, monkeypatch):
    beeps = []
    monkeypatch.setattr("bookwish_desk.ui.packing.screen.QApplication.beep", lambda: beeps.append(1))
    desk.open(desk.away)
    assert desk.screen._progress.text() == "0 of 1 copy checked"
    assert not desk.screen._pack.isEnabled()
    desk.presenter.scanned(EMMA.sku)
    assert desk.notice().startswith("Emma is not in this order. It is promised to")
    assert desk.screen._notice.kind() == "error" and beeps == [1]
    desk.presenter.scanned(ORLANDO.sku)
    assert desk.rows() == [("Orlando", "1", "1 of 1")]
    assert desk.screen._pack.isEnabled() and desk.notice() == "Orlando: right."
    desk.presenter.scanned(ORLANDO.sku)
    assert "one is too many" in desk.notice() and beeps == [1, 1]
    # Enter, which scanners type, packs nothing.
    desk.key(Qt.Key.Key_Return)
    assert not sheets()


def test_what_a_crash_leaves_is_every_copy_scanned_before(desk):
    desk.open(desk.one)
    desk.presenter.scanned(ORLANDO.sku)
    assert now(desk.store, desk.one).lines[0].checked == 1
    desk.open(desk.one)
    assert desk.rows()[0][2] == "1 of 2"


@pytest.mark.capability("BW-10", "OMG-14", "OMG-16", "OMG-31", "BB-03", "WSM-08")
def test_an_order_is_packed_once_its_quality_is_confirmed(desk):
    desk.open(desk.away, desk.two)
    desk.presenter.scanned(ORLANDO.sku)
    desk.key(Qt.Key.Key_F12)
    sheet = sheet_of()
    assert "Packed against weather and knocks: wrapped, filled, stiff" in sheet.about.text()
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert "Look at R-000042 first" in sheet._notice.text()
    assert not now(desk.store, desk.away).parcels
    desk.confirm(desk.away, grams="1 lb 1 oz")
    packed = now(desk.store, desk.away)
    assert packed.parcels[0].weight_grams == 482
    assert queue(packed, NOON) == "ready_to_ship"
    assert "checked_quality" in desk.kinds(packed)
    # The slip is on its way to the printer, and the next order lies on the table.
    assert [job.ref for job in desk.jobs()] == ["Packing slip R-000042"]
    assert desk.notice() == "R-000042 is packed and ready to ship. Next: BW-20260921-BB22."
    assert desk.screen._heading.text() == "BW-20260921-BB22"
    assert [r.badge for r in desk.screen.batch.rows()] == ["Packed", "On the table"]


def test_a_gift_has_a_point_of_its_own(desk):
    assert any("No price sticker" in point for point in points_of(desk.one))
    assert not any("No price sticker" in point for point in points_of(desk.two))


def test_message_instructions_and_memo_are_in_sight(desk):
    desk.open(desk.one)
    assert "Happy birthday, dear Charles!" in desk.screen._gift.text()
    assert "neighbour" in desk.screen._instructions.text()
    assert desk.screen._memo.text() == "Asked twice where it is"
    assert desk.screen._method.text() == "By Media Mail"


@pytest.mark.capability("BB-01", "BB-04")
def test_orders_to_one_address_are_packed_together_and_shipped_at_once(desk):
    desk.open(desk.one)
    assert desk.screen._offer.text() == "1 other order goes to the same address: BW-20260921-BB22."
    desk.key(Qt.Key.Key_F4)
    assert desk.screen._heading.text() == "BW-20260921-AA11 and BW-20260921-BB22"
    for code in (ORLANDO.sku, ORLANDO.sku, EMMA.sku, EMMA.sku):
        desk.presenter.scanned(code)
    assert desk.notice() == "Emma, right for BW-20260921-BB22."
    desk.key(Qt.Key.Key_F12)
    assert "A gift lies with an order that has prices on its slip" in sheet_of().outcome.text()
    desk.confirm(desk.one, desk.two)
    one, two = now(desk.store, desk.one), now(desk.store, desk.two)
    assert one.parcels[0].id == two.parcels[0].id
    assert desk.notice() == "BW-20260921-AA11 and BW-20260921-BB22 are packed together and ready to ship."
    (job,) = desk.jobs()
    assert job.ref == "Packing slips BW-20260921-AA11 to BW-20260921-BB22"
    # Also when only one of them is brought up again, both lie on the table.
    desk.open(desk.two)
    assert set(desk.presenter.order_ids) == {one.id, two.id}
    desk.key(Qt.Key.Key_F8)
    sheet = sheet_of()
    assert "In the same box, shipped with it:" in sheet.about.text()
    control(sheet, "tracking").set_text("9400 1111")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert {now(desk.store, o).parcels[0].tracking for o in (one, two)} == {"9400 1111"}
    assert desk.presenter.state.phase == "shipped"
    # They arrive as they went: together.
    desk.key(Qt.Key.Key_F10)
    sheet = sheet_of()
    assert "In the same box, arrived with it:" in sheet.about.text()
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert {now(desk.store, o).state for o in (one, two)} == {"completed"}


def test_copies_are_split_over_parcels_by_scan_and_by_key(desk):
    desk.open(desk.one)
    desk.presenter.scanned(ORLANDO.sku)
    desk.key(Qt.Key.Key_F6)
    desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.scanned(EMMA.sku)
    assert desk.rows() == [
        ("Orlando", "1 in 1, 1 in 2", "2 of 2"),
        ("Emma", "2", "1 of 1"),
    ]
    desk.presenter.choose(f"{desk.one.id}/{desk.one.lines[0].id}")
    desk.key(Qt.Key.Key_F7)
    assert desk.rows()[0][1] == "2"
    desk.presenter.choose_box(desk.presenter.state.boxes[0].id)
    desk.key(Qt.Key.Key_F7)
    desk.key(Qt.Key.Key_F12)
    desk.confirm(desk.one)
    packed = now(desk.store, desk.one)
    first, second = (x.id for x in packed.lines)
    assert [dict(p.contents) for p in packed.parcels] == [{first: 1}, {first: 1, second: 1}]
    # And after they were packed, into a third one; then all of it is taken out again.
    desk.key(Qt.Key.Key_F6)
    desk.presenter.choose(f"{packed.id}/{second}")
    desk.key(Qt.Key.Key_F7)
    assert len(now(desk.store, packed).parcels) == 3
    desk.key(Qt.Key.Key_F9)
    assert now(desk.store, packed).parcels == () and desk.presenter.state.phase == "checking"


def test_a_copy_without_barcode_is_checked_by_key(desk):
    desk.open(desk.away)
    desk.key(Qt.Key.Key_F5)
    assert desk.rows()[0][2] == "1 of 1"


def test_the_barcode_of_a_slip_brings_its_order_up(desk):
    desk.open(desk.one)
    desk.presenter.scanned("R-000042")
    assert desk.screen._heading.text() == "R-000042"
    desk.presenter.scanned("bw-20260921-aa11")
    assert desk.screen._heading.text() == "BW-20260921-AA11"


def test_a_damaged_copy_is_reported_in_a_guided_step(desk):
    desk.open(desk.away)
    desk.key(Qt.Key.Key_F3)
    assert desk.presenter.concerned() == (now(desk.store, desk.away), desk.away.lines[0].id)
    assert sheet_of().windowTitle()


def test_copies_that_are_not_here_follow_later(desk):
    order = desk.order("R-000043", line(copies=20), address=ELSEWHERE)
    assert order.lines[0].short
    desk.open(order)
    row = desk.presenter.state.rows[0]
    assert row.wanted == order.lines[0].picked and row.later == order.lines[0].short
    for _ in range(row.wanted):
        desk.presenter.scanned(ORLANDO.sku)
    desk.key(Qt.Key.Key_F12)
    assert f"{row.later} copies are not here and follow later" in sheet_of().outcome.text()


@pytest.mark.parametrize(("step", "said"), [(Step("hold", reason="Cheque"), "is on hold: Cheque.")])
def test_a_held_order_cannot_be_packed(desk, step, said):
    stepped(*desk.shop, desk.away, step)
    desk.open(desk.away)
    assert said in desk.screen._why.text()
    desk.presenter.scanned(ORLANDO.sku)
    assert now(desk.store, desk.away).lines[0].checked == 0


def test_a_pickup_goes_to_the_hold_shelf_and_into_no_parcel(desk):
    pickup = received(desk.store, desk.actor, made("P1", line(), placed_at=NOON - 9))
    stepped(desk.store, desk.actor, pickup, "confirm", "pick")
    desk.open(pickup, desk.two)
    assert desk.screen._heading.text() == desk.two.number
    assert [r.badge for r in desk.screen.batch.rows()] == ["Pickup", "On the table"]
    desk.presenter.choose_order(pickup.id)
    desk.presenter.scanned(ORLANDO.sku)
    assert "goes to the hold shelf" in desk.notice() and not desk.screen._pack.isEnabled()
    assert now(desk.store, pickup).lines[0].checked == 0


@pytest.mark.capability("BW-12", "OMG-18", "OMG-20")
def test_a_parcel_is_shipped_by_hand_with_carrier_service_and_number(desk):
    packed = stepped(*desk.shop, desk.away, "check", "pack")
    sheet = packing.ask_ship(desk.screen, desk.station, packed)
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert control(sheet, "tracking").error().startswith("Scan or type the number")
    choose(sheet, "carrier", "USPS")
    choose(sheet, "service", "Media Mail")
    desk.station.scanned("9400111899223197428490")
    assert control(sheet, "tracking").text() == "9400111899223197428490"
    control(sheet, "expected").set_text("2026-09-30")
    desk.key(Qt.Key.Key_F12, on=sheet)
    (parcel,) = now(desk.store, packed).parcels
    assert (parcel.carrier, parcel.service) == ("USPS", "Media Mail")
    assert (parcel.tracking, parcel.expected_on) == ("9400111899223197428490", "2026-09-30")
    sheet = packing.ask_delivered(desk.screen, desk.station, packed)
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert now(desk.store, packed).state == "completed"


def test_no_parcel_is_begun_while_one_is_empty(desk):
    desk.open(desk.one)
    for _ in range(3):
        desk.key(Qt.Key.Key_F6)
    desk.presenter.scanned(ORLANDO.sku)
    for _ in range(3):
        desk.key(Qt.Key.Key_F6)
    assert [(b.name, b.words) for b in desk.presenter.state.boxes] == [
        ("Parcel 1", "1 copy"),
        ("Parcel 2", "Empty"),
    ]
    assert desk.notice() == "Copies go into parcel 2 now."


def test_an_order_cancelled_meanwhile_says_so_and_keeps_no_other_from_being_packed(desk):
    desk.open(desk.two)
    desk.presenter.together()
    stepped(*desk.shop, desk.two, Step("cancel", reason="Not wanted"))
    desk.presenter.shown()
    for code in (ORLANDO.sku, ORLANDO.sku, EMMA.sku):
        desk.presenter.scanned(code)
    desk.key(Qt.Key.Key_F12)
    desk.confirm(desk.one)
    assert now(desk.store, desk.one).parcels
    desk.open(desk.two)
    assert desk.screen._why.text() == f"{desk.two.number} is cancelled. Nothing of it is to be packed."


@pytest.mark.parametrize(
    "number",
    [
        "612993865655597",
        "9400 1118 9922 3731 1100 13",
        "1Z999AA10123456784",
        "RR123456785DE",
        "JD014600003828392",
    ],
)
def test_every_carriers_number_is_taken_as_it_is_typed(desk, number):
    packed = stepped(*desk.shop, desk.away, "check", "pack")
    sheet = packing.ask_ship(desk.screen, desk.station, packed)
    control(sheet, "tracking").set_text(number)
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert now(desk.store, packed).parcels[0].tracking == number


def test_a_card_number_is_no_parcels_number_typed_or_scanned(desk):
    packed = stepped(*desk.shop, desk.away, "check", "pack")
    sheet = packing.ask_ship(desk.screen, desk.station, packed)
    desk.station.scanned("4111111111111111")
    asked = control(sheet, "tracking")
    assert asked.text() == "" and "card number" in asked.error()
    asked.set_text("4111 1111 1111 1111")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert "card number" in asked.error() and not now(desk.store, packed).parcels[0].shipped_at
    desk.station.scanned("420060019400111899223197428490")
    assert asked.text() == "9400111899223197428490" and not asked.error()


def control(sheet, key) -> Any:
    """Return a control of a step's sheet by the key of its question."""
    return sheet.form.control(key)


def choose(sheet, key, option):
    asked = control(sheet, key)
    asked.choose(option)
    asked.picked.emit(option)


def test_a_parcel_without_a_number_says_why(desk):
    packed = stepped(*desk.shop, desk.away, "check", "pack")
    sheet = packing.ask_ship(desk.screen, desk.station, packed)
    choose(sheet, "carrier", "other")
    control(sheet, "other").set_text("Courier Bob")
    choose(sheet, "untracked", "other")
    control(sheet, "untracked_words").set_text("He lives next door")
    desk.key(Qt.Key.Key_F12, on=sheet)
    (parcel,) = now(desk.store, packed).parcels
    assert (parcel.carrier, parcel.untracked) == ("Courier Bob", "He lives next door")


def test_an_unpaid_parcel_is_let_pass_with_a_reason_only(desk):
    held = Payment(authorised_cents=10_000, expires_at=NOON + 86_400_000)
    order = stepped(*desk.shop, desk.order("R-000044", line(), payment=held), "check", "pack")
    sheet = packing.ask_ship(desk.screen, desk.station, order)
    assert sheet.verb.text() == "Let it pass and ship"
    control(sheet, "tracking").set_text("1")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert control(sheet, "override").error() == "Say why it goes out unpaid."
    control(sheet, "override").set_text("Pays by cheque tomorrow")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert now(desk.store, order).overrides[0].reason == "Pays by cheque tomorrow"


def test_one_of_several_parcels_is_shipped(desk):
    order = stepped(*desk.shop, desk.one, "check")
    first, second = (x.id for x in order.lines)
    order = stepped(
        desk.store,
        desk.actor,
        order,
        Step("pack", copies=((first, 2),), parcel="P1"),
        Step("pack", copies=((second, 1),), parcel="P2"),
    )
    sheet = packing.ask_ship(desk.screen, desk.station, order)
    choose(sheet, "parcel", "P2")
    control(sheet, "tracking").set_text("2")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert [bool(p.shipped_at) for p in now(desk.store, order).parcels] == [False, True]


def test_a_number_is_of_one_parcel_unless_all_are_chosen(desk):
    def split_in_two(order):
        order = stepped(*desk.shop, order, "check")
        first, second = (x.id for x in order.lines)
        packs = (Step("pack", copies=((first, 2),)), Step("pack", copies=((second, 1),)))
        return stepped(*desk.shop, order, *packs)

    order = split_in_two(desk.one)
    sheet = packing.ask_ship(desk.screen, desk.station, order)
    control(sheet, "tracking").set_text("1")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert [p.tracking for p in now(desk.store, order).parcels] == ["1", ""]
    other = split_in_two(desk.order("R-000045", line(copies=2), line(EMMA)))
    sheet = packing.ask_ship(desk.screen, desk.station, other)
    choose(sheet, "parcel", "all")
    control(sheet, "tracking").set_text("2")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert [p.tracking for p in now(desk.store, other).parcels] == ["2", "2"]


def test_a_parcel_of_its_own_takes_no_other_order_along(desk):
    one, two = (stepped(*desk.shop, x, "check") for x in (desk.one, desk.two))
    mine, shared = (x.id for x in one.lines)
    packs = (Step("pack", copies=((mine, 2),), parcel="P1"), Step("pack", copies=((shared, 1),), parcel="P2"))
    stepped(desk.store, desk.actor, one, *packs)
    stepped(desk.store, desk.actor, two, Step("pack", parcel="P2"))
    sheet = packing.ask_ship(desk.screen, desk.station, now(desk.store, one))
    assert "In the same box" not in sheet.about.text()
    control(sheet, "tracking").set_text("1")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert desk.front.said[-1][0].startswith(f"{one.number} is shipped.")
    assert not now(desk.store, two).parcels[0].shipped_at
    sheet = packing.ask_ship(desk.screen, desk.station, now(desk.store, one))
    assert f"In the same box, shipped with it: {two.number}." in sheet.about.text()


def test_pictures(desk, qapp, pictures, monkeypatch):
    monkeypatch.setattr(looking, "SIZES", ((1366, 768), (1024, 768)))
    desk.open(desk.one, desk.two, desk.away)
    desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.begin_box()
    desk.presenter.scanned(ORLANDO.sku)
    desk.presenter.scanned("9780000000019")
    looking.photograph_all(qapp, desk.window, pictures, "packing")
    assert not looking.nameless(desk.screen) and not looking.rich(desk.screen)
    for size in looking.SIZES:
        desk.window.resize(*size)
        qapp.processEvents()
        assert not looking.cut_off(desk.screen)
    desk.presenter.together()
    for code in (EMMA.sku, EMMA.sku):
        desk.presenter.scanned(code)
    desk.key(Qt.Key.Key_F12)
    looking.photograph_all(qapp, desk.window, pictures, "packing-confirm", sheet_of())
    desk.confirm(desk.one, desk.two)
    desk.presenter.choose_order(desk.one.id)
    desk.key(Qt.Key.Key_F8)
    looking.photograph_all(qapp, desk.window, pictures, "packing-ship", sheet_of())

"""The shipping screen in a window: all by keys, nothing by Enter, faults beside their fields; pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.hardware.model import Weight
from bookwish_desk.shop.carriage import CheckedAddress, Failure, Quoted
from bookwish_desk.shop.device import Device, ScaleSetup
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.ui import packing, shipping
from bookwish_desk.ui.orders.detail_presenter import DetailPresenter
from bookwish_desk.ui.shipping.panel import ParcelPanel
from bookwish_desk.ui.widgets import Column, Sheet
from bookwish_desk.ui.widgets.marked_rows import MarkedRows, NotedRow, _MarkedDelegate
from tests.support import looking
from tests.support.label_desk import LabelDesk
from tests.support.orders import HOME, ORLANDO, line, made, received, shelved, stepped
from tests.support.shops import NOON
from tests.ui.gallery import the

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
WRONG = PostalAddress("Ada 📚 Example", "", "Apt", "Springfield", "XX", "123", "US")
BERLIN = PostalAddress("Ada Example", "Unter den Linden 5", "", "Berlin", "", "10117", "DE")
SUGGESTED = replace(HOME, line1="12 ELM ST", line2="APT 3", city="SPRINGFIELD", postal_code="06001-1234")
FLAT = CheckedAddress(True, SUGGESTED, ("The number of the flat is missing, or is not known there.",))


class Desk:
    """The screen of a shop with packed orders, in a window, with a scale that says what it is told."""

    def __init__(self, folder: Path, bot: QtBot, **settings: Any) -> None:
        self.desk = LabelDesk(folder, **settings)
        with self.desk.store.write() as tx:
            devices = (*tx.settings.devices, Device("scale", "Scale", "sim:", ScaleSetup()))
            keep_settings(tx, replace(tx.settings, devices=devices), ("devices",))
        self.desk.station.settings = self.desk.store.settings
        self.grams = 220
        self.screen, self.presenter = shipping.build(
            self.desk.station, lambda _device, then, _failed: then(Weight(self.grams, True))
        )
        self.panel = the(ParcelPanel, self.screen)
        self.window = looking.window_with("shipping", self.screen, (1366, 768))
        bot.addWidget(self.window)
        bot.waitUntil(self.window.isActiveWindow)
        self.bot = bot
        self.presenter.shown()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE, on: Any = None) -> None:
        """Press a key in the window, or in a sheet before it."""
        self.bot.waitUntil((on or self.window).isActiveWindow)
        self.bot.keyClick(on or self.screen, key, held)

    def run(self, most_ms: int = 1_000) -> None:
        """Let the broker do what was asked of it."""
        self.desk.run(most_ms)
        self.presenter.refresh()

    def order(self, number: str, address: PostalAddress, **more: Any) -> None:
        """Pack an order to an address, past what its form would take, and choose its parcel."""
        shelved(self.desk.store, self.desk.actor, ORLANDO, 3)
        order = made(number, line(copies=2), placed_at=NOON, kind="ship", address=address, **more)
        order = received(self.desk.store, self.desk.actor, order)
        stepped(self.desk.store, self.desk.actor, order, "confirm", "start", "pick", "check", "pack")
        self.presenter.open((order.id,))

    def words(self) -> str:
        """Return every text that is seen on the screen."""
        return "\n".join(x.text() for x in self.screen.findChildren(QLabel) if x.isVisible())

    def seen(self, widget: QWidget, place: QRect | None = None) -> bool:
        """Say whether a place in a widget of the panel lies in what is seen of the panel."""
        QApplication.processEvents()
        area = self.panel._scroll.viewport()
        place = place or widget.rect()
        inside = QRect(widget.mapTo(area, place.topLeft()), place.size())
        return widget.isVisible() and area.rect().contains(inside)

    def sheet(self) -> Sheet:
        """Return the sheet that is open."""
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())

    def sound(self) -> None:
        """Hold what holds for every screen."""
        assert looking.nameless(self.screen) == []
        assert looking.rich(self.window) == []
        for size in looking.SIZES:
            self.window.resize(*size)
            QApplication.processEvents()
            inside = [w for w in looking.cut_off(self.window) if not self.panel.scrolls(w)]
            assert inside == []


@pytest.fixture
def desk(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot)


@pytest.mark.capability("BW-11", "BW-12", "OMG-18")
def test_a_label_is_bought_in_three_keys(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F5)
    assert desk.panel.form.control("weight").text() == "7.8 oz"  # type: ignore[union-attr]
    assert "A book may be missing." in desk.words()
    desk.key(Qt.Key.Key_F11)
    desk.run()
    assert [r.cells for r in desk.panel.rates.rows.rows()] == [
        ("USPS Ground Advantage", "4 days", "$4.20"),
        ("USPS Priority", "2 days", "$7.80"),
        ("UPS Ground", "3 days", "$11.50"),
    ]
    assert desk.panel._buy.text() == "Buy USPS Ground Advantage, $4.20"
    desk.key(Qt.Key.Key_F12)
    desk.run()
    assert len(desk.desk.carriers.purchases) == 1
    assert "9400000000000000000001" in desk.words()
    assert not desk.panel._buy.isVisible() and desk.panel._reprint.isEnabled()


def test_enter_never_buys(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F11)
    desk.run()
    desk.key(Qt.Key.Key_F3)
    for widget in (
        desk.screen.rows,
        desk.panel.rates.rows,
        desk.panel.form.control("weight"),
        desk.panel._buy,
    ):
        widget.setFocus()
        desk.bot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        desk.bot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Enter)
    desk.run()
    assert desk.desk.carriers.purchases == [] and desk.presenter.detail.state.phase == "priced"


def test_a_price_is_chosen_by_the_arrows(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F11)
    desk.run()
    desk.key(Qt.Key.Key_F4)
    assert desk.panel.rates.rows.hasFocus()
    desk.bot.keyClick(desk.panel.rates.rows, Qt.Key.Key_Down)
    assert desk.panel._buy.text() == "Buy USPS Priority, $7.80"
    desk.key(Qt.Key.Key_F2)
    assert desk.screen.rows.hasFocus()


def test_the_focus_goes_to_the_list_when_what_had_it_goes_with_the_parcel(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F3)
    assert not desk.screen.rows.hasFocus()
    desk.key(Qt.Key.Key_F4, SHIFT)
    assert desk.screen.rows.hasFocus()


def test_how_a_label_stands_is_never_cut_for_a_long_service(qtbot: QtBot, monkeypatch: Any) -> None:
    boxes: dict[str, tuple[int, int]] = {}

    def note(_painter: Any, text: str, box: QRect, font: Any, _align: str) -> None:
        boxes[text] = (box.width(), QFontMetrics(font).horizontalAdvance(text))

    monkeypatch.setattr(_MarkedDelegate, "_paint_text", staticmethod(note))
    rows = MarkedRows((Column("Parcel"), Column("Weight", 130, "right")), "Parcels", "None")
    qtbot.addWidget(rows)
    rows.resize(440, 200)
    service = "$29.32, USPS First Class Package International Service"
    rows.set_rows(
        (NotedRow("a", ("A", "1 lb"), note="Bought, sent to printer", note_icon="printer", aside=service),)
    )
    rows.grab()
    given, needed = boxes["Bought, sent to printer"]
    assert given >= needed
    assert boxes[service][0] < boxes[service][1], "that one is long enough to be cut"


def test_typing_asks_nobody_and_keeps_what_is_typed(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F3)
    desk.bot.keyClicks(QApplication.focusWidget(), "71 lb")
    assert desk.panel.form.control("weight").text() == "71 lb"  # type: ignore[union-attr]
    desk.key(Qt.Key.Key_F11)
    assert "A parcel weighs 70 lb (31.75 kg) at most. Split it into two." in desk.words()
    assert desk.desk.carriers.calls == []
    assert desk.panel.form.control("weight").edit.hasFocus()  # type: ignore[union-attr]


def test_a_suggestion_is_taken_or_left_by_keys(desk: Desk) -> None:
    desk.desk.carriers.addresses["12 Elm Street"] = FLAT
    desk.key(Qt.Key.Key_F6)
    assert "≠ APT 3" in desk.words() and FLAT.warnings[0] in desk.words()
    desk.key(Qt.Key.Key_F8)
    assert desk.presenter.detail.state.address.decided == "suggested"
    assert desk.panel.address._use.isChecked() and not desk.panel.address._keep.isChecked()
    desk.key(Qt.Key.Key_F9)
    assert desk.panel.address._keep.isChecked() and not desk.panel.address._use.isChecked()
    assert "It goes onto the label as it is written." in desk.words()


def test_a_usual_parcel_is_seen_whole(desk: Desk) -> None:
    desk.desk.carriers.addresses["12 Elm Street"] = CheckedAddress(True, HOME)
    desk.window.resize(1366, 768)
    for key in (Qt.Key.Key_F5, Qt.Key.Key_F6):
        desk.key(key)
        assert desk.panel._scroll.verticalScrollBar().maximum() == 0
    assert "✓ Mail arrives there." in desk.words()
    desk.key(Qt.Key.Key_F11)
    desk.run()
    more_rates(desk, 4)
    assert desk.panel._scroll.verticalScrollBar().maximum() == 0
    more_rates(desk, 20)
    assert desk.seen(desk.panel.parcel) and desk.seen(desk.panel.address)
    rows = desk.panel.rates.rows
    assert rows.verticalScrollBar().maximum() == 0, "one scroll bar, not one in another"
    desk.key(Qt.Key.Key_F4)
    for _ in range(19):
        desk.bot.keyClick(rows, Qt.Key.Key_Down)
    assert desk.seen(rows.viewport(), rows.visualRect(rows.currentIndex()))
    assert rows.currentIndex().row() == 19 and not desk.seen(desk.panel.parcel)


def test_a_section_is_gone_to_by_its_key(desk: Desk) -> None:
    desk.window.resize(1024, 768)
    desk.desk.carriers.addresses["12 Elm Street"] = FLAT
    weight = desk.panel.form.control("weight")
    assert not weight.isVisible()
    desk.key(Qt.Key.Key_F3)
    assert weight.isVisible() and weight.edit.hasFocus()  # type: ignore[union-attr]
    desk.bot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F3)
    assert not weight.isVisible() and desk.panel.rates.rows.hasFocus()
    desk.key(Qt.Key.Key_F3)
    desk.key(Qt.Key.Key_F2)
    desk.key(Qt.Key.Key_F6)
    desk.bot.waitUntil(lambda: desk.seen(desk.panel.address._use))
    assert desk.panel.address._use.hasFocus()
    assert "≠ APT 3" in desk.words() and "Ada Example" not in [
        x.text() for x in desk.panel.address.findChildren(QLabel) if x.isVisible()
    ]
    desk.key(Qt.Key.Key_F8)
    assert not desk.panel.address._use.isVisible() and "12 ELM ST, APT 3" in desk.words()
    assert desk.panel.rates.rows.hasFocus(), "not what comes next in the window"


def test_the_next_parcel_has_a_key_of_its_own(desk: Desk) -> None:
    first = desk.presenter.state.selected
    desk.key(Qt.Key.Key_F11)
    desk.run()
    desk.key(Qt.Key.Key_F12)
    desk.key(Qt.Key.Key_F12)
    desk.run()
    assert desk.panel._next.isVisible() and desk.panel._next.hasFocus()
    desk.key(Qt.Key.Key_F12)
    assert desk.presenter.state.selected == first
    desk.key(Qt.Key.Key_Down, CONTROL)
    assert desk.presenter.state.selected != first and desk.screen.rows.hasFocus()
    assert desk.screen.rows.currentIndex().row() == 0 and not desk.panel._next.isVisible()
    desk.run()
    assert len(desk.desk.carriers.purchases) == 1


def test_the_address_on_the_label_is_typed_in_a_sheet(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F8, SHIFT)
    sheet = desk.sheet()
    form = sheet.form  # type: ignore[attr-defined]
    form.control("line1").set_text("")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert form.control("line1").error() and sheet.isVisible()
    form.control("line1").set_text("14 Elm Street")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert "14 Elm Street" in desk.words() and "The order keeps what the customer wrote." in desk.words()
    assert desk.desk.order_now().address == HOME


def test_what_else_can_be_done_is_offered(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F10)
    sheet = desk.sheet()
    assert "Correct the address on the label" in [b.text() for b in sheet.findChildren(type(desk.panel._buy))]
    desk.key(Qt.Key.Key_Escape, on=sheet)


@pytest.mark.capability("OMG-33")
def test_customs_is_told_in_a_sheet(
    tmp_path: Path, dressed: QApplication, qtbot: QtBot, pictures: Path
) -> None:
    desk = Desk(tmp_path, qtbot)
    desk.order("BW-906", BERLIN)
    assert "Type who signs for customs." in desk.words()
    desk.key(Qt.Key.Key_F10, SHIFT)
    sheet = desk.sheet()
    looking.photograph_all(dressed, desk.window, pictures, "shipping-customs", sheet)
    form = sheet.form  # type: ignore[attr-defined]
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert form.control("signer").error() == "Type who signs for customs."
    form.control("signer").set_text("Olive Owner")
    form.control("hs_0").set_text("4901.10")
    form.control("value_0").set_text("20.00")
    desk.key(Qt.Key.Key_F12, on=sheet)
    assert "Signed by Olive Owner" in desk.words() and "4901.10" in desk.words()
    desk.key(Qt.Key.Key_F11)
    desk.run()
    told = desk.desk.carriers.shipments["shp_1"].asked.customs
    assert told is not None and (told.items[0].hs, told.items[0].value_cents) == ("4901.10", 2_000)


def test_without_an_account_it_is_done_by_hand(
    tmp_path: Path, dressed: QApplication, qtbot: QtBot, pictures: Path
) -> None:
    desk = Desk(tmp_path, qtbot, broker="none", since=0)
    desk.desk.work.become(way="none")
    looking.photograph_all(dressed, desk.window, pictures, "shipping-by-hand")
    assert desk.panel._by_hand.isVisible() and not desk.panel._buy.isVisible()
    desk.sound()
    desk.key(Qt.Key.Key_P, CONTROL)
    assert "The address label goes to the printer." in desk.words()
    desk.key(Qt.Key.Key_F6, SHIFT)
    sheet = desk.sheet()
    assert sheet.windowTitle() == "Ship"
    desk.key(Qt.Key.Key_Escape, on=sheet)


@pytest.mark.capability("OMG-14", "OMG-20")
def test_the_pack_table_leads_here_and_by_hand_stays_the_other_way(
    tmp_path: Path, dressed: QApplication, qtbot: QtBot
) -> None:
    desk = LabelDesk(tmp_path)
    screen, presenter = packing.build(desk.station)
    asked: list[tuple[str, ...]] = []
    presenter.on_ship = asked.append
    window = looking.window_with("stock", screen)
    qtbot.addWidget(window)
    qtbot.waitUntil(window.isActiveWindow)
    presenter.open(desk.ids[:1], "orders")
    presenter.shown()
    qtbot.keyClick(screen, Qt.Key.Key_F8)
    assert asked == [desk.ids[:1]]
    qtbot.keyClick(screen, Qt.Key.Key_F8, SHIFT)
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())
    assert sheet.windowTitle() == "Ship"
    sheet.reject()


@pytest.mark.parametrize("connected", [True, False])
def test_an_order_offers_both_ways_where_there_are_two(tmp_path: Path, connected: bool) -> None:
    settings: dict[str, Any] = {} if connected else {"broker": "none", "since": 0}
    desk = LabelDesk(tmp_path, **settings)
    detail = DetailPresenter(desk.station)
    detail.askers = {"ship": lambda _order: None, "ship_by_hand": lambda _order: None}
    detail.set_shown(True)
    detail.show(desk.ids[0])
    assert detail.state.view is not None and detail.state.view.next is not None
    assert detail.state.view.next.act == "ship"
    assert ("ship_by_hand" in [o.act for o in detail.state.view.offers]) is connected


def test_pictures(tmp_path: Path, dressed: QApplication, qtbot: QtBot, pictures: Path) -> None:
    desk = Desk(tmp_path, qtbot)
    desk.desk.work.become(simulated=True, test=True)
    desk.desk.carriers.addresses["12 Elm Street"] = FLAT
    desk.sound()
    desk.key(Qt.Key.Key_F5)
    desk.key(Qt.Key.Key_F6)
    looking.photograph_all(dressed, desk.window, pictures, "shipping-address")
    desk.sound()
    desk.key(Qt.Key.Key_F3)
    desk.sound()
    desk.key(Qt.Key.Key_F8)
    desk.key(Qt.Key.Key_F11)
    desk.run()
    fail_one(desk)
    looking.photograph_all(dressed, desk.window, pictures, "shipping-prices")
    desk.sound()
    desk.key(Qt.Key.Key_F12)
    desk.run()
    looking.photograph_all(dressed, desk.window, pictures, "shipping-bought")
    desk.sound()
    desk.order("BW-WRONG", WRONG)
    desk.key(Qt.Key.Key_F11)
    looking.photograph_all(dressed, desk.window, pictures, "shipping-wrong")
    desk.sound()
    doubt(desk)
    desk.sound()


def fail_one(desk: Desk) -> None:
    """Let one carrier give no price, as it would in the next answer."""
    parcel = desk.presenter.detail.parcel
    assert parcel is not None and parcel.postage is not None and parcel.postage.quoted is not None
    failures = (Failure("FedEx", "Unable to retrieve rates: <b>invalid</b> account number."),)
    quoted: Quoted = replace(parcel.postage.quoted, failures=failures)
    desk.presenter.detail.show(replace(parcel, postage=replace(parcel.postage, quoted=quoted)))
    assert "No price. FedEx: Unable to retrieve rates: <b>invalid</b> account number." in desk.words()


def more_rates(desk: Desk, count: int) -> None:
    """Let the carriers have given so many prices."""
    parcel = desk.presenter.detail.parcel
    assert parcel is not None and parcel.postage is not None and parcel.postage.quoted is not None
    first = parcel.postage.quoted.rates[0]
    rates = tuple(replace(first, id=f"rate_{n}", cents=first.cents + n) for n in range(count))
    quoted = replace(parcel.postage.quoted, rates=rates)
    desk.presenter.detail.show(replace(parcel, postage=replace(parcel.postage, quoted=quoted)))
    QApplication.processEvents()


def doubt(desk: Desk) -> None:
    """Buy another parcel, and lose the answer."""
    desk.presenter.choose(next(r.key for r in desk.presenter.state.rows if r.number == "BW-003"))
    desk.key(Qt.Key.Key_F9)
    desk.key(Qt.Key.Key_F11)
    desk.run()
    desk.desk.carriers.faults[("buy", 1)] = "lost_after"
    desk.key(Qt.Key.Key_F9)
    desk.key(Qt.Key.Key_F11)
    desk.run()
    desk.key(Qt.Key.Key_F12)
    desk.desk.engine.step()
    desk.presenter.refresh()
    assert "nothing is paid twice" in desk.words()

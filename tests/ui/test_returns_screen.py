"""The return sheet through its widgets: scanning, stepping, taking back; names, plain text, pictures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from bookwish_desk.actions.ringing import Ringing
from bookwish_desk.ui import returns
from bookwish_desk.ui.widgets import Label
from bookwish_desk.ui.window import MainWindow
from tests.support import looking
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, Counter
from tests.support.shops import put_titles, station_for

MARKUP = replace(OVERSTORY, sku="B", ean=None, title="<b>Bold</b> & Łódź 東京", authors="<i>x</i>")


@pytest.fixture
def counter(tmp_path):
    return Counter(tmp_path)


@pytest.fixture
def window(dressed, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.add_screen("sell", "Sell", "screen.sell", Label("The sale"))
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def opened(counter, window, qtbot, receipt=""):
    station, front = station_for(counter.store, counter.actor)
    added: list[Ringing] = []
    sheet = returns.ask(window, station, added.append, receipt)
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet, added, station, front


@pytest.mark.capability("BW+03")
def test_a_receipt_is_scanned_and_taken_back_with_keys_alone(counter, window, qtbot):
    sale = counter.sell((ORLANDO, 2), (OVERSTORY, 1))
    sheet, added, station, _ = opened(counter, window, qtbot)
    assert sheet.receipt_line.hasFocus()
    station.scanned(sale.receipt)
    assert [r.cells[:4] for r in sheet.lines.rows()] == [
        ("Orlando", "2", "2", "–"),
        ("The Overstory", "1", "1", "–"),
    ]
    assert not sheet._take.isEnabled()
    qtbot.keyClick(sheet, Qt.Key.Key_F4)
    assert [r.cells[3] for r in sheet.lines.rows()] == ["2", "1"]
    assert sheet._take.text() == "Take back $57.63"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    (ringing,) = added
    assert ringing.due_cents == -sale.paid_cents


def test_copies_state_and_reason_belong_to_the_chosen_line(counter, window, qtbot):
    sale = counter.sell((ORLANDO, 2), (OVERSTORY, 1))
    sheet, _added, _, _ = opened(counter, window, qtbot, sale.receipt)
    sheet.copies.select()
    qtbot.keyClicks(sheet.copies.edit, "1")
    sheet.disposition.choose("damaged")
    sheet.disposition.picked.emit("damaged")
    sheet.reason.select()
    qtbot.keyClicks(sheet.reason.edit, "Torn")
    first, second = sheet.lines.rows()
    assert (first.cells[3], first.badge) == ("1", "Damaged")
    sheet.lines.choose("2")
    assert (sheet.copies.value(), sheet.disposition.chosen(), sheet.reason.text()) == (0, "restock", "")
    assert second.badge == ""
    sheet.lines.choose("1")
    assert (sheet.copies.value(), sheet.disposition.chosen(), sheet.reason.text()) == (1, "damaged", "Torn")
    sheet.reject()


def test_escape_gives_it_up_and_takes_nothing_back(counter, window, qtbot):
    sale = counter.sell()
    sheet, added, _, _ = opened(counter, window, qtbot, sale.receipt)
    sheet._all.click()
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert added == []


def test_without_a_receipt_everything_is_asked_where_it_is_missing(counter, window, qtbot):
    put_titles(counter.store, [(ORLANDO_EAN, "Orlando", "Virginia Woolf", 1699)])
    sheet, added, station, _ = opened(counter, window, qtbot)
    sheet._loose.click()
    assert sheet.item_line.hasFocus()
    assert not sheet._take.isVisible()
    station.scanned(ORLANDO.sku)
    assert sheet.price.text() == "16.99"
    sheet._take.click()
    assert sheet.loose_reason.error() == "Say why it is taken back without a receipt."
    sheet.loose_reason.set_text("Gift")
    sheet.price.set_text("")
    sheet._take.click()
    assert sheet.price.error() == "Type an amount such as 12.50."
    sheet.price.set_text("10")
    with qtbot.waitSignal(sheet.finished):
        sheet._take.click()
    assert added[0].draft.returns[0].price_cents == 1000


def test_pictures_names_and_plain_text(counter, window, dressed, qtbot, pictures):
    sale = counter.sell((ORLANDO, 2), (MARKUP, 1), (OVERSTORY, 3))
    counter.clock.at += 45 * 24 * 3_600_000
    put_titles(counter.store, [(ORLANDO_EAN, "Orlando", "Virginia Woolf", 1699)])
    for name in ("receipt", "lines", "loose"):
        sheet, _, station, _ = opened(counter, window, qtbot, sale.receipt if name == "lines" else "")
        if name == "lines":
            sheet._all.click()
            sheet.lines.choose("2")
        if name == "loose":
            sheet._loose.click()
            station.scanned(ORLANDO.sku)
        looking.photograph_all(dressed, window, pictures, f"return-{name}", sheet)
        assert looking.nameless(sheet) == []
        assert looking.rich(sheet) == []
        assert looking.cut_off(sheet) == []
        sheet.reject()

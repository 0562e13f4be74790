"""The sheet for labels: items, copies, kinds, pictures and printing, with and without its widgets."""

from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import QApplication

from bookwish_desk.actions import outgoing, stocking
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.label import MOST_COPIES, PriceLabel, ShelfLabel
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui import labels
from bookwish_desk.ui.front import WindowFront
from bookwish_desk.ui.labels.picture import _fitting
from bookwish_desk.ui.labels.presenter import NO_PRINTER, LabelsPresenter
from bookwish_desk.ui.labels.sheet import LabelSheet
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.widgets import Button, Label
from bookwish_desk.ui.window import MainWindow
from tests.support import looking
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, WRAP, Counter
from tests.support.shops import label_printer, printer, put_titles, station_for

MARKUP = Item(
    "B-1", "<b>Bold</b> & Łódź 東京: a title longer than its place in any list of items", authors="<i>x</i>"
)
TOO_LONG = Item("SKU-" + "ABCDEFGHIJ" * 4, "A code that no label holds", price_cents=500)


def counter_with(folder, *devices):
    made = Counter(folder, devices=(printer(), *devices))
    with made.store.write() as tx:
        from bookwish_desk.db import items

        items.keep(tx, ORLANDO, MARKUP, TOO_LONG)
    put_titles(made.store, [(OVERSTORY_EAN, "The Overstory", "Richard Powers", 1895)])
    return made


@pytest.fixture
def counter(tmp_path):
    return counter_with(tmp_path, label_printer())


def presenter_of(counter, *lines):
    station, front = station_for(counter.store, counter.actor)
    made = LabelsPresenter(station, lines or ((ORLANDO, None),))
    made.open()
    return made, station, front


def printed(counter, kind="price"):
    return [outgoing.printed_of(job) for job in counter.jobs(kind)]


# ---- without a window ----


def test_as_many_labels_are_proposed_as_there_are_copies_or_as_came(counter):
    many = replace(ORLANDO, sku="MANY", on_hand=MOST_COPIES + 1)
    none = replace(OVERSTORY, on_hand=-2)
    asked, _, _ = presenter_of(counter, (ORLANDO, None), (many, None), (none, None), (WRAP, None))
    assert [r.copies for r in asked.state.rows] == [3, MOST_COPIES, 1, 1]
    came, _, _ = presenter_of(counter, (ORLANDO, 2))
    assert [r.copies for r in came.state.rows] == [2]


def test_labels_go_to_the_printer_for_labels_and_the_kind_is_remembered(counter):
    asked, station, front = presenter_of(counter, (ORLANDO, None), (MARKUP, None))
    asked.set_kind("shelf")
    asked.choose("B-1")
    asked.set_copies(2)
    assert (asked.state.count, asked.state.can_print) == (5, True)
    asked.print_labels()
    assert [(type(j.label), j.copies) for j in printed(counter, "shelf")] == [
        (ShelfLabel, 3),
        (ShelfLabel, 2),
    ]
    assert {job.device for job in counter.jobs("shelf")} == {"label-printer"}
    assert asked.state.done
    assert front.said == [("5 labels are being printed.", "ok")]
    again, _, _ = presenter_of(counter)
    assert again.state.kind == "price", "of another desk"
    assert LabelsPresenter(station, ((ORLANDO, None),)).state.kind == "shelf"


def test_the_picture_is_the_label_as_it_is_printed(counter):
    asked, _, _ = presenter_of(counter)
    with Image.open(io.BytesIO(asked.state.picture.png)) as picture:
        assert picture.size == (456, 256)
    assert asked.state.picture.spoken == f"Orlando, Virginia Woolf, $16.99, {ORLANDO_EAN}"
    price = asked.state.picture
    asked.set_kind("shelf")
    assert asked.state.picture not in (None, price)
    asked.set_kind("price")
    assert asked.state.picture == price
    assert asked.state.printer == "Label printer, 57 × 32 mm"


def test_the_chosen_label_is_drawn_at_once_and_each_only_once(counter, monkeypatch):
    station, _front = station_for(counter.store, counter.actor)
    waiting = []
    monkeypatch.setattr(station.lanes, "work", lambda job, *, then, lane: waiting.append((job, then)))
    asked = LabelsPresenter(station, ((ORLANDO, None), (MARKUP, None), (WRAP, None)))
    asked.open()
    for sku in ("B-1", WRAP.sku, ORLANDO.sku):
        asked.choose(sku)
    assert len(waiting) == 3
    job, then = waiting.pop(0)
    then(job())
    assert asked.state.picture is not None
    asked.close()
    (first, _then), (second, _then) = waiting
    assert first() == second(), "nothing is drawn that nobody sees"


def test_what_cannot_be_a_label_is_said_beside_its_item_and_left_out(counter):
    asked, _, _ = presenter_of(counter, (ORLANDO, 1), (TOO_LONG, 4))
    good, bad = asked.state.rows
    assert good.problem == ""
    assert "does not fit on this label" in bad.problem
    asked.choose(TOO_LONG.sku)
    assert asked.state.picture is None
    assert asked.state.count == 1
    asked.print_labels()
    assert [j.label.title for j in printed(counter)] == ["Orlando"]


def test_without_a_label_printer_the_reason_is_said_and_nothing_is_printed(tmp_path):
    counter = counter_with(tmp_path)
    asked, _, _ = presenter_of(counter)
    assert asked.state.lacking == NO_PRINTER
    assert asked.state.picture is not None, "how it would look is shown all the same"
    asked.print_labels()
    assert counter.jobs("price") == []


def test_further_books_are_scanned_into_the_list(counter):
    asked, station, _ = presenter_of(counter)
    station.scanned(OVERSTORY.sku)
    assert [(r.sku, r.copies) for r in asked.state.rows] == [(ORLANDO.sku, 3), (OVERSTORY.sku, 1)]
    assert asked.state.chosen == OVERSTORY.sku and asked.state.picture.spoken.startswith("The Overstory")
    station.scanned(ORLANDO.sku)
    assert asked.state.chosen == ORLANDO.sku and len(asked.state.rows) == 2
    station.scanned("4006381333931")
    assert asked.state.notice == "Nothing is known about 4006381333931."
    station.scanned("R1-000001")
    assert asked.state.notice == "R1-000001 is not the code of an item."
    asked.close()
    station.scanned(TOO_LONG.sku)
    assert len(asked.state.rows) == 2, "a closed sheet hears nothing"


def test_a_refusal_is_shown_and_can_be_mended(counter):
    asked, _, _ = presenter_of(counter, (ORLANDO, MOST_COPIES), (OVERSTORY, 1))
    asked.print_labels()
    assert asked.state.notice.startswith("501 labels are too many for one run.")
    assert not asked.state.busy
    asked.choose(OVERSTORY.sku)
    asked.set_copies(None)
    assert asked.state.count == MOST_COPIES
    asked.print_labels()
    assert asked.state.done
    assert [j.copies for j in printed(counter)] == [MOST_COPIES]


def test_a_price_that_changed_meanwhile_is_printed_as_it_is_now(counter):
    asked, _, _ = presenter_of(counter)
    edit = stocking.ItemEdit(title="Orlando", price_cents=999, tax_class="book")
    stocking.edit_item(counter.store, counter.actor, ORLANDO, edit)
    asked.print_labels()
    (job,) = printed(counter)
    assert isinstance(job.label, PriceLabel)
    assert job.label.price == "$9.99"


# ---- through the widgets ----


@pytest.fixture
def window(dressed, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.set_till("Till open since 9:02 · Olive Owner")
    made.add_screen("stock", "Stock", "screen.stock", Label("The stock"))
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def opened(counter, window, qtbot, *lines):
    station, front = station_for(counter.store, counter.actor)
    sheet = labels.ask(window, station, lines or ((ORLANDO, None),))
    qtbot.waitUntil(sheet.isActiveWindow)
    return sheet, station, front


def test_enter_prints_nothing_and_goes_on_to_the_next_item(counter, window, qtbot):
    sheet, _, _ = opened(counter, window, qtbot, (ORLANDO, None), (OVERSTORY, None))
    assert sheet.copies.edit.hasFocus()
    assert sheet.copies.edit.selectedText() == "3"
    qtbot.keyClicks(sheet.copies.edit, "7")
    qtbot.keyClick(sheet.copies.edit, Qt.Key.Key_Return)
    assert sheet.rows.current().key == OVERSTORY.sku
    assert sheet.copies.edit.selectedText() == "1"
    qtbot.keyClick(sheet.copies.edit, Qt.Key.Key_Enter)
    assert sheet.isVisible() and counter.jobs("price") == []
    assert [r.cells[1] for r in sheet.rows.rows()] == ["7", "1"]
    assert sheet._print.text() == "Print 8 labels"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert [j.copies for j in printed(counter)] == [7, 1]


def test_kinds_have_keys_and_escape_prints_nothing(counter, window, qtbot):
    sheet, station, _ = opened(counter, window, qtbot)
    qtbot.keyClick(sheet, Qt.Key.Key_F6)
    assert sheet._kinds["shelf"].isChecked() and not sheet._kinds["price"].isChecked()
    qtbot.keyClick(sheet, Qt.Key.Key_F5)
    assert sheet._kinds["price"].isChecked()
    assert station.label_kind == "price"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert counter.jobs("price") == counter.jobs("shelf") == []


def test_print_says_how_many_and_is_off_without_a_number(counter, window, qtbot):
    sheet, _, _ = opened(counter, window, qtbot)
    qtbot.keyClick(sheet.copies.edit, Qt.Key.Key_Delete)
    assert (sheet._print.text(), sheet._print.isEnabled()) == ("Print", False)
    qtbot.keyClicks(sheet.copies.edit, "501")
    assert sheet.copies.error() == "At most 500 labels at a time."
    assert not sheet._print.isEnabled()
    sheet.copies.select()
    qtbot.keyClicks(sheet.copies.edit, "1")
    assert (sheet._print.text(), sheet._print.isEnabled()) == ("Print 1 label", True)
    sheet.reject()


def test_without_a_printer_print_is_off_and_says_why(tmp_path, window, qtbot):
    sheet, _, _ = opened(counter_with(tmp_path), window, qtbot)
    assert not sheet._print.isEnabled()
    assert sheet._notice.text() == NO_PRINTER
    qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert sheet.isVisible()
    sheet.reject()


def test_what_stands_on_the_label_is_told_to_who_cannot_see_it(counter, window, qtbot):
    sheet, _, _ = opened(counter, window, qtbot, (ORLANDO, None), (TOO_LONG, 1))
    interface = QAccessible.queryAccessibleInterface(sheet.look)
    assert interface.text(QAccessible.Text.Name) == "How the label will look"
    assert "$16.99" in interface.text(QAccessible.Text.Description)
    sheet.rows.choose(TOO_LONG.sku)
    assert "does not fit" in interface.text(QAccessible.Text.Description)
    assert not sheet.copies.edit.isEnabled() and sheet.rows.current().badge == "No label"
    sheet.reject()


@pytest.mark.parametrize(
    ("dots", "room", "shown"),
    [
        ((456, 256), (460, 300), (456, 256)),
        ((456, 256), (920, 600), (912, 512)),
        ((812, 1218), (460, 300), (200, 300)),
        ((240, 160), (460, 300), (240, 160)),
    ],
)
def test_a_label_is_shown_in_whole_dots_where_there_is_room(dots, room, shown):
    from PySide6.QtCore import QSize

    assert _fitting(QSize(*dots), QSize(*room)) == QSize(*shown)


def test_the_label_is_white_paper_with_crisp_black_dots(counter, window, qtbot, dressed):
    sheet, _, _ = opened(counter, window, qtbot)
    for size in looking.SIZES:
        window.resize(*size)
        dressed.processEvents()
        seen: QImage = sheet.look.grab().toImage()
        left, top = (seen.width() - 456) // 2, (seen.height() - 256) // 2
        inside = seen.copy(left + 10, top + 10, 436, 236)
        colours = {inside.pixelColor(x, y).name() for x in range(436) for y in range(0, 236, 3)}
        assert colours == {"#000000", "#ffffff"}
    sheet.reject()


def test_labels_are_drawn_and_printed_on_lanes(counter, window, qtbot):
    lanes = Lanes(counter.store)
    station = Station(lanes, 1, counter.store.settings)
    station.person = Person(counter.actor.staff, "Olive Owner", "owner")
    station.front = WindowFront(window, station)
    lanes.changed.connect(station.changed)
    station.offer("4 copies received.", "Print labels", lambda: labels.ask(window, station, ((ORLANDO, 4),)))
    assert window.toast_text() == "4 copies received."
    next(b for b in window.findChildren(Button) if b.text() == "Print labels").click()
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, LabelSheet) and w.isVisible())
    assert sheet.look.accessibleDescription() == "The label is being drawn."
    qtbot.waitUntil(lambda: "$16.99" in sheet.look.accessibleDescription())
    with qtbot.waitSignal(sheet.finished):
        sheet._print.click()
    assert window.toast_text() == "4 labels are being printed."
    assert [j.copies for j in printed(counter)] == [4]
    lanes.close()


def test_pictures(counter, window, qtbot, dressed, pictures):
    used = replace(MARKUP, sku=f"{ORLANDO_EAN}U1", kind="used", condition="Spine worn", price_cents=799)
    for name, lines in (
        ("one", ((ORLANDO, None),)),
        ("several", ((ORLANDO, 3), (used, 1), (TOO_LONG, 2), (OVERSTORY, 12), (WRAP, 1))),
        ("problem", ((TOO_LONG, 2),)),
    ):
        sheet, _, _ = opened(counter, window, qtbot, *lines)
        for kind, key in (("shelf", Qt.Key.Key_F6), ("price", Qt.Key.Key_F5)):
            qtbot.keyClick(sheet, key)
            looking.photograph_all(dressed, window, pictures, f"labels-{name}-{kind}", sheet)
        assert looking.nameless(sheet) == []
        assert looking.rich(sheet) == []
        for size in looking.SIZES:
            window.resize(*size)
            dressed.processEvents()
            assert looking.cut_off(sheet) == []
        with qtbot.waitSignal(sheet.finished):
            sheet.reject()
        qtbot.waitUntil(window.isActiveWindow)

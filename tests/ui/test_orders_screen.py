"""The order screen through its widgets: keys, marks, sheets, what stays on a change; and pictures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit

from bookwish_desk.actions import ordering
from bookwish_desk.shop.order import Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui import orders as order_screen
from bookwish_desk.ui.orders.detail import OrderDetail
from bookwish_desk.ui.orders.many_panel import ManyPanel
from bookwish_desk.ui.orders.state import OrderRow, OrdersState
from bookwish_desk.ui.widgets import Sheet
from tests.support import looking
from tests.support.order_desk import LONG, OrderDesk, fill
from tests.support.orders import EMMA, line, now
from tests.support.shops import hire

SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


class Seen(OrderDesk):
    """The order screen in a window, with a shop that has an order of each kind."""

    def __init__(self, folder, qtbot):
        super().__init__(folder)
        fill(self)
        self.went: list[tuple[str, tuple[str, ...]]] = []
        self.screen, self.presenter = order_screen.build(self.station)
        self.list, self.detail, self.many = self.presenter, self.presenter.detail, self.presenter.many
        for act in ("pick", "pack"):
            self.presenter.lead(act, partial(self._go, act))
        self.detail.askers["hand_over"] = lambda order: self._go("hand_over", (order.id,))
        self.window = looking.window_with("orders", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()
        self.page = self.screen.findChild(OrderDetail)
        self.panel = self.screen.findChild(ManyPanel)

    def _go(self, act, ids):
        self.went.append((act, ids))

    def current(self):
        assert self.detail.order is not None
        return now(self.store, self.detail.order)


@pytest.fixture
def seen(tmp_path, dressed, qtbot):
    return Seen(tmp_path, qtbot)


def sheet_of():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible())


def verb(sheet, words):
    return next(b for b in sheet.findChildren(QAbstractButton) if b.text() == words)


def close(qtbot, seen, sheet):
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(seen.window.isActiveWindow)


def test_a_shop_without_any_order_says_so(tmp_path, dressed, qtbot, pictures):
    desk = OrderDesk(tmp_path)
    screen, presenter = order_screen.build(desk.station)
    window = looking.window_with("orders", screen)
    qtbot.addWidget(window)
    presenter.shown()
    page = screen.findChild(OrderDetail)
    assert page is not None
    assert page._customer.text() == "No order chosen"
    assert not page._next.isVisible()
    assert not page._status.isVisible()
    assert (page._tell.isEnabled(), page._more.isEnabled()) == (False, False)
    assert looking.nameless(window) == []
    looking.photograph_all(dressed, window, pictures, "orders-none")


@pytest.mark.capability("WSM-01", "WSM-02", "BW-01")
def test_queues_and_counts_are_seen_and_lead_to_their_orders(seen, qtbot):
    rows = {r.key: r.cells for r in seen.screen.queues.rows()}
    assert rows["new"] == ("New", "3")
    assert rows["with_wholesaler"] == ("With wholesaler", "1")
    assert rows["all"] == ("All orders", "13")
    seen.screen.queues.choose("ready_to_ship")
    assert [r.second for r in seen.screen.rows.rows()] == ["SHIP-1 · Ship, 1 h · BookWish"]
    assert seen.page._customer.text() == "Ada Example"
    assert {r.key: r.cells[1] for r in seen.screen.queues.rows()}["new"] == "3", "counts stay"


def test_a_row_tells_memo_deadline_and_status_to_eyes_and_ears(seen):
    late, fresh = seen.screen.rows.rows()[:2]
    assert (late.aside_tone, late.badge) == ("danger", "Pending")
    assert late.aside.startswith("Late: confirm, since")
    assert fresh.note == "Call before noon"
    assert "Call before noon" in fresh.spoken
    assert "confirm by tomorrow" in fresh.spoken


def test_the_next_step_has_one_key(seen, qtbot):
    assert seen.page._next.text() == "Confirm"
    qtbot.keyClick(seen.screen, Qt.Key.Key_F12)
    assert seen.current().state == "confirmed"
    assert seen.page._next.text() == "Start"
    qtbot.keyClick(seen.screen, Qt.Key.Key_F12)
    assert seen.current().state == "processing"
    assert seen.page._next.text() == "Pick"
    assert seen.detail.order.id not in {r.key for r in seen.screen.rows.rows()}, "it is no longer new"
    qtbot.keyClick(seen.screen, Qt.Key.Key_F12)
    assert seen.went == [("pick", (seen.detail.order.id,))]


def test_enter_and_scanners_take_no_step(seen, qtbot):
    before = seen.current()
    for widget in (seen.screen.rows, seen.screen.search, seen.page._next):
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert seen.current() == before


def test_pages_have_keys(seen, qtbot):
    for key, page in ((Qt.Key.Key_F10, seen.page.facts), (Qt.Key.Key_F11, seen.page.history)):
        qtbot.keyClick(seen.screen, key)
        assert page.isVisible()
    assert [r.cells[0] for r in seen.page.history.rows()][-1] == "The order came in"
    qtbot.keyClick(seen.screen, Qt.Key.Key_F9)
    assert [r.cells for r in seen.page.lines.rows()] == [("Orlando", "1"), ("Emma", "2")]
    assert seen.page.lines.rows()[0].second.startswith("FIC-W · 19 here, 11 free")


# ---- marks ----


def middle(rows, place, x):
    area = rows.visualRect(rows.model().index(place, 0))
    return QPoint(area.left() + x, area.center().y())


@pytest.mark.capability("BW-26")
def test_rows_are_marked_by_box_shift_control_space_and_all(seen, qtbot):
    rows = seen.screen.rows
    keys = [r.key for r in rows.rows()]
    press = partial(qtbot.mouseClick, rows.viewport(), Qt.MouseButton.LeftButton)
    press(pos=middle(rows, 0, 20))
    assert seen.list.state.marked == {keys[0]}
    press(SHIFT, middle(rows, 2, 200))
    assert seen.list.state.marked == set(keys)
    press(CONTROL, middle(rows, 1, 200))
    assert seen.list.state.marked == {keys[0], keys[2]}
    assert seen.panel.isVisible()
    assert not seen.page.isVisible()
    rows.choose(keys[0])
    qtbot.keyClick(rows, Qt.Key.Key_Space)
    assert seen.list.state.marked == {keys[2]}
    qtbot.keyClick(rows, Qt.Key.Key_A, CONTROL)
    assert seen.list.state.marked == set(keys)
    qtbot.keyClick(seen.screen, Qt.Key.Key_F7)
    assert seen.list.state.marked == set()
    assert seen.page.isVisible()
    qtbot.keyClick(seen.screen, Qt.Key.Key_F7)
    qtbot.keyClick(seen.screen, Qt.Key.Key_F6, SHIFT)
    assert seen.list.state.marked == set()


@pytest.mark.capability("BW-26")
def test_a_press_beside_the_box_shows_the_order_and_marks_nothing(seen, qtbot):
    rows = seen.screen.rows
    keys = [r.key for r in rows.rows()]
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=middle(rows, 1, 200))
    assert (seen.list.state.selected, seen.list.state.marked) == (keys[1], frozenset())


@pytest.mark.capability("BW-26")
def test_selected_orders_are_confirmed_with_a_key_and_failures_stand_on_their_rows(seen, qtbot):
    seen.order("UNPAID", payment=Payment())
    seen.list.refresh()
    qtbot.keyClick(seen.screen, Qt.Key.Key_F7)
    assert seen.panel._buttons["confirm"].text() == "Confirm 3"
    qtbot.keyClick(seen.screen, Qt.Key.Key_F8)
    notes = [r.note for r in seen.screen.rows.rows() if r.key in seen.screen.rows.marked()]
    assert len(notes) == 1
    assert notes[0].startswith("Not done: This order is not paid")
    assert seen.panel._notice.text().startswith("3 confirmed.\n1 not confirmed")
    assert seen.screen.search.isEnabled()


@pytest.mark.capability("BW-26", "WSM-13")
def test_the_keys_stay_on_the_screen_while_many_are_worked_on_and_after_it(seen, qtbot):
    seen.list.show_queue("all")
    seen.list.mark_all()
    assert seen.screen.search.hasFocus()
    seen.list.hold(True)
    assert seen.screen.rows.hasFocus()
    seen.list.hold(False)
    assert seen.screen.search.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_nothing_to_give_up_leaves_the_chosen_order_and_the_marks(seen, qtbot, key):
    last = seen.list.state.rows[-1].id
    seen.list.choose(last)
    seen.list.mark(frozenset({last}))
    qtbot.keyClick(seen.screen.search, key)
    assert (seen.list.state.selected, seen.list.state.marked) == (last, {last})
    assert seen.screen.rows.current().key == last
    seen.list.typed("Emma")
    qtbot.keyClick(seen.screen.search, Qt.Key.Key_Escape)
    assert (seen.list.state.words, seen.list.state.queue) == ("", "new")


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_every_verb_for_many_is_seen_without_scrolling(seen, dressed, size):
    seen.window.resize(*size)
    _marked(seen)
    dressed.processEvents()
    panel = seen.panel
    shown = [b for b in panel._buttons.values() if b.isVisible()]
    assert {"Print", "Release 1", "Pack 1"} <= {b.text() for b in shown}
    assert panel._verbs.verticalScrollBar().maximum() == 0
    assert not any(w in looking.cut_off(seen.window) for w in (*shown, panel._tell))


def test_many_are_held_for_a_reason(seen, qtbot):
    qtbot.keyClick(seen.screen, Qt.Key.Key_F7)
    qtbot.keyClick(seen.screen, Qt.Key.Key_E, CONTROL)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    verb(sheet, "Hold").click()
    assert sheet.isVisible(), "a reason is needed"
    qtbot.keyClicks(sheet.findChild(QLineEdit), "Snow: nobody came")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Hold").click()
    assert seen.list.state.counts["waiting"] == 4


def test_the_key_of_the_promises_is_shown_where_there_is_room(seen, dressed):
    for width, shown in ((1366, "Ctrl+8"), (1024, ""), (1366, "Ctrl+8")):
        seen.window.resize(width, 768)
        dressed.processEvents()
        assert seen.screen._promises.key_text() == shown
        assert seen.screen._promises.accessibleDescription() == "Key Ctrl+8"


# ---- sheets ----


def test_a_key_for_what_is_not_possible_now_says_why(seen, qtbot):
    seen.show("REFUND-1")
    qtbot.keyClick(seen.screen, Qt.Key.Key_D, CONTROL)
    said = seen.page._notice.text()
    assert said.startswith("Cancel the order or copies: This order is cancelled. Only one that is ")
    offered = {o.act: f"{o.words}: {o.why_not}" for o in seen.detail.state.view.offers}
    assert said == offered["cancel"], "as it stands under More"
    seen.show("CART-1")
    assert not seen.page._notice.text()
    qtbot.keyClick(seen.screen, Qt.Key.Key_F6, SHIFT)
    assert seen.page._notice.text() == "Hold: not possible, as this order was never placed."
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, Sheet) and w.isVisible()]


def test_what_else_can_be_done_is_offered_with_reasons_for_the_rest(seen, qtbot):
    qtbot.keyClick(seen.screen, Qt.Key.Key_F6)
    sheet = sheet_of()
    words = [b.text() for b in sheet.findChildren(QAbstractButton)]
    assert {"Hold", "Start", "Payment", "Print", "Edit the order", "Change the memo"} <= set(words)
    assert "Confirm" not in words, "that is the next step"
    said = [x.text() for x in sheet.findChildren(QLabel)]
    assert "Ship: This order is pending. Only one that is being processed can be shipped." in said
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Start").click()
    assert seen.current().state == "processing"


@pytest.mark.capability("WSM-15", "WSM-16")
def test_what_was_asked_about_an_order_is_left_when_a_scan_leads_to_another(seen, qtbot):
    before = seen.current()
    qtbot.keyClick(seen.screen, Qt.Key.Key_F6)
    sheet = sheet_of()
    with qtbot.waitSignal(sheet.rejected):
        seen.station.scanned("SHIP-1")
    assert seen.current().number == "SHIP-1"
    assert now(seen.store, before) == before
    qtbot.keyClick(seen.screen, Qt.Key.Key_F6)
    again = sheet_of()
    seen.station.changed(frozenset({"orders"}))
    assert again.isVisible(), "the same order read anew leaves it"
    close(qtbot, seen, again)


def test_what_the_customer_hears_is_chosen_before_the_step(seen, qtbot):
    qtbot.keyClick(seen.screen, Qt.Key.Key_F8)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    verb(sheet, "Send, with these words").click()
    verb(sheet, "Keep it").click()
    assert sheet.isVisible(), "words are needed"
    sheet.findChild(QPlainTextEdit).setPlainText("A bookmark lies in it.")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Keep it").click()
    assert (seen.detail.state.how, seen.detail.state.comment) == ("send", "A bookmark lies in it.")
    assert seen.page._tell.text() == "Tell: your words"


@pytest.mark.capability("OMG-34")
@pytest.mark.capability("WSM-16")
def test_what_was_chosen_of_the_customer_goes_over_to_a_sheet_that_asks_for_it_too(seen, qtbot):
    seen.show("SHIP-1")
    seen.detail.tell("silent", "")
    assert seen.page._tell.text() == "Tell: nothing"
    qtbot.keyClick(seen.screen, Qt.Key.Key_F12)
    sheet = sheet_of()
    chosen = [c.currentText() for c in sheet.findChildren(QComboBox)]
    assert "Say nothing" in chosen
    assert seen.page._tell.text() == "Tell: as usual", "it was for this step"
    close(qtbot, seen, sheet)


def test_an_unpaid_order_asks_for_a_reason(seen, qtbot):
    seen.order("UNPAID", payment=Payment())
    seen.show("UNPAID")
    qtbot.keyClick(seen.screen, Qt.Key.Key_F12)
    sheet = sheet_of()
    qtbot.waitUntil(sheet.isActiveWindow)
    qtbot.keyClick(sheet.findChild(QLineEdit), Qt.Key.Key_Return)
    verb(sheet, "Let it pass").click()
    assert sheet.isVisible()
    qtbot.keyClicks(sheet.findChild(QLineEdit), "Invoice to the school")
    with qtbot.waitSignal(sheet.finished):
        verb(sheet, "Let it pass").click()
    assert seen.current().state == "confirmed"


@pytest.mark.parametrize(
    ("key", "modifier", "title"),
    [
        (Qt.Key.Key_F5, SHIFT, "Payment"),
        (Qt.Key.Key_F6, SHIFT, "Hold"),
        (Qt.Key.Key_F2, SHIFT, "memo"),
        (Qt.Key.Key_F3, SHIFT, "customer"),
        (Qt.Key.Key_F4, SHIFT, "wrong"),
        (Qt.Key.Key_D, CONTROL, "Cancel"),
        (Qt.Key.Key_F4, NONE, "NEW-2"),
        (Qt.Key.Key_F5, NONE, ""),
        (Qt.Key.Key_F3, NONE, "order"),
    ],
)
@pytest.mark.capability("WSM-22", "WSM-23", "IC+04")
def test_everything_that_is_asked_for_opens_with_its_key(seen, qtbot, key, modifier, title):
    qtbot.keyClick(seen.screen, key, modifier)
    sheet = sheet_of()
    assert title.casefold() in sheet.windowTitle().casefold()
    close(qtbot, seen, sheet)


def test_photos_are_shown_small_and_a_broken_one_is_said(seen, qtbot, tmp_path):
    picture = QImage(1600, 900, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkGreen)
    path = tmp_path / "photo.jpg"
    assert picture.save(str(path))
    from bookwish_desk.db import orders

    with seen.store.write() as tx:
        for what, note in ((path.read_bytes(), "Spine torn"), (b"no picture", "")):
            orders.keep_file(tx, seen.detail.order.id, staff=seen.actor.staff, note=note, picture=what)
    seen.station.changed(frozenset({"orders"}))
    qtbot.keyClick(seen.screen, Qt.Key.Key_F10)
    assert seen.page.facts._photos.text() == "Show 2 photos"
    seen.page.facts._photos.click()
    sheet = sheet_of()
    widths = [x.pixmap().width() for x in sheet.findChildren(QLabel) if not x.pixmap().isNull()]
    assert widths == [620]
    said = [x.text() for x in sheet.findChildren(QLabel)]
    assert {"Spine torn", "This photo cannot be shown.", "No note"} <= set(said)
    close(qtbot, seen, sheet)


# ---- what stays ----


def test_a_change_keeps_typed_words_scroll_and_choice(seen, qtbot):
    for n in range(30):
        seen.order(f"MORE-{n:02}")
    seen.list.show_queue("all")
    qtbot.keyClicks(seen.screen.search, "example")
    rows = seen.screen.rows
    rows.choose(rows.rows()[25].key)
    chosen, at = rows.current().key, rows.verticalScrollBar().value()
    assert at > 0
    other = seen.order("LATER-1")
    ordering.take(seen.store, seen.actor, chosen, Step("hold", reason="Wait"))
    seen.station.changed(frozenset({"orders"}))
    assert rows.rows()[0].key == other.id
    assert (rows.current().key, seen.screen.search.text()) == (chosen, "example")
    assert abs(rows.verticalScrollBar().value() - at) <= 2 * 80
    seen.screen.search.setText("half typ")
    seen.list.render(replace(seen.list.state, words="half typ"))
    assert seen.screen.search.text() == "half typ"


def test_two_thousand_rows_are_painted_without_asking_the_model(seen, qtbot, monkeypatch):
    rows = tuple(
        OrderRow(str(n), f"N-{n}", "Ada Example", "Pickup", "Pending", "$1.00", "Paid", due="confirm now")
        for n in range(2_000)
    )
    seen.screen.show_state(OrdersState(rows=rows, queue="all", counts={"all": 2_000}))
    model = seen.screen.rows.row_model()
    monkeypatch.setattr(type(model), "data", lambda *_: pytest.fail("data() was called for painting"))
    seen.screen.rows.verticalScrollBar().setValue(9_000)
    seen.screen.rows.viewport().grab()
    changed = tuple(replace(r, status="Confirmed") if r.id == "1500" else r for r in rows)
    monkeypatch.undo()
    with qtbot.waitSignal(model.dataChanged) as told:
        seen.screen.show_state(OrdersState(rows=changed, queue="all", counts={"all": 2_000}))
    assert told.args[0].row() == 1_500, "only the row that changed is told of"


def test_the_first_thing_to_settle_that_is_shown_is_seen_whole(seen, dressed, qtbot):
    page = OrderDetail()
    qtbot.addWidget(page)
    page.resize(500, 600)
    page.show()
    dressed.processEvents()
    seen.show("SHORT-1")
    page.show_state(seen.detail.state)
    dressed.processEvents()
    news = page._news
    assert news.isVisible()
    assert news.height() >= news.column.totalHeightForWidth(news.viewport().width())
    assert not news.verticalScrollBar().isVisible()


def test_older_orders_have_a_button_only_where_there_are_some(seen):
    assert not seen.screen._more.isVisible()
    seen.screen.show_state(replace(seen.list.state, more=True))
    assert seen.screen._more.isVisible()


# ---- pictures ----


def _empty(seen):
    seen.list.typed("nothing like this")


def _marked(seen):
    seen.list.show_queue("all")
    seen.list.mark_all()


def _running(seen):
    _marked(seen)
    seen.list.hold(True)
    seen.many._show(running="confirmed", done=120, count=500, failed=3)


def _failed(seen):
    for n in range(6):
        seen.order(f"UNPAID-{n}", payment=Payment())
    _marked(seen)
    seen.many.run("confirm")
    seen.list.refresh()


def _crowded(seen):
    """Show an order on which everything is wrong at once, with long words for all of it."""
    reason = (
        "The school has to confirm the number of copies first, and wants an invoice for the county library"
    )
    facts = {"customer": LONG, "requote": True, "payment": Payment(captured_cents=99_999), "kind": "ship"}
    order = seen.order("CROWDED", line(EMMA, 40), line(), **facts)
    seen.show("CROWDED")
    ordering.take(seen.store, hire(seen.store, "manager", LONG.name), order.id, Step("hold", reason=reason))
    seen.station.changed(frozenset({"orders"}))


def _many_books(seen):
    seen.order("MANY", *(line() for _ in range(300)))
    seen.show("MANY")


def _facts(seen):
    seen.show("SHIP-1")
    seen.detail.show_page("facts")


def _history(seen):
    seen.show("DONE-1")
    seen.detail.show_page("history")


STATES = {
    "new": lambda seen: None,
    "problem": lambda seen: seen.show("SHORT-1"),
    "long": lambda seen: seen.show("NEW-3"),
    "wholesaler": lambda seen: seen.show("THEIRS-1"),
    "cart": lambda seen: seen.show("CART-1"),
    "empty": _empty,
    "marked": _marked,
    "running": _running,
    "failed": _failed,
    "crowded": _crowded,
    "books": _many_books,
    "facts": _facts,
    "history": _history,
}


@pytest.mark.parametrize("name", STATES)
def test_pictures(seen, dressed, pictures: Path, name: str):
    STATES[name](seen)
    for size in ((1366, 768), (1024, 768)):
        seen.window.resize(*size)
        dressed.processEvents()
        cut = looking.cut_off(seen.window)
        scrolls = (seen.panel._verbs, seen.page._news)
        assert [w for w in cut if not any(s.isAncestorOf(w) for s in scrolls)] == [], (
            "only what scrolls may be"
        )
        assert looking.nameless(seen.window) == []
        assert looking.rich(seen.window) == []
    looking.photograph_all(dressed, seen.window, pictures, f"orders-{name}")


def test_words_without_end_leave_the_list_its_room(seen, dressed, pictures):
    endless = "x" * 200
    who = replace(seen.current().customer, name=endless, email=f"{endless}@example.com")
    seen.order(
        endless, customer=who, memo=endless, instructions=endless, steps=(Step("hold", reason=endless),)
    )
    for size in ((1366, 768), (1024, 768)):
        seen.window.resize(*size)
        seen.show("NEW-1")
        dressed.processEvents()
        room = seen.screen.rows.width()
        seen.show(endless)
        for page in ("books", "facts", "history"):
            seen.detail.show_page(page)
            dressed.processEvents()
            assert seen.screen.rows.width() == room
        seen.station.scanned(endless)
        dressed.processEvents()
        assert seen.screen.rows.width() == room
    seen.detail.show_page("facts")
    looking.photograph_all(dressed, seen.window, pictures, "orders-endless")


def test_markup_in_an_order_is_shown_as_it_is_written(seen):
    seen.order(
        "<b>N</b>", memo="<i>memo</i>", customer=replace(seen.current().customer, name="<u>Ada</u> & Co")
    )
    seen.show("<b>N</b>")
    assert seen.page._customer.text() == "<u>Ada</u> & Co"
    assert looking.rich(seen.window) == []

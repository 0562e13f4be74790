"""The guided sheet for a problem of an order: what is asked, what is settled, and what is left to do."""

from __future__ import annotations

import io

import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from sqlalchemy import update

from bookwish_desk.actions import rerouting, stocking
from bookwish_desk.db import items, lookup, mailbox, orders, tables
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.order_payment import DAY
from bookwish_desk.shop.order_problem import Reported
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui import order_steps
from bookwish_desk.ui.forms import Values
from bookwish_desk.ui.order_steps.problem import ProblemPresenter
from bookwish_desk.ui.widgets import Choice, Label
from bookwish_desk.ui.window import MainWindow
from tests.support import looking
from tests.support import orders as some
from tests.support.shops import FrozenClock, found_shop, put_titles, station_for

MAIL = Settings(shop_name="Test Books", mail=MailSettings(host="mail.example.com", sender="shop@example.com"))
WAVES = (9780156949606, "The Waves", "Virginia Woolf", 1599)
MIDDLEMARCH = (9780141439549, "Middlemarch", "George Eliot", 1800)
SHIPPED = ("start", "pick", "check", "pack", Step("ship", tracking="9400100000000000000000"))


def finding(step):
    return step.state.finding


class Shop:
    """A shop that writes e-mails, with a shelf of Orlando and an order of it."""

    def __init__(self, folder):
        self.clock = FrozenClock()
        self.store, self.actor = found_shop(folder, MAIL, clock=self.clock)
        self.station, self.front = station_for(self.store, self.actor)
        put_titles(self.store, [WAVES, MIDDLEMARCH])
        with self.store.write() as tx:
            for ean, title, authors, cents in (WAVES, MIDDLEMARCH):
                items.keep(tx, Item(str(ean), title, ean=ean, authors=authors, price_cents=cents))
        some.shelved(self.store, self.actor, some.ORLANDO, 4)

    def order(self, *lines, steps=(), **more):
        more = {"source": "phone", "kind": "pickup", **more}
        order = some.received(self.store, self.actor, some.made("P-1", *lines, **more))
        return some.stepped(self.store, self.actor, order, *steps)

    def asked(self, order, line_id=""):
        step = ProblemPresenter(self.station, order, line_id)
        step.open()
        return step

    def now(self, order):
        return some.now(self.store, order)

    def on_hand(self, item=some.ORLANDO):
        with self.store.read() as conn:
            found = lookup.find(conn, item.sku, item.ean)
        return found.on_hand if found else 0

    def reported(self, order):
        with self.store.read() as conn:
            (event,) = [e for e in orders.history(conn, order.id) if e.kind == "problem"]
        return msgspec.json.decode(event.body, type=Reported)

    def letters(self):
        with self.store.read() as conn:
            return [mailbox.letter_of(job) for job in mailbox.due(conn, self.clock.at + DAY)]


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.store.close()


def keys(step):
    return [i.key for i in step.state.asked.inputs]


def said(step):
    return " ".join(step.state.asked.outcome)


def errors(step):
    return {i.key: i.error for i in step.state.asked.inputs if i.error}


def settle(step, **texts):
    step.changed(Values(texts))
    step.submit(Values(texts))
    assert step.state.done, (errors(step), step.state.notice)


# ---- not on the shelf ----


@pytest.mark.capability("BW-29", "OMG-32")
def test_the_customer_is_asked_at_once_what_they_want(shop):
    order = shop.order(some.line(some.EMMA))
    assert order.lines[0].short == 1
    step = shop.asked(order)
    assert step.kind == "out_of_stock", "what is missing is proposed"
    assert "another title or copy" in step.state.mail.text, "who only tells them tells them"
    settle(step, answer="tell", comment="Shall we look elsewhere?", tell="send")
    (letter,) = shop.letters()
    assert letter.kind == "out_of_stock"
    assert "Ask the customer: wait, take something else, or have the money back." in shop.front.said[-1][0]


def test_a_copy_that_lies_on_the_counter_is_not_taken_off_the_stock_twice(shop):
    some.shelved(shop.store, shop.actor, some.EMMA)
    order = shop.order(some.line(some.EMMA))
    rerouting.reroute(shop.store, shop.actor, order.id, some.EMMA.sku, 1)
    step = shop.asked(shop.now(order))
    assert step.kind == "out_of_stock" and not step.problem().correct_stock
    settle(step, answer="cancel", why="The last copy was sold", tell="silent")
    assert shop.on_hand(some.EMMA) == 1, "the sale takes it"


@pytest.mark.capability("BW-30")
def test_copies_are_waited_for_until_a_day(shop):
    order = shop.order(some.line(some.EMMA))
    step = shop.asked(order)
    step.changed(Values({"answer": "wait"}))
    assert {"expected_on", "on_order"} <= set(keys(step)) and "cents" not in keys(step)
    settle(step, answer="wait", expected_on="2026-10-05", on_order="yes", tell="silent")
    line = shop.now(order).lines[0]
    assert (line.backordered, line.short, line.expected_on) == (1, 0, "2026-10-05")
    with shop.store.read() as conn:
        emma = lookup.find(conn, some.EMMA.sku, some.EMMA.ean)
    assert emma is not None and emma.on_order == 1


@pytest.mark.capability("BW-31")
def test_other_copies_and_titles_of_the_author_are_proposed(shop):
    used = Item("9780156701600U1", "Orlando", kind="used", of_ean=9780156701600, price_cents=700, on_hand=1)
    with shop.store.write() as tx:
        items.keep(tx, used)
    stocking.adjust(shop.store, shop.actor, used, 1, "found")
    order = shop.order(some.line(copies=5))
    step = shop.asked(order)
    assert step.state.finding is None
    step.changed(Values({"answer": "swap", "copies_" + order.lines[0].id: "1"}))
    proposed = [row.title for row in finding(step).rows]
    assert "The Waves" in proposed and "Middlemarch" not in proposed
    assert finding(step).rows[0].mark == "Used", "what is on the shelf first"
    step.submit(Values({"answer": "swap"}))
    assert not step.state.done and step.state.notice == "Choose what takes its place."
    step.replacement.pick(used.sku)
    assert finding(step).picked == "Orlando (Used)"
    assert "takes the place of Orlando, at $7.00 instead of $16.99 a copy" in said(step)
    settle(step, answer="swap", tell="silent")
    lines = shop.now(order).lines
    assert [(x.sku, x.live) for x in lines] == [(some.ORLANDO.sku, 4), (used.sku, 1)]
    assert lines[1].allocated == 1


def test_the_subject_is_looked_through_as_well(shop):
    with shop.store.catalogue.begin() as conn:
        conn.execute(update(tables.titles).values(subjects="FIC019000; FIC004000"))
    put_titles(shop.store, [(9780141439587, "Emma", "Jane Austen", 1050)])
    with shop.store.catalogue.begin() as conn:
        emma = tables.titles.c.ean == some.EMMA.ean
        conn.execute(update(tables.titles).where(emma).values(subjects="FIC019000"))
    step = shop.asked(shop.order(some.line(some.EMMA)))
    step.changed(Values({"answer": "swap"}))
    assert {row.title for row in finding(step).rows} >= {"Middlemarch", "The Waves"}


def test_a_replacement_is_scanned_or_searched(shop):
    step = shop.asked(shop.order(some.line(some.EMMA)))
    step.changed(Values({"answer": "swap"}))
    step.replacement.typed("middlem")
    assert [row.title for row in finding(step).rows] == ["Middlemarch"]
    shop.station.scanned("9780156949606")
    assert finding(step).picked == "The Waves"
    shop.station.scanned("9780306406157")
    assert step.state.notice == "Nothing is known about 9780306406157."
    step.close()


@pytest.mark.capability("BW-33")
@pytest.mark.parametrize(
    ("texts", "where"),
    [
        ({"answer": "tell"}, "problems"),
        ({"answer": "wait"}, "waiting"),
        ({"answer": "swap", "price_9780156701600": "9.88"}, "to_pick"),
        ({"answer": "cancel", "why": "Sold out at the publisher"}, "problems"),
    ],
)
def test_where_the_order_stands_follows_what_was_settled(shop, texts, where):
    order = shop.order(some.line(some.EMMA), steps=("start",))
    step = shop.asked(order)
    step.changed(Values(texts))
    step.replacement.scanned("9780156701600", lambda _why: None)
    settle(step, tell="silent", **texts)
    after = shop.now(order)
    assert queue(after, shop.clock()) == where
    if texts["answer"] == "cancel":
        assert after.state == "cancelled", "the last copy: a refund is left to do"
        shop.order_done = some.stepped(shop.store, shop.actor, after, "refund")
        assert queue(shop.order_done, shop.clock()) == "done"


@pytest.mark.capability("BW-32", "OMG-32")
def test_the_item_alone_is_refunded(shop):
    order = shop.order(some.line(some.ORLANDO), some.line(some.EMMA))
    step = shop.asked(order)
    step.changed(Values({"answer": "cancel"}))
    assert "The order now comes to $16.99: $10.50 is to be given back." in said(step)
    step.submit(Values({"answer": "cancel"}))
    assert errors(step) == {"why": "Say why: the customer may ask."}
    step.changed(Values({"answer": "cancel", "why": "Sold out at the publisher", "tell": "send"}))
    assert "$10.50" in step.state.mail.text and "Sold out at the publisher" in step.state.mail.text
    settle(step, answer="cancel", why="Sold out at the publisher", tell="silent")
    after = shop.now(order)
    assert [x.live for x in after.lines] == [1, 0]
    assert [t.kind for t in tasks(after, shop.clock())] == ["refund"]
    assert "Give the money back and record the refund" in shop.front.said[-1][0]


def test_the_stock_is_corrected_or_left(shop):
    order = shop.order(some.line())
    key = f"copies_{order.lines[0].id}"
    settle(shop.asked(order), kind="out_of_stock", answer="tell", tell="silent", **{key: "1"})
    assert shop.on_hand() == 0, "none of the four was there"


# ---- damaged ----


def photo():
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#a05030").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.capability("BW-34", "BW-36", "BW-37")
def test_a_damaged_copy_is_documented_written_off_and_replaced(shop, tmp_path):
    order = shop.order(some.line())
    path = tmp_path / "cover.jpg"
    path.write_bytes(photo())
    step = shop.asked(order)
    step.changed(Values({"kind": "damaged"}))
    step.choose_photo(str(path))
    assert step.state.photo and step.state.photos
    assert "1 copy is written off." in said(step)
    settle(step, kind="damaged", answer="replace", note="Coffee on the cover", tell="silent")
    assert shop.on_hand() == 3
    assert shop.now(order).lines[0].allocated == 1, "another copy from the shelf"
    assert shop.reported(order).note == "Coffee on the cover"
    with shop.store.read() as conn:
        (kept,) = orders.files(conn, order.id)
    assert kept.note == "Coffee on the cover"
    assert Image.open(io.BytesIO(kept.picture)).size == (640, 480)


def test_what_is_no_picture_is_refused(shop, tmp_path):
    path = tmp_path / "cover.jpg"
    path.write_bytes(b"no picture")
    step = shop.asked(shop.order(some.line()))
    step.changed(Values({"kind": "damaged"}))
    for wrong in (path, tmp_path / "nowhere.jpg"):
        step.choose_photo(str(wrong))
        assert step.state.photo == b"" and "Choose a" in step.state.notice


@pytest.mark.capability("BW-35")
def test_who_ordered_a_damaged_copy_is_told_of_the_choices(shop):
    order = shop.order(some.line())
    step = shop.asked(order)
    step.changed(Values({"kind": "damaged", "answer": "tell", "tell": "send"}))
    assert "another title or copy" in step.state.mail.text
    settle(step, kind="damaged", answer="tell", tell="send")
    assert [x.kind for x in shop.letters()] == ["damaged"]


# ---- after it has left ----


@pytest.mark.capability("BB-08")
def test_a_wrong_item_is_replaced_without_a_price(shop):
    order = shop.order(some.line(), kind="ship", steps=SHIPPED)
    step = shop.asked(order)
    step.changed(Values({"kind": "wrong_item"}))
    shop.station.scanned("9780156949606")
    assert step.texts["sent_sku"] == "9780156949606"
    assert "A new order without a price is made for 1 copy." in said(step)
    settle(
        step, kind="wrong_item", answer="replace", sent_sku="9780156949606", tell="silent", costs="yes",
        cost_labour="4", cost_postage="5.50",
    )  # fmt: skip
    told = shop.reported(order)
    assert told.replacement == "O1-000001"
    assert (told.cause, told.labour_cents, told.postage_cents) == ("picking", 400, 550)
    with shop.store.read() as conn:
        (made,) = orders.by_number(conn, "O1-000001")
    assert made.total_cents == 0 and made.lines[0].sku == some.ORLANDO.sku


@pytest.mark.capability("BB-08")
def test_a_missing_item_is_refunded_at_once(shop):
    order = shop.order(some.line(copies=2), kind="ship", steps=SHIPPED)
    key = f"copies_{order.lines[0].id}"
    step = shop.asked(order)
    step.changed(Values({"kind": "missing_item", "answer": "refund", key: "1"}))
    assert "$16.99 is to be given back." in said(step)
    settle(
        step, kind="missing_item", answer="refund", why="A book was missing in the parcel", tell="silent",
        **{key: "1"},
    )  # fmt: skip
    assert shop.now(order).refund_due_cents == 1699


@pytest.mark.capability("BB-09")
def test_a_misrouted_parcel_is_traced(shop):
    order = shop.order(some.line(), kind="ship", steps=SHIPPED)
    step = shop.asked(order)
    step.changed(Values({"kind": "misrouted"}))
    parcels = next(i for i in step.state.asked.inputs if i.key == "parcel")
    assert parcels.options[0][1] == "9400100000000000000000"
    settle(step, kind="misrouted", answer="trace", parcel=order.parcels[0].id, tell="silent")
    assert "Tracing 9400100000000000000000" in shop.now(order).memo


# ---- delays and payments ----


@pytest.mark.capability("BB-10", "OMG-33")
def test_a_delay_is_told_with_its_new_day(shop):
    order = shop.order(some.line())
    step = shop.asked(order)
    step.changed(Values({"kind": "delay"}))
    step.submit(Values({"kind": "delay"}))
    assert errors(step) == {"expected_on": "Type the new day."}
    texts = {"kind": "delay", "expected_on": "2026-10-02", "why": "Our supplier is late", "tell": "send"}
    step.changed(Values(texts))
    assert "October 2, 2026" in step.state.mail.text and "Our supplier is late" in step.state.mail.text
    settle(step, **texts)
    assert shop.now(order).expected_on == "2026-10-02"
    assert [x.kind for x in shop.letters()] == ["delayed"]


def test_trouble_with_the_payment_holds_the_order(shop):
    order = shop.order(some.line())
    settle(shop.asked(order), kind="payment", answer="hold", why="The payment was declined", tell="silent")
    assert shop.now(order).hold == "The payment was declined"


@pytest.mark.parametrize("typed", ["0-15-670160-X", "978-0-15-670160-0", "9780156701600"])
def test_what_was_sent_instead_is_known_however_its_isbn_is_typed(shop, typed):
    order = shop.order(some.line(), steps=("start", "pick", "ready", "check", "hand_over"))
    step = shop.asked(order)
    step.changed(Values({"kind": "wrong_item", "sent_sku": typed}))
    assert step.problem().sent_sku == "9780156701600"


def test_an_order_that_is_done_with_offers_only_what_can_still_happen(shop):
    order = shop.order(some.line(), steps=("start", "pick", "ready", "check", "hand_over"))
    kinds = next(i for i in shop.asked(order).state.asked.inputs if i.key == "kind").options
    assert [k for k, _ in kinds] == ["", "damaged", "wrong_item", "missing_item", "returned"]


def test_a_line_that_was_chosen_is_the_one_it_is_about(shop):
    some.shelved(shop.store, shop.actor, some.EMMA, 2)
    order = shop.order(some.line(), some.line(some.EMMA, 2))
    step = shop.asked(order, order.lines[0].id)
    step.changed(Values({"kind": "damaged"}))
    counts = {i.label: i.value for i in step.state.asked.inputs if i.kind == "count"}
    assert counts == {"Orlando": "1", "Emma": "0"}


# ---- the sheet ----


@pytest.fixture
def window(dressed, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.set_till("Till open since 9:02 · Olive Owner")
    made.add_screen("stock", "Stock", "screen.stock", Label("The orders"))
    made.show()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def answers_of(sheet):
    control = sheet.form.control("answer")
    assert isinstance(control, Choice)
    return control


def test_a_problem_is_settled_with_keys_alone(shop, window, qtbot):
    order = shop.order(some.line(some.EMMA))
    sheet = order_steps.ask_problem(window, shop.station, order)
    qtbot.waitUntil(sheet.isActiveWindow)
    answer = answers_of(sheet)
    answer.setFocus()
    qtbot.keyClick(answer.combo, Qt.Key.Key_Down)
    answer = answers_of(sheet)
    assert answer.combo.hasFocus(), "also where the form has changed"
    qtbot.keyClick(answer.combo, Qt.Key.Key_Down)
    answer = answers_of(sheet)
    assert answer.chosen() == "swap" and sheet.search.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_F2)
    assert sheet.search.hasFocus()
    qtbot.keyClicks(sheet.search, "middlemarch")
    qtbot.keyClick(sheet.search, Qt.Key.Key_Return)
    assert sheet.found.hasFocus() and not sheet.picked.text(), "Enter behind words takes nothing"
    qtbot.keyClick(sheet.found, Qt.Key.Key_Return)
    assert sheet.picked.text() == "Taken: Middlemarch"
    qtbot.keyClick(sheet.found, Qt.Key.Key_Return)
    assert sheet.isVisible(), "nothing is committed by Enter"
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert [x.title for x in shop.now(order).lines if x.live] == ["Middlemarch"]


def _swap(sheet, step_texts):
    for key, value in step_texts.items():
        control = sheet.form.control(key)
        control.choose(value)
        sheet.changed.emit(sheet.form.values())


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("missing", {"answer": "tell", "tell": "send"}),
        ("swap", {"answer": "swap"}),
        ("damaged", {"kind": "damaged"}),
        ("delay", {"kind": "delay", "why": "Our supplier is late"}),
    ],
)
def test_pictures(shop, window, qtbot, dressed, pictures, tmp_path, name, texts):
    path = tmp_path / "cover.jpg"
    path.write_bytes(photo())
    order = shop.order(some.line(some.EMMA), some.line(copies=2))
    sheet = order_steps.ask_problem(window, shop.station, order)
    qtbot.waitUntil(sheet.isActiveWindow)
    _swap(sheet, texts)
    if name == "damaged":
        sheet.photo_chosen.emit(str(path))
    looking.photograph_all(dressed, window, pictures, f"problem-{name}", sheet)
    assert looking.nameless(sheet) == []
    assert looking.rich(sheet) == []
    with qtbot.waitSignal(sheet.finished):
        sheet.reject()

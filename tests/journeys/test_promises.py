"""From a deadline to its order and back, to the figures, and what the clock does while nobody looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk import desk as desk_module
from bookwish_desk.db import orders
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.order import Payment
from bookwish_desk.ui.theme import apply_theme
from tests.journeys.person import Person
from tests.support.orders import made


@pytest.mark.capability("IC-25", "OMG-12", "OMG-01")
def test_a_deadline_leads_to_its_order(clerk: Person) -> None:
    clerk.key("Ctrl+8")
    clerk.see("Captured and not completed: $")
    first, second = clerk.rows("Promises")[:2]
    clerk.key("Down")
    clerk.key("F12")
    found = re.search(r"Order ([^,]+),", second)
    assert found is not None
    clerk.wait(lambda: clerk.desk.window.current_screen() == "orders")
    clerk.see(found[1])
    clerk.key("Ctrl+8")
    clerk.wait(lambda: clerk.rows("Promises")[0].startswith(first.partition(":")[0]))
    clerk.key("Escape")
    clerk.wait(lambda: clerk.desk.window.current_screen() == "orders")


@pytest.mark.capability("BB-05", "BB-06")
def test_the_figures_of_the_shop_are_looked_at(clerk: Person) -> None:
    clerk.key("Ctrl+8")
    clerk.see("Captured and not completed")
    clerk.press("Figures")
    clerk.see("Orders placed ", "All orders", "Promise kept")
    clerk.key("F6")
    clerk.see("Choose the days")
    clerk.type("2020-01-01", "From")
    clerk.type("2020-01-31\n", "To")
    clerk.no_sheet()
    clerk.see("Orders placed Jan 1, 2020 to Jan 31, 2020", "0.0 a day")
    clerk.key("F4")
    clerk.see("Orders a week")
    clerk.key("F10")
    clerk.press("By source")
    clerk.see("All orders")
    clerk.key("Escape")
    clerk.see("Every deadline (")
    for there, name in (("Ctrl+3", "stock"), ("Ctrl+7", "orders"), ("Ctrl+8", "promises")):
        clerk.key(there)
        clerk.key("Ctrl+9")
        clerk.see("Orders placed ")
        clerk.key("Escape")
        clerk.wait(lambda name=name: clerk.desk.window.current_screen() == name)  # type: ignore[misc]


@pytest.mark.capability("IC-05", "IC-28")
def test_what_was_due_while_the_desk_was_off_is_done_when_it_starts(
    qtbot: QtBot, qapp: QApplication, shop_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(shop_folder)
    long_ago = store.clock() - 40 * 86_400_000
    ran_out = Payment(authorised_cents=9_900, expires_at=long_ago + 86_400_000)
    order = made("AUTH-1", placed_at=long_ago, payment=ran_out)
    cart = made("CART-1", placed_at=long_ago, state="in_checkout", payment=Payment())
    with store.write() as tx:
        orders.insert(tx, order)
        orders.insert(tx, cart)
    store.close()
    apply_theme(qapp, "light")
    monkeypatch.setattr(desk_module, "SETTLED_MS", 0)
    person = Person(qtbot, qapp, shop_folder)

    def kinds(store: Store, order_id: str) -> list[str]:
        with store.read() as conn:
            return [event.kind for event in orders.history(conn, order_id)]

    for _ in range(2):
        person.switch_on()
        desk, done = person.desk, list[None]()
        person.wait(lambda: not desk._settled.isActive())  # noqa: B023
        desk.lanes.work(lambda: None, then=done.append)
        person.wait(lambda: bool(done))  # noqa: B023
        person.switch_off()
    store = open_store(shop_folder)
    assert kinds(store, order.id) == ["expire"]
    assert kinds(store, cart.id) == ["abandon"]
    store.close()

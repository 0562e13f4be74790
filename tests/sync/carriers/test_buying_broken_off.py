"""What is left behind when buying breaks off: by a bug, by an account that was given up meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions.bought import NOT_CONNECTED
from bookwish_desk.sync.books import DirectBooks
from bookwish_desk.sync.carriers.buying import NOT_SHIPPED
from tests.support.parcels import ParcelDesk, copied_desk, with_shipping


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


@pytest.mark.capability("BW-11")
@pytest.mark.parametrize("paid", [False, True])
def test_a_label_whose_buying_breaks_off_by_a_bug_is_read_without_a_new_start(
    desk: ParcelDesk, paid: bool
) -> None:
    priced = desk.ask(desk.order)
    desk.want(priced)
    buy = desk.carriers.buy

    def broken(shipment: str, rate: str, insured_cents: int = 0) -> Any:
        desk.carriers.buy = buy  # type: ignore[method-assign]
        if paid:
            buy(shipment, rate, insured_cents)
        raise ZeroDivisionError

    desk.carriers.buy = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        desk.run()
    assert desk.now(priced).state == "buying"
    desk.run()
    assert desk.now(priced).state == "bought" and len(desk.carriers.purchases) == 1


@pytest.mark.capability("BW-11")
def test_a_label_whose_answer_cannot_be_written_down_is_read(desk: ParcelDesk) -> None:
    class Broken(DirectBooks):
        left = 0

        def act(self, action: Any) -> Any:
            if self.left:
                self.left -= 1
                raise ZeroDivisionError
            return super().act(action)

    books = Broken(desk.store)
    desk.books = books
    desk.started()
    desk.carriers.faults["buy", 0] = "lost_after"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.carriers.after = lambda call: setattr(books, "left", call == "buy")
    with pytest.raises(ZeroDivisionError):
        desk.run()
    desk.carriers.after = lambda _call: None
    assert desk.now(priced).state == "buying"
    desk.run()
    assert desk.now(priced).state == "bought" and len(desk.carriers.purchases) == 1


@pytest.mark.capability("BW-11")
def test_nothing_is_bought_from_an_account_that_was_just_given_up(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.want(priced)
    with_shipping(desk.store, broker="none")
    desk.run()
    label = desk.now(priced)
    assert desk.carriers.count("buy") == 0
    assert (label.state, label.wanted_at, label.words) == ("created", 0, NOT_CONNECTED)


@pytest.mark.capability("BW-11")
def test_a_paid_label_is_known_even_where_its_order_cannot_be_touched(
    desk: ParcelDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_more: object) -> None:
        raise AssertionError("a bug")

    priced = desk.ask(desk.order)
    desk.want(priced)
    for name in ("ordering.advanced", "bought.noted", "bought._trouble"):
        monkeypatch.setattr(f"bookwish_desk.actions.{name}", broken)
    desk.run()
    label = desk.now(priced)
    assert (label.state, label.words) == ("bought", NOT_SHIPPED) and label.label_at

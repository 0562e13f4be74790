"""What the online store hears of parcels that come back or get another number: never a step back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.db import online_checks
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.upload import StatusUpload
from tests.support.counter import ORLANDO, Counter
from tests.support.online import connected, differences, linked, posted, rows
from tests.support.orders import made, received, shelved, stepped


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made_counter = connected(tmp_path)
    yield made_counter
    with made_counter.store.read() as conn:
        assert online_checks.everything(conn, made_counter.store.settings.online)[0] == []
    made_counter.store.close()


def shipped(counter: Counter, **step: str) -> Order:
    shelved(counter.store, counter.actor, ORLANDO, 1)
    order = received(counter.store, counter.actor, made("BW-2", kind="ship"))
    linked(counter.store, order, "processing")
    given = step or {"tracking": "9400", "carrier": "USPS"}
    return stepped(
        counter.store,
        counter.actor,
        order,
        "start",
        "pick",
        "check",
        "pack",
        Step("ship", **given),  # type: ignore[arg-type]
    )


def told(counter: Counter, *states: str) -> list[tuple[str, str]]:
    return [(x.word, x.tracking) for x in posted(counter.store, *states) if isinstance(x, StatusUpload)]


@pytest.mark.capability("BW-12", "BW-01")
def test_a_recall_after_the_store_was_told_is_a_difference_and_no_step_back(counter: Counter) -> None:
    order = shipped(counter)
    linked(counter.store, order, "shipped")
    back = stepped(counter.store, counter.actor, order, "recall")
    (conflict,) = differences(counter.store)
    assert (conflict.kind, conflict.choices) == ("back", ("noted",))
    assert "processing" not in {word for word, _ in told(counter, "new")}
    again = stepped(counter.store, counter.actor, back, Step("ship", tracking="1Z9", carrier="UPS"))
    assert differences(counter.store) == [], "it is where the store has it again"
    assert told(counter, "new") == []
    stepped(counter.store, counter.actor, again, Step("deliver", by="carrier"))
    assert told(counter, "new") == [("delivered", "1Z9")]


def test_a_recall_before_the_store_was_told_leaves_nothing_to_tell(counter: Counter) -> None:
    order = shipped(counter)
    assert told(counter, "new") == [("shipped", "9400")]
    back = stepped(counter.store, counter.actor, order, "recall")
    assert (differences(counter.store), told(counter, "new")) == ([], [])
    stepped(counter.store, counter.actor, back, Step("ship", tracking="1Z9", carrier="UPS"))
    assert told(counter, "new") == [("shipped", "1Z9")]


def test_a_number_that_has_not_gone_up_yet_goes_up_as_it_is_now(counter: Counter) -> None:
    order = shipped(counter)
    stepped(counter.store, counter.actor, order, Step("retrack", tracking="1Z9", carrier="UPS"))
    assert told(counter, "new") == [("shipped", "1Z9")]


def test_a_number_that_comes_late_lets_the_store_be_told(counter: Counter) -> None:
    order = shipped(counter, reason="Taken by bicycle")
    assert [row.state for row in rows(counter.store, "refused")] == ["refused"]
    stepped(counter.store, counter.actor, order, Step("retrack", tracking="1Z9", carrier="UPS"))
    assert (told(counter, "new"), told(counter, "refused")) == ([("shipped", "1Z9")], [])

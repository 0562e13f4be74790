"""What the doctor says of carriers' lists and visits that contradict their labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions.handing_over import ask_visit, book_visit, make_manifests
from bookwish_desk.db import postage_checks
from tests.support.after_desk import HOUR, AfterDesk, after_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    made.store.close()


def found(desk: AfterDesk) -> tuple[list[str], list[str]]:
    with desk.store.read() as conn:
        return postage_checks.everything(conn)


def spoil(desk: AfterDesk, sql: str) -> None:
    with desk.store.write() as tx:
        tx.conn.exec_driver_sql(sql)


def test_a_day_that_was_handed_over_is_sound(desk: AfterDesk) -> None:
    label = desk.bought()
    make_manifests(desk.store, desk.actor)
    desk.run(desk.handing, HOUR)
    at = desk.clock.at
    visit = ask_visit(desk.store, desk.actor, [label.id], at + HOUR, at + 2 * HOUR).value
    desk.run(desk.handing)
    book_visit(desk.store, desk.actor, visit.id, "NextDay")
    desk.run(desk.handing)
    assert found(desk) == ([], [])


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE manifests SET body = json_set(body, '$.postages', json_array())", "does not name it"),
        ("UPDATE manifests SET form = NULL", "nobody knows which it is"),
        (
            "INSERT INTO manifests (id, state, created_at, body) SELECT 'other', 'by_hand', 1,"
            " json_set(body, '$.id', 'other', '$.state', 'by_hand') FROM manifests",
            "in two lists",
        ),
        ("UPDATE manifests SET state = 'asking'", "is kept as another one"),
    ],
)
def test_a_list_that_contradicts_its_labels_is_found(desk: AfterDesk, sql: str, said: str) -> None:
    desk.bought()
    make_manifests(desk.store, desk.actor)
    desk.run(desk.handing, HOUR)
    spoil(desk, sql)
    faults, _ = found(desk)
    assert any(said in fault for fault in faults), faults


def test_what_nobody_knows_is_something_to_look_at(desk: AfterDesk) -> None:
    desk.bought()
    make_manifests(desk.store, desk.actor)
    desk.carriers.faults["manifest", 0] = "lost_after"
    desk.run(desk.handing, most_steps=1)
    faults, look = found(desk)
    assert faults == []
    assert look == ["Forms of carriers of which nobody knows whether they were made: 1."]

"""What the doctor finds wrong with labels: everything that would make a label be paid twice, or lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import bought as notes
from bookwish_desk.db import postage_checks
from tests.support.parcels import ParcelDesk, bought, copied_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def checked(desk: ParcelDesk) -> tuple[list[str], list[str]]:
    with desk.store.read() as conn:
        return postage_checks.everything(conn)


def break_with(desk: ParcelDesk, *statements: str) -> None:
    with desk.store.write() as tx:
        for sql in statements:
            tx.conn.exec_driver_sql(sql)


def test_a_bought_label_is_sound(desk: ParcelDesk) -> None:
    bought(desk)
    assert checked(desk) == ([], [])


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE postages SET cents = 1", "kept as another one"),
        ("UPDATE postages SET tracking = ''", "kept as another one"),
        ("UPDATE postages SET state = 'created'", "kept as another one"),
        ("UPDATE postages SET state = 'eaten'", "unknown state eaten"),
        ("UPDATE postages SET body = '{}'", "cannot be read"),
        ("UPDATE postages SET shipment = NULL", "not in the books"),
        (
            "UPDATE postages SET body = json_set(body, '$.bought', NULL)",
            "counts as bought, and nobody kept",
        ),
        ("UPDATE postages SET label_at = 0", "bytes that nobody fetched"),
        (
            "INSERT INTO manifests (id, state, created_at, body) VALUES ('m1', 'new', 1, '{}')",
            "A list for a carrier cannot be read",
        ),
    ],
)
def test_what_is_wrong_is_said(desk: ParcelDesk, sql: str, sentence: str) -> None:
    label = bought(desk)
    break_with(desk, sql)
    faults, _look = checked(desk)
    assert any(sentence in fault for fault in faults), faults
    assert not any(label.consignment.to.line1 in fault for fault in faults)


def test_two_labels_for_one_parcel_and_one_number_for_two_are_found(desk: ParcelDesk) -> None:
    bought(desk)
    break_with(
        desk,
        "DROP INDEX one_live_postage",
        "INSERT INTO postages SELECT 'twin', purpose, state, box, order_id, 'shp_twin', tracking,"
        " wanted_at, batch, place, next_try_at, track_next_at, bought_at, label_at, cents,"
        " created_at, body FROM postages",
    )
    faults, _look = checked(desk)
    assert any("two labels that are paid" in fault for fault in faults)
    assert any("Two labels have the tracking number" in fault for fault in faults)


def test_bytes_that_are_gone_are_a_fault(desk: ParcelDesk) -> None:
    bought(desk)
    break_with(desk, "DROP TRIGGER postage_labels_keep_delete", "DELETE FROM postage_labels")
    faults, _look = checked(desk)
    assert any("bytes of a label are gone" in fault for fault in faults)


def test_what_is_in_doubt_waits_for_somebody(desk: ParcelDesk) -> None:
    desk.carriers.faults["buy", 0] = "slow"
    priced = desk.ask(desk.order)
    desk.want(priced)
    desk.run(0)
    assert checked(desk)[1] == ["Labels of which nobody knows whether they were bought: 1."]
    desk.engine = desk.started()
    desk.run()
    assert checked(desk) == ([], [])


def test_a_number_that_the_parcel_has_not_is_looked_at(desk: ParcelDesk) -> None:
    bought(desk)
    break_with(desk, "UPDATE orders SET body = json_set(body, '$.parcels[0].tracking', 'TYPED BY HAND')")
    faults, look = checked(desk)
    assert faults == []
    assert len(look) == 1 and "its parcel has not the number 9400" in look[0]
    assert notes.recover(desk.store).value == 0

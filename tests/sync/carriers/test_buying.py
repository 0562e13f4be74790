"""The engine that buys labels: what it does of one thing after another, and what it never does twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.db import orders, postages
from bookwish_desk.db.outbox import unfinished
from tests.support.parcels import ParcelDesk, copied_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


@pytest.mark.capability("BW-11", "OMG-18", "OMG-20")
def test_a_label_is_priced_bought_printed_and_ships_its_order(desk: ParcelDesk) -> None:
    order = desk.order
    priced = desk.ask(order)
    assert priced.state == "created" and len(priced.quoted.rates) == 3
    assert desk.carriers.purchases == []
    desk.want(priced, 1)
    desk.run()
    label = desk.now(priced)
    assert (label.state, label.bought.service, label.bought.cents) == ("bought", "Priority", 780)
    assert desk.carriers.purchases == [label.shipment]
    with desk.store.read() as conn:
        shipped = orders.load(conn, order.id)
        file = postages.label(conn, label.id)
        jobs = [job for job in unfinished(conn) if job.channel == "label"]
        kinds = [event.kind for event in orders.history(conn, order.id)]
    assert shipped.parcels[0].tracking == label.tracking != ""
    assert shipped.parcels[0].shipped_at and shipped.parcels[0].carrier == "USPS"
    assert file is not None and file.data.startswith(b"\x89PNG")
    assert [job.id for job in jobs] == list(label.printed) and len(jobs) == 1
    assert "label_bought" in kinds and "ship" in kinds

"""The order's page tells of its labels: cost, number, where the parcel is, when it is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk.actions import tracking
from bookwish_desk.shop.carriage import Track
from bookwish_desk.ui.orders import labels_told, reading
from tests.support.label_desk import LabelDesk


@pytest.mark.capability("WSM-18", "BB-09")
def test_each_parcel_of_an_order_tells_of_its_label(tmp_path: Path) -> None:
    desk = LabelDesk(tmp_path)
    asked = desk.ask(desk.orders[0])
    whole = reading.whole(desk.store, desk.orders[0].id)
    assert labels_told.sections(whole.order, whole.labels, desk.store.settings) == (), "only priced"
    desk.want(asked)
    desk.run()

    def told() -> str:
        whole = reading.whole(desk.store, desk.orders[0].id)
        (section,) = labels_told.sections(whole.order, whole.labels, desk.store.settings)
        assert [f.label for f in section.facts] == ["Parcel 1"]
        return section.facts[0].text

    first = told()
    assert "Bought" in first
    assert "USPS Ground Advantage, $4.20" in first
    assert desk.now(asked).tracking in first
    assert "expected Sep 25, 2026" in first
    tracking.applied(
        desk.store, asked.id, Track("trk", desk.now(asked).tracking, "in_transit", expected_on="2026-09-27")
    )
    assert "On its way" in told()
    assert "expected Sep 27, 2026" in told()

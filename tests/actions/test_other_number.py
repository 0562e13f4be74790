"""A label whose parcel goes with another number by now, or that is given back, moves its order no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import tracking, voiding
from bookwish_desk.shop.carriage import Track
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.postage import Postage
from tests.support.after_desk import DAY, AfterDesk, after_desk
from tests.support.orders import stepped


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    made.store.close()


@pytest.fixture
def renumbered(desk: AfterDesk) -> Postage:
    """Return the label of a parcel that was given the number of another carrier by hand."""
    label = desk.bought()
    other = Step("retrack", tracking="1Z999AA10123456784", carrier="UPS", service="Ground")
    stepped(desk.store, desk.actor, desk.order(), other)
    return label


@pytest.mark.capability("OMG-22", "BB-09")
def test_news_of_another_number_are_no_news_of_the_parcel(desk: AfterDesk, renumbered: Postage) -> None:
    before = desk.order()
    for status in ("failure", "delivered"):
        tracking.applied(desk.store, renumbered.id, Track("t", renumbered.tracking, status))
    assert desk.order() == before
    assert desk.now(renumbered).track_status == "delivered", "the label itself knows"


@pytest.mark.capability("BW-12")
def test_a_label_given_back_takes_no_parcel_back_that_goes_with_another_number(
    desk: AfterDesk, renumbered: Postage
) -> None:
    before = desk.order()
    assert voiding.void(desk.store, desk.actor, renumbered.id, "Another carrier").value.state == "voiding"
    assert desk.order() == before


@pytest.mark.capability("OMG-22")
def test_a_label_that_was_given_back_is_followed_no_more(desk: AfterDesk) -> None:
    label = desk.bought()
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.run(desk.voiding)
    desk.carriers.settle_refunds()
    desk.clock.at += 3 * DAY
    desk.run(desk.voiding, 3 * DAY)
    voided = desk.now(label)
    assert voided.state == "voided"
    assert not tracking.applied(desk.store, label.id, Track("t", label.tracking, "in_transit")).value
    assert (desk.now(label).track_status, desk.now(label).track_next_at) == (voided.track_status, 0)

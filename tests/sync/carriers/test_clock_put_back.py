"""A clock that was wrong and is put back while a carrier is asked for something: nothing hurries or waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.actions import handing_over, voiding
from bookwish_desk.db import handovers
from tests.support.after_desk import DAY, AfterDesk, after_desk

YEAR = 365 * DAY


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AfterDesk]:
    made = after_desk(tmp_path / "shop")
    yield made
    made.store.close()


@pytest.mark.parametrize("back", [2 * DAY, 20 * DAY])
@pytest.mark.parametrize("fault", ["lost_before", "lost_after"])
def test_a_refund_asked_for_under_a_wrong_clock_goes_on(desk: AfterDesk, back: int, fault: str) -> None:
    label = desk.bought()
    desk.clock.at += back
    voiding.void(desk.store, desk.actor, label.id, "Wrong box")
    desk.carriers.faults["refund", 0] = fault
    desk.voiding.step()
    assert desk.now(label).refund == ""
    desk.clock.at -= back
    desk.restart()
    desk.run(desk.voiding, 600_000)
    assert desk.now(label).refund == "submitted"
    assert desk.carriers.count("read") < 10 and len(desk.carriers.refunds) == 1


@pytest.mark.parametrize("back", [2 * DAY, YEAR])
@pytest.mark.parametrize("fault", ["lost_before", "lost_after"])
def test_insurance_asked_for_under_a_wrong_clock_goes_on(desk: AfterDesk, back: int, fault: str) -> None:
    label = desk.bought()
    desk.clock.at += back
    voiding.insure(desk.store, desk.actor, label.id, 10_000)
    desk.carriers.faults["insure", 0] = fault
    desk.voiding.step()
    desk.clock.at -= back
    desk.restart()
    desk.run(desk.voiding, 1_200_000)
    assert desk.now(label).insured_cents == 10_000
    assert desk.carriers.count("read") < 10


def test_a_form_asked_for_under_a_wrong_clock_goes_on(desk: AfterDesk) -> None:
    desk.clock.at += 2 * DAY
    desk.bought()
    (form,) = handing_over.make_manifests(desk.store, desk.actor).value
    desk.carriers.faults["manifest", 0] = "lost_before"
    desk.handing.step()
    desk.clock.at -= 2 * DAY
    desk.restart()
    desk.run(desk.handing, 1_200_000)
    with desk.store.read() as conn:
        assert handovers.manifest(conn, form.id).state == "created"

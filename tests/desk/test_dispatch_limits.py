"""Dispatch where time, the disk or a device runs out: nothing comes late, no end of a job is forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from bookwish_desk import dispatch
from bookwish_desk.actions import equipping, outgoing
from bookwish_desk.db import outbox, tables
from bookwish_desk.hardware.model import Attempt, Outcome
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.shop.errors import StorageError
from tests.desk.test_dispatch import World

OUT = DeviceState("paper_out", "Paper out. Put in a new roll.")
HOUR_MS = 3_600_000


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def words_of(desk: World) -> list[tuple[str, str]]:
    with desk.store.read() as conn:
        o = tables.outbox.c
        rows = conn.execute(select(o.state, o.last_status).order_by(o.id))
        return [(row.state, row.last_status) for row in rows]


def test_a_kick_that_was_found_late_has_only_the_rest_of_its_five_seconds(desk: World, qtbot: QtBot) -> None:
    deadlines: list[float] = []

    def kick(deadline: float) -> Outcome:
        deadlines.append(deadline - time.monotonic())
        return Outcome("sent", 5, "Opened.")

    desk.printer.kick = kick  # type: ignore[method-assign]
    desk.kick()
    desk.clock.at += 4_500
    desk.equip()
    qtbot.waitUntil(lambda: bool(deadlines))
    assert deadlines[0] <= 0.5


def test_a_job_whose_printer_was_removed_meanwhile_is_not_kept_for_a_later_one(
    desk: World, qtbot: QtBot
) -> None:
    """Its id may be given to another printer, weeks later."""

    def send(data: bytes, attempt: Attempt) -> Outcome:
        equipping.remove(desk.store, desk.actor, "labels")
        return Outcome("failed", 0, "The printer does not answer.")

    desk.labels.send = send  # type: ignore[method-assign]
    desk.equip()
    desk.label()
    qtbot.waitUntil(lambda: words_of(desk) == [("failed", outgoing.REMOVED)])


def test_what_waits_for_a_device_that_nobody_knows_fails_instead_of_waiting_for_ever(
    desk: World, qtbot: QtBot
) -> None:
    desk.label()
    with desk.store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET device = 'gone'")
    desk.dispatch.recover()
    qtbot.waitUntil(lambda: words_of(desk) == [("failed", outgoing.REMOVED)])


def test_labels_that_were_put_off_before_the_clock_was_put_back_do_not_wait_for_it(
    desk: World, qtbot: QtBot
) -> None:
    desk.labels.outcomes = [Outcome("failed", 0, "The printer is asleep.")]
    desk.labels.state = lambda _deadline: OUT  # type: ignore[method-assign]
    desk.clock.at += 40 * 24 * HOUR_MS
    desk.equip()
    desk.label()
    qtbot.waitUntil(lambda: len(desk.told) == 1)
    desk.clock.at -= 40 * 24 * HOUR_MS
    desk.dispatch.wake()
    qtbot.waitUntil(lambda: desk.states() == [("L-1", "printed")])


def test_no_alarm_is_set_for_longer_than_a_minute(
    desk: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt counts milliseconds in 31 bits: the clock may have been put back by more."""
    alarms: list[int] = []
    monkeypatch.setattr(desk.lanes, "later", lambda ms, call: alarms.append(ms))
    monkeypatch.setattr(outgoing, "waiting_until", lambda *_asked: desk.clock.at + 40 * 24 * HOUR_MS)
    desk.equip()
    qtbot.waitUntil(lambda: len(alarms) == 3)
    assert set(alarms) == {outbox.MOST_WAIT_MS}


def test_how_a_job_ended_is_written_once_the_disk_has_room_again(
    desk: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = outgoing.end_sending, [StorageError("disk_full", "The disk is full.")]

    def full(*asked: Any) -> Any:
        if faults:
            raise faults.pop()
        return real(*asked)

    monkeypatch.setattr(outgoing, "end_sending", full)
    monkeypatch.setattr(dispatch, "PAUSE_MS", 1)
    desk.equip()
    desk.post()
    qtbot.waitUntil(lambda: desk.states() == [("R1-1", "printed")])
    assert desk.printer.sent == [b"R1-1"]


def test_a_receipt_that_comes_out_well_may_end_when_the_desk_closes(desk: World, qtbot: QtBot) -> None:
    begun, ends = threading.Event(), threading.Event()

    def send(data: bytes, attempt: Attempt) -> Outcome:
        begun.set()
        assert ends.wait(10)
        if attempt.stopped():
            return Outcome("unknown", len(data), "Nobody waited for it.")
        return Outcome("printed", len(data), "Printed.")

    desk.printer.send = send  # type: ignore[method-assign]
    desk.equip()
    desk.post()
    qtbot.waitUntil(begun.is_set)
    desk.dispatch.close()
    ends.set()
    qtbot.waitUntil(lambda: desk.states() == [("R1-1", "printed")])


@pytest.mark.parametrize("why", ["closed", "expired"])
def test_a_receipt_that_waits_for_paper_is_given_up_at_once(desk: World, qtbot: QtBot, why: str) -> None:
    """It has expired by the clock on the wall: a computer that slept does not count the time it slept."""
    waits, given_up = threading.Event(), list[bool]()

    def send(data: bytes, attempt: Attempt) -> Outcome:
        attempt.told(OUT)
        assert not attempt.stopped()
        waits.set()
        assert goes_on.wait(10)
        given_up.append(attempt.stopped())
        return Outcome("unknown", len(data), "Nobody waited for it.")

    goes_on = threading.Event()
    desk.printer.send = send  # type: ignore[method-assign]
    desk.equip()
    desk.post()
    qtbot.waitUntil(waits.is_set)
    if why == "closed":
        desk.dispatch.close()
    else:
        desk.clock.at += HOUR_MS
    goes_on.set()
    qtbot.waitUntil(lambda: given_up == [True])


def test_little_paper_is_not_forgotten_when_a_receipt_came_out(desk: World, qtbot: QtBot) -> None:
    low = DeviceState("paper_low", "Little paper left.")

    def send(data: bytes, attempt: Attempt) -> Outcome:
        attempt.told(low)
        return Outcome("printed", len(data), "Printed.")

    desk.printer.send = send  # type: ignore[method-assign]
    desk.equip()
    desk.post()
    qtbot.waitUntil(lambda: desk.told == [("receipt-printer", low, "")] * 2)


def test_the_bytes_of_what_came_out_are_not_kept(desk: World, qtbot: QtBot) -> None:
    desk.printer.outcomes = [Outcome("unknown", 3, "The link broke."), Outcome("printed", 4, "Printed.")]
    desk.equip()
    desk.post("R1-1")
    desk.post("R1-2")
    qtbot.waitUntil(lambda: desk.states() == [("R1-1", "unknown"), ("R1-2", "printed")])
    with desk.store.read() as conn:
        o = tables.outbox.c
        kept = conn.execute(select(o.bytes, o.payload).order_by(o.id)).all()
    assert [row.bytes for row in kept] == [b"R1-1", None]
    assert all(row.payload for row in kept)

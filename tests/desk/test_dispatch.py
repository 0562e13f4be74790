"""Dispatch: jobs leave once, in order, on their own lanes; trouble is a state, never a second receipt."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from bookwish_desk import dispatch
from bookwish_desk.actions import outgoing
from bookwish_desk.actions.posting import post_drawer, post_label, post_slip
from bookwish_desk.db import tables
from bookwish_desk.dispatch import Dispatch, Door
from bookwish_desk.hardware.model import PAPER_80, Outcome
from bookwish_desk.lanes import Lanes
from bookwish_desk.settings import Settings
from bookwish_desk.shop.device import Device, DeviceState, LabelPrinterSetup
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.label import LabelJob, PriceLabel
from bookwish_desk.shop.slip import Slip, Words
from tests.support.shops import FrozenClock, found_shop, printer


class FakePrinter:
    """A printer and drawer that do what the test says, and remember."""

    name = "fake"
    profile = PAPER_80

    def __init__(self):
        self.outcomes: list[Outcome] = []
        self.sent: list[bytes] = []
        self.kicks = 0
        self.states: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.watch = lambda: ""

    def render(self, slip):
        if slip.ref == "broken":
            raise ValueError("cannot be drawn")
        return (slip.ref + (" COPY" if slip.copy else "")).encode()

    def send(self, data, attempt):
        self.gate.wait(10)
        self.states.append(self.watch())
        self.sent.append(data)
        return self.outcomes.pop(0) if self.outcomes else Outcome("printed", len(data), "Printed.")

    def state(self, deadline):
        return DeviceState("ready", "Ready.")

    def kick(self, deadline):
        self.kicks += 1
        return Outcome("sent", 5, "Opened.")


class FakeLabels(FakePrinter):
    """A label printer."""

    def render(self, job):
        return job.ref.encode()


LABELS = Device("labels", "Labels", "sim:", LabelPrinterSetup(), uses=("labels",))


class World:
    """A shop with a dispatch on fake devices."""

    def __init__(self, folder: Path):
        self.clock = FrozenClock()
        settings = Settings(shop_name="Test Books", devices=(printer(), LABELS))
        self.store, self.actor = found_shop(folder, settings, clock=self.clock)
        self.lanes = Lanes(self.store)
        self.told: list[tuple[str, DeviceState | None, str]] = []
        self.learned: list[tuple[str, str]] = []
        self.dispatch = Dispatch(
            self.lanes, 1, lambda *words: self.told.append(words), lambda *what: self.learned.append(what)
        )
        self.printer, self.labels = FakePrinter(), FakeLabels()

    def equip(self, find=None):
        door = Door("receipt-printer", "paper", self.printer, self.printer.render, self.printer, find)
        labels = Door("labels", "label", self.labels, self.labels.render)
        self.dispatch.equip((door, labels))

    def label(self, ref="L-1"):
        with self.store.write() as tx:
            post_label(tx, LabelJob(PriceLabel("Orlando", "9780156701600"), ref=ref), register=1)
        self.dispatch.wake()

    def post(self, ref="R1-1", copy=False):
        with self.store.write() as tx:
            post_slip(tx, Slip("receipt", ref, (Words("x"),), copy), register=1)
        self.dispatch.wake()

    def kick(self):
        with self.store.write() as tx:
            post_drawer(tx, register=1, ref="R1-1", why="sale")
        self.dispatch.wake()

    def states(self):
        with self.store.read() as conn:
            o = tables.outbox.c
            rows = conn.execute(select(o.ref, o.state).order_by(o.id))
            return [(r.ref, r.state) for r in rows]

    def close(self):
        self.dispatch.close()
        self.printer.gate.set()
        self.labels.gate.set()
        self.lanes.close()
        self.store.close()


@pytest.fixture
def world(tmp_path, qtbot):
    world = World(tmp_path)
    yield world
    world.close()


def test_jobs_go_out_once_and_in_order(world, qtbot):
    world.equip()
    for number in range(5):
        world.post(f"R1-{number}")
    qtbot.waitUntil(lambda: len(world.told) == 5)
    assert world.printer.sent == [f"R1-{n}".encode() for n in range(5)]
    assert [s for _, s in world.states()] == ["printed"] * 5


def test_bytes_and_sending_are_committed_before_the_first_byte(world, qtbot):
    def look():
        with world.store.read() as conn:
            row = conn.execute(select(tables.outbox.c.state, tables.outbox.c.bytes)).one()
        return f"{row.state} {row.bytes.decode()}"

    world.printer.watch = look
    world.equip()
    world.post("R1-7")
    qtbot.waitUntil(lambda: bool(world.told))
    assert world.printer.states == ["sending R1-7"]


def test_nothing_accepted_is_tried_again_by_itself(world, qtbot):
    world.printer.outcomes = [Outcome("failed", 0, "The printer does not answer.")]
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: len(world.told) == 1)
    _device, state, sentence = world.told[0]
    assert (state.condition, sentence) == ("ready", "The printer does not answer."), "asked how it is"
    assert world.states() == [("R1-1", "queued")]
    world.clock.at += 60_000
    world.dispatch.wake()
    qtbot.waitUntil(lambda: len(world.told) == 2)
    assert world.states() == [("R1-1", "printed")]


def test_an_unknown_outcome_waits_for_a_person_and_its_second_print_is_a_copy(world, qtbot):
    world.printer.outcomes = [Outcome("unknown", 100, "The link broke.")]
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: len(world.told) == 1)
    world.clock.at += 60_000
    world.dispatch.wake()
    assert world.states() == [("R1-1", "unknown")]
    (job,) = outgoing.unfinished(world.store, 1)
    outgoing.decide(world.store, world.actor, job.id, "again")
    world.dispatch.wake()
    qtbot.waitUntil(lambda: len(world.told) == 2)
    assert world.printer.sent == [b"R1-1", b"R1-1 COPY"]
    assert outgoing.unfinished(world.store, 1) == ()


def test_what_a_crash_left_sending_is_unknown_and_not_printed(world, qtbot):
    world.post()
    (job,) = outgoing.unfinished(world.store, 1)
    outgoing.begin_sending(world.store, job.id, b"half")
    world.dispatch.recover()
    qtbot.waitUntil(lambda: world.states() == [("R1-1", "unknown")])
    world.equip()
    world.post("R1-2")
    qtbot.waitUntil(lambda: len(world.told) == 1)
    assert world.printer.sent == [b"R1-2"]


def test_a_late_kick_never_opens_the_drawer_and_an_old_receipt_waits(world, qtbot):
    world.kick()
    world.post("R1-old")
    world.clock.at += 16 * 60_000
    world.equip()
    qtbot.waitUntil(lambda: [s for _, s in world.states()] == ["expired", "expired"])
    assert world.printer.kicks == 0
    assert world.printer.sent == []
    assert [j.ref for j in outgoing.unfinished(world.store, 1)] == ["R1-old"]


def test_a_stuck_printer_delays_neither_the_drawer_nor_a_sale(world, qtbot):
    world.printer.gate.clear()
    world.equip()
    world.post()
    world.kick()
    qtbot.waitUntil(lambda: world.printer.kicks == 1)
    done = []
    world.lanes.act(lambda s: outgoing.due(s, 1, "receipt-printer", "mail"), then=lambda _j: done.append(1))
    qtbot.waitUntil(lambda: done == [1])
    world.printer.gate.set()
    qtbot.waitUntil(lambda: ("R1-1", "printed") in world.states())


def test_a_slip_that_cannot_be_drawn_does_not_hold_up_the_next(world, qtbot, caplog):
    world.equip()
    world.post("broken")
    world.post("R1-2")
    qtbot.waitUntil(lambda: world.states() == [("broken", "failed"), ("R1-2", "printed")])


def test_payloads_survive_the_outbox(world):
    slip = Slip("receipt", "R1-3", (Words("Łódź 東京"),))
    with world.store.write() as tx:
        post_slip(tx, slip, register=1)
    (job,) = outgoing.unfinished(world.store, 1)
    assert outgoing.slip_of(job) == slip
    assert msgspec.json.decode(job.payload)["ref"] == "R1-3"


def test_a_device_that_breaks_unexpectedly_holds_up_nothing(world, qtbot, caplog):
    def send(data, attempt):
        if data == b"R1-1":
            raise RuntimeError("a fault nobody thought of")
        return Outcome("printed", len(data), "Printed.")

    world.printer.send = send
    world.equip()
    world.post("R1-1")
    world.post("R1-2")
    qtbot.waitUntil(lambda: world.states() == [("R1-1", "unknown"), ("R1-2", "printed")])
    assert ("receipt-printer", None, dispatch.BUG) in world.told
    (job,) = outgoing.unfinished(world.store, 1)
    assert "a fault nobody" not in job.status, "what a program says is for the log"


def test_printing_goes_on_after_the_books_could_not_be_written(world, qtbot, monkeypatch):
    due, faults = outgoing.due, [StorageError("disk_full", "The disk is full.")]

    def full(*asked):
        if faults:
            raise faults.pop()
        return due(*asked)

    monkeypatch.setattr(outgoing, "due", full)
    monkeypatch.setattr(dispatch, "PAUSE_MS", 1)
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: world.states() == [("R1-1", "printed")])


def test_what_was_queued_in_a_future_that_was_none_waits_for_a_person(world, qtbot):
    """The clock ran two hours ahead when the drawer was to open, and was set right before it did."""
    world.clock.at += 2 * 3_600_000
    world.kick()
    world.post("R1-ahead")
    world.clock.at -= 2 * 3_600_000
    world.equip()
    qtbot.waitUntil(lambda: [s for _, s in world.states()] == ["expired", "expired"])
    world.clock.at += 2 * 3_600_000
    world.dispatch.wake()
    world.post("R1-now")
    qtbot.waitUntil(lambda: ("R1-now", "printed") in world.states())
    assert world.printer.kicks == 0
    assert world.printer.sent == [b"R1-now"]


def test_of_all_alarms_set_for_a_dead_printer_only_the_latest_rings(world, monkeypatch):
    alarms, rung = [], []
    monkeypatch.setattr(world.lanes, "later", lambda ms, call: alarms.append(call))
    world.equip()
    monkeypatch.setattr(world.dispatch, "_drain", lambda door, channel: rung.append(channel))
    for _ in range(5):
        world.dispatch._drained(("receipt-printer", "paper"), 1_000)
    world.dispatch._drained(("receipt-printer", "drawer"), 1_000)
    for ring in alarms:
        ring()
    assert len(rung) == 2


def test_a_dead_printer_delays_no_other_device(world, qtbot):
    world.printer.gate.clear()
    world.equip()
    world.post()
    world.label()
    qtbot.waitUntil(lambda: ("L-1", "printed") in world.states())
    assert world.dispatch.is_sending("receipt-printer")
    world.printer.gate.set()
    qtbot.waitUntil(lambda: ("R1-1", "printed") in world.states())
    qtbot.waitUntil(lambda: not world.dispatch.is_sending("receipt-printer"))


def test_several_devices_that_are_woken_while_at_work_come_to_rest(world, qtbot, monkeypatch):
    drained = []
    send_all = Dispatch._send_all

    def counted(self, door, channel):
        drained.append((door.device, channel))
        return send_all(self, door, channel)

    monkeypatch.setattr(Dispatch, "_send_all", counted)
    world.equip()
    world.dispatch.wake()
    qtbot.waitUntil(lambda: not world.dispatch._busy)
    once = {("receipt-printer", "drawer"), ("receipt-printer", "paper"), ("labels", "label")}
    assert sorted(drained) == sorted([*once, *once])


def test_labels_do_not_expire(world, qtbot):
    world.label("L-old")
    world.post("R1-old")
    world.clock.at += 14 * 24 * 3_600_000
    world.equip()
    qtbot.waitUntil(lambda: world.states() == [("L-old", "printed"), ("R1-old", "expired")])


def test_a_device_that_is_back_gets_at_once_what_waited_for_it(world, qtbot):
    world.printer.outcomes = [Outcome("failed", 0, "The printer is out of paper.")]
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: len(world.told) == 1)
    world.dispatch.retry("receipt-printer")
    qtbot.waitUntil(lambda: world.states() == [("R1-1", "printed")])


def test_how_a_device_is_reaches_home_while_a_job_still_waits_for_it(world, qtbot):
    out = DeviceState("paper_out", "Paper out. Put in a new roll.")
    goes_on = threading.Event()

    def send(data, attempt):
        attempt.told(out)
        assert goes_on.wait(10)
        return Outcome("printed", len(data), "Printed.")

    world.printer.send = send
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: world.told == [("receipt-printer", out, "")])
    assert world.states() == [("R1-1", "sending")]
    goes_on.set()
    qtbot.waitUntil(lambda: world.states() == [("R1-1", "printed")])
    qtbot.waitUntil(lambda: world.told[-1] == ("receipt-printer", DeviceState("ready", ""), ""))


def test_a_job_that_waits_for_paper_is_given_up_when_the_desk_closes(world, qtbot):
    waits = threading.Event()

    def send(data, attempt):
        waits.set()
        while not attempt.stopped():
            threading.Event().wait(0.005)
        return Outcome("unknown", len(data), "The desk was closed while the printer waited for paper.")

    world.printer.send = send
    world.equip()
    world.post()
    qtbot.waitUntil(waits.is_set)
    world.dispatch.close()
    qtbot.waitUntil(lambda: world.states() == [("R1-1", "unknown")])


def test_a_receipt_is_waited_for_as_long_as_it_lives(world, qtbot):
    attempts = []

    def send(data, attempt):
        attempts.append(attempt)
        return Outcome("printed", len(data), "Printed.")

    world.printer.send = world.labels.send = send
    world.equip()
    world.post()
    world.label()
    qtbot.waitUntil(lambda: len(attempts) == 2)
    waits = sorted(round(a.patience - a.deadline + dispatch.PRINT_SECONDS) for a in attempts)
    assert waits == [15 * 60, dispatch.PATIENCE_SECONDS]
    (job,) = {a.title for a in attempts if isinstance(a.slip, Slip)}
    with world.store.read() as conn:
        assert conn.execute(select(tables.outbox.c.ref).where(tables.outbox.c.id == job)).scalar() == "R1-1"


@pytest.mark.parametrize(
    ("knows", "state"),
    [
        (lambda _title: Outcome("sent", 0, "The system's queue has it."), "sent"),
        (lambda _title: None, "unknown"),
        (None, "unknown"),
    ],
    ids=["the spooler has it", "the spooler does not know it", "no spooler"],
)
def test_a_spooler_is_asked_what_became_of_a_job_and_nothing_is_printed_again(world, qtbot, knows, state):
    asked = []

    def find(title):
        asked.append(title)
        return knows(title)

    world.post()
    (job,) = outgoing.unfinished(world.store, 1)
    outgoing.begin_sending(world.store, job.id, b"half")
    world.equip(find if knows else None)
    world.dispatch.recover()
    qtbot.waitUntil(lambda: world.states() == [("R1-1", state)])
    world.label()
    qtbot.waitUntil(lambda: ("L-1", "printed") in world.states())
    qtbot.waitUntil(lambda: asked == ([job.id] if knows else []))
    assert world.printer.sent == []


def test_how_a_printer_confirms_is_remembered(world, qtbot):
    world.printer.learned = "status"
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: world.learned == [("receipt-printer", "status")])


def test_a_drawer_that_stays_shut_is_said_and_the_printer_is_no_worse_for_it(world, qtbot):
    world.printer.kick = lambda deadline: Outcome("failed", 5, "The drawer did not open.")
    world.equip()
    world.kick()
    qtbot.waitUntil(lambda: world.told == [("receipt-printer", None, "The drawer did not open.")])
    assert [s for _, s in world.states()] == ["failed"]


def test_nothing_is_sent_to_a_device_that_was_taken_away(world, qtbot):
    world.printer.outcomes = [Outcome("failed", 0, "The printer does not answer.")]
    world.equip()
    world.post()
    qtbot.waitUntil(lambda: len(world.told) == 1)
    world.dispatch.equip(())
    world.dispatch.retry("receipt-printer")
    world.label()
    done = []
    world.lanes.act(lambda s: outgoing.due(s, 1, "x", "mail"), then=lambda _j: done.append(1))
    qtbot.waitUntil(lambda: done == [1])
    assert len(world.printer.sent) == 1
    assert world.labels.sent == []


@pytest.mark.parametrize(("condition", "wait"), [("ready", 1_000), ("unreachable", 10_000)])
def test_what_was_mended_while_a_job_was_tried_is_not_left_waiting(world, qtbot, condition, wait):
    world.printer.state = lambda deadline: DeviceState(condition, "")
    world.printer.outcomes = [Outcome("failed", 0, "The printer is out of paper.")] * 4
    world.equip()
    world.post()
    for tries in range(1, 5):
        qtbot.waitUntil(lambda n=tries: len(world.told) == n)
        if tries < 4:
            world.dispatch.retry("receipt-printer")
    with world.store.read() as conn:
        row = conn.execute(select(tables.outbox.c.next_try_at, tables.outbox.c.attempts)).one()
    assert row.attempts == 4
    assert abs(row.next_try_at - world.clock.at - wait) < 500


def test_what_waits_behind_a_receipt_that_is_tried_again_does_not_come_out_before_it(world, qtbot):
    world.printer.gate.clear()
    world.printer.outcomes = [Outcome("failed", 0, "The paper is out.")]
    world.equip()
    world.post("R1-1")
    world.post("R1-2")
    world.printer.gate.set()
    qtbot.waitUntil(lambda: bool(world.told) and not world.dispatch.is_sending("receipt-printer"))
    assert world.states() == [("R1-1", "queued"), ("R1-2", "queued")]
    world.clock.at += 60_000
    world.dispatch.wake()
    qtbot.waitUntil(lambda: [s for _, s in world.states()] == ["printed", "printed"])
    assert world.printer.sent == [b"R1-1", b"R1-1", b"R1-2"]

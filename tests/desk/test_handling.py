"""Handling: what the device screen asks of devices comes home from their lanes, and can be ended."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from bookwish_desk import handling
from bookwish_desk.attached import Attached
from bookwish_desk.handling import Handling
from bookwish_desk.hardware.finding import discovery, network
from bookwish_desk.hardware.model import Weight
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.device import Device, DeviceState, ReceiptPrinterSetup, ScaleSetup
from bookwish_desk.shop.errors import DeviceError, ShopError
from bookwish_desk.shop.found import Found, Search

SCALE = Device("scale", "Scale", "hid:0922:8003:", ScaleSetup())
EPSON = Found("usb:04b8:0e28:X1", "receipt_printer", "EPSON", "", ReceiptPrinterSetup())


class FakeTending:
    """What is known of devices, and who was asked."""

    def __init__(self):
        self.states: Mapping[str, DeviceState] = {"scale": DeviceState("ready", "")}
        self.asked: list[str] = []

    def ask(self, device):
        self.asked.append(device)


class FakeScale:
    """A scale on which lies what the test wants."""

    says: Weight | DeviceError = Weight(612, stable=True)

    def read(self, deadline):
        assert threading.current_thread() is not threading.main_thread()
        if isinstance(self.says, DeviceError):
            raise self.says
        return self.says


class World:
    """The device screen's way to devices which are not there."""

    def __init__(self):
        self.lanes = Lanes()
        self.tending, self.scale = FakeTending(), FakeScale()
        self.shown: list[str] = []
        self.handling = Handling(self.lanes, self.tending, lambda _device: self.scale, self._show)

    def _show(self, device, then):
        self.shown.append(device.id)
        then(DeviceState("ready", ""))


@pytest.fixture
def world(qtbot):
    world = World()
    yield world
    world.lanes.close()


def test_states_are_those_that_are_tended_and_a_change_is_told(world):
    heard = []
    world.handling.on_state(lambda: heard.append(1))
    world.handling.turned()
    world.handling.check("scale")
    assert (world.handling.states, heard, world.tending.asked) == (world.tending.states, [1], ["scale"])


def test_it_looks_again_and_again_until_it_is_told_to_stop(world, qtbot, monkeypatch):
    looks, seen = [], []

    def find(stopped):
        looks.append(stopped)
        return Search((EPSON,) * len(looks))

    monkeypatch.setattr(discovery, "find", find)
    monkeypatch.setattr(handling, "LOOK_SECONDS", 0)
    stop = world.handling.look(lambda search, whole: seen.append((len(search.found), whole)))
    qtbot.waitUntil(lambda: len(seen) >= 2)
    stop()
    assert seen[:2] == [(1, True), (2, True)]
    assert looks[-1]()
    told = len(seen)
    done: list[int] = []
    world.lanes.work(lambda: 1, then=done.append, lane="discovery")
    qtbot.waitUntil(lambda: done == [1])
    assert len(seen) == told, "nobody waits for it any more"


def test_an_address_is_asked_what_is_there(world, qtbot, monkeypatch):
    def look_at(typed, deadline):
        if typed == "nobody":
            raise DeviceError("printer.unreachable", "Nothing answers there.")
        return EPSON

    monkeypatch.setattr(network, "look_at", look_at)
    found: list[Found] = []
    refused: list[str] = []
    world.handling.look_up("10.0.0.9", found.append, lambda error: refused.append(error.message))
    world.handling.look_up("nobody", found.append, lambda error: refused.append(error.message))
    qtbot.waitUntil(lambda: found == [EPSON] and refused == ["Nothing answers there."])


def test_a_weight_comes_home_and_so_does_the_reason_why_there_is_none(world, qtbot):
    weights: list[Weight] = []
    refused: list[str] = []
    world.handling.weigh(SCALE, weights.append, lambda error: refused.append(error.code))
    qtbot.waitUntil(lambda: weights == [Weight(612, stable=True)])
    world.scale.says = DeviceError("scale.unplugged", "The scale is not there.")
    world.handling.weigh(SCALE, weights.append, lambda error: refused.append(error.code))
    qtbot.waitUntil(lambda: refused == ["scale.unplugged"])


def test_a_test_is_shown_on_a_display(world):
    states: list[DeviceState] = []
    world.handling.show_test(SCALE, states.append)
    assert (world.shown, [s.condition for s in states]) == (["scale"], ["ready"])


def test_a_scale_that_this_register_does_not_use_is_no_bug(world, qtbot):
    nothing: Any = None
    attached = Attached(nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    handling = Handling(world.lanes, world.tending, attached._scale, world._show)
    failures: list[ShopError] = []
    handling.weigh(SCALE, lambda _weight: None, failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert "not in use" in failures[0].message

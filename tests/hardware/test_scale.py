"""Only a stable weight is a weight, in whole grams; anything else is said in a sentence."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.model import Weight
from bookwish_desk.hardware.scanning import scale as scales
from bookwish_desk.hardware.scanning.scale import (
    MOST_GRAMS,
    HidScale,
    SimulatedScale,
    open_scale,
    read_weight,
)
from bookwish_desk.shop.address import Hid
from bookwish_desk.shop.device import Device, ReceiptPrinterSetup, ScaleSetup
from bookwish_desk.shop.errors import DeviceError, Refused

SOON = 20.0
GRAM, KILOGRAM, OUNCE, POUND = 2, 3, 11, 12


def report(value: int, unit: int = GRAM, power: int = 0, status: int = 4) -> bytes:
    """Return a data report as scales send it."""
    return struct.pack("<BBBbH", 3, status, unit, power, value)


@pytest.mark.parametrize(
    ("data", "grams"),
    [
        (report(20), 20),
        (report(0), 0),
        (report(6452, OUNCE, -1), 18_291),  # 40 lb 5.2 oz, as a Dymo M25 shows it
        (report(1, OUNCE), 28),
        (report(5, OUNCE, -1), 14),
        (report(53, OUNCE, -2), 15),
        (report(1234, KILOGRAM, -3), 1_234),
        (report(2, KILOGRAM), 2_000),
        (report(1, POUND), 454),
        (report(25, POUND, -1), 1_134),
        (report(65535), 65_535),
        (report(5, GRAM, -1), 1),  # half a gram is one
        (report(4, GRAM, -1), 0),
        (report(499, 1), 0),  # milligrams
        (report(500, 1), 1),
        (report(3, GRAM, 2), 300),
        (report(20) + b"\0\0", 20),
    ],
)
def test_a_stable_weight_is_whole_grams(data: bytes, grams: int) -> None:
    assert read_weight(data) == Weight(grams, stable=True)


@pytest.mark.parametrize(
    ("status", "word"),
    [(1, "fault"), (5, "less than zero"), (6, "too heavy"), (7, "calibrated"), (8, "zero button")],
)
def test_what_keeps_a_scale_from_weighing_is_said(status: int, word: str) -> None:
    weight = read_weight(report(20, status=status))
    assert (weight.grams, weight.stable) == (0, False)
    assert word in weight.fault


@pytest.mark.parametrize("status", [2, 3])
def test_empty_or_moving_is_no_weight_and_no_fault(status: int) -> None:
    assert read_weight(report(20, status=status)) == Weight()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        report(20)[:5],
        b"\1" + report(20)[1:],
        report(20, status=0),
        report(20, status=9),
        report(20, unit=0),
        report(20, unit=4),  # carats
        report(20, power=100),
        report(20, power=-100),
        report(65535, KILOGRAM, 3),
    ],
)
def test_rubbish_is_no_weight(data: bytes) -> None:
    weight = read_weight(data)
    assert not weight.stable and weight.grams == 0 and "no sense" in weight.fault


@given(st.binary(max_size=12))
def test_any_report_is_a_bounded_weight_or_none(data: bytes) -> None:
    weight = read_weight(b"\3\4" + data)
    assert 0 <= weight.grams <= MOST_GRAMS
    assert weight.stable == (weight.fault == "")


# ---- a scale on the cable ----


class Cable:
    """Stands in for an open HID device that sends `reports` and then nothing, or is gone."""

    def __init__(self, reports: list[bytes], gone: bool = False) -> None:
        self.reports = reports
        self.gone = gone
        self.closed = False

    def read(self, max_length: int, timeout_ms: int = 0) -> Sequence[int]:
        if self.reports:
            return list(self.reports.pop(0))
        if self.gone:
            raise OSError("read error")
        return []

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def cable(monkeypatch: pytest.MonkeyPatch) -> Cable:
    made = Cable([])
    monkeypatch.setattr(scales, "open_hid", lambda *_words: made)
    return made


def weigh(seconds: float = SOON) -> Weight:
    return HidScale(Hid(0x0922, 0x8003)).read(time.monotonic() + seconds)


def test_the_first_stable_weight_is_taken(cable: Cable) -> None:
    cable.reports = [report(0, status=2), report(7, status=3), b"\1\2", report(350), report(351)]
    assert weigh() == Weight(350, stable=True)
    assert cable.closed


def test_at_the_deadline_it_says_what_the_scale_says(cable: Cable) -> None:
    cable.reports = [report(7, status=3), report(7, status=6)]
    assert "too heavy" in weigh(0.05).fault
    cable.reports = [report(7, status=6), report(7, status=3)]
    assert weigh(0.05) == Weight()
    assert "says nothing" in weigh(0.05).fault
    assert "says nothing" in weigh(-1).fault


def test_a_scale_that_is_pulled_is_unplugged(cable: Cable) -> None:
    cable.gone = True
    with pytest.raises(DeviceError) as gone:
        weigh()
    assert gone.value.code == "scale.unplugged"
    assert cable.closed


# ---- which scale ----


def device(address: str) -> Device:
    return Device("scale-1", "Scale", address, ScaleSetup())


def test_an_address_says_which_scale_it_is(tmp_path: Path) -> None:
    assert isinstance(open_scale(device("hid:0922:8003:"), tmp_path), HidScale)
    assert isinstance(open_scale(device("sim:"), tmp_path), SimulatedScale)
    for address in ("serial:COM3", "tcp:scale.local", "nonsense"):
        with pytest.raises(Refused):
            open_scale(device(address), tmp_path)
    with pytest.raises(Refused):
        open_scale(Device("p", "P", "sim:", ReceiptPrinterSetup()), tmp_path)


# ---- the simulated one ----


def test_a_simulated_scale_shows_what_is_laid_on_it(tmp_path: Path) -> None:
    scale = SimulatedScale(tmp_path / "devices" / "scale-1")
    assert scale.read(time.monotonic()) == Weight()
    scale.lay(420)
    assert scale.read(time.monotonic() + SOON) == Weight(420, stable=True)
    scale.move()
    assert scale.read(time.monotonic()) == Weight()
    scale.fail("This is too heavy for the scale. Take it off.")
    assert "too heavy" in scale.read(time.monotonic()).fault
    scale.unplug()
    with pytest.raises(DeviceError) as gone:
        scale.read(time.monotonic() + SOON)
    assert gone.value.code == "scale.unplugged"
    scale.lay(1)
    assert scale.read(time.monotonic() + SOON).grams == 1
    log = (tmp_path / "devices" / "scale-1" / "readings.log").read_text("utf-8").splitlines()
    assert log == [
        "not still",
        "420 g",
        "not still",
        "This is too heavy for the scale. Take it off.",
        "1 g",
    ]


def test_a_weighing_waits_for_rest(tmp_path: Path) -> None:
    scale = SimulatedScale(tmp_path)
    found: list[Weight] = []
    weighing = threading.Thread(target=lambda: found.append(scale.read(time.monotonic() + 600)))
    weighing.start()
    scale.lay(12)
    weighing.join(SOON)
    assert found == [Weight(12, stable=True)]


def test_a_full_disk_is_a_fault_in_words(tmp_path: Path) -> None:
    (tmp_path / "devices").write_bytes(b"")  # no folder can be made there
    simulated = SimulatedScale(tmp_path / "devices" / "scale")
    simulated.lay(200)
    with pytest.raises(DeviceError, match="disk"):
        simulated.read(time.monotonic() + 5)

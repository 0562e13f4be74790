"""Scanners and scales that the real hidapi sees: found, read, pulled out, plugged in elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.hardware.scanning.scale import open_scale
from bookwish_desk.hardware.scanning.scanners import open_scanner
from bookwish_desk.shop.device import Device, DeviceState, ScaleSetup, ScannerSetup
from bookwish_desk.shop.errors import DeviceError
from tests.hardware.hands import UsbBed, usb_bed

SCALE = "hid:0922:8003:H123"
HERE = "tests.hardware.test_hid_bed:"
SECONDS = 60


# ---- what the hand does, in its own process ----

HEARD: list[str] = []


def scans(address: str, count: int, seconds: float = SECONDS) -> list[str]:
    """Open a scanner and return the next scans."""
    scanner = open_scanner(Device("s", "S", address, ScannerSetup()))
    until = time.monotonic() + seconds
    scanner.open(until)
    try:
        for _ in range(count):
            HEARD.append(scanner.read(until) or "")
        return HEARD
    finally:
        scanner.close()


def weigh(address: str, seconds: float = SECONDS) -> dict[str, object]:
    """Return what a scale says."""
    weight = open_scale(Device("w", "W", address, ScaleSetup()), Path()).read(time.monotonic() + seconds)
    return {"grams": weight.grams, "stable": weight.stable, "fault": weight.fault}


def listen(addresses: list[str], scans: int, seconds: float = SECONDS) -> list[list[str]]:
    """Listen to scanners until so many scans have come; return the scans and what was told."""
    from bookwish_desk.listening import Listening

    told: list[str] = []
    enough = threading.Event()

    class Home:
        def home(self, call: object) -> None:
            call()  # type: ignore[operator]

    def hear(scan: str) -> None:
        HEARD.append(scan)
        if len(HEARD) == scans:
            enough.set()

    def tell(id: str, state: DeviceState) -> None:
        told.append(f"{id} {state.condition}")

    ears = Listening(Home(), hear, tell)
    ears.equip([Device(f"s{n}", "S", address, ScannerSetup()) for n, address in enumerate(addresses)])
    until = time.monotonic() + seconds
    while not enough.wait(0.2) and time.monotonic() < until:
        ears.wake()
    ears.close()
    return [HEARD, told]


def heard() -> int:
    """Return how many scans were read until now."""
    return len(HEARD)


# ---- the tests ----


@pytest.fixture
def bed() -> Iterator[UsbBed]:
    with usb_bed() as made:
        yield made


@pytest.mark.capability("BW+01")
def test_a_scanner_is_found_and_read(bed: UsbBed) -> None:
    bed.order("plug", kind="scanner")
    reading = bed.hand.begin(f"{HERE}scans", address="hid:0c2e:0b61:H123", count=3)
    bed.order("scan", name="scanner", text="9780306406157", aim="]E0")
    bed.order("scan", name="scanner", text="978030640615751699", aim="]E3")
    link = "https://example.org/01/09780306406157?" + "a" * 100
    bed.order("scan", name="scanner", text=link, aim="]Q1")
    assert reading.result(SECONDS) == ["]E09780306406157", "]E3978030640615751699", "]Q1" + link]


def test_rubbish_breaks_nothing(bed: UsbBed) -> None:
    bed.order("plug", kind="scanner")
    reading = bed.hand.begin(f"{HERE}scans", address="hid:0c2e:0b61:", count=1)
    for rubbish in ("02ff", "0299" + "41" * 62, "0705", "02"):
        bed.order("report", name="scanner", hex=rubbish)
    bed.order("scan", name="scanner", text="9780306406157", aim="]E0")
    assert reading.result(SECONDS) == ["]E09780306406157"]


def test_a_scanner_that_is_pulled_out_is_unplugged(bed: UsbBed) -> None:
    with pytest.raises(DeviceError) as missing:
        bed.hand.call(f"{HERE}scans", address="hid:0c2e:0b61:H123", count=1)
    assert missing.value.code == "scanner.unplugged"
    bed.order("plug", kind="scanner")
    reading = bed.hand.begin(f"{HERE}scans", address="hid:0c2e:0b61:H123", count=2)
    bed.order("scan", name="scanner", text="9780306406157", aim="]E0")
    until = time.monotonic() + SECONDS
    while not bed.hand.call(f"{HERE}heard"):
        assert time.monotonic() < until
    bed.order("unplug", name="scanner")
    with pytest.raises(DeviceError) as gone:
        reading.result(SECONDS)
    assert gone.value.code == "scanner.unplugged"


def test_a_scale_is_no_scanner(bed: UsbBed) -> None:
    bed.order("plug", kind="scale", vendor=0x0C2E, product=0x0B61)
    with pytest.raises(DeviceError) as wrong:
        bed.hand.call(f"{HERE}scans", address="hid:0c2e:0b61:H123", count=1)
    assert wrong.value.code == "scanner.error"
    assert "another mode" in wrong.value.message


@pytest.mark.capability("BW+01")
def test_two_scanners_are_listened_to_through_twenty_unpluggings(bed: UsbBed) -> None:
    bed.order("plug", kind="scanner", name="counter", serial="A", port="1-2")
    bed.order("plug", kind="scanner", name="desk", serial="B", port="1-4")
    turns = 20
    ears = bed.hand.begin(
        f"{HERE}listen", addresses=["hid:0c2e:0b61:A", "hid:0c2e:0b61:B"], scans=2 * turns + 2
    )
    sent = 0

    def scan(name: str, text: str) -> None:
        """Scan until it is heard: a scanner that was just plugged in is not listened to at once."""
        nonlocal sent
        until = time.monotonic() + SECONDS
        bed.order("scan", name=name, text=text, aim="]E0")
        while bed.hand.call(f"{HERE}heard") == sent:
            assert time.monotonic() < until, f"{text} was not heard"
        sent += 1

    scan("counter", "counter at first")
    scan("desk", "desk at first")
    for turn in range(turns):
        bed.order("unplug", name="desk")
        scan("counter", f"counter {turn}")
        bed.order("plug", kind="scanner", name="desk", serial="B", port=f"1-{5 + turn}")
        scan("desk", f"desk {turn}")
    heard_scans, told = ears.result(SECONDS)
    assert len(heard_scans) == 2 * turns + 2
    assert [s for s in heard_scans if "counter" in s] == [
        "]E0counter at first",
        *[f"]E0counter {turn}" for turn in range(turns)],
    ]
    assert [t for t in told if t.startswith("s0")] == ["s0 ready"]
    assert [t for t in told if t.startswith("s1")] == ["s1 ready", *["s1 unplugged", "s1 ready"] * turns]


# ---- scale ----


def test_a_scale_is_read_when_it_is_still(bed: UsbBed) -> None:
    bed.order("plug", kind="scale")
    weighing = bed.hand.begin(f"{HERE}weigh", address=SCALE)
    bed.order("weigh", name="scale", status=3, unit=11, exponent=-1, value=99)
    bed.order("weigh", name="scale", status=4, unit=11, exponent=-1, value=123)
    assert weighing.result(SECONDS) == {"grams": 349, "stable": True, "fault": ""}


def test_a_scale_that_cannot_weigh_says_why(bed: UsbBed) -> None:
    bed.order("plug", kind="scale")
    weighing = bed.hand.begin(f"{HERE}weigh", address=SCALE, seconds=3)
    bed.order("weigh", name="scale", status=6, unit=2, exponent=0, value=0)
    assert "too heavy" in weighing.result(SECONDS)["fault"]
    bed.order("unplug", name="scale")
    with pytest.raises(DeviceError) as gone:
        bed.hand.call(f"{HERE}weigh", address=SCALE)
    assert gone.value.code == "scale.unplugged"

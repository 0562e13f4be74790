"""What is said to Windows' spooler, against one made up from its documentation; no Windows is here."""

from __future__ import annotations

import ctypes
import time
from typing import Any

import pytest

from bookwish_desk.hardware.links import winspool
from bookwish_desk.shop.errors import DeviceError


class Spooler:
    """The functions of winspool.drv that are used; each write takes `takes` bytes, all of them `most`."""

    def __init__(self) -> None:
        self.status = self.attributes = 0
        self.takes: int | None = None
        self.most = 1_000_000
        self.jobs: list[str] = []
        self.said: list[str] = []
        self.data = b""
        self.kept: Any = None  # what holds the texts that were handed out

    def OpenPrinterW(self, name: str, handle: Any, defaults: None) -> int:
        self.said.append("open")
        return int(name == "Zebra")

    def ClosePrinter(self, handle: Any) -> int:
        self.said.append("close")
        return 1

    def GetPrinterW(self, handle: Any, level: int, room: Any, size: Any, needed: Any) -> int:
        needed._obj.value = ctypes.sizeof(winspool._PrinterInfo2)
        if room is None:
            return 0
        info = winspool._PrinterInfo2.from_buffer(room)
        info.Status, info.Attributes = self.status, self.attributes
        return 1

    def StartDocPrinterW(self, handle: Any, level: int, document: Any) -> int:
        self.said.append(f"start {document._obj.pDocName} {document._obj.pDatatype}")
        return 1

    def WritePrinter(self, handle: Any, data: bytes, size: int, written: Any) -> int:
        part = data[: min(size, self.takes or size, self.most - len(self.data))]
        self.data += part
        written._obj.value = len(part)
        return 1

    def EndDocPrinter(self, handle: Any) -> int:
        self.said.append("end")
        return 1

    def AbortPrinter(self, handle: Any) -> int:
        self.said.append("abort")
        return 1

    def EnumJobsW(
        self, handle: Any, first: int, most: int, level: int, room: Any, size: Any, needed: Any, count: Any
    ) -> int:
        needed._obj.value = ctypes.sizeof(winspool._JobInfo1) * len(self.jobs)
        if room is None:
            return 0
        self.kept = kept = (winspool._JobInfo1 * len(self.jobs)).from_buffer(room)
        for job, title in zip(kept, self.jobs, strict=True):
            job.pDocument = title
        count._obj.value = len(self.jobs)
        return 1

    def EnumPrintersW(
        self, which: int, name: None, level: int, room: Any, size: Any, needed: Any, count: Any
    ) -> int:
        needed._obj.value = ctypes.sizeof(winspool._PrinterInfo2)
        if room is None:
            return 0
        info = winspool._PrinterInfo2.from_buffer(room)
        self.kept = info
        info.pPrinterName, info.pDriverName = "Zebra", "ZDesigner ZD421"
        count._obj.value = 1
        return 1


@pytest.fixture
def spooler(monkeypatch: pytest.MonkeyPatch) -> Spooler:
    made = Spooler()
    monkeypatch.setattr(winspool, "_spooler", lambda: made)
    return made


def soon() -> float:
    return time.monotonic() + 10


def test_a_job_goes_in_raw_under_its_title_and_whole(spooler: Spooler) -> None:
    spooler.takes = 3
    link = winspool.WindowsTransport("Zebra").open(soon(), "label-7")
    assert link.write(b"^XA^XZ", soon()) == 6
    assert link.write(b"\n", soon()) == 1
    assert link.settle(soon()) == 0
    assert link.read(1, soon()) == b""
    link.close(soon())
    assert spooler.data == b"^XA^XZ\n"
    assert [word for word in spooler.said if word not in ("open", "close")] == ["start label-7 RAW", "end"]
    assert spooler.said.count("open") == spooler.said.count("close")


def test_a_job_that_is_not_taken_whole_is_aborted_and_unknown(spooler: Spooler) -> None:
    spooler.most = 4
    link = winspool.WindowsTransport("Zebra").open(soon())
    link.write(b"^XA^XZ", soon())
    assert link.settle(soon()) > 0
    assert "abort" in spooler.said
    assert "end" not in spooler.said


def test_a_job_of_which_nothing_is_taken_can_be_sent_again(spooler: Spooler) -> None:
    spooler.most = 0
    link = winspool.WindowsTransport("Zebra").open(soon())
    link.write(b"^XA^XZ", soon())
    with pytest.raises(DeviceError) as refused:
        link.settle(soon())
    assert refused.value.facts["accepted"] == 0


@pytest.mark.parametrize(
    ("status", "attributes", "condition"),
    [
        (0, 0, "unknown"),
        (0x10, 0, "paper_out"),
        (0x8, 0, "error"),
        (0x400000, 0, "cover_open"),
        (0x1, 0, "paused"),
        (0x80, 0, "offline"),
        (0, 0x400, "offline"),
    ],
)
def test_a_printer_is_asked_how_it_is_before_it_gets_a_job(
    spooler: Spooler, status: int, attributes: int, condition: str
) -> None:
    spooler.status, spooler.attributes = status, attributes
    assert winspool.state("Zebra").condition == condition
    if condition != "unknown":
        with pytest.raises(DeviceError) as refused:
            winspool.WindowsTransport("Zebra").open(soon())
        assert refused.value.facts["condition"] == condition


def test_jobs_and_printers_are_found(spooler: Spooler) -> None:
    spooler.jobs = ["R-1", "R-2"]
    assert winspool.find_job("Zebra", "R-2") == "waiting"
    assert winspool.find_job("Zebra", "R-3") == "gone"
    assert winspool.find_job("nobody", "R-1") is None
    assert winspool.state("nobody").condition == "error"
    assert [(queue.name, queue.model) for queue in winspool.queues()] == [("Zebra", "ZDesigner ZD421")]

"""From devices to drivers, and those that exist as files only."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.hardware.model import PAPER_80, Outcome
from bookwish_desk.hardware.receipts import delivery, open_drawer, open_receipt_printer, profile_of
from bookwish_desk.hardware.receipts.escpos import kick_pulse, render
from bookwish_desk.hardware.receipts.printer import EscPosPrinter
from bookwish_desk.hardware.receipts.simulated import SimulatedDrawer, SimulatedPrinter
from bookwish_desk.hardware.simulation import DeviceJob, Trouble
from bookwish_desk.shop.device import Device, DeviceState, LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.slip import Slip, Words
from tests.hardware.decoder import decode
from tests.hardware.printing import by, device, soon
from tests.hardware.slips import latin

# ---- from devices to drivers ----


def test_the_paper_of_a_printer_follows_its_set_up() -> None:
    wide = profile_of(ReceiptPrinterSetup())
    assert (wide.columns, wide.dots, wide.cut, wide.raster_only) == (48, 576, True, False)
    narrow = profile_of(ReceiptPrinterSetup(paper_mm=58, cutter=False, drawer_pin=5, code_page="cp437"))
    assert (narrow.columns, narrow.dots, narrow.cut, narrow.kick_pin) == (32, 384, False, 5)
    assert profile_of(ReceiptPrinterSetup(language="star")).raster_only


def test_only_a_receipt_printer_becomes_one() -> None:
    label = Device("labels", "Labels", "sim:", LabelPrinterSetup())
    with pytest.raises(Refused, match="Labels is no receipt printer"):
        open_receipt_printer(label, Path("unused"))
    with pytest.raises(Refused):
        open_receipt_printer(device("hid:0c2e:0901:"), Path("unused"))


def test_a_slow_line_has_the_time_that_it_needs() -> None:
    class Line:
        def open(self, deadline: float, title: str = "") -> Any:
            raise AssertionError("not opened")

    slow = EscPosPrinter("slow", PAPER_80, Line(), bytes_a_second=960)
    until = slow._deadline(by(20, patience=600), 119_000)
    assert 150 < until - time.monotonic() < 200
    assert slow._deadline(by(20, patience=60), 119_000) - time.monotonic() < 61


# ---- simulated devices ----


def test_jobs_become_files_with_safe_names_and_a_number(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = open_receipt_printer(device(), tmp_path, jobs.append)
    refs = ["R1-000042", "../../x", "", "C:\\aux", "a" * 300, "\x00\x1b東", "."]
    for ref in refs:
        slip = Slip("receipt", ref, (Words("Hello"),))
        assert printer.send(printer.render(slip), by(slip=slip)).state == "printed"
    folder = tmp_path / "devices" / "receipts"
    assert sorted(x.name for x in folder.iterdir()) == [
        "000001-R1-000042.bin",
        "000002-x.bin",
        "000003-receipt.bin",
        "000004-C-aux.bin",
        f"000005-{'a' * 40}.bin",
        "000006-job.bin",
        "000007-job.bin",
    ]
    for job, ref in zip(jobs, refs, strict=True):
        assert isinstance(job.slip, Slip) and job.slip.ref == ref
        assert job.path is not None and job.path.read_bytes() == job.data == printer.render(job.slip)
        assert decode(job.data).lines
        assert stat.S_IMODE(job.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        printer = open_receipt_printer(device(), tmp_path)
        printer.send(b"x\n", by(slip=latin()))
        assert (tmp_path / "devices" / "receipts" / f"{number:06d}-R1-000007.bin").exists()


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "receipts").symlink_to(outside)
    jobs: list[DeviceJob] = []
    printer = open_receipt_printer(device(), tmp_path, jobs.append)
    outcome = printer.send(b"x\n", by(slip=latin()))
    assert (outcome.state, outcome.accepted) == ("failed", 0)
    assert list(outside.iterdir()) == [] and jobs[0].path is None


def test_a_link_in_place_of_a_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    folder = tmp_path / "devices" / "receipts"
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("safe")
    (folder / ".000001-R1-000007.bin.part").symlink_to(victim)
    open_receipt_printer(device(), tmp_path).send(b"x\n", by(slip=latin()))
    assert victim.read_text() == "safe"
    assert (folder / "000001-R1-000007.bin").read_bytes() == b"x\n"


def test_a_folder_that_cannot_be_made_fails_the_job(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text("in the way")
    printer = open_receipt_printer(device(), tmp_path)
    assert printer.send(b"x\n", by(slip=latin())).state == "failed"


def test_a_simulated_printer_goes_on_when_its_paper_is_refilled(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = SimulatedPrinter("r", PAPER_80, tmp_path / "r", jobs.append, confirms="process_id")
    told: list[str] = []

    def runs_out() -> bool:
        """Take the paper away before the first byte of the job."""
        if not told:
            printer.trouble = Trouble(paper_out=True)
        return False

    def hear(state: DeviceState) -> None:
        told.append(state.condition)
        printer.trouble = Trouble()

    data = printer.render(latin())
    outcome = printer.send(data, by(slip=latin(), patience=60, told=hear, stopped=runs_out))
    assert outcome == Outcome("printed", len(data), "Printed.") and told == ["paper_out", "ready"]
    assert [job.data for job in jobs] == [data]


@pytest.mark.parametrize(("slow", "state"), [(0.01, "printed"), (30.0, "unknown")])
def test_a_slow_printer_confirms_in_time_or_not_at_all(tmp_path: Path, slow: float, state: str) -> None:
    printer = SimulatedPrinter("r", PAPER_80, tmp_path / "r", confirms="process_id")
    printer.trouble = Trouble(slow_seconds=slow)
    started = time.monotonic()
    assert printer.send(render(latin(), PAPER_80), by(0.5, slip=latin())).state == state
    assert time.monotonic() - started < 3


def test_a_simulated_drawer_opens_as_a_device_of_its_own(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    drawer = open_drawer(device(), open_receipt_printer(device(), tmp_path), tmp_path, jobs.append)
    assert isinstance(drawer, SimulatedDrawer) and drawer.name == "receipts-drawer"
    assert drawer.kick(soon()) == Outcome("sent", 5, "The drawer was told to open.")
    (job,) = jobs
    assert (job.device, job.kind, job.data, job.slip) == (
        "receipts-drawer",
        "kick",
        kick_pulse(PAPER_80),
        None,
    )
    assert job.path == tmp_path / "devices" / "receipts-drawer" / "000001-kick.bin"
    drawer.trouble = Trouble(offline=True)
    assert drawer.kick(soon()).state == "failed"
    assert [x.outcome.state for x in jobs] == ["sent", "failed"] and jobs[1].path is None


def test_a_simulated_drawer_with_a_sensor_can_be_stuck(tmp_path: Path) -> None:
    setup = device(drawer_sensor=True)
    drawer = open_drawer(setup, open_receipt_printer(setup, tmp_path), tmp_path)
    assert isinstance(drawer, SimulatedDrawer)
    assert drawer.kick(soon()).message == "The drawer is open."
    drawer.trouble = Trouble(drawer_stuck=True)
    assert drawer.kick(soon(0.3)) == Outcome("failed", 5, "The drawer did not open.")


def test_nothing_is_written_before_a_job(tmp_path: Path) -> None:
    assert open_receipt_printer(device(), tmp_path).state(soon()).good
    assert not (tmp_path / "devices").exists()


def test_marks_of_jobs_are_four_characters_and_differ() -> None:
    marks = [
        x for _ in range(50) for job in [delivery.envelop(b"x", "process_id")] for x in (job.began, job.ended)
    ]
    assert len(set(marks)) == 100 and all(len(mark) == 4 for mark in marks)

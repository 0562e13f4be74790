"""What every label printer keeps to, simulated ones and ones on a real network socket alike."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.hardware.labels import SimulatedLabelPrinter, languages, open_label_printer, preview
from bookwish_desk.hardware.labels.languages import SILENT
from bookwish_desk.hardware.labels.printer import RawLabelPrinter, make
from bookwish_desk.hardware.model import Attempt, LabelPrinter, Outcome
from bookwish_desk.hardware.simulation import DeviceJob, Trouble
from bookwish_desk.shop.device import Device, DeviceState, LabelPrinterSetup, ReceiptPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, PriceLabel, ShippingLabel
from tests.hardware.label_engine import LabelEngine, label_engine
from tests.hardware.tcp_printer import closed_port

JOB = LabelJob(PriceLabel("Orlando", "9780156701600", "$16.99", "Virginia Woolf"), 2, "labels-1")
ZPL, TSPL, EPL = (LabelPrinterSetup(language) for language in ("zpl", "tspl", "epl"))
BIG = replace(ZPL, width_mm=101.6, height_mm=152.4, compressed=False)


def soon(seconds: float = 5.0, **more: object) -> Attempt:
    return Attempt(time.monotonic() + seconds, slip=JOB, **more)  # type: ignore[arg-type]


class Bench:
    """A printer under test, its faults by name, and what reached it."""

    def __init__(
        self, printer: LabelPrinter, arrived: Callable[[], bytes], break_it: Callable[..., None]
    ) -> None:
        self.printer = printer
        self.arrived = arrived
        self.break_it = break_it


def simulated(setup: LabelPrinterSetup, folder: Path, stack: ExitStack) -> Bench:
    jobs: list[DeviceJob] = []
    printer = open_label_printer(Device("labels", "Labels", "sim:", setup), folder, jobs.append)
    assert isinstance(printer, SimulatedLabelPrinter)

    def break_it(off: bool = False, **trouble: bool | int | None) -> None:
        printer.trouble = Trouble(offline=off, **trouble)  # type: ignore[arg-type]

    return Bench(printer, lambda: jobs[-1].data if jobs else b"", break_it)


def networked(setup: LabelPrinterSetup, folder: Path, stack: ExitStack) -> Bench:
    engine = stack.enter_context(label_engine())
    printer = open_label_printer(Device("labels", "Labels", f"tcp:127.0.0.1:{engine.port}", setup), folder)

    def break_it(
        off: bool = False,
        paper_out: bool = False,
        cover_open: bool = False,
        mute: bool = False,
        gone_after: int | None = None,
    ) -> None:
        engine.paper_out, engine.head_open, engine.mute = paper_out, cover_open, mute
        engine.reset_after = gone_after
        if off:
            printer._transport._port = closed_port()  # type: ignore[attr-defined]

    return Bench(printer, lambda: engine.taken, break_it)


@pytest.fixture(params=[simulated, networked], ids=["simulated", "network"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[LabelPrinterSetup], Bench]]:
    with ExitStack() as stack:
        yield lambda setup: request.param(setup, tmp_path, stack)


Made = Callable[[LabelPrinterSetup], Bench]


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an answer be waited for briefly, where it is left out on purpose."""
    monkeypatch.setattr(languages, "ANSWER_SECONDS", 0.4)


unanswered = pytest.mark.usefixtures("brief")


@pytest.mark.parametrize("setup", [ZPL, TSPL, EPL], ids=["zpl", "tspl", "epl"])
def test_all_bytes_arrive_and_the_outcome_claims_no_more_than_is_known(
    bench: Made, setup: LabelPrinterSetup
) -> None:
    b = bench(setup)
    data = b.printer.render(JOB)
    assert data == make(JOB, setup) == b.printer.render(JOB)
    outcome = b.printer.send(data, soon())
    assert outcome.accepted == len(data)
    assert outcome.state == ("printed" if setup.language == "zpl" else "sent")
    assert b.arrived() == data
    assert b.printer.state(time.monotonic() + 5).condition == "ready"


def test_one_that_is_not_asked_is_sent_to_and_confirms_nothing(bench: Made) -> None:
    b = bench(replace(ZPL, asks=False))
    data = b.printer.render(JOB)
    outcome = b.printer.send(data, soon())
    assert outcome == Outcome(
        "sent", len(data), "The label printer took the job. It does not confirm printing."
    )
    assert b.arrived() == data
    assert b.printer.state(time.monotonic() + 5).condition == "unknown"


@unanswered
@pytest.mark.parametrize("setup", [ZPL, TSPL, EPL], ids=["zpl", "tspl", "epl"])
@pytest.mark.parametrize(("fault", "condition"), [("paper_out", "paper_out"), ("cover_open", "cover_open")])
def test_one_that_is_not_ready_gets_nothing_and_the_job_can_wait(
    bench: Made, setup: LabelPrinterSetup, fault: str, condition: str
) -> None:
    b = bench(setup)
    b.break_it(**{fault: True})
    told: list[DeviceState] = []
    outcome = b.printer.send(b.printer.render(JOB), soon(told=told.append))
    assert (outcome.state, outcome.accepted, b.arrived()) == ("failed", 0, b"")
    assert [state.condition for state in told] == [condition]
    assert outcome.message == told[0].message == b.printer.state(time.monotonic() + 5).message
    b.break_it()
    assert b.printer.send(b.printer.render(JOB), soon()).state in ("printed", "sent")


@unanswered
def test_silence_of_a_zebra_is_not_ready(bench: Made) -> None:
    b = bench(ZPL)
    b.break_it(mute=True)
    outcome = b.printer.send(b.printer.render(JOB), soon())
    assert outcome == Outcome("failed", 0, SILENT.message)
    assert b.arrived() == b""
    assert b.printer.state(time.monotonic() + 5) == SILENT


@unanswered
@pytest.mark.parametrize("setup", [TSPL, EPL], ids=["tspl", "epl"])
def test_others_that_never_say_how_they_are_print_all_the_same(bench: Made, setup: LabelPrinterSetup) -> None:
    b = bench(setup)
    b.break_it(mute=True)
    data = b.printer.render(JOB)
    assert b.printer.send(data, soon()).state == "sent"
    assert b.arrived() == data
    assert b.printer.state(time.monotonic() + 5).condition == "unknown"


def test_one_that_is_off_fails_at_once_with_nothing_taken(bench: Made) -> None:
    b = bench(ZPL)
    b.break_it(off=True)
    outcome = b.printer.send(b.printer.render(JOB), soon())
    assert (outcome.state, outcome.accepted) == ("failed", 0) and outcome.message.endswith(".")
    state = b.printer.state(time.monotonic() + 5)
    assert (state.condition, state.message) == ("unreachable", outcome.message)


@pytest.mark.parametrize("setup", [BIG, replace(BIG, asks=False), replace(BIG, language="tspl")])
@pytest.mark.parametrize("after", [1, 100, 3_000, 60_000])
def test_a_link_that_breaks_is_unknown_and_the_next_job_frees_the_printer(
    bench: Made, setup: LabelPrinterSetup, after: int
) -> None:
    b = bench(setup)
    b.break_it(gone_after=after)
    data = b.printer.render(JOB) * 40  # more than the buffers between hold
    outcome = b.printer.send(data, soon())
    assert outcome.state == "unknown" and 0 <= outcome.accepted < len(data)
    before = b.arrived()
    assert data.startswith(before) and len(before) == after
    b.break_it()
    small = b.printer.render(JOB)
    assert b.printer.send(small, soon()).state in ("printed", "sent")
    came = b.arrived().removeprefix(before) if b.arrived().startswith(before) else b.arrived()
    assert came.endswith(small) and len(came) > len(small)
    assert came.startswith(b"~JX" if setup.language == "zpl" else b"\xff" * 1000)
    assert b.printer.send(small, soon()).state in ("printed", "sent")
    assert b.arrived().endswith(small + small) or b.arrived() == small  # freed once is enough


def test_a_passed_deadline_sends_nothing(bench: Made) -> None:
    b = bench(ZPL)
    assert b.printer.send(b.printer.render(JOB), soon(-1)).state == "failed"
    assert b.arrived() == b""


def test_jobs_do_not_mix_on_one_printer(bench: Made) -> None:
    b = bench(replace(BIG, asks=False))
    data = b.printer.render(JOB)
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(b.printer.send(data, soon(20)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [x.state for x in outcomes] == ["sent"] * 4
    assert b.arrived() in (data, data * 4)


# ---- while it prints ----


@pytest.fixture
def zebra(tmp_path: Path) -> Iterator[tuple[LabelEngine, LabelPrinter]]:
    with label_engine() as engine:
        yield engine, open_label_printer(Device("z", "Z", f"tcp:127.0.0.1:{engine.port}", ZPL), tmp_path)


def begun(printer: LabelPrinter, attempt: Attempt) -> tuple[threading.Thread, list[Outcome]]:
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(printer.send(printer.render(JOB), attempt)))
    thread.start()
    return thread, outcomes


def test_it_is_printed_when_no_label_is_left_and_not_before(zebra: tuple[LabelEngine, LabelPrinter]) -> None:
    engine, printer = zebra
    engine.labels = 2
    thread, outcomes = begun(printer, soon(20))
    engine.wait_taken(1)
    engine.wait_asked(2)
    assert not outcomes
    assert printer.state(time.monotonic() + 5).condition == "busy"
    engine.labels = 0
    thread.join(timeout=10)
    assert [outcome.state for outcome in outcomes] == ["printed"]


def test_one_that_is_still_at_work_at_the_end_of_the_time_is_sent(
    zebra: tuple[LabelEngine, LabelPrinter],
) -> None:
    engine, printer = zebra
    engine.labels = 9
    outcome = printer.send(printer.render(JOB), soon(1.5))
    assert outcome.state == "sent" and "still at work" in outcome.message


@unanswered
@pytest.mark.parametrize("silent", [False, True])
def test_labels_that_run_out_are_waited_for_with_patience(
    zebra: tuple[LabelEngine, LabelPrinter], silent: bool
) -> None:
    engine, printer = zebra
    engine.labels, engine.silent_in_trouble = 2, silent
    told: list[DeviceState] = []
    attempt = soon(1.0, patience=time.monotonic() + 30, told=told.append)
    thread, outcomes = begun(printer, attempt)
    engine.wait_taken(1)
    engine.paper_out = True
    engine.wait_asked(6)  # long past the deadline
    assert not outcomes
    assert told[-1].condition == ("unreachable" if silent else "paper_out")
    engine.paper_out, engine.labels = False, 0
    thread.join(timeout=10)
    assert [outcome.state for outcome in outcomes] == ["printed"]
    assert [state.condition for state in told][-1] == "ready"


@unanswered
@pytest.mark.parametrize("closing", [False, True], ids=["patience ends", "nobody waits"])
def test_labels_that_never_come_leave_the_job_unknown_and_it_says_why(
    zebra: tuple[LabelEngine, LabelPrinter], closing: bool
) -> None:
    engine, printer = zebra
    engine.labels = 2
    stop = threading.Event()
    attempt = soon(1.0, patience=time.monotonic() + (60 if closing else 2), stopped=stop.is_set)
    thread, outcomes = begun(printer, attempt)
    engine.wait_taken(1)
    engine.paper_out = True
    engine.wait_asked(2)
    if closing:
        stop.set()
    thread.join(timeout=10)
    (outcome,) = outcomes
    assert outcome.state == "unknown" and outcome.accepted == len(printer.render(JOB))
    assert outcome.message.startswith("Labels out.") and outcome.message.endswith("Look at the labels.")


# ---- what it is given ----


def test_a_carriers_own_goes_to_printers_of_its_language_only() -> None:
    own = {
        "zpl": ShippingLabel(b"^XA^FO1,1^FDHI^FS^XZ", "zpl", "W1"),
        "epl": ShippingLabel(b'N\nA1,1,0,1,1,1,N,"HI"\nP1\n', "epl", "W1"),
    }
    for language, label in own.items():
        for setup in (ZPL, TSPL, EPL):
            if setup.language == language:
                assert label.data.strip() in make(LabelJob(label), setup)
            else:
                with pytest.raises(Refused, match=f"does not take {language.upper()}"):
                    make(LabelJob(label), setup)


@pytest.mark.parametrize("copies", [0, -1, 501])
def test_a_number_of_labels_that_nobody_means_is_refused(copies: int) -> None:
    with pytest.raises(Refused, match="1 to 500"):
        make(replace(JOB, copies=copies), ZPL)


@pytest.mark.parametrize(
    "device",
    [
        Device("x", "X", "screen:HDMI-1", ZPL),
        Device("x", "X", "sim:", ReceiptPrinterSetup()),
        Device("x", "X", "tcp:127.0.0.1:9100", replace(ZPL, language="system")),
    ],
)
def test_what_is_no_label_printer_is_refused(device: Device, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        open_label_printer(device, tmp_path)
    assert refused.value.message.endswith(".")


# ---- simulated ----


def test_a_simulated_job_is_a_file_of_its_own_and_is_heard_of(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = open_label_printer(Device("labels", "Labels", "sim:", ZPL), tmp_path, jobs.append)
    data = printer.render(JOB)
    for _ in range(2):
        printer.send(data, soon())
    files = sorted((tmp_path / "devices" / "labels").iterdir())
    assert [file.name for file in files] == ["000001-labels-1.bin", "000002-labels-1.bin"]
    assert all(file.read_bytes() == data for file in files)
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert [(job.kind, job.slip, job.path) for job in jobs] == [("label", JOB, file) for file in files]


def test_one_that_only_the_system_could_drive_is_simulated_too(tmp_path: Path) -> None:
    printer = open_label_printer(Device("d", "Dymo", "sim:", replace(ZPL, language="system")), tmp_path)
    assert printer.send(printer.render(JOB), soon()).state == "printed"


def test_a_full_disk_is_said_and_nothing_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text("in the way")
    printer = open_label_printer(Device("labels", "Labels", "sim:", ZPL), tmp_path)
    outcome = printer.send(printer.render(JOB), soon())
    assert outcome.state == "failed" and "disk" in outcome.message


# ---- previews ----


def test_a_preview_is_what_is_printed() -> None:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(preview(JOB, ZPL))) as seen:
        assert seen.size == (456, 256)
    own = LabelJob(ShippingLabel(b"^XA^XZ", "zpl", "W1-000042"))
    with Image.open(io.BytesIO(preview(own, BIG))) as seen:
        assert seen.size == (812, 1218) and seen.convert("L").getextrema() == (0, 255)


@given(st.binary(max_size=100))
def test_a_preview_of_rubbish_is_refused(data: bytes) -> None:
    for kind in ("png", "pdf"):
        with pytest.raises(Refused):
            preview(LabelJob(ShippingLabel(data, kind, "W1")), BIG)


class Babbler:
    """A way to something that never stops talking, so that its answers to questions cannot be told."""

    def open(self, deadline: float, title: str = "") -> Babbler:
        return self

    def write(self, data: bytes, deadline: float) -> int:
        return len(data)

    def settle(self, deadline: float) -> int:
        return 0

    def read(self, size: int, deadline: float) -> bytes:
        return b"." * size

    def close(self, deadline: float) -> None:
        """Nothing was taken hold of."""

    def abort(self) -> None:
        """Nothing was taken hold of."""


def test_what_talks_without_end_keeps_nobody_beyond_the_deadline() -> None:
    printer = RawLabelPrinter("labels", ZPL, Babbler())
    assert printer.state(time.monotonic() + 0.05) == SILENT
    assert printer.send(make(JOB, ZPL), soon(0.05)) == Outcome("failed", 0, SILENT.message)

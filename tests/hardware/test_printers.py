"""What every receipt printer and drawer keeps to, simulated ones and one on a real network socket alike."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.devices import DeviceSpec, open_drawer, open_printer, parse_address
from bookwish_desk.hardware.escpos import CONFIRM, kick_pulse, render
from bookwish_desk.hardware.links.tcp import TcpTransport
from bookwish_desk.hardware.model import PAPER_80, Attempt, Outcome, PrinterProfile, ReceiptPrinter
from bookwish_desk.hardware.printer import EscPosPrinter
from bookwish_desk.hardware.simulated import (
    DeviceJob,
    FileTransport,
    SimulatedDrawer,
    SimulatedPrinter,
    Trouble,
)
from bookwish_desk.hardware.status import STATUS_QUERIES, is_confirmation, read_state
from bookwish_desk.shop.errors import DeviceError, Refused
from bookwish_desk.shop.slip import Slip, Words
from tests.hardware.decoder import decode
from tests.hardware.slips import latin, receipt
from tests.hardware.tcp_printer import TcpPrinter, closed_port, tcp_printer

ANSWERS = msgspec.structs.replace(PAPER_80, answers=True)
UNSTICK = b"\0" * 8192 + b"\x1b=\x01\x1b@"


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def by(seconds: float = 5.0, **more: Any) -> Attempt:
    return Attempt(soon(seconds), **more)


class Bench:
    """A printer under test, its faults by name, and what reached it."""

    def __init__(
        self, printer: ReceiptPrinter, arrived: Callable[[], bytes], break_it: Callable[..., None]
    ) -> None:
        self.printer = printer
        self.arrived = arrived
        self.break_it = break_it


def simulated(profile: PrinterProfile, folder: Path, stack: ExitStack) -> Bench:
    jobs: list[DeviceJob] = []
    printer = open_printer(DeviceSpec("simulated", "receipts", profile=profile), folder, jobs.append)
    assert isinstance(printer, SimulatedPrinter)

    def break_it(
        gone_after: int | None = None, mute: bool = False, off: bool = False, paper_out: bool = False
    ) -> None:
        printer.trouble = Trouble(paper_out=paper_out, offline=off, mute=mute, gone_after=gone_after)

    return Bench(printer, lambda: jobs[-1].data, break_it)


def networked(profile: PrinterProfile, folder: Path, stack: ExitStack) -> Bench:
    far: TcpPrinter = stack.enter_context(tcp_printer(answers=profile.answers))
    spec = DeviceSpec("network", "receipts", f"127.0.0.1:{far.port}", profile)
    printer = open_printer(spec, folder)

    def break_it(
        gone_after: int | None = None, mute: bool = False, off: bool = False, paper_out: bool = False
    ) -> None:
        far.reset_after = gone_after
        far.answers = far.answers and not mute
        if paper_out:
            far.status = b"\x1a\x32\x72"
        if off:
            printer._transport._port = closed_port()  # type: ignore[attr-defined]

    return Bench(printer, far.wait_job, break_it)


@pytest.fixture(params=[simulated, networked], ids=["simulated", "network"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[PrinterProfile], Bench]]:
    with ExitStack() as stack:
        yield lambda profile: request.param(profile, tmp_path, stack)


@pytest.mark.capability("BW+03")
def test_all_bytes_arrive_and_the_outcome_claims_no_more_than_is_known(
    bench: Callable[[PrinterProfile], Bench],
) -> None:
    b = bench(PAPER_80)
    slip = receipt(logo=True)
    data = b.printer.render(slip)
    assert data == render(slip, PAPER_80)
    outcome = b.printer.send(data, by(slip=slip))
    assert (outcome.state, outcome.accepted) == ("sent", len(data))
    assert b.arrived() == data


def test_a_printer_that_answers_confirms(bench: Callable[[PrinterProfile], Bench]) -> None:
    b = bench(ANSWERS)
    data = b.printer.render(latin())
    assert data.endswith(CONFIRM)
    assert b.printer.send(data, by(slip=latin())) == Outcome("printed", len(data), "Printed.")
    assert b.arrived() == data
    assert b.printer.state(soon()).condition == "ready"


def test_a_printer_that_falls_silent_leaves_the_job_unknown(bench: Callable[[PrinterProfile], Bench]) -> None:
    b = bench(ANSWERS)
    b.break_it(mute=True)
    data = b.printer.render(latin())
    outcome = b.printer.send(data, by(1.3, slip=latin()))
    assert (outcome.state, outcome.accepted) == ("unknown", len(data))
    assert "paper" in outcome.message


def test_without_paper_nothing_is_sent_and_the_job_can_wait(bench: Callable[[PrinterProfile], Bench]) -> None:
    b = bench(ANSWERS)
    b.break_it(paper_out=True)
    state = b.printer.state(soon())
    assert (state.condition, state.message) == ("paper_out", "The printer is out of paper.")
    assert b.printer.send(b.printer.render(latin()), by(slip=latin())) == Outcome("failed", 0, state.message)


def test_a_printer_that_is_off_fails_at_once_with_nothing_taken(
    bench: Callable[[PrinterProfile], Bench],
) -> None:
    b = bench(PAPER_80)
    b.break_it(off=True)
    outcome = b.printer.send(b"hello\n", by(slip=latin()))
    assert (outcome.state, outcome.accepted) == ("failed", 0)
    assert outcome.message.endswith(".") and "rror" not in outcome.message
    assert b.printer.state(soon()).condition == "unreachable"


@pytest.mark.parametrize("after", [1, 2, 100, 5000, 13000])
def test_a_link_that_breaks_is_unknown_and_never_more_than_what_arrived(
    bench: Callable[[PrinterProfile], Bench], after: int
) -> None:
    b = bench(PAPER_80)
    b.break_it(gone_after=after)
    data = b.printer.render(receipt(logo=True)) * 40  # more than the buffers between hold
    outcome = b.printer.send(data, by(slip=latin()))
    assert outcome.state == "unknown" and 0 < outcome.accepted < len(data)
    arrived = b.arrived()
    assert data.startswith(arrived) and len(arrived) == after
    assert outcome.accepted >= after


def test_after_a_break_the_next_job_first_frees_the_printer(bench: Callable[[PrinterProfile], Bench]) -> None:
    b = bench(PAPER_80)
    b.break_it(gone_after=50)
    assert b.printer.send(b"x" * 4_000_000, by(slip=latin())).state == "unknown"
    b.arrived()
    b.break_it()
    for expected in (UNSTICK + b"hello\n", b"hello\n"):
        assert b.printer.send(b"hello\n", by(slip=latin())) == Outcome(
            "sent", 6, "The printer took the job. It does not confirm printing."
        )
        assert b.arrived() == expected


def test_a_passed_deadline_sends_nothing(bench: Callable[[PrinterProfile], Bench]) -> None:
    b = bench(PAPER_80)
    started = time.monotonic()
    assert b.printer.send(b"hello\n", Attempt(started - 1, slip=latin())).state == "failed"
    assert time.monotonic() - started < 1


def test_jobs_do_not_mix_on_one_printer(bench: Callable[[PrinterProfile], Bench]) -> None:
    b = bench(PAPER_80)
    outcomes: list[Outcome] = []
    data = b.printer.render(receipt(logo=True))
    threads = [
        threading.Thread(target=lambda: outcomes.append(b.printer.send(data, by(20, slip=latin()))))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [x.state for x in outcomes] == ["sent"] * 5
    assert b.arrived() == data


# ---- on the network ----


def network_printer(far: TcpPrinter, profile: PrinterProfile = PAPER_80) -> ReceiptPrinter:
    return open_printer(DeviceSpec("network", "receipts", f"127.0.0.1:{far.port}", profile), Path("unused"))


def test_a_printer_that_stops_reading_costs_no_more_than_the_deadline() -> None:
    with tcp_printer(mute=True) as far:
        printer = network_printer(far)
        started = time.monotonic()
        outcome = printer.send(b"x" * 20_000_000, by(0.4))
        assert time.monotonic() - started < 2
        assert outcome.state == "unknown" and outcome.accepted < 20_000_000
        assert "Look at the paper" in outcome.message


def test_a_printer_that_swallows_but_never_confirms_is_unknown_in_time() -> None:
    with tcp_printer(answers=True, confirms=False) as far:
        started = time.monotonic()
        outcome = network_printer(far, ANSWERS).send(render(latin(), ANSWERS), by(0.5))
        assert time.monotonic() - started < 2
        assert outcome.state == "unknown"


def test_a_busy_printer_refuses_the_second_job_at_its_deadline() -> None:
    with tcp_printer(mute=True) as far:
        printer = network_printer(far)
        first = threading.Thread(target=lambda: printer.send(b"x" * 20_000_000, by(3)))
        first.start()
        assert far.called.wait(10)
        outcome = printer.send(b"hello\n", by(0.1))
        assert outcome == Outcome("failed", 0, "The printer is still busy with another job.")
        far.leave.set()
        first.join(timeout=10)


def test_a_name_that_nobody_has_fails_within_the_deadline() -> None:
    started = time.monotonic()
    with pytest.raises(DeviceError) as fault:
        TcpTransport("printer.invalid").open(soon(0.3))
    assert time.monotonic() - started < 2
    assert fault.value.facts["accepted"] == 0
    assert "does not answer" in fault.value.message


def test_a_refused_port_says_so() -> None:
    port = closed_port()
    outcome = open_printer(DeviceSpec("network", "r", f"127.0.0.1:{port}"), Path("unused")).send(b"x", by())
    assert outcome.message == f"The device at 127.0.0.1 takes no print jobs on port {port}."


def test_the_drawer_of_a_network_printer_goes_through_its_printer() -> None:
    with tcp_printer() as far:
        spec = DeviceSpec("network", "receipts", f"127.0.0.1:{far.port}")
        printer = open_printer(spec, Path("unused"))
        drawer = open_drawer(spec, printer, Path("unused"))
        assert isinstance(drawer, EscPosPrinter) and isinstance(printer, EscPosPrinter)
        assert drawer.kick(soon()).state == "sent"
        assert decode(far.wait_job()).kicks == [2]


def test_a_drawer_behind_a_printer_without_paper_is_not_kicked_later() -> None:
    """The pulse would wait in the printer and open the drawer when somebody puts paper in."""
    with tcp_printer(answers=True, status=b"\x1a\x32\x72") as far:
        spec = DeviceSpec("network", "receipts", f"127.0.0.1:{far.port}", ANSWERS)
        outcome = open_drawer(spec, open_printer(spec, Path("unused")), Path("unused")).kick(soon())
        assert outcome.state == "failed" and "out of paper" in outcome.message
        assert far.wait_job() == b""


@pytest.mark.parametrize(
    ("address", "parsed"),
    [
        ("192.168.1.50", ("192.168.1.50", 9100)),
        (" 192.168.1.50:9101 ", ("192.168.1.50", 9101)),
        ("printer.local", ("printer.local", 9100)),
        ("[::1]:9100", ("::1", 9100)),
        ("[fe80::1]", ("fe80::1", 9100)),
    ],
)
def test_addresses(address: str, parsed: tuple[str, int]) -> None:
    assert parse_address(address) == parsed


@pytest.mark.parametrize(
    "address",
    [
        "",
        ":9100",
        "host:0",
        "host:65536",
        "host:",
        "a b",
        "-x",
        "::1",
        "[::1",
        "http://x",
        "x/y",
        "[a b]",
        "h\n:1",
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_address(address)
    assert refusal.value.code == "device.address"


@given(st.text(max_size=60))
def test_any_address_is_parsed_or_refused(address: str) -> None:
    try:
        host, port = parse_address(address)
    except Refused:
        return
    assert host and 1 <= port <= 65535 and not set(host) & set(" /\\@\n\t[]")


# ---- simulated devices ----


def test_jobs_become_files_with_safe_names_and_a_number(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    printer = open_printer(DeviceSpec("simulated", "receipts"), tmp_path, jobs.append)
    refs = ["R1-000042", "../../x", "", "C:\\aux", "a" * 300, "\x00\x1b東", "."]
    for ref in refs:
        slip = Slip("receipt", ref, (Words("Hello"),))
        assert printer.send(printer.render(slip), by(slip=slip)).state == "sent"
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
        assert job.slip is not None and job.slip.ref == ref
        assert job.path is not None and job.path.read_bytes() == job.data == printer.render(job.slip)
        assert stat.S_IMODE(job.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    for number in (1, 2):
        printer = open_printer(DeviceSpec("simulated", "receipts"), tmp_path)
        printer.send(b"x\n", by(slip=latin()))
        assert (tmp_path / "devices" / "receipts" / f"{number:06d}-R1-000007.bin").exists()


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "receipts").symlink_to(outside)
    jobs: list[DeviceJob] = []
    printer = open_printer(DeviceSpec("simulated", "receipts"), tmp_path, jobs.append)
    outcome = printer.send(b"x\n", by(slip=latin()))
    assert (outcome.state, outcome.accepted) == ("failed", 0)
    assert list(outside.iterdir()) == [] and jobs[0].path is None


def test_a_link_in_place_of_a_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    folder = tmp_path / "devices" / "receipts"
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("safe")
    (folder / ".000001-R1-000007.bin.part").symlink_to(victim)
    open_printer(DeviceSpec("simulated", "receipts"), tmp_path).send(b"x\n", by(slip=latin()))
    assert victim.read_text() == "safe"
    assert (folder / "000001-R1-000007.bin").read_bytes() == b"x\n"


def test_a_folder_that_cannot_be_made_fails_the_job(tmp_path: Path) -> None:
    (tmp_path / "devices").write_text("in the way")
    printer = open_printer(DeviceSpec("simulated", "receipts"), tmp_path)
    assert printer.send(b"x\n", by(slip=latin())).state == "failed"


def test_a_simulated_drawer_opens_as_a_device_of_its_own(tmp_path: Path) -> None:
    jobs: list[DeviceJob] = []
    spec = DeviceSpec("simulated", "receipts", profile=ANSWERS)
    drawer = open_drawer(spec, open_printer(spec, tmp_path), tmp_path, jobs.append)
    assert isinstance(drawer, SimulatedDrawer) and drawer.name == "drawer"
    assert drawer.kick(soon()) == Outcome("sent", 5, "The drawer was told to open.")
    (job,) = jobs
    assert (job.device, job.kind, job.data, job.slip) == ("drawer", "kick", kick_pulse(PAPER_80), None)
    assert job.path == tmp_path / "devices" / "drawer" / "000001-kick.bin"
    drawer.trouble = Trouble(offline=True)
    assert drawer.kick(soon()).state == "failed"
    assert [x.outcome.state for x in jobs] == ["sent", "failed"] and jobs[1].path is None


def test_a_printer_without_paper_that_cannot_say_so_takes_what_its_buffer_holds(tmp_path: Path) -> None:
    printer = SimulatedPrinter("r", PAPER_80, tmp_path / "r")
    printer.trouble = Trouble(paper_out=True)
    outcome = printer.send(render(receipt(logo=True), PAPER_80), by(slip=receipt()))
    assert (outcome.state, outcome.accepted) == ("unknown", 4096)


@pytest.mark.parametrize(("slow", "state"), [(0.01, "printed"), (30.0, "unknown")])
def test_a_slow_printer_confirms_in_time_or_not_at_all(tmp_path: Path, slow: float, state: str) -> None:
    printer = SimulatedPrinter("r", ANSWERS, tmp_path / "r")
    printer.trouble = Trouble(slow_seconds=slow)
    started = time.monotonic()
    assert printer.send(render(latin(), ANSWERS), by(0.3, slip=latin())).state == state
    assert time.monotonic() - started < 3


def test_an_open_cover_is_said(tmp_path: Path) -> None:
    printer = SimulatedPrinter("r", ANSWERS, tmp_path / "r")
    printer.trouble = Trouble(cover_open=True)
    assert printer.state(soon()).condition == "cover_open"
    assert printer.send(render(latin(), ANSWERS), by(slip=latin())).message == "The printer's cover is open."


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", "x" * 41, "-x", "a b"])
def test_a_devices_name_is_a_safe_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        open_printer(DeviceSpec("simulated", name), tmp_path)


def test_a_spec_survives_the_settings() -> None:
    spec = DeviceSpec("network", "receipts", "192.168.1.50", PrinterProfile(columns=32, dots=384, cut=False))
    assert msgspec.json.decode(msgspec.json.encode(spec), type=DeviceSpec) == spec
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"kind": "usb", "name": "x"}', type=DeviceSpec)


def test_a_file_transport_has_nothing_to_take_before_a_job(tmp_path: Path) -> None:
    transport = FileTransport(tmp_path / "d")
    assert transport.take() == (b"", None)
    transport.open(soon()).close(soon())
    assert transport.take() == (b"", None) and not (tmp_path / "d").exists()


# ---- what printers answer ----


@pytest.mark.parametrize(
    ("answers", "condition"),
    [
        ((b"\x12", b"\x12", b"\x12"), "ready"),
        ((b"\x16", b"\x12", b"\x1e"), "ready"),
        ((b"\x1a", b"\x16", b"\x12"), "cover_open"),
        ((b"\x1a", b"\x32", b"\x72"), "paper_out"),
        ((b"\x1a", b"\x12", b"\x12"), "offline"),
        ((b"\x12", b"\x12"), "unknown"),
        ((b"\x12", b"", b"\x12"), "unknown"),
        ((b"\xff", b"\x12", b"\x12"), "unknown"),
        ((b"\x00", b"\x00", b"\x00"), "unknown"),
        ((), "unknown"),
    ],
)
def test_status_bytes(answers: tuple[bytes, ...], condition: str) -> None:
    assert read_state(answers).condition == condition


@given(st.lists(st.binary(max_size=2), max_size=4))
def test_any_answer_is_a_state_in_one_sentence(answers: list[bytes]) -> None:
    state = read_state(answers)
    assert state.message.endswith(".")


def test_confirmations() -> None:
    assert is_confirmation(b"\x00") and is_confirmation(b"\x0f")
    assert not is_confirmation(b"") and not is_confirmation(b"\x12") and not is_confirmation(b"\x00\x00")
    assert all(len(query) == 3 and query.startswith(b"\x10\x04") for query in STATUS_QUERIES)

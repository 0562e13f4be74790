"""What printers answer: every bit of the command reference, and anything else is no answer."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.hardware.receipts.status import (
    CAUSE,
    ERROR,
    PAPER,
    PRINTER,
    Answers,
    Seen,
    in_words,
    read_real_time,
)
from bookwish_desk.hardware.receipts.turns import Turns
from bookwish_desk.shop.errors import DeviceError

READY = {PRINTER: 0x12, CAUSE: 0x12, ERROR: 0x12, PAPER: 0x12}


@pytest.mark.parametrize(
    ("changed", "condition"),
    [
        ({}, "ready"),
        ({PRINTER: 0x16}, "ready"),
        ({PAPER: 0x1E}, "paper_low"),
        ({PRINTER: 0x1A, PAPER: 0x7E}, "paper_out"),
        ({PRINTER: 0x1A, CAUSE: 0x32}, "paper_out"),
        ({PRINTER: 0x1A, CAUSE: 0x16}, "cover_open"),
        ({PRINTER: 0x1A, CAUSE: 0x36, PAPER: 0x72}, "cover_open"),
        ({PRINTER: 0x1A, CAUSE: 0x52, ERROR: 0x1A}, "cutter"),
        ({PRINTER: 0x1A, CAUSE: 0x52, ERROR: 0x16}, "cutter"),
        ({PRINTER: 0x1A, CAUSE: 0x52, ERROR: 0x32}, "error"),
        ({PRINTER: 0x1A, CAUSE: 0x52}, "error"),
        ({PRINTER: 0x1A, CAUSE: 0x52, ERROR: 0x52}, "hot"),
        ({PRINTER: 0x1A}, "offline"),
    ],
)
def test_real_time_status(changed: dict[int, int], condition: str) -> None:
    seen = read_real_time(READY | changed)
    assert seen is not None and seen.condition == condition
    assert seen.state().condition == condition and seen.state().message.endswith(".")


def test_a_printer_that_answers_the_first_question_only_is_read() -> None:
    assert read_real_time({PRINTER: 0x12}) == Seen()
    assert read_real_time({PRINTER: 0x1E}) == Seen(offline=True, pin_3=True)


@pytest.mark.parametrize("answers", [{}, {PRINTER: 0xFF}, {PRINTER: 0x00}, READY | {PAPER: 0x72 | 0x80}])
def test_what_is_no_status_says_nothing(answers: dict[int, int]) -> None:
    assert read_real_time(answers) is None


def took(*parts: bytes, asked: tuple[int, ...] = ()) -> Answers:
    answers = Answers()
    for which in asked:
        answers.ask(which)
    for part in parts:
        answers.take(part)
    return answers


@pytest.mark.parametrize(
    ("block", "seen"),
    [
        (b"\x10\x00\x00\x0f", Seen()),
        (b"\x14\x00\x00\x0f", Seen(pin_3=True)),
        (b"\x38\x00\x00\x0f", Seen(offline=True, cover_open=True)),
        (b"\x18\x00\x0f\x0f", Seen(offline=True, paper_out=True, paper_low=True)),
        (b"\x10\x00\x03\x00", Seen(paper_low=True)),
        (b"\x18\x08\x00\x00", Seen(offline=True, cutter=True)),
        (b"\x18\x20\x00\x00", Seen(offline=True, broken=True)),
        (b"\x18\x40\x00\x00", Seen(offline=True, hot=True)),
    ],
)
def test_status_that_is_pushed(block: bytes, seen: Seen) -> None:
    assert took(block).seen == seen
    assert took(*(block[at : at + 1] for at in range(4))).seen == seen


def test_answers_of_all_kinds_in_one_stream() -> None:
    stream = (
        b"\x12"  # DLE EOT 1
        b"\x37\x22" + b"0007\0"  # a process id
        b"\x18\x00\x0c\x00"  # pushed: no paper
        b"\x11\x13"  # XON, XOFF
        b"\x00"  # GS r 1
        b"\x37\x22" + b"0008\0"
        b"\x37\x25\x00"  # its buffer is empty
    )
    whole = took(stream, asked=(PRINTER,))
    single = took(*(stream[at : at + 1] for at in range(len(stream))), asked=(PRINTER,))
    for answers in (whole, single):
        assert answers.ids == {b"0007", b"0008"} and answers.cleared and answers.paper == 1
        assert answers.seen == Seen(offline=True, paper_out=True) and answers.has(PRINTER)
        assert answers.rubbish == 0


def test_flow_control_within_an_answer_is_not_part_of_it() -> None:
    assert took(b"\x37\x13\x22\x1100\x1307\x00").ids == {b"0007"}


@pytest.mark.parametrize(
    "stream",
    [
        b"\x37\x22" + b"000\0",
        b"\x37\x22" + b"00077\0",
        b"\x22" + b"0007\0",
        b"\x37\x25\x01\x00",
        b"\x1d(H\x06\x0000" + b"0007",  # an echo of the question
        b"\xff" * 40,
        b"\x37" + b"x" * 200,
    ],
)
def test_what_only_looks_like_a_confirmation_is_none(stream: bytes) -> None:
    answers = took(stream)
    assert answers.ids == set() and not answers.cleared


def test_the_end_of_a_job_without_paper_confirms_nothing() -> None:
    """Some printers run through what they hold without paper in, and answer GS r 1 all the same."""
    assert took(b"\x00\x03").paper == 2
    answers = took(b"\x0c\x0f")
    assert (answers.paper, answers.rubbish) == (0, 0)


def test_an_answer_that_nobody_asked_for_is_not_taken_for_one() -> None:
    answers = took(b"\x12\x1a")
    assert answers.seen is None and answers.rubbish == 2
    answers = Answers()
    answers.ask(PRINTER)
    answers.forget_questions()
    answers.ask(PAPER)
    answers.take(b"\x72")
    assert answers.has(PAPER) and not answers.has(PRINTER)


@given(st.binary(max_size=80), st.lists(st.sampled_from([1, 2, 3, 4]), max_size=6))
def test_any_bytes_are_sorted_and_confirm_nothing_by_chance(stream: bytes, asked: list[int]) -> None:
    answers = took(stream, asked=tuple(asked))
    assert b"0007" not in answers.ids or b"\x220007\0" in stream.translate(None, b"\x11\x13")
    if answers.seen is not None:
        assert answers.seen.state().message.endswith(".")


@pytest.mark.parametrize("condition", ["ready", "busy", "paper_out", "cutter", "unreachable", "unknown"])
def test_states_have_their_sentence_from_one_place(condition: str) -> None:
    state = in_words(condition)  # type: ignore[arg-type]
    assert state.condition == condition and state.message.endswith(".")


# ---- turns at a device ----


def test_an_errand_is_run_by_whoever_holds_the_device() -> None:
    turns = Turns[str]()
    results: list[str | None] = []
    with turns.hold(1e9):
        thread = threading.Thread(target=lambda: results.append(turns.send_or_hold(1e9, lambda: "alone")))
        thread.start()
        while not results:
            turns.run_errands(lambda _deadline: "by the holder")
            thread.join(0.005)
    thread.join()
    assert results == ["by the holder"]


def test_an_errand_is_run_alone_when_nobody_holds_the_device_or_the_holder_leaves() -> None:
    turns = Turns[str]()
    assert turns.send_or_hold(1e9, lambda: "alone") == "alone"
    results: list[str | None] = []
    with turns.hold(1e9):
        thread = threading.Thread(target=lambda: results.append(turns.send_or_hold(1e9, lambda: "alone")))
        thread.start()
    thread.join(10)
    assert results == ["alone"]


def test_an_errand_that_nobody_came_to_in_time_is_never_run() -> None:
    turns = Turns[str]()
    run: list[float] = []
    with turns.hold(1e9):
        assert turns.send_or_hold(0.0, lambda: "alone") is None
        turns.run_errands(lambda deadline: str(run.append(deadline)))  # type: ignore[func-returns-value]
        with pytest.raises(DeviceError, match="still busy"), turns.hold(0.0):
            pass
    assert run == []


def test_an_errand_that_breaks_sets_its_sender_free() -> None:
    turns = Turns[str]()
    results: list[str | None] = []
    begun = threading.Event()

    def breaks(_deadline: float) -> str:
        begun.set()
        raise OSError

    with turns.hold(1e9):
        thread = threading.Thread(target=lambda: results.append(turns.send_or_hold(1e9, lambda: "alone")))
        thread.start()
        while not begun.is_set():
            try:
                turns.run_errands(breaks)
            except OSError:
                break
        thread.join(10)
    assert results == [None]

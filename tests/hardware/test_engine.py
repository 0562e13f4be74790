"""The printer that the tests print on behaves as the command reference says of real ones."""

from __future__ import annotations

import pytest

from tests.hardware.engine import Engine

ID = b"\x1d(H\x06\x0000ab12"
ANSWER = b"\x37\x22ab12\0"
PICTURE = b"\x1dv0\0\x02\0\x10\0" + bytes(32)


def fed(data: bytes, **how: object) -> Engine:
    engine = Engine(**how)  # type: ignore[arg-type]
    for at in range(len(data)):
        engine.feed(data[at : at + 1])
    return engine


def test_a_process_id_is_answered_once_everything_before_it_is_on_paper() -> None:
    engine = Engine()
    engine.order("paper out")
    engine.feed(b"Hello\n" + ID)
    assert (engine.take_replies(), bytes(engine.paper)) == (b"", b"")
    engine.order("paper ok")
    assert (engine.take_replies(), bytes(engine.paper)) == (ANSWER, b"Hello\n")


def test_status_is_answered_at_once_also_while_the_rest_waits() -> None:
    engine = Engine()
    engine.order("paper out")
    engine.feed(b"x" * 4000)
    assert engine.free() == 96
    engine.feed(b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")
    assert engine.take_replies() == b"\x1a\x32\x12\x7e"
    engine.feed(b"\x10\x14\x01\x01\x02")
    assert engine.pulses == [(5, "at once")] and engine.drawer_open and engine.waiting() == 4000


def test_a_full_buffer_reads_no_more() -> None:
    engine = Engine(room=10)
    engine.order("cover open")
    engine.feed(b"0123456789")
    assert engine.free() == 0
    with pytest.raises(ValueError, match="more than it reads"):
        engine.feed(b"x")


def test_dots_that_read_like_a_command_are_one() -> None:
    engine = fed(b"\x1dv0\0\x08\0\x01\0" + b"\0\x10\x14\x01\0\x01\0\0" + b"text\n")
    assert engine.pulses == [(2, "at once")] and engine.paper.endswith(b"\x01\0\0text\n")


def test_a_picture_cut_off_swallows_what_follows_until_it_is_filled() -> None:
    engine = Engine()
    engine.order("cut 20")
    engine.feed(PICTURE[: engine.free()])
    assert engine.gone and engine.free() == 0
    engine.hang_up()
    engine.feed(b"\0" * 19 + b"y\0\x1b@Hello\n")
    assert engine.paper == PICTURE[:20] + b"\0" * 19 + b"y" + b"\x1b@Hello\n"


def test_power_off_loses_what_is_not_on_paper() -> None:
    engine = Engine()
    engine.order("paper out")
    engine.feed(b"lost\n")
    for order in ("power off", "paper ok", "power on"):
        engine.order(order)
    engine.feed(b"kept\n" + ID)
    assert engine.paper == b"kept\n" and engine.take_replies() == ANSWER


def test_state_is_pushed_when_it_changes_where_that_is_wanted() -> None:
    engine = fed(b"\x1da\xff")
    assert engine.take_replies() == b"\x10\0\0\x0f"
    engine.order("cover open")
    assert engine.take_replies() == b"\x38\0\0\x0f"
    engine.order("paper out")
    assert engine.take_replies() == b"\x38\0\x0f\x0f"


def test_the_paper_runs_out_in_the_middle() -> None:
    engine = Engine()
    engine.order("paper 6")
    engine.feed(b"Hello\nworld\n\x1dr\x01")
    assert engine.paper == b"Hello\n" and engine.paper_out and engine.take_replies() == b""
    engine.order("paper ok")
    assert engine.paper == b"Hello\nworld\n" and engine.take_replies() == b"\0"


@pytest.mark.parametrize(("how", "paper"), [(1, b"one\n\x1dV\1two\n"), (2, b"one\n")])
def test_a_stuck_cutter_is_recovered_with_or_without_the_rest(how: int, paper: bytes) -> None:
    engine = Engine(cutter_stuck=True)
    engine.feed(b"one\n\x1dV\1two\n")
    engine.feed(b"\x10\x04\x03")
    assert engine.take_replies() == b"\x1a" and engine.cutter_error
    engine.order("cutter free")
    engine.feed(bytes([0x10, 0x05, how]))
    assert engine.paper == paper and not engine.cutter_error


def test_a_clone_prints_what_it_does_not_know() -> None:
    engine = fed(ID + b"\x1dr\x01Hello\n", process_ids=False)
    assert engine.take_replies() == b"\0" and engine.paper == b"H00ab12Hello\n"
    assert fed(ID + b"\x1b@Hello\n", process_ids=False).paper == b"\x1b@Hello\n"


def test_nothing_is_said_by_a_mute_one_and_nothing_true_by_a_broken_one() -> None:
    for how, said in (("mute on", b""), ("rubbish on", b"\xff\x7f\xff\x7f")):
        engine = Engine()
        engine.order(how)
        engine.feed(b"x\n" + ID + b"\x10\x04\x01")
        assert engine.take_replies() == said and engine.paper == b"x\n"


def test_a_slow_one_takes_its_time() -> None:
    engine = Engine(slow=3)
    engine.feed(b"ab\nc\n" + ID)
    assert engine.paper == b""
    engine.step()
    assert engine.paper == b"ab\n" and engine.take_replies() == b""
    engine.step()
    engine.step()
    assert engine.paper == b"ab\nc\n" and engine.take_replies() == ANSWER


def test_clearing_its_buffer_is_confirmed() -> None:
    engine = Engine()
    engine.order("paper out")
    engine.feed(b"never\n" + ID + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
    engine.order("paper ok")
    assert (bytes(engine.paper), engine.take_replies()) == (b"", b"\x37\x25\0")


def test_text_for_the_display_behind_it_is_passed_on() -> None:
    engine = fed(b"a\n\x1b=\x02\x0cTotal\x1b=\x01b\n")
    assert engine.paper == b"a\nb\n"
    assert engine.display == b"\x0cTotal"

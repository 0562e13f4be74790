"""Links that ask for an order reach the desk that is open, once, and whether it was open or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from bookwish_desk import pointing
from bookwish_desk.pointing import Pointing


@pytest.mark.capability("WSM-14")
def test_a_link_reaches_the_desk_that_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Pointing(tmp_path)
    with qtbot.waitSignal(desk.asked) as heard:
        pointing.leave(tmp_path, "BW-20261122-AB12")
    assert heard.args == ["BW-20261122-AB12"]
    assert pointing.take(tmp_path) == ""
    with qtbot.waitSignal(desk.asked) as heard:
        pointing.leave(tmp_path, "7731")
    assert heard.args == ["7731"]


def test_one_that_was_left_before_is_taken_up_once(qtbot: QtBot, tmp_path: Path) -> None:
    pointing.leave(tmp_path, "7731")
    desk = Pointing(tmp_path)
    with qtbot.waitSignal(desk.asked) as heard:
        desk.begin()
    assert heard.args == ["7731"]
    with qtbot.assertNotEmitted(desk.asked):
        desk.look()


def test_what_is_left_is_text_on_one_line(tmp_path: Path) -> None:
    (tmp_path / pointing.FOLDER).mkdir()
    (tmp_path / pointing.FOLDER / "order").write_bytes(b"77\x1b\n31\xff" + b"9" * 10_000)
    taken = pointing.take(tmp_path)
    assert taken.isprintable() and len(taken) <= 64

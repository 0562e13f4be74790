"""Searching as it is typed, on the lanes: an answer at once, a longer look, and the next key."""

from __future__ import annotations

import threading

import pytest

from bookwish_desk.db import indexing, search, titles
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.title import Title
from bookwish_desk.ui.searching import look_for
from tests.support.shops import found_shop

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


@pytest.fixture
def lanes(tmp_path, qtbot):
    store, _actor = found_shop(tmp_path)
    with store.write_catalogue() as conn:
        titles.add(conn, [Title(9780000000001, "Barn owls")])
        indexing.write_words(conn)
        titles.add(conn, [Title(9780000000002, "Tawny owls")])
    lanes = Lanes(store)
    yield lanes
    lanes.close()
    store.close()


class Answers:
    """What a screen was told, and whether it still waits."""

    def __init__(self) -> None:
        self.told: list[tuple[list[str], bool]] = []
        self.waits = True

    def __call__(self, items, whole):
        self.told.append(([item.title for item in items], whole))
        return self.waits


@pytest.mark.capability("BW+05")
def test_an_answer_comes_at_once_and_the_whole_one_after_it(lanes, qtbot):
    answers = Answers()
    look_for(lanes, "owls", answers, latest="search")
    qtbot.waitUntil(lambda: len(answers.told) == 2)
    assert answers.told == [(["Barn owls"], False), (["Barn owls", "Tawny owls"], True)]


def test_nobody_looks_further_for_one_who_left(lanes, qtbot, monkeypatch):
    monkeypatch.setattr(search, "search", lambda *_asked: pytest.fail("looked further"))
    answers = Answers()
    after: list[object] = []
    answers.waits = False
    look_for(lanes, "owls", answers, latest="search")
    lanes.read(lambda _store: "done", then=after.append)
    qtbot.waitUntil(lambda: after == ["done"])
    assert len(answers.told) == 1


@pytest.mark.parametrize("broken_off", ["by the next key", "by an empty line", "by closing"])
def test_a_longer_look_ends_with_the_next_key(lanes, qtbot, monkeypatch, broken_off):
    begun, ended = threading.Event(), threading.Event()

    def endless(conn, _typed, _limit):
        begun.set()
        try:
            conn.exec_driver_sql(ENDLESS)
        finally:
            ended.set()

    monkeypatch.setattr(search, "search", endless)
    first, second = Answers(), Answers()
    faults: list[object] = []
    lanes.broken.connect(faults.append)
    look_for(lanes, "owls", first, latest="search")
    qtbot.waitUntil(begun.is_set)
    if broken_off == "by the next key":
        second.waits = False
        look_for(lanes, "barn", second, latest="search")
        qtbot.waitUntil(lambda: bool(second.told))
    elif broken_off == "by an empty line":
        lanes.drop("search")
    else:
        lanes.close()
    qtbot.waitUntil(ended.is_set)
    assert len(first.told) == 1
    assert faults == []

"""Lists are imported beside the selling; what a desk that is closed meanwhile leaves, its next start does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bookwish_desk.actions import following, importing
from bookwish_desk.db import indexing, owed, search
from bookwish_desk.db.link import query
from bookwish_desk.db.staging import STAGE_FILE, Stage
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.lanes import Lanes
from tests.journeys.person import Person

PATIENCE_S = 30.0
ROWS = 300
KITE = 9781594480003


class Gate:
    """Holds a lane in the middle of something until the desk is being closed, or the test lets it go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.free = threading.Event()

    def wait(self) -> None:
        self.reached.set()
        assert self.free.wait(PATIENCE_S)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made, close = Gate(), Lanes.close

    def closing(lanes: Lanes, *seconds: float) -> None:
        made.free.set()
        close(lanes, *seconds)

    monkeypatch.setattr(Lanes, "close", closing)
    yield made
    made.free.set()


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Return a list of new titles with stock; the first line gives a book of the shop another price."""
    path = tmp_path / "spring.csv"
    lines = (f"{_isbn(n)},Zebra {n},12.00,1" for n in range(ROWS))
    path.write_text("\n".join(("isbn,title,price,stock", f"{KITE},,3.33,", *lines)) + "\n")
    return path


def _isbn(number: int) -> str:
    body = f"97801{number:07d}"
    return body + str(-sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(body)) % 10)


def after(patch: pytest.MonkeyPatch, owner: Any, name: str, gate: Gate) -> None:
    """Hold whoever has called this for the first time."""
    real = getattr(owner, name)

    def held(*args: Any, **named: Any) -> Any:
        value = real(*args, **named)
        gate.wait()
        return value

    patch.setattr(owner, name, held)


def books(folder: Path, look: Callable[[Store], Any]) -> Any:
    """Look into the books of a desk that is closed."""
    store = open_store(folder, upgrade=False)
    try:
        return look(store)
    finally:
        store.close()


def left(store: Store) -> int:
    with store.read() as conn:
        return indexing.left(conn)


def owes(store: Store) -> bool:
    with store.read() as conn:
        return owed.owing(conn) is not None


def zebras(store: Store) -> int:
    """Return how many of the list's titles the catalogue has."""
    with store.read() as conn:
        found = query(conn, "SELECT count(*) FROM catalogue.titles WHERE title LIKE 'Zebra %'")
        return int(found.fetchone()[0])


def on_hand(store: Store) -> int:
    with store.read() as conn:
        found = query(conn, "SELECT coalesce(sum(on_hand), 0) FROM items WHERE title LIKE 'Zebra %'")
        return int(found.fetchone()[0])


def repriced(store: Store) -> list[str]:
    with store.read() as conn:
        found = query(conn, "SELECT body FROM journal WHERE kind = 'items.repriced' ORDER BY seq")
        return [row[0] for row in found.fetchall() if "spring.csv" in row[0]]


def begin_import(person: Person, path: Path) -> None:
    person.key("Ctrl+3")
    person.see("Add an item")
    person.key("Ctrl+O")
    person.see("Which list?")
    person.type(f"{path}\n", "File")
    person.see("spring.csv")
    person.press("Import")


def wait_until_done(person: Person) -> None:
    store = person.desk.books.store
    person.wait(lambda: not left(store) and not owes(store))
    assert zebras(store) == on_hand(store) == ROWS
    assert len(repriced(store)) == 1
    assert f'"{KITE}"' in repriced(store)[0]
    with store.read() as conn:
        for number in (0, 7, ROWS - 1):
            assert _isbn(number) in [item.sku for item in search.search(conn, f"zebra {number}")]


def test_the_header_tells_of_an_import_and_its_press_leads_there(
    selling: Person, listed: Path, gate: Gate
) -> None:
    selling.desk.lanes.work(gate.wait, lane="catalogue")
    begin_import(selling, listed)
    selling.see("Importing 0 %", "1. Reading the list")
    selling.key("Ctrl+1")
    selling.miss("1. Reading the list")
    selling.see("Importing 0 %")
    selling.press("Importing 0 %")
    selling.see("1. Reading the list", "Cancel the import")
    selling.key("Ctrl+1")
    gate.free.set()
    selling.miss("Importing")
    wait_until_done(selling)
    assert "import" not in [chip.id for chip in selling.desk.window.chips()]


@pytest.mark.parametrize("phase", ["reading", "items", "indexing"])
def test_a_desk_that_is_closed_while_a_list_is_imported_ends_it_and_loses_nothing(
    selling: Person,
    listed: Path,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    phase: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(importing, "CHUNK", 50)
        patch.setattr(following, "CHUNK", 50)
        patch.setattr(indexing.write_words, "__defaults__", (50,))
        owner, name = {
            "reading": (Stage, "add"),
            "items": (following.Following, "_follow"),
            "indexing": (indexing, "write_words"),
        }[phase]
        after(patch, owner, name, gate)
        begin_import(selling, listed)
        selling.wait(gate.reached.is_set)
        selling.switch_off()
    assert "lane_busy" not in caplog.text
    assert not [thread.name for thread in threading.enumerate() if thread.name == "lane-catalogue"]
    assert not list(selling.folder.glob(f"{STAGE_FILE}*"))
    assert books(selling.folder, zebras) == (0 if phase == "reading" else ROWS)
    assert books(selling.folder, owes) == (phase == "items")
    assert books(selling.folder, left) == {"reading": 0, "items": ROWS, "indexing": ROWS - 50}[phase]
    assert books(selling.folder, on_hand) == {"reading": 0, "items": 49, "indexing": ROWS}[phase]
    monkeypatch.setattr("bookwish_desk.desk.SETTLED_MS", 0)
    selling.switch_on()
    selling.sign_in()
    if phase == "reading":
        assert books(selling.folder, zebras) == 0
        begin_import(selling, listed)
        selling.see("Import another list")
    wait_until_done(selling)


def test_an_index_that_was_left_unfinished_is_finished_when_the_desk_starts(
    at_the_register: Person, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_register.switch_off()
    phases: list[str] = []
    store = open_store(at_the_register.folder)
    importing.run_import(
        store,
        importing.Plan(listed),
        progress=lambda p: phases.append(p.phase),
        cancelled=lambda: "indexing" in phases,
    )
    assert left(store) == ROWS
    store.close()
    monkeypatch.setattr("bookwish_desk.desk.SETTLED_MS", 0)
    at_the_register.switch_on()
    wait_until_done(at_the_register)
    at_the_register.sign_in()
    at_the_register.scan(_isbn(3))
    at_the_register.see("Zebra 3")


def test_a_desk_that_is_closed_while_it_finishes_an_index_goes_on_at_the_next_start(
    at_the_register: Person,
    listed: Path,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    at_the_register.switch_off()
    gate.free.clear()  # that was another closing
    store = open_store(at_the_register.folder)
    importing.run_import(store, importing.Plan(listed))
    with store.write_catalogue() as conn:
        query(conn, "INSERT INTO catalogue.unsearched SELECT id FROM catalogue.titles")
    waiting = left(store)
    store.close()
    monkeypatch.setattr("bookwish_desk.desk.SETTLED_MS", 0)
    with monkeypatch.context() as patch:
        patch.setattr(indexing.write_words, "__defaults__", (100,))
        after(patch, indexing, "write_words", gate)
        at_the_register.switch_on()
        at_the_register.wait(gate.reached.is_set)
        at_the_register.switch_off()
    assert "lane_busy" not in caplog.text
    assert books(at_the_register.folder, left) == waiting - 100
    at_the_register.switch_on()
    wait_until_done(at_the_register)

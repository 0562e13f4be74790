"""Writing search words: the best places first, chunk by chunk, gone on with after a kill, merged in steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.db import finding, indexing, search, titles
from bookwish_desk.db.store import Store
from bookwish_desk.shop.title import Title
from tests.support.shops import found_shop


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened, _owner = found_shop(tmp_path / "shop")
    yield opened
    opened.close()


def write(store: Store, most: int) -> int:
    with store.write_catalogue() as conn:
        return indexing.write_words(conn, most)


def left(store: Store) -> int:
    with store.read() as conn:
        return indexing.left(conn)


def close(store: Store) -> int:
    """Do all steps and return how many they were."""
    steps = 0
    while True:
        with store.write_catalogue() as conn:
            if not indexing.close_build(conn):
                return steps
        steps += 1


def at_once(store: Store, words: str) -> list[int]:
    with store.read() as conn:
        return [int(item.sku) for item in search.first(conn, words).items]


def test_what_sells_most_is_found_first_and_every_chunk_is_kept(store: Store) -> None:
    with store.write_catalogue() as conn:
        titles.add(conn, [Title(9780000000001, "Owls hardly sold"), Title(9780000000002, "Owls unsold")])
        titles.add(conn, [Title(9780000000003, "Owls much sold")], demand=9_000)
        titles.add(conn, [Title(9780000000004, "Owls sold")], demand=30)
    assert (left(store), at_once(store, "owls")) == (4, [])
    assert (write(store, 1), left(store)) == (1, 3)
    assert at_once(store, "owls") == [9780000000003]
    with pytest.raises(ZeroDivisionError), store.write_catalogue() as conn:
        indexing.write_words(conn, 1)
        raise ZeroDivisionError
    assert left(store) == 3
    assert (write(store, 2), write(store, 9), write(store, 9), left(store)) == (2, 1, 0, 0)
    assert at_once(store, "owls") == [9780000000003, 9780000000004, 9780000000001, 9780000000002]
    with store.read() as conn:
        assert finding.titles_index(conn) == []


def test_many_pieces_are_merged_in_steps_that_may_be_broken_off(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MOST_PIECES", 3)
    monkeypatch.setattr(indexing, "_STEP", 1)
    with store.write_catalogue() as conn:
        titles.add(conn, [Title(9780000000000 + n, f"Owls of the wood w{n:04}w") for n in range(3_000)])
    for _ in range(3):
        write(store, 200)
    assert close(store) == 0
    while write(store, 300):
        pass
    with store.write_catalogue() as conn:
        assert indexing.close_build(conn)
    with pytest.raises(ZeroDivisionError), store.write_catalogue() as conn:
        indexing.close_build(conn)
        raise ZeroDivisionError
    assert at_once(store, "owls w2009w") == [9780000002009]
    assert close(store) > 10
    assert close(store) == 0
    with store.read() as conn:
        assert finding.titles_index(conn) == []
        assert (
            conn.exec_driver_sql("SELECT value FROM catalogue.marks WHERE name = 'pieces'").scalar_one() == 1
        )
    assert at_once(store, "w0") == list(range(9780000000000, 9780000000020))


def test_words_of_a_title_that_moved_or_went_are_forgotten(store: Store) -> None:
    with store.write_catalogue() as conn:
        titles.add(conn, [Title(9780000000001, "Owls moved"), Title(9780000000002, "Owls gone")])
    write(store, 9)
    with store.write_catalogue() as conn:
        conn.exec_driver_sql("INSERT INTO catalogue.unsearched SELECT id FROM catalogue.titles")
        conn.exec_driver_sql("UPDATE catalogue.titles SET id = 7 WHERE ean = 9780000000001")
        conn.exec_driver_sql("INSERT INTO catalogue.unsearched VALUES (7)")
        conn.exec_driver_sql("DELETE FROM catalogue.titles WHERE ean = 9780000000002")
    assert (write(store, 9), left(store)) == (3, 0)
    assert at_once(store, "owls") == [9780000000001]
    with store.read() as conn:
        assert finding.titles_index(conn) == []
        assert conn.exec_driver_sql("SELECT count(*) FROM catalogue.title_search_docsize").scalar_one() == 1


def test_an_index_that_lost_something_is_told(store: Store) -> None:
    with store.write_catalogue() as conn:
        titles.add(conn, [Title(9780000000001, "Barn owls"), Title(9780000000002, "Tawny owls")])
    write(store, 9)
    with store.write_catalogue() as conn:
        conn.exec_driver_sql("DELETE FROM catalogue.title_search WHERE rowid = (15 << 26) + 1")
        conn.exec_driver_sql("INSERT INTO catalogue.code_search(code_search) VALUES ('delete-all')")
    with store.read() as conn:
        faults = finding.titles_index(conn)
    assert faults[0] == "1 of the titles are not in the search index."
    assert faults.count("A search for the words of 9780000000001 does not find it.") == 2
    assert faults.count("A search for the words of 9780000000002 does not find it.") == 1

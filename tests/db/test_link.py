"""Connections that are lent: text and Core in one transaction, one user at a time, nothing half done."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from bookwish_desk.db import engine, link, migrate, tables
from bookwish_desk.db.link import Links, add, query, stopped_by
from bookwish_desk.shop.errors import StorageError


@pytest.fixture
def links(tmp_path: Path) -> Links:
    path = tmp_path / engine.SHOP_FILE
    migrate.upgrade(path, "shop", None)
    return engine.writing(path)


def counters(links: Links) -> dict[str, int]:
    with links.connect() as conn:
        return dict(query(conn, "SELECT name, value FROM counters").fetchall())


def test_text_and_core_are_one_transaction(links: Links) -> None:
    with links.begin() as conn:
        add(conn, "counters", {"name": "text", "value": 1})
        conn.execute(insert(tables.counters), {"name": "core", "value": 2})
        query(conn, "UPDATE counters SET value = value + 10")
        found = conn.execute(select(tables.counters))
        assert {row.name: row.value for row in found} == {"text": 11, "core": 12}
    assert counters(links) == {"text": 11, "core": 12}
    with pytest.raises(ZeroDivisionError), links.begin() as conn:
        query(conn, "DELETE FROM counters WHERE name = 'text'")
        conn.execute(insert(tables.counters), {"name": "lost", "value": 1})
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), links.begin() as conn:
        conn.execute(insert(tables.counters), {"name": "lost", "value": 1})
        query(conn, "DELETE FROM counters")
        raise ZeroDivisionError
    assert counters(links) == {"text": 11, "core": 12}


def test_sqlalchemy_that_comes_late_loses_nothing(links: Links) -> None:
    """It tries a new connection out and rolls that back: not what was done by text before."""
    with links.begin() as conn:
        add(conn, "counters", {"name": "before", "value": 1})
        assert conn.execute(select(tables.counters.c.value)).scalar_one() == 1
    assert counters(links) == {"before": 1}


def test_what_a_reader_changed_by_mistake_never_happened(links: Links) -> None:
    with links.connect() as conn:
        add(conn, "counters", {"name": "stray", "value": 1})
    with links.connect() as conn:
        conn.execute(insert(tables.counters), {"name": "stray", "value": 1})
    assert counters(links) == {}


def test_rows_added_together(links: Links) -> None:
    with links.begin() as conn:
        add(conn, "counters")
        add(conn, "counters", *({"name": str(n), "value": n} for n in range(3)))
    assert counters(links) == {"0": 0, "1": 1, "2": 2}


def test_a_connection_is_one_users_and_the_next_waits_for_it(
    links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with links.begin() as conn:
            order.append("second")
            query(conn, "SELECT 1")

    with links.begin():
        other = threading.Thread(target=second)
        other.start()
        waiting.wait()
        monkeypatch.setattr(link, "LENT_SECONDS", 0.0)
        with pytest.raises(StorageError, match="busy"), links.begin():
            pass
        order.append("first")
    other.join(10)
    assert order == ["first", "second"]


def test_a_connection_that_is_lent_is_closed_when_it_comes_back(links: Links) -> None:
    with links.bare() as raw:
        links.dispose()
        raw.execute("SELECT 1")
    with pytest.raises(engine.driver().ProgrammingError):
        raw.execute("SELECT 1")
    with links.bare() as fresh:
        assert fresh is not raw
    links.dispose()


def breaking(links: Links, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Let the connection that comes next fail at a COMMIT or ROLLBACK of its own."""
    real = links._opened

    class Broken:
        def __init__(self, raw: Any) -> None:
            self._raw = raw

        def __getattr__(self, name: str) -> Any:
            return getattr(self._raw, name)

        def fail(self) -> None:
            raise engine.driver().OperationalError("database or disk is full")

    def opened() -> Any:
        monkeypatch.setattr(links, "_opened", real)
        made = Broken(real())
        setattr(made, method, made.fail)
        return made

    monkeypatch.setattr(links, "_opened", opened)


@pytest.mark.parametrize("by", ["text", "Core"])
def test_after_a_commit_that_failed_nothing_is_half_done_and_the_next_one_works(
    links: Links, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    breaking(links, monkeypatch, "commit")

    def count(conn: Any, name: str) -> None:
        if by == "text":
            add(conn, "counters", {"name": name, "value": 1})
        else:
            conn.execute(insert(tables.counters), {"name": name, "value": 1})

    with (
        pytest.raises((engine.driver().OperationalError, DBAPIError), match="disk is full"),
        links.begin() as conn,
    ):
        count(conn, "lost")
    with links.bare() as raw:
        del raw.commit  # there is room again
    with links.begin() as conn:
        count(conn, "kept")
    assert counters(links) == {"kept": 1}
    links.dispose()


def test_a_connection_that_cannot_roll_back_is_not_lent_again(
    links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(links, monkeypatch, "rollback")
    with pytest.raises(engine.driver().OperationalError, match="disk is full"), links.begin() as conn:
        add(conn, "counters", {"name": "lost", "value": 1})
        broken = conn.raw  # type: ignore[attr-defined]
        raise ZeroDivisionError
    with pytest.raises(engine.driver().ProgrammingError, match="closed"):
        broken.execute("SELECT 1")
    with links.begin() as conn:
        add(conn, "counters", {"name": "kept", "value": 1})
    assert counters(links) == {"kept": 1}
    links.dispose()


def test_one_that_cannot_be_opened_leaves_its_place_free(
    links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Any:
        raise engine.driver().OperationalError("unable to open database file")

    with monkeypatch.context() as patch:
        patch.setattr(links, "_opened", refuse)
        for _ in range(3):
            with pytest.raises(engine.driver().OperationalError, match="unable to open"), links.begin():
                pass
    monkeypatch.setattr(link, "LENT_SECONDS", 0.0)
    with links.begin() as conn:
        add(conn, "counters", {"name": "kept", "value": 1})
    links.dispose()


def test_a_read_that_was_stopped_leaves_a_connection_that_is_stopped_no_more(links: Links) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(engine.driver().OperationalError, match="interrupted"), links.connect() as conn:
        first = conn.raw  # type: ignore[attr-defined]
        with stopped_by(conn, lambda: True):
            query(conn, endless)
    long = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 200000) SELECT count(*) FROM n"
    )
    with links.connect() as conn:
        assert conn.raw is first  # type: ignore[attr-defined]
        assert query(conn, long).fetchone() == (200_000,)
    links.dispose()


def test_one_within_another_is_refused_where_there_is_one_and_apart_where_there_are_more(
    links: Links, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "LENT_SECONDS", 0.0)
    with links.begin() as outer:
        add(outer, "counters", {"name": "outer", "value": 1})
        with pytest.raises(StorageError, match="busy"), links.begin():
            pass
        readers = engine.reading(tmp_path / engine.SHOP_FILE, None, None)
        with readers.connect() as one, readers.connect() as other:
            assert one.raw is not other.raw  # type: ignore[attr-defined]
            assert query(other, "SELECT count(*) FROM counters").fetchone() == (0,)
        readers.dispose()
    assert counters(links) == {"outer": 1}
    links.dispose()


def test_more_readers_than_places_wait_and_all_come_to_read(
    tmp_path: Path, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = engine.reading(tmp_path / engine.SHOP_FILE, None, None)
    places = 8
    inside = threading.Barrier(places)
    done: list[int] = []

    def read() -> None:
        with readers.connect() as conn:
            inside.wait(30)  # as many at once as there are places, and never fewer
            done.append(query(conn, "SELECT 1").fetchone()[0])

    threads = [threading.Thread(target=read) for _ in range(3 * places)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert done == [1] * (3 * places)
    assert len(readers._free) == places
    with ExitStack() as lent:
        for _ in range(places):
            lent.enter_context(readers.connect())
        monkeypatch.setattr(link, "LENT_SECONDS", 0.0)
        with pytest.raises(StorageError, match="busy"), readers.connect():
            pass
    with readers.connect() as conn:
        assert query(conn, "SELECT 1").fetchone() == (1,)
    readers.dispose()


def test_what_is_lent_while_all_are_disposed_of_comes_to_its_end(links: Links) -> None:
    with links.begin() as conn:
        add(conn, "counters", {"name": "kept", "value": 1})
        conn.execute(select(tables.counters))
        raw = conn.raw  # type: ignore[attr-defined]
        links.dispose()
        links.dispose()
    with pytest.raises(engine.driver().ProgrammingError, match="closed"):
        raw.execute("SELECT 1")
    assert counters(links) == {"kept": 1}
    links.dispose()


def test_text_alone_never_brings_sqlalchemy_in(tmp_path: Path) -> None:
    migrate.upgrade(tmp_path / engine.SHOP_FILE, "shop", None)
    program = (
        "import sys; from pathlib import Path; from bookwish_desk.db import engine\n"
        "from bookwish_desk.db.link import add, query\n"
        "links = engine.writing(Path(sys.argv[1]))\n"
        "with links.begin() as conn: add(conn, 'counters', {'name': 'a', 'value': 1})\n"
        "with links.connect() as conn: assert query(conn, 'SELECT value FROM counters').fetchone() == (1,)\n"
        "links.dispose(); sys.exit('sqlalchemy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / engine.SHOP_FILE)], check=True, timeout=60)

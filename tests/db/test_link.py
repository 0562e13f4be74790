"""Connections that are lent: text and Core in one transaction, one user at a time, nothing half done."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bookwish_desk.db import engine, link, migrate, tables
from bookwish_desk.db.link import Links, add, query
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

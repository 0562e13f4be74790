"""Finding by code and by words: what comes first, how far is looked, and when codes are looked into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from bookwish_desk.db import indexing, items, search, tables, titles
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import StorageError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.title import Title
from tests.support.shops import found_shop


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened, _owner = found_shop(tmp_path / "shop")
    yield opened
    opened.close()


def put_titles(store: Store, *made: Title) -> None:
    with store.write_catalogue() as conn:
        titles.add(conn, made)
        indexing.write_words(conn)


def put_items(store: Store, *made: Item) -> None:
    with store.write() as tx:
        for item in made:
            row = {name: getattr(item, name) for name in item.__struct_fields__}
            result = tx.conn.execute(insert(tables.items).returning(tables.items.c.id), row)
            items.index(tx, result.scalar_one(), item)


def found(store: Store, words: str, limit: int = 20) -> list[str]:
    with store.read() as conn:
        return [item.sku for item in search.search(conn, words, limit)]


@pytest.mark.capability("BW+05")
def test_what_can_be_sold_now_comes_first_then_the_rest_then_the_trade_by_popularity(store: Store) -> None:
    put_titles(store, *(Title(9780000000000 + n, f"Bird song {n}") for n in (7, 5, 6)))
    put_items(
        store,
        Item("GONE", "Bird gone"),
        Item("FEW", "Bird few", on_hand=1),
        Item("MANY", "Bird many", on_hand=9),
        Item("WALK", "Bird walk", stocked=False),
    )
    assert found(store, "bird") == [
        *("MANY", "FEW", "WALK", "GONE"),
        *("9780000000007", "9780000000005", "9780000000006"),
    ]
    assert found(store, "bird", 3) == ["MANY", "FEW", "WALK"]
    assert found(store, "bird", 5) == ["MANY", "FEW", "WALK", "GONE", "9780000000007"]


def test_a_title_that_the_shop_keeps_is_found_once_as_the_shops_own(store: Store) -> None:
    put_titles(store, Title(9780000000001, "Owls", "Ann Ash", "Trade House", 2001, 1500))
    put_titles(store, *(Title(9780000000002 + n, f"Owls {n}") for n in range(30)))
    put_items(store, Item("9780000000001", "Owls", 9780000000001, "Ann Ash", on_hand=2, shelf="NAT"))
    with store.read() as conn:
        owls = search.search(conn, "owls")
    own = Item("9780000000001", "Owls", 9780000000001, "Ann Ash", "Trade House", 2001, 1500, "book", 2, "NAT")
    assert owls[0] == own
    assert [item.sku for item in owls[1:]] == [str(9780000000002 + n) for n in range(19)]
    assert owls[0].stocked is True and owls[0].to_catalogue is False


def test_the_best_of_very_many_own_items_that_match_come_first(store: Store) -> None:
    rows = [
        {"id": n, "sku": f"S{n}", "title": "Tea", "on_hand": n % 2, "sold": 9 if n in (6, 8) else n % 5}
        for n in range(1, 1_500)
    ]
    rows[2]["sold"], rows[4]["on_hand"], rows[6]["sold"] = 5, 3, 5
    with store.write() as tx:
        tx.conn.execute(insert(tables.items), rows)
        for row in rows:
            items.index(tx, int(row["id"]), Item(str(row["sku"]), "Tea"))
    assert found(store, "t", 4) == ["S3", "S7", "S9", "S19"]
    assert found(store, "s3")[:1] == ["S3"]


@pytest.mark.parametrize(
    ("digits", "skus"),
    [
        ("3456", ["9780123456786", "9780123456793"]),
        ("34567 8", ["9780123456786"]),
        ("9780", ["9780123456786", "9780123456793"]),
        ("34-56", ["9780123456786", "9780123456793"]),
        ("345", []),
        ("9781", []),
        ("3456x", []),
    ],
)
def test_digits_are_looked_for_inside_codes_where_no_code_begins_with_them(
    store: Store, digits: str, skus: list[str]
) -> None:
    put_titles(store, Title(9780123456793, "Two"))
    put_items(store, Item("9780123456786", "One", 9780123456786, on_hand=1))
    assert found(store, digits) == skus


def test_a_code_that_begins_with_the_digits_goes_alone(store: Store) -> None:
    put_titles(store, Title(9780123456793, "Inside"))
    put_items(store, Item("3456-A", "Beginning"))
    assert found(store, "3456") == ["3456-A"]


def test_codes_are_not_looked_into_when_enough_was_found(store: Store) -> None:
    put_titles(store, *(Title(9780000000000 + n, "Inside") for n in range(40)))
    asked: list[str] = []
    with store.read() as conn:
        raw = conn.connection.dbapi_connection
        assert raw is not None
        raw.set_trace_callback(asked.append)
        search.search(conn, "97800")
        raw.set_trace_callback(None)
    assert any("MATCH" in statement for statement in asked)
    assert not any("GLOB" in statement for statement in asked)


def test_a_scan_finds_by_sku_before_ean_and_fills_in_what_the_trade_knows(store: Store) -> None:
    put_titles(store, Title(9780000000001, "Trade name", "Ann", "House", 2001, 1500))
    assert _scanned(store, "9780000000001", 9780000000001) == Item(
        "9780000000001", "Trade name", 9780000000001, "Ann", "House", 2001, 1500
    )
    put_items(store, Item("OWL", "Own name", 9780000000001, year=1999, tax_class="general", low_at=4))
    own = Item("OWL", "Own name", 9780000000001, "", "House", 1999, 1500, "general", low_at=4)
    assert _scanned(store, "9780000000001", 9780000000001) == own
    put_items(store, Item("9780000000001", "Used copy", price_cents=300, to_catalogue=True))
    used = Item("9780000000001", "Used copy", None, "", "House", 2001, 300, to_catalogue=True)
    assert _scanned(store, "9780000000001", 9780000000001) == used
    assert _scanned(store, "NOTHING", None) is None


def _scanned(store: Store, code: str, ean: int | None) -> Item | None:
    with store.glance() as bare, store.read() as conn:
        quick, slow = items.find(bare, code, ean), items.find(conn, code, ean)
    assert quick == slow
    assert quick is None or {type(quick.stocked), type(quick.to_catalogue)} == {bool}
    return quick


def test_a_fault_at_a_glance_is_told_in_words(store: Store) -> None:
    with pytest.raises(StorageError) as caught, store.glance() as bare:
        bare.execute("DELETE FROM items")
    assert caught.value.code == "no_access"
    assert _scanned(store, "X", None) is None

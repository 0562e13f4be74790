"""Finding by code and by words: what comes first, how far is looked, and when codes are looked into."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bookwish_desk.db import finding, indexing, items, search, tables, titles
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.errors import Stopped, StorageError
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.title import Title
from tests.benchmarks.brute import Everything
from tests.benchmarks.catalogue import made
from tests.support.shops import found_shop

QUERIES = Path(__file__).parents[1] / "benchmarks" / "queries.toml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened, _owner = found_shop(tmp_path / "shop")
    yield opened
    opened.close()


def put_titles(store: Store, *made: Title, indexed: bool = True) -> None:
    with store.write_catalogue() as conn:
        titles.add(conn, made)
    if indexed:
        index_all(store)


def index_all(store: Store) -> None:
    with store.write_catalogue() as conn:
        while indexing.write_words(conn):
            pass
    unordered = True
    while unordered:
        with store.write_catalogue() as conn:
            unordered = indexing.close_build(conn)


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
    rows: list[dict[str, Any]] = [
        {"id": n, "sku": f"S{n}", "title": "Tea", "on_hand": n % 2, "sold": 9 if n in (6, 8) else n % 5}
        for n in range(1, 1_500)
    ]
    rows[2]["sold"], rows[4]["on_hand"], rows[6]["sold"] = 5, 3, 5
    with store.write() as tx:
        tx.conn.execute(insert(tables.items), rows)
        for row in rows:
            items.index(tx, row["id"], Item(row["sku"], "Tea"))
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


# ---- words ----


@pytest.mark.parametrize(
    "typed",
    [
        "obrien",
        "O'Brien",
        "o\N{RIGHT SINGLE QUOTATION MARK}brien",
        "lodz Łódź",
        "C++",
        '"sons" AND',
        "strasse*",
    ],
)
@pytest.mark.parametrize("indexed", [True, False])
def test_marks_accents_and_operators_are_ordinary_text(store: Store, typed: str, indexed: bool) -> None:
    made = Title(9780000000001, "C++ in Łódź", "Flann O'Brien", "Weiß & Sons AND", subtitle="Die Straße")
    put_titles(store, made, Title(9780000000002, "Nothing"), indexed=indexed)
    assert found(store, typed) == ["9780000000001"]
    assert found(store, f"{typed} nothing") == []


@pytest.mark.capability("BW+05")
def test_a_series_is_looked_through_in_the_trade_and_in_the_shop(store: Store) -> None:
    put_titles(store, Title(9780000000001, "The Colour of Magic", series="Discworld, 1"))
    put_titles(store, Title(9780000000002, "Mort", series="Discworld, 4"))
    assert found(store, "discworld 1") == ["9780000000001"]
    with store.write() as tx:
        kept = _scanned(store, "9780000000002", 9780000000002)
        assert kept is not None
        items.keep(tx, kept)
    with store.write_catalogue() as conn:
        conn.exec_driver_sql("DELETE FROM catalogue.titles WHERE ean = 9780000000002")
    assert found(store, "discworld") == ["9780000000002", "9780000000001"]


def test_long_words_find_as_short_ones_do(store: Store) -> None:
    titles_made = [
        Title(9780000000000 + n, f"Penguins {n} {'penal' if n % 3 else 'penguin'}") for n in range(200)
    ]
    near = [Title(9780000001000 + n, f"Pengu {n}") for n in range(100)]
    put_titles(store, *near, *titles_made)
    assert found(store, "penguins", 5) == [str(t.ean) for t in titles_made[:5]]
    assert found(store, "pengui penal", 5) == [str(titles_made[n].ean) for n in (1, 2, 4, 5, 7)]
    assert found(store, "penguinx") == []


# ---- codes ----

ROWLING = 9780747532699
MANN = 9783596294329
UPC = 36000291452
"""0-36000-29145-2, as a UPC is printed."""

WITH_X = 9780804429573
"""Its ISBN-10 is 080442957X."""


@pytest.mark.parametrize(
    ("typed", "skus"),
    [
        ("978-0-7475", [ROWLING]),
        ("07475", [ROWLING]),
        ("0 7475 3269", [ROWLING]),
        ("0747532699", [ROWLING]),
        ("0747532698", []),
        ("080442957x", [WITH_X]),
        ("0-8044-2957-X", [WITH_X]),
        ("036000", [UPC]),
        ("36000", [UPC]),
        ("4295", [WITH_X]),
        ("2957x", [WITH_X]),
        ("57X", []),
        ("47532699", [ROWLING]),
        ("91452", [UPC]),
        ("9790", []),
        ("1234567890123456", []),
    ],
)
@pytest.mark.parametrize("indexed", [True, False])
def test_codes_are_found_by_their_beginning_then_by_what_they_hold(
    store: Store, typed: str, skus: list[int], indexed: bool
) -> None:
    put_titles(
        store, Title(ROWLING, "A"), Title(MANN, "B"), Title(UPC, "C"), Title(WITH_X, "D"), indexed=indexed
    )
    assert found(store, typed) == [str(ean) for ean in skus]


def test_titles_named_like_a_code_are_found_among_the_codes(store: Store) -> None:
    put_titles(store, Title(9781984000002, "First by code"), Title(9780000000001, "1984"))
    put_titles(store, Title(9781984000019, "Last by code"))
    assert found(store, "1984") == ["9781984000002", "9780000000001", "9781984000019"]


def test_used_copies_are_found_by_the_code_of_their_title(store: Store) -> None:
    put_items(store, Item("U1", "Used", of_ean=ROWLING, kind="used"))
    assert found(store, "978074753") == found(store, "5326") == ["U1"]


def test_a_range_too_long_for_a_frame_is_looked_through_by_the_longer_look(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_IS_MUCH", search._IS_MUCH.replace("20001", "6").replace("20000", "5"))
    monkeypatch.setattr(search, "_ALONG", search._ALONG.replace("20000", "15"))
    others = [Title(9781000000000 + n, "Other") for n in range(10)]
    put_titles(store, *others, *(Title(9780000000000 + n, "Wanted") for n in range(30, 0, -1)))
    with store.read() as conn:
        answer = search.first(conn, "9780", 8)
        assert not answer.whole
        assert [item.sku for item in answer.items] == [str(9780000000000 + n) for n in (30, 29, 28, 27, 26)]
        assert search.first(conn, "9780", 5).whole
    assert found(store, "9780", 8) == [str(9780000000000 + n) for n in range(30, 22, -1)]


# ---- what an import has not indexed yet ----


def test_what_waits_for_the_index_is_found_in_its_place_by_the_longer_look(store: Store) -> None:
    put_titles(store, Title(9780000000001, "Old owls"), Title(9780000000002, "Barn owls"))
    put_titles(store, Title(9780000000003, "Käuze und owls"), indexed=False)
    with store.write_catalogue() as conn:
        titles.change(conn, [Title(9780000000001, "Old hawks")])
        titles.add(conn, [Title(9780000000004, "Best owls")], demand=500)
    with store.read() as conn:
        answer = search.first(conn, "owls")
        assert not search.first(conn, "owls", 1).whole
    assert not answer.whole
    assert "9780000000002" in [item.sku for item in answer.items]
    assert found(store, "owls") == ["9780000000004", "9780000000002", "9780000000003"]
    assert found(store, "kauze owl") == ["9780000000003"]
    assert found(store, "hawks") == ["9780000000001"]
    index_all(store)
    assert found(store, "owls") == ["9780000000004", "9780000000002", "9780000000003"]
    with store.read() as conn:
        assert search.first(conn, "owls").whole


def test_what_stands_before_all_that_wait_is_whole_at_once(store: Store) -> None:
    put_titles(store, *(Title(9780000000000 + n, "Owls") for n in range(5)))
    put_items(store, Item("MINE", "Owls"))
    put_titles(store, Title(9780000000009, "Owls"), indexed=False)
    with store.read() as conn:
        whole = [search.first(conn, "owls", limit).whole for limit in (1, 3, 6, 7)]
    assert whole == [True, True, True, False]


def test_a_title_that_went_away_is_found_by_nothing(store: Store) -> None:
    put_titles(store, Title(ROWLING, "Gone owls"), Title(MANN, "Owls"))
    with store.write_catalogue() as conn:
        conn.exec_driver_sql(
            "INSERT INTO catalogue.unsearched SELECT id FROM catalogue.titles WHERE title = 'Gone owls'"
        )
        conn.exec_driver_sql("DELETE FROM catalogue.titles WHERE title = 'Gone owls'")
    for _ in range(2):
        assert found(store, "owls") == [str(MANN)]
        assert found(store, "7475") == []
        index_all(store)


# ---- the hot tier of a large catalogue ----


@pytest.fixture
def large(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(indexing, "LARGE", 30)
    monkeypatch.setattr(indexing, "HOT", 10)
    put_titles(store, *(Title(9780000000100 + n, f"Owls {n} {'late' if n >= 20 else ''}") for n in range(25)))
    put_titles(store, *(Title(9780000000200 + n, f"Hawks {n}") for n in range(10)))
    return store


def test_a_large_catalogue_answers_at_once_from_its_best_places(large: Store) -> None:
    with large.read() as conn:
        some = search.first(conn, "owls", 10)
        more = search.first(conn, "owls", 11)
        late = search.first(conn, "owls late", 3)
    assert [item.sku for item in some.items] == [str(9780000000100 + n) for n in range(10)]
    assert some.whole
    assert (len(more.items), more.whole, late.items, late.whole) == (10, False, (), False)
    assert found(large, "owls", 11) == [str(9780000000100 + n) for n in range(11)]
    assert found(large, "owls late", 3) == [str(9780000000100 + n) for n in (20, 21, 22)]


def test_the_best_places_keep_up_with_changes(large: Store) -> None:
    with large.write_catalogue() as conn:
        titles.change(conn, [Title(9780000000103, "Falcons")])
        titles.add(conn, [Title(9780000000300, "Best owls")], demand=500)
    index_all(large)
    with large.read() as conn:
        assert [i.sku for i in search.first(conn, "owls", 4).items] == [
            *("9780000000300", "9780000000100", "9780000000101", "9780000000102"),
        ]
        assert [i.sku for i in search.first(conn, "falc").items] == ["9780000000103"]
        assert finding.titles_index(conn) == []


# ---- both ways ----


@pytest.mark.slow
def test_every_kept_query_is_answered_as_by_looking_at_everything(tmp_path: Path) -> None:
    store = open_store(made(tmp_path, 3_000))
    everything = Everything(store)
    wrong = [
        words
        for queries in tomllib.loads(QUERIES.read_text()).values()
        for words in queries
        if found(store, words) != everything.found(words)
    ]
    store.close()
    assert wrong == []


# ---- breaking off ----


def test_a_read_that_nobody_waits_for_is_broken_off(store: Store) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    asked: list[int] = []

    def stop() -> bool:
        asked.append(len(asked))
        return len(asked) > 3

    with pytest.raises(Stopped), store.read(stop) as conn:
        conn.exec_driver_sql(endless)
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT 1").scalar_one() == 1
    assert len(asked) in (4, 5)

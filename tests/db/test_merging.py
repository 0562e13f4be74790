"""The new catalogue out of the old one and a list: statements on all rows, held against a rule for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace
from sqlalchemy import select

from bookwish_desk.db import finding, indexing, search, tables, titles
from bookwish_desk.db.filling import Fill, fits
from bookwish_desk.db.merging import IS_BOOK, IS_TRADE, Merge
from bookwish_desk.db.staging import STAGE_FILE, staged
from bookwish_desk.db.store import Store
from bookwish_desk.shop.catalogue import Batch
from bookwish_desk.shop.title import FACTS, KEPT, RejectedRow, Title, TitleRow
from tests.support.books import new_store

CLASSES = ("book", "general")
FIELDS = tuple(name for name in TitleRow.__struct_fields__ if name not in ("line", "raw"))
BOOKS = (9780140449068, 9780439023481, 9780439655484, 9781509854172)
BOOK, OTHER = BOOKS[:2]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "data")
    yield opened
    opened.close()


def merged(
    store: Store,
    rows: Sequence[TitleRow],
    *,
    later_counts: bool = False,
    counts: bool = False,
    fill: bool = False,
) -> tuple[int, int, int, list[RejectedRow]]:
    """Merge rows; return what was added, updated and removed, and what was refused."""
    fields = (*FACTS, "demand") if fill else FIELDS
    with store.import_catalogue() as driver, staged(driver, store.folder) as stage:
        filling = Fill(stage, fields, CLASSES) if fill and fits(driver, fields) else None
        left = (
            [one for row in rows for one in filling.take(batch(row)) if isinstance(one, TitleRow)]
            if filling
            else rows
        )
        stage.add(left, fields)
        if filling:
            filling.settle()
        refused = list(stage.settle(later_counts=later_counts))
        merge = Merge(stage, CLASSES, counts=counts, owned=())
        merge.work_out(lambda _per_cent: None)
        merge.commit()
        added = merge.added + (filling.added if filling else 0)
    assert not list(store.folder.glob(f"{STAGE_FILE}*"))
    while True:
        with store.write_catalogue() as conn:
            if not indexing.write_words(conn):
                break
    return added, merge.updated, merge.removed, refused


def batch(row: TitleRow) -> Batch:
    """Return a row in columns, as the reader of tables hands it on."""
    rest = TitleRow.__struct_fields__[3:]
    return Batch(row.line, [row.ean], [row.sku], {name: [getattr(row, name)] for name in rest}, rest, {})


def empty(store: Store) -> Store:
    """Forget every title: a new catalogue for each example would take most of the time."""
    with store.import_catalogue() as driver:
        for table in ("titles", "unsearched", "marks"):
            driver.execute(f"DELETE FROM catalogue.{table}")
        for index in ("title_search", "hot_search", "code_search"):
            driver.execute(f"INSERT INTO catalogue.{index}({index}) VALUES ('delete-all')")
    return store


def known(store: Store) -> dict[int, Title]:
    with store.read() as conn:
        eans = conn.execute(select(tables.titles.c.ean)).scalars().all()
        return titles.by_eans(conn, eans)


def places(store: Store) -> list[int]:
    """Return the EANs in the order in which a search yields them."""
    t = tables.titles.c
    with store.read() as conn:
        return list(conn.execute(select(t.ean).order_by(t.id)).scalars())


def found(store: Store, words: str) -> list[int | None]:
    with store.read() as conn:
        return [item.ean for item in search.search(conn, words)]


def over(before: Title | None, row: TitleRow) -> Title:
    """Return what is known of a title after a row: the rule, one fact at a time."""
    start = before or Title(row.ean or 0, "", tax_class="book" if row.is_book else "general")
    said = {name: getattr(row, name) for name in FACTS}
    for name, value in list(said.items()):
        unsaid = value in ("", None)
        if unsaid and (name in KEPT or not row.whole or before is None):
            said[name] = getattr(start, name)
    if row.returnable:
        said["last_return"] = row.last_return
    return replace(start, **said)


# ---- what a row means, in SQL and in Python ----


@given(
    ean=st.one_of(st.none(), st.integers(0, 9_999_999_999_999), st.sampled_from(BOOKS))
    | st.sampled_from([2012345000018, 200000000000, 299999999999, 300000000000, 400000010014, 9790060115615]),
    sku=st.sampled_from(["", "TOTE"]),
)
def test_what_is_trade_and_what_is_a_book_is_the_same_in_both(ean: int | None, sku: str) -> None:
    from bookwish_desk.db.engine import driver

    row = TitleRow(line=1, ean=ean, sku=sku)
    raw = driver().connect(":memory:")
    asked = raw.execute(f"SELECT {IS_TRADE}, {IS_BOOK} FROM (SELECT ? AS ean, ? AS sku) AS r", (ean, sku))
    trade, book = asked.fetchone()
    raw.close()
    assert (bool(trade), bool(book)) == (row.is_trade, row.is_book)


TEXTS = st.sampled_from(["", "One", "Zwei's", "Łódź", "O’Brien: C++"])
ROWS = st.builds(
    TitleRow,
    line=st.just(0),
    ean=st.sampled_from(BOOKS),
    title=TEXTS,
    authors=TEXTS,
    series=TEXTS,
    year=st.sampled_from([None, 1999]),
    price_cents=st.sampled_from([None, 0, 999]),
    tax_class=st.sampled_from([None, "general"]),
    media_mail=st.sampled_from([None, True, False]),
    supplier=st.sampled_from(["", "Ingram"]),
    returnable=st.sampled_from(["", "Y"]),
    last_return=st.sampled_from(["", "2027-01-31"]),
    demand=st.sampled_from([None, 0, 5, 5000]),
    whole=st.booleans(),
    gone=st.booleans(),
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lists=st.lists(st.lists(ROWS, max_size=4, unique_by=lambda r: r.ean), min_size=1, max_size=3))
def test_any_lists_make_what_the_rule_makes(store: Store, lists: list[list[TitleRow]]) -> None:
    empty(store)
    expected: dict[int, Title] = {}
    for rows in lists:
        before = dict(expected)
        for row in rows:
            assert row.ean is not None
            if row.gone:
                expected.pop(row.ean, None)
            elif row.ean in before or row.title or row.supplier:
                expected[row.ean] = over(before.get(row.ean), row)
        added, _updated, removed, refused = merged(store, [replace(r, line=n) for n, r in enumerate(rows, 1)])
        assert (added, removed) == (
            len(expected.keys() - before.keys()),
            len(before.keys() - expected.keys()),
        )
        assert refused == []
        assert known(store) == expected
        with store.read() as conn:
            assert finding.titles_index(conn) == []
        for title in expected.values():
            for words in (title.title, title.series, str(title.ean)):
                assert not words or title.ean in found(store, words)
    for ean in BOOKS:
        assert found(store, str(ean)) == ([ean] if ean in expected else [])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(ROWS, st.sampled_from(["", "", "TOTE"]), st.booleans()), max_size=8))
def test_filling_an_empty_catalogue_makes_what_merging_makes(
    store: Store, rows: list[tuple[TitleRow, str, bool]]
) -> None:
    said = {"whole": False, "gone": False, "supplier": ""}
    table = [
        replace(row, line=line, sku=sku, repaired=repaired, demand=BOOKS.index(row.ean or 0) * 400, **said)
        for line, (row, sku, repaired) in enumerate(rows, 1)
    ]
    results = []
    for fill in (True, False):
        added, updated, removed, refused = merged(empty(store), table, fill=fill)
        reasons = [(r.line, r.reason) for r in refused]
        results.append((added, updated, removed, reasons, known(store), places(store)))
    assert results[0] == results[1]


# ---- two records about one title ----


def test_in_a_feed_the_later_record_counts(store: Store) -> None:
    rows = [
        TitleRow(1, BOOK, title="Old", authors="Ann", reference="a", whole=True),
        TitleRow(2, OTHER, title="Other", reference="b", whole=True),
        TitleRow(3, BOOK, title="New", reference="a", whole=True),
    ]
    added, updated, _, refused = merged(store, rows, later_counts=True)
    assert (added, updated) == (2, 0)
    assert [(r.line, r.reason) for r in refused] == [
        (1, "Record 3 is about a too, and the later one counts.")
    ]
    assert known(store)[BOOK] == Title(BOOK, "New")


def test_a_record_whose_code_was_corrected_counts_under_its_new_code(store: Store) -> None:
    rows = [TitleRow(1, BOOK, title="A", reference="a"), TitleRow(2, OTHER, title="A", reference="a")]
    merged(store, rows, later_counts=True)
    assert set(known(store)) == {OTHER}


def test_an_update_of_some_facts_stands_on_the_record_before_it(store: Store) -> None:
    rows = [
        TitleRow(1, BOOK, title="A", authors="Ann", price_cents=900, reference="a", whole=True),
        TitleRow(2, BOOK, price_cents=1000, reference="a"),
    ]
    merged(store, rows, later_counts=True)
    assert known(store)[BOOK] == Title(BOOK, "A", "Ann", price_cents=1000)


def test_a_record_that_is_taken_back_is_gone_and_may_come_again(store: Store) -> None:
    row = TitleRow(1, BOOK, title="A", reference="a", whole=True)
    gone = TitleRow(2, BOOK, reference="a", gone=True)
    merged(store, [row, gone], later_counts=True)
    assert known(store) == {}
    merged(store, [row])
    assert found(store, "a") == [BOOK]
    assert merged(store, [gone], later_counts=True)[1:3] == (1, 1)
    assert found(store, "a") == []
    assert found(store, "97801") == []
    merged(store, [replace(gone, line=1), replace(row, line=2)], later_counts=True)
    assert found(store, "a") == [BOOK]


# ---- places ----


def test_what_sells_more_stands_before_and_moves_only_far(store: Store) -> None:
    demands = {BOOKS[0]: 3, BOOKS[1]: None, BOOKS[2]: 40_000, BOOKS[3]: 100}
    rows = [TitleRow(n, ean, title="T", demand=d) for n, (ean, d) in enumerate(demands.items(), 1)]
    merged(store, rows)
    assert places(store) == [BOOKS[2], BOOKS[3], BOOKS[0], BOOKS[1]]
    before = places(store)
    merged(store, [TitleRow(1, BOOKS[0], title="T", demand=9)])
    assert places(store) == before
    assert merged(store, [TitleRow(1, BOOKS[0], title="T", demand=90_000)])[1] == 1
    assert places(store) == [BOOKS[2], BOOKS[0], BOOKS[3], BOOKS[1]]
    assert found(store, "t") == places(store)
    merged(store, [TitleRow(1, BOOKS[2], title="T")])
    assert places(store)[0] == BOOKS[2]


def test_only_titles_whose_words_change_are_indexed_again(store: Store) -> None:
    merged(store, [TitleRow(n, ean, title="T", price_cents=100) for n, ean in enumerate(BOOKS, 1)])
    with store.import_catalogue() as driver, staged(driver, store.folder) as stage:
        stage.add([TitleRow(1, BOOK, title="T", price_cents=200), TitleRow(2, OTHER, title="U")], FIELDS)
        assert list(stage.settle(later_counts=False)) == []
        merge = Merge(stage, CLASSES, counts=False, owned=())
        merge.work_out(lambda _per_cent: None)
        merge.commit()
        assert merge.updated == 2
    u, t = tables.unsearched.c, tables.titles.c
    with store.read() as conn:
        waiting = conn.execute(select(t.ean).join(tables.unsearched, u.id == t.id)).scalars().all()
    assert waiting == [OTHER]


def test_nothing_is_changed_before_the_commit(store: Store) -> None:
    merged(store, [TitleRow(1, BOOK, title="Old")])
    with store.import_catalogue() as driver, staged(driver, store.folder) as stage:
        stage.add([TitleRow(1, BOOK, title="New"), TitleRow(2, OTHER, title="Other")], FIELDS)
        assert list(stage.settle(later_counts=False)) == []
        merge = Merge(stage, CLASSES, counts=False, owned=())
        merge.work_out(lambda _per_cent: None)
        assert known(store) == {BOOK: Title(BOOK, "Old")}
    assert known(store) == {BOOK: Title(BOOK, "Old")}
    assert asdict(known(store)[BOOK])["title"] == "Old"

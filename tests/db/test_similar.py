"""What is like a title: its other copies, its author's and its series' titles, and those of its subject."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from bookwish_desk.db import items, similar, tables
from bookwish_desk.db.store import Store
from bookwish_desk.shop.item import Item
from tests.support.shops import found_shop, put_titles

ORLANDO = Item("9780156701600", "Orlando", ean=9780156701600, authors="Virginia Woolf and Somebody Else")
WAVES = Item("9780156949606", "The Waves", ean=9780156949606, authors="Virginia Woolf")
USED = Item("9780156701600U1", "Orlando", kind="used", of_ean=9780156701600)
GONE = replace(USED, sku="9780156701600U2")
BECK = Item("9780307390479", "Roseanna", ean=9780307390479, authors="Maj Sjöwall", series="Martin Beck #1")
BECK_TWO = Item(
    "9780307390486", "The Man Who Went Up in Smoke", ean=9780307390486, authors="Per Wahlöö",
    series="Martin Beck #2",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made, _owner = found_shop(tmp_path)
    with made.write() as tx:
        items.keep(tx, ORLANDO, WAVES, USED, GONE, BECK, BECK_TWO)
        items.move(tx, USED.sku, 1, "adjust", staff="")
    yield made
    made.close()


@pytest.mark.capability("BW-31")
def test_copies_that_are_here_go_before_titles_of_the_author(store: Store) -> None:
    with store.read() as conn:
        assert [x.sku for x in similar.near(conn, ORLANDO)] == [USED.sku, WAVES.sku]
        assert [x.sku for x in similar.near(conn, ORLANDO, limit=1)] == [USED.sku]


@pytest.mark.capability("BW-31")
def test_a_series_goes_on_with_its_other_volumes(store: Store) -> None:
    with store.read() as conn:
        assert [x.title for x in similar.near(conn, BECK)] == [BECK_TWO.title]


def test_what_has_no_author_is_like_nothing(store: Store) -> None:
    with store.read() as conn:
        assert similar.near(conn, Item("MUG", "A mug")) == ()
        assert similar.of_subject(conn, Item("MUG", "A mug")) == ()


@pytest.mark.capability("BW-31")
def test_the_main_subject_finds_titles_of_other_authors(store: Store) -> None:
    put_titles(
        store,
        [
            (ORLANDO.ean or 0, "Orlando", "", 1),
            (BECK.ean or 0, "Roseanna", "", 1),
            (WAVES.ean or 0, "", "", 1),
        ],
    )
    subjects = {ORLANDO.ean: "FIC019000; FIC068000", BECK.ean: "FIC022000; FIC019000", WAVES.ean: "POE"}
    with store.catalogue.begin() as conn:
        for ean, words in subjects.items():
            where = tables.titles.c.ean == ean
            conn.execute(update(tables.titles).where(where).values(subjects=words))
    with store.read() as conn:
        assert [x.title for x in similar.of_subject(conn, ORLANDO)] == ["Roseanna"]
        assert similar.of_subject(conn, replace(WAVES, ean=1)) == (), "a title that the trade does not know"

"""Results of a search: in words, as rows that keep a person's choice, and in pictures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import insert

from bookwish_desk.actions import tilling
from bookwish_desk.db import indexing, items, tables, titles
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.till import Count
from bookwish_desk.shop.title import Title
from bookwish_desk.ui import sell
from bookwish_desk.ui.found import FoundRow, found_row
from bookwish_desk.ui.widgets import FoundList
from tests.support import looking
from tests.support.shops import NOON, found_shop, station_for

DOLLARS = Currency("USD", "en_US")
ORLANDO = Item(
    "9780156701600",
    "Orlando",
    9780156701600,
    "Virginia Woolf",
    "Mariner Books",
    1973,
    1699,
    on_hand=3,
    shelf="FIC-W",
    series="Annotated",
    format="BC",
    on_order=6,
)


def row(item: Item) -> FoundRow:
    return found_row(item, NOON, DOLLARS, "America/New_York")


@pytest.mark.capability("BW+05")
def test_a_result_says_what_tells_it_from_others() -> None:
    assert row(ORLANDO) == FoundRow(
        sku="9780156701600",
        title="Orlando",
        details="Virginia Woolf · 6 on order · Annotated · Mariner Books · 1973 · 9780156701600",
        price="$16.99",
        on_hand="3",
        in_stock=True,
        format="Paperback",
        where="FIC-W",
    )
    bare = row(Item("WRAP", "Gift wrap", stocked=False))
    assert (bare.price, bare.on_hand, bare.in_stock, bare.format, bare.details) == (
        *("No price", "–", True, "", "WRAP"),
    )
    out = row(replace(ORLANDO, on_hand=0))
    assert (out.in_stock, out.where) == (False, "6 on order")
    assert out.details == "Virginia Woolf · Annotated · Mariner Books · 1973 · 9780156701600"
    assert row(replace(ORLANDO, on_hand=0, on_order=0)).where == "FIC-W"


def test_copies_and_strict_dates_are_marked() -> None:
    used = row(replace(ORLANDO, kind="used", of_ean=ORLANDO.ean, condition="Spine worn"))
    assert (used.mark, used.early) == ("Used", False)
    assert used.details.startswith("Virginia Woolf · Spine worn · ")
    early = row(replace(ORLANDO, street_date="2026-11-24"))
    assert (early.mark, early.early) == ("On sale Nov 24, 2026", True)
    signed = row(replace(ORLANDO, street_date="2026-11-24", kind="signed"))
    assert signed.mark == "On sale Nov 24, 2026"
    assert signed.details.startswith("Signed · ")
    assert row(replace(ORLANDO, street_date="2026-09-21")).mark == ""


def test_what_has_no_title_yet_is_named_by_its_code() -> None:
    nameless = row(Item("9780000000002", "", 9780000000002))
    assert (nameless.title, nameless.details) == ("9780000000002", "")


@pytest.fixture
def shown(qtbot, dressed):
    made = FoundList("Search results", "Nothing found.")
    qtbot.addWidget(made)
    made.show()
    return made


ONE, TWO, THREE = (FoundRow(sku, sku, "", "$1.00", "1", in_stock=True) for sku in ("one", "two", "three"))


def chosen(shown: FoundList) -> str:
    current = shown.current()
    return current.key if current is not None else ""


def test_new_words_choose_the_first_result_again(shown: FoundList) -> None:
    shown.show_found("a", (ONE, TWO), searching=False)
    shown.step(1)
    assert chosen(shown) == "two"
    shown.show_found("ab", (ONE, TWO), searching=True)
    assert chosen(shown) == "one"
    shown.show_found("ab", (THREE, ONE), searching=False)
    assert chosen(shown) == "three"


def test_a_longer_look_leaves_the_choice_where_it_is(shown: FoundList) -> None:
    shown.show_found("a", (ONE, TWO), searching=False)
    shown.step(1)
    shown.show_found("a", (THREE, ONE, TWO), searching=False)
    assert chosen(shown) == "two"
    shown.show_found("a", (THREE, ONE), searching=False)
    assert chosen(shown) == "three"


def test_nothing_is_not_said_before_it_is_sure(shown: FoundList) -> None:
    shown.show_found("a", (), searching=True)
    assert shown._empty == "Looking through the whole catalogue."
    shown.show_found("a", (), searching=False)
    assert shown._empty == "Nothing found."


def test_a_reader_of_the_screen_hears_every_part(shown: FoundList) -> None:
    shown.show_found("o", (row(ORLANDO),), searching=False)
    assert shown.row_model().index(0, 0).data() == (
        "Orlando, Virginia Woolf · 6 on order · Annotated · Mariner Books · 1973 · 9780156701600, "
        "On hand 3, FIC-W, Price $16.99, Paperback"
    )


# ---- pictures ----

SHELF = (
    ORLANDO,
    Item(
        "9780156701600U1",
        "Orlando",
        authors="Virginia Woolf",
        price_cents=799,
        on_hand=1,
        shelf="USED-2",
        kind="used",
        of_ean=9780156701600,
        condition="Spine worn",
        format="BC",
    ),
    Item("9780156701617", "Orlando", 9780156701617, "Virginia Woolf", on_order=4, format="BB", shelf="FIC-W"),
    Item("TOTE", "Orlando tote bag", price_cents=1800, on_hand=12, shelf="FRONT"),
    Item("WRAP", "Orlando gift wrap", price_cents=300, stocked=False),
)
TRADE = (
    Title(
        9780241371947, "Orlando: A Biography", "Virginia Woolf", "Penguin Classics", 2019, 2400, format="BB"
    ),
    Title(
        9780000000019,
        "Orlando furioso: the frenzy of Orlando, a romantic epic in two volumes with notes",
        "Ludovico Ariosto; Barbara Reynolds",
        "Penguin Classics",
        1975,
        2200,
        format="BC",
        series="Penguin Classics, 311",
    ),
    Title(
        9780000000026,
        "Orlando at midnight",
        "Ann Ash",
        "Ace",
        2026,
        2899,
        format="BB",
        street_date="2026-11-24",
    ),
    Title(9780000000033, "Orlando on tape", "Virginia Woolf", "Naxos", 2004, None, format="AJ"),
)


def test_pictures(dressed, pictures, qtbot, tmp_path):
    store, owner = found_shop(tmp_path / "shop")
    with store.write_catalogue() as conn:
        titles.add(conn, TRADE)
        indexing.write_words(conn)
    with store.write() as tx:
        for item in SHELF:
            values = {name: getattr(item, name) for name in item.__struct_fields__}
            made = tx.conn.execute(insert(tables.items).returning(tables.items.c.id), values)
            items.index(tx, made.scalar_one(), item)
    tilling.open_till(store, owner, Count(other_cents=10000))
    station, _front = station_for(store, owner)
    screen, presenter, _paying = sell.build(station)
    window = looking.window_with("sell", screen)
    qtbot.addWidget(window)
    presenter.shown()
    screen.search.setText("orlando")
    presenter.finder.typed("orlando")
    assert len(screen.found.rows()) == 9
    looking.photograph_all(dressed, window, pictures, "sell-found")
    store.close()

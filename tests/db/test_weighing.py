"""What is known of SKUs that says what they weigh: the shop's items and the trade's titles together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk.db import items, titles
from bookwish_desk.db.store import Store
from bookwish_desk.db.weighing import of_lines
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.media_mail import unfit
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.title import Title
from tests.support.books import new_store

ORLANDO = 9780156701600
CD = 27312345678


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new_store(tmp_path)
    with made.catalogue.begin() as conn:
        titles.add(
            conn,
            [
                Title(
                    ORLANDO,
                    "Orlando",
                    grams=310,
                    media_mail=True,
                    format="BC",
                    pages=336,
                    subjects="FIC019000",
                ),
                Title(CD, "Songs", format="AC"),
            ],
        )
    with made.write() as tx:
        items.keep(
            tx,
            Item(f"{ORLANDO}U1", "Orlando", kind="used", of_ean=ORLANDO),
            Item("mug", "Shop mug", tax_class="general", format="ZK"),
            Item("9781234567897", "Our own press", ean=9781234567897, format="BC"),
            Item("wrap", "Gift wrap", tax_class="general", stocked=False),
        )
    yield made
    made.close()


def lines(*skus: str) -> list[OrderLine]:
    return [OrderLine(str(no), sku, "", 1, 0) for no, sku in enumerate(skus)]


def test_a_title_the_shop_never_had_a_used_copy_and_an_article_of_its_own(store: Store) -> None:
    with store.read() as conn:
        found = of_lines(conn, lines(str(ORLANDO), f"{ORLANDO}U1", "mug", "wrap", "unknown", str(CD)))

    book = Weighed(
        str(ORLANDO), "Orlando", ORLANDO, 310, media_mail=True, format="BC", pages=336, subjects="FIC019000",
        tax_class="book", of_trade=True,
    )  # fmt: skip
    assert found[str(ORLANDO)] == book
    used = found[f"{ORLANDO}U1"]
    assert (used.grams, used.ean, used.of_trade) == (310, ORLANDO, True)
    assert found["mug"] == Weighed("mug", "Shop mug", format="ZK", tax_class="general")
    assert not found["wrap"].stocked
    assert found[str(CD)].format == "AC"
    assert "unknown" not in found


def test_a_book_that_only_the_shop_knows_keeps_its_isbn(store: Store) -> None:
    with store.read() as conn:
        found = of_lines(conn, lines("9781234567897"))["9781234567897"]

    assert (found.ean, found.format, found.of_trade, found.grams) == (9781234567897, "BC", False, None)
    assert unfit(found) == ""


def test_a_line_of_an_unknown_sku_is_found_by_its_ean(store: Store) -> None:
    line = OrderLine("1", "BW-INV-77", "Orlando", 1, 1_699, ean=ORLANDO)

    with store.read() as conn:
        assert of_lines(conn, [line])["BW-INV-77"].grams == 310
        assert of_lines(conn, []) == {}

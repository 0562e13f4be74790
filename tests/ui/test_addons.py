"""The small barcode beside a book says its price soon after the book, and is a code of its own otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk.shop.barcode import Scan
from bookwish_desk.ui.addons import SOON_S, AddOns
from tests.support.shops import found_shop, station_for

BOOK = "9780306406157"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def addons(clock: Clock) -> AddOns:
    return AddOns(clock)


@pytest.mark.capability("BW+01")
@pytest.mark.parametrize("book", [BOOK, f"]E0{BOOK}", "0306406152", "036000291452"])
@pytest.mark.parametrize("addon", ["51699", "]E251699", "03", "]E103"])
def test_two_or_five_digits_soon_after_an_article_are_its_add_on(
    addons: AddOns, clock: Clock, book: str, addon: str
) -> None:
    assert addons.article_of(book) is None
    clock.now += SOON_S
    article = addons.article_of(addon)
    assert article is not None
    assert addon.endswith(article.addon) and len(article.addon) in (2, 5)
    assert article.ean is not None


def test_later_it_is_a_code(addons: AddOns, clock: Clock) -> None:
    addons.article_of(BOOK)
    clock.now += SOON_S + 0.1
    assert addons.article_of("51699") is None


def test_an_article_has_one_add_on(addons: AddOns) -> None:
    addons.article_of(BOOK)
    assert addons.article_of("51699") is not None
    assert addons.article_of("51699") is None
    addons.article_of(f"{BOOK}51699")
    assert addons.article_of("51699") is None


@pytest.mark.parametrize("before", ["R1-000042", "2000000000008", "9780306406158", "BADGE", "12345", ""])
def test_other_codes_have_none(addons: AddOns, before: str) -> None:
    addons.article_of(before)
    assert addons.article_of("51699") is None


def test_another_scan_between_makes_it_a_code(addons: AddOns) -> None:
    addons.article_of(BOOK)
    addons.article_of("R1-000042")
    assert addons.article_of("51699") is None


class Plain:
    """An owner of scans to whom an add-on says nothing."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def scanned(self, code: str) -> None:
        self.codes.append(code)


class Pricing(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.articles: list[Scan] = []

    def addon(self, article: Scan) -> None:
        self.articles.append(article)


def test_an_add_on_goes_to_who_wants_it_and_is_nothing_to_others(tmp_path: Path) -> None:
    store, actor = found_shop(tmp_path)
    station, _front = station_for(store, actor)
    station.scanned(BOOK)  # nobody takes scans yet
    plain, pricing = Plain(), Pricing()
    station.own_scans(plain)
    for code in (BOOK, "51699", "R1-000042"):
        station.scanned(code)
    assert plain.codes == [BOOK, "R1-000042"]
    station.own_scans(pricing)
    for code in (BOOK, "51699", "51699"):
        station.scanned(code)
    assert pricing.codes == [BOOK, "51699"]
    assert [(a.code, a.price_hint_cents) for a in pricing.articles] == [(BOOK, 1699)]
    store.close()

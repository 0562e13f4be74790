"""Which parcels may go by Media Mail: every line qualifies, or none goes."""

import pytest

from bookwish_desk.shop.media_mail import UNITED_STATES, qualifies, unfit
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.parcel_weight import Weighed
from bookwish_desk.shop.shipping import PACKAGES, Package

NOVEL = Weighed("9780156701600", ean=9780156701600, format="BC", pages=336, tax_class="book", of_trade=True)


def line(item: Weighed, title: str = "Orlando") -> OrderLine:
    return OrderLine(item.sku, item.sku, title, 1, 1_699)


def item(**more: object) -> Weighed:
    return Weighed(**{f: more.get(f, getattr(NOVEL, f)) for f in NOVEL.__struct_fields__})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fit",
    [
        NOVEL,
        item(format=""),
        item(format="MM", pages=None),
        item(format="BH", pages=12),
        item(ean=5012345678900, format="AC", pages=None),
        item(format="VI", of_trade=False),
        item(ean=9790001000000, format="PI", pages=4),
        item(format="", ean=None, media_mail=True),
        item(subjects="CGN004050", media_mail=True),
    ],
)
def test_books_recordings_and_music_qualify(fit: Weighed) -> None:
    assert unfit(fit) == ""


@pytest.mark.parametrize(
    ("not_fit", "why"),
    [
        (item(format="PC", media_mail=True), "is a calendar"),
        (item(format="PR"), "is a notebook"),
        (item(format="PF"), "is a diary"),
        (item(format="ZE", ean=None), "is a game"),
        (item(format="ZJ"), "is a jigsaw"),
        (item(format="ZK"), "is a mug"),
        (item(format="ZG"), "is an e-book reader"),
        (item(pages=7), "has fewer than 8 pages"),
        (item(media_mail=False), "is not for Media Mail by its list"),
        (item(subjects="FIC019000; CGN004050"), "is a comic, which may hold advertising"),
        (item(subjects="Manga"), "is a comic, which may hold advertising"),
        (item(subjects="Calendars & Diaries"), "is no reading matter by its subject"),
        (item(format="BF", ean=9770000000000), "has no ISBN, so that nobody knows whether it is a book"),
        (item(format="", of_trade=False), "is not known to be a book or a recording"),
        (item(format="", tax_class="general"), "is not known to be a book or a recording"),
        (item(stocked=False), "is no book or recording"),
        (Weighed("tote"), "is not known to be a book or a recording"),
    ],
)
def test_what_usps_excludes_or_nobody_knows_does_not(not_fit: Weighed, why: str) -> None:
    assert unfit(not_fit) == why


@pytest.mark.capability("OMG-18")
def test_one_mug_between_the_books_keeps_the_parcel_out_and_is_warned_about() -> None:
    mug = Weighed("mug", format="ZK")
    lines = ((line(NOVEL), 2), (line(mug, "Shop mug"), 1))

    found = qualifies(lines, {NOVEL.sku: NOVEL, "mug": mug})

    assert not found.ok and found.mixed
    assert found.why == ("Shop mug is a mug.",)
    assert found.words == (
        "Not Media Mail: Shop mug is a mug. Opened on its way, the customer would pay the difference."
    )


def test_books_alone_may_go_within_the_country_in_the_shops_own_packaging() -> None:
    lines, known = ((line(NOVEL), 2),), {NOVEL.sku: NOVEL}

    assert qualifies(lines, known, country="US", package=PACKAGES[0], grams=31_751).ok
    assert all(qualifies(lines, known, country=code).ok for code in UNITED_STATES)
    assert qualifies(lines, known, country="CA").why == ("It is for addresses in the United States.",)
    assert qualifies(lines, known, grams=31_752).why == ("The parcel weighs more than 70 lb.",)
    flat = Package("f", "Padded envelope", kind="FlatRatePaddedEnvelope")
    assert qualifies(lines, known, package=flat).why == (
        "Padded envelope is a package of the carrier, and it takes the shop's own only.",
    )


def test_nothing_known_of_a_line_keeps_the_parcel_out() -> None:
    found = qualifies(((line(NOVEL), 1),), {})

    assert not found.ok and not found.mixed
    assert not qualifies((), {}).ok

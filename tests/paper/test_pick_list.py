"""The pick list on paper: every title once, in the order of the shelves, with every order and its copies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.paper.pick_list import PickListSize, pick_list
from bookwish_desk.shop.packing import PickList, Wanted, pick_list_of
from bookwish_desk.shop.receipt import Letterhead
from tests.support.papers import ink_box, pictures_of, read, words_of
from tests.support.shops import NOON

HEAD = Letterhead("Harbour Lane Books")


def listed(*wanted: Wanted, by: str = "Maya Rodríguez 東京") -> PickList:
    return pick_list_of(wanted, HEAD, made_at=NOON, made_by=by)


def many(orders: int, titles: int) -> PickList:
    return listed(
        *(
            Wanted(f"BW-{order:04d}", order % 3 + 1, f"Title {t} end", "Author", str(t), f"FIC-{t % 12}")
            for order in range(orders)
            for t in (order % titles, (order + 7) % titles)
        )
    )


@pytest.mark.parametrize("size", ["letter", "a4"])
def test_a_pick_list_reads_back(size: PickListSize) -> None:
    picks = listed(
        Wanted("BW-1", 1, "Orlando", "Virginia Woolf", "9780156701600", "FIC-10"),
        Wanted("WSM-22", 3, "Orlando", "Virginia Woolf", "9780156701600", "FIC-10"),
        Wanted("BW-1", 2, "Łódź 東京", "", "", ""),
        Wanted("BW-1", 1, "Mrs Dalloway", "Virginia Woolf", "9780156628709", "FIC-2"),
    )
    pdf = pick_list(picks, size)
    (words,) = words_of(pdf)
    for shown in (
        "Pick list",
        "7 copies of 3 titles for 2 orders",
        "Harbour Lane Books",
        "Maya Rodríguez 東京",
        "Sep 21, 2026",
        "Virginia Woolf · 9780156701600",
        "BW-1, WSM-22 × 3",
        "No shelf",
        "Orders",
        "Page 1 of 1",
    ):
        assert shown in words, shown
    assert words.index("Mrs Dalloway") < words.index("Orlando") < words.index("Łódź 東京")
    box = read(pdf).pages[0].mediabox
    assert (round(box.width), round(box.height)) == {"letter": (612, 792), "a4": (595, 842)}[size]


def test_every_title_and_every_order_of_a_long_list_is_there() -> None:
    picks = many(200, 90)
    pages = words_of(pick_list(picks, "letter"))
    whole = " ".join(pages)
    assert [pick.title for pick in picks.picks if whole.count(pick.title) != 1] == []
    assert [
        order for order in picks.orders if whole.count(order) != 3
    ] == []  # for two titles, and at the end
    assert [f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)


def test_a_title_of_hundreds_of_orders_goes_on_over_pages() -> None:
    picks = many(600, 1)
    pdf = pick_list(picks, "letter")
    pages = words_of(pdf)
    assert len(pages) > 2
    heights: list[float] = []
    for page in read(pdf).pages:
        page.extract_text(
            visitor_text=lambda text, _cm, at, _font, _size: heights.append(at[5] if text else 99)
        )
    assert min(heights) >= 32
    whole = " ".join(pages)
    assert [order for order in picks.orders if whole.count(order) != 2] == []


@pytest.mark.parametrize("size", ["letter", "a4"])
def test_nothing_runs_off_the_page(size: PickListSize) -> None:
    wide = "W" * 400
    wanted = [Wanted(wide + str(n), 12_345, wide, wide, wide, wide) for n in range(40)]
    for picture in pictures_of(pick_list(listed(*wanted, by=wide), size), 72, most=9):
        left, top, right, bottom = ink_box(picture)
        assert left >= 46 and right <= picture.width - 46
        assert top >= 36 and bottom <= picture.height - 24


def test_what_comes_from_outside_is_words_and_nothing_else() -> None:
    evil = "<b>x</b> & \x1b@\x00 \u202egone (Tj)"
    whole = " ".join(words_of(pick_list(listed(Wanted(evil, 2, evil, evil, evil, evil), by=evil), "a4")))
    assert "<b>x</b> & @ gone (Tj) × 2" in whole
    assert not {"\x1b", "\x00", "\u202e"} & set(whole)


_TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.builds(Wanted, _TEXT, st.integers(-2, 99), _TEXT, _TEXT, _TEXT, _TEXT), max_size=30))
def test_any_list_is_a_pdf_that_says_how_many_copies(wanted: list[Wanted]) -> None:
    pages = words_of(pick_list(listed(*wanted), "letter"))
    copies = sum(max(0, want.copies) for want in wanted)
    assert f"{copies} {'copy' if copies == 1 else 'copies'} of" in pages[0]
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_the_same_list_has_the_same_bytes() -> None:
    assert pick_list(many(9, 4), "a4") == pick_list(many(9, 4), "a4")

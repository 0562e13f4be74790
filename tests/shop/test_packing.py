"""Pick lists as values: what orders need, grouped by title and sorted as the shelves stand."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bookwish_desk.shop.packing import PackedLine, PackingSlip, Pick, Wanted, pick_list_of
from bookwish_desk.shop.receipt import Letterhead

HEAD = Letterhead("Test Books")


def picks(*wanted: Wanted) -> tuple[Pick, ...]:
    return pick_list_of(wanted, HEAD, made_at=1, made_by="Ann").picks


def test_copies_of_a_title_are_fetched_together() -> None:
    listed = picks(
        Wanted("A", 1, "Orlando", "Woolf", "9780156701600", "FIC-1"),
        Wanted("B", 2, "Orlando: A Biography", "V. Woolf", "9780156701600", "FIC-1"),
        Wanted("A", 1, "Orlando", "Woolf", "9780156701600", "FIC-1"),
    )
    assert listed == (Pick("Orlando", "Woolf", "9780156701600", "FIC-1", (("A", 2), ("B", 2))),)
    assert listed[0].copies == 4


def test_without_a_code_the_title_and_its_author_tell_them_apart() -> None:
    listed = picks(
        Wanted("A", 1, "Poems", "Rilke"), Wanted("B", 1, "Poems", "Celan"), Wanted("C", 1, "Poems", "Rilke")
    )
    assert [(p.author, p.copies) for p in listed] == [("Rilke", 2), ("Celan", 1)]


def test_rows_stand_as_the_shelves_do() -> None:
    shelves = ["", "FIC-10", "fic-2", "POE", "FIC-2", "2nd floor", "²"]
    listed = picks(*(Wanted("A", 1, "B", code=shelf, shelf=shelf) for shelf in shelves))
    assert [p.shelf for p in listed] == ["2nd floor", "FIC-2", "fic-2", "FIC-10", "POE", "²", ""]
    one = picks(*(Wanted("A", 1, title, shelf="X") for title in ("b", "Vol. 10", "Vol. 9", "A")))
    assert [p.title for p in one] == ["A", "b", "Vol. 9", "Vol. 10"]


def test_a_slip_counts_its_copies() -> None:
    slip = PackingSlip(HEAD, "A", "Ann", (PackedLine(2, "Orlando"), PackedLine(1, "Poems")))
    assert slip.copies == 3


_WORD = st.sampled_from(["", "a", "B", "a10", "a9", "é", "٣", "12345678901234567890123"])


@given(st.lists(st.builds(Wanted, _WORD, st.integers(-1, 4), _WORD, _WORD, _WORD, _WORD)))
def test_no_copy_and_no_order_is_lost(wanted: list[Wanted]) -> None:
    listed = pick_list_of(wanted, HEAD, made_at=1, made_by="Ann")
    needed: Counter[str] = Counter()
    for want in wanted:
        needed[want.order] += max(0, want.copies)
    given_out: Counter[str] = Counter()
    for pick in listed.picks:
        assert pick.copies > 0
        for order, copies in pick.orders:
            given_out[order] += copies
    assert +needed == given_out
    assert listed.copies == sum(needed.values())
    assert list(listed.orders) == list(dict.fromkeys(want.order for want in wanted))

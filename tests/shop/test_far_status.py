"""The store's table of statuses, held against what its guide for shops says."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from bookwish_desk.shop.far_status import FINAL, is_late, is_past, known, path, rank

WORDS = (
    "pending", "confirmed", "processing", "ready_for_pickup", "shipped", "delivered", "cancelled",
)  # fmt: skip
STEPS = {
    ("confirmed", "processing"), ("processing", "ready_for_pickup"), ("processing", "shipped"),
    ("ready_for_pickup", "delivered"), ("shipped", "delivered"), ("pending", "cancelled"),
    ("confirmed", "cancelled"), ("processing", "cancelled"), ("ready_for_pickup", "cancelled"),
}  # fmt: skip
"""Every step that a shop may write."""


@pytest.mark.parametrize(("now", "then"), list(product(WORDS, WORDS)))
@pytest.mark.parametrize("kind", ["pickup", "ship"])
def test_every_path_is_made_of_allowed_steps_to_its_target_and_leaves_out_none(
    now: str, then: str, kind: str
) -> None:
    way = path(now, then, kind)
    if way is None:
        assert (now, then) not in STEPS or {now, then} & {"ready_for_pickup", "shipped"}
        return
    whole = (now, *way)
    assert whole[-1] == then
    assert all(step in STEPS for step in pairwise(whole))
    assert [rank(word) for word in whole] == sorted(rank(word) for word in whole)


@pytest.mark.parametrize(
    ("now", "then", "kind", "way"),
    [
        ("confirmed", "shipped", "ship", ("processing", "shipped")),
        ("confirmed", "delivered", "pickup", ("processing", "ready_for_pickup", "delivered")),
        ("Confirmed", "ready", "pickup", ("processing", "ready_for_pickup")),
        ("processing", "processing", "ship", ()),
        ("completed", "delivered", "ship", ()),
        ("processing", "confirmed", "ship", None),
        ("pending", "processing", "ship", None),
        ("processing", "shipped", "pickup", None),
        ("shipped", "cancelled", "ship", None),
        ("delivered", "cancelled", "ship", None),
        ("cancelled", "processing", "ship", None),
        ("on its way", "shipped", "ship", None),
        ("confirmed", "boxed", "ship", None),
    ],
)
def test_a_shop_goes_through_processing_never_back_and_never_beyond_an_end(
    now: str, then: str, kind: str, way: tuple[str, ...] | None
) -> None:
    assert path(now, then, kind) == way


@pytest.mark.parametrize("kind", ["pickup", "ship"])
def test_the_store_is_past_what_it_can_not_go_to_any_more(kind: str) -> None:
    way = [w for w in WORDS if path("confirmed", w, kind) is not None and w != "cancelled"]
    for now, then in product(way, way):
        assert is_past(now, then, kind) == (way.index(now) >= way.index(then))
    assert not any(is_past("cancelled", word, kind) for word in way)
    assert is_past("canceled", "cancelled", kind)
    assert not is_past("what", "what", kind)


def test_old_news_is_what_lies_before_what_was_heard() -> None:
    assert is_late("confirmed", "shipped", "bookwish")
    assert is_late("processing", "cancelled", "bookwish")
    assert not is_late("cancelled", "delivered", "bookwish")
    assert not is_late("delivered", "cancelled", "bookwish")
    assert not is_late("boxed", "shipped", "bookwish")
    assert not is_late("shipped", "boxed", "bookwish")
    assert {known(w) for w in ("Completed", "CANCELED", "Ready for pickup")} == {
        "delivered", "cancelled", "ready_for_pickup",
    }  # fmt: skip
    assert all(rank(word) == max(rank(w) for w in WORDS) for word in FINAL)

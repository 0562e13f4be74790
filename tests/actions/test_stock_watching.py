"""The store's stock as observed: which of our books it is, and where the two counts really differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import deciding, downloading, ordering, stocking
from bookwish_desk.db import items, netbox, online
from bookwish_desk.db.store import Store
from bookwish_desk.settings import to_row
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.online import OnlineItem
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.far import HERE, by_number, far, far_line, heard, open_conflicts, open_shop
from tests.support.orders import EMMA, ORLANDO, shelved


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = open_shop(tmp_path)
    yield store, owner
    store.close()


def offer(item: Item = ORLANDO, copies: int = 3, **more: Any) -> OnlineItem:
    facts = {"id": f"inv-{item.sku}", "isbn": str(item.ean), "title": item.title, "condition": "new", **more}
    return OnlineItem(quantity=copies, **facts)


def skus(store: Store, *ids: str) -> dict[str, str]:
    with store.read() as conn:
        return online.skus_of(conn, ids)


def observe(store: Store, *seen: OnlineItem, removed: tuple[str, ...] = ()) -> downloading.Observed:
    return downloading.observe_stock(store, seen, removed).value


def told(store: Store) -> None:
    """Let the store have heard of everything that went up."""
    with store.write() as tx:
        tx.conn.exec_driver_sql("UPDATE outbox SET state = 'done', sent_at = 1 WHERE channel = 'net'")


def later(store: Store) -> None:
    """Let some time pass: what has just been sent or heard may not be in what the store says of its stock."""
    store.clock.at += 60_000  # type: ignore[attr-defined]


def on_hand(store: Store) -> int:
    with store.read() as conn:
        return items.by_skus(conn, [ORLANDO.sku])[0].on_hand


def test_each_line_is_the_book_of_ours_that_it_certainly_is(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    good = stocking.add_copy(store, owner, ORLANDO, "used", "", 600, "Good", 1).value
    stocking.add_copy(store, owner, EMMA, "used", "", 600, "fair", 1)
    stocking.add_copy(store, owner, EMMA, "used", "", 700, "fair, foxed", 1)
    found = observe(
        store,
        offer(id="new"),
        offer(id="dashed", isbn="978-0-15-670160-0", condition=""),
        offer(id="good", condition="good"),
        offer(id="any", condition="used"),
        offer(id="own", isbn="", sku=good),
        offer(id="mixed", isbn=str(EMMA.ean), sku=good),
        offer(EMMA, id="two", condition="fair"),
        offer(id="none", condition="like_new"),
        offer(id="odd", isbn="not one"),
    )
    assert skus(store, "new", "dashed", "good", "any", "own", "mixed", "two", "none", "odd") == {
        "new": ORLANDO.sku, "dashed": ORLANDO.sku, "good": good, "any": good, "own": good,
    }  # fmt: skip
    assert found == downloading.Observed(9, 9, 4)


def test_what_the_store_says_is_noted_with_its_mark_and_never_changes_our_count(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    downloading.observe_stock(store, [offer(copies=2)], ["gone"], ("stock", "9"))
    with store.read() as conn:
        assert online.mark(conn, "stock") == "9"
        assert online.items_by_sku(conn, [ORLANDO.sku])[ORLANDO.sku].quantity == 2
    assert on_hand(store) == 5
    assert observe(store, offer(copies=2)) == downloading.Observed(1, 0, 0)
    assert observe(store, offer(copies=10**30)).changed == 1
    assert observe(store, removed=(f"inv-{ORLANDO.sku}",)).seen == 0
    assert skus(store, f"inv-{ORLANDO.sku}") == {f"inv-{ORLANDO.sku}": ORLANDO.sku}
    with store.read() as conn:
        assert online.items_by_sku(conn, [ORLANDO.sku]) == {}


def test_a_book_that_comes_to_the_shop_later_is_found_at_the_next_look(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    assert observe(store, offer()).unmapped == 1
    shelved(store, owner)
    observe(store, offer())
    assert skus(store, f"inv-{ORLANDO.sku}") == {f"inv-{ORLANDO.sku}": ORLANDO.sku}


def compared(store: Store, *seen: OnlineItem) -> list[tuple[str, str]]:
    later(store)
    observe(store, *seen)
    downloading.compare_stock(store)
    return [(c.ours, c.theirs) for c in open_conflicts(store, "stock")]


def test_counts_that_differ_for_no_reason_on_its_way_are_for_a_person(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    assert compared(store, offer(copies=3)) == [], "what came in here is still on its way there"
    told(store)
    assert compared(store, offer(copies=3)) == [("5", "3")]
    with store.read() as conn:
        assert downloading.stock_difference(conn, ORLANDO.sku) == 2
    assert compared(store, offer(copies=4)) == [("5", "4")]
    assert compared(store, offer(copies=5)) == []


def test_copies_of_the_stores_orders_that_are_still_here_are_no_difference(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    heard(store, far("BW-1", "confirmed", far_line(copies=2)))
    heard(store, far("BW-2", "pending", payment=""))
    assert compared(store, offer(copies=2)) == []
    assert compared(store, offer(copies=3)) == [], "nobody says whether it holds unpaid copies back"
    assert compared(store, offer(copies=5)) == [("2", "5")]
    heard(store, far("BW-3", "confirmed", far_line(copies=9)))
    assert compared(store, offer(copies=0)) == [], "it cannot offer less than none"


def test_copies_of_an_order_cancelled_here_alone_are_not_judged_until_it_is_decided(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    heard(store, far("BW-1", "confirmed", far_line(copies=2)))
    assert compared(store, offer(copies=3)) == []
    ordering.take(store, owner, by_number(store, "BW-1").id, Step("cancel", reason="Wrong book"))
    assert compared(store, offer(copies=3)) == [], "it puts them back with the cancellation"
    (cancelled,) = open_conflicts(store)
    deciding.resolve(store, owner, cancelled.id, "send")
    assert compared(store, offer(copies=3)) == [], "the cancellation is on its way"
    told(store)
    assert compared(store, offer(copies=5)) == []
    assert compared(store, offer(copies=3)) == [("5", "3")], "it did not put them back"


def test_an_order_heard_of_after_the_look_at_the_stock_is_not_judged(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    observe(store, offer(copies=5))
    heard(store, far("BW-1"))
    downloading.compare_stock(store)
    assert open_conflicts(store) == []
    observe(store, offer(copies=5))
    downloading.compare_stock(store)
    assert open_conflicts(store) == [], "it was read before the order came in, and kept after it"
    assert compared(store, offer(copies=5)) == [("4", "5")]


def test_an_order_that_the_store_cancelled_after_the_look_is_not_judged(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    heard(store, there := far("BW-1", "confirmed", far_line(copies=2)))
    assert compared(store, offer(copies=3)) == []
    later(store)
    heard(store, replace(there, status="cancelled", updated="2026-09-22T10:00:00Z"))
    downloading.compare_stock(store)
    assert open_conflicts(store, "stock") == [], "it puts its copies back, and was not looked at since"
    assert compared(store, offer(copies=5)) == []
    assert compared(store, offer(copies=3)) == [("5", "3")]


@pytest.mark.parametrize(("choice", "here", "posted"), [("send", 5, [2]), ("count", 3, []), ("noted", 5, [])])
def test_a_person_decides_whose_count_holds_and_is_not_asked_again(
    shop: tuple[Store, Actor], choice: Any, here: int, posted: list[int]
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    compared(store, offer(copies=3))
    (conflict,) = open_conflicts(store)
    deciding.resolve(store, owner, conflict.id, choice)
    assert on_hand(store) == here
    with store.read() as conn:
        rows = netbox.about(conn, ORLANDO.sku, "stock")
    assert [netbox.upload_of(j).delta for j in rows if j.state == "new"] == posted  # type: ignore[union-attr]
    assert compared(store, offer(copies=3)) == []


def test_what_is_sold_between_counting_and_comparing_is_left_to_the_next_time(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    observe(store, offer(copies=3))
    later(store)
    observe(store, offer(copies=3))
    counts = downloading.stock_counts(store)
    assert [(c.sku, c.here, c.there) for c in counts] == [(ORLANDO.sku, 5, 3)]
    stocking.adjust(store, owner, ORLANDO, -2, "Two were damaged")
    assert downloading.compare_stock(store, counts).value == 0
    assert open_conflicts(store, "stock") == []
    told(store)
    assert downloading.stock_counts(store) == ()


def test_what_differs_or_did_is_counted_for_the_comparison(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    assert compared(store, offer(copies=3)) == [("5", "3")]
    observe(store, offer(copies=5))
    (count,) = downloading.stock_counts(store)
    assert count.differ == 0, "it was a difference until now"
    assert downloading.compare_stock(store, (count,)).value == 0
    assert open_conflicts(store) == []
    assert downloading.stock_counts(store) == ()


def test_where_the_stock_comes_from_elsewhere_nothing_is_compared(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    assert compared(store, offer(copies=3))
    with store.write() as tx:
        settings = replace(tx.settings, online=replace(HERE, stock_from_elsewhere=True))
        tx.conn.exec_driver_sql(
            "UPDATE settings SET value = ? WHERE key = 'online'", (to_row(settings, "online"),)
        )
        tx.touch("settings")
    assert compared(store, offer(copies=3)) == []


def test_thousands_of_lines_take_a_handful_of_statements(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner = shop
    shelved(store, owner, copies=5)
    told(store)
    statements: list[str] = []
    many = [offer(), *(OnlineItem(f"x{n}", n % 7, isbn=str(9_780_000_000_000 + n)) for n in range(3_000))]

    def counted(run: Any) -> int:
        statements.clear()
        with store.write() as tx:
            raw = tx.conn.driver  # type: ignore[attr-defined]
            raw.set_trace_callback(statements.append)
            run(tx)
            raw.set_trace_callback(None)
        return len([s for s in statements if s.startswith(("SELECT", "WITH", "UPDATE"))])

    assert counted(lambda tx: downloading.observe_stock.__wrapped__(tx, many)) < 12  # type: ignore[attr-defined]
    assert counted(downloading.compare_stock.__wrapped__) < 12  # type: ignore[attr-defined]

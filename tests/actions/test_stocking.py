"""Stock and items as people change them: adjusted, counted, edited, added; who, why and by how much."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import selling, stocking
from bookwish_desk.actions.stocking import ItemEdit
from bookwish_desk.db import items, search, stock
from bookwish_desk.shop import barcode
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item, StockMove
from tests.support.counter import ORLANDO, OVERSTORY, WRAP, Counter
from tests.support.shops import hire, put_titles, shelve

MUG = Item("MUG", "Mug", price_cents=1_200)
EDIT = ItemEdit("Orlando", "Virginia Woolf", price_cents=1_699)


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def history(counter: Counter, sku: str) -> tuple[StockMove, ...]:
    with counter.store.read() as conn:
        return items.stock_history(conn, sku)


def found(counter: Counter, sku: str, ean: int | None = None) -> Item:
    with counter.store.read() as conn:
        item = items.find(conn, sku, ean)
    assert item is not None
    return item


# ---- stock ----


@pytest.mark.capability("BW+14")
def test_stock_is_adjusted_by_ones_and_fives_with_a_reason(counter: Counter) -> None:
    on_hand = [
        stocking.adjust(counter.store, counter.actor, ORLANDO, by, "Found").value for by in (5, 5, -1, 1, -5)
    ]
    assert on_hand == [5, 10, 9, 10, 5]
    assert counter.on_hand(ORLANDO.sku) == 5
    latest = history(counter, ORLANDO.sku)[0]
    assert (latest.quantity, latest.cause, latest.reason) == (-5, "adjust", "Found")
    assert latest.staff == counter.actor.staff
    assert counter.journal("item.adjusted")[-1] == {
        "by": -5,
        "on_hand": 5,
        "reason": "Found",
        "title": "Orlando",
    }


@pytest.mark.capability("BW+14")
def test_a_count_moves_the_difference(counter: Counter) -> None:
    stocking.adjust(counter.store, counter.actor, ORLANDO, 7, "Received")
    assert stocking.count(counter.store, counter.actor, ORLANDO, 5, "Stocktaking").value == -2
    assert counter.on_hand(ORLANDO.sku) == 5
    assert stocking.count(counter.store, counter.actor, ORLANDO, 5, "Stocktaking").value == 0
    assert [(m.cause, m.quantity) for m in history(counter, ORLANDO.sku)] == [
        ("count", 0),
        ("count", -2),
        ("adjust", 7),
    ]
    assert [e["on_hand"] for e in counter.journal("item.counted")] == [5, 5]


def test_on_hand_is_always_the_sum_of_the_movements(counter: Counter) -> None:
    stocking.adjust(counter.store, counter.actor, ORLANDO, 3, "Received")
    counter.sell((ORLANDO, 2))
    stocking.count(counter.store, counter.actor, ORLANDO, 4, "Stocktaking")
    assert sum(m.quantity for m in history(counter, ORLANDO.sku)) == counter.on_hand(ORLANDO.sku) == 4


def test_stock_changes_that_make_no_sense_are_refused(counter: Counter) -> None:
    adjust, count = stocking.adjust, stocking.count
    assert refusal(lambda: adjust(counter.store, counter.actor, ORLANDO, 0, "Found")) == "quantity"
    assert refusal(lambda: adjust(counter.store, counter.actor, ORLANDO, 10**6, "Found")) == "quantity"
    assert refusal(lambda: adjust(counter.store, counter.actor, ORLANDO, 1, "  ")) == "reason"
    assert refusal(lambda: count(counter.store, counter.actor, ORLANDO, -1, "Count")) == "quantity"
    assert refusal(lambda: count(counter.store, counter.actor, ORLANDO, 1, "")) == "reason"
    assert refusal(lambda: adjust(counter.store, counter.actor, WRAP, 1, "Found")) == "unstocked"
    assert counter.on_hand(ORLANDO.sku) is None, "what was refused left nothing behind"


def test_stock_needs_its_permission(counter: Counter) -> None:
    clerk = hire(counter.store, "staff")
    for act in (
        lambda: stocking.adjust(counter.store, clerk, ORLANDO, 1, "Found"),
        lambda: stocking.count(counter.store, clerk, ORLANDO, 1, "Count"),
    ):
        with pytest.raises(NeedsApproval) as needs:
            act()
        assert needs.value.facts == {"permission": "stock.adjust", "ref": ORLANDO.sku}
    approved = counter.approved(clerk, "stock.adjust", ORLANDO.sku)
    assert stocking.adjust(counter.store, approved, ORLANDO, 1, "Found").value == 1


def test_a_title_of_the_trade_gets_a_row_of_its_own_and_keeps_the_trades_price(counter: Counter) -> None:
    assert ORLANDO.ean is not None
    put_titles(counter.store, [(ORLANDO.ean, "Orlando", "Virginia Woolf", 1_699)])
    title = found(counter, ORLANDO.sku, ORLANDO.ean)
    shelve(counter.store, counter.actor, title, "Fiction W")
    put = found(counter, ORLANDO.sku, ORLANDO.ean)
    assert (put.shelf, put.price_cents, put.on_hand) == ("Fiction W", 1_699, 0)
    with counter.store.catalogue.begin() as conn:
        conn.exec_driver_sql("UPDATE titles SET price_cents = 1799")
    assert found(counter, ORLANDO.sku, ORLANDO.ean).price_cents == 1_799


# ---- lists ----


@pytest.mark.capability("BW+14")
def test_low_and_out_of_stock_are_listed_and_counted(counter: Counter) -> None:
    others = [replace(MUG, sku=f"M{n}", title=f"Mug {n}") for n in range(5)]
    for copies, item in zip((0, 1, 2, 3, 9), others, strict=True):
        stocking.count(counter.store, counter.actor, item, copies, "Stocktaking")
    shelve(counter.store, counter.actor, others[3], low_at=3)
    counter.sell((OVERSTORY, 1), (WRAP, 1))
    with counter.store.read() as conn:
        assert stock.counts(conn, default_limit=1) == stock.StockCounts(low=2, out=2)
        assert [i.sku for i in items.low_stock(conn, 1)] == ["M1", "M3"]
        assert [i.sku for i in items.out_of_stock(conn)] == [OVERSTORY.sku, "M0"]
        assert stock.counts(conn, default_limit=2).low == 3
    shelve(counter.store, counter.actor, others[3])
    with counter.store.read() as conn:
        assert stock.counts(conn, default_limit=1).low == 1


def test_an_unknown_item_waits_to_be_described(counter: Counter) -> None:
    selling.add_unknown(counter.store, counter.actor, "4006381333931", "Pen", 250, "book")
    with counter.store.read() as conn:
        assert stock.counts(conn, 1).to_catalogue == 1
        (waiting,) = items.to_catalogue(conn)
    stocking.edit_item(counter.store, counter.actor, waiting, ItemEdit("Pencil", price_cents=250))
    with counter.store.read() as conn:
        assert stock.counts(conn, 1).to_catalogue == 0
        assert [i.title for i in search.search(conn, "penc")] == ["Pencil"]
        assert search.search(conn, "pen ") == search.search(conn, "penc")


# ---- items ----


@pytest.mark.capability("BW+12")
def test_a_new_price_is_journalled_with_the_old_one(counter: Counter) -> None:
    stocking.edit_item(counter.store, counter.actor, ORLANDO, EDIT)
    assert counter.journal("item.priced") == []
    dearer = replace(EDIT, price_cents=1_899)
    stocking.edit_item(counter.store, counter.actor, ORLANDO, dearer)
    assert counter.journal("item.priced") == [{"title": "Orlando", "from_cents": 1_699, "to_cents": 1_899}]
    assert found(counter, ORLANDO.sku).price_cents == 1_899


def test_an_own_price_comes_and_goes_over_the_trades(counter: Counter) -> None:
    assert ORLANDO.ean is not None
    put_titles(counter.store, [(ORLANDO.ean, "Orlando", "Virginia Woolf", 1_699)])

    def price(cents: int | None) -> int | None:
        stocking.edit_item(counter.store, counter.actor, ORLANDO, replace(EDIT, price_cents=cents))
        return found(counter, ORLANDO.sku, ORLANDO.ean).price_cents

    assert price(1_500) == 1_500
    assert price(1_699) == 1_699
    with counter.store.catalogue.begin() as conn:
        conn.exec_driver_sql("UPDATE titles SET price_cents = 1799")
    assert found(counter, ORLANDO.sku, ORLANDO.ean).price_cents == 1_799, "the same price follows the trade"
    assert price(1_000) == 1_000
    assert price(None) == 1_799
    changes = [(e["from_cents"], e["to_cents"]) for e in counter.journal("item.priced")]
    assert changes == [(1_699, 1_500), (1_500, 1_699), (1_799, 1_000), (1_000, 1_799)]


def test_an_edit_is_journalled_with_what_it_changed_and_nothing_else(counter: Counter) -> None:
    stocking.edit_item(counter.store, counter.actor, ORLANDO, replace(EDIT, title="Orlando: a biography"))
    stocking.edit_item(counter.store, counter.actor, ORLANDO, replace(EDIT, title="Orlando: a biography"))
    (entry,) = counter.journal("item.edited")
    assert entry["changed"] == {"title": ["Orlando", "Orlando: a biography"]}
    with counter.store.read() as conn:
        assert [i.sku for i in search.search(conn, "biography woolf")] == [ORLANDO.sku]


def test_what_an_item_cannot_be(counter: Counter) -> None:
    edit = stocking.edit_item
    for wrong, code in (
        (replace(EDIT, title=" \x1b "), "title"),
        (replace(EDIT, price_cents=-1), "amount"),
        (replace(EDIT, price_cents=10**10), "amount"),
        (replace(EDIT, tax_class="gone"), "tax_class"),
        (replace(EDIT, low_at=-1), "low_at"),
        (replace(EDIT, authors="4111 1111 1111 1111"), "card_number"),
    ):
        assert refusal(partial(edit, counter.store, counter.actor, ORLANDO, wrong)) == code
    assert counter.on_hand(ORLANDO.sku) is None


def test_stock_is_given_up_only_when_none_is_left(counter: Counter) -> None:
    stocking.adjust(counter.store, counter.actor, ORLANDO, 1, "Found")
    gone = replace(EDIT, stocked=False)
    edit = stocking.edit_item
    assert refusal(lambda: edit(counter.store, counter.actor, ORLANDO, gone)) == "on_hand"
    stocking.count(counter.store, counter.actor, ORLANDO, 0, "Stocktaking")
    stocking.edit_item(counter.store, counter.actor, ORLANDO, gone)
    with counter.store.read() as conn:
        assert stock.counts(conn, 1).out == 0


def test_a_new_item_under_its_code(counter: Counter) -> None:
    made = stocking.new_item(
        counter.store, counter.actor, "0-306-40615-2", ItemEdit("A book", price_cents=900)
    )
    assert made.value == "9780306406157"
    item = found(counter, made.value)
    assert (item.ean, item.title, item.price_cents, item.stocked) == (9780306406157, "A book", 900, True)
    assert counter.journal("item.added") == [{"title": "A book", "price_cents": 900}]
    new = stocking.new_item
    again = ItemEdit("Again", price_cents=1)
    assert refusal(lambda: new(counter.store, counter.actor, "9780306406157", again)) == "known"
    for code in ("9780306406158", "4111 1111 1111 1111", "R1-000001", "H1-000001"):
        assert refusal(partial(new, counter.store, counter.actor, code, again)) == "bad_code"


def test_a_new_item_without_a_code_gets_a_label_of_the_shop(counter: Counter) -> None:
    first = stocking.new_item(counter.store, counter.actor, "", ItemEdit("Mug", price_cents=900)).value
    second = stocking.new_item(counter.store, counter.actor, " ", ItemEdit("Cup", price_cents=None)).value
    assert [barcode.parse(sku).kind for sku in (first, second)] == ["in_shop", "in_shop"]
    assert first != second
    assert selling.scan(counter.store, counter.actor, first).value.draft is not None
    assert found(counter, second).price_cents is None


def test_items_need_their_permission(counter: Counter) -> None:
    clerk = hire(counter.store, "staff")
    with pytest.raises(NeedsApproval):
        stocking.edit_item(counter.store, clerk, ORLANDO, EDIT)
    with pytest.raises(NeedsApproval):
        stocking.new_item(counter.store, clerk, "", EDIT)
    manager = hire(counter.store, "manager", "Max Manager")
    stocking.edit_item(counter.store, manager, ORLANDO, replace(EDIT, shelf="A1"))
    assert found(counter, ORLANDO.sku).shelf == "A1"

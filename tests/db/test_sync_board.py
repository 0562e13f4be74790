"""What the Sync screen reads of what goes up and of differences: counts, and no more rows than asked for."""

from __future__ import annotations

from pathlib import Path

from bookwish_desk.actions import uploading
from bookwish_desk.db import netbox, sync_board
from bookwish_desk.shop.upload import StockUpload
from tests.support.online_desk import OnlineCounter


def test_what_waits_is_counted_by_kind_in_the_order_of_sending(tmp_path: Path) -> None:
    counter = OnlineCounter(tmp_path)
    sale = counter.sell()
    counter.sell()
    with counter.store.write() as tx:
        netbox.post(tx, [("a", StockUpload("a", 1, "count")), ("b", StockUpload("b", 1, "count"))])
    sales = [job for job in counter.waiting() if job.kind == "sale"]
    counter.end(sales[0], "new", "Later.")
    with counter.store.read() as conn:
        stock, sold = sync_board.waiting(conn)
    assert (stock.kind, stock.number, stock.tried, stock.oldest.ref) == ("stock", 2, 0, "a")
    assert (sold.kind, sold.number, sold.tried, sold.oldest.ref) == ("sale", 2, 1, sale.id)


def test_rows_are_read_by_state_and_no_more_than_asked_for(tmp_path: Path) -> None:
    counter = OnlineCounter(tmp_path)
    for _ in range(4):
        counter.sell()
    first, second, third, _ = counter.waiting()
    counter.end(first, "refused", "No.")
    counter.end(second, "uncertain", "?")
    counter.end(third, "dead", "No.")
    with counter.store.read() as conn:
        assert [j.id for j in sync_board.uploads(conn, ("refused", "dead"), 9)] == [first.id, third.id]
        assert [j.id for j in sync_board.uploads(conn, ("refused", "dead"), 1)] == [first.id]
        assert [j.id for j in sync_board.uploads(conn, ("uncertain",), 9)] == [second.id]
    assert uploading.counted(counter.store).waiting == 1


def test_differences_are_counted_by_kind_and_tell_which_orders_differ(tmp_path: Path) -> None:
    counter = OnlineCounter(tmp_path)
    with counter.store.read() as conn:
        assert sync_board.difference_counts(conn) == {}
        assert sync_board.orders_that_differ(conn) == frozenset()
    counter.differ("stock", "a", "b", "c")
    counter.differ("edit", "o:address", order_id="o")
    with counter.store.read() as conn:
        assert sync_board.difference_counts(conn) == {"stock": 3, "edit": 1}
        assert [c.subject for c in sync_board.differences(conn, ["stock"], 2)] == ["a", "b"]
        assert [c.kind for c in sync_board.differences(conn, ["edit", "gone"], 9)] == ["edit"]
        assert sync_board.differences(conn, [], 9) == ()
        assert sync_board.orders_that_differ(conn) == {"o"}

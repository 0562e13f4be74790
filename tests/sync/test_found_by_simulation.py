"""What the simulation has found, each held by a test: what goes first, and what is not believed."""

from __future__ import annotations

from pathlib import Path

from bookwish_desk.actions import deciding, ordering, stocking
from bookwish_desk.shop.order_step import Step
from tests.sync.online_bed import NOTHING, ORLANDO, Bed

HOUR = 3_600_000


def test_a_sale_waits_until_the_stores_stock_was_read(tmp_path: Path) -> None:
    bed = Bed(tmp_path)
    bed.sold()
    bed.wire.next = ["", "reply lost", "", "reply lost"]
    bed.settle(120_000)
    names = [name for name, _ in bed.asked]
    assert names.index("stock_list") < names.index("send_sale")
    assert [x.quantity for x in bed.far.items.values()] == [9], "the store has subtracted the copy"
    bed.close()


def test_a_sale_sent_before_the_clock_was_put_is_not_said_to_be_missing(tmp_path: Path) -> None:
    bed = Bed(tmp_path, NOTHING)
    bed.settle(30_000)
    bed.sold()
    bed.wire.next = ["reply lost"]
    bed.engine.up()
    assert bed.states("sale") == ["uncertain"] and len(bed.far.sales) == 1
    # Our clock goes an hour forward and the store's does not: the sale seems to be an hour younger there.
    started = bed.far.now
    bed.far.now = lambda: started() - HOUR
    bed.clock.at += HOUR
    bed.engine.reach.hear("", bed.port.stock_list(0, 1))
    bed.settle(20 * 60_000)
    (job,) = bed.rows("sale")
    assert job.state == "uncertain" and "at another time" in job.status
    bed.close()


def test_a_count_is_judged_also_where_an_order_has_an_open_difference(tmp_path: Path) -> None:
    bed = Bed(tmp_path)
    far = bed.ordered()
    bed.settle(120_000)
    order = bed.ours(far.id)
    assert order is not None
    for verb in ("start", "pick", "check", "ready"):
        ordering.take(bed.store, bed.owner, order.id, Step(verb))
    bed.settle(120_000)
    bed.far.advance(far.id, "delivered", "web")
    bed.far.edit(far.id, status="cancelled")
    stocking.receive(bed.store, bed.owner, ORLANDO, 1)
    bed.settle(120_000)
    (item,) = bed.far.items.values()
    bed.far.adjust(item.id, 3)
    bed.settle(3 * HOUR)
    assert "stock" in {c.kind for c in deciding.open_conflicts(bed.store)}
    bed.close()

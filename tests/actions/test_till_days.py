"""Any day of sales, returns and cash movements: every report reconciles, to the cent, in every tax mode."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bookwish_desk.actions import tilling
from bookwish_desk.db import sales, tables, tills
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.sale import Discount
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count, TillReport, report_faults
from tests.support import days
from tests.support.shops import found_shop, hire

pytestmark = [pytest.mark.capability("BW+05", "BW+12")]

HOW = st.sampled_from(["cash", "card", "cheque", "split"])
LINES = st.lists(
    st.tuples(
        st.sampled_from(["book", "general", "none"]), st.sampled_from([0, 1, 333, 1_299]), st.integers(1, 4)
    ),
    min_size=1,
    max_size=4,
)
DISCOUNT = st.none() | st.builds(
    Discount,
    st.just("percent") | st.just("amount"),
    st.integers(0, 999),
    st.just("friend"),
)
WHO = st.integers(0, 1)
EVENT = st.one_of(
    st.tuples(st.just("sell"), WHO, LINES, DISCOUNT, st.booleans(), HOW),
    st.tuples(st.just("return"), WHO, st.integers(0, 30), st.integers(1, 3), HOW),
    st.tuples(st.sampled_from(["pay_in", "pay_out", "drop"]), WHO, st.integers(1, 20_000)),
    st.tuples(st.just("no_sale"), WHO),
    st.tuples(st.just("void"), WHO),
)
WAYS = [("exclusive", 1), ("exclusive", 5), ("inclusive", 1), ("inclusive", 10)]


class Shop:
    """A store, its people, and the sales of earlier days: some of them come back."""

    def __init__(self, store: Store, owner: Actor) -> None:
        self.store = store
        self.owner = owner
        self.people = (owner, hire(store, "manager", "Mina Manager"))
        self.earlier: list[Sale] = []


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    mode, step = request.param
    with tempfile.TemporaryDirectory() as folder:
        store, owner = found_shop(Path(folder), days.settings(mode=mode, cash_step=step))
        yield Shop(store, owner)
        with store.read() as conn:
            assert tills.check(conn) == []
        store.close()


def live(shop: Shop, events: Sequence[Any]) -> tuple[list[Sale], int, int]:
    """Live through a day; return its sales, what cash movements did to the drawer, and the voids."""
    store = shop.store
    made: list[Sale] = []
    moved = voids = 0
    for event in events:
        actor = shop.people[event[1]]
        match event:
            case ("sell", _, lines, discount, exempt, how):
                rung = [(days.item(f"{c}-{p}", p, c), n) for c, p, n in lines]
                draft = days.ring(store, actor, rung, discount=discount, exempt=exempt)
                made.append(days.pay(store, actor, draft, how))
            case ("return", _, place, quantity, how):
                sold = [s for s in (*made, *shop.earlier[-5:]) if s.kind == "sale"]
                if sold:
                    sale = days.bring_back(store, actor, sold[place % len(sold)], quantity, how)
                    made += [sale] if sale else []
            case ("no_sale", _):
                tilling.no_sale(store, actor, "change")
            case ("void", _):
                days.void(store, actor)
                voids += 1
            case (verb, _, cents):
                try:
                    getattr(tilling, verb)(store, actor, cents, "why")
                except Refused as refused:
                    assert refused.code == "drawer"
                else:
                    moved += cents if verb == "pay_in" else -cents
    return made, moved, voids


def clear_after_a_failed_example(store: Store, owner: Actor) -> None:
    """Close what a failed example left open, so that the next one tells of itself only."""
    if tilling.current_till(store, 1) is not None:
        with store.write() as tx:
            tx.conn.execute(tables.drafts.delete())
        days.close_till(store, owner, 0)


def cash_of(made: Sequence[Sale]) -> int:
    return sum(t.amount_cents for s in made for t in s.tenders if t.kind == "cash")


@given(st.lists(EVENT, max_size=12), st.integers(0, 30_000), st.integers(-5_000, 5_000))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_day_reconciles(shop: Shop, events: Sequence[Any], float_cents: int, over: int) -> None:
    store, owner = shop.store, shop.owner
    clear_after_a_failed_example(store, owner)
    till = days.open_till(store, owner, float_cents)
    made, moved, voids = live(shop, events)
    x = tilling.x_report(store, owner).value
    expected = float_cents + cash_of(made) + moved
    assert x.expected_cents == expected
    counted = max(0, expected + over)
    z = tilling.close_till(store, owner, Count(other_cents=counted), counted).value
    assert z.takings == x.takings
    assert (z.over_cents, z.voids) == (counted - expected, voids)
    assert report_faults(z) == []
    agrees(z, made, {s.id for s in (*shop.earlier, *made) if s.exempt})
    with store.read() as conn:
        s = tables.sales.c
        ids = conn.execute(select(s.id).where(s.till == till.id).order_by(s.number)).scalars().all()
        assert [sales.by_id(conn, one) for one in ids] == made
        assert tills.z_report(conn, till.id) == z
    shop.earlier.extend(made)


def agrees(z: TillReport, made: Sequence[Sale], exempt: set[str]) -> None:
    """Compare the database's sums with the same sums over the sales as they were handed out."""
    t = z.takings
    lines = [(s, x) for s in made for x in s.lines]
    sold, back = [x for _, x in lines if x.quantity > 0], [x for _, x in lines if x.quantity < 0]
    free = [x.net_cents for s, x in lines if s.id in exempt or x.of_sale in exempt]
    assert (t.sales, t.returns) == (
        sum(s.kind == "sale" for s in made),
        sum(s.kind == "return" for s in made),
    )
    assert t.units_sold == sum(x.quantity for x in sold)
    assert t.units_returned == -sum(x.quantity for x in back)
    assert t.gross_cents == sum(x.gross_cents for x in sold)
    assert t.discount_cents == sum(x.discount_cents for x in sold)
    assert t.net_cents == sum(x.net_cents for x in sold)
    assert t.refund_cents == -sum(x.net_cents for x in back)
    assert t.total_cents == sum(s.total_cents for s in made)
    assert t.rounding_cents == sum(s.rounding_cents for s in made)
    assert t.exempt_cents == sum(free)
    assert t.untaxed_cents == sum(x.net_cents for _, x in lines if not x.taxes) - sum(free)
    for part in t.taxes:
        mine = [p for s in made for p in s.taxes if (p.name, p.ppm) == (part.name, part.ppm)]
        assert part.tax_cents == sum(p.tax_cents for p in mine)
        assert part.net_cents == sum(p.net_cents for p in mine)
    assert sum(p.tax_cents for p in t.taxes) == sum(p.tax_cents for s in made for p in s.taxes)
    for sums in t.tenders:
        mine_too = [p for s in made for p in s.tenders if (p.kind, p.brand) == (sums.kind, sums.brand)]
        assert sums.net_cents == sum(p.amount_cents for p in mine_too)
        assert sums.taken == sum(p.amount_cents > 0 for p in mine_too)
        assert sums.refunded == sum(p.amount_cents < 0 and not p.change for p in mine_too)
        assert sums.taken_cents >= 0
        assert sums.refunded_cents >= 0
    assert sum(s.net_cents for s in t.staff) == t.net_cents - t.refund_cents
    assert sum(s.units for s in t.staff) == t.units_sold - t.units_returned

"""What the register refuses, whoever asks: nobody signed in, prices that are none, money on a closed till."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bookwish_desk.actions import customers, paying, reprinting, returning, selling
from bookwish_desk.db import drafts, tables
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.money import MOST_CENTS
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.staff import Actor
from tests.support import days
from tests.support.counter import ORLANDO, Counter
from tests.support.shops import hire

NOBODY = Actor("", 1)
UNPRICED = Item("9780140449136", "Crime and Punishment", ean=9780140449136)


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def entries(counter: Counter) -> int:
    with counter.store.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM journal").scalar_one())


VERBS: dict[str, Callable[[Counter, Actor, Draft, str], Any]] = {
    "scan": lambda c, a, d, r: selling.scan(c.store, a, "9780156701600"),
    "add": lambda c, a, d, r: selling.add(c.store, a, ORLANDO),
    "unknown": lambda c, a, d, r: selling.add_unknown(c.store, a, "", "A used book", 500, "book"),
    "quantity": lambda c, a, d, r: selling.set_quantity(c.store, a, d.id, d.lines[0].id, 2),
    "remove": lambda c, a, d, r: selling.remove_line(c.store, a, d.id, d.lines[0].id),
    "note": lambda c, a, d, r: selling.note(c.store, a, d.id, "", "x"),
    "wrap": lambda c, a, d, r: selling.gift_wrap(c.store, a, d.id, d.lines[0].id),
    "tax again": lambda c, a, d, r: selling.set_exempt(c.store, a, d.id, None),
    "customer": lambda c, a, d, r: selling.set_customer(c.store, a, d.id, None),
    "hold": lambda c, a, d, r: selling.hold(c.store, a, d.id),
    "recall": lambda c, a, d, r: selling.recall(c.store, a, d.id),
    "void": lambda c, a, d, r: selling.void(c.store, a, d.id),
    "cash": lambda c, a, d, r: paying.pay_cash(c.store, a, d.id, 100_000),
    "part cash": lambda c, a, d, r: paying.pay_cash(c.store, a, d.id, 100),
    "card": lambda c, a, d, r: paying.start_card(c.store, a, d.id, 100),
    "cheque": lambda c, a, d, r: paying.pay_cheque(c.store, a, d.id, 100),
    "return": lambda c, a, d, r: returning.add_all(c.store, a, "", r, ()),
    "reprint": lambda c, a, d, r: reprinting.reprint(c.store, a, "R1-000001"),
    "gift": lambda c, a, d, r: reprinting.gift(c.store, a, "R1-000001"),
    "new customer": lambda c, a, d, r: customers.add(c.store, a, "Ann"),
}


@pytest.mark.parametrize("who", ["nobody", "somebody who left"])
@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_nothing_is_done_by_nobody(
    counter: Counter, verb: Callable[[Counter, Actor, Draft, str], Any], who: str
) -> None:
    actor = NOBODY
    if who != "nobody":
        actor = hire(counter.store, "manager")
        with counter.store.write() as tx:
            tx.conn.execute(
                tables.staff.update().where(tables.staff.c.id == actor.staff).values(active=False)
            )
    sold = counter.sell()
    counter.end_printing("printed")
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1),))
    before = entries(counter)
    with pytest.raises(Refused, match="Sign in first") as refused:
        verb(counter, actor, draft, sold.id)
    assert refused.value.code == "staff"
    assert entries(counter) == before
    with counter.store.read() as conn:
        assert drafts.load(conn, draft.id) == draft


@pytest.mark.parametrize("cents", [-1, -100_000, MOST_CENTS + 1])
def test_a_price_that_is_none_is_refused(counter: Counter, cents: int) -> None:
    with pytest.raises(Refused):
        selling.add_unknown(counter.store, counter.actor, "", "Minus a book", cents, "book")
    with pytest.raises(Refused):
        selling.add(counter.store, counter.actor, UNPRICED, 1, cents)
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1),))
    with pytest.raises(Refused):
        selling.set_price(counter.store, counter.actor, draft.id, draft.lines[0].id, cents, "Damaged")
    with pytest.raises(Refused):
        returning.add_unreceipted(counter.store, counter.actor, "", ORLANDO, 1, cents, "restock", "Gift")


def test_a_price_may_be_typed_only_where_none_is_known(counter: Counter) -> None:
    sam = hire(counter.store, "staff")
    with pytest.raises(Refused, match="has a price"):
        selling.add(counter.store, sam, ORLANDO, 1, 1)
    rung = selling.add(counter.store, sam, UNPRICED, 1, 1300).value
    assert rung.draft is not None
    assert [x.price_cents for x in rung.draft.lines] == [1300]


def test_an_unknown_tax_class_is_refused(counter: Counter) -> None:
    with pytest.raises(Refused, match="tax class"):
        selling.add_unknown(counter.store, counter.actor, "", "A used book", 500, "nonsense")


def test_a_sale_is_not_voided_while_a_card_may_be_charged_for_it(counter: Counter) -> None:
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1),))
    paying.start_card(counter.store, counter.actor, draft.id, 500)
    with pytest.raises(Refused, match="card payment") as refused:
        selling.void(counter.store, counter.actor, draft.id, "Changed their mind")
    assert refused.value.code == "intended"
    assert selling.current(counter.store, 1).draft is not None


def test_no_money_is_taken_on_a_closed_till(counter: Counter) -> None:
    days.close_till(counter.store, counter.actor, 0)
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1),))
    for verb in ("part cash", "card", "cheque"):
        with pytest.raises(Refused) as refused:
            VERBS[verb](counter, counter.actor, draft, "")
        assert refused.value.code == "till_closed"


def test_only_a_held_sale_is_recalled_to_another_register(counter: Counter) -> None:
    with counter.store.write() as tx:
        tx.conn.execute(insert(tables.registers), {"id": 2, "name": "Register 2"})
    other = Actor(counter.actor.staff, 2)
    draft = days.ring(counter.store, counter.actor, ((ORLANDO, 1),))
    with pytest.raises(Refused) as refused:
        selling.recall(counter.store, other, draft.id)
    assert refused.value.code == "no_held"
    selling.hold(counter.store, counter.actor, draft.id)
    assert selling.recall(counter.store, other, draft.id).value.draft is not None
    with counter.store.read() as conn:
        assert drafts.open_on(conn, 1) is None
        assert drafts.open_on(conn, 2) is not None

"""What the forms for orders say that an order comes to is what it comes to then, however the shop taxes."""

from __future__ import annotations

import itertools

import pytest

from bookwish_desk.db import items, orders
from bookwish_desk.settings import Settings
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from bookwish_desk.ui.forms import Values
from bookwish_desk.ui.order_form.edit_presenter import EditPresenter
from bookwish_desk.ui.order_form.new_presenter import NewOrderPresenter
from tests.support import orders as some
from tests.support.shops import FrozenClock, found_shop, station_for

CLASSES = (
    TaxClass("book", "Books", (TaxRate("State", 62_500),)),
    TaxClass("general", "General goods", (TaxRate("State", 88_750), TaxRate("City", 4_500))),
    TaxClass("none", "Not taxed"),
)
MUG = Item("MUG-1", "Mug", price_cents=1399, tax_class="general")
HOME = {"to_name": "Ann", "line1": "1 Elm Street", "city": "Springfield", "postal_code": "06001"}
EDITS = (
    {"copies": 3},
    {"price": "7.77"},
    {"discount_cents": "1.11"},
    {"kind": "ship", "shipping_cents": "5.25", **HOME},
    {"kind": "pickup"},
    {"add": True},
    {"swap": True},
    {"claim": "holds", "certificate": "C-9"},
)
WAYS = tuple(itertools.product(("exclusive", "inclusive"), ("item", "invoice"), ("general", "book", "none")))


@pytest.fixture(params=WAYS, ids="-".join)
def shop(request, tmp_path):
    mode, basis, shipping = request.param
    tax = TaxRules(mode=mode, basis=basis, classes=CLASSES)
    settings = Settings(shop_name="Test Books", tax=tax, shipping_tax=shipping)
    store, actor = found_shop(tmp_path, settings, FrozenClock())
    with store.write() as tx:
        items.keep(tx, some.ORLANDO, some.EMMA, MUG)
    station, _front = station_for(store, actor)
    yield store, station
    store.close()


def entered(store, station, exempt):
    form = NewOrderPresenter(station)
    form.open()
    for item, copies in ((some.ORLANDO, 2), (MUG, 1)):
        form.take(item)
        form.set_copies(copies)
    texts = {
        "kind": "ship", "shipping_cents": "3.99", "discount_cents": "2.99", "name": "Ann", **HOME,
        "paid": "captured", "tender": "Cash", "exempt": exempt,
    }  # fmt: skip
    form.changed(Values(texts))
    told = form.state.sums
    form.submit(Values(texts))
    assert form.state.done
    with store.read() as conn:
        (order,) = orders.open_orders(conn)
    return order, told


def worth(station, order):
    show = station.settings.money.show
    label = "Tax in it" if order.tax_included else "Tax"
    return (label, show(order.tax_cents)), ("Total", show(order.worth_cents))


def typed(form, edit):
    form.choose(next(x.id for x in form.order.lines if x.live))
    if "copies" in edit:
        form.set_copies(edit["copies"])
    if "price" in edit:
        form.set_price(edit["price"])
    if "swap" in edit:
        form.swap()
    if "add" in edit or "swap" in edit:
        form.take(some.EMMA)
    texts = {k: v for k, v in edit.items() if k not in ("copies", "price", "swap", "add")}
    form.changed(Values(texts))
    return Values(texts)


@pytest.mark.capability("WSM+01", "WSM+02")
@pytest.mark.parametrize("exempt", ["", "12-C"])
def test_what_was_told_before_is_what_it_comes_to(shop, exempt):
    store, station = shop
    order, told = entered(store, station, exempt)
    assert told[-2:] == worth(station, order)
    paid = order.payment
    for edit in (*EDITS, {"claim": "not"}, *EDITS[:4]):
        form = EditPresenter(station, order)
        form.open()
        values = typed(form, edit)
        told = form.state.sums
        form.submit(values)
        assert form.state.done, edit
        order = some.now(store, order)
        assert told[-2:] == worth(station, order), edit
        assert order.payment == paid


def test_many_edits_in_one_go_come_to_what_was_told(shop):
    store, station = shop
    order, _told = entered(store, station, "")
    form = EditPresenter(station, order)
    form.open()
    typed(form, EDITS[0])
    form.choose(form.order.lines[1].id)
    form.set_price("4.44")
    form.take(some.EMMA)
    texts = {"shipping_cents": "5.25", "discount_cents": "0.37", "claim": "holds", "certificate": "C-9"}
    form.changed(Values(texts))
    told = form.state.sums
    form.submit(Values(texts))
    assert form.state.done
    order = some.now(store, order)
    assert told[-2:] == worth(station, order)
    assert order.tax_cents == 0

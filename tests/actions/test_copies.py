"""Used and signed copies: a SKU, a price and stock of their own, the words and the tax of their title."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from bookwish_desk.actions import paying, returning, selling, stocking
from bookwish_desk.actions.importing import Plan, run_import
from bookwish_desk.actions.stocking import ItemEdit
from bookwish_desk.db import finding, items, search, stock, tables
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item, Kind, StockMove
from bookwish_desk.shop.sale import Draft
from tests.support import days
from tests.support.counter import ORLANDO, ORLANDO_EAN, Counter

SIGNED, USED = f"{ORLANDO_EAN}S", f"{ORLANDO_EAN}U1"


class Shelf(Counter):
    """A counter whose trade knows Orlando."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        values = {"ean": ORLANDO_EAN, "title": "Orlando", "authors": "Virginia Woolf", "price_cents": 1_699}
        self.trade(**values, series="Penguin Classics", format="BC")

    def trade(self, **values: object) -> None:
        """Let the trade say this of Orlando."""
        with self.store.write_catalogue() as conn:
            t = tables.titles
            known = update(t).where(t.c.ean == ORLANDO_EAN).values(**values).returning(t.c.ean)
            if conn.execute(known).first() is None:
                conn.execute(t.insert().values(**values))

    def add(self, kind: Kind, sku: str = "", cents: int = 900, copies: int = 1, condition: str = "") -> str:
        store, actor = self.store, self.actor
        return stocking.add_copy(store, actor, ORLANDO, kind, sku, cents, condition, copies).value

    def item(self, code: str, ean: int | None = None) -> Item:
        item = selling.find(self.store, code, ean)
        assert item is not None
        return item

    def scan(self, *codes: str) -> Draft:
        for code in codes:
            draft = selling.scan(self.store, self.actor, code).value.draft
        assert draft is not None
        return draft


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_a_copy_has_its_own_code_price_and_stock_and_its_titles_words(shelf: Shelf) -> None:
    assert shelf.add("signed", cents=2_500, copies=2) == SIGNED
    assert shelf.add("used", cents=700, condition="spine worn") == USED
    assert shelf.add("used", cents=500) == f"{ORLANDO_EAN}U2"
    assert shelf.add("signed", "ORLANDO-1") == "ORLANDO-1"
    used = shelf.item(USED)
    assert (used.title, used.authors, used.series, used.format) == (
        "Orlando", "Virginia Woolf", "Penguin Classics", "BC",
    )  # fmt: skip
    assert (used.price_cents, used.on_hand, used.kind, used.condition) == (700, 1, "used", "spine worn")
    assert (used.ean, used.of_ean, used.title_ean, used.tax_class) == (None, ORLANDO_EAN, ORLANDO_EAN, "book")
    with shelf.store.read() as conn:
        assert [(c.sku, c.on_hand) for c in items.copies(conn, ORLANDO_EAN)] == [
            (str(ORLANDO_EAN), 0),
            ("ORLANDO-1", 1),
            (SIGNED, 2),
            (f"{ORLANDO_EAN}U2", 1),
            (USED, 1),
        ]
        assert {i.sku for i in search.search(conn, "woolf orlando")} >= {SIGNED, USED}
        assert USED in {i.sku for i in search.search(conn, "0-15-670160-X")}
        assert finding.items_index(conn) == []
    assert shelf.journal("item.copy_added")[1] == {
        "title": "Orlando",
        "kind": "used",
        "condition": "spine worn",
        "price_cents": 700,
        "copies": 1,
    }
    (move,) = history(shelf, USED)
    assert (move.quantity, move.cause) == (1, "receive")


def history(shelf: Shelf, sku: str) -> tuple[StockMove, ...]:
    with shelf.store.read() as conn:
        return items.stock_history(conn, sku)


def test_its_price_never_follows_the_trade_and_its_words_do(shelf: Shelf) -> None:
    shelf.add("used", cents=700)
    shelf.trade(price_cents=9_999, series="Vintage", street_date="2026-12-01")
    used = shelf.item(USED)
    assert (used.price_cents, used.street_date) == (700, "2026-12-01")
    assert shelf.item(str(ORLANDO_EAN), ORLANDO_EAN).price_cents == 9_999


def test_it_belongs_to_a_title_that_only_the_shop_knows(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    stocking.new_item(counter.store, counter.actor, ORLANDO.sku, ItemEdit("Orlando", "V. Woolf", "", 1_000))
    own = replace(ORLANDO, authors="V. Woolf")
    sku = stocking.add_copy(counter.store, counter.actor, own, "used", "", 300, "", 0).value
    fixed = ItemEdit("Orlando: a biography", "Virginia Woolf", "Hogarth", 1_000, street_date="2026-10-01")
    stocking.edit_item(counter.store, counter.actor, own, fixed)
    used = selling.find(counter.store, sku)
    assert used is not None
    assert (used.title, used.authors, used.publisher) == ("Orlando: a biography", "Virginia Woolf", "Hogarth")
    assert (used.price_cents, used.street_date, used.on_hand) == (300, "2026-10-01", 0)
    with counter.store.read() as conn:
        assert sku in {i.sku for i in search.search(conn, "hogarth biography")}
        assert finding.items_index(conn) == []


def test_editing_a_copy_changes_its_own_price_and_condition_and_no_words(shelf: Shelf) -> None:
    shelf.add("used", cents=700)
    edit = ItemEdit(
        "Something else", price_cents=650, condition="stained", shelf="U3", street_date="2030-01-01"
    )
    stocking.edit_item(shelf.store, shelf.actor, shelf.item(USED), edit)
    used = shelf.item(USED)
    assert (used.title, used.authors, used.street_date) == ("Orlando", "Virginia Woolf", "")
    assert (used.price_cents, used.condition, used.shelf) == (650, "stained", "U3")
    unpriced = replace(edit, price_cents=None)
    assert refusal(lambda: stocking.edit_item(shelf.store, shelf.actor, used, unpriced)) == "amount"


@pytest.mark.parametrize(
    "sku", ["9780393356687", "0393356688", "9780393356680", "R1-000001", "H1-2", "736091"]
)
def test_its_code_is_no_other_barcode(shelf: Shelf, sku: str) -> None:
    if sku == "736091":  # digits of no barcode's length are a code as good as any
        assert shelf.add("used", sku) == sku
    else:
        assert refusal(lambda: shelf.add("used", sku)) == "bad_code"


def test_what_cannot_be_a_copy_is_refused(shelf: Shelf) -> None:
    shelf.add("used")
    assert refusal(lambda: shelf.add("used", USED)) == "known"
    assert refusal(lambda: shelf.add("new")) == "kind"
    assert refusal(lambda: shelf.add("used", cents=-1)) == "amount"
    assert refusal(lambda: shelf.add("used", copies=-1)) == "quantity"
    store, actor = shelf.store, shelf.actor
    tote = Item("TOTE", "Tote bag", price_cents=1)
    assert refusal(lambda: stocking.add_copy(store, actor, tote, "used", "", 1, "", 1)) == "no_ean"


def test_a_copy_of_a_copy_is_one_of_the_title(shelf: Shelf) -> None:
    shelf.add("used", cents=700)
    store, actor = shelf.store, shelf.actor
    used = shelf.item(USED)
    assert stocking.add_copy(store, actor, used, "signed", "", 2_000, "", 1).value == SIGNED
    assert shelf.item(SIGNED).of_ean == ORLANDO_EAN
    assert stocking.proposed_skus(store, ORLANDO_EAN) == {
        "used": f"{ORLANDO_EAN}U2",
        "signed": f"{ORLANDO_EAN}S2",
    }


def test_its_code_sells_it_and_the_isbn_sells_the_new_one(shelf: Shelf) -> None:
    shelf.add("used", cents=700, condition="spine worn")
    shelf.add("signed", cents=2_500)
    # A scanner says before a Code 128 which kind of barcode it was, if it is set up so.
    draft = shelf.scan(f"]C0{USED}", SIGNED, str(ORLANDO_EAN))
    assert [(x.sku, x.price_cents, x.kind, x.detail) for x in draft.lines] == [
        (USED, 700, "used", "Used: spine worn · Virginia Woolf"),
        (SIGNED, 2_500, "signed", "Signed · Virginia Woolf"),
        (str(ORLANDO_EAN), 1_699, "new", "Virginia Woolf"),
    ]
    sale = paying.pay_cash(shelf.store, shelf.actor, draft.id, 10_000).value.sale
    assert sale is not None
    assert [shelf.on_hand(sku) for sku in (USED, SIGNED, str(ORLANDO_EAN))] == [0, 0, -1]
    assert "Used: spine worn" in shelf.jobs("receipt")[-1].payload.decode()
    back = returning.add(shelf.store, shelf.actor, "", sale.id, 1, 1).value.draft
    assert back is not None
    paying.pay_cash(shelf.store, shelf.actor, back.id, 0)
    assert [shelf.on_hand(sku) for sku in (USED, SIGNED, str(ORLANDO_EAN))] == [1, 0, -1]


def test_copies_on_order_come_in_by_being_received(shelf: Shelf) -> None:
    store, actor = shelf.store, shelf.actor
    stocking.order(store, actor, ORLANDO, 5)
    stocking.order(store, actor, ORLANDO, 5)
    assert shelf.item(ORLANDO.sku, ORLANDO_EAN).on_order == 5
    assert shelf.journal("item.ordered") == [{"title": "Orlando", "before": 0, "after": 5}]
    assert stocking.receive(store, actor, ORLANDO, 3).value == 3
    assert stocking.receive(store, actor, ORLANDO, 4).value == 7
    known = shelf.item(ORLANDO.sku, ORLANDO_EAN)
    assert (known.on_order, known.on_hand) == (0, 7)
    assert [(m.quantity, m.cause) for m in history(shelf, ORLANDO.sku)] == [(4, "receive"), (3, "receive")]
    assert [e["on_order"] for e in shelf.journal("item.received")] == [2, 0]
    for wrong in (-1, 100_000):
        assert refusal(partial(stocking.order, store, actor, ORLANDO, wrong)) == "quantity"
        assert refusal(partial(stocking.receive, store, actor, ORLANDO, wrong)) == "quantity"
    assert refusal(lambda: stocking.receive(store, actor, ORLANDO, 0)) == "quantity"
    service = replace(days.item(), stocked=False)
    assert refusal(lambda: stocking.order(store, actor, service, 1)) == "unstocked"


def test_a_street_date_of_the_shop_goes_before_the_trades_until_they_agree(shelf: Shelf) -> None:
    shelf.trade(street_date="2026-11-24")
    edit = ItemEdit("Orlando", price_cents=1_699, street_date=" 2026-12-01 ")
    stocking.edit_item(shelf.store, shelf.actor, ORLANDO, edit)
    assert shelf.item(ORLANDO.sku, ORLANDO_EAN).street_date == "2026-12-01"
    stocking.edit_item(shelf.store, shelf.actor, ORLANDO, replace(edit, street_date="2026-11-24"))
    shelf.trade(street_date="2026-11-30")
    assert shelf.item(ORLANDO.sku, ORLANDO_EAN).street_date == "2026-11-30"
    for wrong in ("soon", "2026-13-01", "24.11.2026"):
        bad = replace(edit, street_date=wrong)
        assert refusal(partial(stocking.edit_item, shelf.store, shelf.actor, ORLANDO, bad)) == "street_date"
    new = stocking.new_item(
        shelf.store, shelf.actor, "PEN", ItemEdit("Pen", price_cents=1, street_date="2027-01-01")
    )
    assert shelf.item(new.value).street_date == "2027-01-01"


def test_looking_several_codes_up_gives_those_that_are_known(shelf: Shelf) -> None:
    stocking.receive(shelf.store, shelf.actor, Item("9780393356687", "The Overstory", ean=9780393356687), 2)
    with shelf.store.read() as conn:
        found = items.by_eans(conn, [1, ORLANDO_EAN, 9780393356687, 2])
        assert [(i.title, i.on_hand) for i in found] == [("The Overstory", 2), ("Orlando", 0)]
        assert items.by_eans(conn, []) == ()
        assert stock.skus_like(conn, ORLANDO_EAN) == frozenset()


def test_a_list_counts_a_copy_by_its_own_code_and_leaves_it_a_copy(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("used", cents=700)
    stocking.receive(shelf.store, shelf.actor, ORLANDO, 1)
    path = tmp_path / "count.csv"
    rows = ("sku,isbn,title,price,stock,shelf", f"{USED},{ORLANDO_EAN},Something,6.50,4,U3")
    path.write_text("\n".join(rows) + "\n", "utf-8")
    report = run_import(shelf.store, Plan(path, counts=True), actor=shelf.actor)
    assert (report.updated, report.rejected) == (1, 0)
    used = shelf.item(USED)
    assert (used.title, used.ean, used.of_ean) == ("Orlando", None, ORLANDO_EAN)
    assert (used.price_cents, used.on_hand, used.shelf) == (650, 4, "U3")
    new = shelf.item(ORLANDO.sku, ORLANDO_EAN)
    assert (new.sku, new.price_cents, new.on_hand) == (ORLANDO.sku, 1_699, 1)
    with shelf.store.read() as conn:
        assert finding.items_index(conn) == []
    path.write_text(f"sku,isbn,title,stock\n{USED},9780393356687,The Overstory,1\n", "utf-8")
    assert run_import(shelf.store, Plan(path, counts=True), actor=shelf.actor).rejected == 1


def test_a_list_that_corrects_a_title_corrects_its_copies(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add("signed")
    path = tmp_path / "list.csv"
    path.write_text(f"isbn,title,author,series,stock\n{ORLANDO_EAN},Orlando again,V. Woolf,Classics,4\n")
    run_import(shelf.store, Plan(path))
    copy = shelf.item(SIGNED)
    assert (copy.title, copy.authors, copy.series) == ("Orlando again", "V. Woolf", "Classics")
    assert (copy.kind, copy.on_hand) == ("signed", 1)
    with shelf.store.read() as conn:
        assert SIGNED in [item.sku for item in search.search(conn, "orlando again classics")]
        assert finding.items_index(conn) == []

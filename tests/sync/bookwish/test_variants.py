"""Every spelling that the documentation shows is understood, with and without extensions."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from bookwish_desk.shop.online import OnlineSale
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.sold import Sale
from bookwish_desk.shop.upload import RefundUpload, SaleUpload, reference
from bookwish_desk.sync.bookwish.adapter import BookWish
from bookwish_desk.sync.port import OnlineStore
from tests.sync.bookwish import contract
from tests.sync.bookwish.far_shop import DATE_AT, FarShop, opened
from tests.sync.bookwish.sold_here import line, sale

KEY = "0195612a3b4c7def8a1b2c3d4e5f6071"
VARIANTS = [
    pytest.param({name.replace("-", "_"): value, "extensions": extensions}, id=f"{name}={value}-{extensions}")
    for extensions, (name, values) in product(("none", "all"), contract.description()["x-variants"].items())
    if name not in ("base-url", "orders-scope", "extensions")
    for value in values
]


def _all_orders(store: OnlineStore) -> list[str]:
    found: list[str] = []
    for _ in range(9):
        page = store.order_list(len(found), 5)
        assert page.value is not None, page
        found += [x.id for x in page.value.rows]
        if not page.value.more:
            return found
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("variants", VARIANTS)
def test_all_that_a_shop_needs_works_however_the_server_spells_it(variants: dict[str, Any]) -> None:
    far = FarShop(**variants)
    with opened(far, signed_in=False) as store:
        account = store.sign_in("ines@larch.example", Secret("larch-and-lantern"))
        assert account.value is not None and account.value.id == "u-ines" and account.server_at == DATE_AT
        assert store.discover().value == store.abilities
        assert store.abilities.key == (variants["extensions"] == "all")
        assert _all_orders(store) == [f"or-{n}" for n in range(1, 8)]
        _orders(store)
        _stock(store)
        _sales(store)
        far.access = "expired"
        assert store.order("or-1").result == "done"
        store.sign_out()
        assert store.order("or-1").result == "signed_out"
        assert far.paths[-1] == "POST /auth/logout"


def _orders(store: BookWish) -> None:
    last = store.order("or-7").value
    assert last is not None and last.status == "delivered" and last.total_cents == 1961
    assert store.change_status(last, "shipped").result == "stale"
    order = store.order("or-1").value
    assert order is not None and order.kind == "ship" and order.lines[0].title == "The Larch Almanac"
    assert order.number and order.customer_email == "odo@post.example"
    moved = store.change_status(order, "processing", key=KEY)
    assert moved.value is not None and moved.value.status == "processing", moved
    sent = store.change_status(moved.value, "shipped", tracking="TEST-1", carrier="USPS", key=KEY)
    assert sent.value is not None and sent.value.status == "shipped"
    behind = store.change_status(order, "processing", key=KEY)  # nobody read it since
    assert behind.result == ("stale" if store.abilities.precondition else "done")
    missing = store.order("or-99")
    assert missing.result == "refused" and "does not know this order" in missing.words


def _stock(store: BookWish) -> None:
    rows = store.stock_list(0, 50).value
    assert rows is not None and rows.items[0].quantity == 1
    item = store.stock_item("inv-3").value
    assert item is not None and item.isbn == "9799990000015"
    changed = store.adjust_stock("inv-3", -2, "damaged", key=KEY, reference=KEY)
    assert changed.value is not None and changed.value.quantity == 1
    assert store.stock_item("inv-9").result == "refused"
    item = store.stock_item("inv-3").value
    assert item is not None
    assert store.set_stock(item, 4).result == "done"


def _sales(store: BookWish) -> None:
    sold = sale(line(1, 2, 1999), line(2, 1, 300))
    body = store.sale_body(SaleUpload(sold), lambda sku: ("inv-1", "bk-1") if sku == "SKU1" else None)
    assert body is not None
    sent = store.send_sale(body, KEY)
    assert sent.value is not None, sent
    assert [x.price_cents for x in sent.value.lines] == [1000, 999, 300]
    page = store.sales_between(DATE_AT - 600_000, DATE_AT + 600_000, 0, 20).value
    assert page is not None and [x.price_cents for x in page.sales[0].lines] == [1000, 999, 300]
    later = store.sales_between(DATE_AT + 1, DATE_AT + 600_000, 0, 20).value
    assert later is not None and not later.sales and later.skipped == 1
    found = store.sale_by_reference(reference(sold))
    if store.abilities.reference:
        assert found.value is not None and found.value[0].id == sent.value.id
    else:
        assert found.result == "not_offered"
    _refund(store, sold, sent.value)


def _refund(store: BookWish, sold: Sale, far: OnlineSale) -> None:
    back = sale(
        line(1, -1, -1000, of_sale=sold.id, of_line=1, of_receipt=sold.receipt, disposition="restock"),
        kind="return",
        receipt="R2-000007",
    )
    body = store.refund_body(RefundUpload(back, sold.id), sold, far)
    assert body is not None
    end = store.send_refund(far.id, body, KEY)
    assert end.result == ("done" if store.abilities.refunds else "not_offered")
    assert end.value is None or end.value.amount_cents == 1060


@pytest.mark.capability("BW-01", "BW-02", "BW-03", "BW-04", "BW-05")
def test_an_order_says_how_it_reaches_the_customer_and_where_its_copies_come_from() -> None:
    far = FarShop(extensions="all")
    far.orders[1]["isSpecialOrder"] = True
    with opened(far) as store:
        store.discover()
        feed = store.order_feed("", 50).value
        assert feed is not None and len(feed.orders) == 7
        for seen in feed.orders:
            assert store.order(seen.id).value == seen
        kinds = {x.id: (x.kind, x.gift, x.special) for x in feed.orders}
    assert kinds["or-3"] == ("pickup", False, False)
    assert kinds["or-1"] == ("ship", False, False)
    assert kinds["or-2"] == ("ship", True, True)
    assert {x.lines[0].inventory_id for x in feed.orders} == {"inv-1"}


@pytest.mark.parametrize("extensions", ["none", "all"])
def test_extensions_are_used_only_where_they_are_listed(extensions: str) -> None:
    far = FarShop(extensions=extensions)
    with opened(far) as store:
        assert [x.result for x in (store.my_stores(), store.order_feed("", 50))] == ["not_offered"] * 2
        store.discover()
        store.discover()
        assert far.paths.count("GET /ext/v1/capabilities") == 1
        mine, feed, stock = store.my_stores(), store.order_feed("", 500, 60), store.stock_feed("c1", 50)
    if extensions == "none":
        assert {mine.result, feed.result, stock.result} == {"not_offered"}
        assert far.paths == ["GET /ext/v1/capabilities"]
        return
    assert mine.value is not None and mine.value[0].store_id == "st-1" and mine.value[0].sells
    assert feed.value is not None and feed.value.cursor == "c7" and len(feed.value.orders) == 7
    assert stock.value is not None and stock.value.removed == ("inv-2",) and stock.value.more
    assert [x.id for x in stock.value.items] == ["inv-1", "inv-3", "inv-4", "inv-5"]


def test_a_server_that_takes_patch_or_no_changes_of_copies_is_found_out_once() -> None:
    far = FarShop()
    far.method, far.can_adjust = "PATCH", False
    with opened(far) as store:
        order = store.order("or-1").value
        assert order is not None
        assert store.change_status(order, "processing").result == "done"
        moved = store.order("or-1").value
        assert moved is not None
        assert store.change_status(moved, "ready_for_pickup").result == "done"
        assert [x for x in far.paths if "status" in x] == [
            "PUT /orders/or-1/status",
            "PATCH /orders/or-1/status",
            "PATCH /orders/or-1/status",
        ]
        assert _way(store) == "delta"
        assert store.adjust_stock("inv-1", 1, "found", key="", reference="").result == "not_offered"
        assert _way(store) == "absolute"
        asked = len(far.seen)
        assert store.adjust_stock("inv-1", 1, "found", key="", reference="").result == "not_offered"
        assert len(far.seen) == asked


def _way(store: BookWish) -> str:
    return store.abilities.stock


def test_a_missing_line_of_stock_is_no_missing_path() -> None:
    with opened(FarShop()) as store:
        assert store.adjust_stock("inv-99", 1, "found", key="", reference="").result == "refused"
        assert store.abilities.stock == "delta"


def test_versions_keep_a_number_of_copies_from_being_written_over() -> None:
    far = FarShop(extensions="all")
    with opened(far) as store:
        store.discover()
        item = store.stock_item("inv-4").value
        assert item is not None and item.etag == '"v4"'
        far.items[3]["quantity"] = 2
        stale = store.set_stock(item, 5)
        assert stale.result == "stale" and stale.value is not None and stale.value.quantity == 2
        assert store.set_stock(stale.value, 5).result == "done"
        listed = store.stock_list(0, 2).value
        assert listed is not None
        first = listed.items[0]
        assert not first.etag and store.set_stock(first, 7).result == "done"
        assert far.seen[-1].headers["if-match"] == '"v1"'
        assert store.set_stock(first, 8).result == "stale"
        assert store.set_stock(first, -1).result == "refused"


def test_a_sale_that_the_store_has_under_our_number_is_done() -> None:
    far = FarShop(extensions="all")
    with opened(far) as store:
        store.discover()
        body = store.sale_body(SaleUpload(sale(line(1, 1, 500))), lambda _: None)
        assert body is not None
        first = store.send_sale(body, KEY)

        def twice(request: Any) -> Any:
            return far.error(409, "Conflict", "There is one") if request.method == "POST" else None

        far.script = twice
        again = store.send_sale(body, KEY)
        assert again.result == "done" and again.replayed
        assert again.value is not None and first.value is not None and again.value.id == first.value.id
        far.sales.clear()
        assert store.send_sale(body, KEY).result == "refused"


def test_stores_are_found_by_slug_name_and_town() -> None:
    far = FarShop()
    with opened(far, signed_in=False) as store:
        for words in ("Lantern & Larch", "lantern-and-larch", "elmhollow", "LARCH"):
            found = store.find_store(words).value
            assert found is not None and [x.id for x in found] == ["st-1"], words
        assert store.find_store("nowhere").value == ()
        assert store.find_store(" !").value == ()


def test_another_store_and_a_person_share_the_connection_and_the_account() -> None:
    far = FarShop()
    with opened(far) as store:
        other = store.at("st-2").for_person()
        assert other.sign_in("ines@larch.example", Secret("larch-and-lantern")).result == "done"
        assert store.stock_list(0, 5).result == "done"
        other.stock_list(0, 5)
        assert far.seen[-1].url.params["storeId"] == "st-2"


def test_a_list_that_may_not_be_asked_for_by_store_is_asked_for_without() -> None:
    far = FarShop()
    far.script = lambda r: (
        far.error(422, "ValidationError", "storeId?") if "storeId" in r.url.params else None
    )
    with opened(far) as store:
        assert store.order_list(0, 3).result == "done"
        assert store.order_list(3, 3).result == "done"
    assert len(far.seen) == 3


def test_a_server_with_one_page_only_does_not_go_on_for_ever() -> None:
    rows = [{"id": f"or-{n}", "orderNumber": "1", "status": "confirmed", "updatedAt": ""} for n in range(3)]
    far = FarShop(lambda _: (200, rows))
    with opened(far) as store:
        page = store.order_list(0, 3).value
        assert page is not None and page.more
        page = store.order_list(3, 3).value
        assert page is not None and not page.rows and not page.more


@pytest.mark.parametrize("extensions", ["none", "all"])
def test_the_stores_clock_is_asked_for_each_time_and_changes_nothing_that_is_known(extensions: str) -> None:
    far = FarShop(extensions=extensions)
    with opened(far) as store:
        store.discover()
        known = store.abilities
        replies = [store.hear_clock(), store.hear_clock()]
        assert {x.server_at for x in replies} == {DATE_AT} and store.abilities == known
        assert far.paths.count("GET /ext/v1/capabilities") == 3

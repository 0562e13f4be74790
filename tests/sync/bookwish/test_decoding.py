"""What a server sends becomes values or is left out: nothing raises, nothing absurd or dangerous comes in."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.shop.online import OnlineOrder
from bookwish_desk.sync.bookwish import decoding, judging, sales
from bookwish_desk.sync.bookwish.client import Answer
from bookwish_desk.sync.bookwish.decoding import Unreadable
from bookwish_desk.sync.bookwish.far import etag_of
from bookwish_desk.sync.wire import date_of, read_json
from tests.sync.bookwish.far_shop import FarShop, opened, reply

LAST = "Fri, 31 Dec 9999 23:59:58 GMT"
NAMES = [
    "id",
    "orderNumber",
    "status",
    "items",
    "quantity",
    "priceCents",
    "book",
    "title",
    "authors",
    "storeId",
    "data",
    "order",
    "orders",
    "total",
    "pagination",
    "nextCursor",
    "hasMore",
    "error",
    "code",
    "message",
    "details",
    "customer",
    "shippingAddress",
    "updatedAt",
    "createdAt",
    "unitPrice",
    "unitPriceCents",
    "subtotalCents",
    "version",
    "extensions",
    "seq",
    "deleted",
    "item",
    "inventoryId",
    "userId",
    "isbn",
    "accessToken",
    "refreshToken",
    "user",
    "limit",
    "meta",
]
_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(NAMES)
)
ANY_JSON = st.recursive(
    _LEAVES,
    lambda x: (
        st.lists(x, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), x, max_size=8)
    ),
    max_leaves=30,
)


@given(ANY_JSON, st.lists(st.integers(0, 10_000), max_size=3))
def test_no_decoder_raises_for_any_json(told: Any, prices: list[int]) -> None:
    for read in (decoding.order, decoding.order_row, decoding.item, decoding.membership, decoding.profile):
        read(told)
    sales.sale(told, prices)
    decoding.refund(told)
    decoding.account(told)
    decoding.extensions(told)
    decoding.rows(told, ("orders",))
    decoding.unwrapped(told, ("order",))
    judging.error_of(told)
    judging.refusal(Answer(418, {}, told, True, 0))


@settings(max_examples=40)
@given(ANY_JSON, st.sampled_from([200, 201, 204, 400, 401, 404, 409, 412, 429, 500]))
def test_no_call_raises_for_any_answer(told: Any, status: int) -> None:
    def script(_request: httpx2.Request) -> httpx2.Response:
        try:
            return reply(status, told)
        except ValueError:  # JSON has no such number
            return reply(status, "NaN")

    far = FarShop(script, extensions="all")
    with opened(far) as store:
        store.discover()
        for call in (
            lambda: store.order("o"),
            lambda: store.order_list(0, 5),
            lambda: store.order_list(5, 5),
            lambda: store.order_feed("", 5),
            lambda: store.stock_feed("", 5),
            store.my_stores,
            lambda: store.find_store("x"),
            lambda: store.change_status(OnlineOrder(id="o", number="1", status="confirmed"), "processing"),
        ):
            assert call().result


def _order(**more: Any) -> dict[str, Any]:
    line = {"id": "l1", "quantity": 1, "priceCents": 500, "book": {"title": "A title"}}
    return {"id": "o1", "orderNumber": "BW-1", "status": "confirmed", "items": [line], **more}


def test_fields_of_a_wrong_type_are_forgiven() -> None:
    order = decoding.order(
        _order(
            updatedAt=17, createdAt=["x"], storeId={}, userId=5, customer=[1], fulfillmentType=3.5,
            subtotalCents="12", taxCents=None, totalCents=1961.0, paymentStatus=[], shippingAddress="x",
            giftMessage=9, trackingNumber=None, isBookWishDirect="yes",
        )
    )  # fmt: skip
    assert isinstance(order, OnlineOrder)
    assert (order.updated, order.created_at, order.store_id, order.user_id) == ("17", 0, "", "5")
    assert (order.kind, order.subtotal_cents, order.tax_cents, order.total_cents) == ("", None, None, 1961)
    assert (order.address, order.gift_message, order.direct) == (None, "", False)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"items": [{"id": "l", "quantity": -3, "priceCents": 5}]}, "quantity is negative"),
        ({"items": [{"id": "l", "quantity": 10**9, "priceCents": 5}]}, "quantity is too large"),
        ({"items": [{"id": "l", "quantity": "2", "priceCents": 5}]}, "quantity is no number"),
        ({"items": [{"id": "l", "quantity": 1, "priceCents": -5}]}, "priceCents is negative"),
        ({"items": ["x"]}, "line 1 is no line"),
        ({"items": {}}, "it has no lines"),
        ({"items": [{}] * 1_001}, "it has too many lines"),
        ({"totalCents": -1}, "totalCents is negative"),
        ({"totalCents": 10**15}, "totalCents is too large"),
        ({"id": "x" * 129}, "id is unusable"),
        ({"id": ".."}, "id is missing"),
        ({"id": "a\u202eb"}, "id is unusable"),
        ({"id": True}, "id is missing"),
        ({"status": ""}, "it has no status"),
    ],
)
def test_an_order_that_cannot_be_right_is_left_out(change: dict[str, Any], why: str) -> None:
    assert decoding.order(_order(**change)) == Unreadable(why)


def test_a_line_of_no_copies_is_none_and_an_order_of_none_is_one() -> None:
    order = decoding.order(_order(items=[{"id": "l1", "quantity": 0}]))
    assert isinstance(order, OnlineOrder) and order.lines == ()


def test_texts_are_plain_short_and_without_commands() -> None:
    order = decoding.order(
        _order(
            status="on_hold",
            giftMessage="<b>Love</b>\x1b[31m\r\nfrom\u202e us",
            specialInstructions="i" * 10_000_000,
            items=[{"id": "l1", "quantity": 1, "book": {"title": "<img src=x>" + "t" * 10_000_000}}],
            customer={"id": "u", "displayName": "=1+1\x00\x07", "email": "e" * 9_999},
            shippingAddress={"name": "O\u0000do", "city": "c" * 500, "country": "germany"},
        )
    )
    assert isinstance(order, OnlineOrder)
    assert order.status == "on_hold"
    assert order.gift_message == "<b>Love</b>[31m\nfrom us"
    assert len(order.instructions) == 2_000
    assert order.lines[0].title.startswith("<img src=x>ttt") and len(order.lines[0].title) == 500
    assert order.customer_name == "=1+1" and len(order.customer_email) == 254
    assert order.address is not None and order.address.name == "Odo" and len(order.address.city) == 120
    assert order.address.country == "US"


def test_no_card_number_comes_in_with_what_somebody_wrote() -> None:
    card, where = "4111 1111 1111 1111", {"name": "Odo", "country": "US"}
    told = _order(
        giftMessage=f"a\n{card}",
        specialInstructions=f"Pay with {card}",
        carrier=card,
        customer={"displayName": card, "email": f"{card}@post.example"},
        items=[{"id": "l1", "quantity": 1, "condition": card, "book": {"title": card, "authors": [card]}}],
        shippingAddress={**where, **dict.fromkeys(("addressLine1", "addressLine2", "city", "phone"), card)},
    )
    order = decoding.order(told)
    single = decoding.item(
        {"id": "i", "quantity": 1, "location": card, "book": {"title": card, "authors": card}}
    )
    assert isinstance(order, OnlineOrder)
    assert "1111 1111" not in f"{order} {single}"
    assert order.instructions == "Pay with •••• •••• •••• 1111"
    tracked = decoding.order(_order(trackingNumber="4111111111111111"))
    assert isinstance(tracked, OnlineOrder) and tracked.tracking == "4111111111111111", (
        "numbers of parcels are long"
    )


def test_a_bad_row_is_counted_and_the_page_is_read() -> None:
    rows = [_order(), _order(id=""), "x", _order(id="o2")]
    far = FarShop(lambda _: (200, {"orders": rows, "total": 4}))
    with opened(far) as store:
        page = store.order_list(0, 4).value
    assert page is not None and [x.id for x in page.rows] == ["o1", "o2"]
    assert (page.skipped, page.total, page.more) == (2, 4, False)


def test_bad_rows_of_feeds_are_counted() -> None:
    rows = [
        {"seq": 1, "order": _order()},
        {"seq": 2},
        5,
        {"seq": 3, "order": _order(items=[{"quantity": -1}])},
    ]
    far = FarShop(extensions="all")
    with opened(far) as store:
        store.discover()
        far.script = lambda _: (200, {"data": rows, "nextCursor": "c3", "hasMore": False})
        page = store.order_feed("c1", 50).value
        assert page is not None and len(page.orders) == 1 and page.skipped == 2
        assert [x.number for x in page.unread] == ["BW-1"]
        far.script = lambda _: (410, {"error": "gone"})
        assert store.order_feed("c1", 50).result == "gone"
        far.script = lambda _: (200, {"data": rows, "nextCursor": 7})
        assert store.order_feed("c1", 50).result == "unknown"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"\uDE00 \ud83d\ud83d\uDE00", "\ufffd \ufffd\U0001f600"),
        (rb"\ud83d\ud83d\\ud83d \\\ud83d", "\ufffd\ufffd\\ud83d \\\ufffd"),
        (rb"\ud83dA \u00e9\n\"", '\ufffdA \xe9\n"'),
        (b"caf\xe9 \xed\xa0\xbd", "caf\ufffd \ufffd\ufffd\ufffd"),
        (b"two\nlines\x00", "two\nlines\x00"),
    ],
)
def test_a_text_that_none_should_have_is_read_as_far_as_it_can_be(sent: bytes, read: str) -> None:
    assert read_json(b'\xef\xbb\xbf[{"a": "' + sent + b'"}, {"b": NaN, "c": -Infinity, "d": 5}]') == (
        [{"a": read}, {"b": None, "c": None, "d": 5}],
        True,
    )


@pytest.mark.parametrize("cut", [b'["\\ud83d"', b'["\\', b'["\xff', b'{"a":NaN', b"\xff", b'["\\x"]'])
def test_what_is_cut_is_no_json_whatever_is_forgiven(cut: bytes) -> None:
    assert read_json(cut) == (None, False)


def test_a_text_that_was_cut_within_a_sign_holds_no_other_order_up() -> None:
    page = b'{"orders":[%s],"total":2}' % b",".join(
        b'{"id":"%s","orderNumber":"BW-%s","status":"confirmed","updatedAt":"2025-03-04T15:02:11Z"}' % x
        for x in ((b"o1", rb"\ud83d"), (b"o2", b"2"))
    )
    with opened(FarShop(lambda _: httpx2.Response(200, content=page))) as store:
        read = store.order_list(0, 5).value
    assert read is not None and [(x.id, x.number) for x in read.rows] == [("o1", "BW-\ufffd"), ("o2", "BW-2")]


def test_what_names_something_has_to_be_readable() -> None:
    assert decoding.order(_order(id="o\ufffd")) == Unreadable("id is unusable")
    far = FarShop(extensions="all")
    with opened(far) as store:
        store.discover()
        far.script = lambda _: (200, {"data": [], "nextCursor": "c\ufffd", "hasMore": True})
        assert store.order_feed("c1", 50).result == "unknown"
        assert store.stock_feed("c1", 50).result == "unknown"


def test_one_order_that_cannot_be_right_is_said_so() -> None:
    far = FarShop(lambda _: (200, _order(items=[{"id": "l", "quantity": -3}])))
    with opened(far) as store:
        end = store.order("o1")
    assert end.result == "unknown" and "quantity is negative" in end.words


def test_ids_stay_within_their_path() -> None:
    far = FarShop()
    with opened(far) as store:
        store.order("../auth/login?x#y")
    assert str(far.seen[-1].url) == "https://far.example/orders/..%2Fauth%2Flogin%3Fx%23y"


def test_moments_and_dates() -> None:
    assert (
        decoding.moment("2025-03-04T15:02:11Z") == decoding.moment("2025-03-04T15:02:11") == 1_741_100_531_000
    )
    assert decoding.moment("2025-03-04T10:02:11.250-05:00") == 1_741_100_531_250
    for odd in ("", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert decoding.moment(odd) == 0
    assert date_of("Tue, 04 Mar 2025 16:20:06 GMT") == 1_741_105_206_000
    for odd in ("", "soon", "Tue, 99 Mar 2025 16:20:06 GMT", "Mon, 01 Jan 1900 00:00:00 GMT", LAST):
        assert date_of(odd) == 0


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ('"v1"', True),
        ('W/"v1"', True),
        ("v1", False),
        ('"a\r\nX: y"', False),
        (f'"{"x" * 200}"', False),
    ],
)
def test_a_tag_is_sent_back_only_as_a_tag(tag: str, kept: bool) -> None:
    assert etag_of(Answer(200, {"etag": tag}, None, True, 0)) == (tag if kept else "")


@pytest.mark.parametrize(
    ("status", "told", "result"),
    [
        (400, {"error": "ValidationError", "message": "Some are wrong"}, "refused"),
        (403, {"error": {"code": "FORBIDDEN", "message": "not staff"}}, "refused"),
        (404, {"error": "NotFound", "message": "Order not found"}, "refused"),
        (404, {"error": "NotFound", "message": "Route not found"}, "not_offered"),
        (404, "<pre>Cannot GET /orders/o1</pre>", "not_offered"),
        (405, None, "not_offered"),
        (408, None, "unknown"),
        (409, {"error": "Conflict"}, "refused"),
        (409, {"error": "idempotency_in_progress"}, "unknown"),
        (410, None, "gone"),
        (412, None, "stale"),
        (422, {"error": {"code": "x"}}, "refused"),
        (500, None, "unknown"),
        (503, "<html>", "unknown"),
        (204, None, "unknown"),
    ],
)
def test_what_an_answer_means(status: int, told: Any, result: str) -> None:
    with opened(FarShop(lambda _: (status, told))) as store:
        end = store.order("o1")
    assert (end.result, end.status) == (result, status)
    assert end.words


def test_a_path_that_went_well_is_not_missing_later() -> None:
    far = FarShop()
    with opened(far) as store:
        far.script = lambda _: (404, {"detail": "Not Found"})
        assert store.order("o1").result == "not_offered"
        far.script = None
        assert store.order("or-1").result == "done"
        far.script = lambda _: (404, {"detail": "Not Found"})
        assert store.order("o1").result == "refused"


def test_the_words_of_the_server_are_told_and_no_more_than_that() -> None:
    details = [{"path": "items", "message": "at least one\x1b"}, 7, {"message": "m" * 5_000}]
    told = {"error": "ValidationError", "message": "Some <b>fields</b> are wrong", "details": details}
    with opened(FarShop(lambda _: (422, told))) as store:
        end = store.order("o1")
    assert end.code == "ValidationError"
    assert end.words.startswith(
        "The online store refused it. The store says: Some <b>fields</b> are wrong (items: at least one)"
    )
    assert len(end.words) < 500

"""Problems of orders: each answer leaves tasks, stock, money, history and notices right at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image

from bookwish_desk.actions import order_editing, photos, placing, problems, stocking
from bookwish_desk.actions.telling import Telling
from bookwish_desk.db import checks, items, order_checks, orders
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.mail import MailSettings
from bookwish_desk.shop.new_order import NewLine, NewOrder
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_problem import Problem, Reported, next_steps
from bookwish_desk.shop.order_queue import queue, tasks
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.staff import Actor
from tests.support.orders import ADA, EMMA, HOME, ORLANDO, now, shelved, stepped
from tests.support.shops import NOON, found_shop, hire

USUAL = Telling()
MAIL = MailSettings(host="mail.example.com", sender="shop@example.com")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path, Settings(shop_name="Test Books", mail=MAIL))
    yield store, owner
    with store.read() as conn:
        assert order_checks.everything(conn) == []
        assert checks.stock(conn) == []
    store.close()


def entered(store: Store, actor: Actor, copies: int = 1, *more: NewLine, **facts: Any) -> Order:
    book = NewLine(sku=ORLANDO.sku, title="Orlando", ean=ORLANDO.ean, quantity=copies, price_cents=1_699)
    new = NewOrder(lines=(book, *more), **{"customer": ADA, "paid": "captured", **facts})
    return placing.enter(store, actor, new, Telling("silent")).value


def sent(store: Store, actor: Actor, copies: int = 1) -> Order:
    """Return an order of which every copy is on its way."""
    shelved(store, actor, copies=copies)
    some = entered(store, actor, copies, kind="ship", address=HOME)
    return stepped(
        store, actor, some, "confirm", "pick", "check", "pack", Step("ship", tracking="9400", carrier="USPS")
    )


def reported(store: Store, actor: Actor, order: Order, how: Telling = USUAL, **facts: Any) -> Order:
    problem = Problem(**{"copies": ((order.lines[0].id, 1),), **facts})
    after = problems.report(store, actor, order.id, problem, how).value
    assert after == now(store, order)
    assert all(sentence.endswith(".") for sentence in next_steps(after, problem))
    return after


def told(store: Store, order: Order) -> list[str]:
    """Return the kinds of notices queued for an order, without those of its beginning."""
    with store.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT kind FROM outbox WHERE channel = 'mail' AND ref = ? ORDER BY id", (order.id,)
        )
        return [kind for (kind,) in rows]


def event(store: Store, order: Order) -> Reported:
    with store.read() as conn:
        found = [e for e in orders.history(conn, order.id) if e.kind == "problem"]
    assert len(found) == 1
    return msgspec.json.decode(found[0].body, type=Reported)


def stock(store: Store, item: Item = ORLANDO) -> tuple[int, list[tuple[str, int]]]:
    """Return what is on hand of an item, and the movements that orders did not make by themselves."""
    with store.read() as conn:
        moves = [(m.cause, m.quantity) for m in items.stock_history(conn, item.sku)]
        return items.by_skus(conn, [item.sku])[0].on_hand, [
            m for m in moves[::-1] if m[0] not in ("receive", "order")
        ]


def what(order: Order) -> dict[str, int]:
    return {t.kind: t.cents for t in tasks(order, NOON)}


# ---- not on the shelf ----


@pytest.mark.capability("BW-29", "OMG-32", "BW-33")
def test_a_copy_that_is_not_there_is_told_and_corrected(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = stepped(store, owner, entered(store, owner), "confirm", "start")
    after = reported(store, owner, some, kind="out_of_stock", note="looked twice")
    assert (after.lines[0].short, after.lines[0].allocated) == (1, 0)
    assert stock(store) == (0, [("adjust", -1)])
    assert what(after) == {"missing": 0}
    assert queue(after, NOON) == "problems"
    assert told(store, some) == ["out_of_stock"]
    body = event(store, some)
    assert (body.kind, body.answer, body.cause, body.note) == (
        "out_of_stock",
        "tell",
        "stock",
        "looked twice",
    )


def test_a_shelf_that_is_not_to_be_corrected_stays_as_it_is(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    after = reported(store, owner, some, kind="out_of_stock", correct_stock=False)
    assert after.lines[0].short == 1
    assert stock(store) == (1, [])


def test_copies_promised_to_others_are_not_taken_off_the_stock(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    first, second = entered(store, owner), entered(store, owner)
    reported(store, owner, first, kind="out_of_stock")
    assert stock(store) == (1, [("adjust", -1)])
    assert now(store, second).lines[0].allocated == 1


@pytest.mark.capability("BW-30", "BW-33", "OMG-33")
def test_more_copies_are_ordered_and_waited_for(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    after = reported(
        store, owner, some, kind="out_of_stock", answer="wait", expected_on="2026-10-02", on_order=True,
    )  # fmt: skip
    assert (after.lines[0].backordered, after.lines[0].expected_on) == (1, "2026-10-02")
    assert after.expected_on == "2026-10-02"
    assert what(after) == {}
    with store.read() as conn:
        assert items.by_skus(conn, [ORLANDO.sku])[0].on_order == 1
    shelved(store, owner)
    assert now(store, some).lines[0].allocated == 1


@pytest.mark.capability("BW-31", "OMG-32", "WSM-24")
@pytest.mark.parametrize(("price", "task"), [(1_050, "refund"), (1_699, ""), (2_500, "collect")])
def test_another_title_or_copy_takes_its_place(shop: tuple[Store, Actor], price: int, task: str) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    shelved(store, owner, EMMA)
    some = entered(store, owner, 2)
    swap = NewLine(sku=EMMA.sku, title="Emma", ean=EMMA.ean, price_cents=price)
    after = reported(store, owner, some, kind="out_of_stock", answer="swap", swap=swap)
    assert after.payment == some.payment
    assert list(what(after)) == ([task] if task else [])
    if task == "collect":
        assert after.lines[1].allocated == 0  # nothing is promised to what is not paid
        after = stepped(store, owner, after, "capture")
    assert [(x.title, x.live, x.allocated) for x in after.lines] == [("Orlando", 1, 1), ("Emma", 1, 1)]


@pytest.mark.capability("BW-31")
def test_a_used_copy_of_the_title_takes_its_place(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    sku = stocking.add_copy(store, owner, ORLANDO, "used", "", 900, "spine worn", 1).value
    some = entered(store, owner)
    swap = NewLine(sku=sku, title="Orlando", detail="Used: spine worn", price_cents=900)
    after = reported(store, owner, some, kind="out_of_stock", answer="swap", swap=swap)
    assert [(x.sku, x.live, x.allocated) for x in after.lines] == [(ORLANDO.sku, 0, 0), (sku, 1, 1)]
    assert what(after)["refund"] == some.worth_cents - after.worth_cents


@pytest.mark.capability("BW-32", "BW-33", "OMG-32", "IC-09", "IC+10")
def test_the_item_alone_is_cancelled_and_is_a_refund_until_it_is_done(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = entered(store, owner, 2)
    after = reported(
        store, owner, some, Telling("send"), kind="out_of_stock", answer="cancel", reason="sold out"
    )
    assert (after.lines[0].live, after.lines[0].allocated) == (1, 1)
    assert what(after) == {"refund": 1_805}
    assert event(store, some).refund_cents == 1_805
    assert told(store, some) == ["out_of_stock"]
    done = stepped(store, owner, after, "refund")
    assert what(done) == {}
    assert queue(done, NOON) != "problems"


@pytest.mark.capability("OMG-28", "BW+11", "IC-03")
def test_the_last_item_cancels_the_order_and_says_so_once(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    after = reported(store, owner, some, kind="out_of_stock", answer="cancel", reason="sold out")
    assert after.state == "cancelled"
    assert what(after) == {"refund": some.worth_cents}
    assert told(store, some) == ["cancelled"]
    with store.read() as conn:
        assert orders.promised_copies(conn, ORLANDO.sku) == 0


# ---- damaged ----


def photo(size: tuple[int, int] = (3_000, 2_000), kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x9286] = "Home of Ada Example"
    exif[0x0112] = 6
    Image.effect_noise(size, 90).convert("RGB").save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.capability("BW-34", "BW-36", "BW-37", "OMG-13")
def test_a_damaged_copy_is_documented_and_replaced_from_the_shelf(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = stepped(store, owner, entered(store, owner), "confirm", "pick")
    after = reported(
        store, owner, some, kind="damaged", answer="replace", picture=photo(), note="torn cover",
        replacement_cents=900,
    )  # fmt: skip
    assert (after.lines[0].allocated, after.lines[0].picked, after.lines[0].short) == (1, 0, 0)
    assert stock(store) == (1, [("damaged", -1)])
    body = event(store, some)
    with store.read() as conn:
        (kept,) = orders.files(conn, some.id)
    assert (kept.id, kept.note) == (body.picture, "torn cover")
    with Image.open(io.BytesIO(kept.picture)) as seen:
        assert seen.format == "JPEG"
        assert max(seen.size) == seen.height <= 1_600  # upright
        assert not seen.getexif()
    assert len(kept.picture) <= photos.MOST_BYTES
    assert b"Ada" not in kept.picture
    assert (body.cost_cents, body.replacement_cents) == (900, 900)


@pytest.mark.capability("BW-35", "BW-36", "BW-33")
def test_a_damaged_copy_that_has_no_other_is_a_choice_of_the_customer(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    after = reported(store, owner, some, kind="damaged", answer="tell")
    assert what(after) == {"missing": 0}
    assert told(store, some) == ["damaged"]
    assert stock(store) == (0, [("damaged", -1)])


@pytest.mark.capability("BW-36", "BW-32")
def test_a_damaged_copy_is_refunded(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    some = entered(store, owner, 2)
    after = reported(store, owner, some, kind="damaged", answer="cancel", reason="wet")
    assert what(after) == {"refund": 1_805}
    assert stock(store) == (1, [("damaged", -1)])
    assert after.lines[0].allocated == 1


@pytest.mark.capability("BW-36", "BB-08")
def test_a_copy_that_arrived_damaged_is_replaced_at_once(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = sent(store, owner)
    shelved(store, owner)
    after = reported(store, owner, some, kind="damaged", gone=True, answer="replace", cause="carrier")
    assert what(after) == {}
    assert after.payment == some.payment
    with store.read() as conn:
        (made,) = orders.by_number(conn, event(store, some).replacement)
    assert (made.worth_cents, made.paid, made.lines[0].allocated) == (0, True, 1)
    assert (made.customer, made.address, made.memo) == (ADA, HOME, f"Replacement for {some.number}")
    on_its_way = stepped(
        store, owner, made, "confirm", "pick", "check", "pack", Step("ship", tracking="9401"), "deliver"
    )
    assert on_its_way.state == "completed"
    assert stock(store)[0] == 0


# ---- after it left ----


@pytest.mark.capability("BB-08")
def test_a_wrong_item_puts_both_titles_right_and_is_replaced(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, EMMA)
    some = sent(store, owner)
    after = reported(store, owner, some, kind="wrong_item", answer="replace", sent_sku=EMMA.sku)
    assert stock(store) == (1, [("adjust", 1)])
    assert stock(store, EMMA) == (0, [("adjust", -1)])
    with store.read() as conn:
        (made,) = orders.by_number(conn, event(store, some).replacement)
    assert made.lines[0].allocated == 1
    assert after.lines[0].returned == 0
    assert event(store, some).cause == "picking"


@pytest.mark.capability("BB-08")
def test_a_wrong_item_that_came_back_is_in_the_stock_again(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, EMMA)
    some = sent(store, owner)
    after = reported(
        store, owner, some, kind="wrong_item", answer="refund", sent_sku=EMMA.sku, back="restock",
        reason="our mistake", cents=500,
    )  # fmt: skip
    assert stock(store, EMMA)[0] == 1
    assert stock(store)[0] == 1
    assert what(after) == {"refund": 500}


@pytest.mark.capability("BB-08")
def test_an_unknown_title_sent_instead_is_refused_and_nothing_moved(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = sent(store, owner)
    with pytest.raises(Refused) as refused:
        reported(store, owner, some, kind="wrong_item", answer="tell", sent_sku="UFO")
    assert refused.value.facts["field"] == "sent_sku"
    assert now(store, some) == some
    assert stock(store) == (0, [])


@pytest.mark.capability("BB-08", "BB-11")
def test_a_missing_item_that_is_found_here_is_refunded_with_what_it_cost(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = sent(store, owner, 2)
    after = reported(
        store, owner, some, kind="missing_item", answer="refund", back="restock", reason="not in the parcel",
        labour_cents=300, postage_cents=450, replacement_cents=0,
    )  # fmt: skip
    assert what(after) == {"refund": 1_805}
    assert stock(store) == (1, [("adjust", 1)])
    assert after.lines[0].returned == 0
    body = event(store, some)
    assert (body.cause, body.cost_cents) == ("packing", 750)
    assert (body.labour_cents, body.postage_cents) == (300, 450)


@pytest.mark.capability("BW+11", "BB-08")
@pytest.mark.parametrize(("back", "left"), [("restock", 1), ("damaged", 0)])
def test_what_is_brought_back_after_completion_is_refunded_and_stocked(
    shop: tuple[Store, Actor], back: Any, left: int
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = stepped(store, owner, entered(store, owner), "confirm", "pick", "ready", "check", "hand_over")
    assert some.state == "completed"
    after = reported(store, owner, some, kind="returned", answer="refund", back=back, reason="a gift")
    assert after.lines[0].returned == 1
    assert what(after) == {"refund": some.worth_cents}
    assert stock(store)[0] == left
    assert queue(after, NOON) == "problems"
    with pytest.raises(Refused):
        reported(store, owner, after, kind="returned", answer="refund", back=back, reason="again")
    assert what(stepped(store, owner, after, "refund")) == {}


# ---- late, lost, unpaid ----


@pytest.mark.capability("BB-10", "OMG-33")
def test_a_delay_tells_the_new_day(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    after = reported(
        store, owner, some, kind="delay", copies=(), expected_on="2026-10-05", reason="the printer is late"
    )
    assert after.expected_on == "2026-10-05"
    assert told(store, some) == ["delayed"]
    assert after.payment == some.payment
    with store.read() as conn:
        (row,) = conn.exec_driver_sql("SELECT payload FROM outbox WHERE kind = 'delayed'").all()
    assert b'"new_date":"2026-10-05"' in row[0]
    assert b"the printer is late" in row[0]


@pytest.mark.capability("BB-09", "OMG-25")
def test_a_lost_parcel_is_traced_in_the_memo_and_then_replaced(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = sent(store, owner)
    traced = reported(store, owner, some, kind="misrouted", answer="trace", copies=(), note="in Reno")
    assert traced.memo == "Tracing 9400: in Reno"
    shelved(store, owner)
    problem = Problem(kind="misrouted", answer="replace", postage_cents=450)
    problems.report(store, owner, some.id, problem)
    with store.read() as conn:
        (made,) = orders.search(conn, "Replacement").orders
    assert [(x.sku, x.ordered) for x in made.lines] == [(ORLANDO.sku, 1)]


@pytest.mark.capability("BB-09", "OMG-25")
def test_a_lost_parcel_is_refunded(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = sent(store, owner)
    after = reported(store, owner, some, kind="misrouted", answer="refund", copies=(), reason="lost")
    assert what(after) == {"refund": some.worth_cents}
    assert stock(store) == (0, [])


@pytest.mark.capability("OMG-34", "OMG-11")
def test_trouble_with_the_payment_holds_the_order(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner, paid="authorised")
    after = reported(
        store, owner, some, Telling("send", "Please call us."), kind="payment", answer="hold", copies=(),
        reason="card declined",
    )  # fmt: skip
    assert after.hold == "card declined"
    assert told(store, some) == ["message"]
    with pytest.raises(Refused) as refused:
        stepped(store, owner, after, "pick")
    assert refused.value.code == "held"


# ---- what is refused, who may ----


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"kind": "out_of_stock", "copies": ()}, "copies"),
        ({"kind": "out_of_stock", "answer": "replace"}, "answer"),
        ({"kind": "out_of_stock", "answer": "swap"}, "swap"),
        ({"kind": "out_of_stock", "answer": "cancel"}, "reason"),
        ({"kind": "delay"}, "expected_on"),
        ({"kind": "misrouted", "answer": "trace"}, "parcel"),
        ({"kind": "payment", "answer": "hold"}, "reason"),
        ({"kind": "returned", "answer": "refund", "reason": "x"}, "copies"),
        ({"kind": "out_of_stock", "labour_cents": -1}, "cents"),
        ({"kind": "damaged", "picture": b"GIF89a no picture"}, "picture"),
        ({"kind": "damaged", "picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 64}, "picture"),
    ],
)
def test_what_is_lacking_is_refused_at_its_field_and_nothing_changed(
    shop: tuple[Store, Actor], facts: dict[str, Any], field: str
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    with pytest.raises(Refused) as refused:
        reported(store, owner, some, **facts)
    assert refused.value.facts["field"] == field
    assert refused.value.message.endswith(".")
    assert now(store, some) == some
    assert stock(store) == (1, [])


def test_a_copy_in_a_parcel_is_unpacked_first(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner, kind="ship", address=HOME)
    some = stepped(store, owner, some, "confirm", "pick", "check", "pack")
    with pytest.raises(Refused) as refused:
        reported(store, owner, some, kind="damaged", answer="replace")
    assert "Unpack the parcel first." in refused.value.message


@pytest.mark.parametrize(
    ("facts", "permission"),
    [
        ({"kind": "out_of_stock", "answer": "tell"}, ""),
        ({"kind": "out_of_stock", "answer": "wait"}, ""),
        ({"kind": "damaged", "answer": "replace"}, ""),
        ({"kind": "out_of_stock", "answer": "cancel", "reason": "gone"}, "order.cancel"),
    ],
)
def test_a_clerk_reports_and_a_manager_gives_money_away(
    shop: tuple[Store, Actor], facts: dict[str, Any], permission: str
) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    clerk = hire(store, "staff")
    if not permission:
        reported(store, clerk, some, **facts)
        return
    with pytest.raises(NeedsApproval) as needs:
        reported(store, clerk, some, **facts)
    assert needs.value.facts["permission"] == permission
    assert now(store, some) == some


@pytest.mark.parametrize("answer", ["replace", "refund"])
def test_a_clerk_gives_nothing_away_after_it_left(shop: tuple[Store, Actor], answer: Any) -> None:
    store, owner = shop
    some = sent(store, owner)
    with pytest.raises(NeedsApproval):
        reported(store, hire(store, "staff"), some, kind="wrong_item", answer=answer, reason="x")
    assert now(store, some) == some


def test_the_journal_never_tells_what_somebody_typed_about_a_customer(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    reported(store, owner, some, kind="out_of_stock", reason="Ada knows", note="Ada was angry")
    with store.read() as conn:
        bodies = conn.exec_driver_sql("SELECT body FROM journal WHERE kind = 'order.problem'").scalars().all()
    assert len(bodies) == 1
    assert "Ada" not in bodies[0]
    assert "stock" in bodies[0]


def test_nothing_is_said_where_that_was_chosen(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    reported(store, owner, some, Telling("silent"), kind="out_of_stock")
    assert told(store, some) == []


# ---- pictures ----


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP"])
def test_pictures_of_every_usual_kind_become_small_jpegs(kind: str) -> None:
    out = io.BytesIO()
    image = Image.effect_noise((900, 300), 60).convert("P" if kind == "GIF" else "RGB")
    image.save(out, kind)
    with Image.open(io.BytesIO(photos.as_jpeg(out.getvalue()))) as seen:
        assert (seen.format, seen.size) == ("JPEG", (900, 300))


def test_what_is_transparent_becomes_white_and_comments_are_gone() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(photos.as_jpeg(out.getvalue()))) as seen:
        assert seen.getpixel((5, 5)) == (255, 255, 255)
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, "JPEG", comment=b"Ada Example was here")
    assert b"Ada" in out.getvalue()
    assert b"Ada" not in photos.as_jpeg(out.getvalue())


def test_a_picture_that_unfolds_to_a_wall_is_refused_in_words() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(Refused) as refused:
        photos.as_jpeg(out.getvalue())
    assert refused.value.code == "picture"


def test_a_picture_cut_off_is_refused_in_words() -> None:
    whole = photo((400, 300))
    for part in (10, 200, len(whole) // 2):
        with pytest.raises(Refused):
            photos.as_jpeg(whole[:part])


def test_two_rows_about_one_line_are_one(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    some = entered(store, owner, 3)
    row = (some.lines[0].id, 1)
    after = reported(store, owner, some, kind="out_of_stock", copies=(row, row))
    assert (after.lines[0].short, after.lines[0].allocated) == (2, 1)
    assert event(store, some).copies == ((some.lines[0].id, 2),)
    for odd in ((row[0], 0), (row[0], -1), (row[0], 4), ("other", 1)):
        with pytest.raises(Refused) as refused:
            reported(store, owner, after, kind="out_of_stock", copies=(odd,))
        assert refused.value.facts["field"] == "copies"


def test_an_edit_beside_a_problem_keeps_its_history(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    reported(store, owner, some, kind="out_of_stock")
    edited = order_editing.set_memo(store, owner, some.id, "called").value
    assert replace(edited, memo="") == replace(now(store, some), memo="")


# ---- stock that others count on ----


@pytest.mark.capability("BW-34", "BW-36", "BW-37")
def test_a_copy_that_is_missing_cannot_be_damaged(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=2)
    other = stepped(store, owner, entered(store, owner), "confirm", "pick")
    some = entered(store, owner, 2)
    assert (some.lines[0].allocated, some.lines[0].short) == (1, 1)
    line = some.lines[0].id
    with pytest.raises(Refused) as refused:
        reported(store, owner, some, kind="damaged", answer="tell", copies=((line, 2),))
    assert refused.value.facts["room"] == 1
    after = reported(store, owner, some, kind="damaged", answer="tell")
    assert (after.lines[0].allocated, after.lines[0].short) == (0, 2)
    assert stock(store) == (1, [("damaged", -1)])
    assert now(store, other).lines[0].picked == 1
    with pytest.raises(Refused):
        reported(store, owner, after, kind="damaged", answer="tell")
    assert stock(store)[0] == 1


@pytest.mark.capability("BW-37", "OMG-34")
def test_what_was_ordered_is_not_what_was_sent_wrongly(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    some = sent(store, owner)
    with pytest.raises(Refused) as refused:
        reported(store, owner, some, kind="wrong_item", answer="replace", sent_sku=ORLANDO.sku)
    assert refused.value.facts["field"] == "sent_sku"
    assert stock(store) == (0, [])


@pytest.mark.capability("BB-10")
@pytest.mark.parametrize("kind", ["delay", "out_of_stock"])
def test_nobody_is_promised_a_day_that_has_passed(shop: tuple[Store, Actor], kind: str) -> None:
    store, owner = shop
    shelved(store, owner)
    some = entered(store, owner)
    answer = "wait" if kind == "out_of_stock" else "tell"
    with pytest.raises(Refused) as refused:
        reported(store, owner, some, kind=kind, answer=answer, expected_on="2020-01-01")
    assert refused.value.facts["field"] == "expected_on"
    assert told(store, some) == []
    assert now(store, some) == some


@pytest.mark.capability("BW-34")
def test_a_file_of_any_size_is_read_no_further_than_a_photo_goes(tmp_path: Path) -> None:
    huge = tmp_path / "film.jpg"
    with huge.open("wb") as file:
        file.truncate(8_000_000_000)
    with pytest.raises(Refused) as refused:
        photos.from_file(huge)
    assert "40 MB" in str(refused.value)
    with pytest.raises(Refused):
        photos.from_file(tmp_path)


def test_only_what_was_promised_instead_is_said_to_be_picked(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    shelved(store, owner, copies=3)
    some = entered(store, owner, 2)
    copies = ((some.lines[0].id, 1),)
    gone = Problem(
        kind="out_of_stock", answer="cancel", copies=copies, reason="sold out", correct_stock=False
    )
    after = problems.report(store, owner, some.id, gone, USUAL).value
    assert after.lines[0].to_pick == 1
    assert "Pick what was promised instead." not in next_steps(after, gone)
    torn = Problem(kind="damaged", answer="replace", copies=copies)
    after = problems.report(store, owner, some.id, torn, USUAL).value
    assert "Pick what was promised instead." in next_steps(after, torn)

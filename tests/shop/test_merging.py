"""What an order of the online store asks of the order here: by example, and for any history of the store."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bookwish_desk.shop.conflict import Conflict
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.far_edit import changed
from bookwish_desk.shop.far_order import (
    RANKS,
    Amounts,
    amounts_of,
    filled,
    matched,
    money_word,
    priced,
    terms,
)
from bookwish_desk.shop.far_status import path, rank
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.merging import Merged, merge
from bookwish_desk.shop.online import Abilities, OnlineOrder
from bookwish_desk.shop.order import Order, Payment, fault
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import word
from tests.support.far import ELM, OAK, STORE_ID, far, far_line
from tests.support.orders import EMMA, ORLANDO
from tests.support.shops import NOON

BOOKWISH = Abilities()
SHIP = Step("ship", tracking="9400")


def lines_of(there: OnlineOrder) -> dict[str, OrderLine]:
    """Return the lines of an order of the store as one here would have them."""
    return {
        key: OrderLine(key, x.isbn, x.title, x.quantity, x.price_cents, int(x.isbn), "", x.inventory_id)
        for key, x in terms(there, STORE_ID).lines.items()
    }


def here(there: OnlineOrder) -> Order:
    """Return the order that an order of the store is when it first comes in."""
    said = terms(there, STORE_ID)
    order = Order(
        id=new_id(), number=there.number, source="bookwish", kind=said.kind or "pickup", placed_at=NOON,
        customer=said.customer, address=said.address, instructions=said.instructions, gift=said.gift,
        gift_message=said.gift_message, lines=tuple(lines_of(there).values()),
    )  # fmt: skip
    return priced(order, said.amounts)


def judged(order: Order, there: OnlineOrder, base: OnlineOrder | None, **more: Any) -> Merged:
    fitted = lines_of(there)
    return merge(
        order, there, base, more.pop("able", BOOKWISH), NOON, store_id=STORE_ID, fitted=fitted, **more
    )


def followed(order: Order, found: Merged) -> Order:
    """Return an order after what a merge found, as the books would do it with copies enough."""
    for change in found.edits:
        order = changed(order, change, NOON)
    for step in found.steps:
        order = apply(order, step, NOON)
    assert fault(order) == ""
    return order


def do(order: Order, *steps: Step | str) -> Order:
    for step in steps:
        order = apply(order, Step(step) if isinstance(step, str) else step, NOON)  # type: ignore[arg-type]
    return order


def begun(status: str = "confirmed", **more: Any) -> tuple[Order, OnlineOrder]:
    """Return an order that came in, and how the store has it."""
    there = far("BW-1", status, **more)
    order = here(there)
    return followed(order, judged(order, there, None)), there


# ---- status and money ----


@pytest.mark.capability("BW-17", "BW-18", "BW+11")
def test_what_the_store_says_is_followed_by_steps_and_confirmed_means_paid() -> None:
    there = far(payment="")
    order = here(there)
    found = judged(order, there, None)
    assert [s.verb for s in found.steps] == ["capture", "confirm"]
    assert {s.by for s in found.steps} == {"source"}
    now = followed(order, found)
    assert (now.state, now.payment.captured_cents) == ("confirmed", now.worth_cents)
    assert judged(now, there, there) == Merged()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Paid", "captured"), ("succeeded", "captured"), ("CAPTURED", "captured"), ("complete", "captured"),
        ("requires_capture", "authorised"), ("authorized", "authorised"), ("Authorised", "authorised"),
        ("pending", "pending"), ("requires-action", "pending"), ("refunded", "refunded"),
        ("partially_refunded", "part_refunded"), ("Partially refunded", "part_refunded"),
        ("failed", "failed"), ("", ""), ("in the post", "unknown"),
    ],
)  # fmt: skip
def test_the_words_for_money_are_understood_however_they_are_spelled(said: str, kind: str) -> None:
    assert money_word(said) == kind


def test_the_money_comes_as_far_as_the_store_says_and_never_less_far() -> None:
    order = here(far())
    for said, kind in (("pending", "pending_outside"), ("authorized", "authorised"), ("paid", "captured")):
        there = far(status="pending", payment=said)
        order = followed(order, judged(order, there, far(status="pending", payment="-")))
        assert order.payment.kind == kind
    again = judged(order, far(status="pending", payment="pending"), far(status="pending", payment="paid"))
    assert again == Merged()


def test_a_payment_taken_there_goes_before_an_authorisation_here_that_does_not_reach() -> None:
    order = do(here(far()), Step("authorise", cents=1))
    found = judged(order, far(), far(status="pending", payment="pending"))
    assert [s.verb for s in found.steps] == ["void", "capture", "confirm"]


@pytest.mark.capability("BW+11")
def test_a_cancellation_there_is_followed_and_the_refund_stays_due_until_the_store_says_it() -> None:
    order, there = begun()
    gone = replace(there, status="cancelled")
    cancelled = followed(order, judged(order, gone, there))
    assert (cancelled.state, cancelled.cancelled_by) == ("cancelled", "source")
    assert cancelled.refund_due_cents == order.worth_cents
    back = replace(gone, payment="refunded")
    found = judged(cancelled, back, gone)
    assert [s.verb for s in found.steps] == ["refund"]
    assert followed(cancelled, found).refund_due_cents == 0


def test_an_order_paid_back_there_and_not_cancelled_is_held() -> None:
    order, there = begun()
    now = followed(order, judged(order, replace(there, payment="refunded"), there))
    assert (now.payment.kind, now.hold) == ("refunded", "The store gave the money back")


def test_part_of_the_money_given_back_there_is_for_a_person_since_nobody_says_how_much() -> None:
    order, there = begun()
    back = replace(there, payment="partially_refunded")
    (conflict,) = judged(order, back, there).opened
    assert (conflict.kind, conflict.choices) == ("payment", ("ours",))
    noted = do(order, Step("grant", cents=100, reason="x"), "refund")
    assert judged(noted, back, back, held=(conflict,)).settled == (("payment", order.id),)


def test_a_payment_that_failed_there_and_is_in_the_books_here_is_for_a_person() -> None:
    order, there = begun(status="pending")
    (conflict,) = judged(order, replace(there, payment="failed"), there).opened
    assert (conflict.kind, conflict.field) == ("payment", "failed")


def test_a_cancellation_goes_before_work_and_somebody_puts_the_copies_back() -> None:
    order, there = begun()
    picked = do(order, "start", "allocate", "pick", Step("ready", shelf="A3"))
    found = judged(picked, replace(there, status="cancelled"), there)
    (conflict,) = found.opened
    assert "Put 1 copy back on the shelf, from A3." in conflict.sentence
    assert conflict.choices == ("noted",)
    assert followed(picked, found).state == "cancelled"


def test_what_left_goes_before_a_cancellation_and_what_is_still_here_is_cancelled() -> None:
    there = far("BW-1", "confirmed", far_line(ORLANDO, 2), kind="ship")
    order = here(there)
    order = followed(order, judged(order, there, None))
    order = do(order, "start", "allocate", "pick", "check")
    line = order.lines[0].id
    order = do(order, Step("pack", copies=((line, 1),)), SHIP, Step("pack", copies=((line, 1),)))
    found = judged(order, replace(there, status="cancelled"), there)
    (gone,) = [c for c in found.opened if c.choices != ("noted",)]
    assert (gone.kind, gone.choices) == ("gone", ("take_back", "ours"))
    after = followed(order, found)
    assert (after.gone, after.open, after.state) == (1, 0, "processing")
    back = do(after, Step("take_back", reason="came back"))
    cancelled = replace(there, status="cancelled")
    assert judged(back, cancelled, cancelled, held=(gone,)).settled == (("gone", order.id),)


def test_a_word_that_is_not_known_changes_nothing_and_is_shown() -> None:
    order, there = begun()
    odd = replace(there, status="in_the_clouds")
    found = judged(order, odd, there)
    assert (found.steps, found.edits) == ((), ())
    assert found.opened[0].theirs == "In the clouds"
    assert judged(order, odd, odd) == Merged()
    known = replace(there, status="processing")
    assert judged(order, known, odd, held=found.opened).settled == (("status", order.id),)


def test_what_contradicts_the_books_is_asked_once_and_settles_when_it_fits() -> None:
    order, there = begun()
    held = do(order, Step("hold", reason="waits"))
    ahead = replace(there, status="ready_for_pickup")
    found = judged(held, ahead, there)
    (conflict,) = found.opened
    assert (conflict.kind, conflict.ours, conflict.theirs) == ("status", "Confirmed", "Ready for pickup")
    assert judged(held, ahead, ahead) == Merged(), "a person decided: it is not asked again"
    free = do(held, "release_hold")
    again = judged(free, ahead, ahead, held=(conflict,))
    assert again.settled == (("status", order.id),)
    assert followed(free, again).ready_at


def test_old_news_is_left_alone_and_a_real_step_back_is_told() -> None:
    order, there = begun("processing")
    late = replace(there, status="confirmed", instructions="old", updated="2026-09-21T14:00:00Z")
    assert judged(order, late, there) == Merged(late=True)
    newer = replace(late, updated="2026-09-21T16:00:00Z", instructions="Ring twice")
    found = judged(order, newer, there)
    assert [c.kind for c in found.opened] == ["status"]
    assert [e.what for e in found.edits] == ["instructions"]
    assert found.steps == ()


@pytest.mark.capability("IC-14")
def test_a_payment_pending_elsewhere_is_captured_when_the_source_says_so() -> None:
    able = Abilities("indiecommerce", "indiecommerce")
    there = far(status="PayPal Pending", payment="")
    order = replace(here(there), source="indiecommerce")
    order = followed(order, judged(order, there, None, able=able))
    assert order.payment.kind == "pending_outside"
    paid = replace(there, status="Payment Received")
    assert followed(order, judged(order, paid, there, able=able)).payment.kind == "captured"


@pytest.mark.capability("IC-24")
def test_an_order_that_the_wholesaler_gives_back_is_pending_again() -> None:
    able = Abilities("indiecommerce", "indiecommerce")
    there = far(status="Pending Warehouse", payment="", kind="ship")
    order = do(replace(here(there), source="indiecommerce"), "capture", "send_to_wholesaler")
    found = judged(order, replace(there, status="Pending"), there, able=able)
    assert [s.verb for s in found.steps] == ["bounce_back"]
    assert followed(order, found).owner.name == "store"


# ---- field by field ----

CHANGES: dict[str, dict[str, Any]] = {
    "address": {"address": OAK},
    "instructions": {"instructions": "Ring twice"},
    "gift": {"gift": True, "gift_message": "For you"},
    "customer": {"customer_email": "ada@new.example"},
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_changed_only_there_is_taken_over_and_what_changed_only_here_is_kept(what: str) -> None:
    order, there = begun(kind="ship")
    now = replace(there, **CHANGES[what])
    found = judged(order, now, there)
    assert ([e.what for e in found.edits], found.opened) == ([what], ())
    after = followed(order, found)
    assert judged(after, now, now) == Merged()
    assert judged(after, there, there) == Merged(), "it is ours that differs, and the store said nothing new"
    assert judged(after, now, there) == Merged(), "both changed it alike"


@pytest.mark.parametrize("what", CHANGES)
def test_what_both_sides_changed_is_for_a_person_with_both_values(what: str) -> None:
    order, there = begun(kind="ship")
    there_now = replace(there, **CHANGES[what])
    mine = {
        "address": replace(ELM, line1="1 Ours Road"),
        "instructions": "Knock",
        "gift": True,
        "customer": replace(order.customer, email="ada@ours.example") if order.customer else None,
    }
    order = replace(order, **{what: mine[what]})
    if what == "gift":
        order = replace(order, gift_message="From us")
    found = judged(order, there_now, there)
    (conflict,) = found.opened
    assert (conflict.kind, conflict.field, found.edits) == ("edit", what, ())
    assert conflict.ours != conflict.theirs
    assert conflict.ours
    assert conflict.theirs
    assert conflict.choices == ("theirs", "ours")
    back = judged(order, replace(there_now, **{k: getattr(there, k) for k in CHANGES[what]}), there_now)
    assert back.opened, "ours still is another"
    agreed = followed(replace(order), judged(here(there), there_now, there))
    assert judged(agreed, there_now, there_now, held=(conflict,)).settled == (("edit", conflict.subject),)


def test_an_address_that_changes_after_the_parcel_was_packed_is_for_a_person() -> None:
    order, there = begun(kind="ship")
    packed = do(order, "start", "allocate", "pick", "check", "pack")
    (conflict,) = judged(packed, replace(there, address=OAK), there).opened
    assert conflict.rule == "Ours stays for now. A parcel is packed for this order. Unpack it first."
    assert conflict.choices == ("ours",), "what would be refused is not offered"


def test_lines_that_only_the_store_changed_follow_with_its_total() -> None:
    there = far("BW-1", "confirmed", far_line(ORLANDO, 2))
    order = here(there)
    order = followed(order, judged(order, there, None))
    now = far("BW-1", "confirmed", far_line(ORLANDO, 1), far_line(EMMA, 3), total_cents=5_000)
    found = judged(order, now, there)
    assert [e.what for e in found.edits] == ["add_line", "quantity", "amounts"]
    after = followed(order, found)
    assert [(x.title, x.live) for x in after.lines] == [("Orlando", 1), ("Emma", 3)]
    assert after.worth_cents == 5_000
    assert after.payment.captured_cents == 5_000, "the store has the money of what was added"
    assert judged(after, now, now) == Merged()
    fewer = far("BW-1", "confirmed", far_line(EMMA, 3))
    last = followed(after, judged(after, fewer, now))
    assert [(x.title, x.live) for x in last.lines] == [("Orlando", 0), ("Emma", 3)]


def test_copies_that_both_sides_changed_are_for_a_person_and_the_total_waits_with_them() -> None:
    there = far("BW-1", "confirmed", far_line(ORLANDO, 3))
    order = here(there)
    order = followed(order, judged(order, there, None))
    fewer = do(order, Step("cancel_copies", copies=((order.lines[0].id, 1),), reason="damaged"))
    now = far("BW-1", "confirmed", far_line(ORLANDO, 5))
    found = judged(fewer, now, there)
    (conflict,) = found.opened
    assert (conflict.ours, conflict.theirs) == ("2 copies", "5 copies")
    assert found.edits == ()


def test_an_order_that_staff_typed_in_is_completed_from_the_stores_and_differences_are_asked() -> None:
    there = far("BW-1", "confirmed", far_line(ORLANDO), far_line(EMMA), kind="ship", instructions="Ring")
    typed = here(far("BW-1", "confirmed", far_line(ORLANDO, 1, id="x", inventory_id=""), kind="ship"))
    typed = replace(typed, customer=None, address=OAK)
    found = judged(typed, there, None)
    assert {e.what for e in found.edits} == {"customer", "instructions", "add_line"}
    assert {c.field for c in found.opened} == {"address", "amounts"}
    mine = matched(typed, terms(there, STORE_ID).lines)
    assert [x.title for x in mine.values()] == ["Orlando"]


def test_a_tracking_number_that_comes_later_is_noted_at_the_parcel() -> None:
    order, there = begun(kind="ship")
    sent = replace(there, status="shipped")
    order = followed(order, judged(order, sent, there))
    assert order.parcels[0].untracked == "Shipped at the source"
    tracked = replace(sent, tracking="9400111")
    order = followed(order, judged(order, tracked, sent))
    assert (order.parcels[0].tracking, order.parcels[0].untracked) == ("9400111", "")


@pytest.mark.parametrize("bad", [{"quantity": -1}, {"price_cents": -5}, {"quantity": 10**9}])
def test_numbers_that_cannot_be_true_are_refused(bad: dict[str, int]) -> None:
    order, there = begun()
    odd = replace(there, lines=(replace(there.lines[0], **bad),))
    with pytest.raises(Refused) as refused:
        judged(order, odd, there)
    assert refused.value.code == "nonsense"


# ---- whatever the store does ----

WAY = {
    "pickup": ("pending", "confirmed", "processing", "ready_for_pickup", "delivered"),
    "ship": ("pending", "confirmed", "processing", "shipped", "delivered"),
}
MONEY = ("pending", "authorized", "paid")


@st.composite
def histories(draw: st.DrawFn) -> list[OnlineOrder]:
    """Draw what the store has of one order, one state after the other."""
    kind = draw(st.sampled_from(["pickup", "ship"]))
    way = WAY[kind][: draw(st.integers(1, 5))]
    statuses = [s for s in way for _ in range(draw(st.integers(1, 2)))]
    if path(statuses[-1], "cancelled", kind) is not None and draw(st.booleans()):
        statuses.append("cancelled")
    paid = draw(st.integers(0, 2))
    made: list[OnlineOrder] = []
    there = far("BW-1", "pending", far_line(ORLANDO, 2), far_line(EMMA), kind=kind)
    for no, status in enumerate(statuses):
        paid = min(len(MONEY) - 1, paid + draw(st.integers(0, 1)))
        more: dict[str, Any] = {}
        if draw(st.booleans()):
            more["instructions"] = draw(st.sampled_from(["", "Ring", "Knock"]))
        if kind == "ship" and draw(st.booleans()):
            more["address"] = draw(st.sampled_from([ELM, OAK]))
        if draw(st.booleans()):
            copies = draw(st.integers(1, 3))
            more["lines"] = (far_line(ORLANDO, copies), far_line(EMMA))
            more["total_cents"] = 1_000 + 1_699 * copies
        at = f"2026-09-21T15:{no:02d}:00Z"
        there = replace(there, status=status, payment=MONEY[paid], updated=at, **more)
        made.append(there)
    if there.status == "cancelled" and there.payment == "paid" and draw(st.booleans()):
        made.append(replace(there, payment="refunded", updated="2026-09-21T16:00:00Z"))
    return made


def heard(
    order: Order, base: OnlineOrder | None, news: list[OnlineOrder]
) -> tuple[Order, OnlineOrder | None]:
    """Return an order after the store's news in this order, and what it had last; nothing ever falls."""
    for there in news:
        found = judged(order, there, base)
        if not found.late:
            after = followed(order, found)
            said, says = word(order, "bookwish"), word(after, "bookwish")
            assert said is not None
            assert says is not None
            assert rank(says.key) >= rank(said.key) or says.key == "cancelled"
            assert after.payment.captured_cents >= order.payment.captured_cents
            assert after.payment.refunded_cents >= order.payment.refunded_cents
            assert after.gone >= order.gone
            order, base = after, there
            again = judged(order, there, base)
            assert (again.edits, again.steps, again.opened) == ((), (), ()), "twice is once"
    return order, base


def facts(order: Order) -> tuple[Any, ...]:
    # What was captured hangs on whether a dearer state was ever seen; the rest is then to be given back.
    return (order.state, order.gone, order.worth_cents, order.to_collect_cents, order.payment.refunded_cents)


@pytest.mark.capability("BW+11", "IC-14")
@given(news=histories(), data=st.data())
def test_any_history_in_any_order_and_doubled_ends_alike_and_nothing_ever_falls(
    news: list[OnlineOrder], data: st.DataObject
) -> None:
    straight, _ = heard(here(news[0]), None, news)
    mixed = data.draw(st.permutations([*news, *news[: data.draw(st.integers(0, len(news)))]]))
    # A pass is repeated until nothing is new: at its end stands what the store has now.
    shuffled, base = heard(here(mixed[0]), None, [*mixed, news[-1]])
    assert base is not None
    assert rank(base.status) == rank(news[-1].status)
    said = word(straight, "bookwish")
    says = word(shuffled, "bookwish")
    assert says == said
    assert RANKS[money_word(news[-1].payment)] < RANKS["captured"] or shuffled.payment.captured_cents
    if news[-1].status in ("pending", "confirmed") and "refund" not in news[-1].payment:
        assert facts(shuffled) == facts(straight)
        assert (shuffled.instructions, shuffled.address) == (straight.instructions, straight.address)
        assert {x.title: x.live for x in shuffled.lines} == {x.title: x.live for x in straight.lines}


@given(
    discount=st.integers(0, 4_000), tax=st.integers(0, 900), shipping=st.integers(0, 900),
    credit=st.integers(0, 900), over=st.integers(-500, 500), copies=st.integers(1, 4),
)  # fmt: skip
def test_the_stores_total_holds_whatever_its_parts_come_to(
    discount: int, tax: int, shipping: int, credit: int, over: int, copies: int
) -> None:
    goods = 1_699 * copies + 1_050
    parts = goods - min(discount, goods) + tax + shipping
    total = max(0, parts + over)
    there = far(
        "BW-1", "confirmed", far_line(ORLANDO, copies), far_line(EMMA), discount_cents=discount,
        tax_cents=tax, shipping_cents=shipping, credit_cents=credit, total_cents=total,
    )  # fmt: skip
    order = here(there)
    said = terms(there, STORE_ID).amounts
    assert fault(order) == ""
    assert amounts_of(order) == said
    assert order.worth_cents in (total, total + credit)


def test_of_an_order_of_two_stores_only_our_part_is_taken() -> None:
    there = far(
        "BW-1", "confirmed", far_line(ORLANDO), far_line(EMMA, 2, store_id="st-other"),
        tax_cents=380, total_cents=1_699 + 2_100 + 380,
    )  # fmt: skip
    order = here(there)
    assert [x.title for x in order.lines] == ["Orlando"]
    assert amounts_of(order) == Amounts(0, 170, 0, 0, 1_869)


def test_what_was_paid_with_credit_is_not_collected_again() -> None:
    order, there = begun(credit_cents=500)
    assert order.payment == Payment(captured_cents=order.worth_cents - 500, credit_cents=500)
    assert there.credit_cents == 500


# ---- answers of a store that do not fit together ----


def test_a_real_step_back_stays_to_be_seen_until_the_store_is_on_its_way_again() -> None:
    order, there = begun("processing")
    back = replace(there, status="confirmed", updated="2026-09-21T16:00:00Z")
    (conflict,) = judged(order, back, there).opened
    assert judged(order, back, back, held=(conflict,)) == Merged(), "it is one still"
    again = replace(back, status="processing", updated="2026-09-21T17:00:00Z")
    assert judged(order, again, back, held=(conflict,)).settled == (("status", order.id),)


def test_a_step_back_to_where_the_order_is_here_contradicts_nothing() -> None:
    order, there = begun("confirmed")
    ahead = replace(there, status="processing")
    back = replace(there, updated="2026-09-21T16:00:00Z")
    assert judged(order, back, ahead) == Merged()


def test_an_older_state_that_comes_late_changes_nothing_back() -> None:
    """Of two readings under way the earlier may be kept last; a feed may repeat what was before."""
    order, there = begun("confirmed", kind="ship")
    newer = replace(there, address=OAK, updated="2026-09-21T16:00:00Z")
    order = followed(order, judged(order, newer, there))
    assert judged(order, there, newer) == Merged(late=True)
    further = replace(there, status="cancelled")
    assert [s.verb for s in judged(order, further, newer).steps] == ["cancel"], "whenever that was said"
    same_time = replace(there, address=ELM, updated=newer.updated)
    assert [e.what for e in judged(order, same_time, newer).edits] == ["address"]


def test_what_an_answer_leaves_out_was_not_taken_away() -> None:
    order, there = begun(kind="ship", shipping_cents=499, tax_cents=100)
    nothing: dict[str, Any] = dict.fromkeys(
        ("tax_cents", "shipping_cents", "discount_cents", "total_cents", "subtotal_cents", "address")
    )
    bare = replace(there, kind="", customer_name="", customer_email="", lines=(), **nothing)
    assert filled(bare, None) is bare
    assert judged(order, filled(bare, there), there) == Merged()
    dearer = filled(replace(bare, lines=(far_line(ORLANDO, 2),)), there)
    assert dearer.total_cents is None, "the old total is not that of other lines"
    assert dearer.address == there.address


def test_a_line_that_names_no_store_is_of_the_store_of_its_order() -> None:
    lines = (far_line(ORLANDO), far_line(EMMA, store_id=""))
    theirs = far("BW-1", "confirmed", *lines, store_id="st-other")
    assert [x.title for x in terms(theirs, STORE_ID).lines.values()] == ["Orlando"]
    for named in (STORE_ID, ""):
        found = terms(replace(theirs, store_id=named), STORE_ID).lines
        assert [x.title for x in found.values()] == ["Orlando", "Emma"]


def test_an_order_cancelled_here_is_one_difference_whatever_the_store_says_next() -> None:
    order, there = begun()
    cancelled = do(order, Step("cancel", reason="sold out"))
    asked = Conflict(id="c", kind="cancel_there", subject=order.id, sentence="x")
    moved = replace(there, status="processing")
    assert judged(cancelled, moved, there, held=(asked,)).opened == ()
    assert [c.kind for c in judged(cancelled, moved, there).opened] == ["status"]


def test_a_word_for_the_money_that_is_not_known_is_shown_once_it_takes_the_place_of_one_that_is() -> None:
    order, there = begun()
    odd = replace(there, payment="disputed")
    (conflict,) = judged(order, odd, there).opened
    assert (conflict.kind, conflict.theirs, conflict.choices) == ("payment", "Disputed", ("ours",))
    assert judged(order, odd, odd) == Merged()
    assert judged(order, odd, odd, held=(conflict,)).opened == (conflict,)
    assert judged(order, there, odd, held=(conflict,)).settled == (("payment", order.id),)
    assert judged(here(odd), odd, None).opened == (), "a store may have words of its own for all orders"


@pytest.mark.parametrize("copies", [1, 2])
def test_one_copy_was_and_several_were_handed_over(copies: int) -> None:
    there = far("BW-1", "confirmed", far_line(ORLANDO, copies))
    order = followed(here(there), judged(here(there), there, None))
    order = do(order, "start", "allocate", "pick", "ready", "check", "hand_over")
    (gone,) = judged(order, replace(there, status="cancelled"), there).opened
    said = "1 copy of it was" if copies == 1 else "2 copies of it were"
    assert gone.sentence == f"BW-1 was cancelled in the store after {said} handed over."


@pytest.mark.parametrize("name", ["instructions", "gift_message"])
def test_a_long_text_that_is_cut_stays_the_same_when_it_is_read_again(name: str) -> None:
    order, there = begun()
    for cut in (499, 999):
        long = replace(there, **{name: f"{'x' * cut}\n{'<b>y</b>' * 1_000}\x1b[2J"})
        after = followed(order, judged(order, long, there))
        then = replace(long, **{name: "Short"})
        found = judged(after, then, long)
        assert ([e.what for e in found.edits], found.opened) == ([name.split("_", maxsplit=1)[0]], ())

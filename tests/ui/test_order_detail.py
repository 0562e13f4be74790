"""The order beside the list without a window: its words, its next step, what is refused, and other hands."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bookwish_desk.actions import order_editing, ordering
from bookwish_desk.db import orders
from bookwish_desk.shop.order import Order, Payment
from bookwish_desk.shop.order_step import Step
from bookwish_desk.ui.orders import acts
from bookwish_desk.ui.orders.detail_state import DetailView
from tests.support.order_desk import HOUR, OrderDesk, fill
from tests.support.orders import EMMA, ORLANDO, line, now
from tests.support.shops import NOON, hire


@pytest.fixture
def desk(tmp_path: Path) -> OrderDesk:
    desk = OrderDesk(tmp_path)
    fill(desk)
    for act in acts.ACTS.values():
        if act.way == "ask":
            desk.detail.askers[act.id] = lambda _order: None
    desk.list.shown()
    return desk


def view(desk: OrderDesk) -> DetailView:
    assert desk.detail.state.view is not None
    return desk.detail.state.view


def why_not(desk: OrderDesk, act: str) -> str:
    return next(o.why_not for o in view(desk).offers if o.act == act)


@pytest.mark.capability("BW-24", "WSM-02", "OMG-09", "BB-02", "BW-06")
def test_the_page_of_an_order_has_books_shelf_address_instructions_and_gift(desk: OrderDesk) -> None:
    desk.show("NEW-2")
    orlando, emma = view(desk).lines
    assert (orlando.title, orlando.count, orlando.way) == ("Orlando", "1", "Allocated")
    assert orlando.here == "FIC-W · 19 here, 11 free"
    assert (emma.count, emma.way) == ("2", "2 allocated")
    assert emma.here == "No shelf · 20 here, 0 free"
    customer = desk.facts("Customer")
    assert customer["Send to"] == "Ada Example\n12 Elm Street\nSpringfield CT 06001\nUS"
    assert customer["Instructions"] == "Leave it with the neighbour"
    assert customer["Gift message"] == "Happy birthday, Ada!"
    assert view(desk).about == "NEW-2 · BookWish · Ship, gift · 30 h old · 3 copies"


@pytest.mark.capability("WSM-20")
def test_the_memo_stands_on_the_page_too(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    assert desk.facts("Customer")["Memo"] == "Call before noon"


def test_what_happened_to_each_copy_is_said(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.shelf(6)
    order = desk.order("A", line(copies=5), kind="ship", steps=("start",))
    one, two = ((order.lines[0].id, 1),), ((order.lines[0].id, 2),)
    for step in (
        Step("pick", copies=((order.lines[0].id, 4),)), Step("check", copies=two), Step("pack", copies=one),
        Step("short", copies=one), Step("cancel_copies", copies=one, reason="x"),
    ):  # fmt: skip
        ordering.take(desk.store, desk.owner, order.id, step)
    desk.list.shown()
    desk.show("A")
    assert view(desk).lines[0].count == "4 of 5"
    assert view(desk).lines[0].way == "1 packed, 1 checked, 2 picked, 1 cancelled"


@pytest.mark.capability("IC-28", "OMG-11")
def test_an_authorisation_is_shown_with_the_days_left(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.order("A", payment=Payment(authorised_cents=1699, expires_at=NOON + 100 * HOUR))
    desk.list.shown()
    desk.show("A")
    facts = desk.facts("Payment")
    assert facts["Authorisation"].startswith("4 days left, until Sep 25, 2026")
    assert (facts["Authorised"], facts["Still to collect"], facts["Total"]) == ("$16.99", "$16.99", "$16.99")


@pytest.mark.capability("IC-10", "IC-11", "IC-12", "IC-16")
@pytest.mark.parametrize(
    ("steps", "word", "said"),
    [
        ((), "Pending Warehouse", "it has it and has not shipped it yet"),
        (("wholesaler_ship",), "Shipped via Warehouse", "it has shipped it"),
        (
            ("wholesaler_ship", "wholesaler_complete"),
            "Completed by Warehouse",
            "it has shipped and invoiced it",
        ),
    ],
)
def test_an_order_of_the_wholesaler_can_only_be_read(
    desk: OrderDesk, steps: tuple[str, ...], word: str, said: str
) -> None:
    desk.show("THEIRS-1")
    order = desk.detail.order
    assert order is not None
    for verb in steps:
        step = Step(verb, carrier="UPS", tracking="1Z9")  # type: ignore[arg-type]
        ordering.take(desk.store, desk.owner, order.id, step)
    desk.station.changed(frozenset({"orders"}))
    assert view(desk).status == word
    assert said in view(desk).standing[0]
    assert "since Sep " in view(desk).standing[0]
    assert "There is nothing for the shop to do" in view(desk).standing[0]
    fixed = "The wholesaler fills this order. It can be read here, not changed."
    assert {why_not(desk, act) for act in ("confirm", "pick", "hold", "cancel", "release")} == {fixed}
    assert view(desk).next is None or view(desk).next.act == "deliver"  # type: ignore[union-attr]
    if steps:
        assert "UPS\n1Z9" in desk.facts("Parcels")["Parcel 1"]


@pytest.mark.capability("BW-18", "BW-19", "BW-21", "BW-22", "BW-25", "OMG-03", "OMG-26", "BB-01", "BB-07")
def test_an_order_to_be_sent_is_led_from_step_to_step(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.shelf()
    order = desk.order("A", kind="ship")
    asked: list[str] = []
    for act in ("pick", "pack", "ship"):
        desk.detail.askers[act] = partial(_asked, asked, act)
    desk.list.shown()
    desk.show("A")
    led, words = [], []
    for verbs in ((), (), ("pick",), ("check", "pack"), ("ship",), ()):
        coming = view(desk).next
        assert coming is not None
        led.append(coming.act)
        words.append(view(desk).status)
        desk.detail.do_next()
        for verb in verbs:
            tracking = "9400" if verb == "ship" else ""
            step = Step(verb, tracking=tracking)  # type: ignore[arg-type]
            ordering.take(desk.store, desk.owner, order.id, step)
        desk.station.changed(frozenset({"orders"}))
    assert led == ["confirm", "start", "pick", "pack", "ship", "deliver"]
    assert words == ["Pending", "Confirmed", "Processing", "Processing", "Processing", "Shipped"]
    assert asked == ["pick", "pack", "ship"]
    assert now(desk.store, order).state == "completed"
    assert (view(desk).next, view(desk).status) == (None, "Delivered")


def _asked(asked: list[str], act: str, _order: Order) -> None:
    asked.append(act)


@pytest.mark.capability("BW-04", "BW-20", "BW-25")
def test_an_order_to_be_picked_up_is_led_from_step_to_step(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.shelf()
    order = desk.order("A")
    for act in ("pick", "hand_over"):
        desk.detail.askers[act] = lambda _order: None
    desk.list.shown()
    desk.show("A")
    led = []
    for verbs in ((), (), ("pick",), (), ("check", "hand_over")):
        coming = view(desk).next
        assert coming is not None
        led.append(coming.act)
        desk.detail.do_next()
        for verb in verbs:
            ordering.take(desk.store, desk.owner, order.id, Step(verb))  # type: ignore[arg-type]
        desk.station.changed(frozenset({"orders"}))
    assert led == ["confirm", "start", "pick", "ready", "hand_over"]
    assert view(desk).status == "Delivered"


@pytest.mark.parametrize(
    ("number", "act", "words"),
    [
        ("HELD-1", "release_hold", "Release the hold"),
        ("REFUND-1", "payment", "Refund"),
        ("SHORT-1", "problem", "Solve"),
        ("READY-1", "hand_over", "Hand over"),
    ],
)
def test_what_stands_in_the_way_comes_first(desk: OrderDesk, number: str, act: str, words: str) -> None:
    desk.show(number)
    coming = view(desk).next
    assert coming is not None
    assert (coming.act, coming.words) == (act, words)


@pytest.mark.capability("BW-02", "IC-09")
def test_a_cancelled_paid_order_has_a_refund_to_be_made_until_it_is(desk: OrderDesk) -> None:
    desk.show("REFUND-1")
    assert [(t.sentence, t.act, t.words) for t in view(desk).todo] == [
        ("Refund due $16.99.", "payment", "Refund")
    ]
    assert view(desk).standing == ("Cancelled by the customer: Changed her mind",)
    order = desk.detail.order
    assert order is not None
    ordering.take(desk.store, desk.owner, order.id, Step("refund"))
    desk.station.changed(frozenset({"orders"}))
    assert view(desk).todo == ()


def test_what_cannot_be_done_is_named_with_its_reason(desk: OrderDesk) -> None:
    desk.show("PACK-1")
    assert why_not(desk, "ship") == "No parcel is packed. Check the copies and pack them first."
    assert (
        why_not(desk, "confirm")
        == "This order is being processed. Only one that is pending can be confirmed."
    )
    assert why_not(desk, "hold") == ""
    offered = {o.act for o in view(desk).offers}
    assert not offered & {"hand_over", "ready", "remind"}, "it is to be shipped"


def test_an_act_that_nobody_can_do_here_is_not_offered(desk: OrderDesk) -> None:
    desk.detail.askers.clear()
    desk.show("SHORT-1")
    assert view(desk).next is None
    assert [t.act for t in view(desk).todo] == [""]
    assert "payment" not in {o.act for o in view(desk).offers}


@pytest.mark.capability("OMG-34", "OMG-11", "BW-18")
def test_an_unpaid_order_is_not_confirmed_unless_a_manager_lets_it_pass(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path, role="staff")
    order = desk.order("A", payment=Payment())
    desk.list.shown()
    desk.show("A")
    desk.detail.do("confirm")
    assert now(desk.store, order).state == "pending"
    assert desk.detail.state.unpaid == "confirm"
    assert desk.detail.state.why.startswith("This order is not paid and cannot be confirmed.")
    desk.detail.let_pass("  ")
    assert now(desk.store, order).state == "pending", "without a reason nothing passes"
    desk.detail.let_pass("The school pays by invoice")
    assert len(desk.front.asked) == 1, "a manager is asked"
    assert now(desk.store, order).state == "pending"


@pytest.mark.capability("OMG-34")
def test_who_may_override_lets_it_pass_with_a_reason_that_is_kept(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    order = desk.order("A", payment=Payment())
    desk.list.shown()
    desk.show("A")
    desk.detail.do("confirm")
    desk.detail.let_pass("The school pays by invoice")
    after = now(desk.store, order)
    assert after.state == "confirmed"
    assert after.overrides[0].reason == "The school pays by invoice"
    assert desk.facts("Payment")["Let pass unpaid"].endswith("The school pays by invoice")
    assert view(desk).history[0].more == "Let pass unpaid: The school pays by invoice"


def test_what_was_refused_can_be_left(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    desk.order("A", payment=Payment())
    desk.list.shown()
    desk.show("A")
    desk.detail.do("confirm")
    desk.detail.keep_unpaid()
    assert (desk.detail.state.unpaid, desk.detail.state.busy) == ("", False)


@pytest.mark.capability("WSM-15", "WSM-16")
@pytest.mark.parametrize(
    ("how", "words"), [("usual", ""), ("silent", ""), ("send", "It has a bookmark in it.")]
)
def test_what_the_customer_hears_goes_with_the_step(
    desk: OrderDesk, monkeypatch: pytest.MonkeyPatch, how: str, words: str
) -> None:
    tellings = []
    whole = ordering.take

    def take(store, actor, order_id, step, telling):
        tellings.append(telling)
        return whole(store, actor, order_id, step, telling)

    monkeypatch.setattr(ordering, "take", take)
    desk.show("NEW-1")
    desk.detail.tell(how, words)
    desk.detail.do("confirm")
    assert [(t.how, t.comment) for t in tellings] == [(how, words)]
    assert (desk.detail.state.how, desk.detail.state.comment) == ("usual", ""), (
        "the next step is told as usual"
    )


def test_a_change_by_other_hands_is_shown_and_nothing_typed_is_lost(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    desk.detail.tell("send", "It has a bookmark in it.")
    desk.detail.show_page("facts")
    order = desk.detail.order
    assert order is not None
    other = hire(desk.store, "manager", "Mia Manager")
    ordering.take(desk.store, other, order.id, Step("hold", reason="Cheque clearing"))
    desk.station.changed(frozenset({"orders"}))
    state = desk.detail.state
    assert state.notice == (
        "This order was changed meanwhile. Mia Manager: Put the order on hold: Cheque clearing."
    )
    assert view(desk).status == "Pending"
    assert view(desk).standing == ("On hold: Cheque clearing",)
    assert (state.how, state.comment, state.page) == ("send", "It has a bookmark in it.", "facts")


def test_ones_own_change_is_no_news(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    order = desk.detail.order
    assert order is not None
    ordering.take(desk.store, desk.actor, order.id, Step("confirm"))
    desk.station.changed(frozenset({"orders"}))
    assert desk.detail.state.notice == ""
    assert view(desk).status == "Confirmed"


def test_a_step_that_is_too_late_says_why_and_shows_what_is_now(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    order = desk.detail.order
    assert order is not None
    other = hire(desk.store, "manager", "Mia Manager")
    ordering.take(desk.store, other, order.id, Step("start"))
    desk.detail.do("confirm")
    assert view(desk).status == "Processing"
    assert "was changed meanwhile" in desk.detail.state.notice
    assert not desk.detail.state.busy


@pytest.mark.capability("BW-17", "WSM-03", "IC-06", "OMG-02")
def test_other_systems_words_are_told_when_asked(desk: OrderDesk) -> None:
    desk.show("PACK-1")
    assert desk.facts("Other systems call it") == {
        "Here": "Being processed",
        "BookWish": "Processing",
        "Web Shop Manager": "Processing",
        "IndieCommerce": "Payment Received",
        "Marketplace": "Processing",
    }


def test_the_history_tells_every_change_with_who_and_when(desk: OrderDesk) -> None:
    desk.show("READY-1")
    history = [(h.what, h.more, h.who) for h in view(desk).history if not h.what.startswith("Notice")]
    assert history == [
        ("Made it ready for pickup", "shelf A-3", "Olive Owner"),
        ("Picked copies", "", "Olive Owner"),
        ("Began to work on it", "", "Olive Owner"),
        ("Allocated copies", "1 copy of Orlando", "By itself"),
        ("The order came in", "BookWish", "Olive Owner"),
    ]
    assert all(h.when.startswith("Sep 21, 2026") for h in view(desk).history)


def test_an_edit_stands_in_the_history_and_changes_no_charge(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    order = desk.detail.order
    assert order is not None
    order_editing.set_memo(desk.store, desk.owner, order.id, "Call after noon")
    desk.station.changed(frozenset({"orders"}))
    newest = view(desk).history[0]
    assert (newest.what, newest.more) == ("Changed the memo", "Call after noon instead of Call before noon")
    assert now(desk.store, order).payment == order.payment


def test_a_kind_of_change_that_nobody_knows_is_said_by_its_name(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    order = desk.detail.order
    assert order is not None
    with desk.store.write() as tx:
        orders.record(tx, order.id, "moon_landing", staff="", register=1, body=["odd"])
    desk.station.changed(frozenset({"orders"}))
    assert view(desk).history[0].what == "Moon landing"


def test_three_hundred_books_and_none_are_shown(tmp_path: Path) -> None:
    desk = OrderDesk(tmp_path)
    many = tuple(line(ORLANDO if n % 2 else EMMA) for n in range(300))
    desk.order("MANY", *many, steps=())
    bare = desk.order("BARE", steps=())
    with desk.store.write() as tx:
        from msgspec.structs import replace

        orders.save(tx, bare, replace(bare, lines=(), payment=Payment()))
    desk.list.shown()
    desk.show("MANY")
    assert len(view(desk).lines) == 300
    desk.show("BARE")
    assert view(desk).lines == ()


def test_a_photo_is_kept_with_its_note(desk: OrderDesk) -> None:
    desk.show("NEW-1")
    order = desk.detail.order
    assert order is not None
    with desk.store.write() as tx:
        orders.keep_file(tx, order.id, staff=desk.actor.staff, note="Spine torn", picture=b"\xff\xd8")
    desk.station.changed(frozenset({"orders"}))
    assert [(p.note, p.picture) for p in view(desk).photos] == [("Spine torn", b"\xff\xd8")]

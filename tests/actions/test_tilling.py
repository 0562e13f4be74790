"""The till's actions: opening, moving cash, looking in, counting blind, closing; the chain of sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select, text

from bookwish_desk.actions import outgoing, paying, selling, tilling
from bookwish_desk.db import outbox, tables, tills
from bookwish_desk.db.store import Store
from bookwish_desk.shop import journal
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.ids import new_id
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.till import Count, TillReport, report_faults
from tests.support import days
from tests.support.days import bring_back, close_till, item, open_till, ring, sell, settings
from tests.support.shops import FrozenClock, found_shop, hire

pytestmark = pytest.mark.capability("BW+05")

DAY = 24 * 3600 * 1000


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def shop(tmp_path: Path, clock: FrozenClock) -> tuple[Store, Actor]:
    return found_shop(tmp_path, settings(), clock)


def in_new_york(year: int, month: int, day: int, hour: int, minute: int) -> int:
    local = datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("America/New_York"))
    return int(local.timestamp() * 1000)


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value


def journalled(store: Store, kind: str) -> list[dict[str, Any]]:
    j = tables.journal.c
    with store.read() as conn:
        rows = conn.execute(select(j.body).where(j.kind == kind).order_by(j.seq)).scalars().all()
    return [msgspec.json.decode(r) for r in rows]


def jobs(store: Store, channel: str) -> list[outbox.Job]:
    o = tables.outbox.c
    with store.read() as conn:
        rows = conn.execute(select(o.id).where(o.channel == channel).order_by(o.id)).scalars().all()
        return [job for r in rows if (job := outbox.by_id(conn, r))]


def check(store: Store) -> list[str]:
    with store.read() as conn:
        return tills.check(conn)


def approve(store: Store, actor: Actor, permission: str, ref: str) -> Actor:
    """Let the owner approve one thing, as the approving action does it."""
    approval = new_id()
    with store.write() as tx:
        boss = tx.conn.execute(select(tables.staff.c.id).where(tables.staff.c.role == "owner")).scalar_one()
        row = {
            "id": approval,
            "by_staff": boss,
            "for_staff": actor.staff,
            "permission": permission,
            "ref": ref,
        }
        tx.conn.execute(tables.approvals.insert(), {**row, "given_at": tx.at})
    return Actor(actor.staff, actor.register, approval)


# ---- opening ----


def test_a_till_opens_with_its_float_counted(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    counted = Count(((2000, 5), (100, 30), (25, 40)), 1_050)
    opened = tilling.open_till(store, owner, counted)
    till = opened.value.till
    assert till.float_cents == 10_000 + 3_000 + 1_000 + 1_050
    assert (till.number, till.previous, till.business_date) == (1, "", "2026-09-21")
    assert till.opened_by == "Olive Owner"
    assert opened.value.before_cents is None
    assert "till" in opened.changes
    assert tilling.current_till(store, 1) == till
    [body] = journalled(store, "till.opened")
    assert body["count"]["pieces"] == [[2000, 5], [100, 30], [25, 40]]
    with store.read() as conn:
        [entry] = tills.entries(conn, till.id)
    assert (entry.kind, entry.cash_cents) == ("float", till.float_cents)


def test_no_till_is_open_at_first_and_nothing_can_be_sold(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    assert tilling.current_till(store, 1) is None
    draft = ring(store, owner, [(item(), 1)])
    assert refusal(lambda: paying.pay_cash(store, owner, draft.id, 10_000)).code == "till_closed"


def test_a_till_is_not_opened_twice(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    first = open_till(store, owner)
    assert refusal(lambda: open_till(store, owner)).code == "till_open"
    assert tilling.current_till(store, 1) == first


def test_the_register_is_taken_by_a_conditional_update(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    till = open_till(store, owner)
    other = msgspec.structs.replace(till, id=new_id(), number=2)

    def take() -> None:
        with store.write() as tx:
            tills.begin(tx, other, owner.staff)

    assert refusal(take).code == "till_open"
    assert tilling.current_till(store, 1) == till


def test_two_registers_have_tills_of_their_own(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with store.write() as tx:
        tx.conn.execute(tables.registers.insert(), {"id": 2, "name": "Register 2"})
    second = Actor(owner.staff, 2)
    open_till(store, owner, 10_000)
    open_till(store, second, 5_000)
    sell(store, owner, (item(price_cents=1_000, tax_class="none"), 1))
    sell(store, second, (item(price_cents=2_000, tax_class="none"), 1))
    ring(store, owner, [(item(), 1)])  # a sale on register 1 does not keep register 2 from closing
    report = close_till(store, second, 7_000)
    assert (report.z_number, report.takings.total_cents, report.expected_cents) == (1, 2_000, 7_000)
    assert tilling.current_till(store, 1) is not None
    assert check(store) == []


def test_sessions_are_chained_and_a_float_that_changed_is_told(
    shop: tuple[Store, Actor], clock: FrozenClock
) -> None:
    store, owner = shop
    first = open_till(store, owner, 10_000)
    close_till(store, owner, 10_000, left_cents=6_000)
    clock.at += DAY
    opened = tilling.open_till(store, owner, Count(other_cents=5_500)).value
    assert opened.till.previous == first.id
    assert opened.till.number == 2
    assert (opened.before_cents, opened.difference_cents) == (6_000, -500)
    assert journalled(store, "till.opened")[1]["difference_cents"] == -500
    assert tilling.x_report(store, owner).value.before_cents == 6_000
    close_till(store, owner, 5_500, left_cents=5_500)
    clock.at += DAY
    again = tilling.open_till(store, owner, Count(other_cents=5_500)).value
    assert again.difference_cents == 0
    assert check(store) == []


def test_a_till_after_midnight_belongs_to_the_day_before(
    shop: tuple[Store, Actor], clock: FrozenClock
) -> None:
    store, owner = shop
    clock.at = in_new_york(2026, 9, 21, 23, 59)
    assert open_till(store, owner).business_date == "2026-09-21"
    clock.at = in_new_york(2026, 9, 22, 3, 59)
    assert tilling.standing(store, 1).day_now == "2026-09-21"
    sold = sell(store, owner)
    assert sold.business_date == "2026-09-21"
    clock.at = in_new_york(2026, 9, 22, 4, 0)
    assert tilling.standing(store, 1).day_now == "2026-09-22"


def test_an_odd_date_is_confirmed_and_journalled(shop: tuple[Store, Actor], clock: FrozenClock) -> None:
    store, owner = shop
    open_till(store, owner)
    close_till(store, owner, 15_000)
    clock.at -= 2 * DAY
    refused = refusal(lambda: open_till(store, owner))
    assert (refused.code, refused.facts["today"]) == ("date", "2026-09-19")
    assert tilling.current_till(store, 1) is None
    counted = Count(other_cents=15_000)
    refused = refusal(lambda: tilling.open_till(store, owner, counted, confirmed_date="2026-09-18"))
    assert refused.code == "date"
    till = tilling.open_till(store, owner, counted, confirmed_date="2026-09-19").value.till
    assert (till.business_date, till.number) == ("2026-09-19", 2)
    assert "2026-09-21" in journalled(store, "till.opened")[1]["date_confirmed"]
    close_till(store, owner, 15_000)
    clock.at += 100 * DAY
    assert refusal(lambda: open_till(store, owner)).code == "date"


def test_a_dead_clock_is_seen_at_the_very_first_till(shop: tuple[Store, Actor], clock: FrozenClock) -> None:
    store, owner = shop
    clock.at = 0
    assert refusal(lambda: open_till(store, owner)).code == "date"


def test_the_drawer_opens_for_counting_the_float(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    tilling.begin_count(store, owner)
    assert [j.kind for j in jobs(store, "drawer")] == ["kick"]
    assert len(journalled(store, "till.counting")) == 1


# ---- in and out of the drawer ----


@pytest.mark.parametrize(
    ("verb", "kind", "cash"),
    [(tilling.pay_in, "paid_in", 700), (tilling.pay_out, "paid_out", -700), (tilling.drop, "drop", -700)],
)
def test_cash_moves_with_a_reason(shop: tuple[Store, Actor], verb: Any, kind: str, cash: int) -> None:
    store, owner = shop
    till = open_till(store, owner)
    verb(store, owner, 700, " window\tcleaner\x1b@ ")
    with store.read() as conn:
        assert tills.in_drawer(conn, till.id) == 15_000 + cash
        entry = tills.entries(conn, till.id)[-1]
    assert (entry.kind, entry.reason, entry.staff) == (kind, "window cleaner@", "Olive Owner")
    assert journalled(store, f"till.{kind}") == [{"cash_cents": cash, "reason": "window cleaner@"}]
    [kick] = jobs(store, "drawer")
    assert kick.expires_at is not None
    assert kick.expires_at - kick.created_at <= 10_000


def test_no_sale_opens_the_drawer_and_moves_nothing(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    till = open_till(store, owner)
    tilling.no_sale(store, owner, "change for the meter")
    with store.read() as conn:
        assert tills.in_drawer(conn, till.id) == 15_000
    assert len(jobs(store, "drawer")) == 1
    assert tilling.x_report(store, owner).value.times("no_sale") == 1
    assert journalled(store, "till.no_sale")[0]["reason"] == "change for the meter"


@pytest.mark.parametrize("reason", ["", "   ", "\x1b\x07"])
def test_every_movement_needs_a_reason(shop: tuple[Store, Actor], reason: str) -> None:
    store, owner = shop
    open_till(store, owner)
    for verb in (tilling.pay_in, tilling.pay_out, tilling.drop):
        assert refusal(partial(verb, store, owner, 100, reason)).code == "reason"
    assert refusal(lambda: tilling.no_sale(store, owner, reason)).code == "reason"
    assert jobs(store, "drawer") == []


def test_a_card_number_is_no_reason(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    assert refusal(lambda: tilling.pay_in(store, owner, 1, "4111 1111 1111 1111")).code == "card_number"


def test_cash_in_the_drawer_cannot_be_negative_and_staff_do_not_learn_how_much_there_is(
    shop: tuple[Store, Actor],
) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    open_till(store, owner, 12_345)
    for verb in (tilling.pay_out, tilling.drop):
        blind = refusal(partial(verb, store, clerk, 12_346, "too much"))
        assert blind.code == "drawer"
        assert "123" not in blind.message + str(blind.facts)
        told = refusal(partial(verb, store, owner, 12_346, "too much"))
        assert "$123.45" in told.message
    assert jobs(store, "drawer") == []
    tilling.drop(store, clerk, 12_345, "all of it")
    assert tilling.x_report(store, owner).value.expected_cents == 0


def test_moving_needs_an_open_till(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    for call in (
        lambda: tilling.pay_in(store, owner, 100, "x"),
        lambda: tilling.no_sale(store, owner, "x"),
        lambda: tilling.x_report(store, owner),
        lambda: close_till(store, owner, 0),
    ):
        assert refusal(call).code == "till_closed"


# ---- permissions ----


def test_staff_need_a_manager_for_no_sale_and_reports(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    till = open_till(store, clerk)
    tilling.pay_in(store, clerk, 500, "stamps")
    with pytest.raises(NeedsApproval) as needs:
        tilling.no_sale(store, clerk, "change")
    assert needs.value.facts == {"permission": "till.no_sale", "ref": till.id}
    with pytest.raises(NeedsApproval) as needs:
        tilling.x_report(store, clerk)
    assert needs.value.facts == {"permission": "till.report", "ref": till.id}
    approved = approve(store, clerk, "till.no_sale", till.id)
    tilling.no_sale(store, approved, "change")
    with pytest.raises(NeedsApproval):
        tilling.no_sale(store, approved, "change")  # an approval is used once
    report = close_till(store, clerk, 15_500)
    with pytest.raises(NeedsApproval):
        tilling.z_report(store, clerk, till.id)
    assert tilling.z_report(store, owner, till.id).value == report


def test_nobody_signed_in_does_nothing(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    nobody = Actor("", 1)
    assert refusal(lambda: open_till(store, nobody)).code == "staff"
    open_till(store, owner)
    assert refusal(lambda: tilling.no_sale(store, nobody, "x")).code == "staff"
    report = tilling.x_report(store, owner).value
    assert refusal(lambda: tilling.print_report(store, nobody, report)).code == "staff"


# ---- reports ----


def test_an_x_report_adds_up_a_known_day(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff", "Sam Staff")
    open_till(store, owner, 10_000)
    book, mug, card = item("BOOK", 2_000), item("MUG", 1_000, "general"), item("CARD", 500, "none")
    first = sell(store, owner, (book, 2), (mug, 1))  # 50.00 + 0.60 + 2.50 + 0.89 = 53.99
    sell(store, clerk, (card, 3), how="card")  # 15.00
    days.pay(store, owner, ring(store, owner, [(mug, 1)], exempt=True), "cheque")  # 10.00
    bring_back(store, owner, first, 1)  # one book: 20.00 + 0.30 + 1.25 = 21.55
    days.void(store, owner, (book, 1))
    tilling.pay_in(store, owner, 2_000, "change from the bank")
    tilling.pay_out(store, owner, 350, "stamps")
    tilling.drop(store, owner, 5_000, "to the safe")
    tilling.no_sale(store, owner, "meter")
    x = tilling.x_report(store, owner).value
    t = x.takings
    assert (t.sales, t.returns, t.exchanges, x.voids, x.times("no_sale")) == (3, 1, 0, 1, 1)
    assert (t.units_sold, t.units_returned) == (7, 1)
    assert (t.gross_cents, t.discount_cents, t.net_cents) == (7_500, 0, 7_500)
    assert t.refund_cents == 2_000
    assert [(p.name, p.ppm, p.net_cents, p.tax_cents) for p in t.taxes] == [
        ("City", 15_000, 2_000, 30),
        ("State", 62_500, 2_000, 125),
        ("State", 88_750, 1_000, 89),
    ]
    assert (t.exempt_cents, t.untaxed_cents) == (1_000, 1_500)
    assert t.total_cents == 5_399 + 1_500 + 1_000 - 2_155
    assert [(p.kind, p.brand, p.taken, p.taken_cents, p.refunded, p.refunded_cents) for p in t.tenders] == [
        ("cash", "", 1, 5_399, 1, 2_155),
        ("card", "Mastercard", 1, 1_500, 0, 0),
        ("cheque", "", 1, 1_000, 0, 0),
    ]
    assert (t.first_receipt, t.last_receipt) == ("R1-000001", "R1-000004")
    assert x.expected_cents == 10_000 + 5_399 - 2_155 + 2_000 - 350 - 5_000
    assert x.kind == "X"
    assert x.over_cents is None
    assert report_faults(x) == []


@pytest.mark.capability("BW+12")
def test_a_report_tells_what_each_member_of_staff_sold(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff", "Sam Staff")
    open_till(store, owner)
    sold = sell(store, clerk, (item(price_cents=5_000, tax_class="none"), 3))
    sell(store, owner, (item(price_cents=1_000), 1))
    bring_back(store, owner, sold, 1)
    staff = tilling.x_report(store, owner).value.takings.staff
    assert [(s.name, s.sales, s.returns, s.units, s.net_cents) for s in staff] == [
        ("Sam Staff", 1, 0, 3, 15_000),
        ("Olive Owner", 1, 1, 0, -4_000),
    ]


def test_an_x_report_changes_nothing_but_the_journal(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    sell(store, owner)
    first = tilling.x_report(store, owner)
    second = tilling.x_report(store, owner).value
    assert first.changes == {"journal"}
    assert first.value.takings == second.takings
    assert first.value.expected_cents == second.expected_cents
    assert len(journalled(store, "till.x_report")) == 2
    assert [j for j in jobs(store, "paper") if j.kind == "report"] == []


def test_an_x_report_is_printed_as_it_was_seen(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner, 11_100)
    report = tilling.x_report(store, owner).value
    tilling.pay_in(store, owner, 5_000, "later")
    tilling.print_report(store, owner, report)
    [job] = jobs(store, "paper")
    slip = outgoing.slip_of(job)
    assert (slip.kind, slip.ref, slip.copy) == ("report", "X-1-1", False)
    assert "$111.00" in str(slip.elements)
    assert "$161.00" not in str(slip.elements)


# ---- counting and closing ----


def test_closing_freezes_a_z_report(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    till = open_till(store, owner, 10_000)
    sell(store, owner, (item(price_cents=1_000, tax_class="none"), 1))
    with store.read() as conn:
        head = tills.journal_head(conn)
    counted = Count(((5000, 1), (2000, 2), (500, 3), (25, 18)), 25)
    report = tilling.close_till(store, owner, counted, 10_000).value
    assert report.counted_cents == 5_000 + 4_000 + 1_500 + 450 + 25
    assert (report.expected_cents, report.over_cents, report.left_cents) == (11_000, -25, 10_000)
    assert (report.kind, report.name, report.z_number) == ("Z", "Z-1-1", 1)
    assert report.journal_head == head
    assert report.made_by == "Olive Owner"
    assert tilling.current_till(store, 1) is None
    assert tilling.z_report(store, owner, till.id).value == report
    [body] = journalled(store, "till.closed")
    assert (body["over_cents"], body["z_number"], body["left_cents"]) == (-25, 1, 10_000)
    assert len(body["report_sha256"]) == 64
    [past] = tilling.standing(store, 1).past
    assert (past.z_number, past.over_cents, past.closed_by) == (1, -25, "Olive Owner")
    assert check(store) == []
    with store.read() as conn:
        rows = conn.execute(select(tables.journal).order_by(tables.journal.c.seq)).mappings()
        entries = [journal.Entry(**row) for row in rows]
    assert journal.verify(entries, None) == []


def test_the_z_report_prints_by_itself_and_again_as_a_copy(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    report = close_till(store, owner, 15_000)
    [job] = jobs(store, "paper")
    assert (job.kind, job.ref, job.state) == ("report", "Z-1-1", "queued")
    assert outgoing.slip_of(job).copy is False
    tilling.print_report(store, owner, report)
    second = outgoing.slip_of(jobs(store, "paper")[1])
    assert second.copy is True
    assert second.elements == outgoing.slip_of(job).elements
    assert journalled(store, "till.report_printed") == [{"report": "Z-1-1", "copy": True}]


def test_a_copy_is_printed_from_the_books_and_not_from_what_is_handed_in(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    report = close_till(store, owner, 15_000)
    forged = msgspec.structs.replace(report, count=Count(other_cents=99_999_00))
    tilling.print_report(store, owner, forged)
    assert "99,999" not in str(outgoing.slip_of(jobs(store, "paper")[1]).elements)


def test_a_second_close_is_refused_and_changes_nothing(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    report = close_till(store, owner, 15_000)
    assert refusal(lambda: close_till(store, owner, 14_000)).code == "till_closed"
    again = report

    def twice() -> None:
        with store.write() as tx:
            tills.end(tx, again, owner.staff)

    assert refusal(twice).code == "till_closed"
    assert [p.counted_cents for p in tilling.standing(store, 1).past] == [15_000]
    assert refusal(lambda: sell(store, owner)).code == "till_closed"


def test_z_numbers_have_no_gap_and_the_grand_total_runs_on(
    shop: tuple[Store, Actor], clock: FrozenClock
) -> None:
    store, owner = shop
    totals = []
    for session in range(1, 6):
        open_till(store, owner, 0)
        sold = sell(store, owner, (item(price_cents=1_000 * session, tax_class="none"), 1))
        if session == 3:
            bring_back(store, owner, sold)
            with pytest.raises(Refused):
                close_till(store, owner, 0, left_cents=1)  # refused: draws no number
        report = close_till(store, owner, 0)
        assert report.z_number == session
        totals.append(report.grand_total_cents)
        clock.at += DAY
    assert totals == [1_000, 3_000, 3_000, 7_000, 12_000]
    assert check(store) == []


def test_a_crash_in_the_middle_of_closing_leaves_the_till_open(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner = shop
    till = open_till(store, owner)
    sell(store, owner)

    def crash(*_args: object, **_more: object) -> str:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(tilling, "post_slip", crash)
        with pytest.raises(RuntimeError):
            close_till(store, owner, 15_000)
    assert tilling.current_till(store, 1) == till
    assert tilling.standing(store, 1).past == ()
    assert journalled(store, "till.closed") == []
    sell(store, owner)
    assert close_till(store, owner, 15_000).z_number == 1
    assert check(store) == []


def test_a_crash_in_the_middle_of_opening_leaves_the_till_closed(
    shop: tuple[Store, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, owner = shop

    def crash(*_args: object, **_more: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(tills, "enter", crash)
        with pytest.raises(RuntimeError):
            open_till(store, owner)
    assert tilling.current_till(store, 1) is None
    assert open_till(store, owner).number == 1


def test_an_open_sale_keeps_the_till_from_closing(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    draft = ring(store, owner, [(item(), 1)])
    for call in (lambda: close_till(store, owner, 0), lambda: tilling.begin_count(store, owner)):
        assert refusal(call).code == "selling"
    paying.start_card(store, owner, draft.id, 100)
    for call in (lambda: close_till(store, owner, 0), lambda: tilling.begin_count(store, owner)):
        assert refusal(call).code == "paying"
    assert jobs(store, "drawer") == []


def test_an_emptied_sale_does_not_keep_the_till_from_closing(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    draft = ring(store, owner, [(item(), 1)])
    selling.remove_line(store, owner, draft.id, draft.lines[0].id)
    assert close_till(store, owner, 15_000).over_cents == 0


def test_held_sales_stay_and_are_listed(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    held = selling.hold(
        store, owner, ring(store, owner, [(item(price_cents=700, tax_class="none"), 1)]).id, "for <b>Ann</b>"
    ).value
    report = close_till(store, owner, 15_000)
    assert [(h.code, h.note, h.total_cents) for h in report.held] == [(held.held_as, "for <b>Ann</b>", 700)]
    open_till(store, owner, 0)
    assert selling.recall(store, owner, held.id).value.draft is not None


def test_unsent_work_is_shown_and_never_discarded(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    sold = sell(store, owner)
    with store.write() as tx:
        [job] = outbox.unfinished(tx.conn, 1)
        outbox.set_state(tx, job.id, "unknown", "power cut", was="queued")
    report = close_till(store, owner, 15_000)
    assert report.unsent == (f"Receipt {sold.receipt} may have been printed",)
    assert [(j.ref, j.state) for j in outgoing.unfinished(store, 1)] == [
        (sold.receipt, "unknown"),
        ("Z-1-1", "queued"),
    ]


def test_more_cannot_stay_in_the_drawer_than_was_counted(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    assert refusal(lambda: close_till(store, owner, 100, left_cents=101)).code == "left"
    assert refusal(lambda: close_till(store, owner, 100, left_cents=-1)).code == "left"
    assert close_till(store, owner, 100, left_cents=100).left_cents == 100


def test_what_staff_can_read_before_the_count_does_not_tell_what_is_expected(
    shop: tuple[Store, Actor],
) -> None:
    store, _owner = shop
    clerk = hire(store, "staff")
    open_till(store, clerk, 10_000)
    sell(store, clerk, (item(price_cents=3_300, tax_class="none"), 1))
    tilling.begin_count(store, clerk)
    standing = tilling.standing(store, 1)
    assert [e.kind for e in standing.movements] == ["float"]
    assert "13300" not in str(standing)
    assert "3300" not in str(standing)
    assert "13300" not in str([j.payload for j in jobs(store, "drawer")])
    # only the committed count brings it to light
    assert close_till(store, clerk, 13_000).over_cents == -300


def test_counting_opens_the_drawer_and_is_journalled(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    tilling.begin_count(store, owner)
    assert [j.ref for j in jobs(store, "drawer")] == ["till-1-1"]
    assert len(journalled(store, "till.counting")) == 1


def test_names_in_a_z_report_do_not_change_with_people(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    till = open_till(store, owner)
    sell(store, owner)
    report = close_till(store, owner, 15_000)
    with store.write() as tx:
        tx.conn.execute(tables.staff.update().values(name="Somebody Else"))
    assert tilling.z_report(store, owner, till.id).value == report
    assert check(store) == []


def test_closed_sessions_are_facts(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    close_till(store, owner, 15_000)
    for table in ("tills", "till_entries", "till_closings"):
        with pytest.raises(Exception, match="append"), store.write() as tx:
            tx.conn.execute(text(f"DELETE FROM {table}"))


def test_yen_have_no_decimals(tmp_path: Path) -> None:
    store, owner = found_shop(tmp_path, settings(currency="JPY", locale="ja_JP", zone="Asia/Tokyo"))
    tilling.open_till(store, owner, Count(((10_000, 3), (500, 4), (1, 7))))
    sell(store, owner, (item(price_cents=1_480, tax_class="none"), 1))
    report = close_till(store, owner, 33_488, left_cents=32_007)
    assert (report.expected_cents, report.over_cents) == (33_487, 1)
    tilling.print_report(store, owner, report)
    words = str(outgoing.slip_of(jobs(store, "paper")[-1]).elements)
    assert "33,487" in words
    assert "33,487." not in words


# ---- what the check finds ----


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE till_entries SET cash_cents = cash_cents + 1 WHERE kind = 'sale'", "entries of its till"),
        ("UPDATE sales SET total_cents = total_cents + 1", "entries of its till"),
        ("UPDATE till_closings SET counted_cents = counted_cents + 1", "entries of its till"),
        ("UPDATE till_closings SET z_number = 7 WHERE z_number = 2", "entries of its till"),
        ("UPDATE till_closings SET report = replace(report, 'Olive', 'Oscar')", "journal recorded"),
        ("UPDATE tills SET previous = 'x' WHERE number = 2", "does not follow"),
        ("DELETE FROM till_closings WHERE z_number = 1", "never closed"),
        (
            "UPDATE till_closings SET report = replace(report, '\"expected_cents\":', "
            "'\"expected_cents\":1')",
            "do not add up",
        ),
        (
            "UPDATE till_closings SET report = replace(report, '\"grand_total_cents\":', "
            "'\"grand_total_cents\":1')",
            "running total",
        ),
    ],
)
def test_the_check_finds_what_was_changed(shop: tuple[Store, Actor], change: str, found: str) -> None:
    store, owner = shop
    for _ in range(2):
        open_till(store, owner)
        sell(store, owner)
        close_till(store, owner, 15_000)
    assert check(store) == []
    with store.writer.begin() as conn:
        conn.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        triggers = conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for trigger in triggers:
            conn.execute(text(f'DROP TRIGGER "{trigger}"'))
        conn.exec_driver_sql(change)
    assert any(found in fault for fault in check(store)), check(store)


def test_a_report_whose_sums_disagree_is_told(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    open_till(store, owner)
    sell(store, owner)
    report: TillReport = tilling.x_report(store, owner).value
    assert report_faults(report) == []
    t = report.takings
    change = msgspec.structs.replace
    wrong = change(
        report,
        till=change(report.till, float_cents=1),
        expected_cents=report.expected_cents + 1,
        takings=change(
            t,
            total_cents=t.total_cents + 1,
            tenders=(change(t.tenders[0], taken_cents=1),),
            staff=(change(t.staff[0], net_cents=1),),
        ),
    )
    assert len(report_faults(wrong)) == 6

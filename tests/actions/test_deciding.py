"""What people decide about the online store: what is sent again or left, and which of two values holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import deciding, downloading, stocking, uploading
from bookwish_desk.actions.upload_deciding import SPREAD_MS
from bookwish_desk.actions.uploading import Ended
from bookwish_desk.db import conflicts, netbox, online, orders
from bookwish_desk.db.outbox import Job
from bookwish_desk.shop import activity
from bookwish_desk.shop.conflict import CHOICES, Choice, Conflict, Kind, choice_words
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.journal import Entry
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.online import OnlineItem
from bookwish_desk.shop.order import Order
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.upload import CancelUpload, StockUpload
from bookwish_desk.ui.orders import events
from tests.support.counter import ORLANDO, Counter
from tests.support.online import begun, connected, differences, linked, posted, rows, there
from tests.support.orders import made, received, stepped
from tests.support.shops import hire

SKU = ORLANDO.sku
MUG = Item("MUG", "Mug", price_cents=900)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = connected(tmp_path)
    yield made
    made.store.close()


def ended(counter: Counter, state: str, words: str = "Its words.", **more: Any) -> Job:
    """Sell something and let sending it end this way."""
    counter.sell()
    row = rows(counter.store)[-1]
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, state, words, **more)])  # type: ignore[arg-type]
    return rows(counter.store)[-1]


def decide(counter: Counter, job: Job, verdict: str, reason: str = "") -> None:
    uploading.decide(counter.store, counter.actor, job.id, verdict, reason)  # type: ignore[arg-type]


def look_in_vain(counter: Counter, job: Job) -> None:
    for _ in range(netbox.LOOKS):
        uploading.looked(counter.store, job.id, "It is not in the list.", 0)


# ---- what did not go up ----


@pytest.mark.parametrize("state", ["refused", "dead"])
def test_what_was_refused_is_put_together_and_sent_again_under_its_key(counter: Counter, state: str) -> None:
    job = ended(counter, state, maybe_at=0)
    decide(counter, job, "again")
    (again,) = uploading.due(counter.store, 9)
    assert (again.id, again.body, again.attempts) == (job.id, b"", 1)
    assert uploading.counted(counter.store) == uploading.UploadCount(waiting=1)


def test_what_may_be_there_is_sent_again_only_after_it_was_looked_for_and_with_the_same_bytes(
    counter: Counter,
) -> None:
    job = ended(counter, "uncertain")
    with pytest.raises(Refused, match="looked for"):
        decide(counter, job, "again")
    look_in_vain(counter, job)
    with pytest.raises(Refused, match="five minutes"):
        decide(counter, job, "again")
    counter.clock.at += SPREAD_MS
    decide(counter, job, "again")
    (again,) = uploading.due(counter.store, 9)
    assert (again.id, again.body, again.looks) == (job.id, job.body, 0) and job.body


def test_leaving_needs_a_reason_and_what_is_left_is_never_sent(counter: Counter) -> None:
    job = ended(counter, "refused")
    with pytest.raises(Refused, match="why"):
        decide(counter, job, "leave")
    decide(counter, job, "leave", "Typed into the store by hand")
    (left,) = rows(counter.store)
    assert left.state == "dropped" and "by hand" in left.status
    assert uploading.due(counter.store, 9) == () and uploading.unfinished(counter.store) == ()
    with pytest.raises(Refused, match="settled"):
        decide(counter, job, "again")


def test_what_is_being_sent_is_not_decided(counter: Counter) -> None:
    counter.sell()
    (row,) = rows(counter.store)
    begun(counter.store, row)
    with pytest.raises(Refused, match="just now"):
        decide(counter, row, "leave", "Why")
    with pytest.raises(Refused):
        uploading.decide(counter.store, counter.actor, "nothing", "again")


def test_who_may_decide_what(counter: Counter) -> None:
    clerk, manager = hire(counter.store, "staff"), hire(counter.store, "manager", "Mo")
    refused = ended(counter, "refused")
    doubtful = ended(counter, "uncertain")
    look_in_vain(counter, doubtful)
    counter.clock.at += SPREAD_MS
    uploading.decide(counter.store, clerk, refused.id, "again")
    for verdict in ("again", "leave"):
        with pytest.raises(NeedsApproval) as needs:
            uploading.decide(counter.store, clerk, doubtful.id, verdict, "Why")
        assert needs.value.facts["permission"] == "sync.resend"
    approved = counter.approved(clerk, "sync.resend", doubtful.id)
    uploading.decide(counter.store, approved, doubtful.id, "again")
    uploading.decide(counter.store, manager, refused.id, "leave", "Why")


def said(counter: Counter, kind: str) -> str:
    """Return the last journal entry of a kind in words."""
    with counter.store.read() as conn:
        row = conn.exec_driver_sql(
            "SELECT seq, at, kind, staff, register, ref, body, previous, keyed, hash FROM journal"
            " WHERE kind = ? ORDER BY seq DESC", (kind,),
        ).first()  # fmt: skip
    assert row is not None
    return activity.sentence(Entry(*row), Currency().show, {})


def test_every_decision_is_journalled_with_who_and_why(counter: Counter) -> None:
    job = ended(counter, "refused", "Book unknown.")
    decide(counter, job, "leave", "Typed in there")
    (body,) = counter.journal("online.decided")
    assert (body["verdict"], body["was"], body["said"], body["reason"], body["job"]) == (
        "leave", "refused", "Book unknown.", "Typed in there", job.id,
    )  # fmt: skip
    receipt = posted(counter.store)[0].sale.receipt  # type: ignore[union-attr]
    words = said(counter, "online.decided")
    assert words == f"Left sale {receipt} unsent to the online store: Typed in there."


def test_a_decision_about_an_order_is_in_its_history(counter: Counter) -> None:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    order = stepped(counter.store, counter.actor, order, "start")
    (row,) = rows(counter.store)
    begun(counter.store, row)
    uploading.finish(counter.store, [Ended(row.id, "refused", "Not allowed.")])
    decide(counter, row, "leave", "Set there by hand")
    assert told(counter, order) == ("Decided what the online store is told", "Set there by hand, Left unsent")
    assert said(counter, "online.decided").startswith(f"Left how order {order.number} stands unsent")


def told(counter: Counter, order: Order) -> tuple[str, str]:
    """Return the last change in the history of an order, in words."""
    with counter.store.read() as conn:
        last = orders.history(conn, order.id)[-1]
    return events.said(last.kind, last.body, order, Currency().show)


# ---- differences ----


def difference(counter: Counter, kind: Kind, **more: Any) -> str:
    facts: dict[str, Any] = {
        "subject": "x", "sentence": "They differ.", "ours": "This", "theirs": "That", **more,
    }  # fmt: skip
    with counter.store.write() as tx:
        return conflicts.open_conflict(tx, Conflict(id="", kind=kind, **facts))


def resolve(counter: Counter, conflict: str, choice: Choice, reason: str = "") -> None:
    deciding.resolve(counter.store, counter.actor, conflict, choice, reason)


@pytest.mark.parametrize("kind", ["back", "variance", "unmapped", "stock"])
def test_what_was_seen_is_closed_with_both_values_and_nothing_else_happens(
    counter: Counter, kind: Kind
) -> None:
    found = difference(counter, kind)
    resolve(counter, found, "noted", "Known")
    assert differences(counter.store) == [] and rows(counter.store) == ()
    (body,) = counter.journal("online.resolved")
    assert (body["ours"], body["theirs"], body["choice"], body["reason"]) == (
        "This",
        "That",
        "noted",
        "Known",
    )
    (done,) = deciding.closed(counter.store)
    assert (done.choice, done.staff, done.reason) == ("noted", counter.actor.staff, "Known")
    with pytest.raises(Refused, match="no difference any more"):
        resolve(counter, found, "noted")
    assert "here This, there That" in said(counter, "online.resolved")


def test_only_what_is_offered_can_be_chosen(counter: Counter) -> None:
    found = difference(counter, "variance")
    with pytest.raises(Refused, match="offered"):
        resolve(counter, found, "send")
    some = difference(counter, "stock", subject=SKU, choices=("noted",))
    with pytest.raises(Refused, match="offered"):
        resolve(counter, some, "count")
    assert len(differences(counter.store)) == 2


def test_all_of_a_kind_are_seen_at_once_and_nothing_more(counter: Counter) -> None:
    for subject in ("a", "b", "c"):
        difference(counter, "variance", subject=subject)
    difference(counter, "back", subject="d")
    assert deciding.resolve_all(counter.store, counter.actor, "variance", "noted").value == 3
    assert [x.subject for x in deciding.open_conflicts(counter.store)] == ["d"]
    assert len(counter.journal("online.resolved")) == 3
    with pytest.raises(Refused, match="one by one"):
        deciding.resolve_all(counter.store, counter.actor, "stock", "send")


def cancelled(counter: Counter) -> tuple[Order, Conflict]:
    order = received(counter.store, counter.actor, made())
    linked(counter.store, order, "confirmed")
    order = stepped(counter.store, counter.actor, order, Step("cancel", reason="Wrong book", by="customer"))
    (found,) = differences(counter.store)
    return order, found


@pytest.mark.capability("BW+11")
def test_a_cancellation_goes_up_when_somebody_says_so_and_in_no_other_way(counter: Counter) -> None:
    order, found = cancelled(counter)
    assert rows(counter.store) == ()
    clerk = hire(counter.store, "staff")
    with pytest.raises(NeedsApproval) as needs:
        deciding.resolve(counter.store, clerk, found.id, "send")
    assert needs.value.facts["permission"] == "order.cancel"
    deciding.resolve(counter.store, counter.approved(clerk, "order.cancel", found.id), found.id, "send")
    assert posted(counter.store) == [CancelUpload(order.id, "Wrong book")]
    assert differences(counter.store) == []
    assert told(counter, order)[1].endswith("Cancel it in the store")
    with counter.store.write() as tx:
        uploading.order_linked(tx, order)
    assert differences(counter.store) == [], "it is on its way"


@pytest.mark.capability("BW+11")
def test_a_cancellation_that_was_made_there_by_hand_is_not_sent(counter: Counter) -> None:
    _order, found = cancelled(counter)
    resolve(counter, found.id, "done_there")
    assert rows(counter.store) == () and differences(counter.store) == []


def counts(counter: Counter, here: int, there_are: int) -> str:
    """Let so many be on hand here, let the store offer so many, and return the difference that is found."""
    stocking.receive(counter.store, counter.actor, MUG, here)
    (row,) = rows(counter.store)
    uploading.finish(counter.store, [Ended(row.id, "done")])
    observed(counter, there_are)
    downloading.compare_stock(counter.store)
    (found,) = differences(counter.store)
    assert (found.kind, found.subject, found.ours, found.theirs) == (
        "stock",
        "MUG",
        str(here),
        str(there_are),
    )
    return found.id


def observed(counter: Counter, copies: int) -> None:
    with counter.store.write() as tx:
        online.keep_items(tx, [(OnlineItem("inv-1", copies, sku="MUG"), "MUG")])


def test_our_count_goes_up_by_what_it_differs_now(counter: Counter) -> None:
    found = counts(counter, 5, 3)
    observed(counter, 4)
    resolve(counter, found, "send")
    assert posted(counter.store, "new") == [StockUpload("MUG", 1, "count", found)]
    assert counter.on_hand("MUG") == 5 and differences(counter.store) == []


def test_the_stores_count_is_taken_as_a_count_made_now_and_is_not_sent_back(counter: Counter) -> None:
    found = counts(counter, 5, 3)
    observed(counter, 4)
    resolve(counter, found, "count", "Counted twice")
    assert counter.on_hand("MUG") == 4 and posted(counter.store, "new") == []
    assert counter.journal("item.counted")[-1] == {
        "title": "Mug", "by": -1, "on_hand": 4, "reason": "Counted twice",
    }  # fmt: skip


@pytest.mark.parametrize("choice", ["send", "count"])
def test_while_copies_are_on_their_way_no_count_holds(counter: Counter, choice: Choice) -> None:
    found = counts(counter, 5, 3)
    stocking.receive(counter.store, counter.actor, MUG, 1)
    with pytest.raises(Refused, match="on their way"):
        resolve(counter, found, choice)
    assert counter.on_hand("MUG") == 6 and len(posted(counter.store, "new")) == 1


def test_a_count_needs_what_counting_needs(counter: Counter) -> None:
    found = counts(counter, 5, 3)
    with pytest.raises(NeedsApproval) as needs:
        deciding.resolve(counter.store, hire(counter.store, "staff"), found, "count")
    assert needs.value.facts["permission"] == "stock.adjust"


@pytest.mark.parametrize("kind", sorted(deciding.OF_ORDERS))
def test_what_the_stores_side_means_for_an_order_is_carried_out_where_it_is_read(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    order = received(counter.store, counter.actor, made())
    found = difference(counter, kind, subject=f"{order.id} field", order_id=order.id)
    carried: list[tuple[str, Choice, str]] = []
    monkeypatch.setattr(
        downloading, "decided", lambda _tx, _actor, c, choice, reason: carried.append((c.id, choice, reason))
    )
    choice = CHOICES[kind][0][0]
    resolve(counter, found, choice, "They rang")
    assert carried == [(found, choice, "They rang")]
    assert told(counter, order)[0] == "Decided a difference from the online store"
    assert choice_words(kind, choice) in told(counter, order)[1]
    with counter.store.read() as conn:
        assert deciding.of_order(conn, order.id) == ()


def test_the_journal_is_told_no_address(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    order = received(counter.store, counter.actor, made())
    facts = {"subject": f"{order.id} address", "order_id": order.id, "field": "address"}
    found = difference(counter, "edit", ours="12 Elm Street", theirs="9 Oak Road", **facts)
    monkeypatch.setattr(downloading, "decided", lambda *_: None)
    resolve(counter, found, "theirs")
    (body,) = counter.journal("online.resolved")
    assert (body["ours"], body["theirs"], body["field"]) == ("", "", "address")
    with counter.store.read() as conn:
        assert "9 Oak Road" in orders.history(conn, order.id)[-1].body


def test_what_cannot_be_carried_out_stays_open(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    order = received(counter.store, counter.actor, made())
    found = difference(counter, "edit", subject=order.id, order_id=order.id)

    def refuse(*_: object) -> None:
        raise Refused("gone", "It was shipped meanwhile.")

    monkeypatch.setattr(downloading, "decided", refuse)
    with pytest.raises(Refused, match="shipped"):
        resolve(counter, found, "theirs")
    assert [x.id for x in differences(counter.store)] == [found]
    assert counter.journal("online.resolved") == []


def test_a_choice_of_another_version_is_said_by_itself() -> None:
    assert choice_words("stock", "split") == "split" and choice_words("ufo", "noted") == "noted"


def test_a_sale_in_the_store_settles_nothing_of_others(counter: Counter) -> None:
    counter.sell()
    counter.sell()
    one, two = rows(counter.store)
    begun(counter.store, one, two)
    sale = posted(counter.store)[0].sale  # type: ignore[union-attr]
    uploading.finish(counter.store, [Ended(one.id, "done", value=there(replace(sale, customer=None)))])
    assert [row.state for row in rows(counter.store)] == ["done", "sending"]

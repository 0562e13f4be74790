"""Rows that go up to the online store: their states, what is due when, and that no two of one thing leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookwish_desk.db import netbox, outbox
from bookwish_desk.db.link import add
from bookwish_desk.db.outbox import Job
from bookwish_desk.db.store import Store
from bookwish_desk.shop.upload import CancelUpload, StatusUpload, StockUpload, Upload
from tests.support.books import new_store
from tests.support.shops import NOON, FrozenClock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path, clock=FrozenClock())
    yield opened
    opened.close()


def post(store: Store, *uploads: tuple[str, Upload]) -> list[str]:
    with store.write() as tx:
        netbox.post(tx, uploads)
    return [job.id for job in every(store)][-len(uploads) :]


def every(store: Store) -> list[Job]:
    with store.read() as conn:
        ids = conn.exec_driver_sql("SELECT id FROM outbox ORDER BY id").scalars().all()
        return [job for x in ids if (job := netbox.by_id(conn, x))]


def due(store: Store, at: int = NOON + 60_000, most: int = 99) -> list[str]:
    with store.read() as conn:
        return [job.id for job in netbox.due(conn, at, most)]


def stock(sku: str, by: int = 1) -> tuple[str, Upload]:
    return sku, StockUpload(sku, by, "receive")


def status(order: str, word: str = "processing") -> tuple[str, Upload]:
    return order, StatusUpload(order, word)


def begin(store: Store, *ids: str, body: bytes = b"{}", register: int = 1) -> list[bool]:
    with store.write() as tx:
        return [netbox.begin(tx, job_id, body, register) for job_id in ids]


def move(store: Store, job_id: str, state: outbox.State, **more: object) -> bool:
    with store.write() as tx:
        was = ("new", "sending", "uncertain", "refused", "dead")
        return netbox.move(tx, job_id, state, "said", was=was, **more)  # type: ignore[arg-type]


def test_a_row_keeps_what_it_says_and_of_what_it_is(store: Store) -> None:
    (one,) = post(store, ("9780156701600", StockUpload("9780156701600", -2, "damaged", "BW-1")))
    (job,) = every(store)
    assert (job.id, job.channel, job.kind, job.ref, job.state) == (
        one,
        "net",
        "stock",
        "9780156701600",
        "new",
    )
    assert netbox.upload_of(job) == StockUpload("9780156701600", -2, "damaged", "BW-1")
    assert (job.sent_at, job.looks, job.body) == (0, 0, b"")


def test_what_keeps_others_from_buying_what_is_gone_goes_first(store: Store) -> None:
    cancel = ("order", CancelUpload("order"))
    ids = post(store, cancel, status("other"), stock("A"))
    assert due(store) == [ids[2], ids[1], ids[0]]
    assert due(store, most=2) == [ids[2], ids[1]]
    assert due(store, most=0) == []


def test_of_one_thing_only_the_oldest_is_due(store: Store) -> None:
    first, second, other = post(store, stock("A"), stock("A", 2), stock("B"))
    assert due(store) == [first, other]
    move(store, first, "done")
    assert due(store) == [second, other]


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_behind_what_may_be_on_its_way_nothing_of_it_is_due_and_everything_else_is(
    store: Store, state: outbox.State
) -> None:
    first, _second, other = post(store, stock("A"), stock("A", 2), stock("B"))
    begin(store, first)
    move(store, first, state)
    assert due(store) == [other]


@pytest.mark.parametrize("state", ["refused", "dead", "dropped", "done"])
def test_what_waits_for_a_person_blocks_nothing(store: Store, state: outbox.State) -> None:
    first, second, other = post(store, stock("A"), stock("A", 2), stock("B"))
    begin(store, first)
    move(store, first, state)
    assert due(store) == [second, other]


def test_a_row_that_was_put_off_waits_and_keeps_what_is_behind_it(store: Store) -> None:
    first, _second, other = post(store, stock("A"), stock("A", 2), stock("B"))
    move(store, first, "new", next_try_at=NOON + 50_000)
    assert due(store, NOON + 40_000) == [other]
    assert due(store, NOON + 50_000)[0] == first
    with store.read() as conn:
        assert netbox.next_moment(conn, NOON + 40_000) == NOON + 40_000
    move(store, other, "done")
    with store.read() as conn:
        assert netbox.next_moment(conn, NOON + 40_000) == NOON + 50_000, (
            "not when its follower could have gone"
        )


def test_a_clock_that_was_put_back_holds_nothing_up(store: Store) -> None:
    (first,) = post(store, stock("A"))
    later = NOON + 40_000 + netbox.MOST_WAIT_MS
    move(store, first, "new", next_try_at=later)
    assert due(store, NOON + 39_000) == [first], "nothing is put off for so long"
    assert due(store, NOON + 40_000) == []
    with store.read() as conn:
        assert netbox.next_moment(conn, NOON + 39_000) == NOON + 39_000
        assert netbox.next_moment(conn, NOON + 40_000) == later


def test_nothing_to_send_is_no_moment(store: Store) -> None:
    with store.read() as conn:
        assert netbox.next_moment(conn, NOON) is None


def test_of_one_thing_two_senders_get_one_row(store: Store) -> None:
    first, second, other = post(store, stock("A"), stock("A", 2), stock("B"))
    assert begin(store, first, second, other, first) == [True, False, True, False]
    states = {job.id: job.state for job in every(store)}
    assert states == {first: "sending", second: "new", other: "sending"}


def test_a_repeat_of_a_sale_sends_the_same_bytes_and_one_that_was_refused_is_put_together_anew(
    store: Store,
) -> None:
    row = {
        "id": "s1", "channel": "net", "kind": "sale", "ref": "sale", "register": 1, "device": "", "copy": 0,
        "payload": b"", "state": "new", "created_at": NOON, "next_try_at": NOON, "expires_at": None,
    }  # fmt: skip
    with store.write() as tx:
        add(tx.conn, "outbox", row)
    begin(store, "s1", body=b"first")
    move(store, "s1", "new")
    assert begin(store, "s1", body=b"second") == [True]
    (job,) = every(store)
    assert (job.body, job.attempts) == (b"first", 2) and job.sent_at > NOON
    move(store, "s1", "new", forget=True, afresh=True)
    assert begin(store, "s1", body=b"third") == [True]
    (job,) = every(store)
    assert (job.body, job.attempts) == (b"third", 3), "tries are told apart, also after a person decided"
    move(store, "s1", "done")
    assert every(store)[0].body == b""


def test_after_a_crash_nobody_knows_of_what_this_register_was_sending(store: Store) -> None:
    first, second, _ = post(store, stock("A"), stock("B"), stock("C"))
    begin(store, first, register=1)
    begin(store, second, register=2)
    with store.write() as tx:
        assert netbox.stop(tx, 1, "It stopped.") == 1
    assert [job.state for job in every(store)] == ["uncertain", "sending", "new"]
    assert every(store)[0].status == "It stopped."
    with store.write() as tx:
        assert netbox.stop(tx, None, "It stopped.") == 1
    with store.read() as conn:
        assert netbox.count(conn) == netbox.UploadCount(waiting=1, uncertain=2)


def test_looks_are_counted_and_after_the_last_a_person_decides(store: Store) -> None:
    (first,) = post(store, stock("A"))
    begin(store, first)
    move(store, first, "uncertain", next_try_at=NOON)
    at = NOON + 60_000
    for no in range(netbox.LOOKS):
        with store.read() as conn:
            assert [job.looks for job in netbox.to_look_up(conn, at)] == [no]
        with store.write() as tx:
            netbox.looked(tx, first, "Not there.", at + 100_000)
        with store.read() as conn:
            assert netbox.to_look_up(conn, at) == ()
        at += 100_000
    with store.read() as conn:
        assert netbox.to_look_up(conn, at + 1) == ()
        assert netbox.next_moment(conn, at + 1) is None
        assert netbox.count(conn).uncertain == 1


def test_looking_further_can_be_given_up_at_once(store: Store) -> None:
    (first,) = post(store, stock("A"))
    begin(store, first)
    move(store, first, "uncertain", next_try_at=NOON)
    with store.write() as tx:
        netbox.looked(tx, first, "There is no list.", NOON, last=True)
    with store.read() as conn:
        assert netbox.to_look_up(conn, NOON + 60_000) == ()


def test_what_is_open_is_listed_with_what_is_stuck_first(store: Store) -> None:
    ids = post(store, stock("A"), stock("B"), stock("C"), stock("D"))
    begin(store, ids[1], ids[3])
    move(store, ids[1], "done")
    move(store, ids[3], "refused")
    with store.read() as conn:
        assert [job.id for job in netbox.unfinished(conn)] == [ids[3], ids[0], ids[2]]
        assert len(netbox.unfinished(conn, 1)) == 1
        assert netbox.count(conn) == netbox.UploadCount(waiting=2, refused=1)
        assert outbox.unfinished(conn) == (), "no job for a device"
        assert outbox.jobs_about(conn, "A", "stock") == 0
    assert outbox_left_alone(store)


def outbox_left_alone(store: Store) -> bool:
    with store.write() as tx:
        return outbox.stop(tx, 1, "") == () and outbox.expire(tx, 1) == 0


KINDS: dict[str, tuple[str, Upload]] = {
    "stock A": stock("A"), "stock B": stock("B"), "status x": status("x"), "status y": status("y"),
    "cancel x": ("x", CancelUpload("x")),
}  # fmt: skip
FATES: tuple[outbox.State, ...] = ("done", "uncertain", "refused", "new")


@pytest.mark.capability("BW-38")
def test_whatever_happens_nothing_passes_an_older_one_of_its_own(store: Store) -> None:
    @settings(max_examples=25)
    @given(
        st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=8),
        st.lists(st.tuples(st.sampled_from(FATES), st.integers(1, 4)), max_size=10),
    )
    def holds(names: list[str], fates: list[tuple[outbox.State, int]]) -> None:
        with store.write() as tx:
            tx.conn.exec_driver_sql("DELETE FROM outbox")
        send_all(store, post(store, *(KINDS[x] for x in names)), fates)

    holds()


def send_all(store: Store, ids: list[str], fates: list[tuple[outbox.State, int]]) -> None:
    settled: set[str] = set()
    for fate, most in (*fates, *((("done", 9),) * len(ids))):
        jobs = {job.id: job for job in every(store)}
        found = due(store, most=most)
        assert len(found) <= most
        assert len({jobs[x].ref for x in found}) == len(found), "one of each thing"
        for job_id in found:
            mine = jobs[job_id]
            others = [j for j in jobs.values() if j.ref == mine.ref and j.id != job_id]
            assert all(j.state not in ("sending", "uncertain") for j in others)
            assert all(j.id > job_id for j in others if j.state == "new" and j.kind == mine.kind)
        assert begin(store, *found) == [True] * len(found)
        for job_id in found:
            move(store, job_id, fate)
        settled |= set(found) if fate != "new" else set()
        assert not settled & set(due(store)), "what is settled is never due"
    for job in every(store):
        if job.state == "uncertain":
            move(store, job.id, "done")
    for _ in ids:
        found = due(store)
        begin(store, *found)
        for job_id in found:
            move(store, job_id, "done")
    assert {job.state for job in every(store)} <= {"done", "refused"}, "then everything goes"

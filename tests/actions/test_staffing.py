"""Signing in, lock-out, badges, a manager's approval and the owner's recovery, with real argon2 hashes."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from bookwish_desk.actions import hiring, pins, selling, staffing
from bookwish_desk.actions.staffing import SignIn
from bookwish_desk.db import outbox, people, tables
from bookwish_desk.settings import Settings
from bookwish_desk.shop import journal
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.slip import Code, Slip
from bookwish_desk.shop.staff import Actor, Person
from tests.support.shops import FrozenClock, found_shop, hire, printer

PIN, PEPPER = "2580", b"p" * 32
HASH = pins.hash_pin(PIN, None)
PRINTS = Settings(shop_name="Test Books", devices=(printer(),))


class Shop:
    """A founded shop with an owner, a manager and a clerk, whose PIN is the same for speed."""

    def __init__(self, folder: Path) -> None:
        self.clock = FrozenClock()
        self.folder = folder
        self.store, self.owner = found_shop(folder, PRINTS, self.clock)
        self.manager, self.clerk = hire(self.store, "manager", "Mo Manager"), hire(self.store, "staff")
        with self.store.write() as tx:
            tx.conn.execute(update(tables.staff).values(pin_hash=HASH))

    def kinds(self) -> list[str]:
        with self.store.read() as conn:
            return list(conn.execute(select(tables.journal.c.kind).order_by(tables.journal.c.seq)).scalars())

    def last(self) -> tuple[str, str, Any]:
        with self.store.read() as conn:
            row = conn.execute(select(tables.journal).order_by(tables.journal.c.seq.desc())).first()
        assert row is not None
        return row.kind, row.staff, msgspec.json.decode(row.body)

    def column(self, actor: Actor, name: str) -> Any:
        with self.store.read() as conn:
            return conn.execute(
                select(tables.staff.c[name]).where(tables.staff.c.id == actor.staff)
            ).scalar_one()

    def sign_in(self, actor: Actor, pin: str, pepper: bytes | None = None) -> SignIn:
        proof = pins.verify(staffing.begin_pin(self.store, actor.staff).value, pin, pepper)
        return staffing.sign_in(self.store, 1, proof).value

    def guess(self, actor: Actor, times: int) -> SignIn:
        """Type a wrong PIN, without the cost of a real hash."""
        done = SignIn()
        for _ in range(times):
            done = staffing.sign_in(self.store, 1, pins.Proof(actor.staff, ok=False)).value
        return done


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    made = Shop(tmp_path / "shop")
    yield made
    made.store.close()


@pytest.mark.capability("BW+12")
def test_the_right_pin_signs_in_and_is_journalled(shop: Shop) -> None:
    done = shop.sign_in(shop.clerk, PIN)
    assert done.person == Person(shop.clerk.staff, "Sam Staff", "staff")
    assert shop.last() == ("staff.signed_in", shop.clerk.staff, {"by": "pin"})


@pytest.mark.capability("BW+12")
def test_a_wrong_pin_is_refused_counted_and_journalled(shop: Shop) -> None:
    done = shop.sign_in(shop.clerk, "2581")
    assert (done.person, done.fault, done.wait_seconds) == (None, "That is not the right PIN.", 0)
    assert shop.last() == ("staff.pin_wrong", shop.clerk.staff, {"failures": 1})
    assert shop.sign_in(shop.clerk, PIN).person is not None
    assert shop.column(shop.clerk, "failures") == 0


@pytest.mark.capability("BW+12")
def test_after_five_wrong_pins_one_must_wait_longer_and_longer(shop: Shop) -> None:
    assert shop.guess(shop.clerk, 4).wait_seconds == 0
    assert shop.guess(shop.clerk, 1).wait_seconds == 30
    assert shop.kinds()[-2:] == ["staff.pin_wrong", "staff.locked"]
    with pytest.raises(Refused) as refused:
        staffing.begin_pin(shop.store, shop.clerk.staff)
    assert (refused.value.code, refused.value.facts["seconds"]) == ("wait", 30)
    assert refused.value.message == "Too many wrong PINs. Wait 30 seconds, then try again."
    shop.clock.at += 31_000
    staffing.begin_pin(shop.store, shop.clerk.staff)
    assert shop.guess(shop.clerk, 1).wait_seconds == 60
    assert "2 minutes" in shop.guess(shop.clerk, 1).fault
    staffing.begin_pin(shop.store, shop.manager.staff)  # nobody else has to wait


def test_a_restart_does_not_end_the_wait(shop: Shop) -> None:
    shop.guess(shop.clerk, 5)
    shop.store.close()
    from bookwish_desk.db.store import open_store

    shop.store = open_store(shop.folder, clock=shop.clock)
    with pytest.raises(Refused, match="Wait"):
        staffing.begin_pin(shop.store, shop.clerk.staff)


def test_a_clock_put_back_neither_ends_the_wait_nor_makes_it_last(shop: Shop) -> None:
    shop.guess(shop.clerk, 5)
    shop.clock.at -= 7_200_000
    with pytest.raises(Refused) as refused:
        staffing.begin_pin(shop.store, shop.clerk.staff)
    assert refused.value.facts["seconds"] == 30


def test_a_clock_put_forward_does_not_forget_the_failures(shop: Shop) -> None:
    shop.guess(shop.clerk, 5)
    shop.clock.at += 31_536_000_000
    assert shop.guess(shop.clerk, 1).wait_seconds == 60


def test_whoever_left_or_never_was_is_checked_as_long_and_refused(shop: Shop) -> None:
    hiring.deactivate(shop.store, shop.owner, shop.clerk.staff)
    for staff_id in (shop.clerk.staff, "nobody"):
        check = staffing.begin_pin(shop.store, staff_id).value
        assert not check.stored
        proof = pins.verify(check, PIN, None)
        assert not proof.ok
        assert staffing.sign_in(shop.store, 1, proof).value.fault == "This person does not work here now."


def test_a_proof_of_an_older_pin_is_worth_nothing(shop: Shop) -> None:
    proof = pins.verify(staffing.begin_pin(shop.store, shop.clerk.staff).value, PIN, None)
    hiring.set_pin(shop.store, shop.owner, shop.clerk.staff, pins.hash_pin("9753", None))
    assert "changed just now" in staffing.sign_in(shop.store, 1, proof).value.fault


def test_a_hash_tells_nothing_and_follows_the_rfc() -> None:
    made = pins.hash_pin(PIN, None)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert made != HASH
    assert PIN not in repr(pins.PinCheck("s", "Sam", Secret(PIN)))


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "1111", "1234", "9876", "", "１２３５"])
def test_a_pin_that_is_none_or_easy_is_refused(pin: str) -> None:
    with pytest.raises(Refused):
        pins.hash_pin(pin, None)


def test_a_later_keyring_locks_nobody_out_and_the_hash_is_renewed(shop: Shop) -> None:
    assert shop.sign_in(shop.clerk, PIN, PEPPER).person is not None
    kept = shop.column(shop.clerk, "pin_hash")
    assert kept != HASH
    assert kept.startswith("peppered-")
    assert shop.sign_in(shop.clerk, PIN, PEPPER).person is not None
    assert shop.column(shop.clerk, "pin_hash") == kept
    assert shop.sign_in(shop.clerk, "2581", PEPPER).person is None


@pytest.mark.parametrize("pepper", [None, b"q" * 32])
def test_without_its_keyring_a_pin_is_not_called_wrong(shop: Shop, pepper: bytes | None) -> None:
    check = pins.PinCheck("s", "Sam", Secret(pins.hash_pin(PIN, PEPPER)))
    with pytest.raises(Refused) as refused:
        pins.verify(check, PIN, pepper)
    assert refused.value.code == "no_pepper"


# ---- badges ----


def badge_of(shop: Shop, actor: Actor) -> str:
    """Make a badge and return the code on the slip that is to be printed."""
    hiring.new_badge(shop.store, shop.owner, actor.staff)
    with shop.store.read() as conn:
        job = outbox.unfinished(conn)[-1]
    slip = msgspec.json.decode(job.payload, type=Slip)
    return next(e.text for e in slip.elements if isinstance(e, Code))


@pytest.mark.capability("BW+12")
def test_a_badge_signs_in_until_there_is_a_new_one(shop: Shop) -> None:
    first = badge_of(shop, shop.clerk)
    done = staffing.sign_in_badge(shop.store, 1, f"{first}\r").value
    assert done.person is not None
    assert done.person.name == "Sam Staff"
    assert shop.last() == ("staff.signed_in", shop.clerk.staff, {"by": "badge"})
    badge_of(shop, shop.clerk)
    assert staffing.sign_in_badge(shop.store, 1, first).value.person is None
    assert shop.last()[0] == "staff.badge_unknown"


def test_only_a_hash_of_a_badge_is_kept_once_it_is_printed(shop: Shop) -> None:
    code = badge_of(shop, shop.clerk)
    with shop.store.write() as tx:
        job = outbox.unfinished(tx.conn)[-1]
        outbox.set_state(tx, job.id, "sending", "", was="queued", data=code.encode())
        outbox.set_state(tx, job.id, "printed", "", was="sending")
    with shop.store.read() as conn:
        row = conn.execute(select(tables.outbox).where(tables.outbox.c.id == job.id)).one()
        assert (row.payload, row.bytes) == (b"", None)
        for table in tables.shop.sorted_tables:
            assert code not in str(conn.execute(select(table)).all())


def test_a_badge_that_was_not_printed_in_time_is_not_kept_either(shop: Shop) -> None:
    from bookwish_desk.actions import outgoing

    badge_of(shop, shop.clerk)
    shop.clock.at += 3_600_000
    outgoing.due(shop.store, 1, "receipt-printer", "paper")
    with shop.store.read() as conn:
        job = outbox.unfinished(conn)[-1]
    assert (job.state, job.payload) == ("expired", b"")
    with pytest.raises(Refused, match="Make a new one"):
        outgoing.decide(shop.store, shop.owner, job.id, "again")


@pytest.mark.parametrize("code", ["S-AAAAAAAAAAAA", "9780156701600", "", "R1-000001"])
def test_a_badge_that_nobody_has_signs_nobody_in(shop: Shop, code: str) -> None:
    assert staffing.sign_in_badge(shop.store, 1, code).value.person is None


def test_a_lost_badge_and_one_of_somebody_who_left_sign_nobody_in(shop: Shop) -> None:
    lost = badge_of(shop, shop.clerk)
    hiring.remove_badge(shop.store, shop.owner, shop.clerk.staff)
    assert staffing.sign_in_badge(shop.store, 1, lost).value.person is None
    old = badge_of(shop, shop.clerk)
    hiring.deactivate(shop.store, shop.owner, shop.clerk.staff)
    assert staffing.sign_in_badge(shop.store, 1, old).value.person is None


def test_leaving_and_locking_are_journalled(shop: Shop) -> None:
    staffing.leave(shop.store, shop.clerk, "signed_out")
    assert shop.last()[:2] == ("staff.signed_out", shop.clerk.staff)
    staffing.leave(shop.store, shop.clerk, "locked_idle")
    assert shop.last()[:2] == ("staff.locked_idle", shop.clerk.staff)
    before = shop.kinds()
    staffing.leave(shop.store, Actor(""), "locked")
    assert shop.kinds() == before


# ---- approvals ----


def approve(shop: Shop, by: Actor, permission: str, ref: str, pin: str = PIN) -> staffing.Approval:
    proof = pins.verify(staffing.begin_pin(shop.store, by.staff).value, pin, None)
    return staffing.approve(shop.store, shop.clerk, proof, permission, ref).value


@pytest.fixture
def line(shop: Shop) -> tuple[str, str]:
    """Return a draft and a line in it whose price the clerk may not change."""
    rung = selling.add(shop.store, shop.clerk, Item("A", "Orlando", price_cents=1699)).value
    assert rung.draft is not None
    return rung.draft.id, rung.draft.lines[0].id


def with_approval(shop: Shop, made: staffing.Approval) -> Actor:
    return msgspec.structs.replace(shop.clerk, approval=made.id)


@pytest.mark.capability("BW+12")
def test_a_managers_pin_lets_one_action_through_once(shop: Shop, line: tuple[str, str]) -> None:
    with pytest.raises(NeedsApproval) as needs:
        selling.set_price(shop.store, shop.clerk, *line, 999, "Damaged")
    made = approve(shop, shop.manager, str(needs.value.facts["permission"]), str(needs.value.facts["ref"]))
    kind, staff, body = shop.last()
    assert (kind, staff) == ("approval.given", shop.manager.staff)
    assert (body["by"], body["for"], body["permission"]) == ("Mo Manager", "Sam Staff", "sale.price")
    selling.set_price(shop.store, with_approval(shop, made), *line, 999, "Damaged")
    assert "approval.used" in shop.kinds()
    with pytest.raises(NeedsApproval):
        selling.set_price(shop.store, with_approval(shop, made), *line, 1, "Damaged")


def test_an_approval_is_for_one_permission_one_ref_and_one_person(shop: Shop, line: tuple[str, str]) -> None:
    other = hire(shop.store, "staff", "Oda Other")
    for permission, ref, actor in (
        ("sale.void", line[0], shop.clerk),
        ("sale.price", "another sale", shop.clerk),
        ("sale.price", line[0], other),
    ):
        made = approve(shop, shop.manager, permission, ref)
        assert made.id
        with pytest.raises(NeedsApproval):
            used = msgspec.structs.replace(actor, approval=made.id)
            selling.set_price(shop.store, used, *line, 999, "Damaged")


@pytest.mark.parametrize("moved_ms", [120_001, -7_200_000])
def test_an_approval_ends_after_two_minutes_also_with_a_clock_put_back(
    shop: Shop, line: tuple[str, str], moved_ms: int
) -> None:
    made = approve(shop, shop.manager, "sale.price", line[0])
    shop.clock.at += moved_ms
    with pytest.raises(NeedsApproval):
        selling.set_price(shop.store, with_approval(shop, made), *line, 999, "Damaged")


def test_who_may_not_do_it_cannot_approve_it_and_wrong_pins_count(shop: Shop) -> None:
    other = hire(shop.store, "staff", "Oda Other")
    with shop.store.write() as tx:
        tx.conn.execute(update(tables.staff).values(pin_hash=HASH))
    refused = approve(shop, other, "sale.price", "x")
    assert (refused.id, refused.fault) == ("", "Oda Other may not approve this: change a price.")
    wrong = approve(shop, shop.manager, "sale.price", "x", "2581")
    assert (wrong.id, wrong.fault) == ("", "That is not the right PIN.")
    assert shop.column(shop.manager, "failures") == 1
    with shop.store.read() as conn:
        assert conn.execute(select(tables.approvals)).all() == []
        names = [p.name for p in people.holders(conn, "sale.price")]
    assert names == ["Olive Owner", "Mo Manager"]


# ---- an owner who forgot the PIN ----


@pytest.mark.capability("BW+12")
def test_the_recovery_code_gives_an_owner_a_new_pin_once(shop: Shop) -> None:
    from bookwish_desk.actions import securing
    from bookwish_desk.shop.recovery import new_owner_code

    code = new_owner_code()
    securing.renew_recovery(shop.store, shop.owner, pins.hash_code(code))
    stored = shop.store.settings.recovery_hash
    assert stored.startswith("$argon2id$")
    assert not pins.verify_code(stored, new_owner_code())
    assert not pins.verify_code("", code)
    assert pins.verify_code(stored, code)
    shop.guess(shop.owner, 6)
    fresh = pins.hash_pin("8024", PEPPER)
    staffing.recover_owner(shop.store, 1, shop.owner.staff, stored, fresh, "$argon2id$next")
    assert shop.last()[0] == "owner.recovered"
    assert shop.sign_in(shop.owner, "8024", PEPPER).person is not None
    with pytest.raises(Refused, match="used already"):
        staffing.recover_owner(shop.store, 1, shop.owner.staff, stored, fresh, "")


def test_the_recovery_code_is_for_owners_only(shop: Shop) -> None:
    from bookwish_desk.actions import securing

    securing.renew_recovery(shop.store, shop.owner, "$hash")
    with pytest.raises(Refused, match="to an owner only"):
        staffing.recover_owner(shop.store, 1, shop.manager.staff, "$hash", "x", "y")
    with pytest.raises(Refused, match="Only an owner"):
        securing.renew_recovery(shop.store, shop.manager, "$mine")
    staffing.recovery_failed(shop.store, 1)
    assert shop.last()[0] == "owner.recovery_wrong"


def test_no_pin_stands_in_the_database_or_breaks_the_journal(shop: Shop) -> None:
    shop.sign_in(shop.clerk, PIN)
    shop.sign_in(shop.clerk, "2581")
    with shop.store.read() as conn:
        rows = conn.execute(select(tables.journal).order_by(tables.journal.c.seq)).all()
        everything = str([conn.execute(select(t)).all() for t in (tables.journal, tables.settings)])
    assert '"2580"' not in everything
    assert '"2581"' not in everything
    entries = [journal.Entry(**r._mapping) for r in rows]
    assert journal.verify(entries, None) == []

"""A shop is made from a plan, with its keys, in one go; what was cut short before is cleared away."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from bookwish_desk.actions import pins, staffing
from bookwish_desk.actions.setting_up import NewPerson, SetupPlan, set_up
from bookwish_desk.db import outbox, people, tables
from bookwish_desk.db.store import open_store
from bookwish_desk.keychain import Keychain, Keys, Mark, keys_of, read_mark, write_mark
from bookwish_desk.settings import Settings
from bookwish_desk.shop import journal
from bookwish_desk.shop.errors import Refused, StorageError
from bookwish_desk.shop.recovery import key_from_recovery, new_owner_code
from bookwish_desk.shop.secret import Secret
from tests.support.keyrings import FakeKeyring
from tests.support.shops import FrozenClock, printer

KEY = bytes(range(32))
CODE = new_owner_code()
PLAN = SetupPlan(
    Settings(shop_name="Corner Books", currency="EUR", devices=(printer(),)),
    register_name="Front desk",
    owner_name="Olive Owner",
    owner_pin=Secret("2580"),
    owner_code=CODE,
    staff=(NewPerson("Sam", "staff", Secret("8024")),),
)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash cheaply: what argon2 costs is another test's business."""
    from argon2 import PasswordHasher

    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: cheap)


def with_ring(ring: FakeKeyring) -> Callable[[], Keychain]:
    return lambda: Keychain(ring)


def without_ring() -> Keychain:
    raise StorageError("no_keyring", "This computer has no keyring.")


def test_a_plan_hides_its_secrets() -> None:
    shown = repr(replace(PLAN, database_key=Secret(KEY.hex())))
    for secret in ("2580", "8024", CODE.reveal(), KEY.hex()):
        assert secret not in shown
    with pytest.raises(TypeError):
        msgspec.json.encode(PLAN)


def test_a_shop_is_founded_with_its_people(tmp_path: Path) -> None:
    store, keys = set_up(tmp_path / "shop", PLAN, without_ring, FrozenClock())
    assert keys == Keys()
    assert (store.settings.shop_name, store.settings.set_up, store.settings.encrypted) == (
        "Corner Books", True, False,
    )  # fmt: skip
    assert read_mark(tmp_path / "shop") == Mark(store.settings.shop_id, keyring=False)
    with store.read() as conn:
        staff = people.staff(conn)
        entries = [journal.Entry(**r._mapping) for r in conn.execute(select(tables.journal)).all()]
    assert [(p.name, p.role) for p in staff] == [("Olive Owner", "owner"), ("Sam", "staff")]
    assert [e.kind for e in entries] == ["shop.founded", "staff.added"]
    for person, pin in zip(staff, ("2580", "8024"), strict=True):
        proof = pins.verify(staffing.begin_pin(store, person.id).value, pin, None)
        assert staffing.sign_in(store, 1, proof).value.person == person
    assert pins.verify_code(store.settings.recovery_hash, CODE)
    store.close()


def test_an_encrypted_shop_opens_with_its_keys_alone(tmp_path: Path) -> None:
    ring, folder = FakeKeyring(), tmp_path / "shop"
    plan = replace(PLAN, database_key=Secret(KEY.hex()))
    store, keys = set_up(folder, plan, with_ring(ring), FrozenClock())
    assert store.settings.encrypted
    assert read_mark(folder) == Mark(store.settings.shop_id, encrypted=True)
    store.close()
    assert keys_of(folder, with_ring(ring)) == keys
    assert not (folder / "shop.db").read_bytes().startswith(b"SQLite")
    for wrong in (None, "0" * 64):
        with pytest.raises(StorageError):
            open_store(folder, key=wrong)
    again = open_store(folder, key=keys.database, journal_key=keys.journal)
    with again.read() as conn:
        entries = [journal.Entry(**r._mapping) for r in conn.execute(select(tables.journal)).all()]
        stored = conn.execute(select(tables.staff.c.pin_hash)).scalars().all()
    again.close()
    assert all(e.keyed for e in entries)
    assert journal.verify(entries, keys.journal) == []
    assert all(s.startswith("peppered-") for s in stored)


def test_encryption_without_a_keyring_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no keyring"):
        set_up(tmp_path / "shop", replace(PLAN, database_key=Secret(KEY.hex())), without_ring)
    assert not (tmp_path / "shop").exists()


def test_the_papers_are_printed_when_they_are_wanted(tmp_path: Path) -> None:
    plan = replace(PLAN, database_key=Secret(KEY.hex()), print_keys=True)
    store, _ = set_up(tmp_path / "shop", plan, with_ring(FakeKeyring()), FrozenClock())
    with store.read() as conn:
        jobs = outbox.unfinished(conn)
    store.close()
    assert [(j.kind, j.ref) for j in jobs] == [("key", "Owner's recovery code"), ("key", "Recovery key")]
    assert CODE.reveal().encode() in jobs[0].payload
    lines = [e["text"] for e in msgspec.json.decode(jobs[1].payload)["elements"] if e["type"] == "words"]
    assert key_from_recovery("".join(x for x in lines if x.count("-") == 3)) == KEY


def test_a_first_start_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    ring, folder = FakeKeyring(), tmp_path / "shop"
    chain = Keychain(ring)
    chain.store("lost", "database key", b"o" * 32)
    folder.mkdir()
    write_mark(folder, Mark("lost", encrypted=True))
    keys = keys_of(folder, with_ring(ring))
    open_store(folder, key=keys.database).close()
    store, _ = set_up(folder, PLAN, with_ring(ring), FrozenClock())
    assert store.settings.set_up
    assert not store.settings.encrypted
    store.close()


def test_a_plan_that_fails_leaves_nothing_founded(tmp_path: Path) -> None:
    twin = replace(PLAN, staff=(NewPerson("olive owner", "staff", Secret("8024")),))
    with pytest.raises(Refused, match="name of their own"):
        set_up(tmp_path / "shop", twin, without_ring)
    store, _ = set_up(tmp_path / "shop", PLAN, without_ring)
    store.close()


def test_a_shop_is_not_founded_twice(tmp_path: Path) -> None:
    store, _ = set_up(tmp_path / "shop", PLAN, without_ring)
    shop_id = store.settings.shop_id
    store.close()
    with pytest.raises(Refused, match="a shop in this folder already"):
        set_up(tmp_path / "shop", PLAN, without_ring)
    again = open_store(tmp_path / "shop")
    assert again.settings.shop_id == shop_id
    again.close()


def test_a_weak_pin_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="harder to guess"):
        set_up(tmp_path / "shop", replace(PLAN, owner_pin=Secret("1111")), without_ring)
    assert not (tmp_path / "shop" / "shop.db").exists()

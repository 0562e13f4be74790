"""People, roles and permissions: what an owner may edit, what nobody else may, and that an owner stays."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from bookwish_desk.actions import configuring, hiring, selling
from bookwish_desk.actions.pins import Proof
from bookwish_desk.db import people, tables
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import PERMISSIONS, ROLE_DEFAULTS, Actor
from tests.support.shops import found_shop, hire


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    store, owner = found_shop(tmp_path / "shop")
    yield store, owner
    store.close()


def names(store: Store, *, left: bool = False) -> list[str]:
    with store.read() as conn:
        return [p.name for p in people.staff(conn, left=left)]


def last(store: Store) -> tuple[str, Any]:
    with store.read() as conn:
        row = conn.execute(select(tables.journal).order_by(tables.journal.c.seq.desc())).first()
    assert row is not None
    return row.kind, msgspec.json.decode(row.body)


@pytest.mark.capability("BW+12")
def test_an_owner_takes_people_on(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    done = hiring.add_person(store, owner, "  Zoë <b>Clerk</b> ", "staff", "!")
    hiring.add_person(store, owner, "Ann Manager", "manager", "!")
    assert done.value.name == "Zoë <b>Clerk</b>"
    assert done.changes >= {"staff", "journal"}
    assert names(store) == ["Olive Owner", "Ann Manager", "Zoë <b>Clerk</b>"]
    assert last(store) == ("staff.added", {"name": "Ann Manager", "role": "manager"})


@pytest.mark.parametrize("name", ["", "   ", "olive OWNER", "4111 1111 1111 1111"])
def test_a_name_that_is_missing_taken_or_a_card_is_refused(shop: tuple[Store, Actor], name: str) -> None:
    store, owner = shop
    with pytest.raises(Refused):
        hiring.add_person(store, owner, name, "staff", "!")
    assert names(store) == ["Olive Owner"]


def test_a_person_is_renamed(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    hiring.rename(store, owner, clerk.staff, "Samira Staff")
    assert last(store) == ("staff.renamed", {"before": "Sam Staff", "after": "Samira Staff"})
    hiring.rename(store, owner, clerk.staff, "Samira Staff")  # her own name is no clash
    with pytest.raises(Refused, match="already a Olive Owner"):
        hiring.rename(store, owner, clerk.staff, "Olive Owner")


@pytest.mark.capability("BW+12")
def test_there_is_always_an_owner(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with pytest.raises(Refused) as refused:
        hiring.change_role(store, owner, owner.staff, "staff")
    assert refused.value.code == "last_owner"
    other = hire(store, "owner", "Oda Owner")
    hiring.deactivate(store, owner, other.staff)
    hiring.reactivate(store, owner, other.staff)
    hiring.change_role(store, owner, owner.staff, "staff")
    with pytest.raises(Refused, match="yourself"):
        hiring.deactivate(store, other, other.staff)
    with pytest.raises(Refused) as refused:
        hiring.change_role(store, other, other.staff, "manager")
    assert refused.value.code == "last_owner"


def test_who_left_is_kept_but_not_shown(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    hiring.deactivate(store, owner, clerk.staff)
    assert names(store) == ["Olive Owner"]
    assert names(store, left=True) == ["Olive Owner", "Sam Staff"]
    hiring.add_person(store, owner, "Sam Staff", "staff", "!")
    with pytest.raises(Refused, match="already a Sam Staff"):
        hiring.reactivate(store, owner, clerk.staff)


@pytest.mark.capability("BW+12")
@pytest.mark.parametrize("role", ["manager", "staff"])
def test_nobody_else_edits_staff(shop: tuple[Store, Actor], role: str) -> None:
    store, owner = shop
    who = hire(store, role)
    for attempt in (
        lambda: hiring.add_person(store, who, "New", "staff", "!"),
        lambda: hiring.rename(store, who, who.staff, "Boss"),
        lambda: hiring.change_role(store, who, who.staff, "owner"),
        lambda: hiring.set_pin(store, who, owner.staff, "mine"),
        lambda: hiring.new_badge(store, who, owner.staff),
        lambda: hiring.deactivate(store, who, owner.staff),
        lambda: hiring.set_role_permissions(store, who, "staff", frozenset(PERMISSIONS)),
    ):
        with pytest.raises(NeedsApproval):
            attempt()


@pytest.mark.capability("BW+12")
def test_who_may_edit_staff_still_cannot_touch_owners_or_become_one(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    hiring.set_role_permissions(store, owner, "manager", ROLE_DEFAULTS["manager"] | {"staff.edit"})
    manager = hire(store, "manager", "Mo")
    hiring.add_person(store, manager, "New", "staff", "!")
    for attempt in (
        lambda: hiring.add_person(store, manager, "Friend", "owner", "!"),
        lambda: hiring.change_role(store, manager, manager.staff, "owner"),
        lambda: hiring.set_pin(store, manager, owner.staff, "mine"),
        lambda: hiring.new_badge(store, manager, owner.staff),
        lambda: hiring.deactivate(store, manager, owner.staff),
        lambda: hiring.set_role_permissions(store, manager, "manager", frozenset(PERMISSIONS)),
    ):
        with pytest.raises(Refused, match="Only an owner"):
            attempt()


def test_a_pin_is_set_by_the_owner_or_with_the_old_one(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    hiring.set_pin(store, owner, clerk.staff, "first")
    hiring.set_pin(store, clerk, clerk.staff, "second", Proof(clerk.staff, True, Secret("first")))
    assert last(store) == ("staff.pin_set", {"name": "Sam Staff"})
    with pytest.raises(Refused, match="changed meanwhile"):
        hiring.set_pin(store, clerk, clerk.staff, "third", Proof(clerk.staff, True, Secret("first")))
    with pytest.raises(NeedsApproval):
        hiring.set_pin(store, clerk, clerk.staff, "third", Proof(clerk.staff, False, Secret("second")))
    with pytest.raises(NeedsApproval):
        hiring.set_pin(store, clerk, owner.staff, "third", Proof(owner.staff, True, Secret("!")))


def test_without_a_printer_there_is_no_badge(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    configuring.change_settings(store, owner, devices=())
    with pytest.raises(Refused, match="receipt printer"):
        hiring.new_badge(store, owner, owner.staff)
    with store.read() as conn:
        assert not people.staff(conn)[0].has_badge


@pytest.mark.capability("BW+12")
def test_what_a_role_may_do_is_data(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    clerk = hire(store, "staff")
    rung = selling.add(store, clerk, Item("A", "Orlando", price_cents=1699)).value
    assert rung.draft is not None
    args = (rung.draft.id, rung.draft.lines[0].id, 999, "Damaged")
    with pytest.raises(NeedsApproval):
        selling.set_price(store, clerk, *args)
    hiring.set_role_permissions(store, owner, "staff", frozenset({"sale.price"}))
    selling.set_price(store, clerk, *args)
    with store.read() as conn:
        held = people.role_permissions(conn)
    assert held["staff"] == {"sale.price"}
    assert held["owner"] == PERMISSIONS.keys()
    hiring.set_role_permissions(store, owner, "staff", frozenset())
    assert last(store) == ("staff.permissions", {"given": [], "taken": ["sale.price"]})


def test_an_owners_rights_and_unknown_ones_cannot_be_set(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with pytest.raises(Refused, match="everything"):
        hiring.set_role_permissions(store, owner, "owner", frozenset())
    with pytest.raises(Refused, match=r"sale\.fly"):
        hiring.set_role_permissions(store, owner, "staff", frozenset({"sale.fly"}))


def test_somebody_who_left_may_do_nothing(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    manager = hire(store, "manager", "Mo")
    hiring.deactivate(store, owner, manager.staff)
    with pytest.raises(Refused, match="Sign in first"):
        hiring.add_person(store, manager, "New", "staff", "!")

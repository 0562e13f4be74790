"""Customers are found by any words of name, e-mail and telephone; the journal does not name them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bookwish_desk.actions import customers
from bookwish_desk.db import tables
from bookwish_desk.db.store import Store
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.staff import Actor
from tests.support.shops import found_shop


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    store, owner = found_shop(tmp_path / "shop")
    for name, email, phone in (
        ("Łucja Nowak", "lucja@example.com", "+48 555 010 203"),
        ("Ann O'Brien", "ann_b@example.com", "(860) 555-0123"),
        ("<b>x</b>", "", ""),
        ("José Annual", "", "020 7946 0000"),
    ):
        customers.add(store, owner, name, email, phone)
    yield store, owner
    store.close()


def found(store: Store, words: str) -> list[str]:
    with store.read() as conn:
        return [c.name for c in customers.search(conn, words)]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("lucja", ["Łucja Nowak"]),
        ("NOWAK łu", ["Łucja Nowak"]),
        ("obrien", ["Ann O'Brien"]),
        ("o'b", ["Ann O'Brien"]),
        ("ann", ["Ann O'Brien", "José Annual"]),
        ("jose", ["José Annual"]),
        ("ann_b@example.com", ["Ann O'Brien"]),
        ("860 555", ["Ann O'Brien"]),
        ("5550123", ["Ann O'Brien"]),
        ("555-0123", ["Ann O'Brien"]),
        ("<b>", ["<b>x</b>", "Ann O'Brien"]),
        ("%", ["José Annual", "<b>x</b>", "Ann O'Brien", "Łucja Nowak"]),
        ("", ["José Annual", "<b>x</b>", "Ann O'Brien", "Łucja Nowak"]),
        ("nobody", []),
    ],
)
def test_search(shop: tuple[Store, Actor], words: str, names: list[str]) -> None:
    assert found(shop[0], words) == names


def test_a_customer_is_corrected_and_found_anew(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with store.read() as conn:
        (ann,) = customers.search(conn, "obrien")
    done = customers.edit(store, owner, ann.id, "Ann Brown", ann.email, ann.phone, "Likes poetry")
    assert done.changes == {"customers", "journal"}
    assert found(store, "brown") == ["Ann Brown"]
    assert found(store, "obrien") == []
    assert (
        customers.edit(store, owner, ann.id, "Ann Brown", ann.email, ann.phone, "Likes poetry").changes
        == set()
    )
    with pytest.raises(Refused, match="not in the shop's books"):
        customers.edit(store, owner, "nobody", "X")


def test_the_journal_does_not_say_who_a_customer_is(shop: tuple[Store, Actor]) -> None:
    with shop[0].read() as conn:
        kept = str(conn.execute(select(tables.journal)).all())
    assert "customer.added" in kept
    assert "Nowak" not in kept
    assert "example.com" not in kept


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("", ""),
        ("\x1b\x00", ""),
        ("Bo", "bo"),
        ("Bo", "bo@x"),
        ("Bo", "ANN_B@example.com"),
        ("4111111111111111", ""),
    ],
)
def test_no_name_no_address_or_one_known_already_is_refused(
    shop: tuple[Store, Actor], name: str, email: str
) -> None:
    with pytest.raises(Refused):
        customers.add(shop[0], shop[1], name, email)
    assert len(found(shop[0], "")) == 4


def test_another_address_that_only_looks_alike_is_taken(shop: tuple[Store, Actor]) -> None:
    customers.add(shop[0], shop[1], "Annxb", "annxb@example.com")
    assert found(shop[0], "annxb") == ["Annxb"]

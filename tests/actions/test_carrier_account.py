"""Tying the shop to an account with carriers: what of another account is worth nothing, what must wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookwish_desk import keychain
from bookwish_desk.actions import bought as notes
from bookwish_desk.actions import buying, carrier_account
from bookwish_desk.db import address_checks
from bookwish_desk.keychain import Keychain
from bookwish_desk.shop.carriage import CarrierAccount, CheckedAddress
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.secret import Secret
from tests.support.keyrings import FakeKeyring
from tests.support.orders import HOME
from tests.support.parcels import CONNECTED, ParcelDesk, bought, copied_desk
from tests.support.shops import hire

REAL = CarrierAccount("Test Books", test=False)
SAME = CarrierAccount("Test Books", test=CONNECTED.test)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ParcelDesk]:
    made = copied_desk(tmp_path / "shop")
    yield made
    made.store.close()


def test_the_same_account_again_keeps_what_was_priced(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    kept = carrier_account.connect(desk.store, desk.actor, CONNECTED.base, SAME).value
    assert kept.since == CONNECTED.since and desk.now(priced).state == "created"


def test_bought_labels_stay_when_another_account_is_connected(desk: ParcelDesk) -> None:
    label = bought(desk)
    carrier_account.connect(desk.store, desk.actor, "https://other.example/v2", REAL)
    assert desk.now(label) == label
    assert desk.store.settings.shipping.base == "https://other.example/v2"
    assert not desk.store.settings.shipping.test


def test_what_was_priced_for_another_account_is_left(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    carrier_account.connect(desk.store, desk.actor, "https://other.example/v2", REAL)
    left = desk.now(priced)
    assert (left.state, left.words) == ("dropped", carrier_account.OTHER_ACCOUNT)
    assert desk.ask(desk.order).state == "created"


@pytest.mark.capability("BW-11")
def test_no_account_is_changed_while_a_label_is_perhaps_bought(desk: ParcelDesk) -> None:
    priced = desk.ask(desk.order)
    desk.want(priced)
    notes.begin(desk.store, priced.id)
    for change in (
        lambda: carrier_account.disconnect(desk.store, desk.actor),
        lambda: carrier_account.connect(desk.store, desk.actor, "https://other.example/v2", REAL),
    ):
        with pytest.raises(Refused, match="Nobody knows yet whether the label of BW-20260921-AB12"):
            change()
    carrier_account.connect(desk.store, desk.actor, CONNECTED.base, SAME)
    notes.recover(desk.store)
    buying.settle(desk.store, desk.actor, priced.id, "not_bought", "Not on the invoice")
    carrier_account.disconnect(desk.store, desk.actor)
    assert not desk.store.settings.shipping.connected


def test_only_who_may_edit_settings_connects(desk: ParcelDesk) -> None:
    with pytest.raises(NeedsApproval):
        carrier_account.connect(desk.store, hire(desk.store, "staff"), CONNECTED.base, SAME)


def test_the_key_goes_to_no_other_address() -> None:
    ring = FakeKeyring()
    chain = Keychain(ring)
    keychain.keep_carrier_key(chain, "shop", "https://a.example/v2", Secret("EZAKone"))
    assert keychain.carrier_key(chain, "shop", "https://a.example/v2") == Secret("EZAKone")
    assert not keychain.carrier_key(chain, "shop", "https://b.example/v2")
    assert not keychain.carrier_key(chain, "another shop", "https://a.example/v2")
    keychain.keep_carrier_key(chain, "shop", "https://a.example/v2", Secret(""))
    assert not keychain.carrier_key(chain, "shop", "https://a.example/v2")


def test_a_checked_address_is_known_for_half_a_year_and_its_choice_stays(desk: ParcelDesk) -> None:
    checked = CheckedAddress(True, HOME, ("The flat number is missing.",))
    carrier_account.keep_check(desk.store, HOME, checked)
    carrier_account.choose_spelling(desk.store, desk.actor, HOME, "own")
    carrier_account.keep_check(desk.store, HOME, checked)
    at = desk.clock.at
    other = PostalAddress("Ada", "13 Elm Street", "", "Springfield", "CT", "06001")
    with desk.store.read() as conn:
        assert address_checks.find(conn, HOME, at) == checked
        assert address_checks.choice(conn, HOME) == "own"
        assert address_checks.find(conn, other, at) is None
        assert address_checks.find(conn, HOME, at + address_checks.LIVES_MS + 10) is None
        digest = conn.exec_driver_sql("SELECT address FROM address_checks").scalar_one()
    assert "Elm" not in digest

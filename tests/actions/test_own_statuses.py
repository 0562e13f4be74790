"""Statuses of the shop's own: each belongs to one of seven states, and the state decides what may be done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from bookwish_desk.actions import configuring, order_editing
from bookwish_desk.db.store import Store
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import State
from bookwish_desk.shop.order_edit import why_fixed
from bookwish_desk.shop.order_rules import allowed
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import OwnStatus
from bookwish_desk.shop.staff import Actor
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.order_steps.noting import OwnStatusPresenter
from bookwish_desk.ui.orders.words import status
from bookwish_desk.ui.settings.order_sections import drafts_of, order_changes, order_inputs
from tests.support.orders import made, now, received, shelved, stepped
from tests.support.shops import found_shop, station_for

SIGNING = OwnStatus("At the signing", "processing")
CALLED = OwnStatus("Customer called", "pending")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Store, Actor]]:
    store, owner = found_shop(tmp_path)
    configuring.change_settings(store, owner, own_statuses=(SIGNING, CALLED))
    shelved(store, owner)
    yield store, owner
    store.close()


@pytest.mark.capability("IC+01")
def test_a_status_belongs_to_one_state_and_goes_with_it(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    order = received(store, owner, made())
    with pytest.raises(Refused, match="for orders that are being processed"):
        order_editing.set_own_status(store, owner, order.id, SIGNING.name)
    with pytest.raises(Refused, match="no such status"):
        order_editing.set_own_status(store, owner, order.id, "Made up")
    order = order_editing.set_own_status(store, owner, order.id, CALLED.name).value
    assert status(order, store.settings) == "Customer called"
    assert status(order, store.settings, "bookwish") == "Pending"
    order = stepped(store, owner, order, "start")
    assert status(order, store.settings) == "Processing"
    order = order_editing.set_own_status(store, owner, order.id, SIGNING.name).value
    assert status(order, store.settings) == "At the signing"
    order = order_editing.set_own_status(store, owner, order.id, "").value
    assert status(order, store.settings) == "Processing"


@pytest.mark.capability("IC+01")
def test_what_may_be_done_follows_from_the_state_alone(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    order = received(store, owner, made())
    named = order_editing.set_own_status(store, owner, order.id, CALLED.name).value
    at = store.clock()
    assert [(a.verb, a.code) for a in allowed(named, at)] == [(a.verb, a.code) for a in allowed(order, at)]
    assert why_fixed(named) is None
    gone = stepped(store, owner, named, Step("cancel", reason="asked to"))
    assert why_fixed(gone) is not None
    assert len(get_args(State)) == 7


@pytest.mark.parametrize(
    "wrong",
    [
        (OwnStatus("", "pending"),),
        (OwnStatus("Twice", "pending"), OwnStatus("twice", "completed")),
        (OwnStatus("Odd", "odd"),),  # type: ignore[arg-type]
        tuple(OwnStatus(f"Status {n}", "pending") for n in range(41)),
    ],
)
def test_a_status_without_name_or_state_or_twice_is_refused(
    shop: tuple[Store, Actor], wrong: tuple[OwnStatus, ...]
) -> None:
    store, owner = shop
    with pytest.raises(Refused):
        configuring.change_settings(store, owner, own_statuses=wrong)
    assert store.settings.own_statuses == (SIGNING, CALLED)


def test_they_are_typed_one_in_each_line() -> None:
    settings = Settings(own_statuses=(SIGNING, CALLED))
    (asked,) = order_inputs("statuses", settings, twelve=False)
    assert asked.value == "At the signing = Processing\nCustomer called = Pending"
    drafts = drafts_of(settings)
    typed = Values({"own_statuses": "At the signing = processing\n\n Back =  COMPLETED "})
    changes, errors = order_changes("statuses", typed, drafts)
    assert changes["own_statuses"] == (SIGNING, OwnStatus("Back", "completed")) and not errors
    _, errors = order_changes("statuses", Values({"own_statuses": "Back"}), drafts)
    assert "end the line with =" in errors["own_statuses"]


def test_the_sheet_offers_those_of_the_order_s_state(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    order = received(store, owner, made())
    presenter = OwnStatusPresenter(station_for(store, owner)[0], order)
    (status_input,) = presenter.ask().inputs
    assert [name for name, _ in status_input.options] == ["", "Customer called"]
    presenter.open()
    presenter.submit(Values({"status": "Customer called"}))
    assert now(store, order).own_status == "Customer called"

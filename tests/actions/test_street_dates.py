"""Street dates: what may not be sold yet is refused in every way of adding it until let through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import paying, returning, selling, stocking
from bookwish_desk.db import tables
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.sale import Draft
from bookwish_desk.shop.staff import Actor
from tests.support.counter import ORLANDO, Counter
from tests.support.shops import hire

DAY = "2026-11-24"
EAN = 9780140449136
NEW = Item(str(EAN), "Rival Queens", ean=EAN, price_cents=2_000, street_date=DAY)
SENTENCE = "Rival Queens may not be sold before Tuesday, November 24, 2026."


class Launch(Counter):
    """A counter in New York on the eve of a street date, as the trade says it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, zone="America/New_York")
        with self.store.write_catalogue() as conn:
            row = {"ean": EAN, "title": NEW.title, "price_cents": 2_000, "street_date": DAY}
            conn.execute(tables.titles.insert(), [{**row, "published": "2026-11-24"}])
            soft = {"ean": 9780393356687, "title": "The Overstory", "price_cents": 1_895}
            conn.execute(tables.titles.insert(), [{**soft, "published": "2027-01-01"}])
        self.at("2026-11-23 23:59:00")

    def at(self, wall: str) -> None:
        """Set the clock to a time in New York."""
        local = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo("America/New_York"))
        self.clock.at = int(local.timestamp() * 1000)

    def overrides(self) -> list[object]:
        return self.journal("sale.street_override")


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    return Launch(tmp_path)


WAYS: dict[str, Callable[[Launch, Actor, bool], Draft | None]] = {
    "scan": lambda c, a, before: selling.scan(c.store, a, str(EAN), before_street=before).value.draft,
    "isbn-10": lambda c, a, before: selling.scan(c.store, a, "0140449132", before_street=before).value.draft,
    "search or tile": lambda c, a, before: selling.add(c.store, a, NEW, before_street=before).value.draft,
    "typed price": lambda c, a, before: (
        selling.add_at_price(c.store, a, "PROOF", "", 500, "book", before_street=before).value.draft
    ),
    "copy": lambda c, a, before: selling.scan(c.store, a, f"{EAN}S", before_street=before).value.draft,
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, launch: Launch) -> Callable[[Actor, bool], Draft | None]:
    store, actor = launch.store, launch.actor
    stocking.add_copy(store, actor, NEW, "signed", "", 3_000, "", 1)
    stocking.new_item(store, actor, "PROOF", stocking.ItemEdit("Rival Queens", street_date=DAY))
    return lambda actor, before: WAYS[request.param](launch, actor, before)


def test_the_owner_is_warned_first_in_every_way_of_adding(
    launch: Launch, way: Callable[[Actor, bool], Draft | None]
) -> None:
    before = launch.journal("item.added")
    with pytest.raises(Refused) as refused:
        way(launch.actor, False)
    assert (refused.value.code, refused.value.message) == ("street_date", SENTENCE)
    assert {"title", "sku", "street_date"} == set(refused.value.facts)
    assert selling.current(launch.store, 1).draft is None
    assert (launch.overrides(), launch.journal("item.added")) == ([], before)
    draft = way(launch.actor, True)
    assert draft is not None and draft.lines[0].before_street
    assert launch.overrides() == [
        {"sku": draft.lines[0].sku, "title": "Rival Queens", "street_date": DAY, "approved_by": ""}
    ]


def test_a_clerk_needs_a_managers_approval_which_is_written_down(launch: Launch) -> None:
    clerk = hire(launch.store, "staff")
    with pytest.raises(Refused) as refused:
        selling.add(launch.store, clerk, NEW)
    assert refused.value.code == "street_date"
    with pytest.raises(NeedsApproval) as needs:
        selling.add(launch.store, clerk, NEW, before_street=True)
    assert needs.value.facts == {"permission": "sale.street_date", "ref": NEW.sku}
    approved = launch.approved(clerk, "sale.street_date", NEW.sku)
    selling.add(launch.store, approved, NEW, before_street=True)
    (entry,) = launch.journal("sale.street_override")
    assert entry["approved_by"] == launch.actor.staff


def test_it_is_asked_once_a_sale_however_many_copies(launch: Launch) -> None:
    store, actor = launch.store, launch.actor
    draft = selling.add(store, actor, NEW, before_street=True).value.draft
    assert draft is not None
    selling.set_quantity(store, actor, draft.id, draft.lines[0].id, 3)
    selling.scan(store, actor, str(EAN))
    selling.note(store, actor, draft.id, draft.lines[0].id, "For Ann")
    again = selling.add(store, actor, NEW).value.draft  # a line of its own, beside the one with the note
    assert again is not None
    assert [(x.quantity, x.before_street) for x in again.lines] == [(4, True), (1, True)]
    assert len(launch.overrides()) == 1
    # Once it is out of the sale, it is asked anew; so it is for another title, and in the next sale.
    for line in again.lines:
        selling.remove_line(store, actor, draft.id, line.id)
    other = replace(NEW, sku="OTHER", ean=None)
    for item in (NEW, other):
        with pytest.raises(Refused):
            selling.add(store, actor, item)


def test_a_held_sale_goes_on_whatever_the_day(launch: Launch) -> None:
    store, actor = launch.store, launch.actor
    draft = selling.add(store, actor, NEW, before_street=True).value.draft
    assert draft is not None
    selling.hold(store, actor, draft.id)
    back = selling.recall(store, actor, draft.id).value.draft
    assert back is not None
    selling.add(store, actor, NEW)
    sale = paying.pay_cash(store, actor, back.id, 10_000).value.sale
    assert sale is not None and sale.lines[0].quantity == 2
    launch.at("2026-11-24 00:00:00")
    later = selling.add(store, actor, NEW).value.draft
    assert later is not None and not later.lines[0].before_street
    assert len(launch.overrides()) == 1


def test_a_sale_begun_before_midnight_may_have_it_after(launch: Launch) -> None:
    """The day is the calendar's, not the business date, which lasts until the cut-off hour."""
    selling.add(launch.store, launch.actor, ORLANDO)
    with pytest.raises(Refused):
        selling.add(launch.store, launch.actor, NEW)
    launch.at("2026-11-24 00:00:00")
    draft = selling.add(launch.store, launch.actor, NEW).value.draft
    assert draft is not None
    assert [x.title for x in draft.lines] == ["Orlando", "Rival Queens"]
    assert launch.overrides() == []


def test_what_was_in_the_sale_before_the_trade_named_a_day_stays_and_is_asked_when_more_is_added(
    launch: Launch,
) -> None:
    store, actor = launch.store, launch.actor
    undated = replace(NEW, street_date="")
    draft = selling.add(store, actor, undated).value.draft
    assert draft is not None
    with pytest.raises(Refused):
        selling.scan(store, actor, str(EAN))
    assert paying.pay_cash(store, actor, draft.id, 10_000).value.sale is not None


def test_a_date_of_publication_alone_keeps_nothing_back(launch: Launch) -> None:
    draft = selling.scan(launch.store, launch.actor, "9780393356687").value.draft
    assert draft is not None and not draft.lines[0].before_street


def test_an_exchange_is_asked_and_a_return_is_not(launch: Launch) -> None:
    store, actor = launch.store, launch.actor
    sold = launch.sell((replace(NEW, street_date=""), 1))
    back = returning.add(store, actor, "", sold.id, 1, 1).value.draft
    assert back is not None
    with pytest.raises(Refused) as refused:
        selling.add(store, actor, NEW)
    assert refused.value.code == "street_date"
    loose = returning.add_unreceipted(store, actor, "", NEW, 1, 2_000, "restock", "Gift").value.draft
    assert loose is not None and len(loose.returns) == 2


def test_an_approval_for_one_title_is_none_for_another(launch: Launch) -> None:
    clerk = hire(launch.store, "staff")
    approved = launch.approved(clerk, "sale.street_date", "OTHER")
    with pytest.raises(NeedsApproval):
        selling.add(launch.store, approved, NEW, before_street=True)

"""Looking things up in the journal: by kind, person and words, newest first, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookwish_desk.actions import auditing, stocking
from bookwish_desk.db import journal
from bookwish_desk.shop.errors import NeedsApproval
from bookwish_desk.shop.journal import Entry
from tests.support.counter import ORLANDO, OVERSTORY, Counter
from tests.support.shops import hire

pytestmark = pytest.mark.capability("BW+12")


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def found(counter: Counter, **asked: object) -> tuple[Entry, ...]:
    with counter.store.read() as conn:
        return journal.entries(conn, **asked)  # type: ignore[arg-type]


def test_the_newest_comes_first_and_older_ones_after_a_number(counter: Counter) -> None:
    counter.sell((ORLANDO, 1))
    everything = found(counter)
    assert [e.seq for e in everything] == sorted((e.seq for e in everything), reverse=True)
    first = found(counter, most=2)
    assert first + found(counter, before=first[-1].seq) == everything


def test_kinds_people_and_words_narrow_it(counter: Counter) -> None:
    manager = hire(counter.store, "manager", "Max Manager")
    sale = counter.sell((ORLANDO, 1))
    counter.sell((OVERSTORY, 1))
    stocking.adjust(counter.store, manager, ORLANDO, 1, "100% surprising_find")
    assert {e.kind for e in found(counter, kinds=("sale.", "item."))} == {"sale.completed", "item.adjusted"}
    assert [e.kind for e in found(counter, staff=manager.staff)] == ["item.adjusted"]
    assert [e.kind for e in found(counter, words="ORLANDO")] == ["item.adjusted", "sale.completed"]
    assert [e.ref for e in found(counter, words=f"{sale.receipt} orlando")] == [sale.receipt]
    assert len(found(counter, words="100%")) == 1, "what people type is text and no pattern"
    assert found(counter, words="g_find surprisingxfind") == ()
    assert len(found(counter, words="surprising_find")) == 1


def test_reading_needs_its_permission_or_an_approval(counter: Counter) -> None:
    clerk = hire(counter.store, "staff")
    with pytest.raises(NeedsApproval) as needs:
        auditing.open_log(counter.store, clerk)
    assert needs.value.facts == {"permission": "journal.read", "ref": "journal"}
    auditing.open_log(counter.store, counter.approved(clerk, "journal.read", "journal"))
    auditing.open_log(counter.store, counter.actor)

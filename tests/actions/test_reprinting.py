"""Printing receipts again: what is marked COPY, what waits already, and gift receipts."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import equipping, labelling, outgoing, paying, posting, reprinting, returning
from bookwish_desk.actions.returning import Part
from bookwish_desk.db import items, outbox
from bookwish_desk.shop.device import Device, ScannerSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.slip import Pair, Words
from bookwish_desk.shop.sold import Sale
from tests.support import days
from tests.support.counter import ORLANDO, OVERSTORY, Counter
from tests.support.shops import document_printer, label_printer, printer

pytestmark = pytest.mark.capability("BW+03")


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    return Counter(tmp_path)


def silent_sale(counter: Counter) -> Sale:
    draft = days.ring(counter.store, counter.actor, [(ORLANDO, 1)])
    done = paying.pay_cash(counter.store, counter.actor, draft.id, 5_000, False).value
    assert done.sale is not None
    return done.sale


def copies(counter: Counter, kind: str = "receipt") -> list[bool]:
    return [outgoing.slip_of(job).copy for job in counter.jobs(kind)]


def words(job: outbox.Job) -> list[str]:
    out = []
    for e in outgoing.slip_of(job).elements:
        if isinstance(e, Pair):
            out.append(f"{e.left} {e.right}")
        elif isinstance(e, Words):
            out.append(e.text)
    return out


@pytest.mark.parametrize("state", ["printed", "sent", "unknown"])
def test_what_may_have_printed_is_a_copy(counter: Counter, state: outbox.State) -> None:
    sale = counter.sell()
    counter.end_printing(state)
    reprinting.reprint(counter.store, counter.actor, sale.receipt)
    assert copies(counter) == [False, True]
    first, again = counter.jobs("receipt")
    assert words(first) == words(again)
    assert counter.journal("receipt.printed") == [{"copy": True}]


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_what_never_came_out_is_no_copy(counter: Counter, state: outbox.State) -> None:
    sale = counter.sell()
    counter.end_printing(state)
    reprinting.reprint(counter.store, counter.actor, sale.receipt)
    assert copies(counter) == [False, False]
    counter.end_printing("printed")
    reprinting.reprint(counter.store, counter.actor, sale.receipt)
    counter.end_printing(state)
    reprinting.reprint(counter.store, counter.actor, sale.receipt)
    assert copies(counter) == [False, False, True, True], "a copy that failed is followed by a copy"


def test_a_receipt_that_was_not_wanted_can_be_printed_after_all(counter: Counter) -> None:
    sale = silent_sale(counter)
    assert reprinting.printing_words(counter.store, sale.receipt) == ""
    reprinting.reprint(counter.store, counter.actor, sale.receipt)
    assert copies(counter) == [False]


def test_one_that_waits_for_the_printer_is_not_queued_again(counter: Counter) -> None:
    sale = counter.sell()
    with pytest.raises(Refused) as refusal:
        reprinting.reprint(counter.store, counter.actor, sale.receipt)
    assert refusal.value.code == "printing"
    assert len(counter.jobs("receipt")) == 1


def test_an_unknown_receipt_is_said(counter: Counter) -> None:
    for print_ in (reprinting.reprint, reprinting.gift):
        with pytest.raises(Refused) as refusal:
            print_(counter.store, counter.actor, "R1-000099")
        assert refusal.value.code == "no_sale"


def test_a_gift_receipt_for_all_or_for_some(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 2), (OVERSTORY, 1))
    reprinting.gift(counter.store, counter.actor, sale.receipt)
    reprinting.gift(counter.store, counter.actor, sale.receipt, {2})
    everything, some = counter.jobs("gift")
    assert "2 x Orlando" in words(everything) and "The Overstory" in words(everything)
    assert "The Overstory" in words(some) and "2 x Orlando" not in words(some)
    assert not any("$" in text for job in (everything, some) for text in words(job))
    assert copies(counter, "gift") == [False, False], "for another reader it is a first one"
    assert counter.journal("receipt.gift") == [
        {"copy": False, "lines": [1, 2]},
        {"copy": False, "lines": [2]},
    ]


def test_the_same_gift_receipt_a_second_time_is_a_copy(counter: Counter) -> None:
    sale = counter.sell((ORLANDO, 1), (OVERSTORY, 1))
    reprinting.gift(counter.store, counter.actor, sale.receipt, {1})
    counter.end_printing("failed")
    reprinting.gift(counter.store, counter.actor, sale.receipt, {1})
    reprinting.gift(counter.store, counter.actor, sale.receipt, {1})
    assert copies(counter, "gift") == [False, False, True]


def test_a_return_has_no_gift_receipt(counter: Counter) -> None:
    sale = counter.sell()
    draft = returning.add_all(counter.store, counter.actor, "", sale.id, (Part(1, 1),)).value.draft
    assert draft is not None
    back = paying.pay_cash(counter.store, counter.actor, draft.id, 0).value.sale
    assert back is not None
    for wanted, receipt in ((None, back.receipt), ({9}, sale.receipt)):
        with pytest.raises(Refused) as refusal:
            reprinting.gift(counter.store, counter.actor, receipt, wanted)
        assert refusal.value.code == "nothing_sold"


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("queued", "Receipt R1-000001 is being printed."),
        ("printed", "Receipt R1-000001 was printed."),
        ("sent", "Receipt R1-000001 was sent to the printer."),
        ("failed", "Receipt R1-000001 was not printed. Out of paper."),
        ("expired", "Receipt R1-000001 was not printed. Out of paper."),
        ("unknown", "Receipt R1-000001 may not have printed. Out of paper."),
    ],
)
def test_how_printing_stands_in_words(counter: Counter, state: outbox.State, sentence: str) -> None:
    sale = counter.sell()
    if state != "queued":
        counter.end_printing(state)
    assert reprinting.printing_words(counter.store, sale.receipt) == sentence


OFFICE, ZEBRA = document_printer(), label_printer("Zebra")


def job(
    device: str, channel: str, kind: str, state: outbox.State = "queued", attempts: int = 1
) -> outbox.Job:
    status = "Paper out." if attempts else ""
    return outbox.Job("1", channel, kind, "X7", 1, device, 0, b"{}", state, attempts, 0, 0, None, status)


@pytest.mark.parametrize(
    ("device", "channel", "kind", "name"),
    [
        ("label-printer", "label", "price", "Price label"),
        ("label-printer", "label", "shelf", "Shelf label"),
        ("label-printer", "label", "shipping", "Shipping label"),
        ("label-printer", "label", "test", "Test label"),
        ("document-printer", "page", "pages", "Document"),
        ("receipt-printer", "paper", "test", "Printer test"),
        ("receipt-printer", "paper", "odd", "Slip"),
    ],
)
def test_every_job_has_a_name_and_says_which_of_several_printers_it_waits_for(
    device: str, channel: str, kind: str, name: str
) -> None:
    devices = (printer(), OFFICE, ZEBRA)
    told = next(d.name for d in devices if d.id == device)
    assert (
        reprinting.job_words(job(device, channel, kind), devices) == f"{name} X7 waits for {told}. Paper out."
    )
    sent = reprinting.job_words(job(device, channel, kind, "sent"), devices)
    assert sent == f"{name} X7 was sent to {told}."


def test_the_only_printer_has_no_need_of_a_name() -> None:
    elsewhere = replace(ZEBRA, register=2)
    scanner = Device("scanner", "Scanner", "hid:0c2e:0b6a:", ScannerSetup())
    waits = job("receipt-printer", "paper", "receipt")
    assert (
        reprinting.job_words(waits, (printer(), elsewhere, scanner))
        == "Receipt X7 waits for the printer. Paper out."
    )
    gone = job("removed", "label", "price", "failed")
    assert reprinting.job_words(gone, (printer(), ZEBRA)) == "Price label X7 was not printed. Paper out."


def test_labels_and_pages_that_failed_go_to_the_usual_printer_of_now(counter: Counter) -> None:
    store, actor = counter.store, counter.actor
    zebra, office = (equipping.add(store, actor, added).value.id for added in (ZEBRA, OFFICE))
    with store.write() as tx:
        items.keep(tx, ORLANDO)
        posting.post_page(tx, Pages(b"%PDF", "Z-1-1"), register=1)
    labelling.price_labels(store, actor, [(ORLANDO.sku, 3)])
    counter.end_printing("failed")
    brother = equipping.add(store, actor, replace(ZEBRA, name="Brother")).value.id
    for kind in ("price", "pages"):
        outgoing.decide(store, actor, counter.jobs(kind)[0].id, "again")
    old, new = counter.jobs("price")
    assert (old.device, new.device, new.state) == (zebra, brother, "queued")
    assert outgoing.printed_of(new) == outgoing.printed_of(old)
    assert [j.device for j in counter.jobs("pages")] == [office, office]

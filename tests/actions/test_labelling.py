"""Price and shelf labels: what they say, and that a scan of the printed one sells just that copy."""

from __future__ import annotations

import io

import msgspec
import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image

from bookwish_desk.actions import labelling, outgoing, selling, stocking
from bookwish_desk.db import items
from bookwish_desk.hardware.labels import preview
from bookwish_desk.shop import activity
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.item_label import label_code, label_of
from bookwish_desk.shop.journal import Entry
from bookwish_desk.shop.label import MOST_COPIES, LabelJob, PriceLabel, ShelfLabel
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.staff import Actor
from tests.support.counter import ORLANDO, ORLANDO_EAN, OVERSTORY, OVERSTORY_EAN, WRAP, Counter
from tests.support.shops import label_printer, printer, put_titles

UPC = Item("36000291452", "A game", ean=36000291452, price_cents=2999)
EAN8 = Item("96385074", "A pencil", ean=96385074, price_cents=90)
SKU = Item("TOTE bag/7", "Tote bag", price_cents=1800)
DOLLARS = Currency()


@pytest.fixture
def counter(tmp_path):
    made = Counter(tmp_path, devices=(printer(), label_printer()))
    with made.store.write() as tx:
        items.keep(tx, replace(ORLANDO, on_hand=0), UPC, EAN8, SKU, WRAP)
    put_titles(made.store, [(OVERSTORY_EAN, "The Overstory", "Richard Powers", 1895)])
    return made


def put(counter, *wanted, kind="price"):
    jobs = labelling.price_labels(counter.store, counter.actor, wanted, kind).value
    found = {job.id: outgoing.printed_of(job) for job in counter.jobs(kind)}
    return [found[job] for job in jobs]


def read(job, dpi):
    """Return what a barcode reader that this project did not write finds on the drawn label."""
    with Image.open(io.BytesIO(preview(job, LabelPrinterSetup(dpi=dpi)))) as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]


# ---- what stands on it ----


def test_a_price_label_says_title_author_price_and_shop():
    label = label_of(ORLANDO, "price", shop="Test Books", money=DOLLARS)
    assert label == PriceLabel("Orlando", str(ORLANDO_EAN), "$16.99", "Virginia Woolf", "", "Test Books")
    euros = label_of(ORLANDO, "price", shop="", money=Currency("EUR", "de_DE"))
    assert euros.price == Currency("EUR", "de_DE").show(1699)


def test_a_shelf_label_says_where_it_stands():
    label = label_of(replace(ORLANDO, shelf="FIC-W"), "shelf", shop="Test Books", money=DOLLARS)
    assert label == ShelfLabel("Orlando", str(ORLANDO_EAN), "$16.99", "Virginia Woolf", "FIC-W")


def test_a_used_copy_says_so_and_carries_its_own_code():
    used = replace(
        ORLANDO, sku=f"{ORLANDO_EAN}U1", ean=None, of_ean=ORLANDO_EAN, kind="used", condition="Spine worn"
    )
    label = label_of(used, "price", shop="", money=DOLLARS)
    assert isinstance(label, PriceLabel)
    assert (label.code, label.detail) == (f"{ORLANDO_EAN}U1", "Used: Spine worn")
    on_shelf = label_of(replace(used, shelf="FIC-W"), "shelf", shop="", money=DOLLARS)
    assert isinstance(on_shelf, ShelfLabel)
    assert on_shelf.shelf == "Used, FIC-W"


def test_without_a_price_none_is_printed():
    assert label_of(replace(ORLANDO, price_cents=None), "price", shop="", money=DOLLARS).price == ""
    assert label_of(replace(ORLANDO, price_cents=0), "shelf", shop="", money=DOLLARS).price == "$0.00"


@pytest.mark.parametrize("sku", ["R1-000042", "S-ABCDEFGHIJKL", f"{ORLANDO_EAN}", "4111111111111111", "a  b"])
def test_a_code_that_sells_something_else_is_no_label(sku):
    with pytest.raises(Refused, match="Give it another SKU") as refused:
        label_code(Item(sku, "Odd", of_ean=ORLANDO_EAN, kind="used"))
    assert refused.value.code == "label.code"


# ---- from the label to the sale ----


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("kind", ["price", "shelf"])
def test_a_scan_of_a_printed_label_sells_that_very_copy(counter, kind, dpi):
    """Each is drawn, read by another's reader, and scanned: new, trade's, used, signed, in-shop, UPC, SKU."""
    store, actor = counter.store, counter.actor
    used = stocking.add_copy(store, actor, ORLANDO, "used", "", 799, "Spine worn", 1).value
    signed = stocking.add_copy(store, actor, ORLANDO, "signed", "", 3500, "", 1).value
    own = stocking.new_item(
        store, actor, "", stocking.ItemEdit(title="Postcard", price_cents=150, tax_class="book")
    ).value
    wanted = (ORLANDO.sku, OVERSTORY.sku, used, signed, own, UPC.sku, EAN8.sku, SKU.sku, WRAP.sku)
    for job, sku in zip(put(counter, *((s, 1) for s in wanted), kind=kind), wanted, strict=True):
        (code,) = read(job, dpi)
        ringing = selling.scan(store, actor, code).value
        assert ringing.draft is not None
        line = next(x for x in ringing.draft.lines if x.id == ringing.line)
        assert (line.sku, line.quantity) == (sku, 1)


# ---- the jobs ----


def test_each_item_is_a_job_of_its_own_and_the_journal_says_how_many(counter):
    jobs = put(counter, (ORLANDO.sku, 3), (SKU.sku, 0), (UPC.sku, 2))
    assert [(j.label.title, j.copies, j.ref) for j in jobs] == [
        ("Orlando", 3, ORLANDO.sku),
        ("A game", 2, UPC.sku),
    ]
    assert {(j.device, j.channel, j.expires_at) for j in counter.jobs("price")} == {
        ("label-printer", "label", None)
    }
    (told,) = counter.journal("labels.printed")
    assert (told["count"], told["items"]) == (5, [[ORLANDO.sku, 3], [UPC.sku, 2]])


@pytest.mark.parametrize(
    ("wanted", "kind", "said"),
    [
        (((ORLANDO.sku, 1),), "price", "Printed 1 price label of Orlando."),
        (((ORLANDO.sku, 3), (SKU.sku, 2)), "shelf", "Printed 5 shelf labels of 2 items."),
    ],
)
def test_the_activity_says_what_was_printed(counter, wanted, kind, said):
    put(counter, *wanted, kind=kind)
    (body,) = counter.journal("labels.printed")
    entry = Entry(1, 0, "labels.printed", "", 1, "", msgspec.json.encode(body).decode(), "", False, "")
    assert activity.sentence(entry, DOLLARS.show, {}) == said


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ((), "label.none"),
        (((ORLANDO.sku, 0),), "label.none"),
        (((ORLANDO.sku, -1), (UPC.sku, 2)), "label.none"),
        (((ORLANDO.sku, MOST_COPIES), (UPC.sku, 1)), "label.many"),
        (((ORLANDO.sku, 1), ("NOTHING", 1)), "unknown"),
    ],
)
def test_a_refused_run_prints_nothing_at_all(counter, wanted, code):
    with pytest.raises(Refused) as refused:
        put(counter, *wanted)
    assert refused.value.code == code
    assert counter.jobs("price") == []
    assert counter.journal("labels.printed") == []


def test_without_a_label_printer_or_a_person_nothing_is_printed(counter, tmp_path):
    bare = Counter(tmp_path / "bare")
    with bare.store.write() as tx:
        items.keep(tx, ORLANDO)
    with pytest.raises(Refused, match="No label printer is set up"):
        labelling.price_labels(bare.store, bare.actor, [(ORLANDO.sku, 1)])
    with pytest.raises(Refused, match="Sign in first"):
        labelling.price_labels(counter.store, Actor("nobody", 1), [(ORLANDO.sku, 1)])


def test_the_largest_run_is_one_job_of_that_many(counter):
    (job,) = put(counter, (ORLANDO.sku, MOST_COPIES))
    assert isinstance(job, LabelJob)
    assert job.copies == MOST_COPIES

"""The journal in plain words: what each kind of entry says, and that none is without words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bookwish_desk
from bookwish_desk.shop import activity, order_activity
from bookwish_desk.shop.activity import GROUPS, sentence
from bookwish_desk.shop.journal import Entry, canonical
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.sale import Discount, Line
from bookwish_desk.shop.tax import TaxRules
from tests.shop.selling import bring_back, complete, empty_draft

NAMES = {"s1": "Olive Owner", "s2": "Sam Staff"}
SOURCES = Path(bookwish_desk.__file__).parent


def entry(kind: str, ref: str = "R1-000001", body: Any = None) -> Entry:
    text = body if isinstance(body, str) else canonical(body or {})
    return Entry(1, 0, kind, "s1", 1, ref, text, "", False, "")


def said(kind: str, ref: str = "R1-000001", **body: Any) -> str:
    return sentence(entry(kind, ref, body), Currency().show, NAMES)


def test_sales_returns_and_exchanges() -> None:
    tax = TaxRules()
    goods = (Line("l", "a", "Orlando", 2, 1000), Line("m", "b", "Flush", 1, 500))
    sale = complete(empty_draft(lines=goods), tax, 1, sale_id="s")
    back = bring_back(sale, {}, {1: 1}, tax)
    returned = complete(empty_draft(returns=back), tax, 1, sale_id="r")
    swap = complete(empty_draft(lines=goods[1:], returns=back), tax, 1, sale_id="x")
    even = complete(empty_draft(lines=(Line("l", "a", "A", 1, 1000),), returns=back), tax, 1, sale_id="e")
    sentences = [
        sentence(entry(f"{made.kind}.completed", made.receipt, made), Currency().show, NAMES)
        for made in (sale, returned, swap, even)
    ]
    assert sentences == [
        "Sold 3 copies for $25.00, receipt R1-s: Orlando and 1 more.",
        "Took 1 copy back, gave $10.00, receipt R1-r: Orlando.",
        "Exchanged 1 copy for 1, gave $5.00, receipt R1-x: Flush and 1 more.",
        "Exchanged 1 copy for 1, receipt R1-e: A and 1 more.",
    ]


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (
            "sale.price",
            {"from_cents": 1699, "to_cents": 999, "reason": "Torn"},
            "Sold at $9.99 instead of $16.99: Torn.",
        ),
        ("sale.discount", {"line": "", "discount": None}, "Took a discount back."),
        (
            "sale.discount",
            {"line": "x", "discount": Discount("percent", 100_000, "Pick")},
            "Gave 10% off a line: Pick.",
        ),
        ("sale.discount", {"discount": Discount("amount", 500)}, "Gave $5.00 off the whole sale."),
        (
            "sale.exempt",
            {"exempt": {"certificate": "X-1", "holder": ""}},
            "Sold without tax, certificate X-1.",
        ),
        ("sale.exempt", {"exempt": None}, "Charged tax on the sale again."),
        ("sale.void", {"reason": "Left", "draft": {"lines": [{}]}}, "Voided a sale of 1 line: Left."),
        (
            "tender.removed",
            {"tender": {"kind": "card", "brand": "Visa", "last4": "4242", "amount_cents": 500}},
            "Took a payment of $5.00 out of the sale: Visa 4242.",
        ),
        (
            "return.unreceipted",
            {"quantity": 2, "title": "Flush", "total_cents": 500, "reason": "Gift"},
            "Took 2 copies of Flush back without a receipt, $5.00: Gift.",
        ),
        ("receipt.printed", {"copy": True}, "Printed receipt R1-000001, marked COPY."),
        ("receipt.gift", {"lines": [1]}, "Printed a gift receipt for R1-000001."),
        ("print.decided", {"verdict": "drop"}, "Left R1-000001 unprinted."),
        (
            "item.adjusted",
            {"title": "Flush", "by": 5, "on_hand": 7, "reason": "Found"},
            "Adjusted Flush by +5 to 7: Found.",
        ),
        (
            "item.counted",
            {"title": "Flush", "by": -2, "on_hand": 5},
            "Counted Flush: 5, 2 fewer than in the books.",
        ),
        ("item.counted", {"title": "Flush", "by": 0, "on_hand": 5}, "Counted Flush: 5, as in the books."),
        (
            "sale.street_override",
            {"title": "Flush", "street_date": "2026-11-24", "approved_by": "s1"},
            "Sold Flush before its street date 2026-11-24, with the approval of Olive Owner.",
        ),
        (
            "sale.street_override",
            {"title": "Flush", "street_date": "2026-11-24", "approved_by": ""},
            "Sold Flush before its street date 2026-11-24.",
        ),
        (
            "item.ordered",
            {"title": "Flush", "before": 0, "after": 5},
            "Changed the copies of Flush on order from 0 to 5.",
        ),
        (
            "item.received",
            {"title": "Flush", "by": 3, "on_hand": 4, "on_order": 2},
            "Received 3 copies of Flush: 4 on hand, 2 still on order.",
        ),
        (
            "item.received",
            {"title": "Flush", "by": 1, "on_hand": 5, "on_order": 0},
            "Received 1 copy of Flush: 5 on hand.",
        ),
        (
            "item.copy_added",
            {"title": "Flush", "kind": "used", "price_cents": 500, "copies": 2},
            "Added used copies of Flush as R1-000001 at $5.00: 2 on hand.",
        ),
        (
            "device.added",
            {"name": "Counter printer", "role": "receipt_printer", "address": "sim:"},
            "Added Counter printer, a simulated receipt printer.",
        ),
        (
            "device.changed",
            {"name": "Till printer", "from": {"name": "Counter printer"}, "to": {"name": "Till printer"}},
            "Changed Till printer: renamed it from Counter printer.",
        ),
        (
            "device.changed",
            {"name": "P", "from": {}, "to": {"address": "tcp:10.0.0.7:9100", "setup": {}}},
            "Changed P: now at tcp:10.0.0.7:9100, set up differently.",
        ),
        (
            "device.used",
            {"name": "P", "from": {"uses": []}, "to": {"uses": ["labels", "shipping"]}},
            "Changed P: used for labels, shipping.",
        ),
        ("device.used", {"name": "P", "to": {"uses": []}}, "Changed P: used for nothing."),
        (
            "device.removed",
            {"name": "P", "role": "scale", "waiting": 1},
            "Removed P, a scale; 1 waiting job not printed.",
        ),
        ("device.removed", {"name": "P", "role": "scale", "waiting": 0}, "Removed P, a scale."),
        (
            "device.learned",
            {"name": "P", "confirms": "process_id"},
            "Found out that P confirms what it prints.",
        ),
        (
            "device.learned",
            {"name": "P", "confirms": "none"},
            "Found out that P does not confirm what it prints.",
        ),
        ("device.drawer_tested", {"name": "P"}, "Opened the drawer at P to test it."),
        (
            "item.edited",
            {"title": "Flush", "changed": {"shelf": ["", "A"], "low_at": [None, 1]}},
            "Edited Flush: low at, shelf.",
        ),
        (
            "item.priced",
            {"title": "Flush", "from_cents": None, "to_cents": 500},
            "Changed the price of Flush from no price to $5.00.",
        ),
        (
            "catalogue.imported",
            {"file": "a.csv", "report": {"added": 3, "rejected": 1}},
            "Imported a.csv: 3 added, 0 updated, 1 rejected.",
        ),
        ("till.opened", {"till": {"float_cents": 10_000}}, "Opened the till with $100.00."),
        ("till.paid_out", {"cash_cents": -500, "reason": "Milk"}, "Paid out $5.00: Milk."),
        ("till.closed", {"z_number": 7, "over_cents": -25}, "Closed the till, Z 7: $0.25 short."),
        ("till.closed", {"z_number": 7, "over_cents": 0}, "Closed the till, Z 7: the count was right."),
        ("approval.given", {"for": "Sam", "permission": "sale.price"}, "Approved for Sam: change a price."),
        (
            "approval.used",
            {"approved_by": "s1", "permission": "sale.price"},
            "Did this with the approval of Olive Owner: change a price.",
        ),
        (
            "staff.locked",
            {"failures": 5, "seconds": 30},
            "Locked out for 30 seconds after 5 wrong PINs.",
        ),
        ("staff.locked", {}, "Locked the register."),
        ("settings.changed", {"from": 1, "to": 5}, "Changed the setting R1-000001."),
    ],
)
def test_an_entry_in_words(kind: str, body: dict[str, Any], words: str) -> None:
    assert sentence(entry(kind, body=body), Currency().show, NAMES) == words


def test_a_kind_that_nobody_knows_is_said_by_its_name() -> None:
    assert said("ufo.landed_here") == "Ufo: landed here."


def test_everything_the_program_writes_has_words_and_a_group() -> None:
    written = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text("utf-8")
        written |= set(re.findall(r'\.record\(\s*"([a-z_]+\.[a-z_]+)"', text))
        written |= set(re.findall(r'_(?:journal|record)\([^)"]*"([a-z_]+\.[a-z_]+)"', text))
    assert len(written) > 30
    unsaid = {
        kind
        for kind in written - set(activity._SENTENCES)
        if kind != "order.printed" and kind.removeprefix("order.") not in order_activity.WORDS
    }
    assert unsaid == set(), "give these kinds a sentence in shop/activity.py"
    for kind in written:
        assert any(kind.startswith(start) for _, _, starts in GROUPS for start in starts), kind


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
NAMES_IN_BODIES = sorted(
    set(
        re.findall(
            r'(?:text|number|money|part|rows|why)\("([a-z_]+)"', Path(activity.__file__).read_text("utf-8")
        )
    )
)


@given(
    st.sampled_from(sorted(activity._SENTENCES)), st.dictionaries(st.sampled_from(NAMES_IN_BODIES), anything)
)
def test_no_body_is_too_odd_to_be_said(kind: str, body: dict[str, Any]) -> None:
    words = sentence(entry(kind, body=msgspec.json.encode(body).decode()), Currency().show, NAMES)
    assert words.endswith(".")


def test_a_body_that_is_no_json_is_said_too() -> None:
    assert sentence(entry("sale.held", body="{"), Currency().show, {}) == "Held a sale as ."

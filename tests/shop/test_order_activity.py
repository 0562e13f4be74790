"""Orders in the activity log: every step, edit and problem reads as a sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bookwish_desk
from bookwish_desk.shop.activity import sentence
from bookwish_desk.shop.journal import Entry, canonical
from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.order_activity import WORDS
from bookwish_desk.shop.order_problem import Reported
from bookwish_desk.shop.order_step import Step, Verb


def said(kind: str, body: Any = None, ref: str = "BW-1") -> str:
    text = body if isinstance(body, str) else canonical(body if body is not None else {})
    entry = Entry(1, 0, f"order.{kind}", "s1", 1, ref, text, "", False, "")
    return sentence(entry, Currency().show, {})


def test_every_verb_has_words_that_name_the_order() -> None:
    for verb in get_args(Verb):
        assert verb in WORDS
        words = said(verb, Step(verb))
        assert "BW-1" in words
        assert words.endswith(".")
        assert "_" not in words
        assert "{" not in words


@pytest.mark.capability("WSM+03", "BW+12")
@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("placed", {"source": "email", "number": "BW-1"}, "Order BW-1 came in: E-mail."),
        ("placed", {"source": "ufo"}, "Order BW-1 came in: ufo."),
        ("pick", Step("pick", copies=(("a", 2), ("b", 1))), "Picked 3 copies for order BW-1."),
        ("pick", Step("pick"), "Picked copies for order BW-1."),
        ("refund", Step("refund", cents=1_699), "Recorded the refund of order BW-1: $16.99."),
        (
            "cancel",
            Step("cancel", reason="asked to", fraud=True),
            "Cancelled order BW-1: as fraud, asked to.",
        ),
        (
            "ship",
            Step("ship", carrier="USPS", tracking="94", override="my aunt"),
            "Shipped order BW-1: USPS, 94, let pass unpaid because my aunt.",
        ),
        (
            "edit.price",
            {"about": "Emma", "before": 1_050, "after": 900},
            "Changed a price in order BW-1: Emma, $9.00 instead of $10.50.",
        ),
        (
            "edit.quantity",
            {"about": "Emma", "before": 1, "after": 3},
            "Changed the quantity in order BW-1: Emma, 3 instead of 1.",
        ),
        ("edit.address", {}, "Changed the address of order BW-1."),
        ("edit.something_new", {}, "Order BW-1: something new."),
        ("rerouted", {"sku": "x", "copies": 1}, "Sold 1 copy promised to order BW-1 at the register."),
        (
            "problem",
            Reported(kind="wrong_item", answer="replace", cause="picking", cost_cents=450).journalled,
            "Reported a problem of order BW-1: wrong item sent, replace the copies, "
            "cause: Picked wrongly, cost $4.50.",
        ),
        ("printed", {"paper": "packing_slip", "count": 1}, "Printed a packing slip of order BW-1."),
        ("printed", {"paper": "pick_list", "to": "file"}, "Saved a pick list of order BW-1."),
    ],
)
def test_an_entry_in_words(kind: str, body: Any, words: str) -> None:
    assert said(kind, body) == words


def test_every_kind_that_actions_keep_has_words() -> None:
    written: set[str] = set()
    for path in Path(bookwish_desk.__file__).parent.joinpath("actions").glob("*.py"):
        text = path.read_text("utf-8")
        written |= set(re.findall(r'ordering\.keep\([^)"{]*"([a-z_.]+)"', text))
        written |= {
            f"edit.{what}" for what in re.findall(r'_keep\(\s*tx,\s*actor,\s*before,\s*"([a-z_]+)"', text)
        }
    assert {"put_back", "edit.memo", "edit.price"} <= written
    assert written - set(WORDS) == set(), "give these kinds words in shop/order_activity.py"


def test_papers_of_many_orders_are_counted() -> None:
    assert said("printed", {"paper": "pick_list", "count": 7}, "") == "Printed a pick list of 7 orders."


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
NAMES = ("copies", "cents", "reason", "kind", "answer", "cause", "cost_cents", "before", "after", "about")


@given(
    st.sampled_from(sorted(WORDS)) | st.text(max_size=6),
    st.dictionaries(st.sampled_from((*NAMES, "paper", "count", "fraud", "source")), anything),
)
def test_no_body_is_too_odd_to_be_said(kind: str, body: dict[str, Any]) -> None:
    assert said(kind, msgspec.json.encode(body).decode()).endswith(".")

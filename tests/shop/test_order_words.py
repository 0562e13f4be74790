"""The words of the four vocabularies: derived from the axes, and followed when heard from outside."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import Order, Payment, Vocabulary
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.order_words import WORDS, asked, find_word, word
from tests.shop.orders import AT_COUNTER, HOUR, ON_CARD, PLACED, SHIP, TO_PARCEL, TO_SHELF, do, order

NOW = PLACED + HOUR
OTHERS: tuple[Vocabulary, ...] = ("bookwish", "wsm", "indiecommerce", "marketplace")


def _examples() -> dict[str, tuple[Order, tuple[str, str, str, str]]]:
    """Return orders with their words: BookWish, Web Shop Manager, IndieCommerce, marketplace."""
    held = order(paid=ON_CARD)
    unpaid = order(paid=Payment())
    packed = do(order(), *TO_PARCEL)
    sent = do(packed, SHIP)
    theirs = do(held, "send_to_wholesaler")
    away = do(theirs, "wholesaler_ship")
    pickup = do(order("pickup"), *TO_SHELF)
    cancelled = do(held, Step("cancel", reason="No"))
    two = do(
        order(), "allocate", "pick", "check", Step("pack", (("a", 1),), parcel="p"), replace(SHIP, parcel="p")
    )
    return {
        "in checkout": (order(state="in_checkout"), ("", "", "In Checkout", "")),
        "abandoned": (order(state="abandoned"), ("", "", "Abandoned", "")),
        "pending": (held, ("Pending", "New", "Pending", "Pending")),
        "confirmed": (do(held, "confirm"), ("Confirmed", "New", "Processing", "Confirmed")),
        "processing": (do(held, "start"), ("Processing", "Processing", "Processing", "Processing")),
        "captured": (do(held, "capture"), ("Pending", "New", "Payment Received", "Pending")),
        "captured, processing": (
            do(held, "capture", "start"),
            ("Processing", "Processing", "Payment Received", "Processing"),
        ),
        "paypal": (do(unpaid, "await_outside"), ("Pending", "New", "PayPal Pending", "Pending")),
        "packed, paid": (packed, ("Processing", "Ready to Ship", "Payment Received", "Processing")),
        "packed, not captured": (
            do(held, *TO_PARCEL),
            ("Processing", "Processing", "Processing", "Processing"),
        ),
        "set aside": (pickup, ("Ready for pickup", "Ready to Ship", "Payment Received", "Processing")),
        "part shipped": (two, ("Processing", "Processing", "Payment Received", "Processing")),
        "shipped": (sent, ("Shipped", "Shipped", "Payment Received", "Shipped")),
        "delivered": (do(sent, "deliver"), ("Delivered", "Complete", "Completed", "Delivered")),
        "handed over": (
            do(pickup, "check", "hand_over"),
            ("Delivered", "Complete", "Completed", "Delivered"),
        ),
        "held": (
            do(held, "start", Step("hold", reason="Cheque clearing")),
            ("Processing", "Held", "Processing", "Processing"),
        ),
        "backorder": (
            do(held, "start", "backorder"),
            ("Processing", "Backorder", "Processing", "Processing"),
        ),
        "returned": (
            do(sent, "deliver", Step("take_back", reason="Damaged")),
            ("Delivered", "Return", "Completed", "Delivered"),
        ),
        "cancelled": (cancelled, ("Cancelled", "Canceled", "Canceled", "Cancelled")),
        "fraud": (
            do(held, Step("cancel", reason="Stolen card", fraud=True)),
            ("Cancelled", "Canceled", "Canceled–Fraud", "Cancelled"),
        ),
        "with wholesaler": (theirs, ("Processing", "Processing", "Pending Warehouse", "Processing")),
        "sent by wholesaler": (away, ("Shipped", "Shipped", "Shipped via Warehouse", "Shipped")),
        "done by wholesaler": (
            do(away, "wholesaler_complete"),
            ("Delivered", "Complete", "Completed by Warehouse", "Delivered"),
        ),
    }


EXAMPLES = _examples()


@pytest.mark.capability(
    "BW-17", "BW-18", "BW-19", "BW-20", "BW-21", "BW-22", "BW-23",
    "WSM-03", "WSM-04", "WSM-05", "WSM-06", "WSM-07", "WSM-08", "WSM-09", "WSM-10", "WSM-11",
    "IC-03", "IC-04", "IC-05", "IC-06", "IC-07", "IC-08", "IC-10", "IC-11", "IC-12", "IC-13", "IC-14",
    "IC-15", "IC+04", "OMG-02", "OMG-03", "OMG-04", "OMG-05", "OMG-06", "OMG-07",
)  # fmt: skip
@pytest.mark.parametrize("name", EXAMPLES)
def test_each_word_follows_from_the_axes(name: str) -> None:
    some, words = EXAMPLES[name]
    assert tuple(w.label if (w := word(some, v)) else "" for v in OTHERS) == words


def test_every_word_of_every_vocabulary_is_said_of_some_order() -> None:
    said = {(v, w.label) for some, _ in EXAMPLES.values() for v in OTHERS if (w := word(some, v))}
    assert said == {(v, w.label) for v in OTHERS for w in WORDS[v]}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("vocabulary", OTHERS)
def test_the_word_of_an_order_asks_nothing_of_it(name: str, vocabulary: Vocabulary) -> None:
    some, _ = EXAMPLES[name]
    its = word(some, vocabulary)
    for text in (its.key, its.label, *its.also) if its else ():
        heard = asked(some, vocabulary, text, NOW)
        if its and its.asks == "place" and some.owner.name == "wholesaler":
            continue
        assert (heard.steps, heard.conflict) == ((), "")


PICKUP = order("pickup", paid=ON_CARD)
BOOKWISH = order("pickup", paid=Payment(), source="bookwish")


@pytest.mark.parametrize(
    ("vocabulary", "text", "start", "verbs"),
    [
        ("bookwish", "confirmed", BOOKWISH, "capture confirm"),
        ("bookwish", "processing", BOOKWISH, "capture start"),
        ("bookwish", "ready_for_pickup", BOOKWISH, "capture start allocate pick ready"),
        ("bookwish", "completed", BOOKWISH, "capture start allocate pick ready check hand_over"),
        ("bookwish", "delivered", do(BOOKWISH, "capture", *TO_SHELF), "check hand_over"),
        ("bookwish", "shipped", order(), "start allocate pick check pack ship"),
        ("bookwish", "delivered", do(order(), *TO_PARCEL, SHIP), "deliver"),
        ("bookwish", "cancelled", order(), "cancel"),
        ("bookwish", "pending", order(state="in_checkout"), "place"),
        ("wsm", "Processing", PICKUP, "start"),
        ("wsm", "Ready to Ship", order(), "start allocate pick check pack"),
        ("wsm", "Ready to Ship", order("pickup"), "start allocate pick ready"),
        ("wsm", "Shipped", order(), "start allocate pick check pack ship"),
        ("wsm", "Complete", order(), "start allocate pick check pack ship deliver"),
        ("wsm", "Held", order(), "hold"),
        ("wsm", "Backorder", order(), "backorder"),
        ("wsm", "Return", do(order(), *TO_PARCEL, SHIP), "take_back"),
        ("wsm", "Canceled", order(), "cancel"),
        ("wsm", "New", order(state="in_checkout"), "place"),
        ("indiecommerce", "Abandoned", order(state="in_checkout"), "abandon"),
        ("indiecommerce", "Processing", PICKUP, "start"),
        ("indiecommerce", "Payment Received", PICKUP, "capture"),
        ("indiecommerce", "PayPal Pending", order(paid=Payment()), "await_outside"),
        ("indiecommerce", "Pending Warehouse", order(paid=ON_CARD), "send_to_wholesaler"),
        (
            "indiecommerce", "Shipped via Warehouse", order(paid=ON_CARD),
            "send_to_wholesaler wholesaler_ship",
        ),
        (
            "indiecommerce", "Completed by Warehouse", do(order(paid=ON_CARD), "send_to_wholesaler"),
            "wholesaler_ship wholesaler_complete",
        ),
        ("indiecommerce", "Pending", do(order(), "send_to_wholesaler"), "bounce_back"),
        ("indiecommerce", "Completed", order(), "start allocate pick check pack ship deliver"),
        ("indiecommerce", "Canceled", order(), "cancel"),
        ("indiecommerce", "Canceled–Fraud", order(), "cancel"),
        ("marketplace", "Confirmed", order(), "confirm"),
        ("marketplace", "Shipped", order(), "start allocate pick check pack ship"),
        ("marketplace", "Delivered", do(order(), *TO_PARCEL, SHIP), "deliver"),
    ],
)  # fmt: skip
def test_a_word_from_outside_asks_for_the_steps_that_lead_there(
    vocabulary: Vocabulary, text: str, start: Order, verbs: str
) -> None:
    heard = asked(start, vocabulary, text, NOW)
    assert (heard.conflict, " ".join(s.verb for s in heard.steps)) == ("", verbs)
    there = do(start, *heard.steps, at=NOW)
    assert heard.word.fits(there)
    assert there.fraud is (text == "Canceled–Fraud")


@pytest.mark.parametrize(
    ("vocabulary", "text", "start", "sentence"),
    [
        ("bookwish", "shipped", order("pickup"), "This order is to be picked up. It cannot be shipped."),
        (
            "bookwish", "confirmed", do(order(), Step("cancel", reason="No")),
            "This order is cancelled. Only one that is pending can be confirmed.",
        ),
        (
            "bookwish", "cancelled", do(order(), *TO_PARCEL, SHIP),
            "Part of this order has left the shop. Cancel the copies still here;",
        ),
        (
            "marketplace", "Shipped", order(paid=Payment()),
            "This order is not paid and cannot be shipped. Take the payment first.",
        ),
        (
            "wsm", "Complete", order("pickup", paid=AT_COUNTER),
            "This order is not paid and cannot be handed over. Take the payment first.",
        ),
        (
            "wsm", "Shipped", do(order(), Step("hold", reason="Address asked for")),
            "The order is on hold: Address asked for. Release it first.",
        ),
        ("wsm", "Return", order(), "No copy is with the customer."),
        ("indiecommerce", "In Checkout", order(), "The source says In Checkout; here the order was placed"),
        (
            "indiecommerce", "Processing", do(order(), Step("cancel", reason="No")),
            "This order is cancelled. Only one that is pending or confirmed can be started.",
        ),
    ],
)  # fmt: skip
def test_a_word_that_contradicts_what_is_known_is_left_to_a_person(
    vocabulary: Vocabulary, text: str, start: Order, sentence: str
) -> None:
    heard = asked(start, vocabulary, text, NOW)
    assert heard.steps == ()
    assert heard.conflict.startswith(sentence)


def test_tracking_that_came_with_a_word_goes_into_the_step() -> None:
    heard = asked(order(), "bookwish", "shipped", NOW, Step("ship", tracking="1Z9", carrier="UPS"))
    assert do(order(), *heard.steps, at=NOW).parcels[0].tracking == "1Z9"


def test_a_word_heard_late_is_no_contradiction() -> None:
    done = do(order("pickup"), *TO_SHELF, "check", "hand_over")
    for text in ("pending", "confirmed", "processing", "ready_for_pickup"):
        heard = asked(done, "bookwish", text, NOW)
        assert (heard.steps, heard.conflict) == ((), ""), text


@pytest.mark.capability("WSM-12")
def test_words_that_a_shop_does_not_use_are_left_out() -> None:
    packed = do(order(), *TO_PARCEL)
    shown = word(packed, "wsm", frozenset({"ready_to_ship"}))
    assert shown is not None
    assert shown.label == "Processing"
    held = do(packed, Step("hold", reason="Cheque"))
    assert [w.label for h in ("", "held") if (w := word(held, "wsm", frozenset({h})))] == [
        "Held",
        "Ready to Ship",
    ]


def test_words_are_known_however_they_are_written_and_no_others() -> None:
    assert find_word("bookwish", " Ready For Pickup ").key == "ready_for_pickup"
    assert find_word("indiecommerce", "canceled-fraud").label == "Canceled–Fraud"
    for dash in ("–", "-", " – ", " - ", "—", " ", "_"):
        assert find_word("indiecommerce", f"Canceled{dash}Fraud").label == "Canceled–Fraud"
        assert find_word("indiecommerce", f"cancelled{dash}fraud").label == "Canceled–Fraud"
    assert find_word("bookwish", "ready-for-pickup").key == "ready_for_pickup"
    for vocabulary in OTHERS:
        with pytest.raises(Refused):
            find_word(vocabulary, "on the moon")


@pytest.mark.parametrize("vocabulary", OTHERS)
def test_spellings_are_unambiguous(vocabulary: Vocabulary) -> None:
    spelled = [text for w in WORDS[vocabulary] for text in (w.key, *w.also)]
    assert len(spelled) == len(set(spelled))

"""What each system calls the status of an order, and what a word heard from outside asks for.

The words of BookWish, Web Shop Manager, IndieCommerce and the marketplace guide are labels: each follows
from the axes, none is stored. Heard from outside, a word asks for steps, or contradicts what is known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.order import WORKING, Order, State, Vocabulary
from bookwish_desk.shop.order_rules import apply
from bookwish_desk.shop.order_step import Step, Verb

_LETTERS = re.compile(r"[a-z]+")


class Word(msgspec.Struct, frozen=True):
    """One word of a vocabulary. `key` is what a program sends, `label` what people read.

    `fits` says whether it is true of an order; of the true ones the first that the shop shows is the label.
    It stays true once the order is past it: hearing it late is no contradiction. `asks` is the verb that
    brings an order there, None where nothing here does; `paid` says that it implies the payment succeeded.
    `also` are other spellings.
    """

    key: str
    label: str
    fits: Callable[[Order], bool]
    asks: Verb | None
    also: tuple[str, ...] = ()
    paid: bool = False


class OwnStatus(msgspec.Struct, frozen=True):
    """A status that the shop has named itself: a finer word for orders in one of the seven states (IC+01).

    What may be done with an order follows from the state alone.
    """

    name: str
    state: State


def own_status(order: Order, known: tuple[OwnStatus, ...]) -> str:
    """Return the shop's own status of an order, as long as the order is in the state it belongs to."""
    belongs = any(s.name == order.own_status and s.state == order.state for s in known)
    return order.own_status if belongs else ""


PLACED = WORKING | {"completed"}


def _sent(order: Order) -> bool:
    return order.sent and order.kind == "ship"


def _started(order: Order) -> bool:
    return order.state in ("processing", "completed")


def _captured(order: Order) -> bool:
    return order.payment.captured_cents > 0 and order.paid and order.state in PLACED


def _wholesaler(state: str) -> Callable[[Order], bool]:
    return lambda order: order.owner.name == "wholesaler" and order.owner.state == state


def _accepted(order: Order) -> bool:
    return order.state in ("confirmed", "processing", "completed")


def _ready_to_ship(order: Order) -> bool:
    """Say whether the money is collected and everything packed, or set aside where it is picked up."""
    packed = bool(order.parcels) and all(x.packed - x.shipped == x.open for x in order.lines)
    return order.paid and _started(order) and (packed or _set_aside(order))


def _set_aside(order: Order) -> bool:
    return order.ready_at > 0 or (order.kind == "pickup" and order.state == "completed")


WORDS: dict[Vocabulary, tuple[Word, ...]] = {
    "bookwish": (
        Word("cancelled", "Cancelled", lambda o: o.state == "cancelled", "cancel", ("canceled",)),
        Word("delivered", "Delivered", lambda o: o.delivered, "complete", ("completed", "complete"), True),
        Word("shipped", "Shipped", _sent, "ship", paid=True),
        Word("ready_for_pickup", "Ready for pickup", _set_aside, "ready", ("ready",), True),
        Word("processing", "Processing", _started, "start", paid=True),
        Word("confirmed", "Confirmed", _accepted, "confirm", paid=True),
        Word("pending", "Pending", lambda o: o.state in PLACED, "place"),
    ),
    "wsm": (
        Word("canceled", "Canceled", lambda o: o.state == "cancelled", "cancel", ("cancelled",)),
        Word("return", "Return", lambda o: any(x.returned for x in o.lines), "take_back", ("returned",)),
        Word("complete", "Complete", lambda o: o.state == "completed", "complete", ("completed",)),
        Word("held", "Held", lambda o: bool(o.hold), "hold"),
        Word("backorder", "Backorder", lambda o: any(x.backordered for x in o.lines), "backorder"),
        Word("shipped", "Shipped", _sent, "ship"),
        Word("ready_to_ship", "Ready to Ship", _ready_to_ship, "pack"),
        Word("processing", "Processing", _started, "start"),
        Word("new", "New", lambda o: o.state in PLACED, "place"),
    ),
    "indiecommerce": (
        Word("abandoned", "Abandoned", lambda o: o.state == "abandoned", "abandon"),
        Word("in_checkout", "In Checkout", lambda o: o.state == "in_checkout", None),
        Word(
            "canceled_fraud", "Canceled–Fraud", lambda o: o.state == "cancelled" and o.fraud, "cancel",
            ("cancelled_fraud",),
        ),
        Word("canceled", "Canceled", lambda o: o.state == "cancelled", "cancel", ("cancelled",)),
        Word(
            "completed_by_warehouse", "Completed by Warehouse", _wholesaler("completed"),
            "wholesaler_complete",
        ),
        Word("shipped_via_warehouse", "Shipped via Warehouse", _wholesaler("shipped"), "wholesaler_ship"),
        Word("pending_warehouse", "Pending Warehouse", _wholesaler("pending"), "send_to_wholesaler"),
        Word("completed", "Completed", lambda o: o.state == "completed", "complete"),
        Word(
            "paypal_pending", "PayPal Pending", lambda o: o.payment.kind == "pending_outside",
            "await_outside",
        ),
        Word("payment_received", "Payment Received", _captured, "capture"),
        Word("processing", "Processing", _accepted, "start"),
        Word("pending", "Pending", lambda o: o.state in PLACED, "place"),
    ),
    "marketplace": (
        Word("cancelled", "Cancelled", lambda o: o.state == "cancelled", "cancel", ("canceled",)),
        Word("delivered", "Delivered", lambda o: o.delivered, "complete", ("completed",)),
        Word("shipped", "Shipped", _sent, "ship"),
        Word("processing", "Processing", _started, "start"),
        Word("confirmed", "Confirmed", _accepted, "confirm"),
        Word("pending", "Pending", lambda o: o.state in PLACED, "place"),
    ),
}  # fmt: skip
"""The words, the one that says most first. Part of an order shipped is still processing: no list has more."""

NEEDED = frozenset(("pending", "new", "cancelled", "canceled", "in_checkout", "abandoned"))
"""Keys of words that every shop uses: for some orders of theirs no other word is true (WSM-12)."""


def word(order: Order, vocabulary: Vocabulary, hidden: frozenset[str] = frozenset()) -> Word | None:
    """Return the word for an order, leaving out those that the shop does not use (WSM-12).

    None where the vocabulary has no word: BookWish knows no checkouts.
    """
    return next((w for w in WORDS[vocabulary] if w.key not in hidden and w.fits(order)), None)


def _key(text: str) -> str:
    """Return the letters of a text, whatever stands between words: blanks, dashes of any length."""
    return "_".join(_LETTERS.findall(text.casefold()))


def find_word(vocabulary: Vocabulary, text: str) -> Word:
    """Return the word that a text from outside means, however it is written. Raises Refused for another."""
    key = _key(text)
    for known in WORDS[vocabulary]:
        if key in (known.key, _key(known.label), *known.also):
            return known
    raise Refused("status", "That status is not known here. It changes nothing until somebody decides.")


WAYS: dict[str, tuple[Verb, ...]] = {
    "pickup": ("start", "allocate", "pick", "ready", "check", "hand_over", "complete"),
    "ship": ("start", "allocate", "pick", "check", "pack", "ship", "deliver", "complete"),
    "wholesaler": ("send_to_wholesaler", "wholesaler_ship", "wholesaler_complete"),
}
"""The ordinary ways of an order: collected, sent by the shop, sent by the wholesaler."""

PASSED: frozenset[str] = frozenset({"nothing", "nothing_due", "no_parcel", "owner", "ready", "state"})
"""Why a step before the last may be left out: the order is past it."""

NEEDS_REASON: frozenset[Verb] = frozenset({"cancel", "hold", "take_back", "ship"})


class Asked(msgspec.Struct, frozen=True):
    """What a word from outside asks for: steps in their order, none where it is true already.

    With a `conflict` nothing is done: it says why the word cannot be followed, for a person to decide.
    """

    word: Word
    steps: tuple[Step, ...] = ()
    conflict: str = ""


def asked(order: Order, vocabulary: Vocabulary, text: str, at: int, detail: Step | None = None) -> Asked:
    """Return what a word heard from a source at a moment (ms UTC) asks of an order.

    `detail` brings what came with it (tracking, reason, amount, end of an authorisation). The steps were
    tried on the order: all of them go through. Raises Refused for a word that the source does not have.
    """
    heard = find_word(vocabulary, text)
    said = detail or Step("start")
    if heard.fits(order) and not _withdrawn(order, heard):
        return Asked(heard)
    steps, why = _way(order, heard, said, at)
    return Asked(heard, () if why else steps, why)


def _withdrawn(order: Order, heard: Word) -> bool:
    """Say whether the wholesaler gave the order back: pending is said of one that it had (IC-24)."""
    return heard.asks == "place" and order.owner.name == "wholesaler"


def _verbs(order: Order, heard: Word, asks: Verb) -> tuple[Verb, ...]:
    """Return the verbs that lead to what a word asks for, those that the order is past among them."""
    if _withdrawn(order, heard):
        return ("bounce_back",)
    if asks == "complete" and order.owner.name == "wholesaler":
        return ("deliver",)
    if asks == "pack" and order.kind == "pickup":
        asks = "ready"
    way = next((w for name, w in WAYS.items() if asks in w and name in (order.kind, "wholesaler")), (asks,))
    return (*(("capture",) if heard.paid else ()), *way[: way.index(asks) + 1])


def _way(order: Order, heard: Word, said: Step, at: int) -> tuple[tuple[Step, ...], str]:
    """Return the steps to a word, tried one after the other, or why there is no way."""
    if heard.asks is None:
        return (), f"The source says {heard.label}; here the order was placed already."
    verbs = _verbs(order, heard, heard.asks)
    steps: list[Step] = []
    for verb in verbs:
        why = said.reason or (f"{heard.label} at the source" if verb in NEEDS_REASON else "")
        fraud = heard.key == "canceled_fraud"
        step = msgspec.structs.replace(said, verb=verb, by="source", fraud=fraud, reason=why)
        try:
            order = apply(order, step, at)
        except Refused as refused:
            if verb != verbs[-1] and refused.code in PASSED:
                continue
            return (), refused.message
        steps.append(step)
        if heard.fits(order) and not _withdrawn(order, heard):
            return tuple(steps), ""
    return (), f"The source says {heard.label}; here the order is on another way."

"""From EasyPost's JSON, which nobody trusts, to the values of carriage: shipments, prices, labels, addresses.

Nothing here raises, whatever the JSON. What cannot be right is left out; what makes no sense at all is None.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args
from urllib.parse import urlsplit

from bookwish_desk.shop.carriage import (
    Bought,
    CarrierAccount,
    CheckedAddress,
    Failure,
    Quoted,
    Rate,
    RefundState,
    ShipmentNow,
)
from bookwish_desk.shop.order import PostalAddress
from bookwish_desk.shop.shipping import LabelFormat
from bookwish_desk.shop.text import clean, mask_cards
from bookwish_desk.sync.bookwish.decoding import moment
from bookwish_desk.sync.carriers.easypost.parts import (
    Fields,
    amount,
    cents,
    currency,
    day,
    fields,
    ident,
    link,
    listed,
    minor_units,
    whole,
    words,
)

_LONGEST_READ = 4_000
_MARKS = ("print_custom_1", "print_custom_2", "print_custom_3")
_REFUNDS = frozenset(get_args(RefundState)) - {""}
_FLAT = frozenset(("E.SECONDARY_INFORMATION.INVALID", "E.SECONDARY_INFORMATION.MISSING"))
_SUFFIXES: tuple[tuple[str, LabelFormat], ...] = ((".png", "png"), (".pdf", "pdf"), (".zpl", "zpl"))


# ---- prices ----


def rate(told: object) -> Rate | None:
    """Read a price; None for one without id, carrier, service or an amount that can be read."""
    price = cents(fields(told).get("rate"))
    rate_id, carrier, service = (
        ident(told),
        words(told, "carrier", limit=60),
        words(told, "service", limit=80),
    )
    if price is None or not (rate_id and carrier and service):
        return None
    found = fields(told)
    money = currency(found)
    retail = cents(found.get("retail_rate")) if currency(found, "retail_currency") == money else None
    return Rate(
        id=rate_id,
        carrier=carrier,
        service=service,
        cents=price,
        currency=money,
        retail_cents=retail or 0,
        days=whole(found, "delivery_days", "est_delivery_days"),
        arrives_on=day(found, "delivery_date"),
        guaranteed=found.get("delivery_date_guaranteed") is True,
    )


def rates(told: object, name: str = "rates") -> tuple[Rate, ...]:
    """Return the prices in an answer that can be read, in the order in which they come: it means nothing."""
    found = {x.id: x for one in listed(told, name) if (x := rate(one)) is not None}
    return tuple(found.values())


def failures(told: object) -> tuple[Failure, ...]:
    """Return the carriers that gave no price, each of their words once."""
    found: dict[Failure, None] = {}
    for one in listed(told, "messages"):
        kind = words(one, "type", limit=40)
        if kind and "error" not in kind:
            continue
        said = _said(one) or ("It gave no reason." if fields(one) else "")
        if said:
            found[Failure(words(one, "carrier", limit=60) or "A carrier", said)] = None
    for one in listed(told, "rates"):
        if fields(one) and rate(one) is None:
            said = "Its answer cannot be read."
            found[Failure(words(one, "carrier", limit=60) or "A carrier", said)] = None
    return tuple(found)


def _said(told: object) -> str:
    """Return the words of a carrier: a text, or a list of them."""
    found = fields(told).get("message")
    parts = found[:8] if isinstance(found, list) else [found]
    return " ".join(x for part in parts if (x := words({"": part}, "", limit=300)))[:400]


def quoted(told: object, at: int, shipment: str = "") -> Quoted | None:
    """Read a shipment and its prices; `shipment` names it where an answer holds prices alone."""
    found = shipment_of(told) or shipment
    if not found or not isinstance(told, dict) or not ("rates" in told or ident(told)):
        return None
    return Quoted(found, rates(told), failures(told), test=is_test(told), at=at)


def shipment_of(told: object) -> str:
    """Return the id of a shipment: its own, else the one that its parts agree on, empty where they do not.

    Of some answers that were recorded the id itself is missing.
    """
    if ident(told):
        return ident(told)
    parts = [*listed(told, "rates"), fields(told, "selected_rate"), fields(told, "tracker")]
    found = {x for part in parts if (x := ident(part, "shipment_id"))}
    return found.pop() if len(found) == 1 else ""


def is_test(told: object) -> bool:
    """Say whether an answer, or the prices in it, are of the mode for tests."""
    told_mode = words(told, "mode", limit=20)
    if not told_mode:
        told_mode = next((x for one in listed(told, "rates", 5) if (x := words(one, "mode", limit=20))), "")
    return told_mode == "test"


# ---- shipments ----


def shipment_now(told: object, at: int, shipment: str = "") -> ShipmentNow | None:
    """Read how a shipment stands. A part of one proves nothing: without a word on its label it is unread."""
    known = quoted(told, at, shipment)
    if known is None or (shipment and known.shipment != shipment) or "postage_label" not in fields(told):
        return None
    refund: RefundState = ""
    said = words(told, "refund_status", limit=40)
    if said in _REFUNDS:
        refund = said  # type: ignore[assignment]
    form = fields(told, "scan_form")
    options = fields(told, "options")
    marks = (words(options, name, limit=60) for name in _MARKS)
    return ShipmentNow(
        known,
        bought(told, shipment),
        refund,
        ident(form),
        words(told, "reference", limit=128),
        tuple(dict.fromkeys(x for x in marks if x)),
        fields(told).get("is_return") is True,
        moment(words(told, "created_at", limit=40)),
    )


def paid_shipments(told: object, at: int) -> tuple[tuple[ShipmentNow, ...], str] | None:
    """Read a page of shipments: those that were paid, and after which the next page begins, "" for none."""
    found = fields(told).get("shipments")
    if not isinstance(found, list):
        return None
    more = fields(told).get("has_more") is True
    last = ident(found[-1]) if found and more else ""
    if more and not last:
        return None  # what is on the next page would be missed
    every = (shipment_now(one, at) for one in found)
    return tuple(x for x in every if x is not None and x.bought is not None), last


def bought(told: object, shipment: str = "") -> Bought | None:
    """Read what was paid for a shipment, None where nobody paid it.

    A label, a number or postage that was charged each prove it. The rate alone does not: it was chosen.
    """
    label, chosen, tracker = (
        fields(told, "postage_label"),
        fields(told, "selected_rate"),
        fields(told, "tracker"),
    )
    tracking = words(told, "tracking_code", limit=64) or words(tracker, "tracking_code", limit=64)
    postage, beside = _fees(told)
    found = shipment_of(told) or shipment
    if not found or not (label or tracking or postage is not None):
        return None
    paid = cents(chosen.get("rate"))
    addresses = label_addresses(told)
    kind = native_format(told)
    return Bought(
        shipment=found,
        carrier=words(chosen, "carrier", limit=60) or words(tracker, "carrier", limit=60),
        service=words(chosen, "service", limit=80),
        cents=paid if paid is not None else postage or 0,
        tracking=tracking,
        tracker=ident(tracker),
        rate=ident(chosen),
        fees_cents=beside,
        insured_cents=cents(fields(told).get("insurance")) or 0,
        expected_on=expected_on(tracker) or day(chosen, "delivery_date"),
        label_url=addresses.get(kind, ""),
        label_format=kind,
        currency=currency(chosen),
        test=is_test(told),
    )


def bought_as(told: object, shipment: str) -> Bought | None:
    """Read the answer to a purchase: None unless it is that shipment, paid."""
    found = bought(told, shipment)
    return found if found is not None and found.shipment == shipment else None


def expected_on(tracker: object) -> str:
    """Return the day a parcel is expected, YYYY-MM-DD: where it arrives, if the carrier says that."""
    local = day(fields(tracker, "carrier_detail"), "est_delivery_date_local")
    return local or day(tracker, "est_delivery_date")


def _fees(told: object) -> tuple[int | None, int]:
    """Return the postage that was charged, None where none was, and what was charged beside it."""
    postage, beside = None, Decimal(0)
    for one in listed(told, "fees"):
        fee = fields(one)
        found = amount(fee.get("amount"))
        if found is None or fee.get("charged") is not True or fee.get("refunded") is True:
            continue
        if fee.get("type") == "PostageFee":
            postage = (postage or 0) + (minor_units(found) or 0)
        else:
            beside += found
    return postage, minor_units(beside) or 0


# ---- labels ----


def label_addresses(told: object) -> dict[LabelFormat, str]:
    """Return where the files of a label are, by format."""
    label = fields(told, "postage_label")
    found: dict[LabelFormat, str] = {}
    kinds: tuple[tuple[str, LabelFormat], ...] = (
        ("label_url", native_format(told)),
        ("label_pdf_url", "pdf"),
        ("label_zpl_url", "zpl"),
    )
    for name, kind in kinds:
        if address := link(label, name):
            found.setdefault(kind, address)
    return found


def labels_of(told: object, shipment: str) -> tuple[dict[LabelFormat, str], LabelFormat] | None:
    """Return where the files of a shipment's label are and in which it was made; None of any other's."""
    if shipment_of(told) not in ("", shipment):
        return None  # it would be printed for the wrong parcel
    return label_addresses(told), native_format(told)


def native_format(told: object) -> LabelFormat:
    """Return the format in which a label was made: what its file is said to be, else what it is called."""
    label = fields(told, "postage_label")
    said = words(label, "label_file_type", limit=60).lower()
    for kind in get_args(LabelFormat):
        if kind in said:
            return kind  # type: ignore[no-any-return]
    try:
        path = urlsplit(link(label, "label_url")).path.lower()
    except ValueError:
        path = ""
    return next((kind for suffix, kind in _SUFFIXES if path.endswith(suffix)), "png")


def format_of(data: bytes) -> LabelFormat | Literal[""]:
    """Return what a file is by its first bytes, empty for anything else: a page of a broken server, say."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    head = data[:1_024]
    if b"%PDF-" in head:
        return "pdf"
    if b"^XA" in data and b"^XZ" in data and not head.lstrip().startswith(b"<"):
        return "zpl"
    return ""


# ---- addresses and accounts ----


def checked(told: object, asked: PostalAddress) -> CheckedAddress | None:
    """Read what carriers say of an address. Name and telephone of the suggestion stay as they were typed."""
    found = fields(told, "address") or fields(told)
    if not found:
        return None
    delivery = fields(found, "verifications", "delivery")
    complaints = tuple(dict.fromkeys(x for one in listed(delivery, "errors", 20) if (x := _complaint(one))))
    residential = found.get("residential")
    home = residential if isinstance(residential, bool) else None
    if not delivery:
        unsaid = ("The carriers say nothing about this address.",)
        return CheckedAddress(True, asked, unsaid, residential=home) if ident(found) else None
    if delivery.get("success") is not True:
        why = complaints or ("The carriers do not know this address.",)
        return CheckedAddress(False, asked, errors=why, residential=home)
    return CheckedAddress(True, suggested(found, asked), complaints, residential=home)


def suggested(told: Fields, asked: PostalAddress) -> PostalAddress:
    """Read how carriers write an address; what they leave out stays as it was asked."""
    line1, city = words(told, "street1", limit=200), words(told, "city", limit=120)
    if not (line1 and city):
        return asked
    country = words(told, "country", limit=2).upper()
    return PostalAddress(
        name=asked.name,
        line1=line1,
        line2=words(told, "street2", limit=200),
        city=city,
        state=words(told, "state", limit=60) or asked.state,
        postal_code=words(told, "zip", limit=20) or asked.postal_code,
        country=country if len(country) == 2 and country.isascii() and country.isalpha() else asked.country,
        phone=asked.phone,
    )


def refused_address(told: object, asked: PostalAddress) -> CheckedAddress | None:
    """Read the refusal of an address that cannot be verified; None for any other refusal."""
    error = fields(told, "error")
    if error.get("code") != "ADDRESS.VERIFY.FAILURE":
        return None
    why = tuple(dict.fromkeys(x for one in listed(error, "errors", 20) if (x := _complaint(one))))
    return CheckedAddress(False, asked, errors=why or (words(error, "message") or "It cannot be verified.",))


def _complaint(told: object) -> str:
    """Return what is amiss with an address in one sentence."""
    if isinstance(told, str):
        said = mask_cards(clean(told[:_LONGEST_READ], 200))
    elif words(told, "code", limit=60) in _FLAT:
        return "The number of the flat or suite is missing, or carriers do not know it."
    else:
        said = words(told, "message", limit=200) or words(told, "code", limit=60)
    return said if not said or said[-1] in ".!?" else f"{said}."


def account(told: object, carriers: object = None) -> CarrierAccount | None:
    """Read whose account it is, and the carriers it has, where those were asked for."""
    found = fields(told)
    if not ident(found):
        return None
    names = (
        (words(x, "readable", "type", limit=60) for x in carriers[:50]) if isinstance(carriers, list) else ()
    )
    return CarrierAccount(
        name=words(found, "name", limit=120) or words(found, "email", limit=120),
        test=is_test(found),
        balance_cents=_balance(found.get("balance")),
        carriers=tuple(dict.fromkeys(x for x in names if x)),
    )


def _balance(told: object) -> int | None:
    """Return what an account holds, below zero where it owes."""
    if isinstance(told, str) and told.strip().startswith("-"):
        owed = cents(told.strip()[1:])
        return None if owed is None else -owed
    return cents(told)

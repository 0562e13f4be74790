"""What ONIX says of supply, for a shop in one country: who can deliver, at what price, by when, returnable.

The rules by which one of several markets, suppliers and prices is chosen stand here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from bookwish_desk.shop.money import Currency
from bookwish_desk.shop.onix_message import LATER, Node
from bookwish_desk.shop.onix_values import amount_cents, dated, percent, said, whole
from bookwish_desk.shop.trade import availability_name

_WITHOUT_TAX = frozenset({"US", "CA", "PR", "VI", "GU", "AS", "MP"})
"""Countries where prices are quoted without sales tax, which the till adds."""

_EXCLUSIVE = ("01", "31", "03", "41")
_INCLUSIVE = ("02", "04", "42")
"""Retail prices of list 58: recommended, (freight passed through), fixed, the publisher's own. All others
are what a shop pays, or hold for some buyers or some time only."""

_FOR_ANYONE = ("", "00", "05")  # list 59: unqualified, consumer
_EURO = frozenset(
    (
        *("AD", "AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR", "IE", "IT", "LT", "LU"),
        *("LV", "MC", "ME", "MT", "NL", "PT", "SI", "SK", "SM", "VA", "XK"),
    )
)
"""What the region ECZ of list 49 stands for."""

_FIRST = {
    **dict.fromkeys(("21",), 0),
    **dict.fromkeys(("20", "23"), 1),
    **dict.fromkeys(("22",), 2),
    **dict.fromkeys(("10", "11", "12"), 3),
    **dict.fromkeys(("30", "31", "32", "33", "34"), 4),
}
"""List 65 in the order in which a shop would try suppliers; all others come after these."""

_RETURNABLE: dict[str, dict[str, str]] = {
    "02": {"Y": "Y", "S": "Y", "N": "N", "C": "C"},  # list 66; S: the stripped cover goes back
    "04": {"01": "Y", "02": "N", "03": "Y", "05": "Y", "06": "Y", "07": "Y"},  # list 204
}


class Asker(msgspec.Struct, frozen=True):
    """For whom a message is read: the shop's country and currency and the day; and what its header says.

    `sent` is the day of the message, as of which stock is known; the others hold where a record is silent.
    """

    country: str
    currency: Currency
    on: str
    sent: str = ""
    default_currency: str = ""
    default_price_type: str = ""
    default_language: str = ""


class Supply(msgspec.Struct, frozen=True):
    """What a record says of supply; names and meanings as in `Title`."""

    availability: str = ""
    returnable: str = ""
    price_cents: int | None = None
    discount: str = ""
    published: str = ""
    street_date: str = ""
    last_return: str = ""
    supplier: str = ""
    on_hand: int | None = None
    on_order: int | None = None
    at: str = ""


NOTHING: Node = {}


def supplied(product: Node, asker: Asker) -> Supply:
    """Return what a record says of supply to one shop.

    Of its parts those count that are for the shop's country or for no country in particular; in them the
    supplier who is likeliest to deliver (list 65: in stock, available, to order, not yet, not now), and
    among equals the first. Where no part is for the country, what the first part says of availability,
    returns and stock is all there is: prices and dates hold for its own market only. Raises Refused.
    """
    parts: list[Node] = product.get("ProductSupply") or []
    home = [part for part in parts if _is_for(part, asker.country)]
    suppliers: list[Node] = [read() for part in home or parts[:1] for read in part.get(LATER) or ()]
    suppliers.sort(key=lambda one: _FIRST.get(one.get("ProductAvailability", ""), 9))
    best: Node = suppliers[0] if suppliers else NOTHING
    availability = best.get("ProductAvailability", "")
    on_hand, on_order = _stock(best, "OnHand"), _stock(best, "OnOrder")
    stocked = on_hand is not None or on_order is not None
    price_cents: int | None = None
    discount = published = embargo = ""
    days: dict[str, str] = {}
    if home:
        price_cents, discount = _price(suppliers, asker)
        days = _days(best.get("SupplyDate"), "SupplyDateRole")
        market = home[0].get("MarketPublishingDetail", NOTHING).get("MarketDate")
        marketed = _days(market, "MarketDateRole") if market else NOTHING
        published = marketed.get("01", "")
        embargo = max(exact(marketed.get("02", "")), exact(days.get("02", "")))
    return Supply(
        availability=availability if availability_name(availability) else "",
        returnable=_returnable(best) if "ReturnsConditions" in best else "",
        price_cents=price_cents,
        discount=discount,
        published=published,
        street_date=embargo,
        last_return=exact(days.get("18", "")),
        supplier=said(best.get("Supplier", NOTHING).get("SupplierName", ""), 200) if stocked else "",
        on_hand=on_hand,
        on_order=on_order,
        at=asker.sent if stocked else "",
    )


def exact(day: str) -> str:
    """Return a date that has a day; nothing for a month or a year."""
    return day if len(day) == 10 else ""


def _is_for(part: Node, country: str) -> bool:
    markets = part.get("Market")
    return not markets or any(covers(market.get("Territory"), country) for market in markets)


def covers(territory: Node | None, country: str) -> bool:
    """Say whether a territory has a country in it; none at all is everywhere."""
    if not territory:
        return True
    if country in territory.get("CountriesExcluded", "").split():
        return False
    included = territory.get("CountriesIncluded", "")
    if country in included and country in included.split():
        return True
    regions = territory.get("RegionsIncluded", "").split()
    return "WORLD" in regions or ("ECZ" in regions and country in _EURO)


def _price(suppliers: Iterable[Node], asker: Asker) -> tuple[int | None, str]:
    """Return the price at which a shop sells, and its discount, from the first supplier who names one.

    A retail price in the shop's currency, for its country, for anyone, for one copy, without conditions and
    in force. Where prices are quoted without tax (the US, Canada), one without goes before one with tax,
    elsewhere it is the other way round; one of the other kind is better than none. In each kind the
    recommended price goes first, then a fixed one, then that of an agency. Of equals the first counts.
    """
    exclusive = asker.country in _WITHOUT_TAX
    order = (*_EXCLUSIVE, *_INCLUSIVE) if exclusive else (*_INCLUSIVE, *_EXCLUSIVE)
    for one in suppliers:
        prices = [price for price in one.get("Price") or () if _is_ours(price, asker)]
        for kind in order:
            for price in prices:
                if price.get("PriceType", asker.default_price_type) != kind:
                    continue
                cents = amount_cents(price.get("PriceAmount", ""), asker.currency.decimals)
                if cents is not None:
                    return cents, _discount(price)
    return None, ""


def _is_ours(price: Node, asker: Asker) -> bool:
    """Say whether a price is for this shop, any customer, one copy, and now."""
    if (price.get("CurrencyCode") or asker.default_currency) != asker.currency.code:
        return False
    if "PriceAmount" not in price or price.get("PriceQualifier", "") not in _FOR_ANYONE:
        return False
    limits = [one.get("PriceConstraintType") for one in price.get("PriceConstraint") or ()]
    limits += [one.get("PriceConditionType") for one in price.get("PriceCondition") or ()]
    if any(limit != "00" for limit in limits):
        return False
    if price.get("MinimumOrderQuantity", "1").strip() not in ("", "0", "1"):
        return False
    return covers(price.get("Territory"), asker.country) and _is_in_force(price, asker.on)


def _is_in_force(price: Node, on: str) -> bool:
    for node in price.get("PriceDate") or ():
        role = node.get("PriceDateRole")
        day = dated(node)
        if role in ("14", "24") and day > on[: len(day)]:
            return False
        if role == "15" and day and day < on[: len(day)]:
            return False
        if role == "24" and (last := _end(node)) and last < on[: len(last)]:
            return False
    return True


def _end(node: Node) -> str:
    """Return the second half of a period as a date."""
    form, digits = node.get("Date") or ("", "")
    half = len(digits) // 2
    return dated({**node, "Date": (form, digits[half:])}) if form in ("06", "07", "11") else ""


def _discount(price: Node) -> str:
    """Return the trade discount of a price: its percentage, else the publisher's code."""
    for one in price.get("Discount") or ():
        if shown := percent(one.get("DiscountPercent", "")):
            return shown
    for one in price.get("DiscountCoded") or ():
        if code := said(one.get("DiscountCode", ""), 20):
            return code
    return ""


def _returnable(detail: Node) -> str:
    """Return Y, N or C by the first returns code that is understood: BISAC's before ONIX's own."""
    given = {
        one.get("ReturnsCodeType"): one.get("ReturnsCode", "")
        for one in detail.get("ReturnsConditions") or ()
    }
    found = (codes.get(given.get(kind, ""), "") for kind, codes in _RETURNABLE.items())
    return next((code for code in found if code), "")


def _days(nodes: Iterable[Node] | None, role: str) -> dict[str, str]:
    """Return the day of each role, as far as days can be read; the first of a role counts."""
    found: dict[str, str] = {}
    for node in nodes or ():
        if day := dated(node):
            found.setdefault(node.get(role, ""), day)
    return found


def _stock(detail: Node, name: str) -> int | None:
    """Return a supplier's copies over all places; None where it does not say a number."""
    counts = [whole(one[name]) for one in detail.get("Stock") or () if name in one]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None

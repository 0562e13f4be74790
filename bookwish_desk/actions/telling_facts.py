"""The facts of an order that its notices name: its books, money, dates and parcels, as they are now."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from bookwish_desk.actions.mailing import shop_facts
from bookwish_desk.settings import Settings
from bookwish_desk.shop.notices import NoticeFacts, NoticeLine, NoticeOrder
from bookwish_desk.shop.opening_hours import after_days, local
from bookwish_desk.shop.order import Order, Parcel, PostalAddress, source_of
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_link import link_to
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.promises import deadlines
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.tracking import public_link


def of(settings: Settings, order: Order) -> NoticeFacts:
    """Return what every notice about an order may name; its books are those not cancelled."""
    return replace(
        shop_facts(settings),
        number=order.number,
        customer=order.customer.name if order.customer else "",
        source=source_of(order).name,
        placed_at=order.placed_at,
        pickup=order.kind == "pickup",
        lines=_lines([(x, x.live) for x in order.lines]),
        total_cents=order.total_cents,
        instructions=order.instructions,
    )


def received(settings: Settings, order: Order) -> NoticeFacts:
    """Return the facts of a new order: with every price and where it goes."""
    return replace(
        of(settings, order),
        lines=_lines([(x, x.live) for x in order.lines], prices=True),
        address=_address(order),
        subtotal_cents=order.subtotal_cents,
        discount_cents=order.discount_cents,
        shipping_cents=order.shipping_cents if order.live else 0,
        tax_cents=order.tax_cents,
        credit_cents=order.payment.credit_cents,
    )


def waiting(settings: Settings, order: Order) -> NoticeFacts:
    """Return the facts of a pickup that waits: the books on the hold shelf, and until when."""
    promise = next((p for p in settings.promises if p.id == "hold_last" and p.active), None)
    until = ""
    if promise is not None and order.ready_at:
        ends = after_days(settings.opening, order.ready_at, promise.most)
        until = local(settings.opening, ends).date().isoformat()
    there = [(x, x.set_aside) for x in order.lines]
    return replace(of(settings, order), lines=_lines(there), hold_until=until)


def packed(settings: Settings, order: Order) -> NoticeFacts:
    """Return the facts of an order whose parcels wait for the carrier."""
    carriers = {p.carrier for p in order.parcels if not p.shipped_at and p.carrier}
    here = [(x, x.packed - x.shipped) for x in order.lines]
    return replace(
        of(settings, order),
        lines=_lines(here),
        address=_address(order),
        carrier=carriers.pop() if len(carriers) == 1 else "",
        expected=order.expected_on,
    )


def shipped(settings: Settings, order: Order, parcel: Parcel) -> NoticeFacts:
    """Return the facts of one parcel on its way: what is in it, its tracking, the day it should arrive.

    A parcel of the wholesaler's does not say what is in it: it is all that they supplied.
    """
    inside = dict(parcel.contents)
    copies = [(x, inside.get(x.id, 0) if inside else x.supplied) for x in order.lines]
    return replace(
        of(settings, order),
        lines=_lines(copies),
        address=_address(order),
        carrier=parcel.carrier,
        tracking=parcel.tracking,
        tracking_link=tracking_link(settings, parcel),
        expected=parcel.expected_on,
        more_to_come=order.open > 0,
    )


def cancelled(settings: Settings, order: Order, step: Any) -> NoticeFacts:
    """Return the facts of a cancelled order: all its books, why, and what is paid back.

    Suspected fraud is no reason to tell.
    """
    fraud = order.fraud or (isinstance(step, Step) and step.fraud)
    return replace(
        of(settings, order),
        lines=_lines([(x, x.ordered) for x in order.lines]),
        reason="" if fraud else order.cancel_reason,
        refund_cents=order.refund_due_cents + order.credit_due_cents,
    )


def given_back(order: Order) -> int:
    """Return the money and credit that the customer has got back."""
    return order.payment.refunded_cents + order.payment.credit_back_cents


def for_staff(settings: Settings, order: Order) -> NoticeFacts:
    """Return what staff hear of a new order, with a link that opens it (WSM-14)."""
    return replace(received(settings, order), link=link_to(order.number))


def in_digest(settings: Settings, order: Order) -> NoticeOrder:
    """Return an order as the digest names it: with what must be done next, and by when."""
    next_ones = deadlines(order, settings.opening, settings.promises)
    due = ""
    if next_ones:
        by = moment(next_ones[0].act_by, settings.zone, settings.locale)
        due = f"{next_ones[0].sentence} By {by}."
    return NoticeOrder(
        order.number,
        order.customer.name if order.customer else "",
        order.kind == "pickup",
        order.total_cents,
        order.placed_at,
        due,
        link_to(order.number),
    )


def tracking_link(settings: Settings, parcel: Parcel) -> str:
    """Return where the customer follows a parcel; empty for a carrier that nobody has a link for."""
    if not parcel.tracking:
        return ""
    carrier = parcel.carrier.strip().casefold()
    links = [link for name, link in settings.tracking_links if name.strip().casefold() == carrier]
    link = next(filter(None, links), "") or public_link(carrier)
    return link.replace("#", quote(parcel.tracking, safe=""))


def _lines(copies: list[tuple[OrderLine, int]], *, prices: bool = False) -> tuple[NoticeLine, ...]:
    return tuple(
        NoticeLine(
            ", ".join(x for x in (line.title, line.detail) if x),
            count,
            count * line.price_cents if prices else None,
        )
        for line, count in copies
        if count > 0
    )


def _address(order: Order) -> str:
    return "" if order.address is None or order.kind == "pickup" else address_lines(order.address)


def address_lines(address: PostalAddress) -> str:
    """Return an address in lines, as it stands on an envelope."""
    town = " ".join(x for x in (address.city, address.state, address.postal_code) if x)
    country = "" if address.country == "US" else address.country
    parts = (address.name, address.line1, address.line2, town, country)
    return "\n".join(x for x in parts if x)

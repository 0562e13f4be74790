"""Papers that go with orders: packing slips and pick lists made from them, sent to a printer, noted.

What they look like is `paper`. The drawing (ReportLab) is done on a lane, between making the values here
and posting them here: no transaction waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import letterhead, post_label, post_page, post_slip
from bookwish_desk.actions.telling_facts import address_lines
from bookwish_desk.db import items, orders
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.order import WORKING, Order, Parcel, source_of
from bookwish_desk.shop.order_line import OrderLine
from bookwish_desk.shop.order_rules import STATE_WORDS
from bookwish_desk.shop.packing import (
    PackedLine,
    PackingSlip,
    PickList,
    Sum,
    Wanted,
    pick_list_of,
)
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.receipt import moment
from bookwish_desk.shop.slip import Element, Gap, Pair, Rule, Slip, Words
from bookwish_desk.shop.staff import Actor

Paper = Literal["packing_slip", "pick_list", "hold_slip"]

PAPERS: dict[Paper, str] = {
    "packing_slip": "Packing slip",
    "pick_list": "Pick list",
    "hold_slip": "Pickup slip",
}

_THANKS = "Thank you for your order."


# ---- packing slips ----


def slips_of(order: Order, settings: Settings, known: Mapping[str, Item]) -> tuple[PackingSlip, ...]:
    """Return the packing slips of an order: one for each parcel that is packed, or one for all of it.

    Parcels that are on their way have slips again only where nothing of the order is here. `known` are the
    items of its lines by SKU. Raises Refused for an order of which nothing can be packed.
    """
    if order.state in ("in_checkout", "abandoned", "cancelled") or not order.live:
        what = order.state.replace("_", " ") if order.live or order.state == "cancelled" else "empty"
        raise Refused("nothing", f"There is nothing to pack: the order is {what}.")
    if order.owner.name == "wholesaler":
        raise Refused("owner", "The wholesaler fills this order and packs it.")
    if order.kind == "ship" and (order.address is None or not order.address.line1.strip()):
        raise Refused("address", "The order has no address to send it to.")
    parcels = tuple(enumerate((p for p in order.parcels if p.contents), 1))
    count = len(parcels)
    here = tuple((number, p) for number, p in parcels if not p.shipped_at)
    if not here and (not parcels or any(x.allocated > x.shipped + x.handed_over for x in order.lines)):
        return (slip_of(order, settings, known, None, count + 1, count + 1),)
    return tuple(slip_of(order, settings, known, parcel, n, count) for n, parcel in here or parcels)


def slip_of(
    order: Order,
    settings: Settings,
    known: Mapping[str, Item],
    parcel: Parcel | None = None,
    number: int = 1,
    of: int = 1,
) -> PackingSlip:
    """Return the packing slip of one parcel of an order, or without one of all its copies that are here."""
    inside = dict(parcel.contents) if parcel is not None else _inside(order)
    whole = all(inside.get(x.id, 0) == x.live for x in order.lines)
    show = settings.money.show
    return PackingSlip(
        head=letterhead(settings),
        order=order.number,
        to=addressee(order) or "Customer",
        lines=tuple(
            _packed(x, inside[x.id], known.get(x.sku), show(x.price_cents * inside[x.id]), last=number == of)
            for x in order.lines
            if inside.get(x.id)
        ),
        placed_at=order.placed_at,
        source=source_of(order).name,
        pickup=order.kind == "pickup",
        gift=order.gift,
        message=order.gift_message,
        instructions=order.instructions,
        insert=settings.slip_insert.strip(),
        thanks=_thanks(order, settings),
        sums=_sums(order, settings) if whole else (),
        parcel=number,
        parcels=of,
        heading="Gift" if order.gift else "Packing slip",
    )


def _inside(order: Order) -> dict[str, int]:
    """Return the copies that go now, by line; all of them where none is here yet or the last is gone."""
    inside = {x.id: _here(x) for x in order.lines}
    return inside if any(inside.values()) else {x.id: x.live for x in order.lines}


def _here(line: OrderLine) -> int:
    """Return the copies that go now: those promised and still in the shop; with none promised yet, all."""
    here = line.allocated - line.shipped - line.handed_over
    return here or (line.open if not line.gone and not line.short and not line.backordered else 0)


def _packed(line: OrderLine, copies: int, item: Item | None, price: str, *, last: bool) -> PackedLine:
    author = item.authors if item is not None and item.authors else line.detail
    notes = [item.copy_words] if item is not None and item.copy_words else []
    later = line.live - line.supplied - line.allocated
    if later > 0 and last and copies < line.live:
        follow = "1 more copy follows" if later == 1 else f"{later} more copies follow"
        notes.append(f"{follow}, {line.expected_on}" if line.expected_on else follow)
    code = str(line.ean) if line.ean is not None else line.sku
    return PackedLine(copies, line.title, author, code, price, ". ".join(notes))


def addressee(order: Order) -> str:
    """Return whom an order goes to: a name and address over several lines, just the name for a pickup."""
    who = order.customer.name if order.customer is not None else ""
    if order.kind == "pickup" or order.address is None:
        return who
    return address_lines(replace(order.address, name=order.address.name or who))


def _thanks(order: Order, settings: Settings) -> str:
    """Return the thanks to who ordered (OMG-17), unless the shop's own word at the foot thanks already.

    Whoever gets a gift has ordered nothing.
    """
    if order.gift:
        return f"Packed with care by {settings.shop_name}."
    return "" if "thank" in settings.slip_insert.casefold() else _THANKS


def _sums(order: Order, settings: Settings) -> tuple[Sum, ...]:
    show = settings.money.show
    rows = [("Subtotal", order.subtotal_cents), ("Discount", -order.discount_cents)]
    rows += [("Shipping", order.shipping_cents), ("Adjustment", order.adjustment_cents)]
    tax = "Tax included" if order.tax_included else "Tax"
    rows += [(tax, order.tax_cents), ("Given back", -order.granted_cents)]
    rows += [("Trade credit", -order.payment.credit_cents)]
    shown = [Sum(label, show(cents)) for label, cents in rows if cents]
    return (*shown, Sum("Total", show(order.total_cents), strong=True))


def slips_for(store: Store, order_ids: Sequence[str]) -> list[tuple[str, tuple[PackingSlip, ...], str]]:
    """Return (number, slips, why there are none) for each of these orders: one that fails keeps no other."""
    settings = store.settings
    with store.read() as conn:
        found = {order.id: order for order in orders.by_ids(conn, order_ids)}
        skus = dict.fromkeys(x.sku for order in found.values() for x in order.lines)
        known = {item.sku: item for item in items.by_skus(conn, list(skus))}
    made: list[tuple[str, tuple[PackingSlip, ...], str]] = []
    for order_id in order_ids:
        order = found.get(order_id)
        if order is None:
            made.append((order_id, (), "This order is not in the books."))
            continue
        try:
            made.append((order.number, slips_of(order, settings, known), ""))
        except Refused as refused:
            made.append((order.number, (), refused.message))
    return made


# ---- pick lists ----


def wanted_of(
    found: Iterable[Order],
    known: Mapping[str, Item],
    room: Callable[[OrderLine], int] = lambda line: line.to_pick,
) -> tuple[Wanted, ...]:
    """Return what orders need from the shelves: what is still to be picked, or as many as `room` says."""
    wanted = []
    for order in found:
        for line in order.lines:
            item = known.get(line.sku)
            wanted.append(
                Wanted(
                    order.number,
                    room(line),
                    line.title,
                    author_of(line, item),
                    line.sku,
                    item.shelf if item is not None else "",
                )
            )
    return tuple(wanted)


def author_of(line: OrderLine, item: Item | None) -> str:
    """Return who wrote what a line is of, and which copy of it is meant where it is not a new one."""
    if item is None:
        return line.detail
    return " · ".join(x for x in (item.authors or line.detail, item.copy_words) if x)


class Walk(msgspec.Struct, frozen=True):
    """A pick list, the ids of the orders that are on it, and (number, why) of those that wait in vain."""

    picks: PickList
    order_ids: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def pick_list_for(store: Store, order_ids: Sequence[str], made_by: str, made_at: int) -> Walk:
    """Return the pick list of these orders. Raises Refused when nothing is left to pick."""
    with store.read() as conn:
        found = orders.by_ids(conn, order_ids)
        skus = dict.fromkeys(x.sku for order in found for x in order.lines)
        known = {item.sku: item for item in items.by_skus(conn, list(skus))}
    oldest = sorted(found, key=lambda x: (x.placed_at, x.number))
    waiting = [x for x in oldest if not x.hold and any(line.to_pick for line in x.lines)]
    if not waiting:
        raise Refused("nothing", "Nothing is left to pick for these orders.")
    head = letterhead(store.settings)
    picks = pick_list_of(wanted_of(waiting, known), head, made_at=made_at, made_by=made_by)
    left_out = tuple((x.number, why) for x in oldest if x not in waiting and (why := _not_picked(x)))
    return Walk(picks, tuple(x.id for x in waiting), left_out)


def _not_picked(order: Order) -> str:
    """Return why an order is on no pick list; nothing for one of which every copy is picked that is here."""
    if order.owner.name == "wholesaler":
        return "The wholesaler fills this order and packs it."
    if order.state not in WORKING:
        return f"The order is {STATE_WORDS[order.state]}."
    if order.hold:
        return f"The order is on hold: {order.hold}."
    return "" if any(x.picked for x in order.lines) else "No copy of it is here yet."


def pick_slip(picks: PickList) -> Slip:
    """Return a pick list for the receipt printer, for a shop without a printer for pages."""
    head = picks.head
    out: list[Element] = [
        Words("Pick list", align="center", bold=True, large=True),
        Words(f"{picks.copies} {'copy' if picks.copies == 1 else 'copies'}", align="center"),
        Words(moment(picks.made_at, head.zone, head.currency.locale), align="center"),
        Rule(),
    ]
    for pick in picks.picks:
        out.append(Pair(f"[ ] {pick.title}", str(pick.copies), bold=True))
        out.append(Pair(pick.shelf or "No shelf", pick.code, indent=4))
        numbers = ", ".join(n if copies == 1 else f"{n} x {copies}" for n, copies in pick.orders)
        out += [Words(f"for {numbers}"), Gap()]
    return Slip(kind="report", ref="Pick list", elements=tuple(out))


# ---- to the printers ----


@action
def print_pages(tx: Tx, actor: Actor, pdf: bytes, title: str, order_ids: Sequence[str], paper: Paper) -> str:
    """Send drawn papers of orders to the document printer, and note it with each; return the job's id.

    Raises Refused where there is no such printer.
    """
    present(tx, actor)
    job = post_page(tx, Pages(pdf, title), register=actor.register)
    _note(tx, actor, order_ids, paper, "printer")
    return job


@action
def print_labels(tx: Tx, actor: Actor, slips: Sequence[tuple[str, str, bytes]]) -> tuple[str, ...]:
    """Send 4 x 6 packing slips to the printer of shipping labels: (order id, number, PDF), a job each.

    Raises Refused where there is no such printer.
    """
    present(tx, actor)
    jobs = tuple(
        post_label(
            tx,
            LabelJob(ShippingLabel(pdf, "pdf", number), ref=number),
            register=actor.register,
            purpose="shipping",
            kind="packing_slip",
        )
        for _order_id, number, pdf in slips
    )
    _note(tx, actor, [order_id for order_id, _, _ in slips], "packing_slip", "label printer")
    return jobs


@action
def print_pick_slip(tx: Tx, actor: Actor, picks: PickList, order_ids: Sequence[str]) -> str:
    """Send a pick list to the receipt printer and note it with each order; return the job's id."""
    present(tx, actor)
    job = post_slip(tx, pick_slip(picks), register=actor.register)
    _note(tx, actor, order_ids, "pick_list", "receipt printer")
    return job


@action
def note_saved(tx: Tx, actor: Actor, order_ids: Sequence[str], paper: Paper) -> None:
    """Note with each order that a paper of it was saved as a file."""
    present(tx, actor)
    _note(tx, actor, order_ids, paper, "file")


def _note(tx: Tx, actor: Actor, order_ids: Sequence[str], paper: Paper, to: str) -> None:
    """Add to the history of each order that a paper was made of it; the journal has one entry for all."""
    for order_id in order_ids:
        body = {"paper": paper, "to": to}
        orders.record(tx, order_id, "printed", staff=actor.staff, register=actor.register, body=body)
    first = orders.by_ids(tx.conn, order_ids[:1]) if len(order_ids) == 1 else ()
    tx.record(
        "order.printed",
        staff=actor.staff,
        register=actor.register,
        ref=first[0].number if first else "",
        body={"paper": paper, "to": to, "count": len(order_ids)},
    )

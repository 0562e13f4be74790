"""What is printed for a parcel: its carrier's label with its packing slip, or an address label of the shop.

They are drawn on a lane before they are posted (`parcel_papers`): no transaction waits for ReportLab.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from bookwish_desk.actions.action import action
from bookwish_desk.actions.order_papers import addressee, slip_of
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import post_label, post_page
from bookwish_desk.actions.telling_facts import address_lines
from bookwish_desk.db import items, orders, postages
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.settings import Settings
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.device import LabelPrinterSetup
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.packing import PackingSlip
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.shipping import LabelFormat
from bookwish_desk.shop.staff import Actor

if TYPE_CHECKING:
    from sqlalchemy import Connection

NO_PRINTER = "No printer for shipping labels is set up. Add one on the Devices screen, then print it again."


class Papers(msgspec.Struct, frozen=True):
    """What goes out with a label, drawn: a 4x6 slip for a label printer, else whole pages."""

    slip: bytes = b""
    pages: bytes = b""


def format_bought(settings: Settings) -> LabelFormat:
    """Return the format in which labels are bought: a picture, unless the shop wants PDF whatever happens.

    Only a PNG is converted later (EasyPost): what was bought as ZPL could be printed by no other printer.
    """
    return "pdf" if settings.shipping.label_format == "pdf" else "png"


def format_for(settings: Settings, register: int) -> LabelFormat:
    """Return the format in which the printer of a register wants carriers' labels at this moment.

    Carriers make ZPL for 203 dpi only; a picture is drawn for every other printer.
    """
    printer = settings.device_for("shipping", register)
    setup = printer.setup if printer is not None else None
    zebra = isinstance(setup, LabelPrinterSetup) and setup.language == "zpl" and setup.dpi == 203
    wanted = settings.shipping.label_format
    if wanted == "zpl" or (wanted == "auto" and zebra):
        return "zpl" if zebra else "png"
    return "pdf" if wanted == "pdf" and printer is not None else "png"


def label_to_print(conn: Connection, settings: Settings, postage_id: str, register: int) -> LabelFile | None:
    """Return the bytes of a label that suit a register's printer best, as it was bought where none do."""
    wanted = postages.label(conn, postage_id, format_for(settings, register))
    return wanted or postages.label(conn, postage_id)


def slips_of_box(store: Store, order_ids: Sequence[str], box: str) -> tuple[PackingSlip, ...]:
    """Return the packing slips of one box: one for each order of which copies lie in it."""
    settings = store.settings
    with store.read() as conn:
        found = orders.by_ids(conn, order_ids)
        skus = dict.fromkeys(x.sku for order in found for x in order.lines)
        known = {item.sku: item for item in items.by_skus(conn, list(skus))}
    made = []
    for order in found:
        parcels = [p for p in order.parcels if p.contents]
        for number, parcel in enumerate(parcels, 1):
            if parcel.id == box:
                made.append(slip_of(order, settings, known, parcel, number, len(parcels)))
    return tuple(made)


def mark_of(postage: Postage) -> str:
    """Return what is printed on a label that the carrier has not printed there itself."""
    return ", ".join(postage.numbers)


def post_papers(tx: Tx, postage: Postage, label: LabelFile, papers: Papers) -> tuple[str, ...]:
    """Queue a label with its papers as one job for the printer of its register; return the ids of the jobs.

    Nothing is queued, and nothing returned, where the register has no printer for it: see NO_PRINTER.
    """
    ref, register = postage.numbers[0] if postage.numbers else postage.id, postage.register
    if tx.settings.device_for("shipping", register) is not None:
        mark = "" if label.format == "zpl" else mark_of(postage)
        shown = ShippingLabel(label.data, label.format, ref, mark, papers.slip)
        job = LabelJob(shown, ref=ref)
        return (post_label(tx, job, register=register, purpose="shipping"),)
    if tx.settings.device_for("documents", register) is None or not papers.pages:
        return ()
    return (post_page(tx, Pages(papers.pages, f"Shipping label {ref}"), register=register),)


# ---- without a carrier's label ----


def addresses_of(store: Store, order_id: str) -> tuple[str, str, str]:
    """Return an order's number, whom it goes to and from whom, in lines.

    Raises Refused for an order without an address.
    """
    settings = store.settings
    with store.read() as conn:
        order = orders.load(conn, order_id)
    if order.address is None or not order.address.line1.strip():
        raise Refused("address", "The order has no address to send it to.")
    sender = settings.shipping.sender
    own = address_lines(replace(sender, name=sender.name or settings.shop_name)) if sender.line1 else ""
    shop = "\n".join(x for x in (settings.shop_name, settings.shop_address) if x)
    return order.number, addressee(order), own or shop


@action
def print_address_label(tx: Tx, actor: Actor, order_id: str, number: str, pdf: bytes) -> str:
    """Print an address label on the printer for shipping labels, else on the document printer.

    Returns the job's id. Raises Refused where there is neither.
    """
    present(tx, actor)
    if tx.settings.device_for("shipping", actor.register) is not None:
        shown = ShippingLabel(pdf, "pdf", number)
        label = LabelJob(shown, ref=number)
        job = post_label(tx, label, register=actor.register, purpose="shipping", kind="address_label")
    elif tx.settings.device_for("documents", actor.register) is not None:
        job = post_page(tx, Pages(pdf, f"Address label {number}"), register=actor.register)
    else:
        raise Refused("no_printer", NO_PRINTER)
    body = {"paper": "address_label", "to": "printer"}
    orders.record(tx, order_id, "printed", staff=actor.staff, register=actor.register, body=body)
    tx.record("order.printed", staff=actor.staff, register=actor.register, ref=number, body=body)
    return job

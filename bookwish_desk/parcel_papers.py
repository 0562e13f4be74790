"""Papers of parcels, drawn from the books: what goes with a label, address labels, papers of the day's end.

Every function here reads or draws and belongs on a lane; ReportLab is imported by it. What is printed is
posted by `actions.label_papers` and `actions.day_papers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bookwish_desk.actions.day_papers import wants_pages
from bookwish_desk.actions.label_papers import (
    Papers,
    addresses_of,
    label_to_print,
    mark_of,
    slips_of_box,
)
from bookwish_desk.actions.posting import letterhead
from bookwish_desk.db import postages

if TYPE_CHECKING:
    from bookwish_desk.db.store import Store
    from bookwish_desk.shop.carriage import LabelFile
    from bookwish_desk.shop.handover import DayList
    from bookwish_desk.shop.packing import PackingSlip
    from bookwish_desk.shop.postage import Postage


def warm() -> None:
    """Import and try whatever draws labels and slips: the first parcel need not wait for it. Slow."""
    from bookwish_desk.hardware.pages.pdf_pages import each_page
    from bookwish_desk.paper import packing_slip, shipping_pages

    assert packing_slip is not None
    for _page in each_page(shipping_pages.address_label("-", "-", number="-"), 20, 1):
        pass


def draw_papers(store: Store, postage: Postage, label: LabelFile) -> Papers:
    """Draw what goes out with a label of this register's printer. Raises Refused for an unreadable picture.

    A return label has no slip.
    """
    settings = store.settings
    slips: tuple[PackingSlip, ...] = ()
    if postage.with_slip and postage.purpose == "out":
        slips = slips_of_box(store, postage.orders, postage.box)
    if settings.device_for("shipping", postage.register) is not None:
        return Papers(slip=_slips(slips, "4x6"))
    if settings.device_for("documents", postage.register) is None or label.format == "zpl":
        return Papers()
    if label.format == "pdf":
        return Papers(pages=label.data)
    from bookwish_desk.paper.shipping_pages import label_page

    return Papers(pages=label_page(label.data, settings.page_size, mark=mark_of(postage)))


def draw_again(store: Store, postage_id: str, register: int) -> Papers:
    """Draw what a register's printer for pages needs to print a label again; nothing for a label printer."""
    settings = store.settings
    if settings.device_for("shipping", register) is not None:
        return Papers()
    with store.read() as conn:
        postage = postages.load(conn, postage_id)
        file = label_to_print(conn, settings, postage_id, register)
    if file is None:
        return Papers()
    return draw_papers(store, replace(postage, register=register, with_slip=False), file)


def _slips(slips: Sequence[PackingSlip], size: str) -> bytes:
    if not slips:
        return b""
    from bookwish_desk.paper.packing_slip import packing_slips

    return packing_slips(slips, size)  # type: ignore[arg-type]


def draw_address_label(store: Store, order_id: str, service: str = "") -> tuple[str, bytes]:
    """Draw the address label of an order: its number and a 4x6 PDF.

    Raises Refused for an order without an address.
    """
    from bookwish_desk.paper.shipping_pages import address_label

    number, to, sender = addresses_of(store, order_id)
    return number, address_label(to, sender, number=number, service=service)


# ---- the day's end ----


def draw_day_list(store: Store, day: DayList, size: str = "") -> bytes:
    """Return the list of a day as PDF."""
    from bookwish_desk.paper.day_list import day_list

    settings = store.settings
    return day_list(day, letterhead(settings), size or settings.page_size, store.clock())  # type: ignore[arg-type]


def form_pages(store: Store, register: int, file: LabelFile) -> bytes:
    """Return a carrier's form as pages of a document printer, where that is what prints it."""
    if store.settings.device_for("shipping", register) is not None or not wants_pages(store, register):
        return b""
    if file.format != "png":
        return file.data if file.format == "pdf" else b""
    from bookwish_desk.paper.shipping_pages import label_page

    return label_page(file.data, store.settings.page_size)

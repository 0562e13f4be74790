"""What is printed at the day's end: the list of its parcels, and the forms that carriers made of them.

Pages are drawn on a lane before they are posted (`parcel_papers`): no transaction waits for ReportLab.
"""

from __future__ import annotations

from bookwish_desk.actions.action import action
from bookwish_desk.actions.permits import present
from bookwish_desk.actions.posting import letterhead, post_label, post_page, post_slip
from bookwish_desk.db import handovers
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.shop.day_list_words import day_slip
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.handover import DayList
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.staff import Actor


def wants_pages(store: Store, register: int) -> bool:
    """Say whether a register prints pages, and not slips."""
    return store.settings.device_for("documents", register) is not None


@action
def print_day_list(tx: Tx, actor: Actor, day: DayList, pdf: bytes = b"") -> str:
    """Print the list of a day: pages where they were drawn, else a slip; return the job's id.

    Raises Refused where there is no printer.
    """
    present(tx, actor)
    if pdf:
        return post_page(tx, Pages(pdf, f"Parcels {day.day}"), register=actor.register)
    return post_slip(tx, day_slip(day, letterhead(tx.settings), tx.at), register=actor.register)


@action
def print_form(tx: Tx, actor: Actor, manifest_id: str, pdf: bytes = b"") -> str:
    """Print a carrier's form for a day's parcels; return the job's id.

    On the printer for shipping labels, else as pages (`parcel_papers.form_pages`). Raises Refused where
    the form is not here yet, or nothing can print it.
    """
    present(tx, actor)
    manifest = handovers.manifest(tx.conn, manifest_id)
    file = handovers.form(tx.conn, manifest_id)
    if file is None:
        raise Refused("no_form", "The carrier's form is not here yet. It is fetched as soon as it is made.")
    ref = f"{manifest.carrier} {manifest.day}"
    if tx.settings.device_for("shipping", actor.register) is not None:
        label = ShippingLabel(file.data, file.format, ref)
        job = LabelJob(label, ref=ref)
        return post_label(tx, job, register=actor.register, purpose="shipping", kind="manifest")
    if not pdf:
        raise Refused(
            "no_printer", "No printer for shipping labels is set up. Add one on the Devices screen."
        )
    return post_page(tx, Pages(pdf, f"Form {ref}"), register=actor.register)

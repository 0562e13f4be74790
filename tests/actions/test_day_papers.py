"""What is printed at the day's end goes to the printer that a register has, or says that there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bookwish_desk import parcel_papers
from bookwish_desk.actions import day_papers, handing_over
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.db import outbox
from bookwish_desk.shop.carriage import LabelFile
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import Refused
from tests.support.after_desk import AfterDesk, after_desk
from tests.support.fake_after import FORM
from tests.support.shops import document_printer


def desk_with(folder: Path, *devices: Device) -> AfterDesk:
    """Return a desk with one label bought and these devices only."""
    desk = after_desk(folder)
    desk.bought()
    with desk.store.write() as tx:
        keep_settings(tx, replace(tx.settings, devices=devices), ("devices",))
    return desk


def listed(desk: AfterDesk) -> str:
    """Have a form made of the day's parcels, and fetched."""
    (made,) = handing_over.make_manifests(desk.store, desk.actor).value
    desk.run(desk.handing, most_ms=600_000)
    return made.id


def today(desk: AfterDesk):
    settings = desk.store.settings
    with desk.store.read() as conn:
        return handing_over.day_list(conn, settings, handing_over.today(settings, desk.clock.at))


def test_the_list_is_printed_as_pages_where_there_is_a_document_printer(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "shop", document_printer())
    assert day_papers.wants_pages(desk.store, 1)
    pdf = parcel_papers.draw_day_list(desk.store, today(desk))
    assert pdf.startswith(b"%PDF-")
    job_id = day_papers.print_day_list(desk.store, desk.actor, today(desk), pdf).value
    with desk.store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None
    assert (job.channel, job.device) == ("page", "document-printer")


def test_without_any_printer_it_is_said(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "shop")
    with pytest.raises(Refused, match="No receipt printer"):
        day_papers.print_day_list(desk.store, desk.actor, today(desk))
    form = listed(desk)
    with pytest.raises(Refused, match="No printer for shipping labels"):
        day_papers.print_form(desk.store, desk.actor, form)


def test_a_form_goes_to_the_document_printer_where_labels_have_none(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "shop", document_printer())
    form = listed(desk)
    pdf = parcel_papers.form_pages(desk.store, 1, LabelFile(FORM, "pdf"))
    assert pdf == FORM
    assert parcel_papers.form_pages(desk.store, 1, LabelFile(b"^XA^XZ", "zpl")) == b""
    job_id = day_papers.print_form(desk.store, desk.actor, form, pdf).value
    with desk.store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None
    assert job.channel == "page"


def test_a_form_that_is_not_here_yet_is_not_printed(tmp_path: Path) -> None:
    desk = desk_with(tmp_path / "shop", document_printer())
    (made,) = handing_over.make_manifests(desk.store, desk.actor).value
    with pytest.raises(Refused, match="not here yet"):
        day_papers.print_form(desk.store, desk.actor, made.id)

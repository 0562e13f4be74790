"""What is printed with a label: in the printer's own format, one job, marked with the order's number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import buying, label_papers
from bookwish_desk.actions.action import action
from bookwish_desk.actions.configuring import keep_settings
from bookwish_desk.actions.label_papers import Papers, format_bought, format_for, post_papers
from bookwish_desk.db import orders, outbox
from bookwish_desk.db.store import Store, Tx
from bookwish_desk.parcel_papers import draw_address_label, draw_again, draw_papers
from bookwish_desk.settings import Settings
from bookwish_desk.shop.carriage import Box, Consignment, LabelFile
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.label import LabelJob, ShippingLabel
from bookwish_desk.shop.order import Order, PostalAddress
from bookwish_desk.shop.order_step import Step
from bookwish_desk.shop.pages import Pages
from bookwish_desk.shop.postage import Postage
from bookwish_desk.shop.shipping import ShippingSettings
from bookwish_desk.shop.staff import Actor
from tests.hardware.test_labels import carrier, png
from tests.support.orders import EMMA, HOME, ORLANDO, line, made, received, shelved, stepped
from tests.support.papers import codes_on, pictures_of, words_of
from tests.support.parcels import bought, copied_desk
from tests.support.shops import NOON, document_printer, found_shop, label_printer

FOUR_BY_SIX: dict[str, Any] = {"width_mm": 101.6, "height_mm": 152.4}


def shop_with(tmp_path: Path, *devices: Device, **shipping: Any) -> tuple[Store, Actor]:
    settings = Settings(devices=devices, shipping=ShippingSettings(**shipping))
    store, owner = found_shop(tmp_path, settings)
    return store, owner


def packed(store: Store, owner: Actor) -> Order:
    """Return an order of two titles in two boxes, and put it there."""
    for item in (ORLANDO, EMMA):
        shelved(store, owner, item, 2)
    order = received(store, owner, made("BW-1", line(), line(EMMA), kind="ship"))
    order = stepped(store, owner, order, "confirm", "start", "pick", "check", "pack")
    parcel = order.parcels[0]

    return stepped(
        store, owner, order, Step("split", copies=((order.lines[1].id, 1),), parcel=parcel.id, into="box-2")
    )


def postage(order: Order, box: str = "box-2", **more: Any) -> Postage:
    sent = Consignment(reference="p", to=HOME, sender=PostalAddress(), box=Box(500))
    facts = {"id": "p", "box": box, "orders": (order.id,), "numbers": (order.number,), **more}
    return Postage(consignment=sent, created_at=NOON, staff="", register=1, **facts)


@action
def posted(tx: Tx, what: Postage, label: LabelFile, papers: Papers) -> tuple[str, ...]:
    return post_papers(tx, what, label, papers)


@pytest.mark.parametrize(
    ("device", "wanted", "found"),
    [
        (label_printer(dpi=203), "auto", "zpl"),
        (label_printer(dpi=300), "auto", "png"),
        (label_printer(language="tspl"), "auto", "png"),
        (label_printer(dpi=300), "zpl", "png"),
        (label_printer(), "png", "png"),
        (label_printer(), "pdf", "pdf"),
        (document_printer(), "auto", "png"),
        (None, "auto", "png"),
    ],
)
@pytest.mark.capability("OMG-19")
def test_a_printer_gets_the_format_that_it_wants(device: Device | None, wanted: str, found: str) -> None:
    shipping = ShippingSettings(label_format=wanted)  # type: ignore[arg-type]
    assert format_for(Settings(devices=(device,) if device else (), shipping=shipping), 1) == found


@pytest.mark.capability("OMG-14", "BW-11")
def test_a_label_and_the_slip_of_its_own_box_are_one_job(tmp_path: Path) -> None:
    store, owner = shop_with(tmp_path, label_printer(**FOUR_BY_SIX))
    order = packed(store, owner)
    label = LabelFile(png(carrier()), "png")
    papers = draw_papers(store, postage(order), label)
    (job_id,) = posted(store, postage(order), label, papers).value
    with store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None
    shown = msgspec.json.decode(job.payload, type=LabelJob).label
    assert isinstance(shown, ShippingLabel) and shown.mark == "BW-1" and shown.data == label.data
    (words,) = words_of(shown.slip)
    assert "Emma" in words and "Orlando" not in words and "Parcel 2 of 2" in words


@pytest.mark.parametrize("more", [{"with_slip": False}, {"purpose": "return"}])
def test_a_return_and_a_label_alone_have_no_slip(tmp_path: Path, more: dict[str, Any]) -> None:
    store, owner = shop_with(tmp_path, label_printer(**FOUR_BY_SIX))
    order = packed(store, owner)
    assert draw_papers(store, postage(order, **more), LabelFile(b"^XA^XZ", "zpl")) == Papers()


def test_a_page_printer_gets_a_page_with_the_label_on_it(tmp_path: Path) -> None:
    store, owner = shop_with(tmp_path, document_printer())
    order = packed(store, owner)
    label = LabelFile(png(carrier(300)), "png")
    (job_id,) = posted(store, postage(order), label, draw_papers(store, postage(order), label)).value
    with store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None and job.channel == "page"
    pages = msgspec.json.decode(job.payload, type=Pages)
    assert words_of(pages.pdf)[0].startswith("BW-1")


def test_without_a_printer_nothing_is_queued(tmp_path: Path) -> None:
    store, owner = shop_with(tmp_path)
    order = packed(store, owner)
    label = LabelFile(png(carrier()), "png")
    assert posted(store, postage(order), label, draw_papers(store, postage(order), label)).value == ()


@pytest.mark.capability("OMG-20")
def test_an_address_label_is_printed_without_any_carrier(tmp_path: Path) -> None:
    store, owner = shop_with(tmp_path, label_printer(**FOUR_BY_SIX))
    order = packed(store, owner)
    number, pdf = draw_address_label(store, order.id)
    label_papers.print_address_label(store, owner, order.id, number, pdf)
    with store.read() as conn:
        assert outbox.latest(conn, "BW-1", "address_label") is not None
        assert orders.history(conn, order.id)[-1].kind == "printed"
    words = words_of(pdf)[0]
    assert "Ada Example" in words and "Bookshop" in words
    assert [text for text, _ in codes_on(pictures_of(pdf, 203)[0])] == ["BW-1"]


def test_an_order_without_an_address_and_a_register_without_a_printer_say_so(tmp_path: Path) -> None:
    store, owner = shop_with(tmp_path)
    order = received(store, owner, replace(made("BW-2"), address=None))
    with pytest.raises(Refused, match="no address"):
        draw_address_label(store, order.id)
    with pytest.raises(Refused, match="No printer for shipping labels"):
        label_papers.print_address_label(store, owner, order.id, "BW-2", b"%PDF")


@pytest.mark.parametrize(
    ("setting", "found"), [("auto", "png"), ("zpl", "png"), ("png", "png"), ("pdf", "pdf")]
)
@pytest.mark.capability("OMG-19")
def test_a_label_is_bought_so_that_every_printer_can_print_it(setting: Any, found: str) -> None:
    settings = Settings(devices=(label_printer(),), shipping=ShippingSettings(label_format=setting))
    assert format_bought(settings) == found


@pytest.mark.capability("OMG-19")
def test_a_label_is_printed_again_as_a_page_where_there_is_no_label_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.fake_carriers.LABEL", png(carrier(300)))
    desk = copied_desk(tmp_path / "shop")
    label = bought(desk)
    with desk.store.write() as tx:
        keep_settings(tx, replace(tx.settings, devices=(document_printer(),)), ("devices",))
    papers = draw_again(desk.store, label.id, 1)
    (job_id,) = buying.reprint(desk.store, desk.actor, label.id, papers).value
    with desk.store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None and job.channel == "page"
    desk.store.close()

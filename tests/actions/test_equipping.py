"""Devices as part of the shop's settings: adding, changing, using, trying and removing them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bookwish_desk.actions import equipping, outgoing
from bookwish_desk.db import outbox
from bookwish_desk.shop.device import (
    CustomerScreenSetup,
    Device,
    DocumentPrinterSetup,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    ScannerSetup,
    usual,
)
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.pages import Pages
from tests.support.counter import Counter
from tests.support.shops import hire

FRONT = Device("", "Front printer", "tcp:192.168.1.50", ReceiptPrinterSetup(), uses=("receipts",))
ZEBRA = Device("", "Zebra", "usb:0a5f:0166:X1", LabelPrinterSetup(), uses=("labels", "shipping"))
OFFICE = Device("", "Office", "queue:HP_LaserJet", DocumentPrinterSetup(), uses=("documents",))
SIMULATED = "receipt-printer"


class Shop(Counter):
    """A shop with one simulated receipt printer, and its list of devices."""

    @property
    def devices(self) -> dict[str, Device]:
        """Return the devices by their names."""
        return {d.name: d for d in self.store.settings.devices}

    def add(self, device: Device) -> Device:
        """Add a device as the owner."""
        return equipping.add(self.store, self.actor, device).value

    def refused(self, act: Any, *args: Any) -> Refused:
        """Do what is refused and return the refusal; nothing was changed by it."""
        before = self.store.settings.devices
        with pytest.raises(Refused) as caught:
            act(self.store, self.actor, *args)
        assert self.store.settings.devices == before
        return caught.value


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path)
    yield made
    made.store.close()


# ---- adding ----


def test_a_device_gets_an_id_of_its_own_and_the_actors_register(shop):
    kept = shop.add(replace(FRONT, register=7))
    assert (kept.id, kept.register, kept.address) == ("front-printer", 1, "tcp:192.168.1.50:9100")
    other = shop.add(replace(FRONT, name="Front  Printer!", address="tcp:192.168.1.51", uses=()))
    assert (other.id, other.name) == ("front-printer-2", "Front Printer!")
    assert equipping.add(shop.store, shop.actor, ZEBRA).changes == {"settings", "journal"}


def test_what_it_is_used_for_is_taken_from_the_one_before(shop):
    kept = shop.add(FRONT)
    assert usual(shop.store.settings.devices, "receipts", 1) == kept
    assert shop.devices["Receipt printer"].uses == ()
    assert shop.journal("device.added")[-1]["uses"] == ["receipts"]


@pytest.mark.parametrize(
    ("device", "field", "words"),
    [
        (replace(FRONT, name=" "), "name", "Type a name"),
        (replace(FRONT, name="receipt PRINTER"), "name", "called Receipt printer already"),
        (replace(FRONT, address="tcp:no such host"), "address", "no address of a printer"),
        (replace(FRONT, address="usb:1234"), "address", "no address of a device"),
        (replace(FRONT, address="hid:0a5f:0166:"), "address", "no such device at this address"),
        (Device("", "Pole", "printer:", LineDisplaySetup("gone")), "setup", "receipt printer that it is"),
    ],
)
def test_what_is_wrong_is_said_with_the_field_it_is_in(shop, device, field, words):
    error = shop.refused(equipping.add, device)
    assert error.facts["field"] == field
    assert words in error.message


def test_one_address_is_set_up_once_on_a_register(shop):
    shop.add(ZEBRA)
    error = shop.refused(equipping.add, replace(ZEBRA, name="Other"))
    assert (error.facts["field"], error.message) == (
        "address",
        "This is where Zebra is. A device is set up once.",
    )


def test_a_name_from_outside_is_cleaned(shop):
    assert shop.add(replace(ZEBRA, name="Ze\x1bbra\u202e  \n Two")).name == "Zebra Two"


def test_there_is_an_end_to_devices(shop, monkeypatch):
    monkeypatch.setattr(equipping, "MOST_DEVICES", 1)
    assert "Remove one first" in shop.refused(equipping.add, ZEBRA).message


def test_staff_need_approval_to_set_devices_up(shop):
    clerk = hire(shop.store, "staff")
    for act, args in (
        (equipping.add, (ZEBRA,)),
        (equipping.change, (replace(FRONT, id=SIMULATED, address="sim:"),)),
        (equipping.use_for, (SIMULATED, "receipts", False)),
        (equipping.remove, (SIMULATED,)),
        (equipping.test_drawer, (SIMULATED,)),
    ):
        with pytest.raises(NeedsApproval):
            act(shop.store, clerk, *args)
    assert list(shop.devices) == ["Receipt printer"]
    assert equipping.test(shop.store, clerk, SIMULATED).value, "a test page costs nothing"


def job_of(shop, job_id: str) -> outbox.Job:
    with shop.store.read() as conn:
        job = outbox.by_id(conn, job_id)
    assert job is not None
    return job


# ---- changing ----


def test_a_device_is_renamed_and_set_up_differently_and_keeps_what_it_is_used_for(shop):
    now = replace(
        shop.devices["Receipt printer"], name="Till", setup=ReceiptPrinterSetup(paper_mm=58), uses=()
    )
    kept = equipping.change(shop.store, shop.actor, now).value
    assert (kept.name, kept.setup, kept.uses) == ("Till", ReceiptPrinterSetup(paper_mm=58), ("receipts",))
    (told,) = shop.journal("device.changed")
    assert told["from"]["name"] == "Receipt printer"
    assert set(told["to"]) == {"name", "setup"}


def test_no_change_is_no_entry(shop):
    equipping.change(shop.store, shop.actor, shop.devices["Receipt printer"])
    assert shop.journal("device.changed") == []


def test_what_was_found_out_stays_until_it_is_another_printer(shop):
    form = shop.add(FRONT)
    equipping.learned(shop.store, form.id, "process_id")
    renamed = equipping.change(shop.store, shop.actor, replace(form, name="Till")).value
    assert renamed.setup == ReceiptPrinterSetup(confirms="process_id")
    moved = equipping.change(shop.store, shop.actor, replace(renamed, address="tcp:192.168.1.60")).value
    assert moved.setup == ReceiptPrinterSetup()


def test_what_is_wrong_is_said_of_the_device_that_is_changed(shop):
    shop.add(replace(FRONT, name="First"))
    shop.add(replace(FRONT, name="Second", address="tcp:192.168.1.51"))
    first = shop.devices["First"]
    error = shop.refused(equipping.change, replace(first, address="tcp:192.168.1.51"))
    assert error.message == "This is where Second is. A device is set up once."
    error = shop.refused(equipping.change, replace(first, name="SECOND"))
    assert (error.message, error.facts["device"]) == ("There is a device called Second already.", "first")
    assert [d.name for d in shop.store.settings.devices] == ["Receipt printer", "First", "Second"]


def test_a_device_stays_of_its_kind(shop):
    other = replace(shop.devices["Receipt printer"], setup=LabelPrinterSetup())
    assert shop.refused(equipping.change, other).facts["field"] == "setup"


def test_what_was_removed_meanwhile_cannot_be_changed(shop):
    error = shop.refused(equipping.change, replace(FRONT, id="gone"))
    assert (error.code, error.message) == ("device.gone", "This device was removed meanwhile.")


def test_a_printer_is_used_for_something_or_no_longer(shop):
    kept = shop.add(replace(ZEBRA, uses=()))
    assert equipping.use_for(shop.store, shop.actor, kept.id, "shipping").value.uses == ("shipping",)
    assert equipping.use_for(shop.store, shop.actor, kept.id, "labels").value.uses == ("labels", "shipping")
    assert equipping.use_for(shop.store, shop.actor, kept.id, "shipping", False).value.uses == ("labels",)
    assert shop.journal("device.used")[-1]["to"] == {"uses": ["labels"]}
    assert "cannot be used for this" in shop.refused(equipping.use_for, kept.id, "receipts").message


def test_what_a_printer_was_found_to_do_is_remembered_once_and_asks_nobody(shop):
    assert equipping.learned(shop.store, SIMULATED, "process_id").changes == {"settings", "journal"}
    assert equipping.learned(shop.store, SIMULATED, "process_id").changes == frozenset()
    equipping.learned(shop.store, "gone", "none")
    equipping.learned(shop.store, shop.add(ZEBRA).id, "none")
    assert shop.devices["Receipt printer"].setup.confirms == "process_id"
    assert shop.journal("device.learned") == [{"name": "Receipt printer", "confirms": "process_id"}]


# ---- removing ----


def test_what_waits_for_a_removed_printer_fails_and_can_be_printed_elsewhere(shop):
    job = equipping.test(shop.store, shop.actor, SIMULATED).value
    assert equipping.remove(shop.store, shop.actor, SIMULATED).changes == {"settings", "outbox", "journal"}
    left = job_of(shop, job)
    assert (left.state, left.status) == ("failed", "The printer was removed.")
    assert shop.journal("device.removed")[0]["waiting"] == 1
    kept = shop.add(FRONT)
    outgoing.decide(shop.store, shop.actor, job, "again")
    assert [j.device for j in shop.jobs("test")] == [SIMULATED, kept.id]


def test_a_printer_with_a_display_behind_it_is_not_removed(shop):
    shop.add(Device("", "Pole", "printer:", LineDisplaySetup(SIMULATED)))
    error = shop.refused(equipping.remove, SIMULATED)
    assert error.message == "Pole is plugged into Receipt printer. Remove that one first."
    equipping.remove(shop.store, shop.actor, "pole")
    equipping.remove(shop.store, shop.actor, SIMULATED)
    assert shop.devices == {}


def test_a_serial_display_that_once_was_behind_a_printer_holds_nothing(shop):
    shop.add(Device("", "Pole", "serial:/dev/ttyS0", LineDisplaySetup(SIMULATED)))
    equipping.remove(shop.store, shop.actor, SIMULATED)
    assert list(shop.devices) == ["Pole"]


# ---- trying ----


@pytest.mark.parametrize(
    ("device", "channel", "found"),
    [(FRONT, "paper", "Front printer, 192.168.1.50, 80 mm paper"), (ZEBRA, "label", '"printer":"Zebra"')],
)
def test_each_kind_of_printer_prints_its_own_test_though_it_is_not_the_usual_one(
    shop, device, channel, found
):
    kept = shop.add(replace(device, uses=()))
    job_id = equipping.test(shop.store, shop.actor, kept.id).value
    job = job_of(shop, job_id)
    assert (job.channel, job.device, job.kind) == (channel, kept.id, "test")
    assert found in job.payload.decode()


def test_a_document_printer_prints_the_page_it_is_given(shop):
    kept = shop.add(OFFICE)
    job_id = equipping.test(shop.store, shop.actor, kept.id, Pages(b"%PDF-1.4", "Test of Office")).value
    job = job_of(shop, job_id)
    assert (job.channel, job.device, job.ref) == ("page", "office", "Test of Office")
    assert msgspec.json.decode(job.payload, type=Pages).pdf == b"%PDF-1.4"
    assert "prints nothing" in shop.refused(equipping.test, kept.id).message


def test_what_prints_nothing_is_refused_a_test(shop):
    for device in (
        Device("", "Gun", "hid:0c2e:0b61:", ScannerSetup()),
        Device("", "Front", "screen:HDMI-1", CustomerScreenSetup()),
    ):
        kept = shop.add(device)
        assert "prints nothing" in shop.refused(equipping.test, kept.id).message


def test_a_device_of_another_register_is_tested_there(shop):
    other = replace(shop.actor, register=2)
    with pytest.raises(Refused, match="is at another register"):
        equipping.test(shop.store, other, SIMULATED)


def test_opening_the_drawer_is_written_down(shop):
    job_id = equipping.test_drawer(shop.store, shop.actor, SIMULATED).value
    job = job_of(shop, job_id)
    assert (job.channel, job.device) == ("drawer", SIMULATED)
    assert job.expires_at == job.created_at + 5_000
    assert shop.journal("device.drawer_tested") == [{"name": "Receipt printer"}]


def test_a_printer_without_a_drawer_opens_none(shop):
    now = replace(shop.devices["Receipt printer"], setup=ReceiptPrinterSetup(drawer_pin=0))
    equipping.change(shop.store, shop.actor, now)
    assert "No drawer is set up" in shop.refused(equipping.test_drawer, SIMULATED).message

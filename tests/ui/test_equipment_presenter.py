"""The device screen without a window: what it says of each device, saving, trying, adding, removing."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from bookwish_desk.actions import equipping
from bookwish_desk.db import outbox
from bookwish_desk.hardware.model import Weight
from bookwish_desk.shop.device import (
    CustomerScreenSetup,
    Device,
    DeviceState,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    ScaleSetup,
    ScannerSetup,
)
from bookwish_desk.shop.errors import DeviceError, Refused
from bookwish_desk.shop.found import Found, Search
from bookwish_desk.ui.equipment.adding import AddingPresenter
from bookwish_desk.ui.equipment.presenter import EquipmentPresenter
from bookwish_desk.ui.equipment.setups import answered, questions
from bookwish_desk.ui.equipment.words import first_uses, free_name
from bookwish_desk.ui.forms.inputs import YES, Values
from tests.support.equipment import (
    EIGHT,
    EVERYTHING,
    HELD,
    NETWORK,
    PRINTER_USB,
    QUEUE,
    SCANNER,
    SERIAL,
    ZEBRA,
    Equipped,
)

OUT = DeviceState("paper_out", "Paper out. Put in a new roll; the receipt goes on by itself.")
SCREEN = Found("screen:HDMI-1", "customer_screen", "Second screen", "HDMI-1", CustomerScreenSetup())


class Desk(Equipped):
    """A shop's device screen and its sheet, without a window."""

    def __init__(self, folder, *devices):
        super().__init__(folder, *devices)
        self.presenter = EquipmentPresenter(self.station, self.equipment)
        self.adding = AddingPresenter(self.presenter, lambda: (SCREEN,))
        self.presenter.shown()

    @property
    def state(self):
        return self.presenter.state

    @property
    def detail(self):
        return self.state.detail

    def row(self, name):
        return next(r for r in self.state.rows if r.name == name)

    def typed(self, **changes):
        """Return what stands in the form with some of it changed."""
        return Values({**{i.key: i.value for i in self.detail.settings}, **changes})

    def begin(self, *found):
        self.adding.begin(lambda _state: None)
        self.equipment.find(*found)
        return self.adding

    def candidate(self, name):
        return next(c for c in self.adding.state.candidates if c.found.name == name)

    def describe(self, name):
        self.adding.choose(self.candidate(name).key)
        return {i.key: i for i in self.adding.state.inputs}

    def submit(self, *, test=False, **changes):
        asked = {i.key: i.value for i in self.adding.state.inputs}
        self.adding.submit(Values({**asked, **changes}), test=test)

    def end_job(self, state, status=""):
        (job,) = [j for kind in ("test", "kick", "pages") for j in self.jobs(kind) if j.state == "queued"]
        with self.store.write() as tx:
            outbox.set_state(tx, job.id, state, status, was="queued")
        self.station.changed(frozenset({"outbox"}))


@pytest.fixture
def desks(tmp_path):
    made: list[Any] = []

    def make(*devices):
        made.append(Desk(tmp_path / str(len(made)), *devices))
        return made[-1]

    yield make
    for desk in made:
        desk.store.close()


@pytest.fixture
def desk(desks):
    return desks(*EIGHT)


# ---- what is shown ----


def test_a_register_without_devices_says_so(desks):
    desk = desks()
    assert (desk.state.rows, desk.state.selected, desk.detail, desk.state.loaded) == ((), "", None, True)


def test_every_device_is_listed_with_where_it_is_and_what_it_does(desk):
    assert [(r.name, r.where, r.icon, r.badges) for r in desk.state.rows] == [
        ("Counter printer", "192.168.1.50", "printer", ("Receipts",)),
        (
            "Rollo for parcels, on the long table by",
            "System printer Rollo_X1038_by_the_door",
            "label",
            ("Shipping",),
        ),
        ("Zebra in the back", "USB cable", "label", ("Labels",)),
        ("Office", "System printer HP_LaserJet", "page", ("Documents",)),
        ("Scanner", "USB cable", "scan", ()),
        ("Parcel scale", "USB cable", "scale", ()),
        ("Pole", "Behind Counter printer", "display", ()),
        ("Screen", "Screen HDMI-1", "screen", ()),
    ]
    assert desk.state.selected == "counter-printer"


def test_devices_of_other_registers_are_shown_there(desk):
    desk.station.register = 2
    desk.presenter.shown()
    assert desk.state.rows == ()


def test_how_a_device_is_follows_at_once_with_what_to_try(desk):
    assert (desk.row("Counter printer").words, desk.detail.sentence) == (
        "Not asked yet",
        "Nothing was heard of it yet.",
    )
    desk.equipment.turn("counter-printer", OUT)
    assert (desk.row("Counter printer").light, desk.row("Counter printer").words) == ("error", "Paper out")
    assert desk.detail.sentence == OUT.message
    assert desk.detail.steps[0].startswith("Open the cover")
    desk.equipment.turn("counter-printer", DeviceState("ready", "", drawer_open=True))
    assert desk.detail.sentence == "The printer is ready. The drawer is open."
    assert desk.detail.steps == ()


def test_what_happens_while_another_screen_is_in_front_is_shown_on_the_way_back(desk):
    desk.presenter.hidden()
    seen: list[Any] = []
    desk.presenter.render = seen.append
    desk.equipment.turn("counter-printer", OUT)
    assert seen == []
    desk.presenter.shown()
    assert desk.row("Counter printer").words == "Paper out"


def test_whoever_comes_sees_first_what_is_in_trouble(desk):
    desk.presenter.hidden()
    desk.equipment.turn("office", DeviceState("paper_out", "Paper out."))
    desk.presenter.shown()
    assert desk.state.selected == "office"
    desk.presenter.choose("pole")
    desk.station.changed(frozenset({"settings"}))
    assert desk.state.selected == "pole", "nobody is taken away from what one looks at"
    desk.presenter.edited()
    desk.presenter.hidden()
    desk.presenter.shown()
    assert desk.state.selected == "pole", "nor from what was not saved"


def test_a_device_that_is_looked_at_is_asked_how_it_is(desk):
    desk.presenter.choose("zebra-in-the-back")
    desk.presenter.choose("zebra-in-the-back")
    assert desk.equipment.checked == ["zebra-in-the-back"]
    desk.presenter.ask()
    assert desk.equipment.checked == ["zebra-in-the-back"] * 2


def test_facts_say_how_it_is_connected_and_what_is_certain(desk):
    equipping.learned(desk.store, "counter-printer", "process_id")
    desk.presenter.shown()
    assert dict(desk.detail.facts) == {
        "Connected": "192.168.1.50",
        "Certainty": "The printer confirms each receipt.",
    }
    desk.presenter.choose("zebra-in-the-back")
    assert dict(desk.detail.facts)["Connected"] == "USB cable, 0a5f:0166, serial number D9"
    desk.presenter.choose("pole")
    assert dict(desk.detail.facts)["Connected"] == "Behind Counter printer"


# ---- its form ----


@pytest.mark.parametrize("device", EIGHT, ids=lambda d: d.name)
def test_a_form_gives_back_the_setup_it_was_made_from(device):
    printers = [replace(EIGHT[0], id="counter-printer")]
    asked = questions(device, printers)
    back, errors = answered(device, Values({i.key: i.value for i in asked}))
    assert errors == {}
    assert back.setup == device.setup
    for one in asked:
        assert one.kind != "choice" or one.value in dict(one.options)


def test_every_answer_of_a_form_arrives_in_the_setup():
    device = replace(EIGHT[0], address="serial:/dev/ttyS0")
    typed = {
        "paper_mm": "58",
        "code_page": "cp437",
        "cutter": "",
        "drawer_pin": "0",
        "drawer_sensor": YES,
        "raster_only": YES,
        "language": "star",
        "asks": "",
        "baud": "115200",
    }
    assert set(typed) == {i.key for i in questions(device)}
    assert answered(device, Values(typed))[0].setup == ReceiptPrinterSetup(
        58, "cp437", False, 0, True, True, "star", False, "", 115200
    )
    label = replace(EIGHT[1], address="tcp:zebra")
    typed = {
        "address": "zebra.local:9101",
        "language": "tspl",
        "dpi": "300",
        "width_mm": "101,6",
        "height_mm": "152.4 mm",
        "gap_mm": "0",
        "asks": "",
        "compressed": "",
    }
    assert set(typed) == {i.key for i in questions(label)}
    now, errors = answered(label, Values(typed))
    assert errors == {}
    assert now.address == "tcp:zebra.local:9101"
    assert now.setup == LabelPrinterSetup("tspl", 300, 101.6, 152.4, 0.0, False, compressed=False)


@pytest.mark.parametrize("typed", ["", "x", "5", "301", "57.123", "٥٧", "1e2", "-57", "nan"])
def test_a_width_that_is_none_is_said_beside_its_field(typed):
    values = Values({"width_mm": typed, "gap_mm": "51"})
    _, errors = answered(EIGHT[1], values)
    assert errors["width_mm"] == "Type millimetres from 10 to 300, such as 57 or 101.6."
    assert errors["gap_mm"] == "Type millimetres from 0 to 50, such as 3."


def test_a_form_is_saved_and_the_rest_of_the_device_stays(desk):
    desk.presenter.edited()
    desk.presenter.save(desk.typed(paper_mm="58", address="192.168.1.60"))
    kept = desk.devices["counter-printer"]
    assert (kept.setup.paper_mm, kept.address, kept.uses) == (58, "tcp:192.168.1.60:9100", ("receipts",))
    assert (desk.state.dirty, desk.state.notice, desk.state.tone) == (False, "Saved.", "ok")
    assert desk.row("Counter printer").where == "192.168.1.60"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(desk):
    desk.presenter.edited()
    desk.presenter.save(desk.typed(paper_mm="58", address="not an address!"))
    asked = {i.key: i for i in desk.detail.settings}
    assert asked["address"].error.startswith("This is no address of a printer")
    assert (asked["address"].value, asked["paper_mm"].value) == ("not an address!", "58")
    assert (desk.state.dirty, desk.state.tone) == (True, "error")
    assert desk.devices["counter-printer"].setup.paper_mm == 80


def test_an_address_that_another_device_has_is_said_beside_its_field(desks):
    desk = desks(EIGHT[0], replace(EIGHT[0], name="Second", address="tcp:192.168.1.51", uses=()))
    desk.presenter.choose("second")
    desk.presenter.save(desk.typed(address="192.168.1.50"))
    error = next(i.error for i in desk.detail.settings if i.key == "address")
    assert error == "This is where Counter printer is. A device is set up once."


def test_a_change_that_was_not_saved_outlives_news_and_a_look_elsewhere(desk):
    desk.presenter.edited()
    revision = desk.state.revision
    desk.equipment.turn("counter-printer", OUT)
    desk.presenter.hidden()
    desk.presenter.shown()
    equipping.learned(desk.store, "counter-printer", "none")
    desk.station.changed(frozenset({"settings"}))
    assert (desk.state.dirty, desk.state.revision) == (True, revision)
    desk.presenter.discard()
    assert (desk.state.dirty, desk.state.revision) == (False, revision + 1)


def test_a_device_is_renamed_and_a_name_that_is_taken_is_refused(desk):
    said = []
    desk.presenter.rename("Till", lambda: said.append("done"), said.append)
    assert desk.devices["counter-printer"].name == "Till"
    desk.presenter.rename("OFFICE", lambda: said.append("done"), said.append)
    assert said == ["done", "There is a device called Office already."]


def test_a_printer_is_taken_for_something_and_the_one_before_says_so(desk):
    desk.presenter.choose("zebra-in-the-back")
    hints = {use.purpose: (use.on, use.hint) for use in desk.detail.uses}
    assert hints == {
        "labels": (True, ""),
        "shipping": (False, "Now: Rollo for parcels, on the long table by"),
    }
    desk.presenter.use("shipping", True)
    assert desk.row("Zebra in the back").badges == ("Labels", "Shipping")
    assert desk.state.notice == "Zebra in the back is used for shipping labels now."
    desk.presenter.use("shipping", False)
    assert (desk.state.notice, desk.state.tone) == ("No printer is used for shipping labels now.", "warn")
    assert desk.detail.uses[1].hint == "No printer is used for this now."


def test_a_removed_device_goes_and_what_nobody_does_now_is_said(desk):
    desk.presenter.choose("office")
    desk.presenter.edited()
    desk.presenter.remove()
    assert "office" not in desk.devices
    assert desk.front.said == [("Office was removed. No printer is used for documents now.", "ok")]
    assert (desk.state.selected, desk.state.dirty) == ("counter-printer", False)


def test_what_cannot_be_removed_says_why(desk):
    desk.presenter.remove()
    assert desk.state.notice == "Pole is plugged into Counter printer. Remove that one first."


# ---- trying ----


@pytest.mark.parametrize("device_id", ["counter-printer", "zebra-in-the-back", "office"])
def test_a_test_is_printed_and_followed_to_its_end(desk, device_id):
    desk.presenter.choose(device_id)
    desk.presenter.try_it()
    assert desk.state.tried == "The test is on its way."
    desk.end_job("printed")
    assert (desk.state.tried, desk.state.tried_tone) == ("The test was printed.", "ok")


def test_a_test_that_does_not_come_out_says_why(desk):
    desk.presenter.try_it()
    desk.end_job("failed", "Nobody answers at 192.168.1.50.")
    assert desk.state.tried == "The test was not printed. Nobody answers at 192.168.1.50."
    assert desk.state.tried_tone == "error"
    desk.presenter.choose("office")
    assert desk.state.tried == ""


def test_the_drawer_is_opened_and_never_said_to_be_open_for_sure(desk):
    desk.presenter.open_drawer()
    desk.end_job("sent")
    assert desk.state.tried == "The drawer was told to open. Look whether it did."
    desk.presenter.choose("zebra-in-the-back")
    desk.presenter.open_drawer()
    assert desk.state.tried == ""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Weight(425, True), "The scale says 425 g, or 15.0 oz."),
        (Weight(1234, True), "The scale says 1,234 g, or 2 lb 11.5 oz."),
        (
            Weight(1234, False),
            "No steady weight. Lay something on the scale, let it come to rest, and weigh again.",
        ),
        (Weight(fault="Too much is on the scale."), "Too much is on the scale."),
        (DeviceError("gone", "The scale is not there."), "The scale is not there."),
    ],
)
def test_a_scale_weighs(desk, answer, said):
    desk.presenter.choose("parcel-scale")
    desk.equipment.weights.append(answer)
    desk.presenter.try_it()
    assert desk.state.tried == said


def test_displays_show_a_test(desk):
    desk.presenter.choose("pole")
    desk.presenter.try_it()
    assert desk.state.tried == "The test was shown. Look whether it can be read."
    desk.equipment.display = DeviceState("unplugged", "The customer display is not there.")
    desk.presenter.choose("screen")
    desk.presenter.try_it()
    assert (desk.state.tried, desk.equipment.shown) == (
        "The customer display is not there.",
        ["pole", "screen"],
    )


def test_scans_are_shown_while_the_screen_is_in_front_but_no_secrets(desk):
    desk.presenter.choose("scanner")
    for code in ("9780156701600", "S-ABCDEFGHIJKL", "4111 1111 1111 1111", "9780156701601"):
        desk.station.scanned(code)
    assert [(h.code, h.what) for h in reversed(desk.state.heard)] == [
        ("9780156701600", "A book"),
        ("", "A badge; it is not shown"),
        ("", "A payment card; it is not shown"),
        ("9780156701601", "Misread, or no code of the trade"),
    ]
    for _ in range(9):
        desk.station.scanned("9780156701600")
    assert len(desk.state.heard) == 6
    desk.presenter.hidden()
    assert desk.state.heard == ()
    desk.station.scanned("9780156701600")
    assert desk.state.heard == ()


def test_an_add_on_joins_the_scan_it_belongs_to(desk):
    desk.presenter.choose("scanner")
    desk.station.scanned("9780156701600")
    desk.station.scanned("51699")
    (only,) = desk.state.heard
    assert (only.code, only.what) == ("9780156701600", "A book with the add-on 51699")


# ---- adding ----


def test_what_is_found_is_grouped_and_what_cannot_be_used_says_why(desks):
    desk = desks(EIGHT[0])
    desk.begin(*EVERYTHING)
    assert [(c.group, c.found.name, bool(c.why_not)) for c in desk.adding.state.candidates] == [
        ("USB cable", "EPSON TM-T88V", False),
        ("USB cable", "Zebra ZD421", False),
        ("USB cable", "Honeywell Voyager", False),
        ("USB cable", "BIXOLON SRP-350", True),
        ("Serial port", "Serial port /dev/ttyUSB0", False),
        ("System printer", "HP_LaserJet", False),
        ("Display", "Second screen", False),
        ("Display", "Customer display", False),
        ("Simulated", "Simulated receipt printer", False),
        ("Simulated", "Simulated label printer", False),
        ("Simulated", "Simulated scale", False),
        ("Simulated", "Simulated customer display", False),
        ("Simulated", "Simulated customer screen", False),
    ]
    assert desk.candidate("BIXOLON SRP-350").detail == HELD.note
    desk.adding.choose(desk.candidate("BIXOLON SRP-350").key)
    assert desk.adding.state.chosen is None


def test_what_is_set_up_already_is_not_offered_twice(desks):
    desk = desks(replace(EIGHT[1], name="Labels"))
    desk.begin(ZEBRA)
    assert desk.candidate("Zebra ZD421").why_not == "It is set up already as Labels."


def test_the_list_follows_what_is_plugged_in_until_the_sheet_closes(desks):
    desk = desks()
    desk.begin()
    desk.equipment.find(PRINTER_USB, over=False)
    assert desk.candidate("EPSON TM-T88V")
    desk.equipment.find(troubles=("Serial ports could not be looked at.",))
    assert all(c.found != PRINTER_USB for c in desk.adding.state.candidates)
    assert desk.adding.state.said == "Serial ports could not be looked at."
    late = desk.equipment.looking
    desk.adding.end()
    assert desk.equipment.looking is None
    before = desk.adding.state
    late(Search((PRINTER_USB,)), True)
    assert desk.adding.state == before


@pytest.mark.parametrize(
    ("found", "uses"),
    [
        (PRINTER_USB, ("receipts",)),
        (ZEBRA, ("labels",)),
        (replace(ZEBRA, setup=LabelPrinterSetup(width_mm=101.6, height_mm=152.4)), ("shipping",)),
        (QUEUE, ("documents",)),
        (SCANNER, ()),
    ],
)
def test_a_found_device_is_added_as_it_was_guessed(desks, found, uses):
    desk = desks()
    desk.begin(found)
    desk.describe(found.name)
    desk.submit()
    (kept,) = desk.devices.values()
    assert (kept.name, kept.address, kept.setup, kept.uses) == (found.name, found.address, found.setup, uses)
    assert desk.adding.state.added == kept.id == desk.state.selected
    assert desk.state.tried == ""


def test_a_second_printer_takes_nothing_by_itself_and_gets_another_name(desks):
    desk = desks(replace(EIGHT[0], name="EPSON TM-T88V"))
    desk.begin(PRINTER_USB)
    asked = desk.describe("EPSON TM-T88V")
    assert (asked["name"].value, asked["use.receipts"].value) == ("EPSON TM-T88V 2", "")


def test_what_was_added_is_tried_at_once(desks):
    desk = desks()
    desk.begin(PRINTER_USB)
    desk.describe("EPSON TM-T88V")
    desk.submit(test=True)
    (job,) = desk.jobs("test")
    assert job.device == "epson-tm-t88v"
    assert desk.state.tried == "The test is on its way."


def test_what_it_is_can_be_chosen_where_it_is_not_sure(desks):
    desk = desks()
    desk.begin(SERIAL)
    asked = desk.describe(SERIAL.name)
    assert [o for o, _ in asked["role"].options] == ["scanner", "receipt_printer", "line_display"]
    desk.adding.described(Values({"name": "Pole", "role": "line_display", "baud": "9600"}))
    assert {i.key: i.value for i in desk.adding.state.inputs} == {
        "name": "Pole",
        "role": "line_display",
        "code_page": "cp437",
        "baud": "9600",
    }
    desk.submit(baud="19200")
    (kept,) = desk.devices.values()
    assert kept.setup == LineDisplaySetup(baud=19200)


def test_typing_a_name_asks_nothing_anew(desks):
    desk = desks()
    desk.begin(SERIAL)
    desk.describe(SERIAL.name)
    before = desk.adding.state
    desk.adding.described(Values({"name": "G", "role": "scanner"}))
    assert desk.adding.state == before


def test_a_printer_of_the_system_that_prints_labels_uses_its_driver(desks):
    desk = desks()
    desk.begin(QUEUE)
    desk.describe("HP_LaserJet")
    desk.adding.described(Values({"name": "Dymo", "role": "label_printer"}))
    desk.submit()
    (kept,) = desk.devices.values()
    assert (kept.setup.language, kept.uses) == ("system", ("labels",))


def test_bad_input_is_said_beside_its_field_and_the_device_is_not_added(desks):
    desk = desks(EIGHT[3])
    desk.begin(ZEBRA)
    desk.describe("Zebra ZD421")
    desk.submit(name="office", width_mm="57")
    assert {i.key: i.error for i in desk.adding.state.inputs if i.error} == {
        "name": "There is a device called Office already."
    }
    desk.submit(name="Z", width_mm="much")
    errors = {i.key: (i.value, i.error) for i in desk.adding.state.inputs if i.error}
    assert errors == {"width_mm": ("much", "Type millimetres from 10 to 300, such as 57 or 101.6.")}
    assert list(desk.devices) == ["office"]


def test_one_can_go_back_and_choose_another(desks):
    desk = desks()
    desk.begin(PRINTER_USB, ZEBRA)
    desk.describe("Zebra ZD421")
    desk.adding.back()
    assert desk.adding.state.chosen is None
    assert desk.describe("EPSON TM-T88V")["name"].value == "EPSON TM-T88V"


def test_displays_and_simulated_devices_are_added(desks):
    desk = desks(EIGHT[0])
    desk.begin()
    for name in ("Customer display", "Second screen", "Simulated scale"):
        desk.describe(name)
        desk.submit()
        desk.adding.begin(lambda _state: None)
    made = {d.address: d.setup for d in desk.devices.values() if d.name != "Counter printer"}
    assert made == {
        "printer:": LineDisplaySetup(behind="counter-printer"),
        "screen:HDMI-1": CustomerScreenSetup(),
        "sim:": ScaleSetup(),
    }


# ---- by address ----


def test_what_answers_at_an_address_is_gone_on_with_at_once(desks):
    desk = desks()
    desk.begin()
    desk.equipment.answers.append(NETWORK)
    desk.adding.ask_address("192.168.1.50")
    assert desk.adding.state.inputs[0].value == "EPSON TM-T20III"
    desk.submit()
    assert [d.address for d in desk.devices.values()] == ["tcp:192.168.1.50:9100"]


def test_an_address_that_is_none_is_said_beside_the_field(desks):
    desk = desks()
    desk.begin()
    desk.adding.ask_address("  ")
    assert desk.adding.state.address_error == "Type the address that the printer's own page shows."
    desk.equipment.answers.append(Refused("device.address", "This is no address of a printer."))
    desk.adding.ask_address("http://x")
    assert (desk.adding.state.address_error, desk.adding.state.silent) == (
        "This is no address of a printer.",
        "",
    )


def test_a_printer_that_is_off_can_be_added_all_the_same(desks):
    desk = desks()
    desk.begin()
    desk.equipment.answers.append(DeviceError("unreachable", "Nothing answers at 10.0.0.9."))
    desk.adding.ask_address("10.0.0.9")
    assert desk.adding.state.silent == "10.0.0.9"
    desk.adding.take_silent()
    desk.submit(name="Back", role="label_printer", language="tspl")
    (kept,) = desk.devices.values()
    assert (kept.address, kept.setup) == ("tcp:10.0.0.9:9100", LabelPrinterSetup(language="tspl"))


def test_what_prints_pages_at_an_address_is_not_added_that_way(desks):
    desk = desks()
    desk.begin()
    desk.equipment.answers.append(replace(NETWORK, usable=False, note="It prints pages."))
    desk.adding.ask_address("192.168.1.50")
    assert (desk.adding.state.chosen, desk.adding.state.address_error) == (None, "It prints pages.")


def test_one_address_is_asked_at_a_time_and_a_late_answer_finds_nobody(desks):
    desk = desks()
    desk.begin()
    desk.adding.ask_address("10.0.0.9")
    desk.adding.ask_address("10.0.0.10")
    assert desk.equipment.asked == ["10.0.0.9"]
    desk.adding.end()
    desk.adding._answered(NETWORK)
    desk.adding._unanswered("10.0.0.9", DeviceError("unreachable", "Nothing answers."))
    assert desk.adding.state.chosen is None
    assert desk.adding.state.address_error == ""


def test_a_serial_scanner_is_asked_its_speed():
    device = Device("", "Gun", "serial:/dev/ttyACM0", ScannerSetup(baud=300))
    (speed,) = questions(device)
    assert (speed.key, speed.value, speed.options[0]) == ("baud", "300", ("300", "300 baud"))
    assert questions(replace(device, address="hid:0c2e:0b61:")) == ()


def test_a_real_printer_takes_the_place_of_a_simulated_one():
    pretended = replace(EIGHT[0], address="sim:", uses=("receipts",))
    setup = ReceiptPrinterSetup()
    assert first_uses(setup, [pretended], 1) == ("receipts",)
    assert first_uses(setup, [pretended], 1, simulated=True) == ()
    assert first_uses(setup, [replace(pretended, address="tcp:10.0.0.9:9100")], 1) == ()
    assert first_uses(setup, [pretended], 2) == ("receipts",), "another register's is no concern"


def test_a_long_name_is_cut_between_words_and_counted_up():
    long = "Thermal Printer Company of Some Far Province"
    assert free_name(long, []) == "Thermal Printer Company of Some Far"
    assert free_name(long, [replace(EIGHT[0], name="Thermal printer company of some far")])[-2:] == " 2"
    assert len(free_name("x" * 300, [])) == 36
    assert free_name("", []) == "Device"

"""The window of the simulated devices: paper that is drawn, a drawer that opens, a scanner to press."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from bookwish_desk.demo.codes import TO_TRY
from bookwish_desk.hardware.displays.line_display import open_line_display
from bookwish_desk.hardware.labels import SimulatedLabelPrinter
from bookwish_desk.hardware.model import PAPER_80, Attempt, PrinterProfile
from bookwish_desk.hardware.pages.documents import SimulatedDocumentPrinter
from bookwish_desk.hardware.receipts.drawing import picture
from bookwish_desk.hardware.receipts.simulated import SimulatedDrawer, SimulatedPrinter
from bookwish_desk.hardware.scanning.scale import SimulatedScale
from bookwish_desk.hardware.simulation import DeviceJob
from bookwish_desk.lanes import Lanes
from bookwish_desk.shop.device import (
    Device,
    DocumentPrinterSetup,
    LabelPrinterSetup,
    LineDisplaySetup,
    ReceiptPrinterSetup,
    ScaleSetup,
    ScannerSetup,
)
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.key_slips import badge_slip
from bookwish_desk.shop.label import LabelJob, PriceLabel, ShelfLabel
from bookwish_desk.shop.receipt import Letterhead
from bookwish_desk.shop.slip import Code, Slip, Words
from bookwish_desk.ui import devices
from bookwish_desk.ui.devices import Stand, motion
from bookwish_desk.ui.devices.paper import PaperRoll
from bookwish_desk.ui.devices.presenter import MOST_PAPERS, DevicesPresenter
from bookwish_desk.ui.devices.screen import DevicesWindow
from bookwish_desk.ui.devices.state import Switches
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Toggle
from tests.hardware.slips import PAPER_58, logo_png, receipt
from tests.support.shops import DirectLanes, found_shop

PRINTER = Device("printer", "Counter printer", "sim:", ReceiptPrinterSetup(), uses=("receipts",))
GOODS = (
    Item("9780061120084", "To Kill a Mockingbird", 9780061120084, "Harper Lee", price_cents=995),
    Item("9788373271890", "Łódź: <b>a city</b>", 9788373271890, "Władysław Reymont", price_cents=2100),
    Item("TOTE", "Tote bag", 36000291452, price_cents=1800),
    Item("COFFEE-CUP", "Filter coffee, one cup", price_cents=None),
)
BADGE = "S-MFWGIZLSEBTG"


class HomeLanes(DirectLanes):
    """Direct lanes that are at home already."""

    def home(self, call: Callable[[], None]) -> None:
        call()


class Bench:
    """Simulated devices on direct lanes with their presenter; `scans` is what the register got."""

    def __init__(self, folder: Path, profile: PrinterProfile = PAPER_80) -> None:
        self.store, _owner = found_shop(folder / "shop")
        self.devices = DevicesPresenter(HomeLanes(self.store))
        self.scans: list[str] = []
        self.devices.on_scan = self.scans.append
        self.printer = SimulatedPrinter("printer", profile, folder / "devices" / "p", self.devices.heard)
        self.drawer = SimulatedDrawer("drawer", profile, folder / "devices" / "d", self.devices.heard)
        self.devices.equip([Stand(PRINTER, self.printer, self.drawer)])
        self.devices.load(lambda _store: GOODS, lambda _store: TO_TRY)

    @property
    def state(self) -> Any:
        return self.devices.state

    @property
    def face(self) -> Any:
        """The printer as it is shown."""
        return self.state.face

    def print(self, slip: Slip) -> Any:
        return self.printer.send(self.printer.render(slip), Attempt(time.monotonic() + 5, slip=slip))

    def kick(self) -> Any:
        return self.drawer.kick(time.monotonic() + 5)

    def codes(self) -> list[tuple[str, str]]:
        return [(x.name, x.code) for x in self.state.samples]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


# ---- what runs the window ----


@pytest.mark.capability("BW+03")
def test_what_is_printed_is_shown_as_it_came_out(bench):
    outcome = bench.print(receipt(logo=True))
    assert outcome.state == "printed"
    (paper,) = bench.face.papers
    assert paper.name == "Receipt R1-000042"
    assert "Total" in paper.words and "$111.46" in paper.words
    assert paper.picture.width() == 576 + 2 * 40
    assert read_barcode(paper.picture) == "R1-000042"
    assert bench.face.ready


def test_a_copy_says_so(bench):
    bench.print(receipt(copy=True))
    (paper,) = bench.face.papers
    assert paper.name == "Receipt R1-000042, copy"
    assert "*** COPY ***" in paper.words


def test_narrow_paper_is_drawn_narrow(tmp_path):
    bench = Bench(tmp_path, PAPER_58)
    bench.print(receipt())
    assert bench.face.papers[0].picture.width() == 384 + 2 * 27
    bench.store.close()


def test_a_job_without_a_slip_shows_no_paper(bench):
    bench.devices.heard(DeviceJob("printer", "slip", bench.print(receipt()), b"x", None, None))
    assert len(bench.face.papers) == 1


def test_the_logo_is_on_the_paper(bench):
    bench.print(receipt())
    bench.print(receipt(logo=True))
    plain, with_logo = (paper.picture.height() for paper in bench.face.papers)
    assert with_logo >= plain + QImage.fromData(logo_png()).height()


def test_only_the_latest_papers_are_kept(bench):
    small = Slip("test", "TEST", (Words("Hello"),))
    for _ in range(MOST_PAPERS + 3):
        bench.print(small)
    numbers = [paper.number for paper in bench.face.papers]
    assert numbers == list(range(4, MOST_PAPERS + 4))


@pytest.mark.parametrize(
    ("switches", "sentence"),
    [
        (Switches(paper_out=True), "Paper out."),
        (Switches(cover_open=True), "The cover is open."),
        (Switches(offline=True), "The printer does not answer."),
        (Switches(True, True, True), "The printer does not answer."),
    ],
)
def test_a_switch_makes_the_printer_fail_and_mending_it_lets_it_print(bench, switches, sentence):
    told: list[bool] = []
    bench.devices.on_switch = lambda: told.append(True)
    bench.devices.switch(switches)
    assert (bench.face.words, bench.face.ready) == (sentence, False)
    assert bench.print(receipt()).state == "failed"
    assert bench.face.papers == ()
    bench.devices.switch(Switches())
    assert bench.face.ready
    assert bench.print(receipt()).state == "printed"
    assert len(bench.face.papers) == 1
    assert len(told) == 2


def test_trouble_is_made_on_a_printer_that_comes_later(bench, tmp_path):
    bench.devices.switch(Switches(paper_out=True))
    other = SimulatedPrinter("printer", PAPER_80, tmp_path / "other", bench.devices.heard)
    bench.devices.equip([Stand(PRINTER, other)])
    assert other.trouble.paper_out
    bench.devices.equip([])
    assert bench.state.faces == ()
    assert bench.face is None


def test_a_failure_that_nobody_switched_on_is_told_too(bench, tmp_path):
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "p").symlink_to(tmp_path)
    assert bench.print(receipt()).state == "failed"
    assert "could not write its file" in bench.face.words
    assert not bench.face.ready
    (tmp_path / "devices" / "p").unlink()
    bench.print(receipt())
    assert (bench.face.words, bench.face.ready) == ("The printer is ready.", True)


def test_the_drawer_opens_when_it_is_told_to_and_counts(bench):
    assert (bench.face.drawer.open, bench.face.drawer.openings) == (False, 0)
    bench.kick()
    assert (bench.face.drawer.open, bench.face.drawer.openings) == (True, 1)
    bench.devices.close_drawer("printer")
    assert (bench.face.drawer.open, bench.face.drawer.openings) == (False, 1)
    bench.devices.switch(Switches(offline=True))
    bench.kick()
    assert (bench.face.drawer.open, bench.face.drawer.openings) == (False, 1)


def test_titles_are_found_by_words_accent_blind_and_by_code(bench):
    assert [x.code for x in bench.state.samples] == [
        "9780061120084",
        "9788373271890",
        "036000291452",  # twelve digits, as a scanner sends UPC-A
        "COFFEE-CUP",
    ]
    for words, wanted in (("lodz", 1), ("HARPER mock", 1), ("0061120", 1), ("tote", 1), ("lodz mock", 0)):
        bench.devices.search(words)
        assert len(bench.state.samples) == wanted, words
    bench.devices.search("")
    assert len(bench.state.samples) == len(GOODS)


def test_the_other_codes_lead_with_what_was_printed_last(bench):
    bench.devices.pick("codes")
    assert bench.codes() == list(TO_TRY)
    bench.print(receipt(code="R1-000007"))
    bench.print(Slip("hold", "H1-000003", (Words("Held"), Code("H1-000003"))))
    bench.print(badge_slip(Letterhead("Alder Falls Books"), "Sam K.", BADGE))
    bench.print(receipt(code="R1-000008"))
    assert bench.codes()[:3] == [
        ("Last receipt", "R1-000008"),
        ("Last held sale", "H1-000003"),
        ("Badge of Sam K.", BADGE),
    ]
    assert bench.face.papers[2].name == "Badge of Sam K."


def test_a_receipt_of_an_earlier_day_gives_way_to_a_newer_one(bench):
    bench.devices.load(lambda _store: GOODS, lambda _store: (("Last receipt", "R1-000001"), *TO_TRY))
    bench.devices.pick("codes")
    assert bench.codes()[0] == ("Last receipt", "R1-000001")
    bench.print(receipt(code="R1-000002"))
    assert bench.codes() == [("Last receipt", "R1-000002"), *TO_TRY]


def test_goods_are_read_again_when_some_were_added(bench):
    goods = list(GOODS)
    bench.devices.load(lambda _store: goods, lambda _store: TO_TRY)
    goods.append(Item("NEW", "New thing", price_cents=100))
    bench.devices.changed(frozenset({"stock", "draft"}))
    assert len(bench.state.samples) == len(GOODS)
    bench.devices.changed(frozenset({"items"}))
    assert bench.state.samples[-1].name == "New thing"


def test_paper_is_drawn_off_the_gui_thread_and_comes_home(qtbot, tmp_path, monkeypatch):
    drawn_on: list[threading.Thread] = []

    def watched(slip: Slip, profile: PrinterProfile) -> bytes:
        drawn_on.append(threading.current_thread())
        return picture(slip, profile)

    monkeypatch.setattr("bookwish_desk.ui.devices.picturing.picture", watched)
    lanes = Lanes()
    presenter = DevicesPresenter(lanes)
    rendered_on: list[threading.Thread] = []
    presenter.render = lambda _state: rendered_on.append(threading.current_thread())
    printer = SimulatedPrinter("printer", PAPER_80, tmp_path / "devices" / "p", presenter.heard)
    presenter.equip([Stand(PRINTER, printer)])
    slip = receipt()
    lanes.lane("device-paper").submit(
        lambda: printer.send(printer.render(slip), Attempt(time.monotonic() + 5, slip=slip))
    )

    def face() -> Any:
        return presenter.state.face

    qtbot.waitUntil(lambda: len(face().papers) == 1)
    lanes.close()
    assert drawn_on and threading.current_thread() not in drawn_on
    assert set(rendered_on) == {threading.current_thread()}


# ---- more than one device ----


class Counter(Bench):
    """A bench with every kind of simulated device on it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.scale = SimulatedScale(folder / "devices" / "scale")
        self.display = open_line_display(POLE, None, folder, self.devices.shown)
        self.labels = SimulatedLabelPrinter("labels", SMALL, folder / "labels", self.devices.heard)
        self.office = SimulatedDocumentPrinter("office", folder / "office", self.devices.heard)
        self.back = SimulatedPrinter("back", PAPER_58, folder / "back", self.devices.heard)
        self.devices.equip(
            [
                Stand(PRINTER, self.printer, self.drawer),
                Stand(LABELS, self.labels),
                Stand(BACK, self.back),
                Stand(OFFICE, self.office),
                Stand(POLE, self.display),
                Stand(SCALE, self.scale),
            ]
        )

    def look_at(self, device: str) -> Any:
        self.devices.choose(device)
        return self.face

    def label(self, job: LabelJob) -> Any:
        return self.labels.send(self.labels.render(job), Attempt(time.monotonic() + 5, slip=job))


SMALL = LabelPrinterSetup()
LABELS = Device("labels", "Label printer", "sim:", SMALL, uses=("labels",))
BACK = Device("back", "Back office", "sim:", ReceiptPrinterSetup(paper_mm=58))
OFFICE = Device("office", "Office printer", "sim:", DocumentPrinterSetup())
POLE = Device("pole", "Pole", "sim:", LineDisplaySetup())
SCALE = Device("scale", "Scale", "sim:", ScaleSetup())
WAND = Device("wand", "Wand", "hid:0c2e:0901:", ScannerSetup())
PRICE = LabelJob(PriceLabel("Orlando", "9780156701600", "$16.99"), copies=3, ref="L-7")


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.store.close()


def test_each_device_has_a_face_and_the_first_is_looked_at(counter):
    names = ["Counter printer", "Label printer", "Back office", "Office printer", "Pole", "Scale"]
    assert [face.name for face in counter.state.faces] == names
    assert counter.face.id == "printer"
    counter.devices.equip([Stand(WAND, object()), Stand(SCALE, counter.scale)])
    assert [face.id for face in counter.state.faces] == ["scale"]
    assert counter.face.id == "scale"


def test_a_label_is_shown_as_it_was_printed(counter):
    assert counter.label(PRICE).state == "printed"
    (paper,) = counter.look_at("labels").papers
    assert (paper.name, paper.words, paper.torn) == ("Label L-7, 3 copies", "Orlando", False)
    assert paper.picture.width() == round(57 / 25.4 * 203)
    assert read_barcode(paper.picture) == "9780156701600"
    assert counter.look_at("printer").papers == ()


def test_pages_are_shown_one_by_one(counter):
    counter.office.send(two_pages(), Attempt(time.monotonic() + 5))
    assert [paper.name for paper in counter.look_at("office").papers] == ["Page 1", "Page 2"]
    counter.office.send(b"no pdf", Attempt(time.monotonic() + 5))
    assert len(counter.face.papers) == 2


def two_pages() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas("two.pdf", pagesize=(200, 300))
    for words in ("One", "Two"):
        canvas.drawString(20, 200, words)
        canvas.showPage()
    return canvas.getpdfdata()


def test_each_printer_has_trouble_of_its_own(counter):
    counter.look_at("labels")
    counter.devices.switch(Switches(paper_out=True))
    assert (counter.face.words, counter.face.ready) == ("Labels out.", False)
    assert counter.label(PRICE).state == "failed"
    assert counter.print(receipt()).state == "printed"
    assert counter.look_at("printer").ready
    assert not counter.back.trouble.paper_out


def test_a_printer_that_says_nothing_prints_all_the_same(counter):
    counter.devices.switch(Switches(mute=True))
    assert (counter.face.words, counter.face.ready) == ("The printer says nothing.", False)
    assert counter.printer.trouble.mute


def test_a_drawer_that_is_stuck_stays_shut(counter):
    counter.devices.stick_drawer("printer", True)
    assert counter.drawer.trouble.drawer_stuck and counter.printer.trouble.drawer_stuck
    counter.kick()
    assert (counter.face.drawer.open, counter.face.drawer.openings) == (False, 0)
    counter.devices.stick_drawer("printer", False)
    counter.kick()
    assert counter.face.drawer.open


def test_what_the_customer_reads_is_on_the_display(counter):
    counter.display.show("Orlando       $16.99", "Total         $16.99", time.monotonic() + 5)
    face = counter.look_at("pole")
    assert (face.upper, face.lower) == ("Orlando       $16.99", "Total         $16.99")
    counter.devices.switch_display(True)
    assert counter.display.show("x", "y", time.monotonic() + 5).condition == "unplugged"
    assert counter.face.off
    counter.devices.switch_display(False)
    assert counter.display.show("x", "y", time.monotonic() + 5).good


def test_what_lies_on_the_scale_is_weighed(counter):
    counter.look_at("scale")
    counter.devices.lay(420)
    weight = counter.scale.read(time.monotonic() + 5)
    assert (weight.grams, weight.stable) == (420, True)
    counter.devices.sway()
    assert not counter.scale.read(time.monotonic()).stable
    assert not counter.face.still


def test_a_name_that_changed_is_shown_and_the_paper_stays(counter):
    counter.print(receipt())
    counter.devices.equip([Stand(replace(PRINTER, name="Front"), counter.printer, counter.drawer)])
    assert (counter.face.name, len(counter.face.papers)) == ("Front", 1)


# ---- the window ----


class Show:
    """A bench with its window on the screen."""

    def __init__(self, bench: Bench, window: DevicesWindow) -> None:
        self.bench = bench
        self.window = window


@pytest.fixture
def shown(dressed, qtbot, bench, monkeypatch) -> Iterator[Show]:
    """Give the window of a bench, wired as `build` does it."""
    monkeypatch.setattr(devices, "DevicesPresenter", lambda _lanes: bench.devices)
    window, presenter = devices.build(HomeLanes(bench.store))
    assert presenter is bench.devices
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    bench.devices.load(lambda _store: GOODS, lambda _store: TO_TRY)
    yield Show(bench, window)


def test_it_never_takes_the_keys_away_and_never_keeps_the_program_open(shown):
    window = shown.window
    assert window.isWindow()
    assert not window.isModal()
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert not window.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)


def test_paper_comes_out_step_by_step_and_stays_at_the_printer(shown, qtbot):
    roll = shown.window.printer.roll
    bar = roll.verticalScrollBar()
    shown.bench.print(receipt())
    assert roll.is_printing()
    assert bar.maximum() == 0
    qtbot.waitUntil(lambda: not roll.is_printing())
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    assert "R1-000042" in roll.accessibleDescription()


@pytest.mark.capability("BW+03")
def test_the_barcode_on_the_shown_paper_can_be_scanned(shown, qtbot):
    window = shown.window
    window.resize(1100, 900)
    shown.bench.print(receipt())
    qtbot.waitUntil(lambda: not window.printer.roll.is_printing())
    assert read_barcode(window.printer.roll.grab().toImage()) == "R1-000042"


def test_one_can_scroll_back_to_earlier_papers(shown, qtbot):
    roll = shown.window.printer.roll
    shown.bench.print(receipt(code="R1-000001"))
    shown.bench.print(receipt(code="R1-000002"))
    qtbot.waitUntil(lambda: not roll.is_printing())
    bar = roll.verticalScrollBar()
    last = roll.grab().toImage()
    roll.setFocus()
    qtbot.keyClick(roll, Qt.Key.Key_PageUp)
    assert bar.value() < bar.maximum()
    bar.setValue(0)
    assert roll.grab().toImage() != last
    shown.bench.print(receipt(code="R1-000003"))
    assert bar.value() == bar.maximum()


def test_paper_that_came_out_before_anybody_looked_is_all_there(bench, qtbot):
    roll = PaperRoll()
    qtbot.addWidget(roll)
    roll.resize(480, 300)
    roll.show()
    bench.print(receipt())
    roll.show_papers(bench.face.papers, "front")
    assert not roll.is_printing()
    assert roll.verticalScrollBar().maximum() > 0


def test_nothing_moves_while_nobody_looks(shown):
    shown.bench.print(receipt())
    shown.bench.kick()
    assert shown.window.printer.roll.is_printing()
    shown.window.hide()
    assert not shown.window.printer.roll.is_printing()
    assert not shown.window.drawer.is_moving()
    shown.bench.print(receipt())
    assert not shown.window.printer.roll.is_printing()


def test_nothing_moves_where_animations_are_switched_off(shown, monkeypatch):
    monkeypatch.setattr(motion, "animates", lambda _widget: False)
    shown.bench.print(receipt())
    shown.bench.kick()
    assert not shown.window.printer.roll.is_printing()
    assert shown.window.printer.roll.verticalScrollBar().maximum() > 0
    assert not shown.window.drawer.is_moving()
    assert shown.window.drawer.is_open()


@pytest.mark.parametrize(("duration", "wanted"), [(0, False), (200, True)])
def test_the_computers_setting_of_animations_is_asked(duration, wanted):
    style = SimpleNamespace(styleHint=lambda *_asked: duration)
    assert motion.animates(SimpleNamespace(style=lambda: style)) is wanted  # type: ignore[arg-type]


def test_the_drawer_slides_open_and_a_press_shuts_it(shown, qtbot):
    window = shown.window
    closed = window.drawer.grab().toImage()
    shown.bench.kick()
    qtbot.waitUntil(lambda: not window.drawer.is_moving())
    assert window.drawer.grab().toImage() != closed
    assert window.drawer.accessibleName() == "Cash drawer, open"
    assert "Opened once." in words_of(window)
    qtbot.mouseClick(window.drawer, Qt.MouseButton.LeftButton)
    assert not window.drawer.is_open()
    shown.bench.kick()
    assert "Opened 2 times." in words_of(window)
    qtbot.mouseClick(window.shut, Qt.MouseButton.LeftButton)
    assert not window.drawer.is_open()
    assert not window.shut.isEnabled()
    qtbot.mouseClick(window.drawer, Qt.MouseButton.LeftButton)
    assert shown.bench.face.drawer.openings == 2


def test_switches_make_trouble_and_the_printer_says_so(shown, qtbot):
    window = shown.window
    qtbot.mouseClick(window.printer.cover_open, Qt.MouseButton.LeftButton)
    assert shown.bench.printer.trouble.cover_open
    assert "The cover is open." in words_of(window)
    qtbot.mouseClick(window.printer.cover_open, Qt.MouseButton.LeftButton)
    assert not shown.bench.printer.trouble.cover_open
    assert "The printer is ready." in words_of(window)


def test_scan_double_click_and_enter_send_the_chosen_barcode(shown, qtbot):
    scanner = shown.window.scanner
    qtbot.mouseClick(scanner.scan, Qt.MouseButton.LeftButton)
    scanner.list.choose("TOTE")
    scanner.list.choose("036000291452")
    qtbot.keyClick(scanner.list, Qt.Key.Key_Return)
    place = scanner.list.visualRect(scanner.list.model().index(1, 0)).center()
    qtbot.mouseClick(scanner.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(scanner.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.bench.scans == ["9780061120084", "036000291452", "9788373271890"]
    assert "Scanned 9788373271890" in words_of(shown.window)


def test_search_narrows_the_list_and_enter_scans_the_first(shown, qtbot):
    scanner = shown.window.scanner
    qtbot.keyClicks(scanner.search, "reymont")
    assert [row.cells[0] for row in scanner.list.rows()] == ["Łódź: <b>a city</b>"]
    qtbot.keyClick(scanner.search, Qt.Key.Key_Return)
    assert shown.bench.scans == ["9788373271890"]
    qtbot.keyClick(scanner.search, Qt.Key.Key_Escape)
    assert len(scanner.list.rows()) == len(GOODS)


def test_a_typed_code_that_is_on_nothing_is_sent_as_it_was_typed(shown, qtbot):
    scanner = shown.window.scanner
    qtbot.keyClicks(scanner.search, "9791234567896")
    assert scanner.list.rows() == ()
    qtbot.mouseClick(scanner.scan, Qt.MouseButton.LeftButton)
    assert shown.bench.scans == ["9791234567896"]


def test_the_other_codes_are_one_press_away(shown, qtbot):
    scanner = shown.window.scanner
    qtbot.mouseClick(scanner.codes, Qt.MouseButton.LeftButton)
    assert scanner.codes.isChecked() and not scanner.titles.isChecked()
    assert [row.key for row in scanner.list.rows()] == [code for _name, code in TO_TRY]
    qtbot.mouseClick(scanner.scan, Qt.MouseButton.LeftButton)
    assert shown.bench.scans == [TO_TRY[0][1]]
    qtbot.mouseClick(scanner.titles, Qt.MouseButton.LeftButton)
    assert scanner.titles.isChecked()
    assert len(scanner.list.rows()) == len(GOODS)


def test_a_wide_window_puts_the_printer_beside_the_scanner(shown, qtbot):
    window = shown.window

    def left_of(widget: QWidget) -> int:
        return widget.mapTo(window, QPoint(0, 0)).x()

    window.resize(420, 800)
    assert left_of(window.printer.roll) == left_of(window.scanner)
    window.resize(1000, 760)
    qtbot.waitUntil(
        lambda: left_of(window.scanner) >= left_of(window.printer.roll) + window.printer.roll.width()
    )


def test_everything_one_presses_has_a_name_and_a_size(shown):
    window = shown.window
    pressed = [*window.findChildren(QPushButton), *window.findChildren(Toggle)]
    assert len(pressed) == 16
    for widget in pressed:
        assert widget.accessibleName(), widget
        assert widget.height() >= 48, widget.accessibleName()
    for widget in (window.printer.roll, window.drawer, window.scanner.search, window.scanner.list):
        assert widget.accessibleName()


@pytest.fixture
def whole(dressed, qtbot, counter, monkeypatch) -> Iterator[Show]:
    """Give the window of a whole counter."""
    monkeypatch.setattr(devices, "DevicesPresenter", lambda _lanes: counter.devices)
    window, _presenter = devices.build(HomeLanes(counter.store))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    counter.devices.load(lambda _store: GOODS, lambda _store: TO_TRY)
    yield Show(counter, window)


def press(window: QWidget, name: str, qtbot: Any) -> None:
    found = [w for w in window.findChildren(QAbstractButton) if w.accessibleName() == name and w.isVisible()]
    assert len(found) == 1, name
    qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)


def look_at(window: Any, name: str, qtbot: Any) -> None:
    """Choose a device by its name with the keys."""
    combo = window.device.combo
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    while combo.currentText() != name:
        qtbot.keyClick(combo, Qt.Key.Key_Down)


def test_the_name_of_a_device_shows_it(whole, qtbot):
    window, bench = whole.window, whole.bench
    bench.print(receipt())
    look_at(window, "Label printer", qtbot)
    assert window.printer.roll.papers() == ()
    press(window, "Paper out", qtbot)
    assert bench.labels.trouble.paper_out and not bench.printer.trouble.paper_out
    look_at(window, "Counter printer", qtbot)
    assert len(window.printer.roll.papers()) == 1
    assert not window.printer.roll.is_printing(), "it came out before"
    assert not window.printer.paper_out.isChecked()
    look_at(window, "Pole", qtbot)
    bench.display.show("Orlando", "Total", time.monotonic() + 5)
    assert window.display.glass.accessibleName() == "Line display: Orlando / Total"
    press(window, "Display unplugged", qtbot)
    assert window.display.glass.rows() == ("", "")
    look_at(window, "Scale", qtbot)
    window.scale.grams.set_value(1_200)
    press(window, "Put it on", qtbot)
    assert "1200 g on the scale" in words_of(window)
    press(window, "Let it sway", qtbot)
    assert "does not come to rest" in words_of(window)
    press(window, "Take it off", qtbot)
    assert "Nothing on the scale" in words_of(window)
    window.scale.grams.set_value(None)
    press(window, "Put it on", qtbot)
    assert "Write a weight in grams." in words_of(window)


def test_devices_that_come_open_no_windows(dressed, qtbot, counter, monkeypatch):
    monkeypatch.setattr(devices, "DevicesPresenter", lambda _lanes: counter.devices)
    window, presenter = devices.build(HomeLanes(counter.store))
    qtbot.addWidget(window)
    stands = [Stand(PRINTER, counter.printer, counter.drawer), Stand(LABELS, counter.labels)]
    presenter.equip([])
    register = QWidget()
    qtbot.addWidget(register)
    register.show()
    qtbot.waitUntil(register.isActiveWindow)
    presenter.equip(stands)
    dressed.processEvents()
    assert register.isActiveWindow()


def test_one_device_needs_no_choosing(shown):
    assert not any(button.isVisible() for button in shown.window._choices)
    assert not shown.window.device.isVisible()


def test_two_devices_are_chosen_with_a_button_each(whole, qtbot):
    window, bench = whole.window, whole.bench
    bench.devices.equip([Stand(PRINTER, bench.printer), Stand(LABELS, bench.labels)])
    assert not window.device.isVisible()
    press(window, "Label printer", qtbot)
    assert [button.isChecked() for button in window._choices] == [False, True]


def test_a_stuck_drawer_is_switched_beside_it(shown, qtbot):
    press(shown.window, "Drawer stuck", qtbot)
    shown.bench.kick()
    assert not shown.window.drawer.is_open()


def test_without_a_drawer_none_is_drawn(shown, tmp_path):
    printer = SimulatedPrinter("printer", PAPER_80, tmp_path / "other")
    shown.bench.devices.equip([Stand(PRINTER, printer)])
    assert not shown.window.drawer.isVisible()
    shown.bench.devices.equip([])
    assert "No simulated printer is in use." in words_of(shown.window)


@pytest.mark.parametrize("device", ["labels", "pole", "scale", "office"])
def test_pictures_of_every_device(whole, qtbot, pictures, device):
    window, bench = whole.window, whole.bench
    bench.label(PRICE)
    bench.label(LabelJob(ShelfLabel("The Overstory", "9780393356687", shelf="FIC-02", price="$18.95")))
    bench.office.send(two_pages(), Attempt(time.monotonic() + 5))
    bench.devices.choose("pole")
    bench.display.show("The Overst. x 2 $37.90"[:20], "Total         $59.57", time.monotonic() + 5)
    bench.devices.choose("scale")
    bench.devices.lay(420)
    bench.devices.choose(device)
    window.resize(420, 840)
    qtbot.waitUntil(lambda: not window.printer.roll.is_printing())
    assert window.grab().save(str(pictures / f"simulation-{device}.png"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(420, 840), (1000, 760)])
def test_pictures(dressed, shown, qtbot, pictures, theme, width, height):
    apply_theme(dressed, theme)
    window, bench = shown.window, shown.bench
    window.resize(width, height)
    bench.print(receipt())
    bench.print(receipt(copy=True, logo=True))
    bench.kick()
    qtbot.waitUntil(lambda: not window.printer.roll.is_printing() and not window.drawer.is_moving())
    image = window.grab().toImage()
    assert image.save(str(pictures / f"devices-{theme}-{width}x{height}.png"))
    assert image.width() == width


# ---- what tests look with ----


def read_barcode(image: QImage) -> str:
    """Return what a reader that is none of ours reads off a picture."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    plain = Image.frombuffer(
        "L", (grey.width(), grey.height()), bytes(grey.constBits()), "raw", "L", grey.bytesPerLine(), 1
    )
    found = zxingcpp.read_barcodes(plain)
    assert len(found) == 1
    return str(found[0].text)


def words_of(window: QWidget) -> str:
    """Return every word that a screen reader finds on labels and chips."""
    spoken = []
    for child in window.findChildren(QWidget):
        text = getattr(child, "text", None)
        spoken += [child.accessibleName(), text() if callable(text) else ""]
    return "\n".join(spoken)

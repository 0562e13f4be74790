"""The scanner set-up page: what each scan says of the scanner, what to set, and codes that read back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.shop.barcode import parse, with_addon
from bookwish_desk.ui import scanner_setup
from bookwish_desk.ui.scanner_setup import words
from bookwish_desk.ui.scanner_setup.bars import Bars
from bookwish_desk.ui.scanner_setup.makers import MAKERS, maker
from bookwish_desk.ui.scanner_setup.presenter import ScannerSetup
from bookwish_desk.ui.scanner_setup.sheet import ScannerSetupSheet
from bookwish_desk.ui.scanner_setup.state import DrawnCode, SetupState
from bookwish_desk.ui.station import Station
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.wedge import Typed
from bookwish_desk.ui.widgets import Label
from tests.support.shops import found_shop, station_for

BOOK = "9780306406157"


def typed(text: str, letters: str = "", gap: int = 4, ended: bool = True, marked: bool = False) -> Typed:
    return Typed(text, letters or text, gap, ended, marked)


# ---- what a scan says ----


def test_a_scan_by_a_line_of_its_own_has_nothing_to_better() -> None:
    said = words.reading(f"]E0{BOOK}", None)
    assert said.facts == (
        ("Read", f"]E0{BOOK}"),
        ("It means", "A book"),
        ("Kind of barcode", "EAN-13, UPC or EAN-8 (]E0)"),
        ("How it came", "By a line of its own, HID POS or serial"),
    )
    assert said.advice == ()


def test_a_typed_scan_tells_its_pace_and_its_end() -> None:
    said = words.reading(BOOK, typed(BOOK, gap=7))
    assert said.facts[3] == ("How it came", "Typed, 7 ms from key to key, with Enter or Tab at its end")
    assert said.advice == (words.LINE_BETTER,)
    slow = words.reading(BOOK, typed(BOOK, gap=42, ended=False))
    assert "without Enter" in slow.facts[3][1]
    assert [("Enter" in a, "slowly" in a) for a in slow.advice[1:]] == [(True, False), (False, True)]
    marked = words.reading("A1", typed("A1", gap=60, marked=True))
    assert "Ctrl+B" in marked.facts[3][1]
    assert marked.advice == (words.LINE_BETTER,)


def test_another_keyboard_is_told_also_where_it_was_understood() -> None:
    said = words.reading(BOOK, typed(BOOK, letters="ç_èàéà-'à-&(è"))
    assert any("another keyboard" in a and "understood" in a and "ç_è" in a for a in said.advice)
    lost = words.reading("ç_èàéà-'à-&(è", typed("ç_èàéà-'à-&(è"))
    assert any("another keyboard" in a for a in lost.advice)


def test_ten_digits_are_told_of() -> None:
    assert any("thirteen" in a for a in words.reading("]X00306406152", None).advice)
    assert any("thirteen" in a for a in words.reading("080442957X", None).advice)
    assert words.reading("]C00306-A", None).advice == ()


@pytest.mark.parametrize("code", ["S-ABCDEFGHIJKL", "]C0S-ABCDEFGHIJKL", "4111111111111111"])
def test_a_badge_or_a_card_is_not_shown(code: str) -> None:
    for how in (None, typed(code, letters=code + "é")):
        said = words.reading(code, how)
        assert said.facts[0] == ("Read", words.SECRET)
        assert code[-6:] not in repr(said)


def test_control_characters_have_names() -> None:
    said = words.reading(f"]C1010{BOOK}\x1d21A\x01", None)
    assert said.facts[0][1] == f"]C1010{BOOK}⟨GS⟩21A⟨01⟩"
    assert said.facts[2][1] == "GS1-128 (]C1)"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("]E3x", "EAN-13 or UPC with its add-on"),
        ("]Q1x", "QR code"),
        ("]d2x", "GS1 Data Matrix"),
        ("]Y9x", "a kind that is not known here"),
        ("x", ""),
    ],
)
def test_aim_identifiers_in_words(code: str, kind: str) -> None:
    assert words.symbology(code) == kind


def test_keys_that_went_into_the_field_are_told_of() -> None:
    said = words.leaked(BOOK, 80)
    assert "80 ms" in said.advice[0]
    assert "80" not in words.leaked(BOOK, 10).advice[0]
    assert len(words.leaked("ç_èàéà", 80).advice) == 2


def test_an_add_on_of_its_own_says_the_price() -> None:
    said = words.addon_reading(with_addon(parse(BOOK), "51699"), typed=True)
    assert said.facts[:2] == (("Read", "51699"), ("It means", f"The add-on of {BOOK}, 16.99 USD"))


# ---- makers and their codes ----


def test_every_maker_has_every_step() -> None:
    goals = [step.goal for step in MAKERS[0].steps]
    for one in MAKERS:
        assert [step.goal for step in one.steps] == goals
        assert bool(one.codes) == bool(one.source)
    assert maker("nobody") is MAKERS[0]
    assert len({one.id for one in MAKERS}) == len(MAKERS)


def test_the_codes_are_those_that_the_maker_has_published() -> None:
    assert [code.text for code in maker("opticon").codes] == [
        "@MENU_OPTO@ZZ@JV@JW@ZZ@OTPO_UNEM@",
        "@MENU_OPTO@ZZ@IB@ZZ@OTPO_UNEM@",
        "@MENU_OPTO@ZZ@RY@$1@ZZ@OTPO_UNEM@",
    ]


# ---- the page ----


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    store, actor = found_shop(tmp_path)
    made, _front = station_for(store, actor)
    yield made
    store.close()


def facts(state: SetupState) -> dict[str, str]:
    assert state.reading is not None
    return dict(state.reading.facts)


class Other:
    def __init__(self) -> None:
        self.codes: list[str] = []

    def scanned(self, code: str) -> None:
        self.codes.append(code)


def test_scans_belong_to_the_page_while_it_is_open(station: Station) -> None:
    other, page = Other(), ScannerSetup(station)
    shown: list[SetupState] = []
    page.render = shown.append
    station.own_scans(other)
    page.shown()
    station.typed(typed(BOOK))
    station.scanned(BOOK)
    assert "Typed" in facts(shown[-1])["How it came"]
    station.scanned("51699")
    assert "16.99" in facts(shown[-1])["It means"]
    station.scanned(f"]E0{BOOK}")
    assert "line of its own" in facts(shown[-1])["How it came"]
    page.leaked("   ", 80)
    page.leaked("978", 80)
    assert facts(shown[-1])["Read"] == "978"
    page.hidden()
    station.scanned(BOOK)
    assert other.codes == [BOOK]


def test_a_word_of_how_a_scan_was_typed_is_not_kept_for_another(station: Station) -> None:
    page = ScannerSetup(station)
    page.shown()
    station.typed(typed(BOOK))
    station.scanned("978")
    assert "line of its own" in facts(page.state)["How it came"]
    station.scanned(BOOK)
    assert "line of its own" in facts(page.state)["How it came"]


def test_codes_are_drawn_where_the_maker_has_some(station: Station) -> None:
    page = ScannerSetup(station)
    page.shown()
    assert page.state.codes == ()
    page.choose("opticon")
    drawn: tuple[DrawnCode, ...] = page.state.codes
    assert [set(code.modules) for code in drawn] == [{"0", "1"}] * 3
    page.choose("zebra")
    assert page.state.codes == ()


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    return made


def texts(sheet: ScannerSetupSheet) -> list[str]:
    return [label.text() for label in sheet.findChildren(Label) if label.isVisibleTo(sheet)]


def test_the_page_shows_steps_and_what_was_scanned(window: QWidget, station: Station, qtbot: QtBot) -> None:
    sheet = scanner_setup.open_sheet(window, station)
    assert any("USB HID POS" in text for text in texts(sheet))
    sheet.makers.choose("honeywell")
    sheet.makers.picked.emit("honeywell")
    qtbot.waitUntil(lambda: any("terminal ID 131" in text for text in texts(sheet)))
    station.scanned(f"]E0{BOOK}")
    qtbot.waitUntil(lambda: {f"]E0{BOOK}", "A book"} <= set(texts(sheet)))
    qtbot.keyClicks(sheet.typed.edit, "978030")
    qtbot.waitUntil(lambda: any("Typing" in text for text in texts(sheet)))
    assert any("scanned this" in text for text in texts(sheet))
    sheet.reject()
    other = Other()
    station.own_scans(other)
    station.release_scans(other)
    station.scanned(BOOK)
    assert not other.codes


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("code", maker("opticon").codes, ids=lambda code: code.title)
def test_the_codes_on_the_screen_read_back(
    dressed: QApplication, qtbot: QtBot, code: DrawnCode, ratio: float
) -> None:
    import zxingcpp
    from PIL import Image

    from bookwish_desk.shop.bars import code128

    bars = Bars(DrawnCode(code.title, code.text, code128(code.text)))
    qtbot.addWidget(bars)
    picture = QImage(bars.size() * ratio, QImage.Format.Format_Grayscale8)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.white)
    bars.render(picture)
    data = bytes(picture.constBits())
    image = Image.frombytes("L", (picture.bytesPerLine(), picture.height()), data)
    found = zxingcpp.read_barcodes(image)
    assert [(str(b.text), b.format) for b in found] == [(code.text, zxingcpp.BarcodeFormat.Code128)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [QSize(1280, 800), QSize(1024, 768)])
def test_pictures(
    dressed: QApplication, window: QWidget, station: Station, pictures: Path, theme: str, size: QSize
) -> None:
    apply_theme(dressed, theme)
    window.resize(size)
    sheet = scanner_setup.open_sheet(window, station)
    sheet.makers.choose("opticon")
    sheet.makers.picked.emit("opticon")
    station.typed(typed(BOOK, letters="ç_èàéà-'à-&(è", gap=12, ended=False))
    station.scanned(BOOK)
    for _ in range(10):
        QApplication.processEvents()
    assert sheet.width() <= size.width() and sheet.height() <= size.height()
    assert sheet.grab().save(str(pictures / f"scanner-setup-{theme}-{size.width()}.png"))
    sheet.reject()

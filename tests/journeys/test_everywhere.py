"""Rules for every screen and sheet, held on a tour of all of them in a shop full of odd text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMessageBox, QScrollArea, QTextEdit, QWidget

from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.widgets import Button, Label, Sheet, Tile
from tests.journeys.person import Person, shown
from tests.journeys.tour import BOLD, FORMULA, PICTURE, make_odd, tour
from tests.support.looking import SIZES, controls, nameless, photograph, rich


@pytest.fixture
def shop_folder(shop_folder: Path, tmp_path: Path) -> Path:
    """Give a demonstration shop into which odd text came from outside."""
    (tmp_path / "rejects.txt").write_text(str(make_odd(shop_folder, tmp_path)))
    return shop_folder


def outside_the_window(root: QWidget) -> Iterator[QWidget]:
    """Yield controls that are not wholly inside, but for those that can be scrolled to."""
    for widget in controls(root):
        place = widget.rect().translated(widget.mapTo(root, widget.rect().topLeft()))
        if not root.rect().contains(place) and not _scrolls(widget, root):
            yield widget


def _scrolls(widget: QWidget, root: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None and above is not root:
        if isinstance(above, QScrollArea):
            return True
        above = above.parentWidget()
    return False


def cut_words(root: QWidget) -> Iterator[str]:
    """Yield the words of buttons and labels that have less room than they need."""
    for widget in shown(root):
        if isinstance(widget, Button) and not isinstance(widget, Tile):
            if widget.sizeHint().width() - 16 > widget.width() > 0:
                yield f"button {widget.text()!r}"
        elif isinstance(widget, Label) and widget.sizeHint().width() > widget.width():
            if not widget._elide and not widget.wordWrap():
                yield f"label {widget.text()!r}"
        elif isinstance(widget, QComboBox) and _words_width(widget) > widget.width():
            yield f"choice {widget.currentText()!r}"


def _words_width(choice: QComboBox) -> int:
    """Return how many pixels the words of a drop-down need beside its arrow."""
    return choice.fontMetrics().horizontalAdvance(choice.currentText()) + 48


def faults(root: QWidget) -> Iterator[str]:
    """Yield what breaks a rule under one window."""
    yield from (f"no name for {type(w).__name__} {w.objectName()!r}" for w in nameless(root))
    yield from (f"not plain: {label.text()!r}" for label in rich(root))
    for widget in root.findChildren(QWidget):
        if "<" in widget.toolTip() or isinstance(widget, QTextEdit | QMessageBox):
            yield f"may show markup: {widget!r}"
    yield from (f"outside the window: {w.accessibleName()!r}" for w in outside_the_window(root))
    yield from (f"cut: {words}" for words in cut_words(root))


class Looker:
    """Looks at each place in both sizes, and takes pictures in both themes where they are asked for."""

    def __init__(self, app: QApplication, person: Person, pictures: str | None) -> None:
        self._app, self._person = app, person
        self._folder = Path(pictures) if pictures else None
        self.places: list[str] = []
        self.faults: set[str] = set()

    def look(self, name: str) -> None:
        self.places.append(name)
        for theme in ("light", "dark") if self._folder else ("light",):
            if self._folder:
                apply_theme(self._app, theme)
            for size in SIZES:
                self._person.window.resize(*size)
                self._app.processEvents()
                self._look(name, size[0], theme)
        self._person.window.resize(*SIZES[0])
        self._app.processEvents()

    def _look(self, name: str, width: int, theme: str) -> None:
        sheet = self._person.front
        for root in {self._person.window, sheet}:
            self.faults.update(f"{name} at {width}: {fault}" for fault in faults(root))
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{name}-{width}-{theme}.png"
            photograph(self._person.window, path, sheet if isinstance(sheet, Sheet) else None)


@pytest.mark.slow
@pytest.mark.capability("BW-38")
def test_every_screen_and_sheet_is_named_plain_and_whole(
    at_the_register: Person, qapp: QApplication, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    person = at_the_register
    looker = Looker(qapp, person, request.config.getoption("--pictures"))
    for place in tour(person):
        looker.look(place)
    found = "\n".join(sorted(looker.faults))
    assert found == ""
    assert len(looker.places) == len(set(looker.places)) >= 60

    # On paper: the decoder refuses every command that is not the receipt's own.
    paper = " ".join(" ".join(line for slip in person.slips() for line in slip.lines).split())
    for words in (BOLD, PICTURE, FORMULA, f"{BOLD} & Sons", "Paid out: <b>x</b> =1+1"):
        assert words in paper
    # On the page: everything as it was typed.
    pdf = next((tmp_path / "shop").rglob("*.pdf"))
    page = " ".join("".join(p.extract_text() for p in PdfReader(pdf).pages).split())
    assert f"{BOLD} & Sons" in page and f"{BOLD} {FORMULA}" in page
    assert not any("/Annots" in p for p in PdfReader(pdf).pages)
    # In the list of refused rows: no cell that a spreadsheet would compute.
    rejects = Path((tmp_path / "rejects.txt").read_text()).read_text(encoding="utf-8-sig")
    assert f"\"'{FORMULA},{BOLD}" in rejects


def test_the_rules_can_be_broken(qapp: QApplication) -> None:
    page = QWidget()
    page.resize(100, 40)
    bad = QLabel("<b>x</b>", page)
    bad.setToolTip("<img src=x>")
    button = Button("A very long verb for so little room", parent=page)
    button.setGeometry(60, 0, 60, 30)
    unnamed = Button("", icon="plus", parent=page)
    page.show()
    found = "\n".join(faults(page))
    for fault in ("no name for Button", "not plain", "may show markup", "outside the window", "cut: button"):
        assert fault in found
    assert unnamed.isVisible()
    page.close()
    page.deleteLater()

"""The import screen through its widgets: by keyboard, by dropping a file, in every stage; and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import importing
from bookwish_desk.actions.importing import Look, Plan
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.title import ImportReport
from bookwish_desk.ui import importing as screens
from bookwish_desk.ui.importing.state import running_words
from bookwish_desk.ui.widgets import Button
from tests.support import looking
from tests.support.shops import found_shop, station_for

LIST = (
    "ISBN-13;Werk;Verfasser;Verlag;Preis (EUR);Bestand;Regal;Bemerkung;Jahr\n"
    "9780156701600;Orlando;Woolf, Virginia;Harvest;16,99;3;FIC W;<b>bold</b> & sons;1973\n"
    "9780393635522;The Overstory: a title longer than any column here;Powers;Norton;18,95;1;;;2018\n"
    "9788324709465;Łódź. Miasto & 東京;Nowak;;9,00;;POL;;2019\n"
)


class Desk:
    """The import screen in a window, on lanes that do everything at once."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder = folder
        self.store, self.actor = found_shop(folder / "shop")
        self.station, self.front = station_for(self.store, self.actor)
        self.screen, self.presenter = screens.build(self.station)
        self.window = looking.window_with("stock", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def list(self, text: str = LIST, name: str = "Frühjahr & <b>2026.csv") -> str:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return str(path)

    def grab_drop(self, path: str) -> None:
        """Drop a file on the screen."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path)])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
        QApplication.sendEvent(self.screen, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(self.screen, QDropEvent(QPointF(5, 5), copy, data, left, none))


@pytest.fixture
def desk(tmp_path: Path, dressed: QApplication, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot)


# ---- choosing ----


def test_a_path_is_typed_and_entered(desk: Desk, qtbot: QtBot) -> None:
    assert desk.screen.file.path.edit.hasFocus()
    desk.screen.file.path.edit.setText(desk.list())
    qtbot.keyClick(desk.screen.file.path.edit, Qt.Key.Key_Return)
    assert desk.presenter.state.stage == "ready"
    assert desk.screen.run_button.hasFocus()


def test_a_path_that_a_file_manager_copied_is_understood(desk: Desk, qtbot: QtBot) -> None:
    desk.screen.file.path.edit.setText(
        QUrl.fromLocalFile(desk.list()).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    )
    qtbot.keyClick(desk.screen.file.path.edit, Qt.Key.Key_Return)
    assert desk.presenter.state.stage == "ready"


def test_a_file_is_chosen_without_blocking(desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClick(desk.screen, Qt.Key.Key_F2)
    (dialog,) = desk.window.findChildren(QFileDialog)
    path = desk.list()
    dialog.fileSelected.emit(path)
    dialog.reject()
    assert desk.presenter.state.path == path
    assert desk.screen.file.path.text() == path


def test_a_file_is_dropped_on_the_screen(desk: Desk) -> None:
    desk.grab_drop(desk.list())
    assert desk.presenter.state.stage == "ready"


def test_what_is_no_file_cannot_be_dropped(desk: Desk) -> None:
    data = QMimeData()
    data.setText("words")
    enter = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    QApplication.sendEvent(desk.screen, enter)
    assert not enter.isAccepted()


# ---- columns ----


def test_columns_are_mapped_by_their_choices_and_the_problem_is_said(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.open(desk.list())
    chosen = [choice.chosen() for choice in desk.screen.grid.choices]
    assert chosen[0] == "code"
    choice = desk.screen.grid.choices[0]
    choice.combo.setFocus()
    qtbot.keyClick(choice.combo, Qt.Key.Key_Home)
    choice.combo.activated.emit(0)
    assert desk.screen.problem.text() == "Choose which column holds the ISBN, EAN or SKU."
    assert not desk.screen.run_button.isEnabled()
    assert choice is desk.screen.grid.choices[0], "the choice that has the focus stays"
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12)
    assert desk.presenter.state.stage == "ready"
    choice.choose("code")
    choice.picked.emit("code")
    assert desk.screen.run_button.isEnabled()


def test_two_columns_of_one_kind_are_marked(desk: Desk) -> None:
    desk.presenter.open(desk.list())
    for place in (1, 2):
        desk.presenter.map_column(place, "title")
    marked = [c.combo.property("wrong") for c in desk.screen.grid.choices]
    assert marked[:3] == ["false", "true", "true"]
    assert "Another column is the same." in desk.screen.grid.choices[1].combo.accessibleDescription()


def test_every_control_has_a_name_and_can_be_reached_by_tab(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.open(desk.list())
    assert looking.nameless(desk.window) == []
    assert looking.rich(desk.window) == []
    reached = set()
    for _ in range(40):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    wanted: set[QWidget] = {c.combo for c in desk.screen.grid.choices}
    wanted |= {desk.screen.encoding.combo, desk.screen.counts, desk.screen.run_button}
    wanted |= {desk.screen.back_button, desk.screen.file.path.edit, desk.screen.file.choose_button}
    assert wanted <= reached


def test_the_focus_brings_its_column_into_sight(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.open(desk.list())
    grid = desk.screen.grid
    assert grid.horizontalScrollBar().maximum() > 0
    grid.choices[0].combo.setFocus()
    for _ in grid.choices[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    last = grid.choices[-1].combo
    assert last.hasFocus()
    assert grid.viewport().rect().contains(last.mapTo(grid.viewport(), last.rect().center()))


def test_keys_of_the_screen_are_in_the_table(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.open(desk.list())
    shown = {
        b.text(): b.key_text() for b in desk.screen.findChildren(Button) if b.isVisible() and b.key_text()
    }
    assert shown == {"Stock": "Esc", "Choose a file": "F2", "Import": "F12"}
    qtbot.keyClick(desk.screen, Qt.Key.Key_Escape)
    assert desk.front.screen == "stock"


# ---- on its way, and what became of it ----


def test_the_report_is_opened_and_its_place_can_be_copied(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = desk.folder / "rejected & more.csv"
    opened: list[str] = []
    answers = [True, False]

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return answers.pop(0)

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    monkeypatch.setattr(
        importing,
        "run_import",
        lambda *_a, **_k: ImportReport(
            read=3, added=2, rejected=1, report_path=str(report), problems=("2: There is no code.",)
        ),
    )
    desk.presenter.open(desk.list())
    qtbot.keyClick(desk.screen, Qt.Key.Key_F12)
    assert desk.presenter.state.stage == "done"
    assert [r.cells for r in desk.screen.result.rows.rows()] == [("2", "There is no code.")]
    assert desk.screen.result.report.text() == str(report)
    assert desk.screen.result.report.edit.isReadOnly()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F8)
    assert desk.screen.result.notice.text() == ""
    qtbot.keyClick(desk.screen, Qt.Key.Key_F8)
    assert opened == [str(report), str(report)]
    assert "no program" in desk.screen.result.notice.text()
    qtbot.keyClick(desk.screen, Qt.Key.Key_F5)
    stage: str = desk.presenter.state.stage
    assert stage == "choose"
    assert desk.screen.file.path.text() == ""


def test_a_list_without_rejected_rows_has_no_report_to_open(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "run_import", lambda *_a, **_k: ImportReport(read=3, unchanged=3))
    desk.presenter.open(desk.list())
    desk.presenter.run()
    assert not desk.screen.result.report_button.isVisible()
    assert desk.screen.result.again_button.hasFocus()


def test_cancel_is_offered_until_the_catalogue_is_switched(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.open(desk.list())
    state = replace(desk.presenter.state, stage="running")
    panel = desk.screen.running
    desk.screen.show_state(replace(state, running=running_words("reading", 1_000, 20, 500, 8)))
    assert panel.cancel_button.hasFocus()
    assert (panel.bar.value(), panel.cancel_button.key_text()) == (20, "F10")
    with qtbot.waitSignal(desk.screen.cancelled):
        qtbot.keyClick(desk.screen, Qt.Key.Key_F10)
    desk.screen.show_state(replace(state, running=running_words("indexing", 1_000, 20, 500, 8)))
    assert not panel.cancel_button.isVisible()
    assert "search index" in panel._hint.text()


# ---- pictures ----


@pytest.fixture
def stages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[[], None]]]:
    report = ImportReport(
        read=300_412,
        added=271_000,
        updated=20_000,
        unchanged=9_400,
        rejected=12,
        repaired=341,
        report_path=str(desk.folder / "shop/reports/rejected-Fruehjahr-20260921-133320.csv"),
        problems=tuple(
            f"{17 * n}: 978000000000{n} is no good ISBN, EAN or UPC: its length or check digit does not fit."
            for n in range(1, 9)
        ),
    )
    onix = Look("onix", "3.1", 812_000_000)

    def refuse(_plan: Plan) -> Look:
        raise Refused(
            "onix_2", "This is ONIX 2.1, which its makers gave up in 2014. Ask for the list as ONIX 3.0."
        )

    def running() -> None:
        desk.presenter.open(desk.list())
        state = replace(desk.presenter.state, stage="running")
        desk.screen.show_state(replace(state, running=running_words("reading", 41_200, 43, 31_400, 40)))

    def unmapped() -> None:
        desk.presenter.open(desk.list())
        desk.presenter.map_column(1, "title")
        desk.presenter.map_column(2, "title")

    def look(result: Callable[[Plan], Look]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(importing, "look", result)
            desk.presenter.open("/media/usb/onix/catalogue-2026-09.xml")

    def refused() -> None:
        desk.presenter.again()
        look(refuse)

    def done() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(importing, "run_import", lambda *_a, **_k: report)
            desk.presenter.open(desk.list())
            desk.presenter.run()

    def all_good() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(importing, "run_import", lambda *_a, **_k: ImportReport(read=3, unchanged=3))
            desk.presenter.open(desk.list())
            desk.presenter.run()

    yield {
        "good": all_good,
        "empty": desk.presenter.again,
        "table": lambda: desk.presenter.open(desk.list()),
        "clash": unmapped,
        "onix": lambda: look(lambda _plan: onix),
        "running": running,
        "done": done,
        "refused": refused,
    }


@pytest.mark.parametrize("stage", ["empty", "table", "clash", "onix", "running", "done", "good", "refused"])
def test_pictures(
    desk: Desk,
    stages: dict[str, Callable[[], None]],
    dressed: QApplication,
    pictures: Path,
    stage: str,
) -> None:
    stages[stage]()
    looking.photograph_all(dressed, desk.window, pictures, f"import-{stage}")
    assert looking.nameless(desk.window) == []
    assert looking.rich(desk.window) == []
    grid = {choice.combo for choice in desk.screen.grid.choices}
    for size in looking.SIZES:
        desk.window.resize(*size)
        dressed.processEvents()
        assert [w for w in looking.cut_off(desk.window) if w not in grid] == []

"""What the chosen device is shown with: how it is and what to try, what it is used for, what was scanned."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.shop.device_words import Light
from bookwish_desk.ui.equipment.state import Detail, Heard, Use
from bookwish_desk.ui.theme import colours
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Column, Label, Row, RowList, Toggle, say
from bookwish_desk.ui.widgets.icons import draw_icon
from bookwish_desk.ui.widgets.panel import kind_colours

_ICONS = {"ok": "ok", "warn": "warn", "error": "error", "off": "info"}
_MARGIN = 16


class Steps(QWidget):
    """Numbered steps, one under the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(SIZES.gap_small)
        self._grid.setColumnStretch(1, 1)
        self._steps: tuple[str, ...] = ()

    def steps(self) -> tuple[str, ...]:
        """Return the steps shown."""
        return self._steps

    def show_steps(self, steps: tuple[str, ...]) -> None:
        """Show these steps."""
        self.setVisible(bool(steps))
        if steps == self._steps:
            return
        self._steps = steps
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for place, step in enumerate(steps):
            number = Label(f"{place + 1}.", "strong", parent=self)
            self._grid.addWidget(number, place, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            words = Label(step, wrap=True, parent=self)
            self._grid.addWidget(words, place, 1)
            number.show()
            words.show()


class EmptyPanel(QWidget):
    """What to do where no device is set up yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 28, 28, 28)
        column.setSpacing(SIZES.gap)
        column.addWidget(Label("Set up the first device", "title", wrap=True))
        steps = Steps(self)  # without a parent, what is shown becomes a window
        steps.show_steps(_FIRST_STEPS)
        column.addWidget(steps)
        column.addSpacing(SIZES.gap)
        for words in _FIRST_WORDS:
            column.addWidget(Label(words, tone="soft", wrap=True))
        column.addStretch(1)


_FIRST_STEPS = (
    "Plug in the printer, the scale or the display, and switch it on.",
    "Choose Add a device, and then what was found.",
    "It is tried at once: a printer prints its test, a display shows one.",
)
_FIRST_WORDS = (
    "A drawer is plugged into the receipt printer and comes with it.",
    "Scanners that type need no set-up: they work as they are.",
    "To look around without any, add simulated devices: they are at the end of the list.",
)


class StatePanel(QWidget):
    """How the device is, large, and beneath it what to try in which order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._light: Light = "off"
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(52, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(SIZES.gap)
        self.sentence = Label("", "head", wrap=True)
        self.steps = Steps()
        column.addWidget(self.sentence)
        column.addWidget(self.steps)

    def show_detail(self, detail: Detail) -> None:
        """Show how a device is; a sentence that is new is spoken."""
        fresh = detail.sentence != self.sentence.text()
        self._light = detail.light
        self.sentence.setText(detail.sentence)
        self.steps.show_steps(detail.steps)
        self.setAccessibleName(detail.sentence)
        self.update()
        if fresh and self.isVisible():
            say(self, detail.sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, fill = kind_colours(self._light, colours())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ink), 1))
        painter.setBrush(QColor(fill))
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, SIZES.radius, SIZES.radius)
        draw_icon(painter, _ICONS[self._light], ink, 16, _MARGIN, 24)


class UsesPanel(QWidget):
    """What a printer is the usual one for. `used(purpose, on)` when a person says so."""

    used = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SIZES.gap_large)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._toggles: dict[str, tuple[Toggle, Label]] = {}

    def show_uses(self, uses: tuple[Use, ...]) -> None:
        """Show what the device can be used for, and what is in force."""
        self.setVisible(bool(uses))
        if list(self._toggles) != [use.purpose for use in uses]:
            self._build(uses)
        for use in uses:
            toggle, hint = self._toggles[use.purpose]
            toggle.setChecked(use.on)
            toggle.setAccessibleDescription(use.hint)
            hint.setText(use.hint)

    def _build(self, uses: tuple[Use, ...]) -> None:
        for toggle, hint in self._toggles.values():
            for old in (toggle, hint):
                self._grid.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._toggles = {}
        for place, use in enumerate(uses):
            toggle = Toggle(f"Use it for {use.words.lower()}", parent=self)
            hint = Label("", "small", "soft", elide=True, parent=self)
            toggle.clicked.connect(lambda on, purpose=use.purpose: self.used.emit(purpose, on))
            self._grid.addWidget(toggle, place, 0)
            self._grid.addWidget(hint, place, 1)
            self._toggles[use.purpose] = (toggle, hint)
            toggle.show()
            hint.show()


class FactsPanel(QWidget):
    """What is known of a device, name and value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SIZES.gap_large)
        self._grid.setVerticalSpacing(SIZES.gap_small)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[tuple[Label, Label]] = []

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Show these facts."""
        while len(self._labels) < len(facts):
            name, value = Label("", tone="soft"), Label("", wrap=True)
            place = len(self._labels)
            self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, place, 1)
            self._labels.append((name, value))
        for place, (name, value) in enumerate(self._labels):
            there = place < len(facts)
            name.setText(facts[place][0] if there else "")
            value.setText(facts[place][1] if there else "")
            name.setVisible(there)
            value.setVisible(there)


class HeardPanel(QWidget):
    """What scanners read while the screen is in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SIZES.gap_small)
        column.addWidget(Label("Scan any book now", "strong"))
        self.rows = RowList(
            (Column("Read", 200), Column("What it is")),
            "What was scanned",
            "What the scanner reads stands here. Nothing is sold by it.",
            header=False,
            row_height=SIZES.row_single,
        )
        self.rows.setFixedHeight(3 * SIZES.row_single)
        column.addWidget(self.rows)

    def show_heard(self, heard: tuple[Heard, ...]) -> None:
        """Show the scans, the last one first."""
        fresh = heard and (not self.rows.rows() or self.rows.rows()[0].key != str(heard[0].number))
        self.rows.set_rows(tuple(Row(str(h.number), (h.code, h.what), strong=h is heard[0]) for h in heard))
        if fresh and self.isVisible():
            say(self, f"{heard[0].code} {heard[0].what}".strip())

"""The screen of figures: a period, a few figures, three charts, and the same numbers as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from bookwish_desk.ui.figures.sheets import days_sheet
from bookwish_desk.ui.figures.state import DaysForm, Drawing, Fact, FiguresState, Line, View
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Button, Card, Column, Label, Notice, Row, RowList
from bookwish_desk.ui.widgets.charts import Chart, ChartView, Rank, RankView, Series
from bookwish_desk.ui.widgets.progress import Bar

_PERIODS = {
    "days7": "7 days",
    "days30": "30 days",
    "days90": "90 days",
    "month": "This month",
    "custom": "Choose days",
}
_VIEWS: dict[View, str] = {"groups": "By source", "times": "By day", "causes": "What went wrong"}
_NUMBER = 66
_TIME = 88
_MONEY = 92
_ROW = 40
_FACTS = 6
_CHART = 184

_GROUPS = (
    Column("Source"),
    Column("Orders", _NUMBER, "right"),
    Column("Done", _NUMBER, "right"),
    Column("Median", _TIME, "right"),
    Column("9 of 10", _TIME, "right"),
    Column("In time", 76, "right"),
    Column("Errors", _NUMBER, "right"),
    Column("Cost", _MONEY, "right"),
)
_TIMES = (
    Column("When"),
    Column("Orders", _MONEY, "right"),
    Column("Done", _MONEY, "right"),
    Column("Median", 120, "right"),
    Column("9 of 10", 120, "right"),
)
_CAUSES = (
    Column("What"),
    Column("Why", 190),
    Column("Times", 56, "right"),
    Column("Labour", _MONEY, "right"),
    Column("Postage", _MONEY, "right"),
    Column("Replacement", 100, "right"),
    Column("Cost", _MONEY, "right"),
)


class DaysTaker(Protocol):
    """Whoever takes the days that were typed."""

    def choose_days(
        self, form: DaysForm, taken: Callable[[], None], refused: Callable[[str, str], None]
    ) -> None:
        """Look at these days; `refused` gets the field that is wrong and why."""


class FiguresScreen(QWidget):
    """Intents are signals, the form of days goes to `taker`; `show_state` shows a state."""

    period_chosen = Signal(str)
    hours_chosen = Signal(bool)
    view_chosen = Signal(str)
    file_chosen = Signal(str)
    left = Signal()

    def __init__(self, taker: DaysTaker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._taker = taker
        self._state = FiguresState()
        column = QVBoxLayout(self)
        column.setContentsMargins(SIZES.margin, 0, SIZES.margin, SIZES.margin)
        column.setSpacing(10)
        column.addLayout(self._build_periods())
        column.addLayout(self._build_heading())
        self._notice = Notice(kind="error", parent=self)
        column.addWidget(self._notice)
        column.addLayout(self._build_facts())
        column.addLayout(self._build_charts())
        column.addLayout(self._build_views())
        column.addWidget(self._build_tables(), 1)
        self.setAccessibleName("Figures")

    # Building

    def _build_periods(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._periods: dict[str, Button] = {}
        for choice, name in _PERIODS.items():
            tab = Button(name, f"figures.{choice}")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _on=False, choice=choice: self._choose(choice))
            self._periods[choice] = tab
            row.addWidget(tab)
        row.addStretch(1)
        self._back = Button("Back", "figures.back")
        self._back.clicked.connect(lambda _on=False: self.left.emit())
        row.addWidget(self._back)
        return row

    def _build_heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SIZES.gap)
        self._heading = Label("", "strong", elide=True)
        self._captured = Label("", "body", "soft", elide=True)
        self._bar = Bar("Counting")
        self._bar.setFixedWidth(160)
        self._bar.hide()
        row.addWidget(self._heading, 4)
        row.addWidget(self._captured, 5)
        row.addWidget(self._bar)
        return row

    def _build_facts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._facts = [_FactCard() for _ in range(_FACTS)]
        for card in self._facts:
            row.addWidget(card, 1)
        return row

    def _build_charts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._orders_title = Label("Orders a day", "small", "soft")
        self.orders = ChartView("Orders", "No order in these days.")
        self.times = ChartView("Time to ready or shipped", "No order of these days is ready or shipped.")
        self.troubles = RankView("What went wrong", "Nothing went wrong.")
        for title, chart in (
            (self._orders_title, self.orders),
            (Label("Time to ready or shipped", "small", "soft"), self.times),
            (Label("What went wrong", "small", "soft"), self.troubles),
        ):
            card = Card(margin=12, spacing=4)
            card.setFixedHeight(_CHART)
            card.column.addWidget(title)
            card.column.addWidget(chart, 1)
            row.addWidget(card, 1)
        return row

    def _build_views(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._views: dict[View, Button] = {}
        for view, name in _VIEWS.items():
            tab = Button(name, f"figures.{view}")
            tab.setCheckable(True)
            tab.clicked.connect(lambda _on=False, view=view: self.view_chosen.emit(view))
            self._views[view] = tab
            row.addWidget(tab)
        row.addStretch(1)
        self._hours = Button("Opening hours", "figures.hours")
        self._hours.setCheckable(True)
        self._hours.setAccessibleDescription("Count times in opening hours. Off: by the clock.")
        self._hours.clicked.connect(lambda on=False: self.hours_chosen.emit(on))
        row.addWidget(self._hours)
        self._save = Button("Save as CSV…", "figures.csv", "primary")
        self._save.clicked.connect(lambda _on=False: self._ask_where())
        row.addWidget(self._save)
        return row

    def _build_tables(self) -> QStackedWidget:
        self._tables = QStackedWidget()
        self.lists: dict[View, RowList] = {}
        for view, columns in (("groups", _GROUPS), ("times", _TIMES), ("causes", _CAUSES)):
            made = RowList(columns, _VIEWS[view], row_height=_ROW)  # type: ignore[index]
            self.lists[view] = made  # type: ignore[index]
            self._tables.addWidget(made)
        return self._tables

    # Rendering

    def show_state(self, state: FiguresState) -> None:
        """Show the state."""
        before, self._state = self._state, state
        for choice, tab in self._periods.items():
            tab.setChecked(choice == state.choice)
        self._hours.setChecked(state.in_open_hours)
        self._notice.show_text(state.notice, "error")
        shown = state.shown
        self._heading.setText(f"{shown.heading}, counting…" if state.busy else shown.heading)
        self._captured.setText(shown.captured)
        self._bar.setVisible(state.busy and state.progress > 0)
        self._bar.setValue(state.progress)
        self._save.setEnabled(bool(shown.heading) and not state.saving)
        for view, tab in self._views.items():
            tab.setChecked(view == state.view)
        self._views["times"].setText(f"By {shown.stretch_name.lower()}")
        self._tables.setCurrentWidget(self.lists[state.view])
        if shown != before.shown:
            self._show_figures(state)

    def _show_figures(self, state: FiguresState) -> None:
        shown = state.shown
        for card, fact in zip(self._facts, shown.facts, strict=False):
            card.show_fact(fact)
        self._orders_title.setText(shown.orders_title)
        self.orders.setAccessibleName(shown.orders_title)
        self.orders.set_chart(_chart(shown.orders))
        self.times.set_chart(_chart(shown.times))
        self.troubles.set_ranks(tuple(Rank(*trouble) for trouble in shown.troubles))
        for view, lines in (
            ("groups", () if shown.empty else shown.groups),
            ("times", () if shown.empty else shown.stretches),
            ("causes", shown.causes),
        ):
            found: RowList = self.lists[view]  # type: ignore[index]
            found.set_empty(shown.empty or "Nothing went wrong with these orders.")
            found.set_rows(tuple(_row(line) for line in lines))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lists[self._state.view].setFocus()

    # Intents

    def _choose(self, choice: str) -> None:
        if choice != "custom":
            self.period_chosen.emit(choice)
            return
        self._periods["custom"].setChecked(self._state.choice == "custom")
        days_sheet(self, self._taker, self._state.first, self._state.last).open()

    def _ask_where(self) -> None:
        """Ask where to save the file; the dialog asks before what is there is replaced."""
        dialog = QFileDialog(self.window(), "Save the figures", self._state.file_name, "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class _FactCard(Card):
    """One figure: what it is, how much, and of what."""

    def __init__(self) -> None:
        super().__init__(margin=10, spacing=0)
        self._label = Label("", "small", "soft", elide=True)
        self._text = Label("", "title", elide=True)
        self._detail = Label("", "small", "soft", elide=True)
        for label in (self._label, self._text, self._detail):
            self.column.addWidget(label)

    def show_fact(self, fact: Fact) -> None:
        """Show another figure."""
        self._label.setText(fact.label)
        self._text.setText(fact.text)
        self._detail.setText(fact.detail)
        self.setAccessibleName(f"{fact.label}: {fact.text}, {fact.detail}")


def _chart(drawing: Drawing) -> Chart:
    series = tuple(Series(c.name, c.values, c.look) for c in drawing.curves)
    return Chart(drawing.names, series, drawing.ticks, drawing.spoken)


def _row(line: Line) -> Row:
    return Row(line.key, line.cells, second=line.second, strong=line.strong)

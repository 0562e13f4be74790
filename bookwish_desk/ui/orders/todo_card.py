"""What is to be settled about the chosen order: one thing at a time, with what can be done about it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from bookwish_desk.ui.orders.detail_state import ToDo
from bookwish_desk.ui.widgets import Button, Notice

_BRIEF = 18


class ToDoCard(QWidget):
    """Shows the first of several, and leads to the others one by one: all of them would bury the books.

    `did(act)` asks for something to be done; `turned` says that another one is shown, which may be higher.
    """

    did = Signal(str)
    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._todo: tuple[ToDo, ...] = ()
        self._place = 0
        self._box: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._show()

    def show_todo(self, todo: tuple[ToDo, ...], *, fresh: bool) -> None:
        """Show what is to be settled; the one that was turned to stays unless the order is a `fresh` one."""
        if todo == self._todo and not fresh:
            return
        turned_to = self._todo[self._place] if self._place and not fresh else None
        self._todo = todo
        self._place = todo.index(turned_to) if turned_to in todo else 0
        self._show()

    def _turn(self) -> None:
        self._place = (self._place + 1) % len(self._todo)
        self._show()
        self.turned.emit()

    def _show(self) -> None:
        if self._box is not None:
            self._column.removeWidget(self._box)
            self._box.hide()
            self._box.deleteLater()
            self._box = None
        if self._todo:
            self._box = self._made(self._todo[self._place])
            self._column.addWidget(self._box)
            self._box.show()  # at once: what is not shown yet has no height to be counted
        self.setVisible(bool(self._todo))

    def _made(self, task: ToDo) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(growing(Notice(task.sentence, "warn" if task.blocking else "info", box)), 1)
        column.addLayout(row)
        column.addLayout(self._buttons(task, box))
        if task.act:
            button = Button(task.words, parent=box)
            button.clicked.connect(partial(self._did, task.act))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return box

    def _buttons(self, task: ToDo, box: QWidget) -> QGridLayout:
        # Side by side, in twos, while nothing is cut off in a narrow window.
        beside = 2 if all(len(words) <= _BRIEF for _, words in task.choices) else 1
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for place, (act, words) in enumerate(task.choices):
            button = Button(words, parent=box)
            button.clicked.connect(partial(self._did, act))
            grid.addWidget(button, place // beside, place % beside)
        if len(self._todo) > 1:
            following = Button(f"Next one ({self._place + 1} of {len(self._todo)})", kind="quiet", parent=box)
            following.clicked.connect(lambda _on=False: self._turn())
            grid.addWidget(following, len(task.choices) // beside, beside - 1)
        for column in range(beside):
            grid.setColumnStretch(column, 1)
        return grid

    def _did(self, act: str, _on: bool = False) -> None:
        self.did.emit(act)


def growing(notice: Notice) -> Notice:
    """Return the notice free to grow where its words take more lines."""
    notice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return notice

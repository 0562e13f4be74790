"""What may stand across the Sync screen: the first import, the demonstration's store, and no store at all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bookwish_desk.ui.sync.state import DemoStrip, FirstImport
from bookwish_desk.ui.tokens import SIZES
from bookwish_desk.ui.widgets import Badge, Button, Card, Label
from bookwish_desk.ui.widgets.progress import Bar

WOULD_DO = (
    "Orders from your online store come here by themselves, as they are placed, changed or cancelled.",
    "Sales at the counter, statuses of orders, tracking and stock go to the store, in the background.",
    "The counter never waits for it. Without a network selling goes on, and what waits is kept, for weeks.",
    "Where the shop and the store differ, you decide here. Nothing is sent twice and nothing is lost.",
)
_TEXT_WIDTH = 720


class ImportStrip(QWidget):
    """How far the first import is, with its verb: `asked` to stop it, or to go on with it."""

    asked = Signal()

    def __init__(self, key: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        column = QVBoxLayout()
        column.setSpacing(4)
        self._words = Label("", "strong", wrap=True)
        self._bar = Bar("First import")
        column.addWidget(self._words)
        column.addWidget(self._bar)
        row.addLayout(column, 1)
        self.button = Button("Stop the import", key)
        self.button.clicked.connect(lambda _on=False: self.asked.emit())
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_import(None)

    def show_import(self, first: FirstImport | None) -> None:
        """Show how far it is; None hides the strip."""
        self.setVisible(first is not None and self.parent() is not None)
        if first is None:
            return
        self._words.setText(first.words)
        self._bar.setVisible(first.percent is not None)
        self._bar.setValue(first.percent or 0)
        self.button.setText("Go on with the import" if first.stopped else "Stop the import")


class DemoStore(QWidget):
    """The store of a demonstration: whether it runs, and what can be done to it."""

    run_asked = Signal()
    order_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SIZES.gap)
        self._badge = Badge("Demonstration store", "off")
        self._words = Label("", tone="soft", elide=True)
        self.run = Button("Stop the store", "sync.demo_run")
        self.run.clicked.connect(lambda _on=False: self.run_asked.emit())
        self.order = Button("Let a customer order", "sync.demo_order")
        self.order.clicked.connect(lambda _on=False: self.order_asked.emit())
        row.addWidget(self._badge)
        row.addWidget(self._words, 1)
        row.addWidget(self.run)
        row.addWidget(self.order)
        self.hide()

    def show_demo(self, demo: DemoStrip | None) -> None:
        """Show whether it runs; None hides the strip."""
        self.setVisible(demo is not None and self.parent() is not None)
        if demo is None:
            return
        self._words.setText(demo.words)
        self.run.setText("Stop the store" if demo.running else "Start the store")
        self.order.setEnabled(demo.running)


class NoStore(Card):
    """What stands there while no online store is connected: what it would do, and the way to it."""

    set_up_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(margin=32, spacing=SIZES.gap, parent=parent)
        self.column.addWidget(Label("What syncing with an online store does", "head"))
        for words in WOULD_DO:
            text = Label(words, wrap=True)
            text.setMaximumWidth(_TEXT_WIDTH)
            self.column.addWidget(text)
        self.column.addSpacing(SIZES.gap)
        row = QHBoxLayout()
        self.set_up = Button("Set the online store up", "sync.set_up", "primary")
        self.set_up.clicked.connect(lambda _on=False: self.set_up_asked.emit())
        row.addWidget(self.set_up)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addStretch(1)

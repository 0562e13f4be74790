"""One sale made through the screens by itself, for machines without a display: keys in, a receipt out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from bookwish_desk.actions import outgoing, selling
from bookwish_desk.db.store import Store
from bookwish_desk.demo.shop import DEMO_PINS, goods
from bookwish_desk.hardware.model import PAPER_80
from bookwish_desk.hardware.receipts.drawing import picture
from bookwish_desk.hardware.receipts.layout import plain_text
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.slip import Slip

if TYPE_CHECKING:
    from bookwish_desk.desk import Desk
    from bookwish_desk.start import Start

LOOK_MS = 25
PATIENCE_MS = 60_000
KEY_MS = 70
"""Between keys that a person types: slower than a scanner, so that they are taken for typing."""

Until = Callable[[], bool]


class Script(QObject):
    """Signs in, opens the till, scans three books, pays in cash and waits for the receipt.

    Each step waits for what it needs to see. `succeeded` says afterwards whether it came to the end.
    """

    def __init__(self, start: Start) -> None:
        super().__init__()
        self._start = start
        self.succeeded = False
        self._waiting: Until = lambda: True
        self._steps = self._play()
        self._waited = 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Begin as soon as the window is there."""
        self._timer.start()

    def _look(self) -> None:
        self._waited += LOOK_MS
        if self._waited > PATIENCE_MS or self._start.failure:
            why = self._start.failure or "Look into the log in the data folder."
            print(f"The scripted sale did not get to its end. {why}")
            self._end()
        elif self._waiting():
            self._waited = 0
            self._timer.stop()
            step = next(self._steps, None)
            if step is None:
                self._end()
            else:
                self._waiting = step
                self._timer.start()

    def _end(self) -> None:
        self._timer.stop()
        self._start.window.close()

    @property
    def _desk(self) -> Desk:
        assert self._start.desk is not None
        return self._start.desk

    # The play

    def _play(self) -> Iterator[Until]:
        yield lambda: self._start.desk is not None and bool(self._desk.signin.state.faces)
        desk = self._desk
        # Without a window manager nobody else gives the window the keys.
        desk.window.activateWindow()
        yield desk.window.isActiveWindow
        name, pin = DEMO_PINS[0]
        desk.signin.choose(next(f.id for f in desk.signin.state.faces if f.name == name))
        yield lambda: desk.signin.state.chosen != ""
        self._type(pin)
        self._press(Qt.Key.Key_Return)
        yield lambda: not desk.window.covered()
        is_open: list[bool] = []
        desk.lanes.read(lambda store: selling.till_is_open(store, desk.station.register), then=is_open.append)
        yield lambda: bool(is_open)
        if not is_open[0]:
            yield from self._open_till()
        books: list[str] = []
        desk.lanes.read(goods, then=lambda found: books.extend(_codes(found)))
        yield lambda: bool(books)
        before = self._copies()
        for code in books[:3]:
            self._scan(code)
        yield lambda: self._copies() == before + 3
        self._picture("scripted-sale.png", "the cart")
        self._press(Qt.Key.Key_F12)
        yield lambda: desk.sell.state.mode == "pay"
        self._press(Qt.Key.Key_F5)
        yield lambda: desk.paying.sale is not None
        yield lambda: "was printed" in desk.paying.state.done_printing
        self._picture("scripted-done.png", "the completed sale")
        done: list[Path] = []
        receipt = desk.paying.sale.receipt if desk.paying.sale else ""
        desk.lanes.work(lambda: self._leave_receipt(receipt), then=done.extend)
        yield lambda: bool(done)
        for path in done:
            print(f"The receipt {receipt}: {path}")
        self.succeeded = True

    def _copies(self) -> int:
        return sum(int(row.quantity) for row in self._desk.sell.state.cart)

    def _open_till(self) -> Iterator[Until]:
        desk = self._desk
        desk.window.show_screen("till")
        yield lambda: desk.till.state.mode == "closed"
        self._press(Qt.Key.Key_F12)
        yield lambda: desk.till.state.mode == "count"
        self._type("1")
        self._press(Qt.Key.Key_F12)
        yield lambda: desk.till.state.mode == "open"
        desk.window.show_screen("sell")
        yield lambda: desk.sell.state.till_open

    # Keys and pictures

    def _press(self, key: Qt.Key) -> None:
        QTest.keyClick(self._start.window.windowHandle(), key, Qt.KeyboardModifier.NoModifier, KEY_MS)

    def _type(self, text: str) -> None:
        for digit in text:
            self._press(Qt.Key(ord(digit)))

    def _scan(self, code: str) -> None:
        """Type as a scanner does: at once, whatever has the focus."""
        handle = self._start.window.windowHandle()
        for digit in code:
            QTest.keyClick(handle, Qt.Key(ord(digit)))
        QTest.keyClick(handle, Qt.Key.Key_Return)

    def _picture(self, name: str, what: str) -> None:
        path = self._desk.books.store.folder / name
        self._start.window.grab().save(str(path))
        print(f"A picture of {what}: {path}")

    def _leave_receipt(self, receipt: str) -> list[Path]:
        """Leave the receipt as a picture and as text beside its printer bytes."""
        store = self._desk.books.store
        slip = _slip(store, receipt)
        image, words = store.folder / f"receipt-{receipt}.png", store.folder / f"receipt-{receipt}.txt"
        image.write_bytes(picture(slip, PAPER_80))
        words.write_text(plain_text(slip, PAPER_80.columns), encoding="utf-8")
        sent = sorted((store.folder / "devices").glob(f"*/*{receipt}.bin"))
        return [image, words, *sent]


def _codes(found: Sequence[Item]) -> list[str]:
    return [item.sku for item in found if item.on_hand > 1 and item.sku.isdigit()]


def _slip(store: Store, receipt: str) -> Slip:
    job = outgoing.latest(store, receipt, "receipt")
    assert job is not None
    return outgoing.slip_of(job)

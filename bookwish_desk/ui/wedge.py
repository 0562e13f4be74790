"""Scanners that type: tells a burst of keys from a person's typing and hands out what was scanned.

A filter on the windows sees every key before any widget does, whatever has the focus and even
behind a sheet. It knows nothing of books: what a code means is for whoever listens.

How it decides. Printable keys are held for at most 60 ms. When the next key comes within 50 ms, by the
key's own time stamp and not by when the program got round to it, the burst goes on; otherwise what was
held is given back in order, as if nothing had been. At least six keys and then Enter or Tab are a scan:
no widget sees any of them. From the fourth quick key on it cannot be a person, so pauses of a wireless
scanner are forgiven and keys such as Ctrl or F-keys inside a barcode are dropped.
Also scans: eight or more digits that end with no Enter (a scanner without suffix), an add-on of two or
five digits soon after a book, and anything after the start mark Ctrl+B, however short. A burst that begins
with the start mark or the ] of an AIM identifier may be slower: nobody types so.
A scanner that is set to another keyboard than this computer's is understood by the keys (`us_keys`).
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from bookwish_desk.ui.us_keys import meant, us_text
from bookwish_desk.ui.watching import WindowWatch

GAP_MS = 50
SURE_GAP_MS = 100
WAIT_MS = 60
SURE_WAIT_MS = 150
SURE_KEYS = 4
LEAST = 6
LEAST_UNENDED = 8
MOST = 160
ADD_ON_MS = 1_500
ADD_ON_SIZES = (2, 5)
CODE_SIZES = (10, 12, 13)

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_MODIFIER_KEYS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
)
_COMMAND = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class Typed(msgspec.Struct, frozen=True):
    """How a scan was typed: `letters` are what this computer's keyboard made of its keys.

    `gap_ms` is the average time between two keys, `ended` tells of an Enter or Tab, `marked` of Ctrl+B.
    """

    text: str
    letters: str
    gap_ms: int
    ended: bool
    marked: bool


class Wedge(WindowWatch):
    """The filter: `Wedge(app)`, then listen to `scanned(text)`; `close()` before the application ends.

    `typed` says after each scan how it came, for whoever sets a scanner up.
    """

    scanned = Signal(str)
    typed = Signal(object)

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        self._held: list[QKeyEvent] = []
        self._text = ""
        self._pressed = ""
        self._began_at = 0
        self._size = 0
        self._last_at = 0
        self._marked = False
        self._down: set[int] = set()
        self._ended_at: int | None = None
        self._code_at: int | None = None
        self._code_ended = True
        self._giving_back = False
        self._turned = False
        self._window: QWindow | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._nothing_followed)

    def close(self) -> None:
        """Let every key through from now on."""
        self._timer.stop()
        self.stop()
        self._give_back()

    # ---- keys ----

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Every event of a window passes here: the cheapest question first.
        if type(event) is not QKeyEvent or self._giving_back or not isinstance(watched, QWindow):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            return self._before_shortcuts(event)
        self._window = watched
        if event.type() == QEvent.Type.KeyRelease:
            return self._on_release(event)
        taken = self._on_press(event)
        if taken:
            self._down.add(event.key())
        else:
            self._down.discard(event.key())
        return taken

    def _before_shortcuts(self, event: QKeyEvent) -> bool:
        """Keep shortcuts from acting on keys inside a burst, or ahead of text still held."""
        if not self._held or event.key() in _MODIFIER_KEYS:
            return False
        if _printable(event) or _is_end(event) or self._sure():
            event.accept()
            return True
        self._give_back()
        return False

    def _on_release(self, event: QKeyEvent) -> bool:
        if event.key() not in self._down:
            return False
        if not event.isAutoRepeat():
            self._down.discard(event.key())
        if self._held:
            self._held.append(copy_key(event))
        return True

    def _on_press(self, event: QKeyEvent) -> bool:
        at, key = event.timestamp(), event.key()
        if key in _MODIFIER_KEYS:
            return False
        self._end_if_late(at)
        if key == Qt.Key.Key_B and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._give_back()
            self._marked = True
            self._hold(event, at)
            return True
        if _is_end(event):
            return self._on_end(event, at)
        if event.isAutoRepeat() and not self._held:
            # A person leans on a key. (X also calls a doubled digit of a fast scanner a repeat.)
            return False
        if _printable(event):
            return self._on_character(event, at)
        if self._sure():
            self._hold(event, at)
            return True
        self._give_back()
        return False

    def _on_character(self, event: QKeyEvent, at: int) -> bool:
        if self._size < MOST:
            self._text += event.text()
            self._pressed += us_text(event)
        self._size += 1
        self._hold(event, at)
        return True

    def _on_end(self, event: QKeyEvent, at: int) -> bool:
        if not self._held:
            # CR LF after a scan comes as two keys; the second must not press or submit anything.
            echo = self._ended_at is not None and at - self._ended_at <= GAP_MS
            self._ended_at = at if echo else None
            return echo
        if self._is_scan(at, ended=True):
            self._finish(at, ended=True)
            return True
        if self._size < 2:
            self._give_back()
            return False
        # Too short for a scan, too quick to be sure that it is not a code with a Tab inside.
        self._hold(event, at)
        return True

    # ---- deciding ----

    def _sure(self) -> bool:
        return self._marked or self._size >= SURE_KEYS

    def _patient(self) -> bool:
        return self._sure() or "]" in (self._text[:1], self._pressed[:1])

    def _read(self) -> str:
        """Return what was scanned so far."""
        return meant(self._text, self._pressed if len(self._pressed) == len(self._text) else "")

    def _after_code(self, at: int) -> bool:
        return self._code_at is not None and at - self._code_at <= ADD_ON_MS

    def _is_scan(self, at: int, ended: bool) -> bool:
        if self._marked:
            return self._size > 0
        if self._size >= LEAST and ended:
            return True
        text = self._read()
        digits = text.isascii() and text.isdigit()
        if digits and self._size in ADD_ON_SIZES and self._after_code(at):
            return ended == self._code_ended
        return digits and self._size >= LEAST_UNENDED

    def _end_if_late(self, at: int) -> None:
        if self._held and at - self._last_at > (SURE_GAP_MS if self._patient() else GAP_MS):
            self._settle()

    def _hold(self, event: QKeyEvent, at: int) -> None:
        if not self._held:
            self._began_at = at
        self._held.append(copy_key(event))
        self._last_at = at
        self._turned = False
        self._timer.start(SURE_WAIT_MS if self._patient() else WAIT_MS)

    def _nothing_followed(self) -> None:
        if not self._turned:
            # Keys that wait in the queue of a busy program go first: one more turn of the event loop.
            self._turned = True
            self._timer.start(0)
            return
        self._settle()

    def _settle(self) -> None:
        """End the burst without an end key: a scan, or typing that is given back."""
        if self._is_scan(self._last_at, ended=False):
            self._finish(self._last_at, ended=False)
        else:
            self._give_back()

    def _finish(self, at: int, ended: bool) -> None:
        text = self._read()
        gap = (self._last_at - self._began_at) // max(1, self._size - 1 + self._marked)
        how = Typed(text, self._text, gap, ended, self._marked)
        self._forget()
        self._ended_at = at
        digits = text.isascii() and text.isalnum() and text[:-1].isdigit()
        code = digits and len(text) in CODE_SIZES
        self._code_at = at if code else None
        self._code_ended = ended
        self.typed.emit(how)
        self.scanned.emit(text)

    def _forget(self) -> None:
        self._timer.stop()
        self._held = []
        self._text = ""
        self._pressed = ""
        self._size = 0
        self._marked = False

    def _give_back(self) -> None:
        """Send what was held to where the focus is now, in order; nothing of it was a scan."""
        held = self._held
        self._forget()
        if not held:
            return
        self._giving_back = True
        try:
            for event in held:
                if event.type() == QEvent.Type.KeyPress:
                    self._down.discard(event.key())
                # The focus may have moved to a sheet meanwhile; the window behind it must get nothing.
                focused: QWindow | None = QGuiApplication.focusWindow()
                window = focused if focused is not None else self._window
                if window is not None:
                    QCoreApplication.sendEvent(window, event)
        finally:
            self._giving_back = False


def _is_end(event: QKeyEvent) -> bool:
    """Say whether the key ends a scan: Enter, Tab, or a line feed however the scanner types it."""
    return event.key() in _ENDS or event.text() in ("\r", "\n", "\t")


def _printable(event: QKeyEvent) -> bool:
    """Say whether the key types a character: no command key held, AltGr (Ctrl+Alt on Windows) allowed."""
    command = event.modifiers() & _COMMAND
    if command and command != _ALT_GR:
        return False
    text = event.text()
    return len(text) == 1 and text.isprintable()


def copy_key(event: QKeyEvent) -> QKeyEvent:
    """Return a key event of our own, with the time at which the key was pressed."""
    copy = QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )
    copy.setTimestamp(event.timestamp())
    return copy

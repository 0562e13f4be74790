"""The real program in a process of its own, which does something once it got so far: text for `python -c`.

The first argument is the data folder. `ready` is what it does then: one line of Python, `sys` is there.
"""

from __future__ import annotations

_DESK = """
import sys
from bookwish_desk import __main__ as command

def ready(*_):
    {ready}

load = command.load_desk

def watched():
    start = load()
    begin = start.Start.begin

    def begun(self):
        watch(self)
        begin(self)

    start.Start.begin = begun
    return start

command.load_desk = watched
"""

_RUN = """
command.main(["--data", sys.argv[1]])
"""

_PAINTED = """
def watch(start):
    start._cover.painted.connect(ready)
"""

_SCANNED = """
def watch(start):
    start._cover.painted.connect(lambda: type_codes(start))
    build = start._build

    def built(books):
        build(books)
        {opened}
        start.desk.station.on_change(lambda nouns: "draft" in nouns and look(start))

    start._build = built

def type_codes(start):
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    none, at = Qt.KeyboardModifier.NoModifier, 1_000
    for code in sys.argv[2:]:
        at += 300
        for letter in code + "\\r":
            at += 5
            key = Qt.Key.Key_Return if letter == "\\r" else ord(letter)
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, none, letter)
                event.setTimestamp(at)
                QCoreApplication.postEvent(start.window.windowHandle(), event)

def look(start):
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    lines = start.desk.screens._screen("sell")[0].cart.lines
    if not lines.rows():
        return

    class Painted(QObject):
        def eventFilter(self, watched, event):
            if event.type() != QEvent.Type.Paint:
                return False
            watched.removeEventFilter(self)
            QApplication.sendEvent(watched, event)
            ready()
            return True

    start.painted = Painted()
    lines.viewport().installEventFilter(start.painted)
    lines.viewport().update()
"""

_EQUIPPED = """
def watch(start):
    import threading

    from bookwish_desk.attached import Attached

    equip, gui = Attached.equip, threading.get_ident()

    class Noting:
        def find_spec(self, name, path=None, target=None):
            if threading.get_ident() == gui:
                imported.append(name)

    imported = watch.imported = []

    def equipped(self):
        sys.meta_path.insert(0, Noting())
        equip(self)
        ready()

    Attached.equip = equipped
"""


def until_painted(ready: str) -> str:
    """Return the program that is ready when its first window is painted."""
    return _DESK.format(ready=ready) + _PAINTED + _RUN


def until_scanned(ready: str, opened: str = "pass") -> str:
    """Return the program that is ready when the first scan is answered: its line is painted in the cart.

    Its other arguments are codes, a badge and then what is sold. They are scanned by keys as soon as the
    first window is painted, long before anything else of the program is there. `opened` is one more line,
    done when the desk was made and nobody has signed in yet.
    """
    return _DESK.format(ready=ready) + _SCANNED.format(opened=opened) + _RUN


def until_equipped(ready: str) -> str:
    """Return the program that is ready when its devices are used.

    `watch.imported` is what the GUI thread imported meanwhile.
    """
    return _DESK.format(ready=ready) + _EQUIPPED + _RUN

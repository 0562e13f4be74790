"""The customer's screen: what is painted on it, where it stands, and that it never gets in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from bookwish_desk.shop.customer_view import CustomerLine, CustomerView, idle_view
from bookwish_desk.shop.device import DeviceState
from bookwish_desk.ui.customer import CustomerWindow, Loose, Placing, screens
from bookwish_desk.ui.customer.painting import lines_that_fit, sums_of
from bookwish_desk.ui.customer.placing import ONE_SCREEN
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import THEMES
from tests.hardware.slips import logo_png

TITLES = (
    ("The Overstory", 1, "$18.95"),
    ("Orlando", 2, "$33.98"),
    ("Ziemia obiecana: a novel of Łódź whose title does not end where the column ends", 1, "$21.00"),
    ("ノルウェイの森", 1, "$14.00"),
    ("AT&T <b>card</b>", 1, "$1,111.11"),
    ("Dune", -1, "-$9.99"),
    ("Gift wrap", 1, "$3.00"),
)
IDLE = idle_view("Corner Books & Café")
RINGING = CustomerView(
    phase="ringing",
    shop="Corner Books & Café",
    lines=tuple(CustomerLine(*line) for line in TITLES),
    newest=2,
    units=8,
    discount="-$12.00",
    tax="$82.10",
    total="$1,261.15",
    to_pay="$1,261.15",
)
LONG = replace(RINGING, lines=RINGING.lines * 5, newest=34, hidden=9)
PAYING = replace(RINGING, phase="paying", newest=-1, paid="$1,000.00", to_pay="$261.15", in_cash="$261.00")
DONE = replace(IDLE, phase="done", total="$59.57", paid="$60.00", change="$0.43")
CARD = replace(IDLE, phase="done", total="$1,059.57", paid="$1,059.57")
VIEWS = {"idle": IDLE, "ringing": RINGING, "long": LONG, "paying": PAYING, "done": DONE, "card": CARD}
SIZES = ((800, 480), (1024, 768), (1280, 800), (1920, 1080), (600, 1024))


@pytest.fixture
def window(dressed, qtbot) -> Iterator[CustomerWindow]:
    made = CustomerWindow()
    qtbot.addWidget(made)
    yield made


def look(window: CustomerWindow, view: CustomerView, width: int = 1280, height: int = 720) -> QImage:
    window.resize(width, height)
    window.show_view(view)
    return window.grab().toImage()


# ---- what is painted ----


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", VIEWS)
def test_pictures(dressed, window, pictures, theme, size, name):
    apply_theme(dressed, theme)
    window.set_logo(logo_png())
    image = look(window, VIEWS[name], *size)
    assert image.save(str(pictures / f"customer-{name}-{theme}-{size[0]}x{size[1]}.png"))
    assert image.size() == QSize(*size)
    assert image.pixelColor(2, 2).name() == THEMES[theme].paper
    assert inked(image), "nothing is painted"


def inked(image: QImage) -> bool:
    """Say whether an image has more than its ground, and nothing at its very edges."""
    ground = image.pixel(0, 0)
    across, down = image.width(), image.height()
    edges = [(x, y) for x in range(0, across, 3) for y in (1, down - 2)]
    edges += [(x, y) for x in (1, across - 2) for y in range(0, down, 3)]
    assert all(image.pixel(x, y) == ground for x, y in edges)
    return any(image.pixel(x, y) != ground for x in range(0, across, 2) for y in range(0, down, 2))


@pytest.mark.parametrize("name", VIEWS)
def test_each_phase_looks_like_no_other(window, name):
    image = look(window, VIEWS[name])
    assert all(look(window, other) != image for key, other in VIEWS.items() if key != name)


def test_the_newest_line_is_seen_to_be_the_newest(window):
    assert look(window, RINGING) != look(window, replace(RINGING, newest=3))


def test_what_is_no_picture_is_no_logo(window):
    before = look(window, IDLE)
    window.set_logo(b"no picture")
    assert look(window, IDLE) == before
    window.set_logo(logo_png())
    assert look(window, IDLE) != before


def test_it_says_what_matters_to_assistive_technology(window):
    window.show_view(DONE)
    assert window.accessibleDescription() == "Change due $0.43"


@pytest.mark.parametrize(
    ("lines", "newest", "hidden", "height", "wanted"),
    [
        (3, 2, 0, 600, (0, 3)),
        (30, 29, 0, 600, (22, 30)),
        (30, 2, 0, 600, (2, 10)),
        (30, -1, 0, 600, (21, 30)),
        (3, 2, 7, 600, (0, 3)),
        (30, 29, 0, 100, (29, 30)),
    ],
)
def test_the_newest_line_is_always_among_those_that_fit(lines, newest, hidden, height, wanted):
    view = CustomerView(lines=RINGING.lines[:1] * lines, newest=newest, hidden=hidden)
    assert lines_that_fit(view, height) == wanted


def test_figures_above_the_big_one():
    assert sums_of(RINGING) == (("Discount", "-$12.00"), ("Tax", "$82.10"))
    assert sums_of(replace(RINGING, tax_inside=True))[1][0] == "including tax"
    assert [name for name, _ in sums_of(PAYING)] == ["Discount", "Tax", "Total", "Paid", "In cash"]
    assert sums_of(IDLE) == ()


# ---- where it stands ----


def test_it_takes_no_focus_no_keys_and_does_not_keep_the_program_open(window):
    assert window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert window.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert not window.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
    assert window.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_where_there_is_one_screen_it_never_covers_the_register(window, qtbot):
    register = QWidget()
    qtbot.addWidget(register)
    with qtbot.waitExposed(register):
        register.show()
    told: list[DeviceState] = []
    placing = Placing(register.screen().name(), window, register, told.append)
    assert not window.isVisible()
    assert told == [DeviceState("unplugged", ONE_SCREEN)]
    placing.place()
    assert len(told) == 1
    assert placing.state == told[0]
    placing.close()
    assert screens(register) == screens() == ()


def test_a_simulated_one_is_a_window_among_others(window, qtbot):
    register = QWidget()
    qtbot.addWidget(register)
    register.setGeometry(0, 0, 100, 100)
    told: list[DeviceState] = []
    with qtbot.waitExposed(window):
        loose = Loose(window, register, told.append)
    assert told[0].condition == "ready"
    assert not window.isFullScreen()
    assert window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    assert not window.geometry().intersects(register.frameGeometry()), "it stands beside the register"
    window.close()
    loose.front()
    assert window.isVisible(), "it comes back when it is asked for"
    loose.close()
    assert not window.isVisible()


SCREENS = {
    "screens": [
        {"name": "MIRROR", "x": 0, "y": 0, "width": 1280, "height": 800},
        {"name": "HDMI-1", "x": 1280, "y": 0, "width": 1024, "height": 600},
        {"name": "REGISTER", "x": 0, "y": 0, "width": 1280, "height": 800},
    ]
}


def test_it_follows_its_screen_and_gives_way_to_the_register(tmp_path):
    config = tmp_path / "screens.json"
    config.write_text(json.dumps(SCREENS))
    done = subprocess.run(
        [sys.executable, "-c", FOLLOWING],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stderr == "", "Qt says so when a window that takes no focus is made the active one"
    assert done.stdout.split() == [
        "listed",
        "placed",
        "gone",
        "back",
        "mirror",
        "yielded",
        "returned",
        "closed",
    ]


FOLLOWING = '''
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QLineEdit
from bookwish_desk.shop.customer_view import idle_view
from bookwish_desk.ui.customer import CustomerWindow, Loose, Placing, screens
from bookwish_desk.ui.customer.placing import ON_REGISTER

app = QApplication([])


class Desktop(QObject):
    """The true screens, but one can be pulled out."""

    screenAdded = Signal(QScreen)
    screenRemoved = Signal(QScreen)
    out = None

    def screens(self):
        return [s for s in app.screens() if s is not self.out]


named = {s.name(): s for s in app.screens()}
first, second, mirror = named["REGISTER"], named["HDMI-1"], named["MIRROR"]
register = QLineEdit()
register.setScreen(first)
register.setGeometry(first.geometry())
register.show()
app.processEvents()
assert register.screen() is first
(found,) = screens(register)
assert (found.address, found.role, found.detail) == ("screen:HDMI-1", "customer_screen", "1024 × 600"), found
print("listed")

told, desktop, window = [], Desktop(), CustomerWindow()
window.show_view(idle_view("Corner Books"))
placing = Placing("HDMI-1", window, register, told.append, desktop)
app.processEvents()
assert told[-1].condition == "ready", told
assert window.isVisible() and window.isFullScreen() and window.screen() is second
assert window.geometry() == second.geometry(), window.geometry()
print("placed")

desktop.out = second
desktop.screenRemoved.emit(second)
assert not window.isVisible()
app.processEvents()
assert told[-1].condition == "unplugged", told
print("gone")

desktop.out = None
desktop.screenAdded.emit(second)
app.processEvents()
assert window.isVisible() and window.screen() is second and told[-1].condition == "ready"
print("back")

aside = []
covering = Placing("MIRROR", CustomerWindow(), register, aside.append, Desktop())
assert not covering._window.isVisible() and aside[-1].condition == "error", aside
covering.close()
print("mirror")

register.windowHandle().setScreen(second)
register.setGeometry(second.geometry())
app.processEvents()
assert not window.isVisible(), "it covers the register"
assert told[-1].message == ON_REGISTER, told
print("yielded")

register.windowHandle().setScreen(first)
register.setGeometry(first.geometry())
app.processEvents()
assert window.isVisible() and window.screen() is second
print("returned")

placing.close()
desktop.screenRemoved.emit(second)
app.processEvents()
print("closed")
'''

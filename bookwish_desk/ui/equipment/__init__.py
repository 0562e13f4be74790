"""Devices: printers, drawers, scanners, scales and displays of the register, set up and looked after."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from bookwish_desk.shop.address import Screen, write_address
from bookwish_desk.shop.device import CustomerScreenSetup
from bookwish_desk.shop.found import Found
from bookwish_desk.shop.text import clean
from bookwish_desk.ui.equipment.add_sheet import add_sheet
from bookwish_desk.ui.equipment.adding import AddingPresenter
from bookwish_desk.ui.equipment.presenter import EquipmentPresenter
from bookwish_desk.ui.equipment.screen import EquipmentScreen
from bookwish_desk.ui.equipment.state import Equipment
from bookwish_desk.ui.station import Station


def build(station: Station, equipment: Equipment) -> tuple[EquipmentScreen, EquipmentPresenter]:
    """Make the device screen and what runs it, and tie them together."""
    presenter = EquipmentPresenter(station, equipment)
    adding = AddingPresenter(presenter, second_screens)
    screen = EquipmentScreen(presenter)
    presenter.render = screen.show_state
    screen.chosen.connect(presenter.choose)
    screen.edited.connect(presenter.edited)
    screen.discarded.connect(presenter.discard)
    screen.saved.connect(presenter.save)
    screen.used.connect(presenter.use)
    screen.try_asked.connect(presenter.try_it)
    screen.drawer_asked.connect(presenter.open_drawer)
    screen.check_asked.connect(presenter.ask)
    screen.removed.connect(presenter.remove)
    screen.scanner_asked.connect(lambda: _open_scanner_setup(screen, station))
    screen.add_asked.connect(lambda: add_sheet(screen, adding))
    # A signal holds what it is tied to weakly: the screen keeps those that nobody else knows.
    screen.kept = (adding,)
    return screen, presenter


def _open_scanner_setup(screen: EquipmentScreen, station: Station) -> None:
    from bookwish_desk.ui import scanner_setup

    scanner_setup.open_sheet(screen, station)


def second_screens() -> tuple[Found, ...]:
    """Return the screens of this computer that can face a customer: all but the first."""
    return tuple(
        Found(
            write_address(Screen(screen.name())),
            "customer_screen",
            "Second screen",
            f"{clean(screen.name(), 60)}, {screen.size().width()} x {screen.size().height()}",
            CustomerScreenSetup(),
        )
        for screen in QGuiApplication.screens()
        if screen is not QGuiApplication.primaryScreen() and screen.name()
    )

"""The simulated devices of the demonstration, in a window of their own beside the register.

Used by `desk` alone:
    window, devices = build(lanes)
    printer = open_printer(spec, data_dir, on_job=devices.heard)       # and open_drawer(...)
    devices.equip(printer, drawer)
    devices.load(shop.goods, codes.codes_to_try)  # both of bookwish_desk.demo
    devices.on_scan = station.scanned
    station.on_change(devices.changed)
    window.show()
"""

from __future__ import annotations

from bookwish_desk.ui.devices.presenter import DeviceLanes, DevicesPresenter
from bookwish_desk.ui.devices.screen import DevicesWindow


def build(lanes: DeviceLanes) -> tuple[DevicesWindow, DevicesPresenter]:
    """Make the window and what runs it, and tie them together. The window is not shown yet."""
    window, presenter = DevicesWindow(), DevicesPresenter(lanes)
    presenter.render = window.show_state
    window.scanned.connect(presenter.scan)
    window.searched.connect(presenter.search)
    window.listing_picked.connect(presenter.pick)
    window.switched.connect(presenter.switch)
    window.drawer_closed.connect(presenter.close_drawer)
    return window, presenter

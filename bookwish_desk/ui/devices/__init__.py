"""The simulated devices, in a window of their own beside the register.

Used by `attached` alone:
    window, devices = build(lanes)
    open_receipt_printer(device, folder, on_job=devices.heard)         # and every other simulated driver
    open_line_display(device, behind, folder, on_show=devices.shown)
    devices.equip([Stand(device, driver, drawer), ...])
    devices.load(shop.goods, codes.codes_to_try)  # both of bookwish_desk.demo
    devices.on_scan = station.scanned
    station.on_change(devices.changed)
    window.show()
"""

from __future__ import annotations

from bookwish_desk.ui.devices.picturing import Stand
from bookwish_desk.ui.devices.presenter import DevicesPresenter
from bookwish_desk.ui.devices.screen import DevicesWindow
from bookwish_desk.ui.station import Work

__all__ = ["DevicesPresenter", "DevicesWindow", "Stand", "build"]


def build(lanes: Work) -> tuple[DevicesWindow, DevicesPresenter]:
    """Make the window and what runs it, and tie them together. The window is not shown yet."""
    window, presenter = DevicesWindow(), DevicesPresenter(lanes)
    presenter.render = window.show_state
    window.scanned.connect(presenter.scan)
    window.searched.connect(presenter.search)
    window.listing_picked.connect(presenter.pick)
    window.device_chosen.connect(presenter.choose)
    window.switched.connect(presenter.switch)
    window.drawer_closed.connect(presenter.close_drawer)
    window.drawer_stuck.connect(presenter.stick_drawer)
    window.display_switched.connect(presenter.switch_display)
    window.weight_laid.connect(presenter.lay)
    window.scale_swayed.connect(presenter.sway)
    return window, presenter

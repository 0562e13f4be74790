"""The guided first start of a real shop, before there are any books."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bookwish_desk.actions.setting_up import SetupPlan
from bookwish_desk.keychain import Keychain, open_keychain
from bookwish_desk.shop.found import Search
from bookwish_desk.ui.forms.inputs import Values
from bookwish_desk.ui.setup.editors_presenter import EditorsPresenter
from bookwish_desk.ui.setup.presenter import SetupPresenter, find_devices
from bookwish_desk.ui.setup.screen import SetupScreen
from bookwish_desk.ui.station import Work


def build(
    lanes: Work,
    found: Callable[[SetupPlan], Any],
    opened: Callable[[], Keychain] = open_keychain,
    look: Callable[[], Search] = find_devices,
) -> tuple[SetupScreen, SetupPresenter]:
    """Make the first start and what runs it, and tie them together.

    `found` makes the shop of a plan (on a lane); the presenter's `on_founded` gets what it returned, and
    the path of the opening stock. `opened` opens this computer's keyring, `look` finds what is attached.
    """
    presenter = SetupPresenter(lanes, found, opened, look)
    editors = EditorsPresenter(presenter)
    screen = SetupScreen(editors.add_person)
    presenter.render = screen.show_state
    screen.gone_on.connect(presenter.next)
    screen.gone_back.connect(presenter.back)
    screen.edited.connect(presenter.edited)
    screen.keyring_asked.connect(presenter.find_keyring)
    screen.welcome.begun.connect(lambda: presenter.next(Values()))
    screen.welcome.demo_asked.connect(presenter.look_at_demo)
    screen.tax.changed.connect(lambda: editors.change_classes(screen.tax.classes()))
    screen.logo.chosen.connect(editors.choose_logo)
    screen.logo.removed.connect(editors.remove_logo)
    screen.people.removed.connect(editors.remove_person)
    screen.stock.chosen.connect(editors.choose_stock)
    return screen, presenter

"""Settings: everything an owner may change after set-up, section by section."""

from __future__ import annotations

from collections.abc import Callable

from bookwish_desk.keychain import Keychain, open_keychain
from bookwish_desk.ui.settings import sheets
from bookwish_desk.ui.settings.carrier_presenter import CarrierPresenter
from bookwish_desk.ui.settings.extras_presenter import EditorsPresenter, PapersPresenter, TilesPresenter
from bookwish_desk.ui.settings.mail_presenter import MailPresenter, SendMail
from bookwish_desk.ui.settings.online_presenter import OnlinePresenter
from bookwish_desk.ui.settings.order_presenter import OrderEditorsPresenter
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.screen import SettingsScreen
from bookwish_desk.ui.settings.staff_presenter import StaffPresenter
from bookwish_desk.ui.station import Station


def build(
    station: Station, send: SendMail, opened: Callable[[], Keychain] = open_keychain
) -> tuple[SettingsScreen, SettingsPresenter]:
    """Make the Settings screen and what runs it, and tie them together. `send` hands a message over."""
    presenter = SettingsPresenter(station)
    people = StaffPresenter(station, presenter)
    orders, mail = OrderEditorsPresenter(presenter), MailPresenter(presenter, send, opened)
    screen = SettingsScreen(people, orders)
    presenter.render = screen.show_state
    screen.section_picked.connect(presenter.open_section)
    screen.edited.connect(presenter.edited)
    screen.discarded.connect(presenter.discard)
    screen.saved.connect(
        lambda values, section: presenter.save(
            values, lambda: presenter.open_section(section) if section else None
        )
    )
    screen.staff.badge_asked.connect(people.new_badge)
    screen.staff.badge_removed.connect(people.remove_badge)
    screen.staff.left.connect(people.deactivate)
    screen.staff.came_back.connect(people.reactivate)
    editors, tiles, papers = (
        EditorsPresenter(presenter),
        TilesPresenter(presenter),
        PapersPresenter(presenter),
    )
    screen.tax.changed.connect(lambda: editors.change_classes(screen.tax.classes()))
    screen.logo.chosen.connect(editors.choose_logo)
    screen.logo.removed.connect(editors.remove_logo)
    screen.roles.toggled.connect(editors.permit)
    _tie_extras(screen, presenter, tiles, papers)
    _tie_orders(screen, orders, mail)
    online = OnlinePresenter(presenter)
    _tie_online(screen, station, online)
    carriers = CarrierPresenter(presenter)
    _tie_shipping(screen, carriers)
    # A signal holds what it is tied to weakly: the screen keeps those that nobody else knows.
    screen.kept = (people, editors, tiles, papers, orders, mail, online, carriers)
    return screen, presenter


def _tie_orders(screen: SettingsScreen, orders: OrderEditorsPresenter, mail: MailPresenter) -> None:
    screen.form.changed.connect(lambda: orders.typed(screen.values()))
    screen.form.changed.connect(lambda: mail.typed(screen.values()))
    screen.hours.changed.connect(lambda: orders.change_days(screen.hours.days(), screen.values()))
    screen.promises.changed.connect(lambda: orders.change_promises(screen.promises.promises()))
    screen.statuses.changed.connect(lambda: orders.change_hidden(screen.statuses.hidden()))
    screen.notices.changed.connect(orders.change)
    screen.mail.asked.connect(lambda address: mail.try_out(address, screen.values()))
    screen.mail.stopped.connect(mail.stop)
    mail.wrong_address = screen.mail.show_wrong_address


def _tie_online(screen: SettingsScreen, station: Station, online: OnlinePresenter) -> None:
    from bookwish_desk.ui import sync

    def sign_in_again() -> None:
        sync.ask_sign_in(screen, station)

    panel = screen.online
    panel.sign_in.asked.connect(online.sign_in)
    panel.store.searched.connect(online.find)
    panel.store.chosen.connect(online.choose)
    panel.store.asked.connect(online.connect)
    panel.store.again_asked.connect(online.use_another)
    panel.connected.test_asked.connect(online.test)
    panel.connected.pause_asked.connect(online.pause)
    panel.connected.sign_in_asked.connect(online.sign_in_again)
    panel.connected.sign_out_asked.connect(online.sign_out)
    panel.connected.disconnect_asked.connect(online.disconnect)
    panel.connected.first_asked.connect(online.first_import)
    panel.connected.elsewhere_set.connect(online.set_elsewhere)
    panel.connected.screen_asked.connect(lambda: station.show_screen("sync"))
    online.on_sign_in = sign_in_again


def _tie_shipping(screen: SettingsScreen, carriers: CarrierPresenter) -> None:
    screen.parcels.changed.connect(carriers.change)
    screen.carriers.key.asked.connect(carriers.connect)
    screen.carriers.key.left.connect(carriers.keep_key)
    screen.carriers.account.look_asked.connect(carriers.look)
    screen.carriers.account.change_asked.connect(carriers.use_another)
    screen.carriers.account.forget_asked.connect(carriers.forget)


def _tie_extras(
    screen: SettingsScreen, presenter: SettingsPresenter, tiles: TilesPresenter, papers: PapersPresenter
) -> None:
    screen.tiles.searched.connect(tiles.find)
    screen.tiles.added.connect(tiles.add)
    screen.tiles.moved.connect(tiles.move)
    screen.tiles.removed.connect(tiles.remove)
    screen.safety.key_asked.connect(papers.print_key)
    screen.safety.code_asked.connect(
        lambda: sheets.ask_new_code_sheet(screen, presenter.state.printer, papers.renew_recovery).open()
    )

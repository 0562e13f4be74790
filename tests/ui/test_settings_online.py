"""Connecting an online store in Settings: signing in, choosing the store, testing, leaving; and pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import connecting
from bookwish_desk.keychain import Keychain
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.online import Abilities, Membership, OnlineSettings, StoreProfile
from bookwish_desk.shop.sync_state import Progress
from bookwish_desk.ui import settings
from bookwish_desk.ui.online_work import Tried
from bookwish_desk.ui.settings.online_state import OnlineSetup
from bookwish_desk.ui.settings.presenter import SettingsPresenter
from bookwish_desk.ui.settings.screen import SettingsScreen
from bookwish_desk.ui.sync.sheets import SignInSheet
from bookwish_desk.ui.widgets import Label, Question
from tests.support import looking
from tests.support.keyrings import FakeKeyring
from tests.support.online_desk import ADDRESS, CONNECTED, FakeDemo, OnlineCounter


class Desk(OnlineCounter):
    """A counter with the section Online store in a window; the store's work connects as the real one does."""

    def __init__(self, folder: Path, qtbot: QtBot, online: OnlineSettings = CONNECTED) -> None:
        super().__init__(folder, online=online)
        self.screen: SettingsScreen
        self.presenter: SettingsPresenter
        self.screen, self.presenter = settings.build(
            self.station, _nothing_is_sent, lambda: Keychain(FakeKeyring())
        )
        self.window = looking.window_with("settings", self.screen)
        qtbot.addWidget(self.window)
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()
        self.presenter.open_section("online")
        self.panel = self.screen.online

    @property
    def setup(self) -> OnlineSetup:
        return self.presenter.state.online

    def sign_in(self, address: str = ADDRESS, email: str = "olive@example.com", password: str = "pw") -> None:
        form = self.panel.sign_in
        form.address.set_text(address)
        form.email.set_text(email)
        form.password.set_text(password)
        form.button.click()

    def connect_for_real(self) -> None:
        """Let `choose` connect the shop, as the work with the store does."""

        def choose(profile: StoreProfile, then: Any, failed: Any) -> None:
            wanted = OnlineSettings(
                address=ADDRESS, email="olive@example.com", store_id=profile.id, store_name=profile.name
            )
            self.station.act(
                lambda store, actor: connecting.connect(store, actor, wanted),
                then=lambda _kept: then(),
                failed=failed,
            )

        self.online.choose = choose  # type: ignore[method-assign]


def shown_words(widget: QWidget) -> list[str]:
    """Return the texts that are seen there."""
    return [x.text() for x in widget.findChildren(Label) if x.isVisible()]


def _nothing_is_sent(*_args: object) -> Any:
    raise AssertionError


@pytest.fixture
def fresh(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot, OnlineSettings())


@pytest.fixture
def desk(tmp_path: Path, dressed: Any, qtbot: QtBot) -> Desk:
    return Desk(tmp_path, qtbot)


def question(qtbot: QtBot) -> Question:
    found = next(w for w in QApplication.topLevelWidgets() if isinstance(w, Question) and w.isVisible())
    qtbot.waitUntil(found.isActiveWindow)
    return found


def press(asked: Question, words: str, qtbot: QtBot) -> None:
    button = next(b for b in asked._verbs if b.text() == words)
    with qtbot.waitSignal(asked.finished):
        button.click()


# ---- signing in ----


def test_what_is_missing_is_said_beside_its_field(fresh: Desk) -> None:
    fresh.sign_in("", "", "")
    form = fresh.panel.sign_in
    assert form.address.error().startswith("Type the address of the store")
    assert form.email.error() == "Type the e-mail of the account."
    assert form.password.error() == "Type its password."
    assert form.address.edit.hasFocus()
    assert fresh.online.asked == []


def test_what_the_store_does_not_like_is_said_beside_its_field(fresh: Desk) -> None:
    fresh.online.refuse = Refused("login", "The store does not know this password.", field="password")
    fresh.sign_in()
    form = fresh.panel.sign_in
    assert form.password.error() == "The store does not know this password."
    assert form.address.text() == ADDRESS, "what was typed stays"
    assert form.button.isEnabled()
    fresh.online.refuse = Refused("later", "The store is being serviced.")
    fresh.sign_in()
    assert (fresh.setup.notice, fresh.setup.tone) == ("The store is being serviced.", "error")


def test_the_password_goes_to_the_store_and_nowhere_else(fresh: Desk) -> None:
    fresh.online.hold = True
    fresh.sign_in(password="correct horse")
    assert fresh.setup.busy == "Signing in…"
    assert not fresh.panel.sign_in.button.isEnabled()
    assert fresh.online.asked == [("sign_in", ADDRESS, "olive@example.com", "correct horse")]
    assert "correct horse" not in repr(fresh.presenter.state)
    fresh.online.held()
    assert fresh.setup.stage == "choose"
    assert fresh.panel.sign_in.password.text() == ""
    assert "correct horse" not in repr(fresh.presenter.state)


# ---- choosing the store ----


def test_a_store_of_the_account_is_connected_and_read_for_the_first_time(fresh: Desk, qtbot: QtBot) -> None:
    fresh.online.stores = (Membership("st_9", "tern-books", "owner"), Membership("st_8", "x", sells=False))
    fresh.connect_for_real()
    fresh.sign_in()
    assert [s.name for s in fresh.setup.stores] == ["tern-books"], "only those that sell"
    assert fresh.setup.chosen == "st_9", "there is no other"
    fresh.panel.store.button.click()
    assert fresh.store.settings.online.store_id == "st_9"
    assert fresh.setup.stage == "connected"
    assert fresh.setup.notice.startswith("Connected.")
    fresh.online.become(way="ok", first=Progress(1_200, 5_000, "orders"))
    strip = fresh.panel.connected.first
    assert strip.isVisible()
    assert fresh.setup.first is not None
    assert fresh.setup.first.words == "First import: 1,200 of 5,000 orders read."
    strip.button.click()
    assert fresh.online.asked[-1] == ("cancel_first",)
    fresh.online.become(first_stopped=True)
    assert strip.button.text() == "Go on with the import"
    strip.button.click()
    assert fresh.online.asked[-1] == ("now",)


def test_a_store_is_found_by_its_name_or_slug(fresh: Desk) -> None:
    fresh.sign_in()
    form = fresh.panel.store
    form.find_button.click()
    assert form.search.error() == "Type the name of the shop, or a part of it."
    form.button.click()
    assert form.store_id.error() == "Choose a store of the list, or type its id."
    form.search.set_text("tern")
    form.find_button.click()
    assert fresh.setup.found.startswith("No store is called that.")
    fresh.online.found = tuple(
        StoreProfile(f"st_{n}", f"Tern <b>Books</b> {n}", "tern", "Portland") for n in range(60)
    )
    form.find_button.click()
    assert len(fresh.setup.stores) == 50
    assert fresh.setup.found == "10 more are not listed: type more of the name."
    assert looking.rich(fresh.window) == []
    form.rows.choose("st_7")
    form.button.click()
    assert fresh.online.asked[-1] == ("choose", fresh.online.found[7])


def test_a_stores_id_can_be_typed(fresh: Desk) -> None:
    fresh.sign_in()
    fresh.panel.store.store_id.set_text("  st_77 ")
    fresh.panel.store.button.click()
    assert fresh.online.asked[-1] == ("choose", StoreProfile("st_77", ""))


def test_the_focus_stays_in_the_section_while_a_store_is_connected(fresh: Desk) -> None:
    fresh.sign_in()
    fresh.connect_for_real()
    choose = fresh.online.choose
    held: list[Any] = []
    fresh.online.choose = lambda *told: held.append(told)  # type: ignore[method-assign]
    form, connected = fresh.panel.store, fresh.panel.connected
    form.store_id.set_text("st_77")
    form.button.setFocus()
    form.button.click()
    assert fresh.setup.busy and not form.button.isEnabled()
    assert fresh.panel.hasFocus()
    choose(*held.pop())
    assert fresh.setup.stage == "connected"
    assert connected.test.hasFocus()


def test_the_focus_comes_back_to_what_asked_in_vain(fresh: Desk) -> None:
    fresh.sign_in()
    fresh.online.refuse = Refused("online_waiting", "3 things still wait for another store.")
    form = fresh.panel.store
    form.store_id.set_text("st_77")
    form.button.setFocus()
    form.button.click()
    assert form.button.hasFocus()


def test_a_section_that_only_hears_news_takes_no_focus(desk: Desk, qtbot: QtBot) -> None:
    desk.window.setFocus()
    desk.online.become(way="away")
    desk.panel.show_setup(replace(desk.setup, busy="The store is asked…"))
    desk.panel.show_setup(OnlineSetup())
    assert not desk.panel.isAncestorOf(desk.window.focusWidget())


def test_a_store_that_cannot_be_connected_says_why(fresh: Desk) -> None:
    fresh.sign_in()
    fresh.online.refuse = Refused("online_waiting", "3 things still wait for another store.")
    fresh.panel.store.store_id.set_text("st_77")
    fresh.panel.store.button.click()
    assert fresh.setup.notice == "3 things still wait for another store."
    assert fresh.setup.stage == "choose"
    fresh.panel.store.again.click()
    assert fresh.panel.sign_in.isVisible()
    assert fresh.panel.sign_in.email.text() == "olive@example.com"


def test_before_the_work_has_begun_nothing_can_be_asked(tmp_path: Path, dressed: Any, qtbot: QtBot) -> None:
    desk = Desk(tmp_path, qtbot, OnlineSettings())
    desk.station.online = None
    desk.presenter.open_section("online")
    assert desk.setup.why_not.startswith("The work with online stores has not started yet.")
    assert not desk.panel.sign_in.button.isEnabled()


# ---- what is connected ----


def test_a_test_says_what_came_of_it(desk: Desk) -> None:
    desk.online.tried = Tried(Abilities(key=True), 84, -180_000)
    desk.panel.connected.test.click()
    assert desk.setup.notice == "The store answered in 84 ms. Its clock is 3 min behind this computer's."
    assert next(a.can for a in desk.setup.abilities if a.name == "Repeats")
    desk.online.tried = Tried(only_own=True)
    desk.panel.connected.test.click()
    assert "sees only its own purchases" in desk.setup.notice
    assert desk.setup.tone == "warn"
    desk.online.refuse = Refused("online", "The store did not answer.")
    desk.panel.connected.test.click()
    assert (desk.setup.notice, desk.setup.tone) == ("The store did not answer.", "error")


def test_it_is_paused_and_goes_on(desk: Desk) -> None:
    desk.panel.connected.pause.click()
    assert desk.store.settings.online.paused
    assert desk.panel.connected.pause.text() == "Go on"
    desk.panel.connected.pause.click()
    assert not desk.store.settings.online.paused


def test_that_stock_comes_from_elsewhere_is_kept(desk: Desk) -> None:
    since = desk.store.settings.online.since
    desk.panel.connected.elsewhere.click()
    assert desk.store.settings.online.stock_from_elsewhere
    assert desk.store.settings.online.since == since
    desk.panel.connected.elsewhere.click()
    assert not desk.store.settings.online.stock_from_elsewhere


def test_signing_out_is_asked_about_and_keeps_what_waits(desk: Desk, qtbot: QtBot) -> None:
    desk.sell()
    desk.panel.connected.sign_out.click()
    press(question(qtbot), "Keep it", qtbot)
    assert desk.online.asked == []
    desk.panel.connected.sign_out.click()
    press(question(qtbot), "Sign out", qtbot)
    assert desk.online.asked == [("sign_out",)]
    assert desk.setup.notice == "Signed out. What waits is kept."
    assert [job.state for job in desk.waiting()] == ["new"]


def test_disconnecting_is_asked_about_and_leads_back_to_signing_in(desk: Desk, qtbot: QtBot) -> None:
    desk.panel.connected.disconnect_button.click()
    press(question(qtbot), "Disconnect", qtbot)
    assert not desk.store.settings.online.connected
    assert desk.online.asked == [("sign_out",)]
    assert desk.setup.stage == "sign_in"
    assert desk.panel.sign_in.address.text() == ADDRESS


def test_somebody_signs_in_again(desk: Desk, qtbot: QtBot) -> None:
    desk.online.become(way="signed_out")
    assert desk.panel.connected.sign_in.isVisible()
    assert not desk.panel.connected.sign_out.isVisible()
    desk.panel.connected.sign_in.click()
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, SignInSheet) and w.isVisible())
    qtbot.waitUntil(sheet.isActiveWindow)
    sheet.password.set_text("pw")
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(sheet, Qt.Key.Key_F12)
    assert desk.online.asked == [("sign_in", ADDRESS, "shop@example.com", "pw")]


def test_a_demonstration_says_how_one_signs_in(desk: Desk, qtbot: QtBot) -> None:
    desk.online.demo = FakeDemo()
    desk.online.become(way="signed_out")
    desk.panel.connected.sign_in.click()
    sheet = next(w for w in QApplication.topLevelWidgets() if isinstance(w, SignInSheet) and w.isVisible())
    assert "In this demonstration: shop@example.com, password 1a2b3c4d." in shown_words(sheet)
    sheet.reject()
    assert not any("demonstration" in x for x in shown_words(desk.panel))
    desk.panel.connected.disconnect_button.click()
    press(question(qtbot), "Disconnect", qtbot)
    assert "In this demonstration: shop@example.com, password 1a2b3c4d." in shown_words(desk.panel)


def test_the_section_leads_to_what_waits(desk: Desk) -> None:
    desk.panel.connected.sync_screen.click()
    assert desk.front.screen == "sync"


def test_what_was_changed_in_another_section_is_asked_about_first(desk: Desk, qtbot: QtBot) -> None:
    desk.presenter.open_section("shop")
    desk.presenter.edited()
    desk.screen.pick("online")
    press(question(qtbot), "Keep editing", qtbot)
    assert desk.presenter.state.section == "shop"
    desk.screen.pick("online")
    press(question(qtbot), "Discard changes", qtbot)
    assert desk.panel.isVisible()


def test_news_is_followed_only_while_the_section_is_seen(desk: Desk) -> None:
    desk.online.become(way="away", away_since=desk.clock.at)
    assert desk.setup.headline.light == "warn"
    desk.presenter.open_section("look")
    desk.online.become(way="ok")
    assert desk.setup.headline.light == "warn"
    desk.presenter.open_section("online")
    assert desk.panel.connected.status.text().startswith("Everything is at the store.")


# ---- the look ----


def test_pictures_names_and_plain_text(fresh: Desk, dressed: Any, pictures: Path) -> None:
    looking.photograph(fresh.window, pictures / "settings-online-in.png")
    assert looking.nameless(fresh.screen) == []
    fresh.online.stores = (Membership("st_1", "tern-books", "owner"), Membership("st_2", "gull", "staff"))
    fresh.sign_in()
    looking.photograph(fresh.window, pictures / "settings-online-choose.png")
    assert looking.nameless(fresh.screen) == []
    fresh.station.settings = replace(fresh.station.settings, online=CONNECTED)
    fresh.presenter.reload()
    fresh.online.become(first=Progress(12, 99), keeps_sign_in=False)
    looking.photograph_all(dressed, fresh.window, pictures, "settings-online-connected")
    assert looking.nameless(fresh.screen) == []
    assert looking.rich(fresh.window) == []

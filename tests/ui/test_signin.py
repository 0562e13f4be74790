"""Signing in: by PIN and badge, with waits, and an owner's recovery; on the presenter, then on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bookwish_desk.actions import hiring, pins, securing
from bookwish_desk.shop.recovery import new_owner_code
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Person
from bookwish_desk.ui import signin
from bookwish_desk.ui.forms import Paper
from bookwish_desk.ui.signin.presenter import SignInPresenter
from bookwish_desk.ui.signin.screen import SignInScreen
from bookwish_desk.ui.theme import apply_theme
from bookwish_desk.ui.tokens import THEMES
from bookwish_desk.ui.widgets import Field, PinField, Sheet, Tile
from bookwish_desk.ui.window import MainWindow
from tests.support.staffed import CLERK_PIN, OWNER_PIN, SETTINGS, StaffedShop, hash_cheaply

HINTS = (("Olive Owner", OWNER_PIN), ("Sam Staff", CLERK_PIN))


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffedShop]:
    made = StaffedShop(tmp_path / "shop")
    yield made
    made.store.close()


class Signing:
    """A presenter that is shown, and whom it signed in."""

    def __init__(self, shop: StaffedShop) -> None:
        self.station, self.front = shop.station()
        self.presenter = SignInPresenter(self.station, HINTS)
        self.people: list[Person] = []
        self.presenter.on_signed_in = self.people.append
        self.presenter.shown()

    @property
    def state(self):
        return self.presenter.state

    def type(self, staff_id: str, pin: str) -> None:
        self.presenter.choose(staff_id)
        self.presenter.submit(Secret(pin))


@pytest.fixture
def signing(shop: StaffedShop) -> Signing:
    return Signing(shop)


# ---- the presenter ----


def test_everybody_who_works_here_is_shown_owners_first(signing: Signing) -> None:
    faces = [(f.name, f.role) for f in signing.state.faces]
    assert faces == [("Olive Owner", "Owner"), ("Mo <b>Manager</b>", "Manager"), ("Sam Staff", "Staff")]
    assert (signing.state.shop, signing.state.chosen) == ("Alder & Ash Books", "")


def test_pins_are_shown_in_the_demonstration_only(tmp_path: Path, signing: Signing) -> None:
    assert [f.hint for f in signing.state.faces] == ["", "", ""]
    demo = StaffedShop(tmp_path / "demo", replace(SETTINGS, demo=True))
    assert [f.hint for f in Signing(demo).state.faces] == [OWNER_PIN, "", CLERK_PIN]
    demo.store.close()


@pytest.mark.capability("BW+12")
def test_a_name_and_its_pin_sign_in(shop: StaffedShop, signing: Signing) -> None:
    signing.type(shop.clerk.staff, CLERK_PIN)
    assert [p.name for p in signing.people] == ["Sam Staff"]
    assert signing.station.person == signing.people[0]
    assert signing.station.actor.staff == shop.clerk.staff


def test_somebody_elses_pin_does_not(shop: StaffedShop, signing: Signing) -> None:
    signing.type(shop.clerk.staff, OWNER_PIN)
    assert signing.people == []
    assert signing.state.notice == "That is not the right PIN."
    signing.presenter.choose(shop.owner.staff)
    assert signing.state.notice == ""


def test_without_a_name_a_pin_is_not_tried(shop: StaffedShop, signing: Signing) -> None:
    signing.presenter.submit(Secret(OWNER_PIN))
    assert signing.state.notice == "Choose your name first."
    assert not any(kind.startswith("staff.pin") for kind, _, _ in shop.journal())


@pytest.mark.capability("BW+12")
def test_five_wrong_pins_make_one_wait_and_the_seconds_count_down(
    shop: StaffedShop, signing: Signing
) -> None:
    for _ in range(5):
        signing.type(shop.clerk.staff, "0007")
    assert signing.state.wait == 30
    assert signing.state.notice == "Too many wrong PINs. Wait 30 seconds, then try again."
    signing.presenter.tick()
    assert (signing.state.wait, "29 seconds" in signing.state.notice) == (29, True)
    signing.presenter.choose(shop.clerk.staff)
    signing.presenter.submit(Secret(CLERK_PIN))  # the right one does not help now
    assert signing.people == []
    assert signing.state.wait > 0
    signing.type(shop.owner.staff, OWNER_PIN)  # others go on
    assert [p.name for p in signing.people] == ["Olive Owner"]


def test_the_countdown_ends_with_a_word(shop: StaffedShop, signing: Signing) -> None:
    for _ in range(5):
        signing.type(shop.clerk.staff, "0007")
    for _ in range(30):
        signing.presenter.tick()
    assert (signing.state.wait, signing.state.notice) == (0, "Try again now.")


@pytest.mark.capability("BW+12")
def test_a_badge_signs_in_and_no_other_scan_does_anything(shop: StaffedShop, signing: Signing) -> None:
    signing.station.scanned("9780156701600")
    assert signing.state.notice == "That is not a badge. Sign in first, then scan it again."
    signing.station.scanned("S-AAAAAAAAAAAA")
    assert "Nobody has this badge" in signing.state.notice
    code = "S-MFRGGZDFMZTW"
    with shop.store.write() as tx:
        hiring._change(tx, shop.clerk.staff, badge_hash=pins.badge_hash(code))
    signing.station.scanned(code)
    assert [p.name for p in signing.people] == ["Sam Staff"]
    signing.presenter.hidden()
    signing.station.scanned(code)
    assert len(signing.people) == 1


def test_whoever_locked_it_is_chosen_again(shop: StaffedShop, signing: Signing) -> None:
    signing.type(shop.clerk.staff, CLERK_PIN)
    signing.presenter.hidden()
    signing.presenter.shown()
    assert (signing.state.chosen, signing.state.heading) == (
        shop.clerk.staff,
        "Locked. Who is at the register?",
    )
    hiring.deactivate(shop.store, shop.owner, shop.clerk.staff)
    signing.presenter.shown()
    assert signing.state.chosen == ""


def test_new_people_appear_while_it_is_shown(shop: StaffedShop, signing: Signing) -> None:
    signing.station.lanes.act(lambda s: hiring.add_person(s, shop.owner, "Nora", "staff", "!"))
    assert "Nora" in [f.name for f in signing.state.faces]


def test_arrows_go_round_the_names(signing: Signing) -> None:
    chosen = []
    for by in (1, 1, 1, 1, -1, -1):
        signing.presenter.step(by)
        chosen.append(signing.state.face.name[0])
    assert chosen == ["O", "M", "S", "O", "S", "M"]


# ---- the owner's recovery ----


class Recovery:
    """A recovery as the sheet asks for it, and what it hears."""

    def __init__(self, shop: StaffedShop, signing: Signing) -> None:
        self.code = new_owner_code()
        securing.renew_recovery(shop.store, shop.owner, pins.hash_code(self.code))
        signing.station.settings = shop.store.settings
        signing.presenter.shown()
        self.owner = shop.owner.staff
        self.presenter = signing.presenter
        self.fresh: list[Secret] = []
        self.refused: list[tuple[str, str]] = []

    def ask(self, code: str, pin: str = "8024", again: str = "8024") -> None:
        self.presenter.recover(
            self.owner, code, Secret(pin), Secret(again), self.fresh.append, lambda *w: self.refused.append(w)
        )


@pytest.mark.capability("BW+12")
def test_the_recovery_code_sets_a_new_pin_and_is_followed_by_another(
    shop: StaffedShop, signing: Signing
) -> None:
    recovery = Recovery(shop, signing)
    assert signing.state.can_recover
    recovery.ask(recovery.code.reveal().lower())
    assert recovery.refused == []
    (fresh,) = recovery.fresh
    signing.type(shop.owner.staff, OWNER_PIN)
    assert signing.people == []
    signing.type(shop.owner.staff, "8024")
    assert [p.name for p in signing.people] == ["Olive Owner"]
    recovery.ask(recovery.code.reveal(), "9753", "9753")
    assert recovery.refused == [("code", "This is not the shop's recovery code.")]
    recovery.ask(fresh.reveal(), "9753", "9753")
    assert len(recovery.fresh) == 2


@pytest.mark.parametrize(
    ("pin", "again", "where"), [("1111", "1111", "pin"), ("12", "12", "pin"), ("8024", "8025", "again")]
)
def test_a_new_pin_that_will_not_do_is_said_beside_it(
    shop: StaffedShop, signing: Signing, pin: str, again: str, where: str
) -> None:
    recovery = Recovery(shop, signing)
    recovery.ask(recovery.code.reveal(), pin, again)
    assert [w for w, _ in recovery.refused] == [where]
    assert recovery.fresh == []


def test_a_wrong_code_is_journalled_and_a_mistyped_one_is_told_apart(
    shop: StaffedShop, signing: Signing
) -> None:
    recovery = Recovery(shop, signing)
    recovery.ask(new_owner_code().reveal())
    assert shop.journal()[-1][0] == "owner.recovery_wrong"
    recovery.ask("ABCD")
    assert [where for where, _ in recovery.refused] == ["code", "code"]
    assert "24 letters" in recovery.refused[1][1]


def test_without_a_code_there_is_nothing_to_recover_with(signing: Signing) -> None:
    assert not signing.state.can_recover


# ---- the screen ----


class Window:
    """The sign-in screen over a window, run by its presenter on direct lanes."""

    def __init__(self, shop: StaffedShop, qtbot: QtBot, *, demo: bool = False) -> None:
        self.window = MainWindow("Register 1")
        qtbot.addWidget(self.window)
        self.station, _ = shop.station()
        if demo:
            self.station.settings = replace(self.station.settings, demo=True)
        self.screen, self.presenter = signin.build(self.station, HINTS)
        self.people: list[Person] = []
        self.presenter.on_signed_in = self.people.append
        self.window.cover(self.screen)
        self.window.show()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.presenter.shown()

    def tile(self, name: str) -> Tile:
        return next(t for t in self.screen.findChildren(Tile) if t.text() == name)

    def keys(self, qtbot: QtBot, text: str) -> None:
        qtbot.keyClicks(QApplication.focusWidget(), text)


@pytest.fixture
def over(shop: StaffedShop, dressed: QApplication, qtbot: QtBot) -> Iterator[Window]:
    made = Window(shop, qtbot)
    yield made
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_name_is_pressed_digits_are_typed_and_enter_signs_in(over: Window, qtbot: QtBot) -> None:
    qtbot.mouseClick(over.tile("Sam Staff"), Qt.MouseButton.LeftButton)
    over.keys(qtbot, CLERK_PIN)
    assert (
        over.screen.entry.field.edit.displayText() == "●" * 4 or over.screen.entry.field.text() == CLERK_PIN
    )
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert [p.name for p in over.people] == ["Sam Staff"]
    assert over.screen.entry.field.text() == ""


def test_everything_works_with_the_keyboard_alone(over: Window, shop: StaffedShop, qtbot: QtBot) -> None:
    over.screen.setFocus()
    qtbot.keyClick(over.screen, Qt.Key.Key_Down)
    assert over.presenter.state.chosen == shop.owner.staff
    over.keys(qtbot, OWNER_PIN)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Enter)
    assert [p.name for p in over.people] == ["Olive Owner"]


def test_digits_reach_the_pin_while_a_name_has_the_focus(over: Window, qtbot: QtBot) -> None:
    tile = over.tile("Sam Staff")
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    tile.setFocus()
    qtbot.keyClicks(tile, "5")
    over.keys(qtbot, "826")
    assert over.screen.entry.field.text() == CLERK_PIN
    assert over.screen.entry.verb.isEnabled()


def test_three_digits_are_not_tried(over: Window, qtbot: QtBot, shop: StaffedShop) -> None:
    qtbot.mouseClick(over.tile("Sam Staff"), Qt.MouseButton.LeftButton)
    over.keys(qtbot, "582")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert over.screen.entry.field.error() == "A PIN has 4 to 8 digits."
    assert not over.screen.entry.verb.isEnabled()
    assert all(kind != "staff.pin_wrong" for kind, _, _ in shop.journal())


def test_the_pad_takes_fingers_and_a_wait_shuts_it(over: Window, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QPushButton

    qtbot.mouseClick(over.tile("Sam Staff"), Qt.MouseButton.LeftButton)
    for _ in range(5):
        for _ in range(4):
            key = next(b for b in over.screen.entry.pad.findChildren(QPushButton) if b.text() == "7")
            qtbot.mouseClick(key, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(over.screen.entry.verb, Qt.MouseButton.LeftButton)
    assert not over.screen.entry.isEnabled()
    assert over.screen._notice.text().startswith("Too many wrong PINs.")
    qtbot.mouseClick(over.tile("Olive Owner"), Qt.MouseButton.LeftButton)
    assert over.screen.entry.isEnabled()


def test_a_name_that_looks_like_markup_is_shown_as_it_is(over: Window) -> None:
    assert over.tile("Mo <b>Manager</b>").accessibleName() == "Mo <b>Manager</b> Manager"


def test_recovery_through_its_sheets(over: Window, shop: StaffedShop, qtbot: QtBot) -> None:
    code = new_owner_code()
    over.station.lanes.act(lambda s: securing.renew_recovery(s, shop.owner, pins.hash_code(code)))
    over.presenter.shown()
    qtbot.mouseClick(over.screen._recover, Qt.MouseButton.LeftButton)
    sheet = sheet_in_front(over, qtbot)
    fields = [f for f in sheet.findChildren(Field) if not isinstance(f, PinField)]
    pin_fields = sheet.findChildren(PinField)
    fields[0].edit.setText("ABCD")
    for field in pin_fields:
        field.edit.setText("8024")
    qtbot.keyClick(pin_fields[-1].edit, Qt.Key.Key_Return)
    assert "24 letters" in fields[0].error()
    fields[0].edit.setText(code.reveal())
    qtbot.keyClick(pin_fields[-1].edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(over.window.findChildren(Paper)))
    after = sheet_in_front(over, qtbot)
    paper = after.findChildren(Paper)[0]
    paper.field.edit.setText("????")
    qtbot.keyClick(paper.field.edit, Qt.Key.Key_Return)
    assert after.isVisible()
    paper.field.edit.setText(paper._text.text()[-4:])
    qtbot.keyClick(paper.field.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(over.window.isActiveWindow)
    assert shop.journal()[-1][0] == "owner.recovered"


def sheet_in_front(over: Window, qtbot: QtBot) -> Sheet:
    found: list[Sheet] = []

    def there() -> bool:
        found[:] = [s for s in over.window.findChildren(Sheet) if s.isVisible() and s.isActiveWindow()]
        return bool(found)

    qtbot.waitUntil(there)
    return found[-1]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
def test_pictures(
    shop: StaffedShop,
    dressed: QApplication,
    qtbot: QtBot,
    pictures: Path,
    theme: str,
    size: tuple[int, int],
) -> None:
    apply_theme(dressed, theme)
    over = Window(shop, qtbot, demo=True)
    over.window.resize(*size)
    assert isinstance(over.screen, SignInScreen)
    for name, chosen in (("empty", ""), ("chosen", shop.clerk.staff)):
        over.presenter.choose(chosen)
        qtbot.waitUntil(lambda: over.screen.width() == size[0])
        dressed.sendPostedEvents()
        assert over.window.grab().save(str(pictures / f"signin-{name}-{theme}-{size[0]}.png"))
    over.presenter._refuse("Too many wrong PINs. Wait 30 seconds, then try again.", 30)
    dressed.sendPostedEvents()
    assert over.window.grab().save(str(pictures / f"signin-wait-{theme}-{size[0]}.png"))

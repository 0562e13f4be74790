"""Runs what Settings has besides fields: tax classes, logo, permissions, tiles, papers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bookwish_desk.actions import securing, staffing
from bookwish_desk.actions.setting_rules import MOST_TILES
from bookwish_desk.shop.errors import Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.recovery import new_owner_code
from bookwish_desk.shop.secret import Secret
from bookwish_desk.shop.staff import Role
from bookwish_desk.shop.tax import TaxClass
from bookwish_desk.ui.searching import look_for
from bookwish_desk.ui.settings.presenter import SettingsPresenter, tile_row

MOST_LOGO_FILE = 2 << 20


class EditorsPresenter:
    """Edits what is saved with a section but is no field of its form."""

    def __init__(self, settings: SettingsPresenter) -> None:
        self._settings = settings

    def change_classes(self, classes: tuple[TaxClass, ...]) -> None:
        """Take other tax classes."""
        self._settings.show(classes=classes, dirty=True, tax_error="", notice="")

    def choose_logo(self, path: str) -> None:
        """Read a PNG and make it ready for receipts."""
        self._settings.station.lanes.work(
            lambda: read_logo(Path(path)),
            then=lambda png: self._settings.show(logo=png, logo_error="", dirty=True, notice=""),
            failed=lambda error: self._settings.show(logo_error=error.message),
        )

    def remove_logo(self) -> None:
        """Print no logo."""
        self._settings.show(logo=b"", logo_error="", dirty=True, notice="")

    def permit(self, role: Role, permission: str, on: bool) -> None:
        """Let managers or staff do something, or no longer."""
        name = "manager_may" if role == "manager" else "staff_may"
        held: frozenset[str] = getattr(self._settings.state, name)
        after = held | {permission} if on else held - {permission}
        self._settings.show(**{name: after, "dirty": True, "notice": ""})


class TilesPresenter:
    """Chooses the quick tiles; they are saved with their section."""

    def __init__(self, settings: SettingsPresenter) -> None:
        self._settings = settings

    def find(self, words: str) -> None:
        """Look for items that could become a tile."""

        def show(found: tuple[Item, ...], _whole: bool) -> bool:
            money = self._settings.settings.money
            self._settings.show(found=tuple(tile_row(item, money) for item in found))
            return True

        look_for(self._settings.station.lanes, words, show, latest="tile-search", limit=8)

    def add(self, sku: str) -> None:
        """Make a found item the last tile."""
        state = self._settings.state
        tile = next((t for t in state.found if t.sku == sku), None)
        if tile is None or any(t.sku == sku for t in state.tiles):
            return
        if len(state.tiles) >= MOST_TILES:
            self._settings.say(f"There is room for {MOST_TILES} quick tiles. Remove one first.", "warn")
            return
        self._settings.show(tiles=(*state.tiles, tile), dirty=True, notice="")

    def move(self, sku: str, by: int) -> None:
        """Move a tile forward or back."""
        tiles = list(self._settings.state.tiles)
        here = next((i for i, t in enumerate(tiles) if t.sku == sku), -1)
        there = here + by
        if here >= 0 and 0 <= there < len(tiles):
            tiles[here], tiles[there] = tiles[there], tiles[here]
            self._settings.show(tiles=tuple(tiles), dirty=True, notice="")

    def remove(self, sku: str) -> None:
        """Take a tile away."""
        left = tuple(t for t in self._settings.state.tiles if t.sku != sku)
        self._settings.show(tiles=left, dirty=True, notice="")


class PapersPresenter:
    """Prints the recovery key and a new recovery code."""

    def __init__(self, settings: SettingsPresenter) -> None:
        self._settings = settings
        self._station = settings.station

    def print_key(self) -> None:
        """Print the recovery key of encrypted books again."""
        self._station.act(
            securing.print_key,
            then=lambda _none: self._settings.say("The recovery key is on its way to the printer."),
            failed=self._settings.warn,
        )

    def renew_recovery(self, printed: bool, done: Callable[[Secret], None]) -> None:
        """Make a new recovery code of the owner; `done` gets it to be shown once."""
        fresh = new_owner_code()
        copy = fresh if printed else None

        def hashed(code_hash: str) -> None:
            self._station.act(
                lambda store, actor: securing.renew_recovery(store, actor, code_hash, copy),
                then=lambda _none: done(fresh),
                failed=self._settings.warn,
            )

        self._station.lanes.work(
            lambda: staffing.hash_code(fresh), then=hashed, failed=self._settings.warn, lane="pins"
        )


def read_logo(path: Path) -> bytes:
    """Return the PNG in a file, in black and white and small enough for receipts. Slow: for a lane.

    Raises Refused when it cannot be read, is no PNG or is too large.
    """
    from bookwish_desk.hardware.receipts.drawing import checked_logo

    try:
        if path.stat().st_size > MOST_LOGO_FILE:
            raise Refused("logo", "The logo is larger than 2 MB. Choose a smaller PNG.")
        data = path.read_bytes()
    except OSError as fault:
        raise Refused("logo", f"The file cannot be read: {fault.strerror}.") from fault
    return checked_logo(data)

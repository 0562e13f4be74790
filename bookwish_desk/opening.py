"""From a data folder to open books: the claim on the folder, the keys, both databases. No Qt here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bookwish_desk.db import backup, engine
from bookwish_desk.db import folder as place
from bookwish_desk.db.folder import Claim
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.keychain import Keys, keys_of

if TYPE_CHECKING:
    from bookwish_desk.actions.setting_up import SetupPlan


class Books(msgspec.Struct, frozen=True):
    """What is open: the store, the right to be the one desk on its folder, and the shop's keys."""

    store: Store
    claim: Claim
    keys: Keys

    def close(self) -> None:
        """Close the databases, then let another desk open the folder."""
        self.store.close()
        self.claim.release()


def is_new(folder: Path) -> bool:
    """Say whether there never were books in a folder: the guided first start makes them.

    Where there are backups the books were lost, and opening them says so.
    """
    return not (folder / engine.SHOP_FILE).exists() and backup.newest(folder) is None


def open_books(folder: Path) -> Books:
    """Open the books of a folder, or begin empty ones. Slow where a keyring asks: belongs on a lane.

    Raises StorageError: another desk is running, a network share, a newer program, damage, no key.
    """
    claim = place.claim(folder)
    try:
        keys = keys_of(folder)
        return Books(open_store(folder, key=keys.database, journal_key=keys.journal), claim, keys)
    except BaseException:
        claim.release()
        raise


def begin_demo(folder: Path) -> Books:
    """Open the demonstration shop, building it where it is not there yet. Belongs on a lane."""
    from bookwish_desk.demo import shop

    books = open_books(folder)
    try:
        shop.build_demo(books.store)
    except BaseException:
        books.close()
        raise
    return books


def found_books(folder: Path, plan: SetupPlan) -> Books:
    """Make the books of a new shop as the guided first start planned them. Belongs on a lane."""
    from bookwish_desk.actions.setting_up import set_up

    claim = place.claim(folder)
    try:
        store, keys = set_up(folder, plan)
        return Books(store, claim, keys)
    except BaseException:
        claim.release()
        raise

"""Bytes on the disk change by themselves: encrypted books show every such change, page by page."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bookwish_desk.db import checks
from bookwish_desk.db import engine as engines
from bookwish_desk.db.store import open_store
from bookwish_desk.shop.errors import StorageError
from tests.crash.conftest import KEY
from tests.crash.nest import Nest

PLACES = 60
BYTES = 16


def found_by_looking(shop: Path) -> bool:
    """Open the books as a start does and look at every page; say whether anything is amiss."""
    try:
        store = open_store(shop, key=KEY, upgrade=False)
        try:
            with store.read() as conn:
                return bool(checks.structure(conn, encrypted=True))
        finally:
            store.close()
    except StorageError as refused:
        return refused.code in ("damaged", "wrong_key")


@pytest.mark.slow
@pytest.mark.capability("BW+14")
def test_sixty_random_overwrites_of_encrypted_books_are_all_noticed(
    nest: Nest, made_shop: Callable[[str | None], Path], tmp_path: Path
) -> None:
    sound = Path(shutil.copytree(made_shop(KEY), tmp_path / "sound"))
    child = nest.start("sell", folder=str(sound), key=KEY)
    child.read_first()
    child.read(0.5)
    child.kill()
    store = open_store(sound, key=KEY)
    store.checkpoint()
    store.close()
    assert not found_by_looking(sound)
    whole = (sound / engines.SHOP_FILE).read_bytes()
    chance = random.Random(60)
    unnoticed = []
    for _ in range(PLACES):
        place = chance.randrange(len(whole) - BYTES)
        spoilt = bytearray(whole)
        spoilt[place : place + BYTES] = chance.randbytes(BYTES)
        (sound / engines.SHOP_FILE).write_bytes(spoilt)
        if not found_by_looking(sound):
            unnoticed.append(place)
    assert unnoticed == []

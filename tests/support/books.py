"""New, empty books at the cost of a copy: the program's own migrations run once in each process.

For tests of anything but the making and upgrading of databases. Those (`db/test_migrate`, `db/test_store`,
the first starts of the journeys) open a folder with `open_store`, as the desk does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bookwish_desk.db import engine as engines
from bookwish_desk.db import folder as place
from bookwish_desk.db.store import Store, open_store, system_clock


@cache
def _made() -> dict[str, bytes]:
    """Return the files of a data folder in which nothing was written since the last migration."""
    with TemporaryDirectory(prefix="bookwish-empty-") as made:
        open_store(Path(made)).close()
        files = {path.name: path.read_bytes() for path in Path(made).iterdir()}
    assert set(files) == {engines.SHOP_FILE, engines.CATALOGUE_FILE}
    return files


def new_store(
    folder: Path, *, journal_key: bytes | None = None, clock: Callable[[], int] = system_clock
) -> Store:
    """Open a folder as `open_store` does; where there are no databases yet, migrated ones are laid there."""
    place.prepare(folder)
    if not any(folder.glob("*.db*")):
        for name, content in _made().items():
            place.create_private(folder / name)
            (folder / name).write_bytes(content)
    return open_store(folder, journal_key=journal_key, clock=clock)

"""Books of the first version are brought up to this one, and all that was in them is there and found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from bookwish_desk.actions import importing
from bookwish_desk.actions.setting_rules import check_devices
from bookwish_desk.db import engine as engines
from bookwish_desk.db import finding, items, migrate, outbox, search, tables
from bookwish_desk.db import folder as place
from bookwish_desk.db.folding import fold
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.shop.device import Device
from bookwish_desk.shop.staff import ROLE_DEFAULTS
from tests.support.shops import printer

ORLANDO, DUNE, EMMA = 9780156701600, 9780441013593, 9780141439587


def first_version(folder: Path) -> None:
    """Make both databases as the first version left them: two titles, one of them kept and sold, a mug."""
    folder.mkdir(mode=0o700)
    scripts = {"shop": engines.SHOP_FILE, "catalogue": engines.CATALOGUE_FILE}
    for which, name in scripts.items():
        path = folder / name
        place.create_private(path)
        _upgrade_to(path, which, "0001")
        raw = engines.connect(path)
        if which == "shop":
            raw.executemany(
                "INSERT INTO items(id, sku, ean, title, authors, on_hand) VALUES (?, ?, ?, ?, ?, ?)",
                [(1, str(DUNE), DUNE, "Dune", "Frank Herbert", 3), (2, "MUG", None, "Łódź mug", "", 5)],
            )
            raw.executemany(
                "INSERT INTO item_search(rowid, title, authors, publisher, codes) VALUES (?, ?, ?, '', ?)",
                [(1, "dune", "frank herbert", str(DUNE)), (2, fold("Łódź mug"), "", "mug")],
            )
        else:
            rows = [(1, DUNE, "Dune", "Frank Herbert", 1099), (2, ORLANDO, "Orlando", "Virginia Woolf", 1699)]
            raw.executemany(
                "INSERT INTO titles(id, ean, title, authors, price_cents) VALUES (?, ?, ?, ?, ?)", rows
            )
            raw.executemany(
                "INSERT INTO title_search(rowid, title, authors, publisher, codes) VALUES (?, ?, ?, '', ?)",
                [(n, fold(title), fold(authors), str(ean)) for n, ean, title, authors, _ in rows],
            )
        raw.close()


def _upgrade_to(path: Path, which: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS / which).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = engines.core_engine(path)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def found(store: Store, words: str) -> list[str]:
    with store.read() as conn:
        return [item.sku for item in search.search(conn, words)]


def with_printer(folder: Path, printer: dict[str, object]) -> None:
    """Make books of the first version in which a printer was set up and two jobs wait for it."""
    first_version(folder)
    raw = engines.connect(folder / engines.SHOP_FILE)
    raw.execute("INSERT INTO settings (key, value) VALUES ('printer', ?)", (json.dumps(printer),))
    for job, channel in (("1", "paper"), ("2", "drawer")):
        raw.execute(
            "INSERT INTO outbox (id, channel, kind, ref, register, payload, state, created_at, next_try_at)"
            " VALUES (?, ?, 'receipt', 'R1-000001', 1, x'', 'unknown', 1, 1)",
            (job, channel),
        )
    raw.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"kind": "none"}, ()),
        ({"kind": "simulated", "paper_mm": 58}, (printer(paper_mm=58),)),
        (
            {"kind": "network", "address": "10.0.0.9:9100", "code_page": "cp437", "cutter": False},
            (printer("tcp:10.0.0.9:9100", code_page="cp437", cutter=False),),
        ),
        (
            {"kind": "network", "address": "[fe80::1]:515", "drawer_pin": 5, "raster_only": True},
            (printer("tcp:[fe80::1]:515", drawer_pin=5, raster_only=True),),
        ),
        ({"kind": "network", "address": "[fe80::1]"}, (printer("tcp:[fe80::1]:9100"),)),
    ],
)
def test_the_printer_of_earlier_versions_is_the_first_device(
    tmp_path: Path, before: dict[str, object], after: tuple[Device, ...]
) -> None:
    folder = tmp_path / "shop"
    with_printer(folder, before)
    store = open_store(folder)
    assert store.settings.devices == after == check_devices(after)
    with store.read() as conn:
        assert [j.device for j in outbox.unfinished(conn, 1)] == ["receipt-printer"]
        assert conn.execute(select(tables.outbox.c.device)).scalars().all() == ["receipt-printer"] * 2
    store.close()


@pytest.mark.parametrize("indexed", [False, True], ids=["at once", "once the index is written"])
def test_what_the_first_version_knew_is_found_and_priced(tmp_path: Path, indexed: bool) -> None:
    folder = tmp_path / "shop"
    first_version(folder)
    store = open_store(folder)
    if indexed:
        assert importing.finish_import(store) == 2
    for words in ("dune", "herbert", str(DUNE), "0441013", "441013593"):
        assert found(store, words) == [str(DUNE)]
    for words in ("orlando woolf", str(ORLANDO), "015670160X"[:9]):
        assert found(store, words) == [str(ORLANDO)]
    assert found(store, "lodz") == ["MUG"]
    with store.read() as conn:
        dune, orlando = items.find(conn, str(DUNE), DUNE), items.find(conn, str(ORLANDO), ORLANDO)
        assert dune is not None and orlando is not None
        assert (dune.price_cents, dune.on_hand, dune.kind) == (1099, 3, "new")
        assert orlando.price_cents == 1699
        assert (finding.items_index(conn), finding.titles_index(conn)) == ([], [])
        places = conn.execute(select(tables.titles.c.ean).order_by(tables.titles.c.id)).scalars().all()
    assert places == [DUNE, ORLANDO]
    store.close()


def test_an_import_goes_on_in_books_that_were_brought_up(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    first_version(folder)
    store = open_store(folder)
    path = tmp_path / "list.csv"
    path.write_text(f"isbn,title,series,price\n{ORLANDO},Orlando,Classics,18.00\n{EMMA},Emma,Classics,9.00\n")
    report = importing.run_import(store, importing.Plan(path))
    assert (report.added, report.updated) == (1, 1)
    assert found(store, "classics") == [str(ORLANDO), str(EMMA)]
    store.close()


def test_the_people_of_an_older_shop_may_do_with_the_online_store_what_those_of_a_new_one_may(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "shop"
    first_version(folder)
    raw = engines.connect(folder / engines.SHOP_FILE)
    raw.execute("INSERT INTO role_permissions VALUES ('manager', 'till.open')")
    raw.close()
    store = open_store(folder)
    with store.read() as conn:
        rows = conn.exec_driver_sql("SELECT role, permission FROM role_permissions").all()
    store.close()
    online = {(str(role), str(permission)) for role, permission in rows if permission.startswith("sync.")}
    assert online == {
        (role, permission)
        for role in ("manager", "staff")
        for permission in ROLE_DEFAULTS[role]
        if permission.startswith("sync.")
    }

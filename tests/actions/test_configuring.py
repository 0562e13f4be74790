"""Settings: what each may be, that changes are journalled, and what the books no longer allow."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from bookwish_desk.actions import configuring
from bookwish_desk.actions.people import register_name
from bookwish_desk.actions.setting_rules import EDITABLE, FIXED, checked, zone_names
from bookwish_desk.db import items, tables
from bookwish_desk.db.store import Store, open_store
from bookwish_desk.settings import KEYS, Settings
from bookwish_desk.shop.errors import NeedsApproval, Refused
from bookwish_desk.shop.item import Item
from bookwish_desk.shop.staff import Actor
from bookwish_desk.shop.tax import TaxClass, TaxRate, TaxRules
from bookwish_desk.shop.tax_words import class_code
from bookwish_desk.shop.till import Count
from tests.support.shops import FrozenClock, found_shop, hire, printer

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    store, owner = found_shop(tmp_path / "shop")
    yield store, owner
    store.close()


def entries(store: Store, kind: str) -> list[tuple[str, Any]]:
    with store.read() as conn:
        j = tables.journal.c
        rows = conn.execute(select(j.ref, j.body).where(j.kind == kind).order_by(j.seq)).all()
    return [(r.ref, msgspec.json.decode(r.body)) for r in rows]


def test_a_change_is_kept_and_journalled_with_old_and_new(shop: tuple[Store, Actor], tmp_path: Path) -> None:
    store, owner = shop
    done = configuring.change_settings(
        store, owner, shop_name=" Corner\tBooks ", cutoff_hour=5, theme="light"
    )
    assert done.value.shop_name == "Corner Books"
    assert store.settings.cutoff_hour == 5
    assert done.changes == {"settings", "journal"}
    assert entries(store, "settings.changed") == [
        ("shop_name", {"from": "Test Books", "to": "Corner Books"}),
        ("cutoff_hour", {"from": 4, "to": 5}),
    ]
    again = open_store(tmp_path / "shop", clock=FrozenClock())
    assert again.settings.shop_name == "Corner Books"
    again.close()


def test_a_logo_is_journalled_by_its_hash(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    configuring.change_settings(store, owner, logo=PNG)
    ((ref, body),) = entries(store, "settings.changed")
    assert (ref, body["from"]) == ("logo", "")
    assert body["to"].startswith("sha256 ")
    assert store.settings.logo == PNG


@pytest.mark.capability("BW+12")
@pytest.mark.parametrize("role", ["manager", "staff"])
def test_only_who_may_edit_settings_can(shop: tuple[Store, Actor], role: str) -> None:
    store, _ = shop
    who = hire(store, role)
    for attempt in (
        lambda: configuring.change_settings(store, who, shop_name="Mine"),
        lambda: configuring.rename_register(store, who, "Mine"),
    ):
        with pytest.raises(NeedsApproval):
            attempt()


def test_every_wrong_value_is_named_and_nothing_is_changed(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with pytest.raises(Refused) as refused:
        configuring.change_settings(
            store, owner, shop_name="", zone="Mars/Olympus", currency="XXQ", low_stock=3
        )
    faults = refused.value.facts["faults"]
    assert isinstance(faults, dict)
    assert sorted(faults) == ["currency", "shop_name", "zone"]
    assert faults["zone"] == "Choose a time zone such as Europe/Dublin."
    assert store.settings.low_stock == 1


def test_every_setting_is_either_fixed_or_has_a_rule() -> None:
    assert KEYS.keys() == EDITABLE | FIXED
    kept = {key: getattr(Settings(), key) for key in EDITABLE}
    assert checked(Settings(), kept) == Settings()


@pytest.mark.parametrize("key", sorted(FIXED))
def test_what_set_up_made_is_not_edited(shop: tuple[Store, Actor], key: str) -> None:
    store, owner = shop
    with pytest.raises(Refused, match="cannot be changed here"):
        configuring.change_settings(store, owner, **{key: getattr(Settings(), key)})


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("zone", ""),
        ("zone", "../../etc/passwd"),
        ("zone", "Nowhere"),
        ("currency", "dollar"),
        ("currency", "€"),
        ("locale", "xx_XX"),
        ("locale", ""),
        ("cutoff_hour", 13),
        ("cutoff_hour", True),
        ("cash_step", 0),
        ("gift_wrap_cents", -1),
        ("gift_wrap_tax", "nothing-such"),
        ("logo", b"GIF89a"),
        ("logo", PNG + b"0" * (1 << 20)),
        ("receipt_minutes", 0),
        ("auto_lock_minutes", 241),
        ("low_stock", 1000),
        ("return_days", -1),
        ("theme", "pink"),
        ("backups_kept", 0),
        ("receipt_text", "4111 1111 1111 1111"),
        ("tiles", tuple("ABCDEFGH")),
        ("tax", TaxRules()),
        ("tax", TaxRules(classes=(TaxClass("book", ""),))),
        ("tax", TaxRules(classes=(TaxClass("Bo ok", "Books"),))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books"), TaxClass("b", "books")))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books"), TaxClass("a", "Other")))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books", (TaxRate("", 1),)),))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books", (TaxRate("VAT", -1),)),))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books", (TaxRate("VAT", 1_000_001),)),))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books", (TaxRate("V", 600_000), TaxRate("W", 600_000))),))),
        ("tax", TaxRules(classes=(TaxClass("a", "Books", (TaxRate("VAT", 1), TaxRate("vat", 2))),))),
        ("devices", (printer("tcp:"),)),
        ("devices", (printer("tcp:two words"),)),
        ("devices", (printer("tcp:host:0"),)),
        ("devices", (printer("tcp:host:99999"),)),
        ("devices", (printer("tcp:http://host"),)),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence(key: str, wrong: Any) -> None:
    with pytest.raises(Refused) as refused:
        checked(Settings(), {key: wrong})
    faults = refused.value.facts["faults"]
    assert isinstance(faults, dict)
    assert faults[key].endswith((".", ".)"))


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("zone", " Europe/Dublin ", "Europe/Dublin"),
        ("currency", "eur", "EUR"),
        ("locale", "de-DE", "de_DE"),
        ("shop_address", "1 High St\r\nLondon\n", "1 High St\nLondon"),
        ("return_policy", "A\x1bp\x00B", "ApB"),
        ("tiles", ["A", "B", "A", ""], ("A", "B")),
        ("devices", (printer("tcp:10.0.0.9"),), (printer("tcp:10.0.0.9:9100"),)),
        ("devices", (printer("tcp:[fe80::1]"),), (printer("tcp:[fe80::1]:9100"),)),
        ("devices", (printer("tcp:p.local:515"),), (printer("tcp:p.local:515"),)),
    ],
)
def test_what_is_typed_is_tidied(key: str, typed: Any, kept: Any) -> None:
    assert getattr(checked(Settings(), {key: typed}), key) == kept


def test_a_tax_class_in_use_stays(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    with store.write() as tx:
        items.keep(tx, Item("A", "Orlando", price_cents=1, tax_class="book"))
    rules = store.settings.tax
    without = replace(rules, classes=rules.classes[1:])
    with pytest.raises(Refused, match="One item is in the tax class Books"):
        configuring.change_settings(store, owner, tax=without)
    with pytest.raises(Refused, match="Gift wrap"):
        configuring.change_settings(store, owner, tax=replace(rules, classes=rules.classes[:1]))
    dearer = replace(rules.classes[0], rates=(TaxRate("Sales tax", 88_750),))
    configuring.change_settings(store, owner, tax=replace(rules, classes=(dearer, *rules.classes[1:])))
    assert store.settings.tax.rates("book") == (TaxRate("Sales tax", 88_750),)


def test_the_currency_stays_once_there_are_sales(shop: tuple[Store, Actor]) -> None:
    from bookwish_desk.actions import paying, selling, tilling

    store, owner = shop
    configuring.change_settings(store, owner, currency="CAD")
    tilling.open_till(store, owner, Count())
    rung = selling.add(store, owner, Item("A", "Orlando", price_cents=100, stocked=False)).value
    assert rung.draft is not None
    paying.pay_cash(store, owner, rung.draft.id, 10_000)
    with pytest.raises(Refused, match="sales in this currency"):
        configuring.change_settings(store, owner, currency="USD")


def test_a_register_is_renamed(shop: tuple[Store, Actor]) -> None:
    store, owner = shop
    assert configuring.rename_register(store, owner, " Front desk ").value == "Front desk"
    with store.read() as conn:
        assert register_name(conn, 1) == "Front desk"
    assert entries(store, "register.renamed") == [("register", {"from": "Register 1", "to": "Front desk"})]
    with pytest.raises(Refused):
        configuring.rename_register(store, owner, "\x1b")


def test_codes_of_new_tax_classes_are_their_own() -> None:
    assert class_code("E-books & audio", ()) == "e-books-audio"
    assert class_code("Books", ("books", "books-2")) == "books-3"
    assert class_code("雑誌", ()) == "class"


def test_the_zones_of_the_world_are_known() -> None:
    assert {"America/New_York", "Europe/London", "Pacific/Auckland"} <= set(zone_names())
